"""What the dashboards are made of: panels, rows and variables as Grafana's JSON."""

DATASOURCE = {"type": "prometheus", "uid": "${datasource}"}
COLUMNS = 24
PER_RUN_LEGEND = "{{variant}} {{run}}"
LABELS = ("variant", "run", "model", "quantile")  # the first columns of tables, in this order
MILLIS_UNIT = "dateTimeAsIso"


def query(expr, legend="", instant=False, form="time_series"):
    """One query of a panel; `form` is time_series, table or heatmap."""
    return {"expr": expr, "legendFormat": legend, "instant": instant, "range": not instant,
            "format": form, "datasource": DATASOURCE, "editorMode": "code"}


def table_query(expr):
    return query(expr, instant=True, form="table")


def steps(*bounds):
    """Thresholds: (colour from the least value on), then (colour, least value)."""
    first, *others = bounds
    colours = [{"color": first, "value": None}]
    return {"mode": "absolute",
            "steps": colours + [{"color": colour, "value": value} for colour, value in others]}


def override(field, **properties):
    """Settings of one field, by its name; `custom_width` means custom.width."""
    return {"matcher": {"id": "byName", "options": field},
            "properties": [{"id": name.replace("custom_", "custom."), "value": value}
                           for name, value in properties.items()]}


def panel(kind, title, description, targets, unit, **more):
    """A panel without its place. `more`: width, defaults, overrides, options, transformations."""
    for ref, target in zip("ABCDEFGHIJKLMNOPQRSTUVWXYZ", targets):
        target["refId"] = ref
    made = {
        "type": kind, "title": title, "description": description, "datasource": DATASOURCE,
        "targets": targets,
        "fieldConfig": {"defaults": {"unit": unit, **more.get("defaults", {})},
                        "overrides": more.get("overrides", [])},
        "options": more.get("options", {}),
        "gridPos": {"w": more.get("width", 12), "h": 0, "x": 0, "y": 0},
    }
    if "transformations" in more:
        made["transformations"] = more["transformations"]
    return made


def styled(pattern, **properties):
    """Settings of the lines whose names match."""
    made = override(f"/{pattern}/", **properties)
    made["matcher"]["id"] = "byRegexp"
    return made


# Colours tell lines apart, strokes what they are: tails are thick, means and targets dashed.
STROKES = [styled("^(p99|slowest)", custom_lineWidth=2),
           styled("^mean ", custom_lineStyle={"fill": "dash", "dash": [3, 4]}),
           styled("^(SLO|target) ", custom_lineStyle={"fill": "dash", "dash": [10, 6]})]


def lines(title, description, targets, unit, thresholds=None, stacked=False, **more):
    """Values over time."""
    custom = {"lineWidth": 1, "fillOpacity": 30 if stacked else 0, "showPoints": "never",
              "drawStyle": "bars" if stacked else "line", "spanNulls": False,
              "stacking": {"mode": "normal" if stacked else "none", "group": "A"}}
    defaults = {"custom": custom, **more.pop("defaults", {})}
    if more.pop("log", False):
        custom["scaleDistribution"] = {"type": "log", "log": 10}
    else:
        defaults.setdefault("min", 0)
    if thresholds:
        defaults["thresholds"] = thresholds
        custom["thresholdsStyle"] = {"mode": "line"}
    options = {"legend": {"displayMode": "list", "placement": "bottom", "showLegend": True,
                          "calcs": []},
               "tooltip": {"mode": "multi", "sort": "desc"}}
    return panel("timeseries", title, description, targets, unit, defaults=defaults,
                 overrides=STROKES, options=options, **more)


def stat(title, description, expr, unit, thresholds=None, **more):
    """One number for each run: the latest."""
    legend = more.pop("legend", PER_RUN_LEGEND)
    defaults = {"noValue": "no data", "thresholds": thresholds or steps("text"),
                **more.pop("defaults", {})}
    options = {"colorMode": "background" if thresholds else "value", "graphMode": "none",
               "textMode": "auto", "justifyMode": "auto", "orientation": "auto", "wideLayout": True,
               "showPercentChange": False, "percentChangeColorMode": "standard",
               "reduceOptions": {"calcs": ["lastNotNull"], "fields": "", "values": False}}
    targets = [query(expr, legend, instant=more.pop("instant", False))]
    return panel("stat", title, description, targets, unit, defaults=defaults, options=options,
                 **{"width": 3, **more})


