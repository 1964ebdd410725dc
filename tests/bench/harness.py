"""What the sections of the performance suite share: where things run, what they cost, medians."""

import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time

SSEPROF = os.environ.get("SSEPROF", "build/bench/sseprof")
TOOLS = os.environ.get("SSEPROF_BENCH_TOOLS", "build/bench/tests/bench")
CORES = sorted(os.sched_getaffinity(0))
SERVER_CORE, CLIENT_CORE = CORES[0], CORES[-1]

# A measurement beside which other programs took more of the two cores than this is made again, so
# many times at most.
MOST_FOREIGN = 0.25
MOST_TRIES = 3


def note(text):
    print(text, file=sys.stderr, flush=True)


def clean_env():
    return {k: v for k, v in os.environ.items()
            if not k.startswith(("SSEPROF_", "OPENAI_")) and not k.lower().endswith("_proxy")}


def median(values):
    values = [v for v in values if v is not None]
    return statistics.median(values) if values else None


def quantile(values, p):
    """Linear interpolation, h = (n-1)p."""
    values = sorted(values)
    h = (len(values) - 1) * p
    low = int(h)
    high = min(low + 1, len(values) - 1)
    return values[low] + (values[high] - values[low]) * (h - low)


def medians(rounds):
    """One dictionary of the medians of many of numbers."""
    return {key: median([r[key] for r in rounds]) for key in rounds[0]}


def busy_seconds():
    """What all programs took of the cores that are used here."""
    busy = 0
    with open("/proc/stat", encoding="ascii") as file:
        for line in file:
            name, *ticks = line.split()
            if name in (f"cpu{SERVER_CORE}", f"cpu{CLIENT_CORE}"):
                user, nice, system = map(int, ticks[:3])  # interrupts are mostly our own
                busy += user + nice + system
    return busy / os.sysconf("SC_CLK_TCK")


def process_seconds(pid):
    """What a running process has taken."""
    with open(f"/proc/{pid}/stat", encoding="ascii") as file:
        fields = file.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class Server:
    """A server that prints its URL, alone on the first core."""

    def __init__(self, *command):
        self.command = command

    def __enter__(self):
        self.process = subprocess.Popen(
            ["taskset", "-c", str(SERVER_CORE), *map(str, self.command)], stdout=subprocess.PIPE,
            text=True, env=clean_env())
        line = self.process.stdout.readline()
        found = re.search(r"http://[\w.]+:\d+", line)
        if not found:
            self.process.kill()
            raise SystemExit(f"bench: {self.command[0]} did not say its address: {line!r}")
        self.url = found.group(0)
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()

    def seconds(self):
        return process_seconds(self.process.pid)


def sim(*options):
    return Server(SSEPROF, "sim", "--port", 0, *options)


def flood(events_per_send):
    return Server(f"{TOOLS}/flood_server", "--events-per-send", events_per_send)


class Cost:
    """What a client took, and what it printed."""

    def __init__(self, cpu_s, wall_s, out):
        self.cpu_s, self.wall_s, self.out = cpu_s, wall_s, out


def run_once(command, server):
    """(cost, share of two cores that other programs took)."""
    busy, served, began = busy_seconds(), server.seconds() if server else 0, time.monotonic()
    process = subprocess.Popen(
        ["taskset", "-c", str(CLIENT_CORE), *map(str, command)], stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, text=True, env=clean_env())
    out, err = process.stdout.read(), process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    wall_s = time.monotonic() - began
    if process.returncode != 0:
        raise SystemExit(f"bench: {' '.join(map(str, command))}: status {process.returncode}: "
                         f"{err.strip()}")
    cpu_s = usage.ru_utime + usage.ru_stime
    ours = cpu_s + (server.seconds() - served if server else 0)
    foreign = max(0, busy_seconds() - busy - ours) / (2 * wall_s)
    return Cost(cpu_s, wall_s, out), foreign


def run_client(command, server=None):
    """The cost of a client beside which nothing else ran; the best try if something always did."""
    tries = []
    for _ in range(MOST_TRIES):
        tries.append(run_once(command, server))
        if tries[-1][1] <= MOST_FOREIGN:
            break
        note(f"  other programs took {100 * tries[-1][1]:.0f} % of the cores")
        time.sleep(1)
    return min(tries, key=lambda t: t[1])[0]


def sseprof_run(url, streams, requests, tokens, folder, *more):
    """The command of a run with everything on that a user would have."""
    return [SSEPROF, "run", "--base-url", url, "--prompt", "x", "--concurrency", streams,
            "--requests", requests, "--max-tokens", tokens, "--threads", 1, "--quiet",
            "--records", os.path.join(folder, "run.jsonl"),
            "--out", os.path.join(folder, "run.json"), *more]


def bare_run(name, url, streams, requests, tokens, *more):
    return [f"{TOOLS}/{name}", "--url", url + "/v1/chat/completions", "--concurrency", streams,
            "--requests", requests, "--max-tokens", tokens, *more]


def scratch():
    return tempfile.TemporaryDirectory(prefix="sseprof-bench-")


def load_json(path):
    with open(path, encoding="utf-8") as file:
        return json.load(file)


def load_lines(path):
    with open(path, encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def fixed(value, digits=1):
    return "" if value is None else f"{value:.{digits}f}"


def table(head, rows):
    """Markdown."""
    lines = ["| " + " | ".join(head) + " |",
             "|" + "|".join("---" if i == 0 else "---:" for i in range(len(head))) + "|"]
    lines += ["| " + " | ".join(map(str, row)) + " |" for row in rows]
    return "\n".join(lines) + "\n"
