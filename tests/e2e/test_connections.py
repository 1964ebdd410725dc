"""Shapes of HTTP, proxies and signals: what the connection does must not change what is measured."""

import os
import signal
import socket
import time
import unittest

from harness import (RawServer, STREAM_HEAD, TestCase, chunked, delta, event, good_stream,
                     load_json, load_records, read_request, reply, send_stream, sseprof, start)

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"


def in_pieces(connection, data, size, pause=0.0):
    for i in range(0, len(data), size):
        connection.sendall(data[i:i + size])
        time.sleep(pause)


class Shapes(TestCase):
    """Answers that are good, whatever way they come."""

    def good(self, handler, *args, requests=2):
        with RawServer(handler) as server:
            process, summary, records = self.run_once(
                server.url, "--prompt", "x", "--requests", requests, "--concurrency", 1,
                "--save-text", *args)
        self.assertEqual(process.returncode, 0, process.stderr)
        for request in records[1]:
            self.assertEqual((request["outcome"], request["text"]), ("ok", "Hello world"))
            self.assertEqual(request["kinds"], "evvfud")
            times = [0, request["first_byte_ns"], *request["event_ns"],
                     request["closed_ns"]]
            self.assertEqual(times, sorted(times))
            self.assertEqual(request["end_ns"], request["event_ns"][-1])
            self.assertFalse(request["retried"])
            self.assertGreater(request["sent_ns"], 0)
        return records[1], summary

    def bad(self, handler, reason, message=""):
        with RawServer(handler) as server:
            process, summary, records = self.run_once(server.url, "--prompt", "x", "--requests", 1)
        self.assertEqual(process.returncode, 1, process.stderr)
        self.assertEqual(summary["failures"], {reason: 1}, records[1])
        self.assertIn(message, records[1][0]["message"])

    def test_a_connection_for_every_answer(self):
        def close(connection, *_):
            connection.sendall(HEAD + b"Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n" +
                               chunked(good_stream()) + b"0\r\n\r\n")
            return False

        requests, summary = self.good(close, requests=3)
        self.assertEqual([r["reused"] for r in requests], [False] * 3)
        self.assertTrue(all(r["connect_ns"] > 0 for r in requests))
        self.assertEqual(summary["ttft_s"]["cold_count"], 3)

    def test_a_kept_connection(self):
        requests, summary = self.good(lambda c, r, n: send_stream(c, good_stream()), requests=3)
        self.assertEqual([r["reused"] for r in requests], [False, True, True])
        self.assertEqual([r["connect_ns"] is None for r in requests], [False, True, True])
        self.assertEqual(summary["ttft_s"]["cold_count"], 1)
        self.assertEqual(summary["connect_s"]["count"], 1)

    def test_http_1_0_ends_with_the_connection(self):
        def old(connection, *_):
            connection.sendall(b"HTTP/1.0 200 OK\r\nContent-Type: text/event-stream\r\n\r\n")
            in_pieces(connection, good_stream(), 100)
            return False

        requests, _ = self.good(old)
        self.assertEqual([r["reused"] for r in requests], [False, False])

    def test_a_length_instead_of_chunks(self):
        body = good_stream()
        head = HEAD + b"Content-Length: %d\r\n\r\n" % len(body)
        requests, _ = self.good(lambda c, r, n: in_pieces(c, head + body, 70))
        self.assertTrue(requests[1]["reused"])

    def test_a_length_that_is_not_reached(self):
        def short(connection, *_):
            connection.sendall(HEAD + b"Content-Length: 9999\r\n\r\n" + event(delta("Hi")))
            return False

        self.bad(short, "truncated")

    def test_interim_answers(self):
        interim = (b"HTTP/1.1 100 Continue\r\n\r\n"
                   b"HTTP/1.1 103 Early Hints\r\nContent-Type: text/html\r\n\r\n")

        def hinting(connection, *_):
            connection.sendall(interim)
            time.sleep(0.02)
            send_stream(connection, good_stream())

        self.good(hinting)

    def test_a_head_in_pieces(self):
        def slowly(connection, *_):
            in_pieces(connection, STREAM_HEAD, 25, 0.003)
            connection.sendall(chunked(good_stream()) + b"0\r\n\r\n")

        requests, _ = self.good(slowly)
        for request in requests:
            self.assertGreater(request["event_ns"][0] - request["first_byte_ns"], 5_000_000)

    def test_chunk_extensions_and_trailers(self):
        body = good_stream()
        cut = len(body) // 2
        coded = b"".join(b'%X;sig="a;b"\r\n%s\r\n' % (len(part), part)
                         for part in (body[:cut], body[cut:]))
        end = b"000;last\r\nX-Checksum: abc\r\nX-More: 1\r\n\r\n"
        requests, _ = self.good(lambda c, r, n: c.sendall(STREAM_HEAD + coded + end))
        self.assertTrue(requests[1]["reused"])

    def test_a_segment_for_every_byte(self):
        wire = STREAM_HEAD + chunked(good_stream()) + b"0\r\n\r\n"
        self.good(lambda c, r, n: in_pieces(c, wire, 1))

    def test_odd_heads(self):
        heads = [HEAD.replace(b"200 OK", b"200"), HEAD.replace(b"\r\n", b"\n"),
                 HEAD.replace(b"Content-Type: text/event-stream",
                              b"content-type:TEXT/Event-Stream ; charset=utf-8"),
                 HEAD + b"X-Long: " + b"a" * 60_000 + b"\r\n",
                 HEAD + b"Content-Encoding: identity\r\n"]
        for head in heads:
            with self.subTest(head[:60]):
                self.good(lambda c, r, n: c.sendall(
                    head + b"Transfer-Encoding: Chunked\r\n\r\n" + chunked(good_stream()) +
                    b"0\r\n\r\n"))

    def test_encodings_are_refused(self):
        head = HEAD + b"Content-Encoding: gzip\r\nContent-Length: 20\r\n\r\n"
        self.bad(lambda c, r, n: c.sendall(head + b"\x1f\x8b" + b"x" * 18), "not_sse", "gzip")

    def test_statuses_without_a_stream(self):
        self.bad(lambda c, r, n: c.sendall(b"HTTP/1.1 204 None\r\n\r\n"), "not_sse", "204")

    def test_a_head_without_bound(self):
        def endless(connection, *_):
            connection.sendall(HEAD)
            for _ in range(400):
                connection.sendall(b"X-More: " + b"y" * 1000 + b"\r\n")
            return False

        self.bad(endless, "truncated", "header")

    def test_what_follows_an_answer_is_not_taken_for_the_next(self):
        def chatty(connection, *_):
            connection.sendall(STREAM_HEAD + chunked(good_stream()) + b"0\r\n\r\n" +
                               b"HTTP/1.1 500 Late\r\nContent-Length: 0\r\n\r\n")

        self.good(chatty, requests=3)

    def test_an_answer_before_the_request_is_read(self):
        with open(self.path("long.txt"), "w", encoding="utf-8") as file:
            file.write("word " * 1_000_000)
        answer = reply(413, '{"error":{"message":"too long"}}')
        listener = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(listener.close)
        process = start("run", "--base-url", f"http://127.0.0.1:{listener.getsockname()[1]}",
                        "--model", "m", "--prompt-file", self.path("long.txt"), "--requests", 1,
                        "--quiet", "--out", self.path("out.json"), "--timeout", "5s",
                        "--server-metrics", "off")
        for wanted in (b"GET", b"POST"):
            connection, _ = listener.accept()
            with connection:
                self.assertTrue(connection.recv(1000).startswith(wanted))
                connection.sendall(answer)
                if wanted == b"POST":
                    time.sleep(0.3)
        process.communicate(timeout=20)
        self.assertEqual(process.returncode, 1)
        self.assertEqual(load_json(self.path("out.json"))["failures"], {"http_4xx": 1})


