"""What one scrape in the middle of a run does to the client's own delay. Two runs differ by more than
that, so it is found inside of runs: every second's delays are kept, and the p99 of the run is taken
with and without the one second in which somebody asked."""

import math
import os
import re
import statistics
import subprocess
import time

from harness import (CLIENT_CORE, clean_env, fixed, median, scratch, sim, sseprof_run, table)
from scraper import MetricsUrl

STREAMS, TOKENS, GAP_MS = 1000, 700, 20
# Into the run, each in the middle of a second that nobody else asks in.
SCRAPES_S = (2.5, 5.5, 8.5, 11.5)
BUCKET = re.compile(r'^sseprof_client_delay_seconds_bucket\{.*?le="([^"]+)"\} (\S+) (\S+)$', re.M)


def seconds_of(path):
    """[(end in wall time, {edge: count of the second})] of a file of metrics over time."""
    readings = {}
    with open(path, encoding="utf-8") as file:
        for edge, count, at in BUCKET.findall(file.read()):
            readings.setdefault(float(at), {})[float(edge.replace("+Inf", "inf"))] = float(count)
    times = sorted(readings)
    return [(end, {edge: readings[end][edge] - readings[start][edge] for edge in readings[end]})
            for start, end in zip(times, times[1:])]


def p99(buckets):
    """As histogram_quantile makes it; `buckets` cumulative by edge."""
    edges = sorted(buckets)
    rank, lower, before = 0.99 * buckets[math.inf], 0, 0
    for edge in edges:
        if buckets[edge] >= rank and buckets[edge] > before:
            return lower + (edge - lower) * (rank - before) / (buckets[edge] - before)
        lower, before = edge, buckets[edge]
    return lower


def add(*weighted):
    """The sum of (weight, buckets)."""
    return {edge: sum(weight * buckets[edge] for weight, buckets in weighted)
            for edge in weighted[0][1]}


def effects(seconds, scrapes):
    """(p99 without a scrape, what each single scrape adds to it), seconds."""
    def asked_in(index):
        return any(seconds[index - 1][0] - 0.1 <= at <= seconds[index][0] + 0.1 for at in scrapes)

    middle = range(1, len(seconds) - 1)
    quiet = [i for i in middle if not asked_in(i)]
    asked = [i for i in middle if asked_in(i)]
    usual = add(*((1 / len(quiet), seconds[i][1]) for i in quiet))
    without = add(*((1, usual if i in asked else part) for i, (_, part) in enumerate(seconds)))
    base = p99(without)
    return base, [p99(add((1, without), (-1, usual), (1, seconds[i][1]))) - base for i in asked]


def watch_one_run(server, folder):
    """What `effects` says, and how long the scrapes took."""
    url = MetricsUrl()
    metrics = os.path.join(folder, "metrics.om")
    command = sseprof_run(server.url, STREAMS, STREAMS, TOKENS, folder, "--metrics-listen",
                          url.address, "--metrics-linger", 0, "--metrics-openmetrics", metrics)
    process = subprocess.Popen(["taskset", "-c", str(CLIENT_CORE), *map(str, command)],
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                               env=clean_env())
    began, scrapes = time.time(), []
    for at in SCRAPES_S:
        time.sleep(max(0, began + at - time.time()))
        asked = time.time()
        url.scrape()
        scrapes.append((asked, time.time() - asked))
    if process.wait() != 0:
        raise SystemExit(f"bench: a run ended with status {process.returncode}")
    base, found = effects(seconds_of(metrics), [at for at, _ in scrapes])
    return base, found, [took for _, took in scrapes]


def one_scrape_section(rounds):
    bases, found, took = [], [], []
    with sim("--itl-ms", GAP_MS, "--ttft-ms", 200, "--phase", "uniform") as server:
        for _ in range(rounds):
            with scratch() as folder:
                base, more, seconds = watch_one_run(server, folder)
            bases.append(base)
            found += more
            took += seconds
    more = [seconds * 1e6 for seconds in found]
    figures = {"client_delay_p99_us": median(bases) * 1e6, "more_us": more,
               "more_us_mean": statistics.mean(more),
               "more_us_standard_error": statistics.stdev(more) / math.sqrt(len(more)),
               "scrape_ms": median(took) * 1e3}
    row = [f"{STREAMS:,}, {GAP_MS} ms", fixed(figures["client_delay_p99_us"], 0),
           fixed(figures["more_us_mean"], 0), fixed(figures["more_us_standard_error"], 0),
           len(more), fixed(figures["scrape_ms"])]
    return table(["streams, gap", "client_delay p99 us", "one scrape adds, us (mean)",
                  "standard error", "scrapes", "ms a scrape"], [row]), figures
