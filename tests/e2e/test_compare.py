"""`compare`: real runs held against each other, and everything that speaks against comparing them."""

import itertools
import json
import os
import signal
import threading
import time

import unittest

from harness import (ROOT, RawServer, Sim, TestCase, chunked, delta, event, load_json, reply,
                     sseprof, start, STREAM_HEAD)

REPLACED = os.path.join(ROOT, "tests", "data", "replaced")
# What a busy machine can bring about in any run.
MACHINE = {"client_limited", "drift"}
LOAD = ("--concurrency", 4, "--requests", 24, "--max-tokens", 24)


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


class CompareTest(TestCase):
    def setUp(self):
        super().setUp()
        self.numbers = itertools.count(1)

    def run_of(self, url, *args, variant=None, expect=0):
        """The record file of a run."""
        records = self.path(f"run{next(self.numbers)}.jsonl")
        process = sseprof("run", "--base-url", url, "--model", "m", "--quiet", "--records", records,
                          *(("--label", f"variant={variant}") if variant else ()),
                          *(LOAD if "--concurrency" not in args else ()),
                          *(() if "--prompt-file" in args or "--prompt" in args else
                            ("--prompt", "x")), *args)
        self.assertEqual(process.returncode, expect, process.stderr)
        return records

    def compare(self, *args):
        """(process, what --out holds)"""
        out = self.path("compare.json")
        process = sseprof("compare", *args, "--out", out)
        self.assertEqual(process.stderr, "")
        return process, load_json(out)

    def reasons(self, *args):
        return {reason["code"]: reason for reason in self.compare(*args)[1]["reasons"]}

    def assert_reasons(self, codes, *args):
        self.assertEqual(set(self.reasons(*args)) - MACHINE, set(codes))


def pace(*args):
    return Sim("--model", "m", "--itl-ms", 3, "--ttft-ms", 8, *args)


class Verdicts(CompareTest):
    def repeats(self, *servers):
        """Three runs of each server in turns; the files of each."""
        turns = [[self.run_of(sim.url, variant=name) for name, sim in servers] for _ in range(3)]
        return [file for files in zip(*turns) for file in files]

    def test_a_slower_server_is_worse_and_a_faster_one_better(self):
        with Sim("--model", "m", "--itl-ms", 3, "--ttft-ms", 10) as fast, \
                Sim("--model", "m", "--itl-ms", 6, "--ttft-ms", 20) as slow:
            files = self.repeats(("fast", fast), ("slow", slow))
        process, found = self.compare(*files)
        self.assertEqual(process.returncode, 4, process.stdout)
        self.assertEqual(found["verdict"], "worse")
        self.assertEqual([v["name"] for v in found["variants"]], ["fast", "slow"])
        cells = {(c["metric"], c["statistic"]): c for c in found["pairs"][0]["cells"]}
        itl = cells["itl", "p50"]
        self.assertEqual(itl["verdict"], "worse")
        self.assertAlmostEqual(itl["difference"]["percent"], 100, delta=10)
        self.assertIn("slow is worse than fast: ", process.stdout)
        self.assertIn("3 runs per variant; unit: the run.", process.stdout)

        again, turned = self.compare(*files, "--baseline", "slow")
        self.assertEqual(turned["baseline"], "slow")
        self.assertNotEqual(again.returncode, 4, again.stdout)
        for metric, statistic in (("itl", "p50"), ("latency", "p50"), ("decode_tps", "rate")):
            cell = [c for c in turned["pairs"][0]["cells"]
                    if (c["metric"], c["statistic"]) == (metric, statistic)][0]
            self.assertEqual(cell["verdict"], "better", cell)
        by_file, _ = self.compare(*files, "--baseline", files[-1])
        self.assertEqual(by_file.stdout, again.stdout)

    def test_the_same_bytes_on_every_run(self):
        with pace() as sim:
            files = [self.run_of(sim.url, variant=name) for name in "abab"]
        outputs = []
        for i in range(2):
            out, markdown = self.path(f"{i}.json"), self.path(f"{i}.md")
            text = sseprof("compare", *files, "--out", out, "--markdown", markdown).stdout
            outputs.append((text, read(out), read(markdown)))
        self.assertEqual(outputs[0], outputs[1])
        self.assertIn("\n## b against a", outputs[0][2])
        self.assertIn("b against a", outputs[0][0])

    def test_summaries_serve_where_there_are_repeats(self):
        with pace() as sim:
            summaries = []
            for name in "abab":
                summaries.append(self.path(f"s{next(self.numbers)}.json"))
                self.run_of(sim.url, "--out", summaries[-1], variant=name)
        _, found = self.compare(*summaries)
        self.assertEqual({r["from"] for v in found["variants"] for r in v["runs"]}, {"summary"})
        itl = [c for c in found["pairs"][0]["cells"]
               if (c["metric"], c["statistic"]) == ("itl", "p50")][0]
        self.assertIsNotNone(itl["difference"])

    def test_single_runs_with_records_say_what_they_cannot_see(self):
        with pace() as sim:
            a = self.run_of(sim.url, "--concurrency", 4, "--requests", 60, "--max-tokens", 48)
            b = self.run_of(sim.url, "--concurrency", 4, "--requests", 60, "--max-tokens", 48)
        process, found = self.compare(a, b)
        self.assertIn("run-to-run spread of 1 % (--run-noise)", found["pairs"][0]["limits"])
        itl = [c for c in found["pairs"][0]["cells"]
               if (c["metric"], c["statistic"]) == ("itl", "p50")][0]
        self.assertRegex(itl["rests_on"], r"^20 blocks of [\d.]+ s, [\d,]+ instants, [\d,]+ beyond")
        # At the assumed spread no single run can show sameness within 2 %.
        self.assertNotIn("same", {c["verdict"] for c in found["pairs"][0]["cells"]})
        self.assertIn(process.returncode, (4, 5))

    def test_json_and_markdown_on_stdout_take_the_place_of_the_text(self):
        a, b = (os.path.join(REPLACED, name) for name in sorted(os.listdir(REPLACED)))
        self.assertEqual(json.loads(sseprof("compare", a, b, "--out", "-").stdout)["kind"],
                         "compare")
        self.assertIn("| variant |", sseprof("compare", a, b, "--markdown", "-").stdout)


