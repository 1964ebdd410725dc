"""What streams, requests and gaps take of memory, and `report` of time."""

import json
import os
import subprocess
import time

from harness import (CLIENT_CORE, SSEPROF, bare_run, clean_env, fixed, flood, load_json, median,
                     note, run_client, scratch, sim, sseprof_run, table)

KIB = 1024


def peak_rss(name, streams, folder):
    """Peak memory of so many streams of 64 tokens, bytes."""
    with sim("--itl-ms", 100, "--ttft-ms", 1000, "--phase", "uniform") as server:
        if name == "bare_curl":
            out = run_client(bare_run(name, server.url, streams, streams, 64), server).out
            return json.loads(out)["max_rss_kib"] * KIB
        run_client(sseprof_run(server.url, streams, streams, 64, folder), server)
        return load_json(os.path.join(folder, "run.json"))["client"]["max_rss_bytes"]


def stream_section():
    figures = {}
    with scratch() as folder:
        for name in ("sseprof", "bare_curl"):
            few, many = (peak_rss(name, streams, folder) for streams in (1000, 5000))
            figures[name] = (many - few) / 4000
    figures["beyond_libcurl"] = figures["sseprof"] - figures["bare_curl"]
    rows = [[fixed(figures[key] / KIB) for key in ("beyond_libcurl", "sseprof", "bare_curl")]]
    return table(["KiB a stream (from 1,000 to 5,000): beyond libcurl", "sseprof", "bare_curl"],
                 rows), figures


def rss_of(pid):
    with open(f"/proc/{pid}/status", encoding="ascii") as file:
        for line in file:
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) * KIB
    return 0


def watch_run(command, records, total):
    """[(finished requests, resident bytes)] of a run, some times a second."""
    seen = []
    process = subprocess.Popen(["taskset", "-c", str(CLIENT_CORE), *map(str, command)],
                               stdout=subprocess.DEVNULL, env=clean_env())
    line_bytes = None
    while process.poll() is None:
        time.sleep(0.25)
        try:
            size, rss = os.path.getsize(records), rss_of(process.pid)
        except (FileNotFoundError, ProcessLookupError):
            continue
        if rss == 0:
            continue
        if line_bytes is None and size > 1 << 20:
            with open(records, encoding="utf-8") as file:
                file.readline()
                line_bytes = len(file.readline())
        if line_bytes:
            seen.append((min(total, size // line_bytes), rss))
    if process.returncode != 0:
        raise SystemExit(f"bench: the run of {total} requests ended with {process.returncode}")
    return seen


def requests_section(total=1_000_000):
    """Memory over a run of very many short requests."""
    with scratch() as folder, flood(64) as server:
        command = sseprof_run(server.url, 64, total, 1, folder)
        seen = watch_run(command, os.path.join(folder, "run.jsonl"), total)
        summary = load_json(os.path.join(folder, "run.json"))
    if summary["ok"] != total:
        raise SystemExit(f"bench: {summary['errors']} of {total} requests failed")
    points = [min(seen, key=lambda s: abs(s[0] - share * total))
              for share in (0.01, 0.1, 0.25, 0.5, 0.75, 0.95)]
    growth = (points[-1][1] - points[0][1]) / (points[-1][0] - points[0][0])
    peak = max(rss for _, rss in seen)
    rows = [["MiB"] + [fixed(rss / KIB / KIB) for _, rss in points] +
            [fixed(peak / KIB / KIB), fixed(growth)]]
    head = ["requests finished"] + [f"{count:,}" for count, _ in points] + [
        "while it is summed up", "bytes a request"]
    return table(head, rows), {"bytes_per_request": growth, "rss": points, "peak": peak}


def tokens_section():
    """Memory of a run of a million recorded tokens, and `report` on ten million gaps."""
    with scratch() as folder, flood(64) as server:
        run_client(sseprof_run(server.url, 64, 4000, 250, folder), server)
        million = load_json(os.path.join(folder, "run.json"))["client"]["max_rss_bytes"]
        run_client(sseprof_run(server.url, 64, 41_842, 240, folder), server)
        summary = load_json(os.path.join(folder, "run.json"))
        records = os.path.join(folder, "run.jsonl")
        size = os.path.getsize(records)
        out = os.path.join(folder, "report.json")
        costs = [run_client([SSEPROF, "report", records, "--out", out]) for _ in range(3)]
        if load_json(out) != summary:
            raise SystemExit("bench: report does not rebuild the summary of its run")
    figures = {"million_tokens_rss": million, "gaps": summary["itl_s"]["count"],
               "report_s": median([c.wall_s for c in costs]), "record_bytes": size}
    note(f"  report: {figures['report_s']:.2f} s")
    rows = [[fixed(million / KIB / KIB) + " MiB", f"{figures['gaps']:,}",
             fixed(size / KIB / KIB, 0) + " MiB", fixed(figures["report_s"], 2) + " s",
             fixed(figures["gaps"] / figures["report_s"] / 1e6, 2)]]
    return table(["peak memory of a run of 1 million tokens", "gaps in a record file", "its size",
                  "report takes", "million gaps/s"], rows), figures
