"""`report` rebuilds the summary of a run from its records, byte for byte."""

import json
import os
import re
import signal
import time
import unittest

from harness import (RawServer, ROOT, Sim, TestCase, good_stream, load_json, load_records, reply,
                     send_stream, sseprof, start)


def read(path):
    with open(path, "rb") as file:
        return file.read()


class Report(TestCase):
    def assert_same(self, out, records):
        again = self.path("again.json")
        process = sseprof("report", records, "--out", again)
        self.assertEqual(process.returncode, 0, process.stderr)
        self.assertEqual(read(again).decode(), read(out).decode())

    def test_a_good_run(self):
        with Sim("--itl-ms", 2, "--ttft-ms", 5) as sim:
            process, summary, _ = self.run_sim(sim)
        self.assertEqual(process.returncode, 0, process.stderr)
        self.assertEqual(summary["ok"], 40)
        self.assert_same(self.path("out.json"), self.path("run.jsonl"))

    def run_sim(self, sim, *more):
        out, records = self.path("out.json"), self.path("run.jsonl")
        process = sseprof("run", "--base-url", sim.url, "--prompt", "x", "--concurrency", 8,
                          "--requests", 40, "--warmup-requests", 4, "--max-tokens", 32, "--label",
                          "variant=a", "--out", out, "--records", records, "--quiet", *more)
        return process, load_json(out), load_records(records)

    def test_a_run_with_objectives(self):
        with Sim("--itl-ms", 2, "--ttft-ms", 5) as sim:
            process, summary, lines = self.run_sim(sim, "--slo", "ttft=9ms", "--slo", "tpot=2.5ms")
        self.assertEqual(process.returncode, 0, process.stderr)
        self.assertEqual(lines[0]["slo"], {"ttft_s": 0.009, "tpot_s": 0.0025, "latency_s": None})
        self.assert_same(self.path("out.json"), self.path("run.jsonl"))
        within = summary["goodput"]["within"]
        said = f"goodput     {summary['goodput']['requests_per_s']:.3f} requests/s: {within} of 40 "
        for text in (process.stdout, sseprof("report", self.path("run.jsonl")).stdout):
            self.assertEqual(text.count("\ngoodput "), 1, text)
            self.assertIn(said, text)
            self.assertIn(" within ttft 9 ms, tpot 2.5 ms\n", text)

    def test_a_run_without_objectives(self):
        with Sim("--itl-ms", 1) as sim:
            process, summary, lines = self.run_sim(sim)
        self.assertIsNone(summary["goodput"])
        self.assertNotIn("goodput", process.stdout)
        path = self.path("old.jsonl")
        with open(self.path("run.jsonl"), encoding="utf-8") as file:
            file.readline()
            rest = file.read()
        del lines[0]["slo"]  # as an older version wrote it
        with open(path, "w", encoding="utf-8") as file:
            file.write(json.dumps(lines[0], separators=(",", ":")) + "\n" + rest)
        self.assert_same(self.path("out.json"), path)

    def test_objectives_that_need_a_stream(self):
        for objective in ("ttft=1s", "tpot=20ms"):
            process = sseprof("run", "--base-url", "http://127.0.0.1:1", "--no-stream", "--slo",
                              "latency=2s", "--slo", objective)
            self.assert_one_line(process, 2, "--slo " + objective[:4], "--no-stream")

    def test_a_run_with_failures(self):
        def flaky(connection, _, n):
            if n % 3 == 1:
                connection.sendall(reply(503, '{"error":{"message":"busy \u00e9"}}'))
            elif n % 7 == 3:
                send_stream(connection, good_stream()[:60], end=False)
                return False
            else:
                send_stream(connection, good_stream())

        with RawServer(flaky) as server:
            process, summary, _ = self.run_once(server.url, "--prompt", "x", "--requests", 40,
                                                "--concurrency", 8, "--max-error-rate", 1)
        self.assertEqual(process.returncode, 0, process.stderr)
        self.assertGreater(summary["errors"], 5)
        self.assert_same(self.path("out.json"), self.path("run.jsonl"))

    def interrupt(self, with_signal):
        out, records = self.path("out.json"), self.path(f"run-{with_signal}.jsonl")
        with Sim("--itl-ms", 5, "--ttft-ms", 5) as sim:
            process = start("run", "--base-url", sim.url, "--prompt", "x", "--requests", 10000,
                            "--concurrency", 8, "--max-tokens", 64, "--out", out, "--records",
                            records, "--quiet")
            while not os.path.exists(records) or read(records).count(b"\n") < 12:
                time.sleep(0.02)
            time.sleep(0.1)  # into the middle of the next answers
            process.send_signal(with_signal)
            _, err = process.communicate(timeout=20)
        return process, err, load_json(out), load_records(records)

    def test_a_run_interrupted(self):
        for with_signal, status in ((signal.SIGINT, 130), (signal.SIGTERM, 143)):
            with self.subTest(with_signal):
                process, err, summary, (_, requests, end) = self.interrupt(with_signal)
                self.assertEqual(process.returncode, status, err)
                self.assertTrue(summary["run"]["interrupted"])
                self.assertIn("interrupted", [w["code"] for w in summary["warnings"]])
                self.assertEqual(summary["failures"], {"cancelled": 8})
                cancelled = [r for r in requests if r["outcome"] == "cancelled"]
                self.assertTrue(any(r["event_ns"] for r in cancelled))
                self.assertIsNotNone(end)
                self.assert_same(self.path("out.json"), self.path(f"run-{with_signal}.jsonl"))

    def test_a_killed_run_keeps_what_had_ended(self):
        records = self.path("run.jsonl")
        with Sim("--itl-ms", 2) as sim:
            process = start("run", "--base-url", sim.url, "--prompt", "x", "--requests", 10000,
                            "--concurrency", 4, "--max-tokens", 16, "--records", records, "--quiet")
            while not os.path.exists(records) or read(records).count(b"\n") < 20:
                time.sleep(0.02)
            process.kill()
            process.communicate()
        with open(records, "ab") as file:
            file.write(b'{"n": 99999, "request_id": "cut off in the mid')
        again = self.path("again.json")
        report = sseprof("report", records, "--out", again)
        self.assertEqual(report.returncode, 0, report.stderr)
        summary = load_json(again)
        self.assertIsNone(summary["client"])
        self.assertTrue(summary["run"]["interrupted"])
        self.assertIn("no_end_mark", [w["code"] for w in summary["warnings"]])
        self.assertGreaterEqual(summary["ok"], 19)

    def test_a_summary_is_shown_as_the_run_was(self):
        with Sim("--itl-ms", 2, "--ttft-ms", 5) as sim:
            process, _, _ = self.run_sim(sim, "--slo", "ttft=9ms")
        self.assertEqual(process.returncode, 0, process.stderr)
        report = sseprof("report", self.path("out.json"))
        self.assertEqual((report.returncode, report.stderr), (0, ""))
        unknown = re.compile(r"\d+\.\d % of output events coalesced; ")
        said = " ".join(process.stdout.split())
        self.assertRegex(said, unknown)
        self.assertEqual(" ".join(report.stdout.split()), unknown.sub("", said))
        again = sseprof("report", self.path("out.json"), "--out", self.path("again.json"))
        self.assert_one_line(again, 2, "--out", "out.json", "a summary already")

    def test_a_result_of_the_replaced_script(self):
        old = os.path.join(ROOT, "tests", "data", "replaced",
                           "qwen3_30b_bench_nvfp4_1gpu_c16_r64_mt256.json")
        report = sseprof("report", old)
        self.assertEqual((report.returncode, report.stderr), (0, ""))
        for line in ("nvidia/Qwen3-30B-A3B-NVFP4 at http://127.0.0.1:8000/v1/chat/completions",
                     "concurrency 16, max_tokens 256, temperature 0, no stream",
                     "requests    64 good, 0 failed, of 64, in 11.12 s",
                     "throughput  5.754 requests/s, prompt 632.9 tokens/s, decode 1473.0 tokens/s,"
                     " 10.82 ms/token",
                     "client      unknown: the file says nothing of it"):
            self.assertIn(line + "\n", report.stdout)
        rows = {line.split()[0]: line.split()[1:] for line in report.stdout.split("\n") if line}
        self.assertEqual(rows["TTFT"], ["-"] * 7 + ["0"])
        self.assertEqual(rows["latency"],
                         ["2773.1", "-", "2928.5", "-", "-", "2770.4", "2936.0", "64"])
        self.assertNotIn("warning", report.stdout)

    def test_what_is_no_run(self):
        path = self.path("x.jsonl")
        for text in ('{"a": 1}\n', "{broken\n", "", '{"latency_s": {}}'):
            with self.subTest(text):
                with open(path, "w") as file:
                    file.write(text)
                self.assert_one_line(sseprof("report", path), 2, "x.jsonl", "holds no run")
        self.assert_one_line(sseprof("report", self.path("none.jsonl")), 2, "none.jsonl")

    def test_a_broken_line_is_named(self):
        process, _, _ = self.run_against_good_server()
        self.assertEqual(process.returncode, 0, process.stderr)
        path = self.path("run.jsonl")
        with open(path, encoding="utf-8") as file:
            lines = file.readlines()
        lines[2] = "{broken\n"
        with open(path, "w", encoding="utf-8") as file:
            file.writelines(lines)
        self.assert_one_line(sseprof("report", path), 2, "run.jsonl:3")

    def run_against_good_server(self):
        with RawServer(lambda c, r, n: send_stream(c, good_stream())) as server:
            return self.run_once(server.url, "--prompt", "x", "--requests", 4)


