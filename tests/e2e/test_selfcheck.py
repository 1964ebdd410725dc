"""`sseprof selfcheck`: what it says of the machine that the test runs on is not the test's business,
but that it is whole, that it fits its schema, and that it sees what is put in its way."""

import glob
import json
import os
import signal
import time
import unittest

import jsonschema

from harness import ROOT, TestCase, load_json, sseprof, start

SCHEMA = load_json(os.path.join(ROOT, "src", "selfcheck", "selfcheck.schema.json"))
# What a busy test machine may do to a check that is otherwise fine.
MACHINE = {"machine_busy", "server_preempted", "server_late", "client_limited", "clock_rejected"}
SMALL = ("--concurrency", 8, "--requests", 16, "--tokens", 20, "--itl-ms", 10)


class Checks(TestCase):
    """What the tests below share."""

    def check(self, *args, **more):
        """(process, JSON) of a run."""
        process = sseprof("selfcheck", "--json", *args, **more)
        self.assertIn(process.returncode, (0, 1), process.stderr)
        result = json.loads(process.stdout)
        jsonschema.validate(result, SCHEMA)
        self.assertEqual(process.returncode == 0, result["verdict"] == "ok")
        self.assertEqual(result["reason"] is None, result["verdict"] == "ok")
        self.assertEqual(result["advice"] is None, result["verdict"] == "ok")
        return process, result

    def codes(self, result):
        return {problem["code"] for problem in result["problems"]}


class Selfcheck(Checks):
    def test_all_is_ok_or_the_machine_is_not(self):
        _, result = self.check(*SMALL, "--max-error-us", 1e9)
        self.assertLessEqual(self.codes(result), MACHINE, result["problems"])
        self.assertEqual([(run["phase"], run["timestamps"]) for run in result["runs"]],
                         [("uniform", "kernel"), ("uniform", "user"),
                          ("step", "kernel"), ("step", "user")])
        for run in result["runs"]:
            # Each answer: the role, 20 tokens, usage, [DONE].
            self.assertEqual(run["events"], 16 * 23)
            self.assertEqual((run["requests"], run["failed"]), (16, 0))
            self.assertEqual((run["itl_ms"]["count"], run["ttft_ms"]["count"]), (16 * 19, 16))
            self.assertLessEqual(run["judged_events"], run["events"])
            self.assertAlmostEqual(run["judged_share"], run["judged_events"] / run["events"])
            self.assertGreater(run["cpu_s"], 0)
            self.assertGreater(run["wall_s"], 0.2)
            for name in ("bracket_us", "error_us"):
                self.assertLessEqual(run[name]["p50"], run[name]["p99"])
                self.assertLessEqual(run[name]["p99"], run[name]["max"])
            self.assertAlmostEqual(run["itl_ms"]["p50"]["true"], 10, delta=5)
            self.assertGreaterEqual(run["ttft_ms"]["p50"]["true"], 200)
            self.assertGreater(run["ttft_ms"]["p50"]["measured"], run["ttft_ms"]["p50"]["true"])
        for run in result["runs"][::2]:
            self.assertGreaterEqual(run["contained_share"], 0.999)

    def test_an_error_above_what_is_allowed(self):
        # Sends and stamps agree to the nanosecond nowhere.
        process, result = self.check(*SMALL, "--phase", "uniform", "--max-error-us", 0.000001)
        self.assertEqual(process.returncode, 1)
        self.assertIn("inaccurate", self.codes(result))
        self.assertTrue(all(run["phase"] == "uniform" for run in result["runs"]))

    def test_a_client_that_comes_late(self):
        _, result = self.check("--concurrency", 16, "--requests", 16, "--tokens", 20, "--phase",
                               "step", "--max-error-us", 1e9,
                               env={"SSEPROF_TEST_READ_DELAY": "5ms"})
        self.assertIn("client_limited", self.codes(result))
        kernel, user = result["runs"]
        self.assertGreater(kernel["coalesced_share"], 0.05)
        self.assertEqual(kernel["client_verdict"], "client_limited")
        self.assertGreaterEqual(kernel["contained_share"], 0.999)
        self.assertGreater(user["error_us"]["p50"], 4000)
        self.assertEqual([note["code"] for note in result["notes"]
                          if note["code"] == "user_late"], ["user_late"])

    def test_a_check_that_is_too_small(self):
        _, result = self.check("--concurrency", 1, "--requests", 1, "--tokens", 5, "--phase",
                               "step")
        self.assertIn("too_few", self.codes(result))

    def test_the_text(self):
        process = sseprof("selfcheck", *SMALL, "--phase", "step")
        self.assertIn(process.returncode, (0, 1), process.stderr)
        lines = process.stdout.splitlines()
        self.assertIn("8 streams, 16 requests of 20 tokens, one every 10 ms after 200 ms", lines)
        self.assertEqual(sum(line.startswith("step    kernel") for line in lines), 5)
        self.assertEqual(sum(line.startswith("step    user") for line in lines), 5)
        self.assertEqual(sum(line.startswith("verdict") for line in lines), 1)
        self.assertEqual("verdict  ok" in lines, process.returncode == 0)
        self.assertLessEqual(max(map(len, lines)), 100)
        self.assertEqual(process.stderr.count("\n"), 2)

    def test_each_side_has_cores_of_its_own(self):
        _, result = self.check("--concurrency", 4, "--requests", 4, "--tokens", 30, "--phase",
                               "step")
        allowed = sorted(os.sched_getaffinity(0))
        cores = result["cores"]
        if len(allowed) > 1:
            self.assertEqual(cores, {"server": allowed[:1], "client": allowed[1:],
                                     "shared": False})

    def test_one_core_for_both(self):
        core = min(os.sched_getaffinity(0))
        _, result = self.check("--concurrency", 4, "--requests", 4, "--tokens", 30, "--phase",
                               "step", preexec_fn=lambda: os.sched_setaffinity(0, {core}))
        self.assertEqual(result["cores"], {"server": [core], "client": [core], "shared": True})
        self.assertIn("one_core", [note["code"] for note in result["notes"]])


