"""`run --repeat N`: runs that are whole, one after another, and what ends them."""

import json
import os
import re
import shutil
import signal
import time
import unittest

from harness import (STREAM_HEAD, RawServer, TestCase, chunked, delta, event, good_stream,
                     load_json, load_records, reply, request_json, send_stream, sseprof, start)
from live_run import LiveRun, live_counts, pace


def good_server(**more):
    return RawServer(lambda c, r, n: send_stream(c, good_stream()), **more)


class RepeatCase(TestCase):
    """Runs whose files are out.K.json and run.K.jsonl."""

    def arguments(self, url, *args):
        return ("run", "--base-url", url, "--prompt", "x", "--quiet", "--out",
                self.path("out.json"), "--records", self.path("run.jsonl"), *args)

    def repeat(self, url, *args):
        return sseprof(*self.arguments(url, "--model", "m", *args))

    def begin(self, url, *args):
        process = start(*self.arguments(url, "--model", "m", *args))
        for end in (process.stderr.close, process.stdout.close, process.wait, process.kill):
            self.addCleanup(end)
        return process

    def summary(self, number):
        return load_json(self.path(f"out.{number}.json"))

    def records(self, number):
        return load_records(self.path(f"run.{number}.jsonl"))

    def files(self):
        return sorted(os.listdir(self.folder))

    def assert_runs(self, *numbers):
        """There are the files of these runs, and no others."""
        self.assertEqual(self.files(), sorted([f"out.{n}.json" for n in numbers] +
                                              [f"run.{n}.jsonl" for n in numbers]))

    def await_file(self, name):
        until = time.monotonic() + 20
        while not os.path.exists(self.path(name)):
            self.assertLess(time.monotonic(), until, self.files())
            time.sleep(0.01)


