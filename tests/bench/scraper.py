"""Asks a run for its metrics, as Prometheus does it."""

import socket
import threading
import time
import urllib.request


class MetricsUrl:
    """Where a run is to listen, on a port that is free."""

    def __init__(self):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.address = f"127.0.0.1:{probe.getsockname()[1]}"
        self.request = urllib.request.Request(f"http://{self.address}/metrics",
                                              headers={"Accept-Encoding": "gzip"})

    def scrape(self):
        """The answer. Raises OSError where there is none."""
        with urllib.request.urlopen(self.request, timeout=1) as answer:
            return answer.read()


class Scraper:
    """Asks for the metrics every second, from when they are there until the client has gone."""

    PERIOD_S = 1

    def __init__(self):
        self.url = MetricsUrl()
        self.seconds, self.bytes = [], []
        self.over = threading.Event()
        self.thread = threading.Thread(target=self._work)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.over.set()
        self.thread.join()

    def _work(self):
        while not self.over.wait(self.PERIOD_S if self.seconds else 0.02):
            began = time.monotonic()
            try:
                data = self.url.scrape()
            except OSError:  # not there yet, or gone
                continue
            self.seconds.append(time.monotonic() - began)
            self.bytes.append(len(data))
