"""The results as one Markdown table."""

from statistics import median

COLUMNS = ["load", "client", "tokens/s", "CPU s", "us/event", "x sseprof", "TTFT p50", "TTFT p99",
           "gap p50", "gap p99", "mean gap p50", "mean gap p99"]
FIGURES = [(what, quantile, digits) for what, digits in (("ttft", 1), ("gap", 2), ("mean_gap", 2))
           for quantile in ("p50", "p99")]


def us_per_event(long_run, short_run):
    """CPU that every further event costs: start, end and the requests themselves drop out."""
    cpu = long_run["cpu_from_first_request_s"] - short_run["cpu_from_first_request_s"]
    return cpu / (long_run["events"] - short_run["events"]) * 1e6


def markdown(loads):
    lines = [_line(COLUMNS), _line(["---"] * 2 + ["---:"] * (len(COLUMNS) - 2))]
    for load in loads:
        ours = _slope(load["clients"].get("sseprof", {}))
        for name, result in load["clients"].items():
            label = f"{load['streams']:,} {load['phase']}"
            lines.append(_line([label, name, *_cells(result, ours)]))
    return "\n".join(lines)


def _line(cells):
    return "| " + " | ".join(cells) + " |"


def _slope(result):
    return median(r["us_per_event"] for r in result["rounds"]) if result.get("rounds") else None


def _cells(result, ours):
    if not result["rounds"]:
        return [f"did not run: {result['error']}".replace("|", "/")] + [""] * (len(COLUMNS) - 3)
    runs = [r["long"] for r in result["rounds"]]
    slope = _slope(result)
    return [f"{median(r['tokens_per_s'] for r in runs):,.0f}",
            f"{median(r['cpu_s'] for r in runs):.2f}", f"{slope:.1f}",
            f"{slope / ours:.1f}" if ours else "", *(_pair(runs, *f) for f in FIGURES)]


def _pair(runs, what, quantile, digits):
    """What is stated, and in brackets what was true."""
    true = median(r["true_ms"][what][quantile] for r in runs)
    if what not in runs[0]["stated_ms"]:
        return f"- ({true:.{digits}f})"
    return f"{median(r['stated_ms'][what][quantile] for r in runs):.{digits}f} ({true:.{digits}f})"
