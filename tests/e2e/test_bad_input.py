"""What goes wrong outside of us: each gets its failure reason, or one clear line."""

import os
import resource
import time
import unittest

from harness import (GOOD_EVENTS, RawServer, STREAM_HEAD, TestCase, chunked, delta, event,
                     good_stream, load_json, reply, send_stream, sseprof)


class Servers(TestCase):
    """A server that misbehaves: `run` ends with the reason in every table, and exit status 1."""

    def failure(self, handler, *args, requests=1, concurrency=1, status=1):
        with RawServer(handler) as server:
            process, summary, records = self.run_once(
                server.url, "--prompt", "x", "--requests", requests, "--concurrency", concurrency,
                *args)
        self.assertEqual(process.returncode, status, process.stderr)
        return summary, records[1]

    def assert_reason(self, reason, handler, *args, message="", status=1):
        summary, requests = self.failure(handler, *args, status=status)
        self.assertEqual(summary["failures"], {reason: 1})
        self.assertEqual((summary["ok"], summary["errors"]), (0, 1))
        self.assertIsNone(summary["latency_s"]["p50"])
        self.assertEqual(requests[0]["outcome"], reason)
        self.assertIn(message, requests[0]["message"])
        return requests[0]

    def test_http_errors_in_every_shape(self):
        shapes = [
            (400, "http_4xx", '{"error":{"message":"bad things","type":"x","code":400}}'),
            (401, "http_4xx", '{"error":"bad things"}'),
            (404, "http_4xx", '{"object":"error","message":"bad things","code":404}'),
            (429, "http_429", '{"error":"bad things","error_type":"overloaded"}'),
            (503, "http_5xx", '{"error":{"code":503,"message":"bad things"}}'),
            (500, "http_5xx", '{"detail":"bad things"}'),
            (502, "http_5xx", '<html><h1>bad things</h1></html>'),
        ]
        for code, reason, body in shapes:
            with self.subTest(body):
                request = self.assert_reason(
                    reason, lambda c, r, n: c.sendall(reply(code, body)), message="bad things")
                self.assertEqual(request["http_status"], code)

    def test_a_redirect_is_not_followed_but_named(self):
        answer = reply(308, "", headers=["Location: https://gw.example/v1"])
        request = self.assert_reason("http_3xx", lambda c, r, n: c.sendall(answer),
                                     message="https://gw.example/v1")
        self.assertEqual(request["http_status"], 308)

    def test_a_200_that_is_no_stream(self):
        for kind in ("application/json", "text/html"):
            with self.subTest(kind):
                self.assert_reason("not_sse", lambda c, r, n: c.sendall(reply(200, "{}", kind)),
                                   message=kind)

    def test_an_error_event_inside_a_200_stream(self):
        body = event(delta("Hi")) + event({"error": {"message": "engine died", "code": 500}})
        request = self.assert_reason("error_event",
                                     lambda c, r, n: send_stream(c, body + event(b"[DONE]")),
                                     message="engine died")
        self.assertIn("v", request["kinds"])

    def test_a_stream_cut_at_any_byte(self):
        body = good_stream()
        wire = STREAM_HEAD + chunked(body) + b"0\r\n\r\n"
        finish = STREAM_HEAD + chunked(body)[:-2]

        def cut(connection, _, n):
            connection.sendall(wire[:n])
            return False

        count = len(wire)
        summary, requests = self.failure(cut, "--max-failures", 10 * count, requests=count,
                                         concurrency=count)
        for n, request in enumerate(requests):
            whole = n >= len(finish)  # only the end mark of the transfer coding is cut
            self.assertEqual(request["outcome"], "ok" if whole else "truncated", request)
        self.assertEqual(summary["failures"], {"truncated": len(finish)})

    def test_no_done_is_good_with_a_warning(self):
        with RawServer(lambda c, r, n: send_stream(c, good_stream(done=False))) as server:
            process, summary, records = self.run_once(server.url, "--prompt", "x", "--requests", 1)
        self.assertEqual(process.returncode, 0, process.stderr)
        self.assertIn("no_done", [w["code"] for w in summary["warnings"]])
        self.assertEqual(records[1][0]["outcome"], "ok")

    def test_a_line_without_end_takes_bounded_memory(self):
        def endless(connection, _, n):
            connection.sendall(STREAM_HEAD)
            for _ in range(64):
                connection.sendall(chunked(b"x" * (1 << 20)))

        def memory(handler, status):
            summary, _ = self.failure(handler, status=status)
            return summary["failures"], summary["client"]["max_rss_bytes"]

        _, usual = memory(lambda c, r, n: send_stream(c, good_stream()), 0)
        failures, most = memory(endless, 1)
        self.assertEqual(failures, {"too_large": 1})
        self.assertLess(most - usual, 8 << 20)

    def test_broken_utf8_is_replaced(self):
        body = event(delta("X")).replace(b"X", b"a\xffb") + event(delta("", "stop"))
        with RawServer(lambda c, r, n: send_stream(c, body + event(b"[DONE]"))) as server:
            process, _, records = self.run_once(server.url, "--prompt", "x", "--requests", 1,
                                                "--save-text")
        self.assertEqual(process.returncode, 0, process.stderr)
        self.assertEqual(records[1][0]["text"], "a\ufffdb")

    def test_a_million_brackets(self):
        body = event(b"[" * 1_000_000)
        self.assert_reason("bad_event", lambda c, r, n: send_stream(c, body))

    def test_nan_is_no_number(self):
        body = event(b'{"choices":[],"usage":{"prompt_tokens":nan}}') + good_stream()
        self.assert_reason("bad_event", lambda c, r, n: send_stream(c, body))

    def test_numbers_that_lie(self):
        usage = {"choices": [], "usage": {"prompt_tokens": -5, "completion_tokens": 10**30}}
        with RawServer(lambda c, r, n: send_stream(c, good_stream(GOOD_EVENTS[:4] + [usage]))) \
                as server:
            process, summary, records = self.run_once(server.url, "--prompt", "x", "--requests", 1)
        self.assertEqual(process.returncode, 0, process.stderr)
        self.assertIsNone(records[1][0]["usage"])  # what can't be a count is none
        self.assertIsNone(summary["token_usage"]["prompt_tokens_mean"])
        self.assertEqual(summary["usage_check"]["missing"], 1)
        self.assertEqual(summary["usage_check"]["tokens_counted"], 2)

    def test_time_outs(self):
        def silent(connection, _, n):
            connection.sendall(STREAM_HEAD)
            time.sleep(3)

        def one_token(connection, _, n):
            connection.sendall(STREAM_HEAD + chunked(event(delta("Hi"))))
            time.sleep(3)

        self.assert_reason("timeout", silent, "--timeout", "300ms")
        self.assert_reason("stalled", silent, "--first-token-timeout", "300ms")
        self.assert_reason("stalled", one_token, "--idle-timeout", "300ms",
                           "--first-token-timeout", "2s")

    def test_a_refused_field_is_dropped_and_the_request_sent_again(self):
        def strict(connection, request, n):
            if b"continuous_usage_stats" in request or b"return_token_ids" in request:
                name = "return_token_ids" if b"return_token_ids" in request \
                    else "stream_options.continuous_usage_stats"
                connection.sendall(reply(400, '{"error":{"message":"unknown field %s"}}' % name))
            else:
                send_stream(connection, good_stream())

        with RawServer(strict) as server:
            process, summary, records = self.run_once(
                server.url, "--prompt", "x", "--requests", 4, "--concurrency", 2, "--exact-tokens")
        self.assertEqual(process.returncode, 0, process.stderr)
        self.assertEqual((summary["ok"], summary["failures"]), (4, {}))
        codes = [w["code"] for w in summary["warnings"]]
        self.assertIn("field_refused", codes)
        self.assertTrue(any(r["resent"] for r in records[1]))

    def test_a_dead_kept_alive_connection_is_retried_and_counted(self):
        def once_per_connection(connection, *_):
            send_stream(connection, good_stream())
            # Says keep-alive, reads the next request, and hangs up.
            return False if connection.recv(65536) else None

        with RawServer(once_per_connection) as server:
            process, summary, records = self.run_once(server.url, "--prompt", "x", "--requests", 3,
                                                      "--concurrency", 1)
        self.assertEqual(process.returncode, 0, process.stderr)
        self.assertEqual(summary["client"]["retried"], 2)
        self.assertEqual([r["retried"] for r in records[1]], [False, True, True])


