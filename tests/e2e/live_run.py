"""A run of sseprof that can be scraped while it runs."""

import http.client
import os
import re
import signal
import threading
import time
import urllib.request

from exposition import Page
from harness import Sim, load_json, load_records, start

OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def pace():
    """A server with gaps of 20 ms and the first token after 40 ms."""
    return Sim("--model", "m", "--itl-ms", 20, "--ttft-ms", 40, "--phase", "uniform")


def fetch(url, timeout=10, headers=None):
    """What a scrape gets, as text."""
    request = urllib.request.Request(url, headers=headers or {})
    with OPENER.open(request, timeout=timeout) as answer:
        return answer.read().decode()


class LiveRun:
    """`sseprof run` with `--metrics-listen`, started; its results lie in `folder` under `name`.
    Inside `with` its page can be scraped (where the port is not 0, as soon as it listens), and at
    the end it is ended."""

    def __init__(self, base_url, folder, *args, listen="127.0.0.1:0", name="run", env=None, core=1):
        self.out = os.path.join(folder, name + ".json")
        self.records = os.path.join(folder, name + ".jsonl")
        self.began = time.monotonic()
        self.process = start("run", "--base-url", base_url, "--quiet", "--out", self.out,
                             "--records", self.records, "--metrics-listen", listen, *args,
                             env=env, core=core)
        self.said = []  # lines of stderr
        self.ended_at = None
        self.url = None if listen.endswith(":0") else f"http://{listen}/metrics"
        self._listens = threading.Event()
        self._reader = threading.Thread(target=self._read_stderr, daemon=True)
        self._reader.start()
        self._drain = threading.Thread(target=self.process.stdout.read, daemon=True)
        self._drain.start()

    def __enter__(self):
        if not self.url:
            self._listens.wait(20)
        if not self.url:
            self.stop()
            raise AssertionError("no metrics: " + "".join(self.said))
        return self

    def __exit__(self, *_):
        self.stop()

    def scrape(self, **options):
        return Page(fetch(self.url, **options))

    def scrape_to_end(self, every=0.2):
        """Scrapes until the process is gone; returns all pages."""
        pages = []
        while self.process.poll() is None:
            try:
                pages.append(self.scrape())
            except (OSError, http.client.HTTPException):  # it ended
                break
            time.sleep(every)
        return pages

    def wait_for(self, condition, seconds=20):
        """Scrapes until condition(page); returns that page."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            page = self.scrape()
            if condition(page):
                return page
            time.sleep(0.05)
        raise AssertionError("it did not come to that: " + "".join(self.said))

    def finish(self, seconds=60):
        """Waits for its end; returns the exit status."""
        self.process.wait(timeout=seconds)
        self._reader.join()
        return self.process.returncode

    def interrupt(self):
        self.process.send_signal(signal.SIGINT)

    def stop(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        for thread in (self._reader, self._drain):
            thread.join()
        self.process.stdout.close()
        self.process.stderr.close()

    def has_results(self):
        return os.path.exists(self.out)

    @property
    def summary(self):
        return load_json(self.out)

    @property
    def requests(self):
        return load_records(self.records)[1]

    def _read_stderr(self):
        for line in self.process.stderr:
            self.said.append(line)
            found = re.search(r"metrics on (http://\S+)", line)
            if found:
                self.url = found.group(1)
                self._listens.set()
        self._listens.set()
        self.process.wait()
        self.ended_at = time.monotonic()


def live_counts(summary, requests):
    """What the page holds at a run's end, by its results: every count without a label of its own
    (names without sseprof_)."""
    s, client = summary, summary["client"]
    return {
        "requests_started_total": s["ok"] + s["errors"],
        "requests_completed_total": s["ok"],
        "time_to_first_token_seconds_count": s["ttft_s"]["count"],
        "e2e_request_latency_seconds_count": s["latency_s"]["count"],
        "request_time_per_output_token_seconds_count": s["tpot_s"]["count"],
        "inter_token_latency_seconds_count": s["itl_s"]["count_all"],
        "output_tokens_counted_total": s["usage_check"]["tokens_counted_all"],
        "send_delay_seconds_count": s["send_delay_s"]["count"],
        "connect_duration_seconds_count": s["connect_s"]["count"],
        "client_delay_seconds_count": client["client_delay_s"]["count"],
        "usage_missing_total": s["usage_check"]["missing"],
        "stream_events_total": sum(len(r["event_ns"]) for r in requests if not r["warmup"]),
        "bundled_events_total": client["bundled"],
        "coalesced_events_total": client["coalesced"],
        "arrival_uncertainty_seconds_count": client["bundled"] + client["coalesced"],
        "schedule_lag_seconds_count": s["ok"] + s["errors"],
        "connections_opened_total": sum(not r["reused"] for r in requests),
        "requests_in_flight": 0}


def phase(page):
    """The phase that the run is in; None before the load."""
    now = [labels["phase"] for labels, value in page.find("sseprof_phase") if value == 1]
    if len(now) > 1:
        raise AssertionError(f"several phases: {now}")
    return now[0] if now else None
