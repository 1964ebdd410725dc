"""What it costs to be watched: the same load with the exporter on, scraped every second as Prometheus
does it, and off."""

import gzip
import os
import socket
import threading
import time
import urllib.error
import urllib.request

from harness import (fixed, flood, load_json, median, run_client, scratch, sim, sseprof_run,
                     table)

PERIOD_S = 1
# name, server, streams, requests, tokens: some seconds each.
LOADS = (
    ("64, flooded, 64 events a send", lambda: flood(64), 64, 40000, 240),
    ("256, 20 ms", lambda: sim("--itl-ms", 20, "--ttft-ms", 200, "--phase", "uniform"), 256, 256,
     300),
    ("1,000, 20 ms", lambda: sim("--itl-ms", 20, "--ttft-ms", 200, "--phase", "uniform"), 1000,
     1000, 300),
)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Scraper:
    """Asks for the metrics every second, from when they are there until the client has gone."""

    def __init__(self, port):
        self.request = urllib.request.Request(f"http://127.0.0.1:{port}/metrics",
                                              headers={"Accept-Encoding": "gzip"})
        self.seconds, self.bytes, self.sent_bytes = [], [], []
        self.over = threading.Event()
        self.thread = threading.Thread(target=self._work)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.over.set()
        self.thread.join()

    def _work(self):
        while not self.over.wait(PERIOD_S if self.seconds else 0.02):
            began = time.monotonic()
            try:
                with urllib.request.urlopen(self.request, timeout=1) as answer:
                    data = answer.read()
            except (urllib.error.URLError, OSError):
                continue  # not there yet, or gone
            self.seconds.append(time.monotonic() - began)
            self.sent_bytes.append(len(data))
            self.bytes.append(len(gzip.decompress(data)))


def measure(server, streams, requests, tokens, watched):
    """One run: CPU seconds, the p99 of client_delay, and its scrapes."""
    with scratch() as folder:
        command = sseprof_run(server.url, streams, requests, tokens, folder)
        if not watched:
            cost, scraper = run_client(command, server), None
        else:
            port = free_port()
            with Scraper(port) as scraper:
                cost = run_client([*command, "--metrics-listen", f"127.0.0.1:{port}"], server)
        summary = load_json(os.path.join(folder, "run.json"))
    if summary["ok"] != requests:
        raise SystemExit(f"bench: {summary['errors']} of {requests} requests failed")
    return {"cpu_s": cost.cpu_s, "delay_us": summary["client"]["client_delay_s"]["p99"] * 1e6,
            "scraper": scraper}


def exporter_section(rounds):
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
            "ratio": median([on["cpu_s"] / off["cpu_s"] for off, on in pairs]),
            "client_delay_p99_us_off": median([off["delay_us"] for off, _ in pairs]),
            "client_delay_p99_us_on": median([on["delay_us"] for _, on in pairs]),
            "client_delay_p99_us_more": median([on["delay_us"] - off["delay_us"]
                                                for off, on in pairs]),
            "scrapes": median([len(on["scraper"].seconds) for _, on in pairs]),
            "scrape_ms": median([s * 1e3 for _, on in pairs for s in on["scraper"].seconds]),
            "scrape_kib": median([b / 1024 for _, on in pairs for b in on["scraper"].bytes]),
            "sent_kib": median([b / 1024 for _, on in pairs for b in on["scraper"].sent_bytes]),
        }
        figures[name] = {**found, "ratios": [on["cpu_s"] / off["cpu_s"] for off, on in pairs]}
        rows.append([name, fixed(found["ratio"], 3), fixed(found["us_per_event_off"], 3),
                     fixed(found["us_per_event_on"], 3), fixed(found["client_delay_p99_us_off"], 0),
                     fixed(found["client_delay_p99_us_on"], 0), fixed(found["scrapes"], 0),
                     fixed(found["scrape_ms"], 1), fixed(found["scrape_kib"], 0),
                     fixed(found["sent_kib"], 1)])
    head = ["streams, gap", "CPU watched / not", "us/event not", "watched",
            "client_delay p99 us not", "watched", "scrapes a run", "ms a scrape", "KiB",
            "KiB sent"]
    return table(head, rows), figures
