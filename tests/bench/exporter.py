"""What it costs to be watched: the same load with the exporter on, scraped every second as Prometheus
does it, and off."""

import os
import statistics

from harness import (fixed, flood, load_json, median, run_client, scratch, sim, sseprof_run,
                     table)
from one_scrape import one_scrape_section
from scraper import Scraper

# name, server, streams, requests, tokens: some seconds each.
LOADS = (
    ("64, flooded, 64 events a send", lambda: flood(64), 64, 40000, 240),
    ("256, 20 ms", lambda: sim("--itl-ms", 20, "--ttft-ms", 200, "--phase", "uniform"), 256, 256,
     300),
    ("1,000, 20 ms", lambda: sim("--itl-ms", 20, "--ttft-ms", 200, "--phase", "uniform"), 1000,
     1000, 300),
)


def measure(server, streams, requests, tokens, watched):
    """One run: CPU seconds, the p99 of client_delay, and its scrapes."""
    with scratch() as folder:
        command = sseprof_run(server.url, streams, requests, tokens, folder)
        if not watched:
            cost, scraper = run_client(command, server), None
        else:
            with Scraper() as scraper:
                cost = run_client([*command, "--metrics-listen", scraper.url.address], server)
        summary = load_json(os.path.join(folder, "run.json"))
    if summary["ok"] != requests:
        raise SystemExit(f"bench: {summary['errors']} of {requests} requests failed")
    return {"cpu_s": cost.cpu_s, "delay_us": summary["client"]["client_delay_s"]["p99"] * 1e6,
            "scraper": scraper}


def watched_section(rounds):
    rows, figures = [], {}
    for name, make, streams, requests, tokens in LOADS:
        pairs = []
        with make() as server:
            for i in range(rounds):
                order = (False, True) if i % 2 == 0 else (True, False)
                runs = {on: measure(server, streams, requests, tokens, on) for on in order}
                pairs.append((runs[False], runs[True]))
        events = requests * tokens
        found = {
            "us_per_event_off": median([off["cpu_s"] for off, _ in pairs]) / events * 1e6,
            "us_per_event_on": median([on["cpu_s"] for _, on in pairs]) / events * 1e6,
            "ratio": sum(on["cpu_s"] for _, on in pairs) / sum(off["cpu_s"] for off, _ in pairs),
            "client_delay_p99_us_off": median([off["delay_us"] for off, _ in pairs]),
            "client_delay_p99_us_on": median([on["delay_us"] for _, on in pairs]),
            "client_delay_p99_us_more": median([on["delay_us"] - off["delay_us"]
                                                for off, on in pairs]),
            "scrapes": median([len(on["scraper"].seconds) for _, on in pairs]),
            "scrape_ms": median([s * 1e3 for _, on in pairs for s in on["scraper"].seconds]),
            "scrape_kib": median([b / 1024 for _, on in pairs for b in on["scraper"].bytes]),
        }
        ratios = [on["cpu_s"] / off["cpu_s"] for off, on in pairs]
        figures[name] = {**found, "ratios": ratios}
        error = statistics.stdev(ratios) / len(ratios) ** 0.5 if len(ratios) > 1 else None
        rows.append([name, fixed(found["ratio"], 3), fixed(error, 3), fixed(found["us_per_event_off"], 3),
                     fixed(found["us_per_event_on"], 3), fixed(found["client_delay_p99_us_off"], 0),
                     fixed(found["client_delay_p99_us_on"], 0), fixed(found["scrapes"], 0),
                     fixed(found["scrape_ms"], 1), fixed(found["scrape_kib"], 0)])
    head = ["streams, gap", "CPU watched / not (sums)", "standard error", "us/event not", "watched",
            "client_delay p99 us not", "watched", "scrapes a run", "ms a scrape", "KiB"]
    return table(head, rows), figures


def exporter_section(rounds):
    text, figures = watched_section(rounds)
    more, of_one = one_scrape_section(rounds)
    return f"{text}\n{more}", {"watched": figures, "one_scrape": of_one}