class ReplacedScript(CompareTest):
    def test_files_compare_as_the_old_report_did(self):
        nvfp4, bf16 = (os.path.join(REPLACED, f"qwen3_30b_bench_{name}_1gpu_c16_r64_mt256.json")
                       for name in ("nvfp4", "bf16"))
        process, found = self.compare(
            nvfp4, bf16, "--missing", "FP8=the server did not start: 401 from the model hub")
        self.assertEqual(process.returncode, 5)
        lines = process.stdout.split("\n\n")[1].split("\n")
        rows = {line.split()[0]: line.split()[1:] for line in lines}
        self.assertEqual(rows["nvidia/Qwen3-30B-A3B-NVFP4"][1:6],
                         ["5.7538", "632.9213", "1472.9804", "2.7731", "2.9285"])
        self.assertEqual(rows["Qwen/Qwen3-30B-A3B"][1:6],
                         ["5.3453", "587.9872", "1368.4067", "2.9831", "3.2879"])
        self.assertEqual(rows["FP8"][1:6], ["N/A"] * 5)
        self.assertIn("FP8: N/A: the server did not start: 401 from the model hub.", process.stdout)
        self.assertIn("no tail of either", process.stdout.replace("\n", " "))
        for cell in found["pairs"][0]["cells"]:
            self.assertIsNone(cell["difference"])
            self.assertEqual(cell["verdict"], "not_enough_data")
        self.assertEqual(found["missing"][0]["name"], "FP8")