class Limit(Checks):
    def test_the_bound_is_kept(self):
        process, result = self.check("--find-limit", "--concurrency", 4, "--max-concurrency", 12,
                                     "--itl-ms", 10, "--tokens", 20, "--phase", "uniform",
                                     "--max-error-us", 1e9)
        limit = result["limit"]
        self.assertEqual(limit["bound"], 12)
        self.assertEqual(process.stderr.count("\n"), len(limit["probes"]))
        self.assertEqual(limit["probes"][0]["concurrency"], 4)
        self.assertLessEqual(max(probe["concurrency"] for probe in limit["probes"]), 12)
        self.assertEqual(result["concurrency"],
                         limit["concurrency"] or limit["probes"][-1]["concurrency"])
        self.assertEqual(result["requests"], result["concurrency"])
        if result["verdict"] == "ok":
            self.assertGreater(limit["concurrency"], 0)

    def test_nothing_is_good_enough(self):
        process, result = self.check("--find-limit", "--concurrency", 2, "--itl-ms", 5, "--tokens",
                                     40, "--phase", "uniform", "--max-error-us", 0.000001)
        self.assertEqual(process.returncode, 1)
        limit = result["limit"]
        tried = [probe["concurrency"] for probe in limit["probes"]]
        # A busy machine ends it at once.
        ended = limit["probes"][-1]["verdict"] == "machine_busy"
        self.assertIn(tried, [[2, 2], [2, 2, 1, 1]] if ended else [[2, 2, 1, 1]])
        self.assertEqual((limit["concurrency"], limit["first_bad"]), (0, tried[-1]))
        self.assertTrue(all(probe["reason"] for probe in limit["probes"]))

    def test_the_text(self):
        process = sseprof("selfcheck", "--find-limit", "--concurrency", 2, "--max-concurrency", 2,
                          "--itl-ms", 5, "--tokens", 40, "--phase", "step")
        self.assertRegex(process.stdout, r"(?m)^limit    (2 streams|1 streams; not 2|none; not [12])")
        self.assertRegex(process.stderr, r"^ +2 streams: off by ")


