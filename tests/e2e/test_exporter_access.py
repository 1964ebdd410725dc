"""Where `run --metrics-listen` listens, whom it answers, and that nobody disturbs the run."""

import base64
import contextlib
import socket
import threading
import time
import unittest
import urllib.error

from harness import TestCase, sseprof
from live_run import LiveRun, fetch, pace, phase


ONE_SCRAPE = ("--requests", 1, "--max-tokens", 2, "--metrics-wait", "10s",
              "--metrics-linger", "0s")


class Address(TestCase):
    """Where it listens, and whom it answers."""

    def refused(self, *args, words):
        process = sseprof("run", "--base-url", "http://127.0.0.1:9", "--model", "m", "--requests",
                          1, *args)
        self.assert_one_line(process, 2, *words)

    def test_addresses_that_are_none(self):
        for address in ("127.0.0.1", "127.0.0.1:", ":", "9464", "127.0.0.1:70000", "127.0.0.1:x",
                        "127.0.0.1:-1", "nowhere.example:0", "1.2.3:80", "::1:80",
                        "[::1]", "[::1:80", "127.0.0.1:80s", "127.0.0.1:80,127.0.0.1:81", ""):
            with self.subTest(address):
                self.refused("--metrics-listen", address, words=["--metrics-listen"])

    def test_an_address_of_another_machine(self):
        self.refused("--metrics-listen", "192.0.2.1:9464", words=["192.0.2.1:9464"])

    def test_a_taken_port(self):
        with socket.create_server(("127.0.0.1", 0)) as taken:
            address = f"127.0.0.1:{taken.getsockname()[1]}"
            self.refused("--metrics-listen", address, words=["--metrics-listen", address, "in use"])

    def test_the_page_is_never_compressed(self):
        with pace() as sim, LiveRun(sim.url, self.folder, *ONE_SCRAPE) as run:
            page = fetch(run.url, headers={"Accept-Encoding": "gzip"})  # that it is no gzip
            self.assertEqual(run.finish(), 0, run.said)
        self.assertIn("sseprof_run_info{", page)

    def scraped_once(self, listen, *args):
        with pace() as sim, LiveRun(sim.url, self.folder, *ONE_SCRAPE, *args, listen=listen) as run:
            self.assertEqual(len(run.scrape().find("sseprof_run_info")), 1)
            self.assertEqual(run.finish(), 0, run.said)
        return run

    def test_a_name_for_this_machine(self):
        self.assertRegex(self.scraped_once("localhost:0").url, r"^http://127.0.0.1:\d+/metrics$")

    def test_ipv6_is_not_served(self):
        self.refused("--metrics-listen", "[::1]:0", words=["--metrics-listen", "[::1]:0", "IPv4"])

    def test_an_open_door_is_said(self):
        self.assertIn("--metrics-auth-file", "".join(self.scraped_once("0.0.0.0:0").said))
        self.assertNotIn("--metrics-auth-file", "".join(self.scraped_once("127.0.0.1:0").said))

    def test_a_password(self):
        with open(self.path("auth"), "w", encoding="utf-8") as file:
            file.write("joe:pass:wörd\n")
        good = {"Authorization": "Basic " + base64.b64encode("joe:pass:wörd".encode()).decode()}
        with pace() as sim, LiveRun(sim.url, self.folder, *ONE_SCRAPE, "--metrics-auth-file",
                                    self.path("auth"), listen="0.0.0.0:0") as run:
            run.url = run.url.replace("0.0.0.0", "127.0.0.1")
            for wrong in (b"joe:pass", b"joe:", b"jo:pass:w\xc3\xb6rd", b"", b":", None):
                headers = {} if wrong is None else {
                    "Authorization": "Basic " + base64.b64encode(wrong).decode()}
                with self.assertRaises(urllib.error.HTTPError, msg=wrong) as refused:
                    fetch(run.url, headers=headers)
                self.assertEqual(refused.exception.code, 401)
                self.assertNotIn("sseprof", refused.exception.read().decode())
                refused.exception.close()
            page = run.scrape(headers=good)
            self.assertEqual(phase(page), None)  # a refused scrape is none: it still waits
            self.assertEqual(run.finish(), 0, run.said)
        said = "".join(run.said)
        self.assertNotIn("--metrics-auth-file", said)
        self.assertNotIn("wörd", said)

    def test_a_bad_password_file(self):
        listen = ("--metrics-listen", "127.0.0.1:0", "--metrics-auth-file")
        self.refused(*listen, self.path("none"), words=["--metrics-auth-file", "none"])
        for text in ("", "\n", "nocolon\n", "a:b\nc:d\n"):
            with open(self.path("auth"), "w", encoding="utf-8") as file:
                file.write(text)
            self.refused(*listen, self.path("auth"), words=["--metrics-auth-file"])

    def test_options_that_mean_nothing_alone(self):
        for option in (["--metrics-auth-file", "x"], ["--metrics-buckets", "coarse"],
                       ["--metrics-wait", "1s"], ["--metrics-linger", "1s"],
                       ["--metrics-origin", "0"]):
            with self.subTest(option):
                self.refused(*option, words=[option[0]])

    def test_values_that_are_none(self):
        for option, values in {
                "--slo": ("ttft", "ttft=", "=1s", "ttft=soon", "ttft=-1s", "ttft=0", "itl=1s",
                          "TTFT=1s", "ttft=1s,tpot=1s", ""),
                "--metrics-buckets": ("finer", "", "48"),
                "--metrics-wait": ("soon", "-1s", ""),
                "--metrics-linger": ("long", "-1s", "")}.items():
            for value in values:
                with self.subTest(option=option, value=value):
                    self.refused("--metrics-listen", "127.0.0.1:0", option, value, words=[option])

    def test_a_target_given_twice(self):
        self.refused("--metrics-listen", "127.0.0.1:0", "--slo", "ttft=1s", "--slo", "ttft=2s",
                     words=["--slo", "ttft"])


