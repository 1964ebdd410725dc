"""What a real Prometheus holds of runs is what their summaries say."""

import math
import os
import sys
import unittest

from harness import ROOT, TestCase
from live_run import LiveRun, live_counts, pace
from live_scene import ORIGIN, LiveScene
from prometheus import Prometheus, promtool

sys.path[:0] = [os.path.join(ROOT, "tests", "dashboards"),
                os.path.join(ROOT, "dashboards", "grafana")]
import checks  # noqa: E402
import metrics  # noqa: E402

MEASURED = {"ttft_s": "time_to_first_token", "itl_s": "inter_token_latency",
            "latency_s": "e2e_request_latency", "tpot_s": "request_time_per_output_token"}
QUANTILES = {0.5: "p50", 0.9: "p90", 0.95: "p95", 0.99: "p99", 0.999: "p999"}

NOT_OF_A_SIMULATED_SERVER = ("vllm:prefix_cache_",
                             "sseprof_target_requests_per_second")  # nor of a closed loop

EMPTY_AFTER_WARM_UP = ("sseprof_connect_duration_seconds",)  # all are connected by then


def setUpModule():
    global scene
    scene = LiveScene()
    scene.__enter__()
    unittest.addModuleCleanup(scene.__exit__)


def of(run, name, **labels):
    """A selector of the run's series."""
    pairs = {"run": run.summary["run"]["id"], **labels}
    return f"sseprof_{name}{{" + ",".join(f'{k}="{v}"' for k, v in pairs.items()) + "}"


def last(run, name, **labels):
    """The value that was scraped last."""
    return scene.prometheus.value(f"last_over_time({of(run, name, **labels)}[5m])")


class Counts(TestCase):
    def assert_counts(self, run, expected):
        for name, value in expected.items():
            self.assertEqual(last(run, name), value, (run.variant, name))

    def test_of_every_run_and_its_failures(self):
        for run in scene.runs:
            s = run.summary
            self.assert_counts(run, live_counts(s, run.requests))
            for labels, value in scene.prometheus.query(
                    f"last_over_time({of(run, 'request_failures_total')}[5m])"):
                self.assertEqual(value, s["failures"].get(labels["reason"], 0), labels)

    def test_of_good_runs(self):
        for run in (scene.fast, scene.slow):
            s = run.summary
            self.assertEqual(s["errors"], 0)
            self.assertGreater(s["ok"], 100)
            self.assert_counts(run, {
                "output_tokens_reported_total": s["usage_check"]["tokens_usage"],
                "output_tokens_counted_total": s["usage_check"]["tokens_counted"],
                "prompt_tokens_reported_total":
                    round(s["token_usage"]["prompt_tokens_mean"] * s["ok"]),
                "usage_mismatches_total": 0, "target_concurrency": 8,
                "requests_within_slo_total": s["ok"] if run is scene.slow else self.within_slo()})

    def within_slo(self):
        met = 0
        for r in scene.fast.requests:
            output = [at for at, kind in zip(r["event_ns"], r["kinds"]) if kind in "vo"]
            tpot = (output[-1] - output[0]) / 23
            met += not r["warmup"] and output[0] <= 30_000_000 and tpot <= 9_800_000
        self.assertTrue(0 < met < scene.fast.summary["ok"], met)
        return met

    def test_the_failing_run_failed_in_every_way(self):
        s = scene.bad.summary
        self.assertLessEqual({"http_5xx", "http_429", "http_4xx", "http_3xx", "not_sse", "stalled",
                              "error_event", "bad_event", "truncated", "too_large"},
                             s["failures"].keys())
        self.assertGreater(s["itl_s"]["count_all"], s["itl_s"]["count"])
        self.assertGreater(s["usage_check"]["missing"], 0)
        check = s["usage_check"]
        self.assert_counts(scene.bad, {
            "usage_mismatches_total":
                check["hidden_tokens"] + check["multi_token_events"] + check["over"]})
        self.assertGreater(last(scene.bad, "usage_mismatches_total"), 0)

    def test_of_the_run_itself(self):
        for run in scene.runs:
            s = run.summary
            self.assertAlmostEqual(last(run, "run_elapsed_seconds"), s["total_time_s"], 6)
            self.assertEqual(last(run, "phase", phase="done"), 1)
            self.assertEqual(last(run, "run_info", variant=run.variant, model=s["model"],
                                  endpoint=s["endpoint"], mode="closed",
                                  version=s["run"]["sseprof_version"]), 1)


