"""Reads what is needed of a plan of `sseprof suite`: JSON with comments."""

import json
import pathlib
import re

PLANS = pathlib.Path(__file__).resolve().parents[2] / "prompts" / "plans"
TEXT_OR_COMMENT = re.compile(r'("(?:[^"\\]|\\.)*")|//[^\n]*|/\*.*?\*/', re.DOTALL)


def read(path):
    text = pathlib.Path(path).read_text(encoding="utf-8")
    return json.loads(TEXT_OR_COMMENT.sub(lambda found: found.group(1) or "", text))
