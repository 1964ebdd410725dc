"""Runs two variants under a real Prometheus and draws the dashboards of what it saw.

Each variant is a preset of `sseprof sim`; they run one after another. Exit status: that of
shoot.mjs, or 2 if a run failed.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
import urllib.parse

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, os.path.join(ROOT, "tests", "e2e"))

from harness import Sim, sseprof  # noqa: E402
from prometheus import Prometheus, free_ports  # noqa: E402

VARIANTS = ("nvfp4", "bf16")
PROMPT = os.path.join(ROOT, "prompts", "qwen3_bench_prompt.txt")
BEFORE, BETWEEN, AFTER = 3, 3, 2  # seconds that the pictures show around the runs

# What a run without faults may have nothing to show for.
MAY_BE_EMPTY = {
    "Failures by reason": "no request fails",
    "Arrival uncertainty": "every arrival may be exact",
    "Connect time": "the connections are those of the warm-up, which no histogram holds",
}

LIVE_BEFORE = 14  # seconds before the end of everything
# The rows that the README shows.
PICTURES = {"live": ["Now", "Latency"],
            "tails": ["b against a, so far", "Whole runs", "Distributions"]}


def options():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--modules", required=True, help="folder with playwright-core and uplot")
    parser.add_argument("--out", default=os.path.join(ROOT, "results", "panels"))
    parser.add_argument("--theme", action="append", choices=("light", "dark"),
                        help="default: both")
    parser.add_argument("--requests", type=int, default=240, help="of each variant")
    parser.add_argument("--width", type=int, default=1400, help="of the pictures, in pixels")
    parser.add_argument("--pictures", action="store_true",
                        help="write the README's pictures, too, into dashboards/pictures")
    parser.add_argument("--keep", type=int, metavar="SECONDS", default=0,
                        help="leave Prometheus there so long, and say where")
    return parser.parse_args()


def run(sim, variant, port, requests, folder):
    """One run that Prometheus scrapes from before its load until after its end."""
    print(f"running {variant}: {requests} requests", flush=True)
    ended = sseprof(
        "run", "--base-url", sim.url, "--concurrency", 16, "--warmup-requests", 16,
        "--requests", requests,
        "--max-tokens", 256, "--temperature", 0, "--prompt-file", PROMPT,
        "--label", f"variant={variant}", "--slo", "ttft=35ms", "--slo", "tpot=12ms",
        "--metrics-listen", f"127.0.0.1:{port}", "--metrics-wait", "10s", "--quiet",
        "--out", os.path.join(folder, variant + ".json"), core=1)
    if ended.returncode != 0:
        print(ended.stderr, file=sys.stderr)
        sys.exit(2)


def each(option, values):
    return [word for value in values for word in (option, value)]


def shoot(asked, prometheus, window, out, *more):
    """Exit status of shoot.mjs."""
    since, until = window
    command = ["node", os.path.join(HERE, "shoot.mjs"), "--prometheus", prometheus.url,
               "--dashboards", os.path.join(ROOT, "dashboards", "grafana", "json"),
               "--modules", asked.modules, "--out", out, "--width", asked.width,
               "--from", since, "--to", until, "--var", "a=bf16", "--var", "b=nvfp4",
               *each("--may-be-empty", MAY_BE_EMPTY), *more]
    return subprocess.run(list(map(str, command)), check=False).returncode


def pictures(asked, prometheus, window):
    """Exit status of the worst. That of the live run is taken while the second still runs."""
    out = os.path.join(ROOT, "dashboards", "pictures")
    since, until = window
    status = 0
    for name, sections in PICTURES.items():
        seen = (since, until - LIVE_BEFORE) if name == "live" else window
        status = max(status, shoot(asked, prometheus, seen, out, "--theme", "dark",
                                   "--only", name + ".json", *each("--section", sections)))
        subprocess.run(["pngquant", "--force", "--strip", "--speed", "1", "--ext", ".png",
                        os.path.join(out, name + "-dark.png")], check=True)
    return status


def draw(asked, prometheus, window):
    status = shoot(asked, prometheus, window, asked.out,
                   *each("--theme", asked.theme or ("dark", "light")))
    if asked.pictures:
        status = max(status, pictures(asked, prometheus, window))
    return status


def main():
    asked = options()
    (port,) = free_ports(1)
    with tempfile.TemporaryDirectory(prefix="sseprof-panels-") as folder, \
            Sim("--preset", VARIANTS[0], "--eos-after", 200) as first, \
            Sim("--preset", VARIANTS[1], "--eos-after", 200) as second:
        servers = [urllib.parse.urlsplit(sim.url).netloc for sim in (first, second)]
        targets = {"sseprof": [f"127.0.0.1:{port}"], "server": servers}
        with Prometheus(targets) as prometheus:
            since = time.time()
            time.sleep(BEFORE)
            for sim, variant in zip((first, second), VARIANTS):
                run(sim, variant, port, asked.requests, folder)
                time.sleep(BETWEEN)
            time.sleep(AFTER)
            window = int(since), int(time.time())
            status = draw(asked, prometheus, window)
            if asked.keep:
                print(f"Prometheus: {prometheus.url} --from {window[0]} --to {window[1]}",
                      flush=True)
                time.sleep(asked.keep)
    return status


if __name__ == "__main__":
    sys.exit(main())
