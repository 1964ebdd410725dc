"""What a scrape of `run --metrics-listen` holds, and how long it can be had."""

import math
import os
import time
import unittest

from harness import RawServer, TestCase, good_stream, send_stream
from live_run import LiveRun, pace, phase

KEY = "sk-topsecret/123+456=="
MEASURED = {"ttft_s": "time_to_first_token", "itl_s": "inter_token_latency",
            "latency_s": "e2e_request_latency", "tpot_s": "request_time_per_output_token"}
ONE_SCRAPE = ("--requests", 1, "--max-tokens", 4, "--metrics-wait", "10s",
              "--metrics-linger", "0s")
STOPPING = 0.7  # seconds that it may take until the page and the process are gone
QUANTILES = {"0.5": "p50", "0.9": "p90", "0.95": "p95", "0.99": "p99", "0.999": "p999"}


class Page(TestCase):
    """What a scrape holds."""

    def test_everything_is_there_at_0_before_the_load_and_right_at_the_end(self):
        with pace() as sim, LiveRun(sim.url, self.folder, "--concurrency", 4, "--requests", 12,
                                    "--max-tokens", 20, "--metrics-wait", "10s",
                                    "--label", "variant=v1", "--slo", "ttft=70ms") as run:
            first = run.scrape()
            last = run.scrape_to_end()[-1]
            self.assertEqual(run.finish(), 0, run.said)
        self.assert_nothing_yet(first)
        self.assertEqual(first.samples.keys(), last.samples.keys())
        self.assertEqual(phase(last), "done")
        self.assert_well_formed(last)
        self.assert_exact_quantiles(last, run.summary)
        self.assertEqual(last.value("sseprof_requests_completed_total"), 12)
        met = sum(r["event_ns"][r["kinds"].index("v")] <= 70_000_000 for r in run.requests)
        self.assertEqual(last.value("sseprof_requests_within_slo_total"), met)
        self.assertEqual(last.value("sseprof_slo_seconds", slo="ttft"), 0.07)

    def assert_nothing_yet(self, page):
        self.assertIsNone(phase(page))
        self.assertEqual(page.value("sseprof_run_info", mode="closed", model="m"), 1)
        self.assertEqual(page.value("sseprof_target_concurrency"), 4)
        self.assertEqual(page.value("sseprof_target_requests_per_second"), 0)
        self.assertEqual(len(page.find("sseprof_request_failures_total")), 14)
        for (name, labels), value in page.samples.items():
            kind = page.types[page.family(name)]
            if "quantile" in dict(labels) and name.startswith("sseprof_"):
                self.assertTrue(math.isnan(value), (name, labels))
            elif name.startswith("sseprof_") and kind != "gauge":
                self.assertEqual(value, 0, (name, labels))
        for name in ("run_start_timestamp_seconds", "run_end_timestamp_seconds",
                     "run_elapsed_seconds", "requests_in_flight", "connections_open"):
            self.assertEqual(page.value("sseprof_" + name), 0, name)

    def assert_well_formed(self, page):
        run = page.value("sseprof_run_info")
        self.assertEqual(run, 1)
        for name, labels in page.samples:
            labels = dict(labels)
            self.assertTrue(name.startswith(("sseprof_", "process_", "exposer_")), name)
            self.assertIn(page.family(name), page.types)
            if not name.startswith("exposer_"):
                self.assertEqual(labels["variant"], "v1", name)
                self.assertRegex(labels["run"], r"^[0-9a-f]{12}$")
        for name, kind in page.types.items():
            self.assertEqual(kind == "counter", name.endswith("_total"), name)
            if kind == "histogram":
                counts = [value for _, value in page.find(name + "_bucket")]
                self.assertEqual(counts, sorted(counts), name)
                self.assertEqual(page.edges(name)[-1], "+Inf")
                self.assertEqual(counts[-1], page.value(name + "_count"), name)

    def assert_exact_quantiles(self, page, summary):
        for key, name in MEASURED.items():
            stated = summary[key]
            for quantile, of_summary in QUANTILES.items():
                value = page.value(f"sseprof_run_{name}_seconds", quantile=quantile)
                self.assertAlmostEqual(value / stated[of_summary], 1, 12, (key, quantile))
            self.assertEqual(page.value(f"sseprof_run_{name}_seconds_count"), stated["count"])
            self.assertAlmostEqual(page.value(f"sseprof_run_{name}_seconds_sum") /
                                   (stated["mean"] * stated["count"]), 1, 9)

    def test_when_it_was(self):
        with pace() as sim, LiveRun(sim.url, self.folder, "--requests", 4, "--concurrency", 4,
                                    "--max-tokens", 4, "--metrics-linger", "20s") as run:
            one = run.wait_for(lambda page: phase(page) == "done")
            run.interrupt()
            run.finish()
        self.assertAlmostEqual(one.value("sseprof_run_elapsed_seconds"),
                               run.summary["total_time_s"], 6)
        start = one.value("sseprof_run_start_timestamp_seconds")
        self.assertAlmostEqual(one.value("sseprof_run_end_timestamp_seconds") - start,
                               run.summary["total_time_s"], 3)
        self.assertAlmostEqual(start, time.time(), delta=30)

    def edges(self, *args):
        with pace() as sim, LiveRun(sim.url, self.folder, *ONE_SCRAPE, "--slo", "tpot=23.7ms",
                                    "--slo", "latency=7s", *args) as run:
            page = run.scrape()
        return {name: page.edges(name) for name, kind in page.types.items() if kind == "histogram"}

    def test_bucket_edges(self):
        by_default, coarse = self.edges(), self.edges("--metrics-buckets", "coarse")
        self.assertEqual(self.edges("--metrics-buckets", "fine"), by_default)
        for edges, fine_growth in ((by_default, 1.05), (coarse, 1.102)):
            for name, written in edges.items():
                values = [float(edge) for edge in written]
                self.assertEqual(values, sorted(set(values)))
                for edge in values[:-1]:  # written with 16 digits, of which 4 matter
                    self.assertAlmostEqual(float(f"{edge:.4g}") / edge, 1, 14, name)
                growth = max(b / a for a, b in zip(values[:-1], values[1:-1]))
                fine = name in [f"sseprof_{stem}_seconds" for stem in MEASURED.values()]
                self.assertLess(growth, fine_growth if fine else 1.47, name)
                if fine:
                    self.assertLessEqual({0.02, 0.025, 0.05, 0.2, 0.5, 2, 5, 0.0237, 7, 1e-4, 600},
                                         set(values), name)
        ttft = "sseprof_time_to_first_token_seconds"
        self.assertGreater(len(by_default[ttft]), 1.8 * len(coarse[ttft]))

    def test_labels_that_need_escaping(self):
        variant = 'a "quoted" \\ back\nline dé 模'
        with RawServer(lambda c, r, n: send_stream(c, good_stream())) as server:
            with LiveRun(server.url, self.folder, "--model", 'm"\\x', *ONE_SCRAPE, "--label",
                         "variant=" + variant) as run:
                page = run.scrape()
                self.assertEqual(run.finish(), 0, run.said)
        self.assertEqual({dict(labels).get("variant") for name, labels in page.samples
                          if not name.startswith("exposer_")}, {variant})
        self.assertEqual(page.value("sseprof_run_info", model='m"\\x'), 1)

    def test_without_a_label_the_model_is_the_variant(self):
        with pace() as sim, LiveRun(sim.url, self.folder, *ONE_SCRAPE, "--label",
                                    "note=x") as run:
            self.assertEqual(run.scrape().value("sseprof_run_info", variant="m"), 1)

    def test_no_secret_gets_onto_the_page(self):
        with RawServer(lambda c, r, n: send_stream(c, good_stream())) as server:
            url = server.url.replace("http://", "http://joe:wordpass@") + "/v1?token=hidden77"
            with LiveRun(url, self.folder, "--model", "m", "--requests", 2, "--concurrency", 1,
                         "--metrics-wait", "10s", "--header", "X-Other: hidden88",
                         "--label", "variant=" + KEY, env={"OPENAI_API_KEY": KEY}) as run:
                pages = [run.scrape(), *run.scrape_to_end()]
                self.assertEqual(run.finish(), 0, run.said)
        for page in pages:
            for secret in (KEY, KEY[:12], "wordpass", "hidden77", "hidden88"):
                self.assertNotIn(secret, page.text)


