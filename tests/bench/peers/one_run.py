"""One client against one load: what it stated, what was true, and what it cost."""

import collections
import json
import os
import subprocess
import sys
import tempfile
import pathlib

from sent import Sent, WrongLoad
from tree_cpu import TreeCpu

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "e2e"))
from harness import Sim, clean_env  # noqa: E402

SERVER_CORE, CLIENT_CORE = 0, 1
TTFT_MS, ITL_MS = 200, 20
LONGEST_S = 240

Load = collections.namedtuple("Load", "streams phase tokens requests")


class DidNotRun(Exception):
    """The client failed; says how."""


def run(client, programs, load):
    """(facts of the run, its command)."""
    with tempfile.TemporaryDirectory(prefix="sseprof-peers-") as name:
        folder = pathlib.Path(name)
        log = folder / "log.jsonl"
        with Sim("--itl-ms", ITL_MS, "--ttft-ms", TTFT_MS, "--phase", load.phase,
                 "--log", log) as sim:
            command = [str(part) for part in client.command(programs, sim.url, load, folder)]
            cost, samples = _measure(command, client.environment, folder)
        try:
            sent = Sent(log, load.requests, load.tokens)
            stated = client.states(folder)
        except (WrongLoad, OSError, KeyError, ValueError) as error:
            raise DidNotRun(f"{error}; {_last_line(folder)}") from error
    if stated.pop("requests") != load.requests:
        raise DidNotRun(f"states another number of good requests than {load.requests}")
    facts = {"events": sent.events, "tokens_per_s": sent.tokens_per_s(),
             "cpu_s": cost["cpu_s"], "wall_s": cost["wall_s"],
             "cpu_from_first_request_s": cost["cpu_s"] - samples.at(sent.first_request_ns),
             "stated_ms": stated, "true_ms": sent.quantiles()}
    return facts, " ".join(command).replace(str(folder), "FOLDER").replace(sim.url, "URL")


def _measure(command, environment, folder):
    report = folder / "cost.json"
    with open(folder / "client.txt", "w", encoding="utf-8") as output:
        process = subprocess.Popen(
            [sys.executable, pathlib.Path(__file__).with_name("measured.py"), report,
             str(LONGEST_S), "taskset", "-c", str(CLIENT_CORE), *command],
            stdout=output, stderr=output, cwd=folder, env=clean_env(**environment))
        os.sched_setaffinity(process.pid, {SERVER_CORE})
        samples = TreeCpu(process.pid)
        samples.start()
        try:
            process.wait()
        finally:
            process.terminate()
            process.wait()
            samples.stop()
    if not report.exists():
        raise DidNotRun(f"could not be measured; {_last_line(folder)}")
    cost = json.loads(report.read_text(encoding="utf-8"))
    if cost["status"] != 0:
        raise DidNotRun(f"ended with status {cost['status']}; {_last_line(folder)}")
    return cost, samples


def _last_line(folder):
    lines = [line.strip() for line in (folder / "client.txt").read_text(
        encoding="utf-8", errors="replace").splitlines() if line.strip(" │╭╰─╮╯\n")]
    return "its last line: " + (lines[-1][:200] if lines else "none")