def heatmap(title, description, expr, **more):
    """A histogram's growth over time; `expr` gives cumulative buckets by `le`."""
    options = {
        "calculate": False, "cellGap": 0, "showValue": "never",
        "color": {"mode": "scheme", "scheme": "Spectral", "fill": "dark-orange", "scale":
                  "exponential", "exponent": 0.5, "steps": 64, "reverse": False},
        "cellValues": {"unit": "short"}, "exemplars": {"color": "rgba(255,0,255,0.7)"},
        "filterValues": {"le": 1e-9}, "rowsFrame": {"layout": "auto"},
        "legend": {"show": True}, "tooltip": {"mode": "single", "yHistogram": True},
        "yAxis": {"axisPlacement": "left", "unit": "s", "reverse": False}}
    defaults = {"custom": {"scaleDistribution": {"type": "linear"}}}
    return panel("heatmap", title, description, [query(expr, "{{le}}", form="heatmap")], "s",
                 defaults=defaults, options=options, **more)


def table(title, description, columns, unit, hidden=(), **more):
    """One row for each run; `columns`: [(heading, expr)], shown in that order behind the labels.
    A heading of None hides the column, whose labels are what its query is for."""
    names, order = {}, {label: place for place, label in enumerate(LABELS)}
    excluded = {"Time": True, **{name: True for name in hidden}}
    for ref, (heading, _) in zip("ABCDEFGHIJKLMNOPQRSTUVWXYZ", columns):
        field = f"Value #{ref}" if len(columns) > 1 else "Value"
        if heading is None:
            excluded[field] = True
        else:
            names[field] = heading
            order[field] = 100 + len(order)
    organize = {"excludeByName": excluded, "renameByName": names, "indexByName": order}
    return panel("table", title, description, [table_query(expr) for _, expr in columns], unit,
                 defaults={"custom": {"align": "auto", "filterable": False},
                           **more.pop("defaults", {})},
                 options={"frameIndex": 0, "showHeader": True, "cellHeight": "sm"},
                 transformations=[{"id": "merge", "options": {}},
                                  {"id": "organize", "options": organize}], **more)


def curve(title, description, expr, unit, **more):
    """One curve for each run: the label `le` of an instant query across, its value upwards."""
    transformations = [
        {"id": "convertFieldType", "options": {"fields": {}, "conversions": [
            {"targetField": "le", "destinationType": "number"}]}},
        # Stable sorts: by variant, then run, then edge, so that a run has one colour in all panels.
        *({"id": "sortBy", "options": {"fields": {}, "sort": [{"field": field}]}}
          for field in ("le", "run", "variant")),
        {"id": "partitionByValues", "options": {"fields": ["variant", "run"], "keepFields": False,
                                                "naming": {"asLabels": True}}},
        {"id": "organize", "options": {"excludeByName": {"Time": True}, "renameByName": {},
                                       "indexByName": {}}}]
    options = {"mapping": "auto",
               "series": [{"x": {"matcher": {"id": "byName", "options": "le"}}}],
               "legend": {"displayMode": "list", "placement": "bottom", "showLegend": True,
                          "calcs": []},
               "tooltip": {"mode": "single", "sort": "none"}}
    custom = {"show": "lines", "lineWidth": 2, "pointSize": {"fixed": 3}, "fillOpacity": 0}
    share = {"max": 1} if more.get("log_share") else {"min": 0, "max": 1}
    if more.pop("log_share", False):
        custom["scaleDistribution"] = {"type": "log", "log": 10}
    across = override("le", unit="s", custom_scaleDistribution={"type": "log", "log": 10},
                      custom_axisLabel="seconds")
    return panel("xychart", title, description, [table_query(expr)], unit,
                 defaults={"custom": custom}, overrides=[across, override("Value", **share)],
                 options=options, transformations=transformations, **more)


def text(title, description, markdown, width=COLUMNS):
    """Words; needs no query."""
    made = panel("text", title, description, [], "none", width=width,
                 options={"mode": "markdown", "content": markdown})
    del made["targets"]
    return made


def place(sections):
    """Lays out [(row title or None, collapsed, [(height, [panel, ..]), ..])]; gives ids."""
    placed, y = [], 0
    for title, collapsed, shelves in sections:
        inside = placed
        if title is not None:
            row = {"type": "row", "title": title, "collapsed": collapsed, "panels": [],
                   "gridPos": {"h": 1, "w": COLUMNS, "x": 0, "y": y}}
            placed.append(row)
            inside = row["panels"] if collapsed else placed
            y += 1
        for height, shelf in shelves:
            x = 0
            for item in shelf:
                item["gridPos"].update(x=x, y=y, h=height)
                x += item["gridPos"]["w"]
                inside.append(item)
            y += height
    everything = [item for outer in placed for item in (outer, *outer.get("panels", []))]
    for number, item in enumerate(everything, start=1):
        item["id"] = number
    return placed
