"""The real Prometheus over our own configuration, on a free port, in a folder of its own."""

import json
import os
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request

import yaml

from harness import ROOT, clean_env

CONFIG = os.path.join(ROOT, "dashboards", "prometheus", "prometheus.yml")
NEVER_SCRAPED = "0001-01-01T00:00:00Z"
OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def free_ports(count):
    """Different ports of 127.0.0.1 on which nothing listens now."""
    probes = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [probe.getsockname()[1] for probe in probes]
    for probe in probes:
        probe.close()
    return ports


def config_for(targets):
    """Our configuration with the targets of each job in `targets` ({job: ["HOST:PORT", ..]})
    replaced; the other jobs are left out."""
    with open(CONFIG, encoding="utf-8") as file:
        config = yaml.safe_load(file)
    jobs = {job["job_name"]: job for job in config["scrape_configs"]}
    for name, addresses in targets.items():
        jobs[name]["static_configs"] = [{"targets": list(addresses)}]
    config["scrape_configs"] = [jobs[name] for name in targets]
    folder = os.path.dirname(CONFIG)
    config["rule_files"] = [os.path.join(folder, name) for name in config.get("rule_files", [])]
    return config


def promtool(*args, stdin=None):
    """Runs promtool to its end; returns its CompletedProcess."""
    return subprocess.run(["promtool", *map(str, args)], input=stdin, text=True, timeout=60,
                          capture_output=True, check=False)


class Prometheus:
    """Scrapes `targets` ({job: ["HOST:PORT", ..]}), or only shows the blocks in the folder `data`.
    Inside `with` it is ready and has tried every target once: a target that starts to listen now
    is found within a scrape interval."""

    def __init__(self, targets=None, data=None):
        self.wanted = targets or {}
        self.data = data

    def __enter__(self):
        self.folder = tempfile.TemporaryDirectory(prefix="sseprof-prometheus-")
        self.port, = free_ports(1)
        self.url = f"http://127.0.0.1:{self.port}"
        config = os.path.join(self.folder.name, "prometheus.yml")
        with open(config, "w", encoding="utf-8") as file:
            json.dump(config_for(self.wanted), file)  # JSON is YAML
        self.log = open(os.path.join(self.folder.name, "log"), "w+", encoding="utf-8")
        self.process = subprocess.Popen(
            ["prometheus", f"--config.file={config}", "--log.level=warn",
             f"--storage.tsdb.path={self.data or os.path.join(self.folder.name, 'data')}",
             "--storage.tsdb.retention.time=100y", f"--web.listen-address=127.0.0.1:{self.port}"],
            stdout=self.log, stderr=subprocess.STDOUT, env=clean_env())
        try:
            self._wait(self._ready, "is not ready")
            self._wait(self._tried_all, "does not scrape its targets")
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        self.process.terminate()
        try:
            self.process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.log.close()
        self.folder.cleanup()

    def query(self, expr, at=None):
        """[(labels, value)] at a Unix time, now without one."""
        found = self._ask("query", query=expr, **({} if at is None else {"time": at}))
        if found["resultType"] == "scalar":
            return [({}, float(found["result"][1]))]
        return [(series["metric"], float(series["value"][1])) for series in found["result"]]

    def value(self, expr, at=None):
        """The one value that there is."""
        found = self.query(expr, at)
        if len(found) != 1:
            raise AssertionError(f"{len(found)} series, not 1: {expr}")
        return found[0][1]

    def query_range(self, expr, start, end, step=1):
        """[(labels, [(time, value), ..])]."""
        found = self._ask("query_range", query=expr, start=start, end=end, step=step)
        return [(series["metric"], [(at, float(value)) for at, value in series["values"]])
                for series in found["result"]]

    def samples(self, selector, seconds=300):
        """[(labels, [(time, value), ..])] as they were scraped in the last seconds."""
        found = self._ask("query", query=f"{selector}[{seconds}s]")
        return [(series["metric"], [(at, float(value)) for at, value in series["values"]])
                for series in found["result"]]

    def names(self):
        """Of all metrics that it holds."""
        return set(self._ask("label/__name__/values"))

    def rules(self):
        return [rule for group in self._ask("rules")["groups"] for rule in group["rules"]]

    def targets(self):
        return self._ask("targets")["activeTargets"]

    def _ask(self, what, **parameters):
        data = urllib.parse.urlencode(parameters).encode() if parameters else None
        try:
            with OPENER.open(f"{self.url}/api/v1/{what}", data, timeout=20) as answer:
                return json.load(answer)["data"]
        except urllib.error.HTTPError as error:
            said = json.loads(error.read()).get("error", error)
            raise AssertionError(f"{said}: {parameters.get('query', what)}") from error

    def _ready(self):
        try:
            with OPENER.open(f"{self.url}/-/ready", timeout=5) as answer:
                return answer.status == 200
        except OSError:
            return False

    def _tried_all(self):
        tried = [t for t in self.targets() if t["lastScrape"] != NEVER_SCRAPED]
        return len(tried) == sum(map(len, self.wanted.values()))

    def _wait(self, condition, complaint, seconds=30):
        until = time.monotonic() + seconds
        while not condition():
            if self.process.poll() is not None or time.monotonic() > until:
                self.log.seek(0)
                raise RuntimeError(f"Prometheus {complaint}: {self.log.read()[-2000:]}")
            time.sleep(0.1)