class NoServer(TestCase):
    def test_nobody_listens(self):
        process, summary, records = self.run_once("http://127.0.0.1:1", "--prompt", "x",
                                                  "--requests", 3)
        self.assertEqual(process.returncode, 3, process.stderr)
        self.assertEqual(summary["failures"], {"connect": 3})
        self.assertEqual({r["outcome"] for r in records[1]}, {"connect"})

    def test_a_port_that_speaks_something_else(self):
        def other(connection, _, n):
            connection.sendall(b"SSH-2.0-OpenSSH_9.2\r\n")
            return False

        with RawServer(other) as server:
            process, summary, records = self.run_once(server.url, "--prompt", "x", "--requests", 1)
        self.assertEqual(process.returncode, 3, process.stderr)
        self.assertEqual(summary["failures"], {"truncated": 1})
        self.assertIn("before an answer", records[1][0]["message"])

    def test_a_dead_server_is_not_hammered(self):
        began = time.monotonic()
        cpu = resource.getrusage(resource.RUSAGE_CHILDREN)
        process, summary, _ = self.run_once("http://127.0.0.1:1", "--prompt", "x", "--duration", 60,
                                            "--concurrency", 4, "--max-failures", 20)
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        self.assertEqual(process.returncode, 3, process.stderr)
        self.assertGreaterEqual(time.monotonic() - began, 1.0)  # 4 slots back off four times
        self.assertLess(used.ru_utime + used.ru_stime - cpu.ru_utime - cpu.ru_stime, 1.0)
        self.assertLessEqual(summary["errors"], 24)