class Threads(TestCase):
    """Who gets a core first."""

    @staticmethod
    def threads_of(pid):
        """{name: {(scheduling policy, nice value)}}"""
        found = {}
        for thread in os.listdir(f"/proc/{pid}/task"):
            with open(f"/proc/{pid}/task/{thread}/comm", encoding="utf-8") as file:
                name = file.read().strip()
            found.setdefault(name, set()).add((os.sched_getscheduler(int(thread)),
                                               os.getpriority(os.PRIO_PROCESS, int(thread))))
        return found

    def test_a_scrape_gives_way_to_an_event_loop(self):
        with pace() as sim, LiveRun(sim.url, self.folder, "--concurrency", 4, "--requests", 4,
                                    "--max-tokens", 500, "--threads", 1) as run:
            run.wait_for(lambda page: page.value("sseprof_output_tokens_counted_total") > 0)
            threads = self.threads_of(run.process.pid)
            run.interrupt()
            run.finish()
        self.assertEqual({policy & ~os.SCHED_RESET_ON_FORK
                          for policy, _ in threads["civetweb-worker"]}, {os.SCHED_BATCH})
        self.assertEqual({nice for _, nice in threads["civetweb-worker"]},
                         {max(10, os.getpriority(os.PRIO_PROCESS, 0))})
        # The loop's is the thread that the process began with. It has asked for its short slices in
        # a way that no other thread inherits, which is what can be seen from here.
        self.assertIn((os.SCHED_OTHER | os.SCHED_RESET_ON_FORK, os.getpriority(0, 0)),
                      threads["sseprof"])