class Proxies(TestCase):
    def test_only_the_option_counts(self):
        with RawServer(lambda c, r, n: send_stream(c, good_stream())) as proxy, \
                RawServer(lambda c, r, n: send_stream(c, good_stream())) as server:
            env = {name: proxy.url for name in ("http_proxy", "HTTP_PROXY", "all_proxy")}
            process, _, _ = self.run_once(server.url, "--prompt", "x", "--requests", 1, env=env)
            self.assertEqual(process.returncode, 0, process.stderr)
            self.assertEqual((len(proxy.requests), len(server.requests)), (0, 1))
            with_user = proxy.url.replace("//", "//me:hush-hush@")
            process, summary, _ = self.run_once("http://llm.example:81/v1", "--prompt", "x",
                                                "--requests", 1, "--proxy", with_user)
            self.assertEqual(process.returncode, 0, process.stderr)
        line = proxy.requests[0].partition(b"\r\n")[0]
        self.assertEqual(line, b"POST http://llm.example:81/v1/chat/completions HTTP/1.1")
        self.assertIn(b"Proxy-Authorization: Basic", proxy.requests[0])
        for name in ("out.json", "run.jsonl"):
            with open(self.path(name), encoding="utf-8") as file:
                self.assertNotIn("hush-hush", file.read())

    def test_nobody_is_at_the_proxy(self):
        process, summary, records = self.run_once(
            "http://llm.example", "--prompt", "x", "--requests", 1, "--proxy", "http://127.0.0.1:1")
        self.assertEqual(process.returncode, 3, process.stderr)
        self.assertEqual(summary["failures"], {"connect": 1})


