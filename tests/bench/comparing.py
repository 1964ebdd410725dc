"""`compare` on real runs of the simulated engine: a difference that is known, none at all, and what
comparing takes of time and memory."""

import concurrent.futures
import os
import subprocess

from harness import CLIENT_CORE, SSEPROF, clean_env, fixed, load_json, note, scratch, sim, table

PROMPT = "prompts/qwen3_bench_prompt.txt"
REPEATS = 3
# Runs of 16 streams leave the cores nearly idle, so that some go on at once.
LANES = 4
HEADLINE = (("itl", "p50"), ("latency", "p50"), ("decode_tps", "rate"))


def one_run(preset, seed, folder, name):
    """A run of the load that the replaced script sent; its records."""
    records = os.path.join(folder, f"{name}.jsonl")
    with sim("--preset", preset, "--seed", seed) as server:
        command = ["taskset", "-c", str(CLIENT_CORE), SSEPROF, "run", "--base-url", server.url,
                   "--concurrency", "16", "--requests", "64", "--max-tokens", "256",
                   "--prompt-file", PROMPT, "--label", f"variant={name[0]}", "--records", records,
                   "--quiet"]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env=clean_env())
    return records


def compare(files, folder):
    """What --out holds, and what it took: seconds, peak memory in bytes."""
    out = os.path.join(folder, "compare.json")
    process = subprocess.Popen([SSEPROF, "compare", *files, "--out", out],
                               stdout=subprocess.PIPE, env=clean_env())
    text = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in (0, 4, 5):
        raise SystemExit(f"bench: compare ended with {process.returncode}")
    return load_json(out), text, usage


def repeats_of(a, b, seed):
    """A comparison of so many repeats of both presets, in turns, with seeds of their own."""
    with scratch() as folder:
        files = []
        for i in range(REPEATS):
            for name, preset in (("a", a), ("b", b)):
                files.append(one_run(preset, seed + len(files), folder, f"{name}{i}"))
        found, _, _ = compare(sorted(files), folder)
    return found


def cells_of(found):
    return {(c["metric"], c["statistic"]): c for c in found["pairs"][0]["cells"]}


def known_section():
    found = repeats_of("bf16", "nvfp4", 1000)
    cells = cells_of(found)
    rows = [[f"{metric} {statistic}", fixed(cells[metric, statistic]["difference"]["percent"], 2),
             fixed(cells[metric, statistic]["difference"]["lower_percent"], 2),
             fixed(cells[metric, statistic]["difference"]["upper_percent"], 2),
             cells[metric, statistic]["verdict"]] for metric, statistic in HEADLINE]
    return table(["NVFP4 against BF16, 3 repeats each", "difference %", "lower", "upper",
                  "verdict"], rows), found


def equal_section(comparisons):
    with concurrent.futures.ThreadPoolExecutor(LANES) as pool:
        every = list(pool.map(lambda i: repeats_of("bf16", "bf16", 2000 + 10 * i),
                              range(comparisons)))
    verdicts = [found["verdict"] for found in every]
    different = sum(verdict in ("better", "worse") for verdict in verdicts)
    cells = [cell for found in every for cell in cells_of(found).values() if cell["difference"]]
    apart = sum(cell["difference"]["p"] <= 0.05 for cell in cells)
    rows = [[comparisons, different, verdicts.count("same"), verdicts.count("undecided"),
             f"{apart} of {len(cells)} ({100 * apart / len(cells):.1f} %)"]]
    return table(["BF16 against itself, 3 repeats each: comparisons", "better or worse", "same",
                  "undecided", "intervals without 0"], rows), {"verdicts": verdicts, "apart": apart,
                                                               "cells": len(cells)}


def size_section(requests=10000, tokens=257):
    """Two runs of so many requests with 256 gaps each."""
    files = []
    with scratch() as folder, sim("--itl-ms", 10, "--ttft-ms", 20, "--phase", "uniform",
                                  "--model", "m") as server:
        for name in "ab":
            note(f"  a run of {requests} requests")
            files.append(os.path.join(folder, f"{name}.jsonl"))
            subprocess.run(["taskset", "-c", str(CLIENT_CORE), SSEPROF, "run", "--base-url",
                            server.url, "--prompt", "x", "--concurrency", "512", "--requests",
                            str(requests), "--max-tokens", str(tokens), "--records", files[-1],
                            "--label", f"variant={name}", "--quiet"], check=True,
                           stdout=subprocess.DEVNULL, env=clean_env())
        first, text, usage = compare(files, folder)
        again, text_again, _ = compare(files, folder)
        size = sum(map(os.path.getsize, files))
    took = {"cpu_s": usage.ru_utime + usage.ru_stime, "peak_mib": usage.ru_maxrss / 1024,
            "records_mib": size / 2**20, "same_bytes": (first, text) == (again, text_again)}
    row = [f"{requests:,}", fixed(took["records_mib"], 0), fixed(took["cpu_s"], 2),
           fixed(took["peak_mib"], 0), "yes" if took["same_bytes"] else "no"]
    return table([f"two runs of so many requests, {tokens - 1} gaps each", "MiB of records",
                  "CPU s", "peak MiB", "same bytes again"], [row]), took


def comparing_section(rounds):
    """With r rounds 4 r comparisons of a preset with itself."""
    parts = {"known": known_section(), "equal": equal_section(4 * rounds), "size": size_section()}
    figures = {name: figures for name, (_, figures) in parts.items()}
    return "\n".join(text for text, _ in parts.values()), figures