class Quantiles(TestCase):
    def test_of_the_histograms_are_near_the_summary(self):
        for run in (scene.fast, scene.slow):
            for key, name in MEASURED.items():
                for quantile in (0.5, 0.9, 0.99):
                    buckets = of(run, name + "_seconds_bucket")
                    value = scene.prometheus.value(f"histogram_quantile({quantile}, sum by (le) ("
                                                   f"max_over_time({buckets}[5m])))")
                    stated = run.summary[key][QUANTILES[quantile]]
                    self.assertLess(abs(value / stated - 1), 0.05,
                                    (run.variant, key, quantile, value, stated))

    def test_exact_ones_are_those_of_the_summary(self):
        for run in scene.runs:
            for key, name in MEASURED.items():
                stated = run.summary[key]
                for quantile, of_summary in QUANTILES.items():
                    value = last(run, f"run_{name}_seconds", quantile=quantile)
                    self.assertAlmostEqual(value / stated[of_summary], 1, 12, (key, quantile))
                self.assertEqual(last(run, f"run_{name}_seconds_count"), stated["count"])
                self.assertAlmostEqual(last(run, f"run_{name}_seconds_sum") /
                                       (stated["count"] * stated["mean"]), 1, 9, key)

    def test_the_two_variants_stay_apart(self):
        by_variant = {labels["variant"]: value for labels, value in scene.prometheus.query(
            "histogram_quantile(.5, sum by (le, variant) "
            "(max_over_time(sseprof_inter_token_latency_seconds_bucket[5m])))")}
        self.assertEqual(by_variant.keys(), {"nvfp4", "bf16", "faulty"})
        for run in (scene.fast, scene.slow):
            self.assertLess(abs(by_variant[run.variant] / run.summary["itl_s"]["p50"] - 1), 0.05)
        self.assertLess(by_variant["nvfp4"], by_variant["bf16"])
        self.assertEqual(len(scene.prometheus.query("group by (run, variant, instance) "
                                                    "(last_over_time(sseprof_run_info[5m]))")), 3)


class Scrapes(TestCase):
    def test_none_failed_while_a_run_lasted(self):
        for run in scene.runs:
            address = run.url.split("/")[2]
            (_, samples), = scene.prometheus.samples(f'up{{instance="{address}"}}')
            ups = "".join(str(int(value)) for _, value in samples)
            self.assertRegex(ups, r"^0*1{7,}0*$", run.variant)

    def test_the_page_has_no_bad_habits(self):
        with pace() as sim, LiveRun(sim.url, self.folder, "--requests", 8, "--max-tokens", 9,
                                    "--slo", "ttft=1s") as run:
            page = run.scrape_to_end(0.1)[-1]
        checked = promtool("check", "metrics", stdin=page.text)
        self.assertEqual((checked.returncode, checked.stdout + checked.stderr), (0, ""))

    def test_warm_up_enters_bytes_connections_and_the_phase_alone(self):
        prometheus = scene.prometheus
        for run in (scene.fast, scene.slow):
            (_, phases), = prometheus.samples(of(run, "phase", phase="warmup"))
            warm = {at for at, value in phases if value == 1}
            self.assertTrue(warm, "no scrape fell into the warm-up")

            def most(name, **labels):
                return max(value for _, samples in prometheus.samples(of(run, name, **labels))
                           for at, value in samples if at in warm)
            for name in ("received_bytes_total", "sent_bytes_total", "connections_opened_total",
                         "connections_open"):
                self.assertGreater(most(name), 0, name)
            for name in ("requests_started_total", "requests_completed_total",
                         "output_tokens_counted_total", "output_tokens_reported_total",
                         "prompt_tokens_reported_total", "requests_within_slo_total",
                         "stream_events_total", "request_failures_total", "run_elapsed_seconds",
                         *(f"{stem}_seconds_count" for stem in MEASURED.values()),
                         "send_delay_seconds_count", "connect_duration_seconds_count",
                         "schedule_lag_seconds_count"):
                self.assertEqual(most(name), 0, name)


