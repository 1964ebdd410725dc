"""sseprof and `vllm bench serve`: the same load's command line, and what each one's files state.

A figure is (what, statistic): TTFT, ITL, TPOT and latency in ms, tokens/s and requests/s.
"""

import collections
import json
import pathlib
import statistics
import subprocess

import engines

STATISTICS = ("mean", "p50", "p99")
FIGURES = [*((what, statistic) for what in ("TTFT", "ITL", "TPOT", "latency")
             for statistic in STATISTICS), ("tokens/s", ""), ("requests/s", "")]
OURS = {"TTFT": "ttft_s", "ITL": "itl_s", "TPOT": "tpot_s", "latency": "latency_s"}
THEIRS = {"TTFT": "ttft", "ITL": "itl", "TPOT": "tpot"}

Load = collections.namedtuple("Load", "concurrency requests tokens prompt_file")
# What a run's files state; by_vllm: the figures of the same run by vLLM's definitions, None where
# they are so already; begin and end are on CLOCK_MONOTONIC.
Stated = collections.namedtuple(
    "Stated", "figures by_vllm good prompt_tokens completion_tokens gaps begin_s end_s")


def _read(path):
    return json.loads(pathlib.Path(path).read_text(encoding="utf-8"))


def by_vllm_keys(result):
    """The figures of a result file of `vllm bench serve`, all of whose requests were good. It sums
    up latencies only where it is asked to."""
    latencies = [seconds * 1e3 for seconds in result["latencies"]]
    figures = {(what, statistic): result[f"{theirs}_{name}_ms"]
               for what, name in THEIRS.items()
               for statistic, theirs in (("mean", "mean"), ("p50", "median"), ("p99", "p99"))}
    return {**figures, ("latency", "mean"): statistics.fmean(latencies),
            ("latency", "p50"): statistics.median(latencies),
            ("latency", "p99"): statistics.quantiles(latencies, n=100, method="inclusive")[98],
            ("tokens/s", ""): result["output_throughput"],
            ("requests/s", ""): result["request_throughput"]}


class Sseprof:
    """It does not read the server's metrics meanwhile: the other one spares the server that."""

    name = "sseprof"

    def __init__(self, binary):
        self.binary = binary

    def command(self, url, model, load, folder):
        return [self.binary, "run", "--base-url", url, "--model", model, "--quiet",
                "--concurrency", load.concurrency, "--requests", load.requests,
                "--max-tokens", load.tokens, "--ignore-eos", "--temperature", "0",
                "--prompt-file", load.prompt_file, "--server-metrics", "off",
                "--out", folder / "out.json", "--records", folder / "out.jsonl"]

    def states(self, folder):
        subprocess.run([self.binary, "report", folder / "out.jsonl", "--save-vllm",
                        folder / "vllm.json"], check=True, stdout=subprocess.DEVNULL)
        summary = _read(folder / "out.json")
        figures = {(what, statistic): summary[OURS[what]][statistic] * 1e3
                   for what, statistic in FIGURES if what in OURS}
        figures["tokens/s", ""] = summary["derived"]["decode_tps"]
        figures["requests/s", ""] = summary["qps"]
        with open(folder / "out.jsonl", encoding="utf-8") as file:
            requests = [line for line in map(json.loads, file) if "n" in line]
        begin = min(request["start_ns"] for request in requests) / 1e9
        return Stated(figures, by_vllm_keys(_read(folder / "vllm.json")), summary["ok"],
                      sum(request["usage"]["prompt_tokens"] for request in requests),
                      summary["usage_check"]["tokens_usage"], summary["itl_s"]["count"], begin,
                      begin + summary["total_time_s"])


class VllmBench:
    """Its data set is in the form that it reads without further packages."""

    name = "vllm bench"

    def __init__(self, programs):
        self.programs = programs

    def command(self, url, model, load, folder):
        prompt = pathlib.Path(load.prompt_file).read_text(encoding="utf-8").strip()
        dataset = folder / "prompts.json"
        turns = [{"value": prompt}, {"value": "-"}]
        dataset.write_text(json.dumps([{"conversations": turns}]), encoding="utf-8")
        return [self.programs / "python", engines.HERE / "vllm_bench_serve.py",
                "--backend", "openai-chat", "--base-url", url, "--endpoint", "/v1/chat/completions",
                "--model", model, "--tokenizer", engines.LINK,
                "--dataset-name", "sharegpt", "--dataset-path", dataset,
                "--sharegpt-output-len", load.tokens, "--ignore-eos", "--temperature", "0",
                "--num-prompts", load.requests, "--max-concurrency", load.concurrency,
                "--ready-check-timeout-sec", "0", "--disable-tqdm",
                "--save-result", "--save-detailed", "--result-dir", folder,
                "--result-filename", "out.json"]

    def states(self, folder):
        result = _read(folder / "out.json")
        begin = min(result["start_times"])
        return Stated(by_vllm_keys(result), None, result["completed"],
                      result["total_input_tokens"], result["total_output_tokens"],
                      sum(map(len, result["itls"])), begin, begin + result["duration"])
