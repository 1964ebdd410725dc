"""Watches two runs as Prometheus sees them: `./dev watch`. Starts two simulated servers, a real
Prometheus with our configuration and a run of sseprof against each server, says every few seconds
what Prometheus makes of them, and at the end prints the quantiles that it computes beside those of
the runs' summaries.
"""

import argparse
import contextlib
import sys
import tempfile
import time

from harness import Sim
from live_run import LiveRun
from prometheus import Prometheus, free_ports

METRICS = {"TTFT": ("time_to_first_token_seconds", "ttft_s"),
           "ITL": ("inter_token_latency_seconds", "itl_s"),
           "TPOT": ("request_time_per_output_token_seconds", "tpot_s"),
           "latency": ("e2e_request_latency_seconds", "latency_s")}
QUANTILES = {"p50": 0.5, "p90": 0.9, "p95": 0.95, "p99": 0.99}
VARIANTS = ("nvfp4", "bf16")


def note(text):
    print(text, file=sys.stderr, flush=True)


def started(stack, seconds):
    """(Prometheus, {variant: run}), all of them running."""
    folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="sseprof-watch-"))
    sims = [stack.enter_context(Sim("--preset", variant)) for variant in VARIANTS]
    addresses = [f"127.0.0.1:{port}" for port in free_ports(len(VARIANTS))]
    prometheus = stack.enter_context(Prometheus({
        "sseprof": addresses, "server": [sim.url.split("//")[1] for sim in sims]}))
    note(f"Prometheus scrapes every second: {prometheus.url}")
    runs = {}
    for variant, sim, address in zip(VARIANTS, sims, addresses):
        runs[variant] = stack.enter_context(LiveRun(
            sim.url, folder, "--duration", f"{seconds}s", "--max-tokens", 128, "--warmup-requests",
            16, "--label", f"variant={variant}", "--metrics-wait", "15s", listen=address,
            name=variant))
    return prometheus, runs


def now(prometheus, variant):
    """One variant in a few words, of the last seconds."""
    def of(expr):
        found = prometheus.query(expr)
        return found[0][1] if found else float("nan")

    name = f'{{variant="{variant}"}}[4s]'
    tokens = of(f"sum(rate(sseprof_output_tokens_counted_total{name}))")
    gap = of("histogram_quantile(0.99, sum by (le) "
             f"(rate(sseprof_inter_token_latency_seconds_bucket{name})))")
    return f"{variant:6} {tokens:5.0f} tokens/s, ITL p99 {gap * 1000:5.2f} ms"


def watch(prometheus, runs):
    """Until all have ended."""
    began = time.monotonic()
    note("")
    while any(run.process.poll() is None for run in runs.values()):
        time.sleep(3)
        if all(run.process.poll() is None and not run.has_results() for run in runs.values()):
            states = "    ".join(now(prometheus, variant) for variant in runs)
            note(f"{time.monotonic() - began:3.0f} s    {states}")
    for variant, run in runs.items():
        if run.finish() != 0:
            sys.exit(f"{variant}: {''.join(run.said)}")


def rows(prometheus, runs):
    """(variant, metric, quantile, as Prometheus has it, as the summary has it)."""
    for variant, run in runs.items():
        summary = run.summary
        for title, (name, key) in METRICS.items():
            buckets = f'sseprof_{name}_bucket{{run="{summary["run"]["id"]}"}}'
            for quantile, share in QUANTILES.items():
                value = prometheus.value(f"histogram_quantile({share}, sum by (le) "
                                         f"(max_over_time({buckets}[10m])))")
                yield variant, title, quantile, value, summary[key][quantile]


def print_table(found):
    """Returns the largest difference."""
    print(f"\n{'':8} {'':8} {'':4} {'Prometheus':>12} {'summary':>12} {'difference':>11}")
    largest, before = 0, (None, None)
    for variant, title, quantile, value, stated in found:
        difference = value / stated - 1
        largest = max(largest, abs(difference))
        heads = (variant if variant != before[0] else "",
                 title if (variant, title) != before else "")
        before = (variant, title)
        print(f"{heads[0]:8} {heads[1]:8} {quantile:4} {value * 1000:9.2f} ms "
              f"{stated * 1000:9.2f} ms {difference:+10.2%}".replace("%", " %"))
    return largest


def print_counts(prometheus, runs):
    print()
    for variant, run in runs.items():
        seen = prometheus.value("max_over_time(sseprof_inter_token_latency_seconds_count"
                                f'{{run="{run.summary["run"]["id"]}"}}[10m])')
        print(f"{variant:8} {seen:.0f} gaps in Prometheus, {run.summary['itl_s']['count_all']} in "
              "the summary")


def main():
    parser = argparse.ArgumentParser(prog="./dev watch", description=__doc__)
    parser.add_argument("--seconds", type=int, default=20, help="of each run (20)")
    parser.add_argument("--stay", action="store_true",
                        help="let Prometheus show the runs until Enter is pressed")
    args = parser.parse_args()
    with contextlib.ExitStack() as stack:
        prometheus, runs = started(stack, args.seconds)
        watch(prometheus, runs)
        largest = print_table(list(rows(prometheus, runs)))
        print_counts(prometheus, runs)
        print(f"\nlargest difference {100 * largest:.2f} %; a bucket is 4.9 % wide")
        if args.stay:
            input(f"\n{prometheus.url} shows them until you press Enter ")


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        main()
        sys.exit(0)
    sys.exit(130)
