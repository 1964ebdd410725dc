"""What `run` shows of itself on stderr while it goes on."""

import fcntl
import json
import re
import shlex
import signal
import subprocess
import termios
import time
import unittest

from harness import (BINARY, RawServer, Sim, TestCase, clean_env, good_stream, reply, send_stream,
                     sseprof, start)
from terminal import Terminal

LABELS = re.compile(r"measuring|draining|warm-up|starting|requests|TTFT|ITL|latency|read| +p50")


def pace(itl_ms=20):
    return Sim("--model", "m", "--itl-ms", itl_ms, "--ttft-ms", 40, "--phase", "uniform")


def load(url, *args):
    return ("run", "--base-url", url, "--model", "m", "--prompt", "x", *map(str, args))


class OnTerminal:
    """A run whose stderr is a terminal; its stdout goes elsewhere."""

    def __init__(self, url, *args, columns=100, rows=30, env=None):
        self.terminal = Terminal(columns, rows)
        environment = clean_env(TERM="xterm")
        environment.pop("NO_COLOR", None)
        environment.update(env or {})
        self.process = subprocess.Popen([BINARY, *load(url, *args)], text=True, env=environment,
                                        stdout=subprocess.PIPE, stderr=self.terminal.end)

    def wait_for(self, pattern, seconds=20):
        """Until the screen shows it; returns the screen."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            for text in reversed(self.terminal.shown[-3:]):
                if re.search(pattern, "\n".join(text)):
                    return text
            time.sleep(0.05)
        raise AssertionError(f"no {pattern!r} in {self.terminal.raw!r}")

    def finish(self):
        self.stdout, _ = self.process.communicate(timeout=60)
        self.terminal.close()
        return self.process.returncode


class Block(TestCase):
    def finished(self, *args, **options):
        with pace() as sim:
            run = OnTerminal(sim.url, "--concurrency", 4, "--max-tokens", 40, *args, **options)
            self.assertEqual(run.finish(), 0, run.terminal.raw)
        return run

    def assert_clean(self, screen):
        self.assertEqual((screen.lines, screen.row, screen.column), ([""], 0, 0))

    def test_is_drawn_in_place_and_taken_away(self):
        run = self.finished("--requests", 12, "--warmup-requests", 4, "--out", "-")
        self.assertEqual(json.loads(run.stdout)["ok"], 12)
        drawn = [text for text in run.terminal.shown if text]
        self.assertGreaterEqual(len(drawn), 3)
        self.assertLessEqual(run.terminal.screen.highest, 9)
        for text in drawn:
            self.assertTrue(all(LABELS.match(line) for line in text[:7]), text)
        self.assertTrue(any("warm-up" in text[0] for text in drawn), drawn)
        last = drawn[-1]
        self.assertRegex(last[1], r"^requests    +\d+ of 16 done   \d of 4 in flight +\d+ tok/s$")
        self.assertRegex(last[3], r"^TTFT +[4-9]\d\.\d ms +[4-9]\d\.\d ms$")
        self.assertRegex(last[4], r"^ITL +(1\d|2\d)\.\d ms +\d+\.\d ms$")
        self.assertRegex(last[6], r"^read late +\S+ .?s +\S+ .?s   \d+\.\d % of events coalesced")
        self.assert_clean(run.terminal.screen)
        self.assertTrue(run.terminal.screen.colours)

    def test_says_which_run_it_is(self):
        with pace() as sim:
            run = OnTerminal(sim.url, "--concurrency", 4, "--max-tokens", 40, "--requests", 8,
                             "--repeat", 2)
            for title in ("run 1 of 2", "run 2 of 2"):
                self.assertEqual(run.wait_for(title)[0], title)
            self.assertEqual(run.finish(), 0, run.terminal.raw)
        self.assert_clean(run.terminal.screen)

    def test_foresees_the_end(self):
        with pace() as sim:
            run = OnTerminal(sim.url, "--concurrency", 2, "--max-tokens", 20, "--duration", "4s",
                             "--warmup-requests", 0)
            run.wait_for(r"0:0[01] elapsed +0:0[23] left")
            run.wait_for(r"0:03 elapsed +0:00 left")
            self.assertEqual(run.finish(), 0)

    def test_is_cut_to_the_terminal_as_it_changes(self):
        with pace() as sim:
            run = OnTerminal(sim.url, "--concurrency", 4, "--duration", "5s", "--max-tokens", 20,
                             columns=36)
            narrow = run.wait_for("ITL +[0-9]")
            self.assertLessEqual(max(map(len, narrow)), 35)
            self.assertRegex(narrow[0], r"elapsed$|elapsed  +")
            run.terminal.screen.columns = 100
            run.terminal.resize(100)
            wide = run.wait_for("tok/s")
            self.assertEqual(len([line for line in wide if line.startswith("ITL")]), 1)
            self.assertEqual(run.finish(), 0)
        self.assert_clean(run.terminal.screen)

    def test_is_no_higher_than_the_terminal(self):
        run = self.finished("--requests", 8, rows=4)
        self.assertEqual(run.terminal.screen.highest, 3)
        self.assert_clean(run.terminal.screen)

    def test_no_color(self):
        run = self.finished("--requests", 8, env={"NO_COLOR": "1"})
        self.assertGreater(run.terminal.screen.highest, 5)
        self.assertEqual(run.terminal.screen.colours, set())

    def test_nothing_with_quiet(self):
        self.assertEqual(self.finished("--requests", 8, "--quiet").terminal.raw, "")

    def test_failures_with_their_reasons_and_a_clean_message_after(self):
        def fails(connection, request, n):
            time.sleep(0.3)
            connection.sendall(reply(500 if n % 2 else 404, "{}"))

        with RawServer(fails) as server:
            run = OnTerminal(server.url, "--concurrency", 2, "--requests", 8,
                             "--warmup-requests", 0, "--max-failures", 100)
            text = run.wait_for(r"failed +\d+: \d http_4xx, \d http_5xx")
            self.assertEqual(run.finish(), 1)
        self.assertRegex(text[1], r"[1-8] of 8 done")
        self.assertEqual([line.split()[0] for line in text[1:]],
                         ["requests", "p50", "TTFT", "ITL", "latency", "read", "failed"])
        self.assertIn("31", run.terminal.screen.colours)
        left = run.terminal.screen.text()
        self.assertFalse([line for line in left if LABELS.match(line)], left)
        self.assertIn("8 of 8 requests failed", left[0])

    def test_without_a_stream_there_are_no_gaps(self):
        with pace() as sim:
            run = OnTerminal(sim.url, "--concurrency", 4, "--requests", 16, "--max-tokens", 20,
                             "--no-stream")
            text = run.wait_for(r"latency +\d[^\n]*\n")
            self.assertEqual(run.finish(), 0)
        self.assertRegex("\n".join(text), r"TTFT +- +-\nITL +- +-\nlatency +\d\S+ ms")

    def test_nothing_while_a_shell_has_it_in_the_background(self):
        def shown(ending):
            terminal = Terminal()
            command = shlex.join([BINARY, *load(sim.url, "--duration", "2s", "--max-tokens", 20)])
            subprocess.run(["sh", "-mc", f"{command} {ending}"], env=clean_env(TERM="xterm"),
                           stdin=terminal.end, stdout=subprocess.DEVNULL, stderr=terminal.end,
                           start_new_session=True, check=True, timeout=60,
                           preexec_fn=lambda: fcntl.ioctl(terminal.end, termios.TIOCSCTTY, 0))
            terminal.close()
            return terminal.raw

        with pace() as sim:
            self.assertIn("measuring", shown("; true"))
            self.assertNotIn("measuring", shown("& wait"))

    def test_interrupted_once_and_twice(self):
        for signals in (1, 2):
            with RawServer(lambda *_: time.sleep(60)) as server:
                run = OnTerminal(server.url, "--concurrency", 2, "--requests", 2)
                run.wait_for("in flight")
                for _ in range(signals):
                    run.process.send_signal(signal.SIGINT)
                self.assertEqual(run.finish(), 130)
            self.assertEqual(run.terminal.screen.column, 0)
            if signals == 1:
                self.assert_clean(run.terminal.screen)


class Lines(TestCase):
    """Where no cursor can be moved, or nobody looks."""

    LINE = re.compile(r"^0:05, (\d:\d\d|-) left, measuring: \d+ requests done, 2 in flight, "
                      r"0 failed, \d+ tok/s, TTFT \S+ ms p50 \S+ ms p99, "
                      r"ITL \S+ ms p50 \S+ ms p99, read late \S+ .?s p50 \S+ .?s p99\b")

    def test_one_every_five_seconds(self):
        with pace() as sim:
            args = ("--concurrency", 2, "--max-tokens", 20, "--duration", "6s")
            dumb = OnTerminal(sim.url, *args, env={"TERM": "dumb"})
            nameless = OnTerminal(sim.url, *args, env={"TERM": ""})
            piped = start(*load(sim.url, *args, "--out", "-"))
            out, err = piped.communicate(timeout=60)
            dumb.finish()
            nameless.finish()
        self.assertEqual(json.loads(out)["failures"], {})
        for said in (err, dumb.terminal.raw.replace("\r", ""),
                     nameless.terminal.raw.replace("\r", "")):
            self.assertNotIn("\x1b", said)
            self.assertEqual(said.count("\n"), 1, said)
            self.assertRegex(said, self.LINE)

    def test_nothing_of_a_short_run_or_with_quiet(self):
        with RawServer(lambda c, r, n: send_stream(c, good_stream())) as server:
            for args in ((), ("--quiet",)):
                process = sseprof(*load(server.url, "--requests", 2, *args))
                self.assertEqual((process.returncode, process.stderr), (0, ""))
                self.assertIn("2 good", process.stdout)


if __name__ == "__main__":
    unittest.main()
