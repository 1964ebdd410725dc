"""Three runs at once that a real Prometheus scrapes: two good ones of two variants, and one with
failures of every kind that a server can cause."""

import contextlib
import os
import tempfile
import time

from harness import GOOD_EVENTS, RawServer, STREAM_HEAD, Sim, chunked, delta, event, reply
from live_run import LiveRun
from prometheus import Prometheus, free_ports

ORIGIN = 1_700_000_000  # of the files that are to lie one upon the other
SECONDS = 8


def send_paced(connection, events, done=True):
    """One event every 20 ms."""
    connection.sendall(STREAM_HEAD)
    for value in events:
        connection.sendall(chunked(event(value)))
        time.sleep(0.02)
    connection.sendall((chunked(event(b"[DONE]")) if done else b"") + b"0\r\n\r\n")


def usage(completion):
    return {"id": "c-1", "choices": [],
            "usage": {"prompt_tokens": 5, "completion_tokens": completion}}


FAULTS = [
    lambda c: c.sendall(reply(500, "{}")),
    lambda c: c.sendall(reply(429, "{}")),
    lambda c: c.sendall(reply(404, "{}")),
    lambda c: c.sendall(reply(307, "", headers=["Location: http://127.0.0.1:9/"])),
    lambda c: c.sendall(reply(200, "{}")),  # not_sse
    lambda c: send_paced(c, [*GOOD_EVENTS[:3], {"error": {"message": "died"}}]),
    lambda c: send_paced(c, [*GOOD_EVENTS[:3], b"{no json"]),
    lambda c: send_paced(c, GOOD_EVENTS[:3], done=False),  # truncated
    lambda c: send_paced(c, [delta("x" * 2_000_000)]),  # too_large
    lambda c: time.sleep(1),  # stalled
    lambda c: send_paced(c, [*GOOD_EVENTS[:4], usage(9)]),  # good, but usage says more
    lambda c: send_paced(c, GOOD_EVENTS[:4]),  # good, without usage
]


def faulty(connection, _, n):
    """Every second answer is good, the others go through the faults in turn."""
    if n % 2 == 0:
        send_paced(connection, GOOD_EVENTS)
    else:
        FAULTS[n // 2 % len(FAULTS)](connection)
    return n % 3 != 0 and n % 2 == 0


class LiveScene:
    """Inside `with` all is over: Prometheus holds what it has seen of the ended runs."""

    def __enter__(self):
        with contextlib.ExitStack() as stack:
            self._play(stack)
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *_):
        self._stack.close()

    def openmetrics(self, name):
        return os.path.join(self.folder, name + ".om")

    def _play(self, stack):
        self.folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="sseprof-scene-"))
        fast = stack.enter_context(Sim("--preset", "nvfp4", "--jitter", "0.1"))
        slow = stack.enter_context(Sim("--preset", "bf16", "--jitter", "0.1"))
        bad = stack.enter_context(RawServer(faulty))
        ports = free_ports(3)
        self.prometheus = stack.enter_context(Prometheus({
            "sseprof": [f"127.0.0.1:{port}" for port in ports],
            "server": [server.url.split("//")[1] for server in (fast, slow)]}))
        self.began = time.time()
        good = ("--concurrency", 8, "--duration", f"{SECONDS}s", "--max-tokens", 24,
                "--warmup-requests", 80, "--metrics-origin", ORIGIN)
        self.fast = self._start(stack, fast.url, "nvfp4", ports[0], *good, "--slo", "ttft=30ms",
                                "--slo", "tpot=9.8ms", "--slo", "latency=1s")
        self.slow = self._start(stack, slow.url, "bf16", ports[1], *good)
        self.bad = self._start(stack, bad.url, "faulty", ports[2], "--concurrency", 6, "--duration",
                               f"{SECONDS}s", "--model", "m", "--max-failures", 1000,
                               "--max-error-rate", 1, "--first-token-timeout", "500ms")
        self.runs = (self.fast, self.slow, self.bad)
        for run in self.runs:
            if run.finish() != 0:
                raise AssertionError(f"{run.variant}: {''.join(run.said)}")
        self.ended = time.time()

    def _start(self, stack, url, variant, port, *args):
        run = LiveRun(url, self.folder, "--label", f"variant={variant}", "--metrics-wait", "10s",
                      "--metrics-openmetrics", self.openmetrics(variant), *args,
                      listen=f"127.0.0.1:{port}", name=variant)
        stack.enter_context(run)
        run.variant = variant
        return run
