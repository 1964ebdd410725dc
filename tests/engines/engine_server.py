"""An engine's server as a process group of its own: started, waited for, and ended whole."""

import os
import signal
import subprocess
import time
import urllib.request

OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))
PAUSE_S = 0.5
GRACE_S = 30


class DidNotStart(Exception):
    """Why, with the end of its log."""


def get(url, timeout_s=10):
    """The page's text."""
    with OPENER.open(url, timeout=timeout_s) as answer:
        return answer.read().decode()


class EngineServer:
    """`command` in a session of its own, all that it prints in `log`. Ready when `health` answers
    200; ended with SIGINT, and what is left of the group after a grace with SIGKILL."""

    def __init__(self, command, url, log, environment, patience_s):
        self.command = [str(part) for part in command]
        self.url = url
        self.log = log
        self.environment = environment
        self.patience_s = patience_s

    def __enter__(self):
        if self._is_ready():
            raise DidNotStart(f"something answers at {self.url} already; end it first")
        with open(self.log, "w", encoding="utf-8") as output:
            self.process = subprocess.Popen(
                self.command, stdin=subprocess.DEVNULL, stdout=output, stderr=output,
                env={**os.environ, **self.environment}, start_new_session=True)
        try:
            self._wait_until_ready()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        self._signal(signal.SIGINT)
        try:
            self.process.wait(GRACE_S)
        except subprocess.TimeoutExpired:
            pass
        self._signal(signal.SIGKILL)
        self.process.wait()

    def _wait_until_ready(self):
        until = time.monotonic() + self.patience_s
        while time.monotonic() < until:
            if self.process.poll() is not None:
                raise DidNotStart(f"exit status {self.process.returncode}; {self._last_lines()}")
            if self._is_ready():
                return
            time.sleep(PAUSE_S)
        raise DidNotStart(f"not ready after {self.patience_s} s; {self._last_lines()}")

    def _is_ready(self):
        try:
            get(f"{self.url}/health")
            return True
        except OSError:
            return False

    def _last_lines(self):
        with open(self.log, encoding="utf-8", errors="replace") as file:
            return f"{self.log} ends: " + " | ".join(file.read().split("\n")[-4:])

    def _signal(self, number):
        try:
            os.killpg(self.process.pid, number)
        except ProcessLookupError:
            pass