class Reasons(CompareTest):
    """Each is provoked by a real pair of runs, and named."""

    def test_nothing_speaks_against_two_equal_runs(self):
        with pace() as sim:
            self.assert_reasons([], *[self.run_of(sim.url, variant=v) for v in "abab"])

    def test_other_prompts(self):
        with pace() as sim:
            self.assert_reasons(["prompts"], self.run_of(sim.url, "--prompt", "one"),
                                self.run_of(sim.url, "--prompt", "two"))

    def test_other_output_lengths(self):
        with pace("--eos-after", 10) as short, pace() as full:
            reasons = self.reasons(self.run_of(short.url), self.run_of(full.url))
        self.assertIn("the answers differ in length", reasons["output_lengths"]["message"])

    def test_another_load(self):
        with pace() as sim:
            usual = self.run_of(sim.url)
            for args, word in (
                    (("--concurrency", 2, "--requests", 24, "--max-tokens", 24), "streams"),
                    (("--concurrency", 4, "--requests", 48, "--max-tokens", 24), "in size"),
                    (("--concurrency", 4, "--requests", 24, "--max-tokens", 25), "tokens"),
                    (("--temperature", 0.5), "temperature"),
                    (("--no-stream",), "one streams")):
                messages = [r["message"] for r in
                            self.compare(usual, self.run_of(sim.url, *args))[1]["reasons"]
                            if r["code"] == "load"]
                self.assertEqual(len(messages), 1, (args, messages))
                self.assertIn(word, messages[0])

    def test_another_warm_up(self):
        with pace() as sim:
            summaries = self.path("a.json"), self.path("b.json")
            files = (self.run_of(sim.url, "--out", summaries[0]),
                     self.run_of(sim.url, "--warmup-requests", 8, "--out", summaries[1]))
        for pair in (files, summaries):
            self.assert_reasons(["warmup"], *pair)

    def test_failed_requests(self):
        def every_eighth_fails(connection, _, n):
            if n % 8 == 3:
                connection.sendall(reply(500, "{}"))
            else:
                stream(connection, 24, 0.001)
        with RawServer(every_eighth_fails) as bad, pace() as good:
            reasons = self.reasons(
                self.run_of(good.url), self.run_of(bad.url, "--max-error-rate", 1))
        self.assertEqual(reasons["errors"]["message"], "3 of 24 requests failed")
        self.assertEqual(reasons["errors"]["where"], self.path("run2.jsonl"))

    def test_prompts_from_the_cache(self):
        prompts = self.path("prompts.jsonl")
        with open(prompts, "w", encoding="utf-8") as file:
            for i in range(24):
                file.write(json.dumps({"prompt": f"question {i} " + "word " * 80}) + "\n")
        with Sim("--preset", "nvfp4", "--model", "m", "--prefix-cache") as sim:
            reasons = self.reasons(*[self.run_of(sim.url, "--prompt-file", prompts)
                                     for _ in range(2)])
        self.assertRegex(reasons["cache"]["message"], r": 0 % in .*, \d+ % in ")

    def test_another_server_version(self):
        def answer(connection, *_):
            stream(connection, 24, 0.001)
        with RawServer(answer, get=reply(200, '{"version": "0.13.0"}')) as old, \
                RawServer(answer, get=reply(200, '{"version": "0.14.0"}')) as new:
            reasons = self.reasons(self.run_of(old.url), self.run_of(new.url))
        self.assertIn("vllm 0.13.0 in", reasons["server"]["message"])

    def test_another_clock(self):
        with pace() as sim:
            reasons = self.reasons(self.run_of(sim.url),
                                   self.run_of(sim.url, "--timestamps", "user"))
        self.assertRegex(reasons["clock"]["message"], "kernel in .*, user in ")

    def test_a_client_that_was_the_limit(self):
        records = self.path("stopped.jsonl")
        with pace() as sim:
            usual = self.run_of(sim.url)
            process = start("run", "--base-url", sim.url, "--model", "m", "--prompt", "x", "--quiet",
                            "--records", records, *LOAD)
            # What comes while it is stopped is merged in its socket.
            while process.poll() is None:
                process.send_signal(signal.SIGSTOP)
                time.sleep(0.1)
                process.send_signal(signal.SIGCONT)
                time.sleep(0.02)
            process.communicate()
            reasons = self.reasons(usual, records)
        self.assertIn("client_limited", reasons)

    def test_an_interrupted_run(self):
        records = self.path("cut.jsonl")
        with pace() as sim:
            usual = self.run_of(sim.url)
            process = start("run", "--base-url", sim.url, "--model", "m", "--prompt", "x", "--quiet",
                            "--records", records, "--concurrency", 4, "--requests", 10000)
            deadline = time.monotonic() + 20
            while not os.path.exists(records) or os.path.getsize(records) < 20000:
                self.assertLess(time.monotonic(), deadline)
                time.sleep(0.01)
            process.send_signal(signal.SIGINT)
            process.communicate(timeout=20)
            reasons = self.reasons(usual, records)
        self.assertEqual(reasons["interrupted"]["where"], records)

    def test_a_drift_inside_a_run(self):
        began, lock = [], threading.Lock()

        def slowing(connection, *_):
            with lock:
                began.append(time.monotonic())
            step = 0.004 * (1 + 0.25 * (time.monotonic() - began[0]))
            stream(connection, 24, step)
        with RawServer(slowing) as server, pace() as sim:
            load = ("--concurrency", 4, "--requests", 80, "--max-tokens", 24)
            reasons = self.reasons(self.run_of(sim.url, *load), self.run_of(server.url, *load))
        self.assertEqual(reasons["drift"]["where"], self.path("run2.jsonl"))
        self.assertIn("the typical gap grows by", reasons["drift"]["message"])

    def test_repeats_that_did_not_take_turns(self):
        with pace() as sim:
            self.assert_reasons(["order"], *[self.run_of(sim.url, variant=v) for v in "aabb"])

    def test_strict_ends_with_1_and_still_writes_everything(self):
        with pace() as sim:
            files = [self.run_of(sim.url, "--prompt", "one"), self.run_of(sim.url)]
        process, found = self.compare(*files, "--strict")
        self.assertEqual(process.returncode, 1)
        self.assertEqual(found["reasons"][0]["code"], "prompts")
        self.assertIn("Before you trust it", process.stdout)


