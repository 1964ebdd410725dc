"""One `sseprof run` against an engine, and what it says was sent and measured."""

import json
import os
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, "tests", "e2e"))
from harness import clean_env  # noqa: E402

PROMPT = os.path.join(ROOT, "prompts", "qwen3_bench_prompt.txt")
LONGEST_S = 300


class Failed(Exception):
    """The run's own message."""


def binary():
    return os.environ["SSEPROF"]


def run(url, load, label=None, out=None):
    """`load` has concurrency, requests and tokens; `out` without an ending gets .json and .jsonl."""
    command = [binary(), "run", "--base-url", url, "--quiet",
               "--concurrency", load.concurrency, "--requests", load.requests,
               "--max-tokens", load.tokens, "--ignore-eos", "--temperature", "0.0",
               "--prompt-file", PROMPT]
    if out:
        command += ["--label", f"variant={label}", "--out", f"{out}.json",
                    "--records", f"{out}.jsonl"]
    done = subprocess.run([str(part) for part in command], text=True, capture_output=True,
                          timeout=LONGEST_S, env=clean_env())
    if done.returncode not in (0, 1):
        raise Failed(f"exit status {done.returncode}: {done.stderr.strip()[-500:]}")
    return Measured(out) if out else None


class Measured:
    """A run's files: counts over all its requests, quantiles over the good ones."""

    def __init__(self, out):
        with open(f"{out}.json", encoding="utf-8") as file:
            self.summary = json.load(file)
        with open(f"{out}.jsonl", encoding="utf-8") as file:
            lines = [json.loads(line) for line in file]
        self.requests = [line for line in lines if "event_ns" in line]

    def used(self, key):
        """Sum of prompt_tokens or completion_tokens, as the answers' usage states them."""
        return sum((request["usage"] or {}).get(key) or 0 for request in self.requests)

    def tokens_after_the_first(self):
        """Of every request all tokens but one, counted from its events."""
        return sum(sum(request["tokens"]) - 1 for request in self.requests if request["tokens"])

    def output_events(self):
        return sum(kind in "vo" for request in self.requests for kind in request["kinds"])

    def tokens_that_shared_an_event(self):
        """How many more tokens than output events came, where events tell their tokens."""
        return sum(sum(request["tokens"]) for request in self.requests) - self.output_events()