class SummaryKeys(TestCase):
    """The replaced script's files: same paths, same order, same types."""

    REFERENCE = [
        ("endpoint", str), ("model", str), ("concurrency", int), ("requests", int),
        ("max_tokens", int), ("temperature", float), ("stream", bool), ("ok", int), ("errors", int),
        ("total_time_s", float), ("qps", float), ("latency_s.p50", float), ("latency_s.p95", float),
        ("latency_s.mean", float), ("latency_s.min", float), ("latency_s.max", float),
        ("ttft_s.p50", None), ("ttft_s.p95", None), ("ttft_s.mean", None), ("ttft_s.min", None),
        ("ttft_s.max", None), ("token_usage.prompt_tokens_mean", float),
        ("token_usage.completion_tokens_mean", float), ("derived.prompt_tps", float),
        ("derived.decode_tps", float), ("derived.ms_per_output_token", float)]

    def paths(self, value, prefix=""):
        for key, inner in value.items():
            if isinstance(inner, dict):
                yield from self.paths(inner, f"{prefix}{key}.")
            elif not isinstance(inner, list):
                yield prefix + key, inner

    def check(self, summary, ttft_type):
        found = list(self.paths(summary))
        names = [name for name, _ in found]
        values = dict(found)
        positions = [names.index(name) for name, _ in self.REFERENCE]
        self.assertEqual(positions, sorted(positions))
        for name, kind in self.REFERENCE:
            kind = kind or ttft_type
            self.assertIs(type(values[name]), kind, name)
        top = list(summary)
        self.assertEqual(top[:15], ["endpoint", "model", "concurrency", "requests", "max_tokens",
                                    "temperature", "stream", "ok", "errors", "total_time_s", "qps",
                                    "latency_s", "ttft_s", "token_usage", "derived"])

    def run_sim(self, *args):
        out = self.path("out.json")
        with Sim("--itl-ms", 1) as sim:
            process = sseprof("run", "--base-url", sim.url, "--prompt", "x", "--requests", 4,
                              "--max-tokens", 8, "--out", out, "--quiet", *args)
        self.assertEqual(process.returncode, 0, process.stderr)
        return load_json(out)

    def test_streaming(self):
        summary = self.run_sim()
        self.check(summary, float)
        self.assertTrue(summary["stream"])

    def test_not_streaming(self):
        summary = self.run_sim("--no-stream")
        self.check(summary, type(None))
        self.assertFalse(summary["stream"])
        self.assertIsNone(summary["usage_check"])

    def test_every_summary_fits_the_schema(self):
        import jsonschema
        schema = load_json(os.path.join(ROOT, "src", "out", "summary.schema.json"))
        for args in ((), ("--no-stream",), ("--no-stream", "--slo", "latency=1s"),
                     ("--exact-tokens", "--slo", "ttft=1s")):
            summary = self.run_sim(*args)
            jsonschema.Draft7Validator(schema).validate(summary)


if __name__ == "__main__":
    unittest.main()
