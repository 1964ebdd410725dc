"""The rules of Grafana's dashboard-linter, over the committed JSON; the exceptions are those of the
.lint file beside it, and each of them must be needed."""

import os
import re
import unittest

import yaml

import checks

WITH_UNIT = {"stat", "table", "timeseries", "gauge"}
UNITS = {"s", "reqps", "percentunit", "bytes", "Bps", "short", "cps"}  # Grafana's own, as used
DATASOURCE = {"type": "prometheus", "uid": "${datasource}"}
EVERYTHING = {"multi": True, "includeAll": True, "allValue": ".+", "refresh": 2,
              "datasource": DATASOURCE}


def units(board):
    for panel in checks.panels(board):
        if panel["type"] in WITH_UNIT and panel["fieldConfig"]["defaults"].get("unit") not in UNITS:
            yield panel, "has no unit that the linter knows"


def matcher(label):
    """Every selector holds the matcher, letter by letter."""
    wanted = f'{label}=~"${label}"'

    def rule(board):
        for panel, target in checks.targets(board):
            for metric, matchers in checks.selectors(target["expr"]):
                if wanted not in matchers.split(","):
                    yield panel, f"{metric} lacks {wanted}"
    return rule


def datasources(board):
    for panel in checks.panels(board):
        if panel["type"] not in ("row", "text") and panel.get("datasource") != DATASOURCE:
            yield panel, "does not use the chosen data source"
    for panel, target in checks.targets(board):
        if target["datasource"] != DATASOURCE:
            yield panel, "queries another data source"


def titles(board):
    for panel in checks.panels(board):
        if not panel.get("title"):
            yield panel, "has no title"
        if panel["type"] != "row" and len(panel.get("description", "").split()) < 5:
            yield panel, "has no description"


def queries(board):
    for panel in checks.panels(board):
        if panel["type"] not in ("row", "text") and not panel.get("targets"):
            yield panel, "has no query"


def rate_interval(board):
    for panel, target in checks.targets(board):
        for function, window in re.findall(r"\b(\w+)\([\w:]+{[^}]*}\[([^]]*)\]", target["expr"]):
            wanted = "$__rate_interval" if function in ("rate", "irate", "increase") else "$__range"
            if window != wanted:
                yield panel, f"{function} over {window}"


def counters(board):
    """A counter is read by rate or increase, or over the whole range; never as it is."""
    for panel, target in checks.targets(board):
        wrapped = r"\b(?:rate|increase|max_over_time)\([\w:]+_(?:total|bucket|sum|count){"
        counted = r"[\w:]+_(?:total|bucket|sum|count){"
        if len(re.findall(wrapped, target["expr"])) != len(re.findall(counted, target["expr"])):
            yield panel, "reads a counter as if it were a gauge"


RULES = {"panel-units-rule": units, "target-job-rule": matcher("job"),
         "target-instance-rule": matcher("instance"), "panel-datasource-rule": datasources,
         "panel-title-description-rule": titles, "panel-no-targets-rule": queries,
         "target-rate-interval-rule": rate_interval, "target-counter-agg-rule": counters}


def exclusions():
    """{(rule, dashboard title, panel title)}; every rule must have its reason."""
    with open(os.path.join(checks.JSON, ".lint"), encoding="utf-8") as file:
        rules = yaml.safe_load(file)["exclusions"]
    for rule in rules.values():
        assert rule["reason"]
    return {(name, entry["dashboard"], entry["panel"])
            for name, rule in rules.items() for entry in rule["entries"]}


class Rules(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        self.boards = checks.load_all()

    def test_panels_and_queries(self):
        found = {}
        for board in self.boards.values():
            for name, rule in RULES.items():
                for panel, complaint in rule(board):
                    found[(name, board["title"], panel["title"])] = complaint
        allowed = exclusions()
        self.assertEqual({k: v for k, v in found.items() if k not in allowed}, {})
        self.assertEqual(allowed - set(found), set(), "exclusions that nothing needs")

    def test_client_selectors_take_all_variables(self):
        for board in self.boards.values():
            for panel, target in checks.targets(board):
                for metric, matchers in checks.selectors(target["expr"]):
                    if metric.startswith(("sseprof_", "process_")):
                        for label in ("variant", "run"):
                            self.assertIn(f'{label}=~"${label}"', matchers, panel["title"])

    def test_no_metric_is_without_matchers(self):
        for board in self.boards.values():
            for panel, target in checks.targets(board):
                bare = re.sub(r"[\w:]+{[^}]*}", "", checks.without_strings(target["expr"]))
                self.assertNotRegex(bare, r"sseprof_|process_|vllm:|scrape_|\bup\b",
                                    panel["title"])

    def test_expressions_are_valid(self):
        exprs = [checks.substituted(target["expr"]) for board in self.boards.values()
                 for _, target in checks.targets(board)]
        exprs += [checks.substituted(note["expr"]) for board in self.boards.values()
                  for note in board["annotations"]["list"]]
        exprs += [selector for board in self.boards.values()
                  for selector, _ in map(checks.label_values, checks.label_variables(board))]
        status, said = checks.promtool_rules(exprs)
        self.assertEqual(status, 0, said)

    def test_variables(self):
        for name, board in self.boards.items():
            variables = {v["name"]: v for v in board["templating"]["list"]}
            self.assertEqual([v["name"] for v in variables.values() if v["type"] == "datasource"],
                             ["datasource"], name)
            self.assertEqual(variables["datasource"]["query"], "prometheus")
            for variable in ("job", "instance", "variant", "run"):
                self.assertLessEqual(EVERYTHING.items(), variables[variable].items(), variable)
            for variable in checks.label_variables(board):
                self.assertEqual(variable["datasource"], DATASOURCE)
                self.assertEqual(variable["refresh"], 2)
            used = set(re.findall(r"\${?(\w+)", str(board)))
            self.assertLessEqual(used - {"__rate_interval", "__range", "__all"}, set(variables))
            self.assertLessEqual(set(variables) - used, set(), "variables that nothing uses")

    def test_only_the_files_change_them(self):
        for name, board in self.boards.items():
            self.assertIs(board["editable"], False, name)
            self.assertIsNone(board["id"], name)


if __name__ == "__main__":
    unittest.main()