class Scrapers(TestCase):
    """Whatever they do, the run is not disturbed and other scrapes are answered."""

    LOAD = ("--concurrency", 8, "--requests", 80, "--max-tokens", 20, "--metrics-linger", "0s")

    def undisturbed(self, disturb):
        """Runs of 4 s, each with disturb(run) at its begin. All must be well at the end, and the
        times good in one of three: what comes of the visitors is there in each of them, what comes
        of a busy machine is not."""
        for last in (False, False, True):
            with pace() as sim, LiveRun(sim.url, self.folder, *self.LOAD) as run:
                disturb(run)
                began = time.monotonic()
                self.assertEqual(run.scrape(timeout=10).value("sseprof_run_info"), 1)
                scraped = time.monotonic() - began
                self.assertEqual(run.finish(), 0, run.said)
            summary = run.summary
            self.assertEqual((summary["ok"], summary["errors"]), (80, 0))
            self.assertEqual(summary["itl_s"]["count"], 80 * 19)
            try:
                return self.check_times(summary, scraped)
            except AssertionError:
                if last:
                    raise

    def check_times(self, summary, scraped):
        self.assertLess(scraped, 4)
        self.assertEqual(summary["client"]["verdict"], "ok", summary["client"]["reason"])
        self.assertAlmostEqual(summary["itl_s"]["p50"], 0.02, delta=0.001)
        self.assertLess(summary["total_time_s"], 8)

    def visitors(self, run, count, *texts, receive_buffer=None):
        """Connections that have sent these texts, in turn."""
        for number in range(count):
            visitor = socket.socket()
            self.addCleanup(visitor.close)
            if receive_buffer:
                visitor.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
            visitor.connect(("127.0.0.1", int(run.url.split(":")[2].split("/")[0])))
            with contextlib.suppress(OSError):
                visitor.sendall(texts[number % len(texts)])

    def test_those_that_hang(self):
        self.undisturbed(lambda run: self.visitors(
            run, 50, b"", b"GET /metrics HTTP/1.1\r\nHost: x\r\n"))

    def test_those_that_never_read_their_answers(self):
        self.undisturbed(lambda run: self.visitors(
            run, 6, b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n" * 20, receive_buffer=2048))

    def test_those_that_send_garbage(self):
        self.undisturbed(lambda run: self.visitors(
            run, 40, b"\x16\x03\x01\x02\x00\x01", b"\0" * 4000, b"GET\r\n\r\n",
            b"GET " + b"/" * 100_000 + b" HTTP/1.1\r\n\r\n",
            b"POST /metrics HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999\r\n\r\n",
            b"GET /metrics HTTP/1.1\r\n" + b"X: y\r\n" * 20_000 + b"\r\n"))

    def test_other_paths_are_not_there(self):
        def fetch_others(run):
            for path in ("/", "/metric", "/../etc/passwd", "/metrics/../../etc/passwd"):
                with self.assertRaises(urllib.error.HTTPError) as refused:
                    fetch(run.url.replace("/metrics", path))
                self.assertIn(refused.exception.code, (400, 404), path)
                refused.exception.close()

        self.undisturbed(fetch_others)

    def test_fifty_at_once(self):
        def scrape(run, found):
            for _ in range(3):
                found.append(run.scrape(timeout=20).value("sseprof_run_info"))

        def scrape_all(run):
            found = []
            threads = [threading.Thread(target=scrape, args=(run, found)) for _ in range(50)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            self.assertEqual(found, [1] * 150)

        self.undisturbed(scrape_all)


if __name__ == "__main__":
    unittest.main()