class Signals(TestCase):
    def begin(self, url, *args):
        return start("run", "--base-url", url, "--model", "m", "--prompt", "x", "--quiet",
                     "--concurrency", 2, "--records", self.path("run.jsonl"), *args)

    def interrupt(self, number, status):
        def silent(connection, request, n):
            connection.sendall(STREAM_HEAD + chunked(event(delta("Hello"))))
            time.sleep(5)

        with RawServer(silent) as server:
            process = self.begin(server.url, "--out", self.path("out.json"))
            while len(server.requests) < 2:
                time.sleep(0.01)
            time.sleep(0.1)
            asked = time.monotonic()
            process.send_signal(number)
            process.communicate(timeout=10)
        self.assertLess(time.monotonic() - asked, 3)
        self.assertEqual(process.returncode, status)
        summary = load_json(self.path("out.json"))
        self.assertEqual((summary["ok"], summary["failures"]), (0, {"cancelled": 2}))
        self.assertTrue(summary["run"]["interrupted"])
        self.assertIn("interrupted", [w["code"] for w in summary["warnings"]])
        context, requests, end = load_records(self.path("run.jsonl"))
        self.assertIsNotNone(end)
        self.assertEqual([r["kinds"] for r in requests], ["v", "v"])
        return summary

    def test_interrupt(self):
        summary = self.interrupt(signal.SIGINT, 130)
        report = sseprof("report", self.path("run.jsonl"), "--out", self.path("again.json"))
        self.assertEqual(report.returncode, 0, report.stderr)
        self.assertEqual(load_json(self.path("again.json")), summary)

    def test_terminate(self):
        self.interrupt(signal.SIGTERM, 143)

    def test_interrupt_while_it_connects(self):
        with socket.create_server(("127.0.0.1", 0), backlog=1) as listener:
            address = listener.getsockname()
            process = self.begin(f"http://127.0.0.1:{address[1]}", "--out", self.path("out.json"),
                                 "--server-metrics", "off")
            connection, _ = listener.accept()
            read_request(connection)
            waiting = [socket.socket() for _ in range(4)]
            for other in waiting:  # from now on nobody gets through
                other.setblocking(False)
                other.connect_ex(address)
            time.sleep(0.1)
            connection.sendall(reply(404, "{}", headers=["Connection: close"]))
            connection.close()
            time.sleep(1)
            process.send_signal(signal.SIGINT)
            process.communicate(timeout=5)
            for other in waiting:
                other.close()
        self.assertEqual(process.returncode, 130)
        _, requests, end = load_records(self.path("run.jsonl"))
        self.assertEqual([(r["outcome"], r["connect_ns"], r["sent_ns"], r["http_status"])
                          for r in requests], [("cancelled", None, None, None)] * 2)
        self.assertEqual(load_json(self.path("out.json"))["failures"], {"cancelled": 2})

    def test_interrupt_while_a_slot_waits_after_a_failure(self):
        answer = reply(503, "{}", headers=["Retry-After: 30"])
        with RawServer(lambda c, r, n: c.sendall(answer)) as server:
            process = self.begin(server.url, "--out", self.path("out.json"), "--max-failures", 9)
            while len(server.requests) < 2:
                time.sleep(0.01)
            time.sleep(0.2)
            process.send_signal(signal.SIGINT)
            process.communicate(timeout=5)
        self.assertEqual(process.returncode, 130)
        self.assertEqual(load_json(self.path("out.json"))["failures"], {"http_5xx": 2})

    @unittest.skipIf(os.environ.get("SSEPROF_SANITIZE") == "thread",
                     "ThreadSanitizer delivers no signal while a call blocks")
    def test_the_second_signal_leaves_at_once(self):
        os.mkfifo(self.path("out.pipe"))  # which nobody reads: writing the summary waits

        def silent(connection, request, n):
            connection.sendall(STREAM_HEAD)
            time.sleep(5)

        with RawServer(silent) as server:
            process = self.begin(server.url, "--out", self.path("out.pipe"))
            while len(server.requests) < 2:
                time.sleep(0.01)
            process.send_signal(signal.SIGINT)
            time.sleep(0.5)
            self.assertIsNone(process.poll())
            process.send_signal(signal.SIGINT)
            process.communicate(timeout=5)
        self.assertEqual(process.returncode, 130)
        self.assertIsNotNone(load_records(self.path("run.jsonl"))[2])


if __name__ == "__main__":
    unittest.main()