class Usage(TestCase):
    """Found before any load: one line, exit status 2."""

    def refuse(self, *args, words=()):
        process = sseprof("run", "--base-url", "http://127.0.0.1:1", "--model", "m", *args)
        self.assert_one_line(process, 2, *words)

    def test_prompt_files(self):
        self.refuse("--prompt-file", self.path("none.txt"), words=["none.txt"])
        empty = self.path("empty.txt")
        open(empty, "w").close()
        self.refuse("--prompt-file", empty, words=["empty.txt"])
        latin = self.path("latin.txt")
        with open(latin, "wb") as file:
            file.write(b"caf\xe9")
        self.refuse("--prompt-file", latin, words=["latin.txt", "UTF-8"])
        lines = self.path("bad.jsonl")
        with open(lines, "w") as file:
            file.write('{"messages":[{"role":"user","content":"x"}]}\n{"messages": 3}\n')
        self.refuse("--prompt-file", lines, words=["bad.jsonl:2"])

    def test_numbers(self):
        self.refuse("--concurrency", "0", words=["--concurrency"])
        self.refuse("--requests", "-1", words=["--requests"])
        self.refuse("--max-tokens", "many", words=["--max-tokens"])
        self.refuse("--temperature", "nan", words=["--temperature"])
        self.refuse("--timeout", "10x", words=["--timeout"])
        self.refuse("--timestamps", "magic", words=["--timestamps"])

    def test_options(self):
        self.refuse("--no-such-option", words=["--no-such-option"])
        self.refuse("--extra-body", "{oops", words=["--extra-body"])
        self.refuse("--label", "no-equals", words=["--label"])
        self.refuse("--header", "no colon", words=["--header"])
        self.refuse("--cacert", self.path("none.pem"), words=["none.pem"])
        self.refuse("--api-key-file", self.path("none.key"), words=["none.key"])

    def test_outputs_are_checked_before_the_load(self):
        self.refuse("--out", self.path("no/such/out.json"), words=["out.json"])
        self.refuse("--records", self.path("no/such/run.jsonl"), words=["run.jsonl"])

    def test_config_file(self):
        config = self.path("c.toml")
        with open(config, "w") as file:
            file.write("[run]\nconcurency = 4\n")
        self.refuse("--config", config, words=["concurency"])

    def test_the_model_is_asked_for(self):
        models = '{"object":"list","data":[{"id":"a"},{"id":"b"}]}'
        with RawServer(None, get=reply(200, models)) as server:
            process = sseprof("run", "--base-url", server.url, "--prompt", "x")
        self.assert_one_line(process, 2, "a", "b", "--model")


class FullDisk(TestCase):
    def test_records_stop_and_the_summary_is_written(self):
        out = self.path("out.json")
        with RawServer(lambda c, r, n: send_stream(c, good_stream())) as server:
            process = sseprof("run", "--base-url", server.url, "--model", "m", "--prompt", "x",
                              "--requests", 3, "--records", "/dev/full", "--out", out, "--quiet")
        self.assertEqual(process.returncode, 2, process.stderr)
        summary = load_json(out)
        self.assertEqual(summary["ok"], 3)
        self.assertIn("records_stopped", [w["code"] for w in summary["warnings"]])
        self.assertIn("/dev/full", process.stderr)


if __name__ == "__main__":
    unittest.main()