class WholeRuns(RepeatCase):
    def test_each_has_its_own_id_start_and_files(self):
        models = reply(200, json.dumps({"data": [{"id": "only"}]}))
        with good_server(get=models) as server:
            process = sseprof(*self.arguments(server.url, "--requests", 4, "--concurrency", 2,
                                              "--warmup-requests", 1, "--repeat", 3))
            self.assertEqual(process.returncode, 0, process.stderr)
            asked = [request.split(b" ")[1] for request in server.gets]
        self.assertEqual(process.stderr, "")
        once = [path for path in asked if path != b"/metrics"]
        self.assertEqual(len(once), len(set(once)), asked)  # not once a run
        self.assert_runs(1, 2, 3)
        summaries = [self.summary(number) for number in (1, 2, 3)]
        self.assertEqual(len({s["run"]["id"] for s in summaries}), 3)
        started = [s["run"]["started_at"] for s in summaries]
        self.assertEqual(started, sorted(started))
        for number, summary in enumerate(summaries, 1):
            context, requests, end = self.records(number)
            self.assertEqual((summary["ok"], summary["model"]), (4, "only"))
            self.assertEqual(context["run_id"], summary["run"]["id"])
            self.assertEqual([r["n"] for r in requests], list(range(5)))
            self.assertEqual([r["warmup"] for r in requests], [True] + [False] * 4)
            self.assertEqual(sum(not r["reused"] for r in requests), 2)
            self.assertIsNotNone(end)
            self.assertEqual(context["options"]["repeat"], "3")
            self.assertIn("--repeat", summary["run"]["command"])
            self.assertIn(self.path("out.json"), summary["run"]["command"])  # as it was given
            again = self.path("again.json")
            report = sseprof("report", self.path(f"run.{number}.jsonl"), "--out", again)
            self.assertEqual(report.returncode, 0, report.stderr)
            self.assertEqual(load_json(again), summary)

    def test_prompts_come_in_the_same_order(self):
        prompts = self.path("p.jsonl")
        with open(prompts, "w", encoding="utf-8") as file:
            file.writelines(json.dumps({"prompt": f"p{i}"}) + "\n" for i in range(9))
        with good_server() as server:
            process = sseprof("run", "--base-url", server.url, "--model", "m", "--quiet",
                              "--prompt-file", prompts, "--shuffle", "--requests", 7,
                              "--concurrency", 1, "--repeat", 2)
        self.assertEqual(process.returncode, 0, process.stderr)
        order = [request_json(r)["messages"][0]["content"] for r in server.requests]
        self.assertEqual((len(order), order[:7]), (14, order[7:]))

    def test_reports_are_headed_by_their_run(self):
        with good_server() as server:
            load = ("run", "--base-url", server.url, "--model", "m", "--requests", 1, "--quiet")
            twice, once = sseprof(*load, "--repeat", 2), sseprof(*load)
        heads = [(m.group(1), m.group(2))
                 for m in re.finditer(r"^(run .*)\n(m at )", twice.stdout, re.MULTILINE)]
        self.assertEqual(heads, [("run 1 of 2", "m at "), ("run 2 of 2", "m at ")])
        self.assertTrue(once.stdout.startswith("m at "), once.stdout)

    def test_names_get_the_number_before_the_extension(self):
        os.mkdir(self.path("a.b"))
        with good_server() as server:
            process = sseprof("run", "--base-url", server.url, "--model", "m", "--requests", 1,
                              "--quiet", "--repeat", 2, "--out", self.path("a.b/x"), "--records",
                              self.path("a.b/x.y.jsonl"), "--metrics-openmetrics",
                              self.path("a.b/x.om"))
        self.assertEqual(process.returncode, 0, process.stderr)
        self.assertEqual(self.files(), ["a.b"])
        self.assertEqual(sorted(os.listdir(self.path("a.b"))),
                         ["x.1", "x.1.om", "x.2", "x.2.om", "x.y.1.jsonl", "x.y.2.jsonl"])
        for number in (1, 2):
            with open(self.path(f"a.b/x.{number}.om"), encoding="utf-8") as file:
                runs = set(re.findall(r'run="(\w+)"', file.read()))
            self.assertEqual(runs, {load_json(self.path(f"a.b/x.{number}"))["run"]["id"]})

    def test_a_pause_lies_between_them(self):
        with good_server() as server:
            process = self.repeat(server.url, "--requests", 2, "--repeat", 2, "--repeat-pause",
                                  "700ms")
        self.assertEqual(process.returncode, 0, process.stderr)
        ended = max(r["start_ns"] + r["closed_ns"] for r in self.records(1)[1])
        began = min(r["start_ns"] for r in self.records(2)[1])
        self.assertGreaterEqual(began - ended, 700_000_000)

    def test_processor_time_is_that_of_the_run(self):
        posts = []
        long = good_stream([delta("x")] * 5000 + [delta("", "stop")])

        def long_at_first(connection, request, n):
            posts.append(n)
            send_stream(connection, long if len(posts) <= 20 else good_stream())

        with RawServer(long_at_first) as server:
            process = self.repeat(server.url, "--requests", 20, "--repeat", 2)
        self.assertEqual(process.returncode, 0, process.stderr)
        first, second = (self.summary(number)["client"]["cpu_s"] for number in (1, 2))
        self.assertLess(second, first)


class BadUsage(RepeatCase):
    def test_stdout_holds_one_summary(self):
        self.assert_one_line(sseprof("run", "--base-url", "http://127.0.0.1:1", "--repeat", 2,
                                     "--out", "-"), 2, "--out", "--repeat")

    def test_a_pause_needs_another_run(self):
        self.assert_one_line(sseprof("run", "--base-url", "http://127.0.0.1:1", "--repeat-pause",
                                     "1s"), 2, "--repeat-pause", "--repeat 2")

    def test_every_output_is_checked_before_the_first_run(self):
        for name in ("out.3.json", "run.3.jsonl"):
            os.mkdir(self.path(name))
            with good_server() as server:
                process = self.repeat(server.url, "--requests", 1, "--repeat", 3)
            self.assert_one_line(process, 2, name)
            self.assertEqual((server.requests, self.files()), ([], [name]))
            os.rmdir(self.path(name))


