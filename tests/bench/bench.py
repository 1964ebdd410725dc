"""The performance suite: `./dev bench`. Prints one Markdown document on stdout, progress on stderr,
and writes every figure to results/bench.json. The client runs alone on one core, the server on
another. Figures are medians over the rounds; of clients that are compared, every round runs all.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
import time

from accuracy import LOADS, accuracy_section
from comparing import comparing_section
from costs import cold_section, flood_section, paced_section, starts_section
from exporter import exporter_section
from harness import CLIENT_CORE, CORES, SERVER_CORE, TOOLS, clean_env, fixed, note, table
from sizes import requests_section, stream_section, tokens_section

PARTS = ("accuracy", "flood", "paced", "starts", "cold", "exporter", "memory", "micro", "compare")


def micro_section():
    """The parts of the client's path by themselves."""
    command = ["taskset", "-c", str(CLIENT_CORE), f"{TOOLS}/micro", "--benchmark_format=json"]
    found = json.loads(subprocess.run(command, check=True, capture_output=True, text=True,
                                      env=clean_env()).stdout)["benchmarks"]
    rows = [[b["name"], fixed(1e9 / b["items_per_second"]) if "items_per_second" in b else "",
             fixed(b["bytes_per_second"] / 1e6, 0) if "bytes_per_second" in b else ""]
            for b in found]
    return table(["part", "ns an event (a call)", "MB/s"], rows), found


def memory_section():
    texts, figures = zip(*(section() for section in
                           (stream_section, requests_section, tokens_section)))
    return "\n".join(texts), dict(zip(("stream", "requests", "tokens"), figures))


def run_sections(wanted, rounds):
    """Yields (title, table, figures) of each section."""
    loads = LOADS if rounds > 1 else LOADS[:4]
    makers = {
        "accuracy": ("How far arrivals are from the true send times",
                     lambda: accuracy_section(rounds, loads)),
        "flood": ("What one core can take", lambda: flood_section(rounds)),
        "paced": ("What an event costs at a server's pace", lambda: paced_section(rounds)),
        "starts": ("What a start of a request costs", lambda: starts_section(rounds)),
        "cold": ("What many starts at once do to TTFT", lambda: cold_section(rounds)),
        "exporter": ("What it costs to be watched", lambda: exporter_section(rounds)),
        "memory": ("Memory, and reports", memory_section),
        "micro": ("The parts by themselves", micro_section),
        "compare": ("What compare finds, and takes", lambda: comparing_section(rounds)),
    }
    for name in PARTS:
        if name not in wanted:
            continue
        title, make = makers[name]
        note(f"{name}: {title.lower()}")
        began = time.monotonic()
        text, figures = make()
        note(f"{text}  {time.monotonic() - began:.0f} s")
        yield name, title, text, figures


def parse():
    parser = argparse.ArgumentParser(prog="./dev bench", description=__doc__)
    parser.add_argument("parts", nargs="*", help=f"some of: {' '.join(PARTS)}; none: all")
    parser.add_argument("--rounds", type=int, default=5, help="of every measurement")
    options = parser.parse_args()
    for name in options.parts:
        if name not in PARTS:
            parser.error(f"'{name}' is no part; there are {', '.join(PARTS)}")
    if options.rounds < 1:
        parser.error("--rounds must be at least 1")
    options.parts = options.parts or PARTS
    return options


def main():
    options = parse()
    if len(CORES) < 2:
        raise SystemExit("bench: client and server need a core each, and there is only one")
    head = (f"{platform.machine()}, Linux {platform.release()}; server on core {SERVER_CORE}, "
            f"client on core {CLIENT_CORE}, medians of {options.rounds} rounds, "
            f"{time.strftime('%Y-%m-%d')}\n")
    print(head)
    every = {}
    for name, title, text, figures in run_sections(options.parts, options.rounds):
        print(f"**{title}**\n\n{text}", flush=True)
        every[name] = figures
        os.makedirs("results", exist_ok=True)
        with open("results/bench.json", "w", encoding="utf-8") as file:
            json.dump(every, file, indent=2)
    return 0


if __name__ == "__main__":
    sys.exit(main())
