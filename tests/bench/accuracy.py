"""How far kernel and user-space stamps are from the true send times, as selfcheck finds it."""

import json
import subprocess

from harness import MOST_FOREIGN, SSEPROF, clean_env, fixed, median, note, table

# streams, gap in ms, tokens
LOADS = ((16, 20, 60), (64, 20, 60), (256, 20, 60), (1000, 20, 60), (2000, 20, 60),
         (5000, 100, 20), (10000, 200, 12))


def check(streams, itl_ms, tokens):
    """The four runs of one selfcheck: uniform and step, kernel and user."""
    command = [SSEPROF, "selfcheck", "--json", "--concurrency", streams, "--itl-ms", itl_ms,
               "--tokens", tokens, "--requests", streams, "--threads", 1]
    process = subprocess.run(list(map(str, command)), capture_output=True, text=True,
                             env=clean_env(), check=False)
    if process.returncode not in (0, 1):
        raise SystemExit(f"bench: selfcheck: {process.stderr.strip()}")
    result = json.loads(process.stdout)
    foreign = max(run["others"]["server_core"] for run in result["runs"])
    if foreign > MOST_FOREIGN:
        note(f"  other programs took {100 * foreign:.0f} % of the simulated server's core")
    return {(run["phase"], run["timestamps"]): run for run in result["runs"]}


def row(streams, itl_ms, phase, kernel, user):
    """Medians over the rounds of one load."""
    def of(runs, *path):
        values = []
        for run in runs:
            for key in path:
                run = run[key]
            values.append(run)
        return median(values)

    def arrow(runs, metric):
        true, measured = (of(runs, metric, "p99", which) for which in ("true", "measured"))
        return f"{true:.2f} -> {measured:.2f}"

    return [f"{streams:,} {phase}, {itl_ms} ms", fixed(of(kernel, "error_us", "p99")),
            fixed(of(user, "error_us", "p99"), 0),
            fixed(100 * min(run["contained_share"] for run in kernel), 2),
            fixed(100 * of(kernel, "judged_share"), 0), fixed(of(kernel, "bracket_us", "p99"), 0),
            fixed(100 * of(kernel, "coalesced_share"), 1), arrow(kernel, "itl_ms"),
            arrow(user, "itl_ms"), arrow(kernel, "ttft_ms"),
            str(sum(run["failed"] for run in kernel + user))]


def accuracy_section(rounds, loads=LOADS):
    rows, figures = [], {}
    for streams, itl_ms, tokens in loads:
        note(f"  {streams} streams")
        checks = [check(streams, itl_ms, tokens) for _ in range(rounds)]
        for phase in ("uniform", "step"):
            kernel = [c[phase, "kernel"] for c in checks]
            user = [c[phase, "user"] for c in checks]
            rows.append(row(streams, itl_ms, phase, kernel, user))
            figures[f"{streams} {phase}"] = {"kernel": kernel, "user": user}
    head = ["streams, gap", "kernel off us p99", "user off us p99", "inside % (least)", "judged %",
            "send bracket us p99", "coalesced %", "ITL p99 ms true -> kernel", "true -> user",
            "TTFT p99 ms true -> kernel", "failed"]
    return table(head, rows), figures