class Failures(RepeatCase):
    def test_failed_requests_do_not_end_the_runs(self):
        posts = []

        def third_fails(connection, request, n):
            posts.append(n)
            connection.sendall(reply(500, '{"error":"a\\nb"}')) if len(posts) == 3 else \
                send_stream(connection, good_stream())

        with RawServer(third_fails) as server:
            process = self.repeat(server.url, "--requests", 2, "--concurrency", 1, "--repeat", 3)
        self.assertEqual(process.returncode, 1, process.stderr)
        self.assert_runs(1, 2, 3)
        self.assertEqual([(self.summary(n)["ok"], self.summary(n)["errors"]) for n in (1, 2, 3)],
                         [(2, 0), (1, 1), (2, 0)])
        self.assertEqual(process.stderr.count("\n"), 1, process.stderr)
        self.assertIn("sseprof: run 2 of 3: 1 of 2 requests failed (1 http_5xx)", process.stderr)

    def test_each_failure_is_told_when_it_happens(self):
        with RawServer(lambda c, r, n: c.sendall(reply(500, "{}"))) as server:
            process = self.begin(server.url, "--requests", 1, "--repeat", 2, "--repeat-pause",
                                 "30s")
            self.assertIn("run 1 of 2: 1 of 1 requests failed", process.stderr.readline())
            self.assert_runs(1)
            process.send_signal(signal.SIGINT)
            self.assertEqual(process.wait(timeout=5), 130)

    def test_a_server_that_never_answers_ends_them(self):
        with RawServer(lambda c, r, n: False) as server:
            process = self.repeat(server.url, "--requests", 1, "--repeat", 3)
        self.assertEqual(process.returncode, 3, process.stderr)
        self.assert_runs(1)
        self.assertEqual(process.stderr.count("\n"), 1, process.stderr)
        for words in ("run 1 of 3: no request got an answer", "the runs after it are left out"):
            self.assertIn(words, process.stderr)

    def test_a_server_that_is_gone_in_a_later_run_ends_them(self):
        posts = []

        def dies(connection, request, n):
            posts.append(n)
            if len(posts) > 2:
                return False
            connection.sendall(reply(500, "{}")) if len(posts) == 1 else \
                send_stream(connection, good_stream())

        with RawServer(dies) as server:
            process = self.repeat(server.url, "--requests", 2, "--concurrency", 1, "--repeat", 3)
        self.assertEqual(process.returncode, 3, process.stderr)
        self.assert_runs(1, 2)
        self.assertRegex(process.stderr, r"run 1 of 3: 1 of 2 .*\n.*run 2 of 3: no request got .*\n$")

    def test_an_output_that_is_gone_ends_them(self):
        os.mkdir(self.path("sub"))
        with good_server() as server:
            process = start("run", "--base-url", server.url, "--model", "m", "--requests", 1,
                            "--quiet", "--repeat", 3, "--repeat-pause", "1s", "--out",
                            self.path("out.json"), "--records", self.path("sub/run.jsonl"))
            self.await_file("out.1.json")
            shutil.rmtree(self.path("sub"))
            _, said = process.communicate(timeout=20)
        self.assertEqual(process.returncode, 2, said)
        self.assertEqual(self.files(), ["out.1.json"])
        self.assertEqual(said.count("\n"), 1, said)
        self.assertIn("run 2 of 3: ", said)
        self.assertIn("sub/run.2.jsonl", said)


class Signals(RepeatCase):
    def test_an_interrupt_ends_the_run_that_is_on_and_all_after_it(self):
        posts = []

        def second_waits(connection, request, n):
            posts.append(n)
            if len(posts) == 1:
                return send_stream(connection, good_stream())
            connection.sendall(STREAM_HEAD + chunked(event(delta("Hello"))))
            time.sleep(5)

        with RawServer(second_waits) as server:
            process = self.begin(server.url, "--requests", 1, "--repeat", 3)
            while len(posts) < 2:
                time.sleep(0.01)
            time.sleep(0.1)
            process.send_signal(signal.SIGINT)
            _, said = process.communicate(timeout=5)
        self.assertEqual((process.returncode, said), (130, ""))
        self.assert_runs(1, 2)
        self.assertFalse(self.summary(1)["run"]["interrupted"])
        self.assertTrue(self.summary(2)["run"]["interrupted"])
        self.assertEqual(self.summary(2)["failures"], {"cancelled": 1})
        self.assertIsNotNone(self.records(2)[2])

    def test_an_interrupt_ends_a_pause_at_once(self):
        for number, status in ((signal.SIGINT, 130), (signal.SIGTERM, 143)):
            with good_server() as server:
                process = self.begin(server.url, "--requests", 1, "--repeat", 2, "--repeat-pause",
                                     "60s")
                self.await_file("out.1.json")
                process.send_signal(number)
                process.communicate(timeout=5)
            self.assertEqual(process.returncode, status)
            self.assert_runs(1)
            self.assertFalse(self.summary(1)["run"]["interrupted"])
            os.remove(self.path("out.1.json"))


