"""Runs that alternate between an engine's variants, each between two scrapes of its server.

The variants' servers are started one after the other and all stay: a start may take a minute, and
an idle engine takes no processor time. Exit status: 1 if a request failed or a count differs, 2 if
the engine could not be had.
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
import side_by_side
import tiny_model
from engine_server import DidNotStart, free_port
from scraped import ROOT, Between

sys.path[:0] = [f"{ROOT}/tests/bench/peers"]
import environments  # noqa: E402

LISTS = pathlib.Path(__file__).resolve().parent
SETTLE_S = 10  # the last answer may be here before its server has counted it

Load = collections.namedtuple("Load", "concurrency requests tokens")
WARM_UP = Load(16, 16, 16)


class Engine:
    """What differs between engines. `requirement` names a list of packages; `server(programs,
    variant, port)` is one to enter; `row(name, client, between)` puts a run side by side."""

    def __init__(self, name, title, requirement, variants, server, row, note):
        self.title = f"{title}, {requirement} {environments.version(requirement, LISTS)}"
        self.name = name
        self.requirement = requirement
        self.variants = variants
        self.server = server
        self.row = row
        self.note = note
        self.results = pathlib.Path("results") / name


def say(text):
    print(text, file=sys.stderr, flush=True)


def main(engine, about):
    options = _parse(engine, about)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    load = Load(options.concurrency, options.requests, options.max_tokens)
    engine.results.mkdir(parents=True, exist_ok=True)
    try:
        programs = environments.ensure(engine.requirement, say, LISTS)
        rows = _measure_all(engine, programs, load, options.rounds)
    except (environments.NotInstalled, tiny_model.NoModel, DidNotStart,
            client_run.Failed) as error:
        say(f"{engine.name}: {error}")
        sys.exit(2)
    print(f"{engine.title}: {load.requests} requests of {load.tokens} tokens, "
          f"{load.concurrency} at a time; each cell: client / server\n")
    print(side_by_side.markdown(rows, engine.note))
    print(f"\n{_compare(engine, options.rounds)}")
    wrong = [line for row in rows for line in row.differences(load)]
    for line in wrong:
        say(f"differs: {line}")
    sys.exit(1 if wrong else 0)


def _parse(engine, about):
    parser = argparse.ArgumentParser(prog=f"./dev {engine.name}",
                                     description=about.partition("\n")[0])
    parser.add_argument("--concurrency", type=int, default=16)
    parser.add_argument("--requests", type=int, default=64)
    parser.add_argument("--max-tokens", type=int, default=64)
    parser.add_argument("--rounds", type=int, default=3, help="runs of each variant")
    options = parser.parse_args()
    if min(options.concurrency, options.requests, options.max_tokens, options.rounds) < 1:
        parser.error("all must be at least 1")
    return options


def _measure_all(engine, programs, load, rounds):
    with contextlib.ExitStack() as stack:
        servers = {}
        for variant in engine.variants:
            say(f"starting {variant}")
            began = time.monotonic()
            servers[variant] = stack.enter_context(engine.server(programs, variant, free_port()))
            say(f"  ready after {time.monotonic() - began:.0f} s")
            client_run.run(servers[variant].url, WARM_UP)
        rows = []
        for number in range(1, rounds + 1):
            for variant in engine.variants:
                say(f"round {number} of {rounds}: {variant}")
                rows.append(_measure(engine, servers[variant], f"{variant}.{number}", load))
        return rows


def _measure(engine, server, name, load):
    """One run; both scrapes are kept beside its files."""
    out = engine.results / name
    before = server.metrics()
    client = client_run.run(server.url, load, name.partition(".")[0], out)
    until = time.monotonic() + SETTLE_S
    while True:
        after = server.metrics()
        row = engine.row(name.replace(".", " "), client, Between(before, after))
        if not row.differences(load) or time.monotonic() > until:
            break
        time.sleep(0.2)
    for moment, page in (("before", before), ("after", after)):
        out.with_name(f"{name}.{moment}.prom").write_text(page, encoding="utf-8")
    return row


def _compare(engine, rounds):
    """First paragraph of what `sseprof compare` says of the variants."""
    files = [engine.results / f"{variant}.{number}.jsonl" for variant in engine.variants
             for number in range(1, rounds + 1)]
    done = subprocess.run([client_run.binary(), "compare", *files], text=True,
                          capture_output=True)
    return (done.stdout or done.stderr).strip().partition("\n\n")[0]
