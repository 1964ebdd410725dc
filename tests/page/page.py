"""Makes pages of real runs against simulated servers and has check.mjs look at them in Chromium.

Exit status: that of check.mjs, or 2 if a run or a page could not be made.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, os.path.join(ROOT, "tests", "e2e"))

from harness import (RawServer, STREAM_HEAD, Sim, chunked, delta, event,  # noqa: E402
                     reply, sseprof)
from test_page import HOSTILE, OLD  # noqa: E402

VARIANTS = ("nvfp4", "bf16")
PROMPT = os.path.join(ROOT, "prompts", "qwen3_bench_prompt.txt")
PICTURE = os.path.join(ROOT, "dashboards", "pictures", "page.png")  # the README's


def options():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--modules", required=True, help="folder with playwright-core")
    parser.add_argument("--out", default=os.path.join(ROOT, "results", "page"))
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--requests", type=int, default=96, help="of each run")
    parser.add_argument("--folder", help="make runs and pages here, and leave them")
    parser.add_argument("--picture", action="store_true", help="write the README's, too")
    return parser.parse_args()


class Maker:
    """Runs and pages in a folder."""

    def __init__(self, folder):
        self.folder = folder

    def path(self, name):
        return os.path.join(self.folder, name)

    def command(self, *args):
        ended = sseprof(*args, core=1, timeout=300)
        if ended.returncode in (2, 3):
            print(ended.stderr, file=sys.stderr)
            sys.exit(2)

    def run(self, url, name, requests, *more):
        print(f"running {name}: {requests} requests", flush=True)
        self.command("run", "--base-url", url, "--requests", requests, "--quiet",
                     "--records", self.path(name + ".jsonl"), "--out", self.path(name + ".json"),
                     *more)

    def page(self, name, command, *inputs):
        self.command(command, *map(self.path, inputs), "--html", self.path(name + ".html"))


def two_variants(maker, repeats, requests):
    """The repeats of two variants, interleaved, and their pages."""
    with Sim("--preset", VARIANTS[0], "--eos-after", 220, "--seed", 7) as first, \
            Sim("--preset", VARIANTS[1], "--eos-after", 220, "--seed", 7) as second:
        for k in range(repeats):
            for sim, variant in zip((first, second), VARIANTS):
                maker.run(sim.url, f"{variant}-{k}", requests, "--concurrency", 16,
                          "--warmup-requests", 16, "--max-tokens", 256, "--prompt-file", PROMPT,
                          "--label", f"variant={variant.upper()}", "--slo", "ttft=35ms")
        maker.run(second.url, "failures", 64, "--concurrency", 16, "--max-tokens", 256,
                  "--timeout", "2.4s", "--max-error-rate", "1")
    maker.page("run", "report", "nvfp4-0.jsonl")
    files = [f"{variant}-{k}" for variant in reversed(VARIANTS) for k in range(repeats)]
    maker.page("compare", "compare", *(name + ".jsonl" for name in files))
    maker.page("summaries", "compare", *(name + ".json" for name in files))
    maker.page("failures", "report", "failures.jsonl")


def hostile(maker):
    """A server that calls itself, and says, what would be markup."""
    refusal = reply(500, json.dumps({"error": {"message": HOSTILE}}))

    def answer(connection, request, n):
        if n % 9 == 8:
            connection.sendall(refusal)
            return
        connection.sendall(STREAM_HEAD)
        for _ in range(30):
            connection.sendall(chunked(event(delta("x"))))
            time.sleep(0.002)
        usage = {"id": HOSTILE, "choices": [], "usage": {"completion_tokens": 30}}
        rest = b"".join(map(event, [delta("", "stop"), usage, b"[DONE]"]))
        connection.sendall(chunked(rest) + chunked(b""))

    with RawServer(answer) as server:
        for name in ("a", "b"):
            maker.run(server.url, "hostile-" + name, 200, "--model", HOSTILE, "--concurrency", 4,
                      "--prompt", "x", "--label", f"variant={HOSTILE}{name}",
                      "--label", f"{HOSTILE}={HOSTILE}", "--max-error-rate", "1")
    maker.page("hostile", "report", "hostile-a.jsonl")
    maker.page("hostile-compare", "compare", "hostile-a.jsonl", "hostile-b.jsonl")


def million(maker):
    with Sim("--itl-ms", 1, "--ttft-ms", 5) as sim:
        maker.run(sim.url, "million", 4000, "--concurrency", 64, "--max-tokens", 256,
                  "--prompt", "x")
    maker.page("million", "report", "million.jsonl")


def old(maker):
    for name, model in (("old-a", "m-bf16"), ("old-b", "m-nvfp4")):
        with open(maker.path(name + ".json"), "w", encoding="utf-8") as file:
            json.dump({**OLD, "model": model}, file, indent=2)
    maker.page("old", "report", "old-a.json")
    maker.page("old-compare", "compare", "old-a.json", "old-b.json")


def make_and_check(asked, folder):
    """Exit status of check.mjs."""
    maker = Maker(folder)
    old(maker)
    hostile(maker)
    million(maker)
    two_variants(maker, asked.repeats, asked.requests)
    command = ["node", os.path.join(HERE, "check.mjs"), "--pages", folder, "--modules",
               asked.modules, "--out", asked.out]
    status = subprocess.run(command + ["--picture", PICTURE] * asked.picture,
                            check=False).returncode
    if asked.picture:
        subprocess.run(["pngquant", "--force", "--strip", "--speed", "1", "--ext", ".png", PICTURE],
                       check=True)
    return status


def main():
    asked = options()
    if asked.folder:
        os.makedirs(asked.folder, exist_ok=True)
        return make_and_check(asked, asked.folder)
    with tempfile.TemporaryDirectory(prefix="sseprof-page-") as folder:
        return make_and_check(asked, folder)


if __name__ == "__main__":
    sys.exit(main())