class Metrics(TestCase):
    """What a scraper sees of several runs at one address."""

    LOAD = ("--concurrency", 4, "--requests", 8, "--max-tokens", 20, "--warmup-requests", 2)

    def summary(self, number):
        return load_json(self.path(f"run.{number}.json"))

    @staticmethod
    def runs_on(page):
        return [labels["run"] for labels, _ in page.find("sseprof_run_info")]

    @staticmethod
    def ended(page, run):
        return bool(page.find("sseprof_phase", run=run, phase="done")) and \
            page.value("sseprof_phase", run=run, phase="done") == 1

    def scraped(self, *args, every=0.15):
        with pace() as sim, LiveRun(sim.url, self.folder, *self.LOAD, "--repeat", 2,
                                    *args) as run:
            pages = run.scrape_to_end(every)
            self.assertEqual(run.finish(), 0, run.said)
        self.assertEqual(sum("metrics on" in line for line in run.said), 1, run.said)
        return pages

    def assert_counts(self, page, number):
        summary = self.summary(number)
        run = summary["run"]["id"]
        requests = load_records(self.path(f"run.{number}.jsonl"))[1]
        for name, value in live_counts(summary, requests).items():
            self.assertEqual(page.value("sseprof_" + name, run=run), value, (number, name))
        for labels, value in page.find("sseprof_request_failures_total", run=run):
            self.assertEqual(value, summary["failures"].get(labels["reason"], 0), labels)
        for quantile, key in (("0.5", "p50"), ("0.99", "p99")):
            self.assertAlmostEqual(
                page.value("sseprof_run_inter_token_latency_seconds", run=run, quantile=quantile) /
                summary["itl_s"][key], 1, 12)

    def test_counts_are_those_of_each_runs_summary(self):
        pages = self.scraped()
        for number in (1, 2):
            run = self.summary(number)["run"]["id"]
            self.assert_counts([page for page in pages if run in self.runs_on(page)][-1], number)

    def test_the_next_run_begins_when_the_end_of_the_one_before_was_seen(self):
        pages = self.scraped(every=0.4)
        first, second = (self.summary(number)["run"]["id"] for number in (1, 2))
        shown = [self.runs_on(page) for page in pages]
        self.assertEqual(shown, sorted(shown, key=[[first], [second]].index))
        self.assertIn([second], shown)
        last = [page for page in pages if self.runs_on(page) == [first]][-1]
        self.assertTrue(self.ended(last, first))

    def test_an_end_that_was_not_seen_stays_beside_the_next_run(self):
        pages = self.scraped("--metrics-linger", "0s")
        first, second = (self.summary(number)["run"]["id"] for number in (1, 2))
        both = [page for page in pages if self.runs_on(page) == [first, second]]
        self.assertLessEqual(len(both), 1)  # none if a scrape hit the end by chance
        seen = [page for page in pages if first in self.runs_on(page)][-1]
        self.assertTrue(self.ended(seen, first))
        self.assert_counts(seen, 1)

    def test_the_load_waits_for_a_scrape_before_the_first_run_only(self):
        with pace() as sim, LiveRun(sim.url, self.folder, *self.LOAD, "--repeat", 2,
                                    "--metrics-wait", "300ms") as run:
            self.assertEqual(run.finish(), 0, run.said)
        self.assertEqual(sum("nobody" in line for line in run.said), 1, run.said)

    def test_an_interrupt_ends_the_wait_between_two_runs_and_the_runs(self):
        with pace() as sim, LiveRun(sim.url, self.folder, *self.LOAD, "--repeat", 2,
                                    "--metrics-linger", "60s") as run:
            run.wait_for(lambda page: self.ended(page, self.runs_on(page)[0]))
            until = time.monotonic() + 10
            while not os.path.exists(self.path("run.1.json")) and time.monotonic() < until:
                time.sleep(0.01)
            run.interrupt()
            self.assertEqual(run.finish(5), 130, run.said)
        self.assertFalse(self.summary(1)["run"]["interrupted"])
        self.assertEqual(sorted(os.listdir(self.folder)), ["run.1.json", "run.1.jsonl"])


if __name__ == "__main__":
    unittest.main()
