"""Profiles the simulated server under many loads and holds every stated arrival against the true
send times in its log. Run by hand (`./dev truth`): it needs quiet cores and some minutes. With
names as arguments, only the loads whose name contains one of them.

Every load must contain the truth in at least 99.9 % of its events, and its exact events must be
off by at most 0.1 ms at p99. An event is judged by its distance from the two clock readings around
its send; "send us" is how far those are apart at p99, the log's own part in the figure.
"""

import os
import signal
import sys
import tempfile
import time

from harness import Sim, load_json, load_records, start
from truth import Truth, load_log, percentile

CLIENTS = {"idle": {}, "late 0.2 ms": {"SSEPROF_TEST_READ_DELAY": "0.2ms"},
           "late 2 ms": {"SSEPROF_TEST_READ_DELAY": "2ms"}, "stopped 70 ms": {}}


def profile(streams, phase, client, timestamps="kernel", tokens=50, itl_ms=20):
    """(truth, summary) of one run."""
    with tempfile.TemporaryDirectory(prefix="sseprof-truth-") as folder:
        log, out = os.path.join(folder, "log"), os.path.join(folder, "out.json")
        records = os.path.join(folder, "run.jsonl")
        with Sim("--itl-ms", itl_ms, "--ttft-ms", 50, "--phase", phase, "--log", log) as sim:
            process = start("run", "--base-url", sim.url, "--prompt", "x", "--concurrency", streams,
                            "--requests", 2 * streams if streams < 1000 else streams,
                            "--max-tokens", tokens, "--out", out, "--records", records, "--quiet",
                            "--timestamps", timestamps, env=CLIENTS[client], core=1)
            if client.startswith("stopped"):
                stop_now_and_then(process)
            _, err = process.communicate(timeout=300)
            if process.returncode != 0:
                raise AssertionError(err)
        return Truth(load_records(records)[1], load_log(log)), load_json(out)


def stop_now_and_then(process):
    for _ in range(8):
        time.sleep(0.15)
        if process.poll() is None:
            process.send_signal(signal.SIGSTOP)
            time.sleep(0.07)
            process.send_signal(signal.SIGCONT)


def row(name, truth, summary):
    exact = truth.exact_error_p99()
    print(f"{name:34} {truth.events:8} {100 * truth.contained_share:8.3f} "
          f"{100 * truth.exact / truth.events:7.1f} {100 * truth.coalesced / truth.output:7.2f} "
          f"{(exact or 0) / 1000:8.1f} {percentile(truth.brackets, 0.99) / 1000:8.1f} {percentile(truth.true_gaps, 0.99) / 1e6:9.3f} "
          f"{percentile(truth.stated_gaps, 0.99) / 1e6:9.3f}  {summary['client']['verdict']}",
          flush=True)
    return truth.contained_share >= 0.999 and (exact is None or exact <= 100_000)


def main(wanted):
    print(f"{'load':34} {'events':>8} {'inside %':>8} {'exact %':>7} {'coal. %':>7} "
          f"{'p99 us':>8} {'send us':>8} {'gap p99':>9} {'stated':>9}  verdict")
    good = True
    for streams in (1, 64, 1000):
        for phase in ("step", "uniform"):
            for client in CLIENTS:
                name = f"{streams} streams, {phase}, {client}"
                if wanted and not any(w in name for w in wanted):
                    continue
                good &= row(name, *profile(streams, phase, client))
    if not wanted:
        row("64 streams, step, late 0.2 ms, user", *profile(64, "step", "late 0.2 ms", "user"))
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
