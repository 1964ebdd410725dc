"""What all dashboards have in common: variables, annotations, links, time."""

from panels import DATASOURCE
from promql import CLIENT

INFO = "sseprof_run_info"
TAG = "sseprof"


def datasource_variable():
    return {"name": "datasource", "label": "Data source", "type": "datasource",
            "query": "prometheus", "options": [], "hide": 0, "includeAll": False,
            "multi": False, "refresh": 1, "regex": ""}


def label_variable(name, label, metric, matchers, label_name=None, **more):
    """The values of a label, several at once unless `more` says otherwise (None: not set)."""
    selector = f"{metric}{{{matchers}}}" if matchers else metric
    values = f"label_values({selector}, {label_name or name})"
    made = {"name": name, "label": label, "type": "query", "datasource": DATASOURCE,
            "query": values, "refresh": 2, "sort": 1, "regex": "", "multi": True,
            "includeAll": True, "allValue": ".+", "hide": 0, "options": [],
            "current": {"selected": True, "text": ["All"], "value": ["$__all"]}, **more}
    return {key: value for key, value in made.items() if value is not None}


def run_variables():
    """Each narrows the ones after it."""
    made, matchers = [datasource_variable()], []
    for name, label in (("job", "Job"), ("instance", "Client"), ("variant", "Variant"),
                        ("run", "Run")):
        made.append(label_variable(name, label, INFO, ",".join(matchers)))
        matchers.append(f'{name}=~"${name}"')
    return made


def one_variant(name, label, sort):
    """A variable with one variant."""
    return label_variable(name, label, INFO, 'job=~"$job",instance=~"$instance"', "variant",
                          sort=sort, multi=False, includeAll=False, allValue=None, current=None)


def choice(name, label, options):
    """A variable with fixed choices: [(text, value)]; the first is taken."""
    made = [{"text": text, "value": value, "selected": place == 0}
            for place, (text, value) in enumerate(options)]
    return {"name": name, "label": label, "type": "custom", "hide": 0, "multi": False,
            "includeAll": False, "options": made, "current": made[0],
            "query": ", ".join(f"{text} : {value}" for text, value in options)}


def annotation(name, metric, colour, words):
    """A mark at the time that is the metric's value, in seconds; Grafana reads milliseconds."""
    expr = f"max by (variant, run) ({metric}{{{CLIENT}}}) * 1000 > 0"
    return {"name": name, "datasource": DATASOURCE, "enable": True, "hide": False,
            "iconColor": colour, "expr": expr, "step": "1s", "useValueForTime": True,
            "titleFormat": words, "textFormat": "{{variant}} {{run}}", "tagKeys": "variant,run",
            "target": {"expr": expr, "refId": "Anno", "interval": "1s"}}


def dashboard(uid, title, description, variables, panels, time_from="now-15m", refresh="5s"):
    annotations = [
        annotation("Measured start", "sseprof_run_start_timestamp_seconds", "green", "start"),
        annotation("Measured end", "sseprof_run_end_timestamp_seconds", "blue", "end")]
    link = {"title": "sseprof", "type": "dashboards", "tags": [TAG], "asDropdown": False,
            "includeVars": True, "keepTime": True, "targetBlank": False, "icon": "external link",
            "tooltip": "", "url": ""}
    return {
        "id": None, "uid": uid, "title": title, "description": description,
        "tags": [TAG, "llm", "latency"], "schemaVersion": 42, "version": 1, "editable": False,
        "graphTooltip": 1, "timezone": "browser", "refresh": refresh,
        "time": {"from": time_from, "to": "now"},
        "timepicker": {"refresh_intervals": ["1s", "5s", "10s", "30s", "1m"]},
        "fiscalYearStartMonth": 0, "weekStart": "", "links": [link],
        "annotations": {"list": annotations}, "templating": {"list": variables},
        "panels": panels}
