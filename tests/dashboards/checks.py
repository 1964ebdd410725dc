"""What the tests of the dashboards share: the dashboards, their panels, expressions and metrics."""

import json
import os
import re
import subprocess
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
DASHBOARDS = os.path.join(ROOT, "dashboards")
GRAFANA = os.path.join(DASHBOARDS, "grafana")
JSON = os.path.join(GRAFANA, "json")

# What Grafana would put in for its variables; anything that a matcher accepts will do.
SUBSTITUTES = {"__rate_interval": "4s", "__range": "900s", "ttft_limit": "0.5",
               "itl_limit": "0.05", "a": "first", "b": "second"}


def load_all():
    """{file name: dashboard} of the committed JSON."""
    boards = {}
    for name in sorted(os.listdir(JSON)):
        if name.endswith(".json"):
            with open(os.path.join(JSON, name), encoding="utf-8") as file:
                boards[name] = json.load(file)
    return boards


def panels(board):
    """All panels, those in collapsed rows and the rows too."""
    for panel in board["panels"]:
        yield panel
        yield from panel.get("panels", [])


def targets(board):
    """(panel, target) of every query."""
    for panel in panels(board):
        for target in panel.get("targets", []):
            yield panel, target


def substituted(expr):
    """The expression as Prometheus would get it with all variables on All."""
    return re.sub(r"\$(?:{(\w+)}|(\w+))",
                  lambda found: SUBSTITUTES.get(found[1] or found[2], ".+"), expr)


def selectors(expr):
    """[(metric, matchers)] of an expression in which every metric has braces."""
    return re.findall(r"([A-Za-z_:][\w:]*){([^}]*)}", expr)


def without_strings(expr):
    return re.sub(r'"[^"]*"', '""', expr)


def family(sample):
    """The metric that a sample's name belongs to."""
    return re.sub(r"_(bucket|sum|count)$", "", sample)


def label_variables(board):
    """The variables whose values are those of a label."""
    return [v for v in board["templating"]["list"] if v["type"] == "query"]


def label_values(variable):
    """(selector, label) of such a variable."""
    found = re.fullmatch(r"label_values\((.+), (\w+)\)", variable["query"])
    return substituted(found[1]), found[2]


def promtool(*args):
    """Its exit status and all that it said."""
    done = subprocess.run(["promtool", *args], text=True, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, timeout=120, check=False)
    return done.returncode, done.stdout


def promtool_rules(exprs):
    """Whether these are expressions: promtool's exit status and what it said."""
    rules = [{"record": "checked:expression", "expr": expr, "labels": {"number": str(number)}}
             for number, expr in enumerate(exprs)]
    with tempfile.NamedTemporaryFile("w", suffix=".yml", encoding="utf-8") as file:
        json.dump({"groups": [{"name": "checked", "rules": rules}]}, file)
        file.flush()
        return promtool("check", "rules", file.name)
