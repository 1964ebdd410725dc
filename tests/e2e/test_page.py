"""The HTML pages: whole, alone, and harmless. How they look is seen by tests/page."""

import base64
import hashlib
import html
import json
import re
import unittest

from harness import Sim, TestCase, load_json, sseprof

HOSTILE = "</script><img src=x onerror=alert(1)>"

# As the replaced script wrote it.
OLD = {
    "endpoint": "http://127.0.0.1:8000/v1/chat/completions", "model": "m", "concurrency": 16,
    "requests": 64, "max_tokens": 256, "temperature": 0.0, "stream": False, "ok": 64, "errors": 0,
    "total_time_s": 11.97, "qps": 5.35,
    "latency_s": {"p50": 2.98, "p95": 3.29, "mean": 2.99, "min": 2.68, "max": 3.3},
    "ttft_s": {"p50": None, "p95": None, "mean": None, "min": None, "max": None},
    "token_usage": {"prompt_tokens_mean": 110.0, "completion_tokens_mean": 256.0},
    "derived": {"prompt_tps": 588.0, "decode_tps": 1368.4, "ms_per_output_token": 11.66},
}


def parts(path):
    """What a page consists of."""
    with open(path, encoding="utf-8", newline="") as file:
        text = file.read()
    policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]*)"', text).group(1)
    style = re.search(r"<style>(.*?)</style>", text, re.S).group(1)
    data, script = re.findall(r"<script[^>]*>(.*?)</script>", text, re.S)
    return text, policy, style, json.loads(data), script


def digest(text):
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


class Page(TestCase):
    def run_once(self, *sim_options, records="run.jsonl", out="run.json", run_options=()):
        with Sim("--itl-ms", 1, "--ttft-ms", 3, *sim_options) as sim:
            process = sseprof("run", "--base-url", sim.url, "--prompt", "x", "--concurrency", 4,
                              "--requests", 40, "--max-tokens", 24, "--quiet", *run_options,
                              "--records", self.path(records), "--out", self.path(out))
        self.assertEqual(process.returncode, 0, process.stderr)

    def page_of(self, *command, name="page.html", status=(0,)):
        process = sseprof(*command, "--html", self.path(name))
        self.assertIn(process.returncode, status, process.stderr)
        return process, parts(self.path(name))

    def test_it_allows_itself_and_nothing_else(self):
        self.run_once()
        _, (text, policy, style, _, script) = self.page_of("report", self.path("run.jsonl"))
        self.assertEqual(policy, f"default-src 'none'; script-src '{digest(script)}'; "
                                 f"style-src '{digest(style)}'; base-uri 'none'; "
                                 "form-action 'none'")
        self.assertLess(len(text), 200_000)
        for tag in ("<link", "<img", "<iframe", "<object", " src=", " href=", "@import"):
            self.assertNotIn(tag, text.replace(script, ""), tag)

    def test_it_holds_the_summary_and_the_report(self):
        self.run_once()
        process, (text, _, _, data, _) = self.page_of("report", self.path("run.jsonl"))
        run = data["variants"][0]["runs"][0]
        self.assertEqual(run["summary"], load_json(self.path("run.json")))
        self.assertIn(["concurrency", "4"], run["options"])
        self.assertEqual(html.unescape(re.search(r"<pre>(.*?)</pre>", text, re.S).group(1)),
                         process.stdout)
        self.assertEqual(len(data["plots"]["requests"]["rows"]), 40)

    def test_the_same_run_gives_the_same_bytes(self):
        self.run_once()
        first = self.page_of("report", self.path("run.jsonl"))[1][0]
        self.assertEqual(self.page_of("report", self.path("run.jsonl"))[1][0], first)

    def test_what_a_server_says_is_text(self):
        self.run_once("--model", HOSTILE, run_options=("--label", f"variant={HOSTILE}"))
        _, (text, _, _, data, _) = self.page_of("report", self.path("run.jsonl"))
        self.assertNotIn("<img", text)
        self.assertEqual(data["variants"][0]["name"], HOSTILE)

    def test_a_run_without_a_stream(self):
        self.run_once(run_options=("--no-stream",))
        _, (_, _, _, data, _) = self.page_of("report", self.path("run.jsonl"))
        self.assertEqual(data["plots"]["spectrum"]["itl"], [])
        self.assertEqual(len(data["plots"]["spectrum"]["latency"]), 1)

    def test_a_summary_has_no_plots(self):
        self.run_once()
        with open(self.path("old.json"), "w", encoding="utf-8") as file:
            json.dump(OLD, file, indent=2)
        for path in (self.path("run.json"), self.path("old.json")):
            _, (_, _, _, data, _) = self.page_of("report", path)
            self.assertIsNone(data["plots"])

    def compare_two(self):
        for name in ("a", "b"):
            self.run_once(records=f"{name}.jsonl", out=f"{name}.json",
                          run_options=("--label", f"variant={name}"))
        process, page = self.page_of("compare", self.path("a.jsonl"), self.path("b.jsonl"),
                                     "--out", self.path("compare.json"), status=(0, 4, 5))
        return process, page

    def test_a_comparison_says_what_the_terminal_says(self):
        process, (text, policy, style, data, script) = self.compare_two()
        self.assertIn(digest(script), policy)
        self.assertIn(digest(style), policy)
        self.assertEqual(data["compare"], load_json(self.path("compare.json")))
        self.assertEqual(html.unescape(re.search(r"<pre>(.*?)</pre>", text, re.S).group(1)),
                         process.stdout)
        self.assertEqual([run["variant"] for run in data["plots"]["time"]], ["v0", "v1"])

    def test_a_comparison_of_summaries_has_no_plots(self):
        self.compare_two()
        _, (_, _, _, data, _) = self.page_of("compare", self.path("a.json"), self.path("b.json"),
                                             status=(0, 4, 5))
        self.assertIsNone(data["plots"])

    def test_a_run_is_never_overwritten(self):
        self.compare_two()
        for command in (("compare", self.path("a.jsonl"), self.path("b.jsonl")),
                        ("report", self.path("a.jsonl"))):
            process = sseprof(*command, "--html", self.path("a.jsonl"))
            self.assertEqual(process.returncode, 2)
            self.assertIn("would be overwritten", process.stderr)

    def test_a_page_that_cannot_be_written_is_refused_at_once(self):
        self.run_once()
        process = sseprof("report", self.path("run.jsonl"), "--html", self.path("no/page.html"))
        self.assertEqual(process.returncode, 2)
        self.assertEqual(process.stdout, "")
        self.assertEqual(process.stderr.count("\n"), 1, process.stderr)


if __name__ == "__main__":
    unittest.main()
