#!/usr/bin/env python3
"""Writes the dashboards as TypeScript that compiles only if they fit Grafana's own types: each
dashboard, and the options and field settings of each panel by its kind."""

import json
import os
import re
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(HERE))

import checks  # noqa: E402

KINDS = {  # panel type: (folder of its types, stem of their file, has field settings)
    "heatmap": ("heatmap", "Heatmap", True),
    "stat": ("stat", "Stat", False),
    "state-timeline": ("statetimeline", "StateTimeline", True),
    "table": ("table", "Table", True),
    "text": ("text", "Text", False),
    "timeseries": ("timeseries", "TimeSeries", True),
    "xychart": ("xychart", "XYChart", True),
}


def module(folder, stem):
    return f"@grafana/schema/dist/esm/raw/composable/{folder}/panelcfg/x/{stem}PanelCfg_types.gen"


def constant(name, kind, value, comment):
    return f"// {comment}\nexport const {name}: JsonOf<{kind}> = {json.dumps(value, indent=1)};\n"


def source(boards):
    lines = ["import type { Board, JsonOf } from './json_of';"]
    lines += [f"import type * as {folder} from '{module(folder, stem)}';"
              for folder, stem, _ in KINDS.values()]
    for file, board in boards.items():
        name = re.sub(r"\W", "_", file)
        lines.append(constant(name, "Board", board, file))
        for panel in checks.panels(board):
            if panel["type"] == "row":
                continue
            folder, _, has_fields = KINDS[panel["type"]]
            said = f"{file}: {panel['title']}"
            part = f"{name}_{panel['id']}"
            lines.append(constant(part, f"{folder}.Options", panel["options"], said))
            custom = panel["fieldConfig"]["defaults"].get("custom")
            if custom is not None and has_fields:
                kind = f"Partial<{folder}.FieldConfig>"
                lines.append(constant(part + "_custom", kind, custom, said))
            elif custom is not None:
                raise SystemExit(f"{said}: has field settings, which its kind does not know")
    return "\n".join(lines)


def unknown_units(boards, categories):
    """Units that are not in Grafana's own list, and not its way to write one's own."""
    with open(categories, encoding="utf-8") as file:
        known = set(re.findall(r'\bid: "([^"]+)"', file.read()))
    if len(known) < 100:
        raise SystemExit(f"{categories}: only {len(known)} units found; has its form changed?")
    text = json.dumps(boards)
    used = set(re.findall(r'"unit": "([^"]*)"', text))
    used |= set(re.findall(r'"id": "unit", "value": "([^"]*)"', text))
    return sorted(unit for unit in used - known if not re.match(r"(count|suffix|prefix):", unit))


def main():
    if len(sys.argv) != 3:
        raise SystemExit("usage: typed.py OUT.ts CATEGORIES.mjs")
    boards = checks.load_all()
    unknown = unknown_units(boards, sys.argv[2])
    if unknown:
        raise SystemExit(f"not units of Grafana: {', '.join(unknown)}")
    with open(sys.argv[1], "w", encoding="utf-8") as file:
        file.write(source(boards))


if __name__ == "__main__":
    main()
