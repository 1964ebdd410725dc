"""The clients that are held beside one another: their command lines, and what they state.

Each has its `environment`, `command(programs, url, load, folder)` and `states(folder)`: its number
of good requests, and in ms the p50 and p99 of the time to first token (ttft), of the gaps pooled
over all requests (gap) and of each request's mean gap (mean_gap); what it does not state is left
out.
"""

import json
import pathlib

MODEL = "sseprof-sim"
PROMPT = "Count slowly and say each number in words."

# Words split at blanks, all unknown: nothing that is measured rests on the client's own tokens.
TOKENIZER = {
    "tokenizer.json": {
        "version": "1.0", "truncation": None, "padding": None, "added_tokens": [],
        "normalizer": None, "pre_tokenizer": {"type": "Whitespace"}, "post_processor": None,
        "decoder": None,
        "model": {"type": "WordLevel", "vocab": {"[UNK]": 0, "a": 1}, "unk_token": "[UNK]"}},
    "tokenizer_config.json": {"tokenizer_class": "PreTrainedTokenizerFast",
                              "unk_token": "[UNK]", "model_max_length": 131072},
    "config.json": {"model_type": "gpt2"},
}

# No tool is to look for anything outside.
QUIET = {"HF_HUB_DISABLE_TELEMETRY": "1", "VLLM_NO_USAGE_STATS": "1", "DO_NOT_TRACK": "1"}
OFFLINE = {"HF_HUB_OFFLINE": "1", "TRANSFORMERS_OFFLINE": "1", **QUIET}


def write_tokenizer(folder):
    for name, content in TOKENIZER.items():
        (folder / name).write_text(json.dumps(content), encoding="utf-8")
    return folder


def _prompts(folder, key, number):
    path = folder / "prompts.jsonl"
    path.write_text((json.dumps({key: PROMPT}) + "\n") * number, encoding="utf-8")
    return path


def _load_json(path):
    return json.loads(pathlib.Path(path).read_text(encoding="utf-8"))


def _ms(block, scale, p50="p50", p99="p99"):
    return {"p50": block[p50] * scale, "p99": block[p99] * scale}


class Sseprof:
    name = "sseprof"
    environment = {}

    def command(self, programs, url, load, folder):
        return [programs / "sseprof", "run", "--base-url", url, "--model", MODEL,
                "--prompt", PROMPT, "--concurrency", load.streams, "--requests", load.requests,
                "--max-tokens", load.tokens, "--ignore-eos", "--quiet",
                "--out", folder / "out.json"]

    def states(self, folder):
        out = _load_json(folder / "out.json")
        return {"requests": out["ok"], "ttft": _ms(out["ttft_s"], 1e3),
                "gap": _ms(out["itl_s"], 1e3), "mean_gap": _ms(out["tpot_s"], 1e3)}


class Aiperf:
    """Its inter_token_latency is a request's mean gap; its inter_chunk_latency is the gap. Counting
    tokens by the server's usage spares it its tokenizer. It takes no local tokenizer in the hub's
    offline mode, so the hub is a closed port instead."""

    name = "aiperf"
    environment = {**QUIET, "HF_ENDPOINT": "http://127.0.0.1:9"}

    def command(self, programs, url, load, folder):
        return [programs / "aiperf", "profile", "--url", url, "--model", MODEL,
                "--endpoint-type", "chat", "--streaming",
                "--input-file", _prompts(folder, "text", 1), "--custom-dataset-type", "single_turn",
                "--concurrency", load.streams, "--request-count", load.requests,
                "--osl", load.tokens, "--extra-inputs", "ignore_eos:true",
                "--tokenizer", write_tokenizer(folder), "--use-server-token-count",
                "--ui-type", "none", "--no-gpu-telemetry", "--no-server-metrics",
                "--output-artifact-dir", folder / "out"]

    def states(self, folder):
        out = _load_json(folder / "out" / "profile_export_aiperf.json")
        return {"requests": out["request_count"]["avg"],
                "ttft": _ms(out["time_to_first_token"], 1),
                "gap": _ms(out["inter_chunk_latency"], 1),
                "mean_gap": _ms(out["inter_token_latency"], 1)}


class Guidellm:
    """Its inter_token_latency_ms is a request's mean gap, counted once for each gap; it keeps no
    gaps themselves."""

    name = "guidellm"
    environment = OFFLINE

    def command(self, programs, url, load, folder):
        tokenizer = write_tokenizer(folder)
        prompts = _prompts(folder, "prompt", load.requests)
        return [programs / "guidellm", "run",
                "--backend", f"kind=openai_http,target={url},model={MODEL},"
                             f"max_tokens={load.tokens}",
                "--profile", f"kind=concurrent,streams={load.streams}",
                "--constraint", f"kind=max_requests,count={load.requests}",
                "--data", f"kind=json_file,path={prompts}",
                "--tokenizer", f"kind=huggingface_auto,model={tokenizer}",
                "--output", f"kind=json,path={folder / 'out.json'}", "--disable-console"]

    def states(self, folder):
        metrics = _load_json(folder / "out.json")["benchmarks"][0]["metrics"]
        ttft, itl = (metrics[name]["successful"]["percentiles"]
                     for name in ("time_to_first_token_ms", "inter_token_latency_ms"))
        return {"requests": metrics["request_totals"]["successful"],
                "ttft": _ms(ttft, 1), "mean_gap": _ms(itl, 1)}


class Vllm:
    name = "vllm"
    environment = OFFLINE

    def command(self, programs, url, load, folder):
        return [programs / "vllm", "bench", "serve", "--backend", "openai-chat",
                "--base-url", url, "--endpoint", "/v1/chat/completions", "--model", MODEL,
                "--tokenizer", write_tokenizer(folder),
                "--dataset-name", "custom", "--dataset-path", _prompts(folder, "prompt", 1),
                "--skip-chat-template", "--custom-output-len", load.tokens, "--ignore-eos",
                "--num-prompts", load.requests, "--max-concurrency", load.streams,
                "--ready-check-timeout-sec", 0, "--disable-tqdm",
                "--percentile-metrics", "ttft,itl,tpot", "--metric-percentiles", "50,99",
                "--save-result", "--result-dir", folder, "--result-filename", "out.json"]

    def states(self, folder):
        out = _load_json(folder / "out.json")
        named = {"ttft": "ttft", "gap": "itl", "mean_gap": "tpot"}
        return {"requests": out["completed"],
                **{ours: _ms(out, 1, f"p50_{theirs}_ms", f"p99_{theirs}_ms")
                   for ours, theirs in named.items()}}


ALL = [Sseprof(), Aiperf(), Guidellm(), Vllm()]
