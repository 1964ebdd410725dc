"""Measures a real vLLM, and holds what the client counted against what the server counted.

Two servers of one tiny Qwen3 mixture of experts with random weights, one in bfloat16 and one in
float32, on this machine's processor. They are started one after the other and both stay, since a
start takes a minute and an idle vLLM takes no processor time; the runs alternate between them.
Exit status: 1 if a request failed or a count differs, 2 if the engine could not be had.
"""

import argparse
import collections
import contextlib
import pathlib
import signal
import subprocess
import sys
import time

import client_run
import tiny_model
import vllm_table
from engine_server import DidNotStart, EngineServer, free_port
from scraped import ROOT, Between

sys.path[:0] = [f"{ROOT}/tests/bench/peers"]
import environments  # noqa: E402

HERE = pathlib.Path(__file__).resolve().parent
RESULTS = pathlib.Path("results/e2e-vllm")
VARIANTS = ("bfloat16", "float32")
PATIENCE_S = 600
SETTLE_S = 10  # the last answer may be here before its server has counted it
KV_CACHE_GIB = 1

Load = collections.namedtuple("Load", "concurrency requests tokens")
WARM_UP = Load(16, 16, 16)


def say(text):
    print(text, file=sys.stderr, flush=True)


def parse():
    parser = argparse.ArgumentParser(prog="./dev e2e-vllm", description=__doc__.split("\n")[0])
    parser.add_argument("--concurrency", type=int, default=16)
    parser.add_argument("--requests", type=int, default=64)
    parser.add_argument("--max-tokens", type=int, default=64)
    parser.add_argument("--rounds", type=int, default=3, help="runs of each variant")
    options = parser.parse_args()
    if min(options.concurrency, options.requests, options.max_tokens, options.rounds) < 1:
        parser.error("all must be at least 1")
    return options


def server(python, model, variant, port):
    command = [python, "-m", "vllm.entrypoints.openai.api_server", "--model", model,
               "--load-format", "dummy", "--dtype", variant, "--enforce-eager",
               "--host", "127.0.0.1", "--port", port,
               "--enable-force-include-usage", "--max-num-seqs", 32, "--max-model-len", 4096,
               "--gpu-memory-utilization", 0.95]
    environment = {"VLLM_CPU_KVCACHE_SPACE": str(KV_CACHE_GIB), "HF_HUB_OFFLINE": "1",
                   "VLLM_NO_USAGE_STATS": "1", "DO_NOT_TRACK": "1"}
    return EngineServer(command, f"http://127.0.0.1:{port}", RESULTS / f"{variant}.log",
                        environment, PATIENCE_S)


def settled(engine, before, requests):
    """The server's page once it counts all requests as ended, or the last one after a while."""
    until = time.monotonic() + SETTLE_S
    while True:
        page = engine.metrics()
        ended = Between(before, page).counted("vllm:request_success_total")
        if ended >= requests or time.monotonic() > until:
            return page
        time.sleep(0.2)


def measure(engine, variant, number, load):
    """One run between two scrapes, which are kept beside its files."""
    out = RESULTS / f"{variant}.{number}"
    before = engine.metrics()
    client = client_run.run(engine.url, load, variant, out)
    after = settled(engine, before, load.requests)
    for name, page in (("before", before), ("after", after)):
        out.with_name(f"{out.name}.{name}.prom").write_text(page, encoding="utf-8")
    return vllm_table.Row(f"{variant} {number}", client, Between(before, after))


def measure_all(python, model, load, rounds):
    with contextlib.ExitStack() as stack:
        engines = {}
        for variant in VARIANTS:
            say(f"starting vLLM in {variant}")
            began = time.monotonic()
            engines[variant] = stack.enter_context(
                server(python, model, variant, free_port()))
            say(f"  ready after {time.monotonic() - began:.0f} s")
            client_run.run(engines[variant].url, WARM_UP)
        rows = []
        for number in range(1, rounds + 1):
            for variant, engine in engines.items():
                say(f"round {number} of {rounds}: {variant}")
                rows.append(measure(engine, variant, number, load))
        return rows


def compare(rounds):
    """First paragraph of what `sseprof compare` says of the two variants."""
    files = [RESULTS / f"{variant}.{number}.jsonl" for variant in VARIANTS
             for number in range(1, rounds + 1)]
    done = subprocess.run([client_run.binary(), "compare", *files], text=True,
                          capture_output=True)
    return (done.stdout or done.stderr).strip().partition("\n\n")[0]


def main():
    options = parse()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    load = Load(options.concurrency, options.requests, options.max_tokens)
    RESULTS.mkdir(parents=True, exist_ok=True)
    try:
        python = environments.ensure("vllm-cpu", say, HERE) / "python"
        model = environments.ROOT / "tiny-qwen3-moe"
        tiny_model.write(model, say)
        rows = measure_all(python, model, load, options.rounds)
    except (environments.NotInstalled, tiny_model.NoTokenizer, DidNotStart,
            client_run.Failed) as error:
        say(f"e2e-vllm: {error}")
        sys.exit(2)
    print(f"vLLM {environments.version('vllm-cpu', HERE)}, {load.requests} requests of "
          f"{load.tokens} tokens, {load.concurrency} at a time; each cell: client / vLLM\n")
    print(vllm_table.markdown(rows))
    print(f"\n{compare(options.rounds)}")
    wrong = [line for row in rows for line in row.differences(load)]
    for line in wrong:
        say(f"differs: {line}")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
