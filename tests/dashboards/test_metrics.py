"""The dashboards and the alerts against what sseprof really serves: every metric is on a panel or
on the list of those that are not, every name, label and bucket edge in an expression exists."""

import os
import re
import sys
import tempfile
import unittest

import checks

sys.path[:0] = [os.path.join(checks.ROOT, "tests", "e2e"), checks.GRAFANA]
import live_run  # noqa: E402
import metrics  # noqa: E402

ADDED = {"job", "instance"}  # by Prometheus
OF_PROMETHEUS = {"up", "scrape_duration_seconds", "scrape_samples_scraped"}
EVERY_SLO = ("--slo", "ttft=0.3s", "--slo", "tpot=50ms", "--slo", "latency=3s")


def scrape(*args):
    """The page of a run that waits for its first scrape to begin."""
    with tempfile.TemporaryDirectory() as folder, live_run.pace() as sim:
        with live_run.LiveRun(sim.url, folder, "--requests", 1, "--max-tokens", 2, "--metrics-wait",
                              "20s", "--metrics-linger", "1ms", *EVERY_SLO, *args) as run:
            return run.scrape()


def forms(edge):
    """An edge as Prometheus 2 keeps it and as Prometheus 3 writes it."""
    return (edge, edge if edge == "+Inf" else repr(float(edge)))


class Metrics(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.page = scrape()
        cls.labels = {}  # sample name: label names
        cls.values = {}  # (sample name, label): values
        for name, labels in cls.page.samples:
            cls.labels.setdefault(name, set()).update(dict(labels))
            for label, value in labels:
                cls.values.setdefault((name, label), set()).add(value)
        cls.boards = checks.load_all()
        cls.exprs = [target["expr"] for board in cls.boards.values()
                     for _, target in checks.targets(board)]
        cls.exprs += [note["expr"] for board in cls.boards.values()
                      for note in board["annotations"]["list"]]
        cls.selectors = [found for expr in cls.exprs for found in checks.selectors(expr)
                         if not found[0].startswith("vllm:")]

    def test_every_name_exists(self):
        self.assertLessEqual({name for name, _ in self.selectors},
                             set(self.labels) | OF_PROMETHEUS)

    def test_every_metric_is_shown_or_left_out_with_a_reason(self):
        shown = {self.page.family(name) for name, _ in self.selectors} - OF_PROMETHEUS
        self.assertEqual(shown | set(metrics.ABSENT), set(self.page.types))
        self.assertEqual(shown & set(metrics.ABSENT), set())

    def test_every_label_exists(self):
        for name, matchers in self.selectors:
            if name not in OF_PROMETHEUS:
                used = set(re.findall(r"(\w+)[=!]", checks.without_strings(matchers)))
                self.assertLessEqual(used, self.labels[name] | ADDED, name)

    def test_every_label_that_is_grouped_by_exists(self):
        known = set().union(*self.labels.values()) | ADDED
        for expr in self.exprs:
            for group in re.findall(r"(?:by|ignoring) \(([^)]*)\)", expr):
                self.assertLessEqual(set(filter(None, re.split(r", *", group))), known, expr)

    def test_every_fixed_value_of_a_label_exists(self):
        for name, matchers in self.selectors:
            for label, value in re.findall(r'(\w+)="([^"$]+)"', matchers):
                self.assertIn(value, self.values[(name, label)], f"{name} {label}")

    def test_every_edge_exists_in_prometheus_2_and_3(self):
        # a limit of the form 0[.]5 is one edge, the heatmap's pattern as many as it lists
        patterns = {(name, pattern) for name, matchers in self.selectors
                    for pattern in re.findall(r'le=~"([^"$]+)"', matchers)}
        for name in ("sseprof_time_to_first_token_seconds_bucket",
                     "sseprof_inter_token_latency_seconds_bucket"):
            patterns |= {(name, option["value"]) for board in self.boards.values()
                         for variable in board["templating"]["list"]
                         if variable["type"] == "custom" for option in variable["options"]}
        self.assertGreater(len(patterns), 10)
        for name, pattern in patterns:
            wanted = {float(form.replace("[.]", ".").replace("[+]", "+"))
                      for form in pattern.split("|")}
            for version in (0, 1):
                there = [forms(edge)[version] for edge in self.values[(name, "le")]]
                found = [edge for edge in there if re.fullmatch(pattern, edge)]
                self.assertEqual({float(edge) for edge in found}, wanted, name)

    def test_alerts_ask_for_what_exists(self):
        path = os.path.join(checks.DASHBOARDS, "prometheus", "alerts.yml")
        with open(path, encoding="utf-8") as file:
            named = set(re.findall(r"\b(?:sseprof|process)_\w+", file.read()))
        self.assertGreater(len(named), 5)
        self.assertLessEqual(named, set(self.labels))

    def test_expressions_that_may_be_empty_are_asked(self):
        for part in metrics.MAY_BE_EMPTY:
            self.assertTrue(any(part in expr for expr in self.exprs), part)


class CoarseBuckets(unittest.TestCase):
    def test_heatmaps_find_their_edges(self):
        page = scrape("--metrics-buckets", "coarse")
        for board in checks.load_all().values():
            for panel, target in checks.targets(board):
                for name, matchers in checks.selectors(target["expr"]):
                    for pattern in re.findall(r'le=~"([^"$]+)"', matchers):
                        edges = {labels["le"] for labels, _ in page.find(name)}
                        found = {float(e) for e in edges if re.fullmatch(pattern, e)}
                        wanted = {float(form.replace("[.]", ".").replace("[+]", "+"))
                                  for form in pattern.split("|")}
                        self.assertEqual(found, wanted, panel["title"])


if __name__ == "__main__":
    unittest.main()
