"""One client's run against a server that is there: what it stated, what the server counted
meanwhile, and what processor time the client took."""

import collections
import json
import os
import subprocess
import sys
import time

import engines
from engine_server import get
from scraped import Between

TESTS = engines.ROOT / "tests"
sys.path[:0] = [str(TESTS / "bench" / "peers"), str(TESTS / "e2e")]
from harness import clean_env  # noqa: E402
from tree_cpu import TreeCpu  # noqa: E402

MEASURED = TESTS / "bench" / "peers" / "measured.py"
QUIET = {"HF_HUB_OFFLINE": "1", "TRANSFORMERS_OFFLINE": "1", "VLLM_NO_USAGE_STATS": "1",
         "DO_NOT_TRACK": "1"}
HISTOGRAMS = {"TTFT": "vllm:time_to_first_token_seconds",
              "ITL": "vllm:inter_token_latency_seconds",
              "latency": "vllm:e2e_request_latency_seconds"}
LONGEST_S = 300
SETTLE_S = 10  # the last answer may be here before its server has counted it

# `stated` by the client; `server_ms` means of what the server measured; cpu_s of all, load_cpu_s
# from the first request to the last answer.
Run = collections.namedtuple("Run", "stated server_ms cpu_s load_cpu_s")
# A server that is up, what it serves, and the core for the client; None: any.
Target = collections.namedtuple("Target", "url model core")


class Failed(Exception):
    """The client's run did not come to what was asked for; says how."""


def run(client, target, load, folder):
    folder.mkdir(parents=True, exist_ok=True)
    before = get(f"{target.url}/metrics")
    cost, cpu = _measure(client, target, load, folder)
    try:
        stated = client.states(folder)
    except (OSError, KeyError, ValueError, subprocess.CalledProcessError) as error:
        raise Failed(f"{client.name} left no usable result in {folder}: {error!r}") from error
    if (stated.good, stated.completion_tokens) != (load.requests, load.requests * load.tokens):
        raise Failed(f"{client.name}: {stated.good} good requests of {load.requests}, "
                     f"{stated.completion_tokens} tokens of {load.requests * load.tokens}")
    between = _settled(before, target.url, load.requests)
    counted = {what: between.counted(f"vllm:{what}_total")
               for what in ("request_success", "prompt_tokens", "generation_tokens")}
    if tuple(counted.values()) != (stated.good, stated.prompt_tokens, stated.completion_tokens):
        raise Failed(f"{client.name} and the server disagree: it states {stated.good} requests, "
                     f"{stated.prompt_tokens} prompt and {stated.completion_tokens} completion "
                     f"tokens; the server counted {counted}")
    server_ms = {what: between.histogram(name).mean() * 1e3 for what, name in HISTOGRAMS.items()}
    load_cpu_s = cpu.at(int(stated.end_s * 1e9)) - cpu.at(int(stated.begin_s * 1e9))
    return Run(stated, server_ms, cost["cpu_s"], load_cpu_s)


def _measure(client, target, load, folder):
    command = [str(part) for part in client.command(target.url, target.model, load, folder)]
    if target.core is not None:
        command = ["taskset", "-c", str(target.core), *command]
    report = folder / "cost.json"
    report.unlink(missing_ok=True)
    log = folder / "client.txt"
    with open(log, "w", encoding="utf-8") as output:
        process = subprocess.Popen([sys.executable, MEASURED, report, str(LONGEST_S), *command],
                                   stdout=output, stderr=output, env=clean_env(**QUIET))
        cpu = TreeCpu(process.pid)
        cpu.start()
        try:
            process.wait()
        finally:
            process.terminate()
            process.wait()
            cpu.stop()
    cost = json.loads(report.read_text(encoding="utf-8")) if report.exists() else {"status": None}
    if cost["status"] != 0:
        raise Failed(f"{client.name} ended with status {cost['status']}; see {log}")
    return cost, cpu


def _settled(before, url, requests):
    until = time.monotonic() + SETTLE_S
    while True:
        between = Between(before, get(f"{url}/metrics"))
        if between.counted("vllm:request_success_total") >= requests or time.monotonic() > until:
            return between
        time.sleep(0.1)


def cores():
    """(for the server, for clients), apart where there are two; (None, None) else."""
    allowed = sorted(os.sched_getaffinity(0))
    return tuple(allowed[:2]) if len(allowed) >= 2 else (None, None)