class Times(TestCase):
    """How long the run waits for scrapes, before the load and after it."""

    LOAD = ("--concurrency", 4, "--requests", 8, "--max-tokens", 20)  # 1 s

    def run_alone(self, *args):
        """(seconds from start to end, seconds from the results to the end) of a run that nobody
        scrapes."""
        with pace() as sim, LiveRun(sim.url, self.folder, *self.LOAD, *args) as run:
            self.assertEqual(run.finish(), 0, run.said)
        return run, run.ended_at - run.began

    def test_nobody_scraped_so_it_ends_at_once(self):
        run, seconds = self.run_alone()
        self.assertLess(seconds, run.summary["total_time_s"] + STOPPING)

    def test_it_waits_as_long_as_it_is_told(self):
        run, seconds = self.run_alone("--metrics-linger", "2s")
        self.assertGreater(seconds, run.summary["total_time_s"] + 2)
        self.assertLess(seconds, run.summary["total_time_s"] + 2 + STOPPING)

    def test_the_load_waits_for_the_first_scrape(self):
        with pace() as sim, LiveRun(sim.url, self.folder, *self.LOAD, "--metrics-wait", "30s",
                                    "--metrics-linger", "0s") as run:
            time.sleep(1)
            run.scrape()
            self.assertEqual(run.finish(), 0, run.said)
        self.assertGreater(run.ended_at - run.began, run.summary["total_time_s"] + 1)
        self.assertLess(run.ended_at - run.began, 10)

    def test_it_goes_on_where_nobody_scrapes(self):
        run, seconds = self.run_alone("--metrics-wait", "1500ms")
        self.assertGreater(seconds, run.summary["total_time_s"] + 1.5)
        self.assertLess(seconds, run.summary["total_time_s"] + 1.5 + STOPPING)
        self.assertEqual(sum("nobody" in line for line in run.said), 1, run.said)

    def test_one_scrape_after_the_end_is_enough(self):
        with pace() as sim, LiveRun(sim.url, self.folder, *self.LOAD) as run:
            pages = run.scrape_to_end(0.4)
            self.assertEqual(run.finish(), 0, run.said)
        phases = [phase(page) for page in pages]
        self.assertEqual(phases[-1], "done", phases)
        self.assertLess(phases.count("done"), 2 + STOPPING / 0.4)
        self.assertEqual(pages[-1].value("sseprof_requests_completed_total"), 8)

    def test_a_scraper_that_went_away_is_not_waited_for_long(self):
        with pace() as sim, LiveRun(sim.url, self.folder, *self.LOAD) as run:
            scrapes = 0
            while not run.has_results() and scrapes < 2:
                run.scrape()
                scrapes += 1
                time.sleep(0.4)
            self.assertEqual(run.finish(20), 0, run.said)
        took = run.ended_at - run.began
        self.assertLess(took, run.summary["total_time_s"] + 2 * 0.5 + STOPPING)

    def test_an_interrupt_ends_the_wait_after_the_end(self):
        with pace() as sim, LiveRun(sim.url, self.folder, *self.LOAD, "--metrics-linger",
                                    "60s") as run:
            run.wait_for(lambda page: phase(page) == "done")
            self.assertTrue(run.has_results())
            run.interrupt()
            self.assertEqual(run.finish(5), 0, run.said)
        self.assertFalse(run.summary["run"]["interrupted"])
        self.assertEqual(run.summary["ok"], 8)

    def test_an_interrupt_ends_the_wait_before_the_load(self):
        with pace() as sim, LiveRun(sim.url, self.folder, *self.LOAD, "--metrics-wait",
                                    "60s") as run:
            time.sleep(0.3)
            run.interrupt()
            self.assertEqual(run.finish(5), 130, run.said)

    def test_an_interrupted_run_counts_what_it_cancelled(self):
        with pace() as sim, LiveRun(sim.url, self.folder, "--concurrency", 4, "--requests", 400,
                                    "--max-tokens", 50) as run:
            run.wait_for(lambda page: page.value("sseprof_requests_completed_total") >= 4)
            run.interrupt()
            last = run.scrape_to_end(0.1)[-1]
            self.assertEqual(run.finish(), 130, run.said)
        summary = run.summary
        self.assertEqual(phase(last), "done")
        self.assertEqual(last.value("sseprof_request_failures_total", reason="cancelled"),
                         summary["failures"]["cancelled"])
        self.assertEqual(last.value("sseprof_requests_completed_total"), summary["ok"])
        self.assertEqual(last.value("sseprof_requests_in_flight"), 0)


if __name__ == "__main__":
    unittest.main()
