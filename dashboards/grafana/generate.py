#!/usr/bin/env python3
"""Writes the dashboards' JSON, or says with --check whether the committed files are current."""

import argparse
import json
import os
import sys

FOLDER = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, FOLDER)

import client  # noqa: E402
import live  # noqa: E402
import tails  # noqa: E402


def dashboards():
    """{file name: dashboard}."""
    return {"live.json": live.build(), "tails.json": tails.build(), "client.json": client.build()}


def stale(folder):
    """The files of the folder that are not as they would be written, or have no maker."""
    made = {name: text(board) for name, board in dashboards().items()}
    there = {name for name in os.listdir(folder) if name.endswith(".json")}
    return sorted(name for name in there | set(made) if read(folder, name) != made.get(name))


def text(board):
    return json.dumps(board, indent=1, ensure_ascii=False) + "\n"


def read(folder, name):
    try:
        with open(os.path.join(folder, name), encoding="utf-8") as file:
            return file.read()
    except FileNotFoundError:
        return None


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; status 1 if stale")
    parser.add_argument("--out", default=os.path.join(FOLDER, "json"), help="folder of the JSON")
    args = parser.parse_args()
    if args.check:
        old = stale(args.out)
        if old:
            sys.exit(f"not current: {', '.join(old)}; run dashboards/grafana/generate.py")
        return
    for name, board in dashboards().items():
        with open(os.path.join(args.out, name), "w", encoding="utf-8") as file:
            file.write(text(board))


if __name__ == "__main__":
    main()
