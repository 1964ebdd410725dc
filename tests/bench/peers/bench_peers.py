"""Holds sseprof beside other tools: the same loads from the simulated server, one after another.

The server has core 0 to itself, the client core 1 with all its processes. Each client sends every
load twice, with few tokens a request and with many: the difference of the CPU times is what events
cost. Prints a Markdown table and writes results/bench-peers.json. Run by `./dev bench-peers`.
"""

import argparse
import json
import os
import pathlib
import platform
import resource
import signal
import sys

import clients
import environments
import one_run
import table
from one_run import DidNotRun, Load

SHORT_TOKENS = 20
LONG_TOKENS = {16: 400}
RESULTS = pathlib.Path("results/bench-peers.json")


def say(text):
    print(text, file=sys.stderr, flush=True)


def parse():
    names = [client.name for client in clients.ALL]
    parser = argparse.ArgumentParser(prog="./dev bench-peers",
                                     description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=3,
                        help="every client sends every load so often; medians are shown")
    parser.add_argument("--streams", type=int, nargs="+", default=[16, 256, 1000],
                        help="requests in flight")
    parser.add_argument("--phases", nargs="+", choices=["uniform", "step"],
                        default=["uniform", "step"],
                        help="the server's streams spread evenly, or all on one beat")
    parser.add_argument("--clients", nargs="+", choices=names, default=names,
                        help="who takes part")
    options = parser.parse_args()
    if options.rounds < 1 or min(options.streams) < 1:
        parser.error("--rounds and --streams must be at least 1")
    return options


def pair_of_loads(streams, phase):
    requests = streams if streams >= 1000 else 2 * streams
    return [Load(streams, phase, tokens, requests)
            for tokens in (SHORT_TOKENS, LONG_TOKENS.get(streams, 100))]


def find_programs(client):
    if client.name == "sseprof":
        return pathlib.Path(os.environ["SSEPROF"]).resolve().parent
    return environments.ensure(client.name, say)


def prepare(wanted):
    """Installs each tool and has it run once, which also compiles what it imports:
    {name: {programs}} or {name: {error}}."""
    ready = {}
    for client in wanted:
        try:
            programs = find_programs(client)
            say(f"trying {client.name}")
            one_run.run(client, programs, Load(1, "step", 5, 2))
            ready[client.name] = {"programs": programs}
        except (environments.NotInstalled, DidNotRun) as error:
            say(f"{client.name}: {error}")
            ready[client.name] = {"error": str(error)}
    return ready


def add_round(client, programs, short_load, long_load, result):
    try:
        short, result["command"] = one_run.run(client, programs, short_load)
        long, result["command"] = one_run.run(client, programs, long_load)
    except DidNotRun as error:
        say(f"  {client.name}: {error}")
        result["error"] = str(error)
        return
    slope = table.us_per_event(long, short)
    result["rounds"].append({"us_per_event": slope, "short": short, "long": long})
    say(f"  {client.name}: {long['tokens_per_s']:,.0f} tokens/s, {long['cpu_s']:.2f} s of CPU, "
        f"{slope:.1f} us/event, {short['wall_s'] + long['wall_s']:.0f} s")


def measure(wanted, ready, options):
    loads = [{"streams": streams, "phase": phase, "ttft_ms": one_run.TTFT_MS,
              "itl_ms": one_run.ITL_MS, "tokens": pair_of_loads(streams, phase)[1].tokens,
              "requests": pair_of_loads(streams, phase)[1].requests,
              "clients": {c.name: {"rounds": [], "error": ready[c.name].get("error")}
                          for c in wanted}}
             for streams in options.streams for phase in options.phases]
    for number in range(options.rounds):
        for load in loads:
            say(f"round {number + 1} of {options.rounds}: {load['streams']} streams, "
                f"{load['phase']}")
            for client in wanted:
                if "programs" in ready[client.name]:
                    add_round(client, ready[client.name]["programs"],
                              *pair_of_loads(load["streams"], load["phase"]),
                              load["clients"][client.name])
    return loads


def machine():
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        models = [line.partition(":")[2].strip() for line in file if line.startswith("model name")]
    return {"cpu": models[0] if models else platform.machine(), "cores": os.cpu_count(),
            "kernel": platform.release(), "python": platform.python_version()}


def main():
    options = parse()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    if len(os.sched_getaffinity(0)) < 2:
        sys.exit("needs two cores: one for the server, one for the client")
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    wanted = [client for client in clients.ALL if client.name in options.clients]
    ready = prepare(wanted)
    loads = measure(wanted, ready, options)
    tools = {c.name: {"requirement": environments.pinned(c.name),
                      "packages": environments.packages(c.name)}
             for c in wanted if c.name != "sseprof" and "programs" in ready[c.name]}
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps({"machine": machine(), "tools": tools, "loads": loads}, indent=1),
                       encoding="utf-8")
    print(table.markdown(loads))
    say(f"all figures: {RESULTS}")


if __name__ == "__main__":
    main()