class BadInput(CompareTest):
    def check(self, args, *words):
        self.assert_one_line(sseprof("compare", *args), 2, *words)

    def test_files_that_hold_no_run(self):
        good = os.path.join(REPLACED, os.listdir(REPLACED)[0])
        for content, word in (("", "holds no run"), ("{}", "'endpoint' is not a string"),
                              ("[1]", "not a JSON object"), ("{\"a\":", "holds no run"),
                              ("{\"sseprof_records\": 2}\n", ":1:"), ("\x00\xff", "holds no run")):
            bad = self.path("bad")
            with open(bad, "w", encoding="latin-1") as file:
                file.write(content)
            self.check((good, bad), bad, word)
        self.check((good, self.path("none")), "cannot read", "none")
        self.check((good, self.folder), "cannot read", self.folder)

    def test_too_few_variants(self):
        good = os.path.join(REPLACED, os.listdir(REPLACED)[0])
        self.check((), "FILES")
        self.check((good,), "all runs are of one variant")
        self.check((good, good), "given twice")

    def test_options(self):
        a, b = (os.path.join(REPLACED, name) for name in os.listdir(REPLACED))
        self.check((a, b, "--by", "gpu"), "--by", "has no label 'gpu'")
        self.check((a, b, "--baseline", "FP8"), "--baseline", "give one of")
        self.check((a, b, "--margin", "0"), "--margin", "from 0.01 to 100")
        self.check((a, b, "--run-noise", "x"), "--run-noise")
        self.check((a, b, "--out", self.path("none/x.json")), "none")
        self.check((a, b, "--missing", "=x"), "--missing")


def stream(connection, tokens, step_s):
    """A good answer of so many tokens."""
    connection.sendall(STREAM_HEAD)
    due = time.monotonic()
    for i in range(tokens):
        due += step_s
        time.sleep(max(0, due - time.monotonic()))
        connection.sendall(chunked(event(delta("x", "length" if i == tokens - 1 else None))))
    usage = {"id": "c-1", "choices": [],
             "usage": {"prompt_tokens": 5, "completion_tokens": tokens}}
    connection.sendall(chunked(event(usage)) + chunked(event(b"[DONE]")) + b"0\r\n\r\n")


if __name__ == "__main__":
    unittest.main()