class Ends(TestCase):
    """What is left when it ends, however it ends."""

    def leftovers(self):
        files = glob.glob(os.path.join(self.folder, "*"))
        sims = []
        for path in glob.glob("/proc/[0-9]*/environ"):
            try:
                with open(path, "rb") as file:
                    if ("TMPDIR=" + self.folder).encode() in file.read().split(b"\0"):
                        sims.append(path)
            except OSError:
                pass
        return files + sims

    def assert_nothing_left(self):
        deadline = time.monotonic() + 10
        while self.leftovers() and time.monotonic() < deadline:
            time.sleep(0.05)
        self.assertEqual(self.leftovers(), [])

    def started(self):
        process = start("selfcheck", "--tokens", 1000, env={"TMPDIR": self.folder})
        self.assertIn("streams", process.stderr.readline())
        time.sleep(0.5)
        self.assertGreaterEqual(len(self.leftovers()), 2)
        return process

    def test_signals(self):
        for number in (signal.SIGINT, signal.SIGTERM):
            process = self.started()
            process.send_signal(number)
            out, err = process.communicate(timeout=20)
            self.assertEqual(process.returncode, 128 + number, err)
            self.assertEqual(out, "")
            self.assertIn("interrupted", err)
            self.assert_nothing_left()

    def test_a_killed_one_takes_its_server_along(self):
        process = self.started()
        process.kill()
        process.communicate(timeout=20)
        self.assert_nothing_left()

    def test_a_good_one(self):
        sseprof("selfcheck", *SMALL, "--phase", "step", env={"TMPDIR": self.folder})
        self.assert_nothing_left()


class Usage(TestCase):
    def test_what_cannot_be(self):
        for args, word in [
            (["--concurrency", 0], "--concurrency"),
            (["--concurrency", 30000], "--concurrency"),
            (["--phase", "both", "--phase", "step"], "--phase"),
            (["--phase", "odd"], "--phase"),
            (["--itl-ms", 0], "--itl-ms"),
            (["--tokens", 1], "--tokens"),
            (["--max-error-us", "-1"], "--max-error-us"),
            (["--threads", 17], "--threads"),
            (["--find-limit", "--requests", 5], "--requests"),
            (["--max-concurrency", 50], "--find-limit"),
            (["--find-limit", "--max-concurrency", 8], "--max-concurrency"),
            (["--base-url", "http://127.0.0.1:1"], "--base-url"),
            (["more"], "more"),
        ]:
            with self.subTest(args):
                self.assert_one_line(sseprof("selfcheck", *args, timeout=20), 2, word)

    def test_no_room_for_the_log(self):
        process = sseprof("selfcheck", env={"TMPDIR": self.path("none")}, timeout=20)
        self.assertEqual(process.returncode, 2)
        self.assertIn("TMPDIR", process.stderr.splitlines()[-1])

    def test_what_holds(self):
        for args, lines in [
            ([], ['concurrency = "16"', 'tokens = "100"', 'requests = "30"', 'threads = "1"',
                  'phase = "both"', 'max-error-us = "100"']),
            (["--concurrency", 1], ['requests = "4"']),
            (["--concurrency", 200], ['requests = "200"']),
            (["--find-limit", "--itl-ms", 50], ['tokens = "40"']),
        ]:
            process = sseprof("selfcheck", "--print-config", *args, timeout=20)
            self.assertEqual(process.returncode, 0, process.stderr)
            for line in lines:
                self.assertIn(line, process.stdout.splitlines())

    def test_a_config_file(self):
        with open(self.path("c"), "w", encoding="utf-8") as file:
            file.write("[selfcheck]\nconcurrency = 3\n[run]\nconcurrency = 4\n")
        process = sseprof("selfcheck", "--config", self.path("c"), "--print-config", timeout=20)
        self.assertIn('concurrency = "3"', process.stdout.splitlines())


if __name__ == "__main__":
    unittest.main()