class Dashboards(TestCase):
    """Every query of every dashboard finds something, all variables on All."""

    def found(self, query, variants=".+"):
        """How many series with a number in them."""
        expr = query["expr"].replace('"$a"', '"nvfp4"').replace('"$b"', '"bf16"')
        expr = checks.substituted(expr.replace("$variant", variants))
        if query.get("instant"):
            return sum(not math.isnan(v) for _, v in scene.prometheus.query(expr, scene.ended))
        series = scene.prometheus.query_range(expr, scene.began, scene.ended)
        return sum(any(not math.isnan(v) for _, v in samples) for _, samples in series)

    def queries(self):
        for name, board in checks.load_all().items():
            for panel, target in checks.targets(board):
                yield f"{name}, {panel['title']}", target
            for note in board["annotations"]["list"]:
                yield f"{name}, {note['name']}", note

    def test_queries_of_all_runs(self):
        count = 0
        for place, query in self.queries():
            count += 1
            if not any(part in query["expr"] for part in NOT_OF_A_SIMULATED_SERVER):
                with self.subTest(place, expr=query["expr"]):
                    self.assertGreater(self.found(query), 0)
        self.assertGreater(count, 50)

    def test_those_that_are_empty_in_good_runs_have_a_reason(self):
        for place, query in self.queries():
            if not any(part in query["expr"] for part in (*metrics.MAY_BE_EMPTY,
                                                          *EMPTY_AFTER_WARM_UP)):
                with self.subTest(place, expr=query["expr"]):
                    self.assertGreater(self.found(query, "nvfp4|bf16"), 0)

    def test_variables_have_values(self):
        for name, board in checks.load_all().items():
            for variable in checks.label_variables(board):
                selector, label = checks.label_values(variable)
                found = scene.prometheus.query(f"last_over_time({selector}[5m])")
                self.assertTrue(any(labels.get(label) for labels, _ in found), (name, variable))

    def test_annotations_lie_at_the_runs_ends(self):
        for board in checks.load_all().values():
            for note in board["annotations"]["list"]:
                expr = checks.substituted(note["expr"])
                for _, samples in scene.prometheus.query_range(expr, scene.began, scene.ended):
                    for _, milliseconds in samples:
                        self.assertTrue(scene.began <= milliseconds / 1000 <= scene.ended)

    def test_alerts_can_be_evaluated(self):
        rules = scene.prometheus.rules()
        self.assertGreater(len(rules), 2)
        for rule in rules:
            self.assertIn(rule["health"], ("ok", "unknown"), rule)


class OpenMetricsFile(TestCase):
    def block(self, *runs):
        for run in runs:
            made = promtool("tsdb", "create-blocks-from", "openmetrics",
                            scene.openmetrics(run.variant), self.path("data"))
            self.assertEqual(made.returncode, 0, made.stdout + made.stderr)
        return Prometheus(data=self.path("data"))

    def test_its_blocks_hold_the_quantiles(self):
        run = scene.bad
        with self.block(run) as prometheus:
            ended = prometheus.value(f"max_over_time({of(run, 'run_end_timestamp_seconds')}[10m])")
            self.assertAlmostEqual(ended, scene.ended, delta=10)
            exact = prometheus.value("last_over_time(" +
                                     of(run, "run_inter_token_latency_seconds", quantile=0.99) +
                                     "[10m])")
            self.assertAlmostEqual(exact / run.summary["itl_s"]["p99"], 1, 12)

    def test_two_with_one_origin_lie_one_upon_the_other(self):
        runs = (scene.fast, scene.slow)
        with self.block(*runs) as prometheus:
            for run in runs:
                self.assert_starts_at_origin(prometheus, run)
                at = ORIGIN + run.summary["total_time_s"] + 30
                for key, name in MEASURED.items():
                    buckets = of(run, name + "_seconds_bucket")
                    value = prometheus.value("histogram_quantile(.99, sum by (le) "
                                             f"(max_over_time({buckets}[5m])))", at)
                    stated = run.summary[key]["p99"]
                    self.assertLess(abs(value / stated - 1), 0.05, (key, value, stated))

    def assert_starts_at_origin(self, prometheus, run):
        (_, started), = prometheus.query_range(of(run, "requests_started_total"), ORIGIN - 30,
                                               ORIGIN + 30, 0.25)
        first = min(at for at, value in started if value > 0)
        self.assertAlmostEqual(first, ORIGIN, delta=1.5)
        self.assertEqual(started[-1][1], run.summary["ok"])


if __name__ == "__main__":
    unittest.main()
