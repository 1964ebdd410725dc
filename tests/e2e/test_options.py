"""Every option of `run` has an effect that can be seen: in what the server receives, in the
results, or in the exit status."""

import json
import subprocess
import time
import unittest

from harness import (BINARY, RawServer, Sim, TestCase, good_stream, load_json, load_records, reply,
                     request_json, send_stream, sseprof)

WHOLE = {"id": "c-1", "choices": [{"index": 0, "finish_reason": "stop",
                                   "message": {"role": "assistant", "content": "Hello world"}}],
         "usage": {"prompt_tokens": 5, "completion_tokens": 2}}


def good_server(**more):
    return RawServer(lambda c, r, n: send_stream(c, good_stream()), **more)


def head_lines(request):
    return request.partition(b"\r\n\r\n")[0].decode().split("\r\n")


class Requests(TestCase):
    """What the server receives."""

    def bodies(self, *args, requests=1):
        with good_server() as server:
            process, _, _ = self.run_once(server.url, "--requests", requests, "--concurrency", 1,
                                          *args)
        self.assertEqual(process.returncode, 0, process.stderr)
        return [request_json(request) for request in server.requests]

    def write(self, name, text):
        with open(self.path(name), "w", encoding="utf-8") as file:
            file.write(text)
        return self.path(name)

    def test_defaults(self):
        body, = self.bodies("--prompt", "Say # é")
        self.assertEqual(body, {"model": "m", "messages": [{"role": "user", "content": "Say # é"}],
                                "max_tokens": 256, "temperature": 0.0, "stream": True,
                                "stream_options": {"include_usage": True}})

    def test_sampling(self):
        body, = self.bodies("--temperature", "0.7", "--max-tokens", 9, "--ignore-eos",
                            "--exact-tokens", "--seed", 77)
        self.assertEqual((body["temperature"], body["max_tokens"]), (0.7, 9))
        self.assertEqual((body["ignore_eos"], body["return_token_ids"]), (True, True))
        self.assertEqual(body["stream_options"],
                         {"include_usage": True, "continuous_usage_stats": True})
        self.assertNotIn("seed", body)
        self.assertNotIn("logprobs", body)

    def test_the_extra_body_comes_last(self):
        extra = {"max_tokens": 3, "temperature": 1.5, "top_p": 0.9, "stream_options": None,
                 "messages": [{"role": "system", "content": "s"}], "model": "other"}
        body, = self.bodies("--extra-body", json.dumps(extra))
        self.assertEqual(body, {**extra, "stream": True})

    def test_a_prompt_file_is_one_prompt(self):
        body, = self.bodies("--prompt-file", self.write("p.txt", "one\ntwo\n"))
        self.assertEqual(body["messages"][0]["content"], "one\ntwo")

    def prompt_lines(self, count):
        lines = [json.dumps({"prompt": f"p{i}"}) for i in range(count)]
        return self.write("p.jsonl", "\n".join(lines) + "\n")

    def order(self, *args, requests):
        return [body["messages"][0]["content"] for body in self.bodies(*args, requests=requests)]

    def test_prompts_are_used_in_turn_and_warm_up_begins_with_the_first_too(self):
        order = self.order("--prompt-file", self.prompt_lines(3), "--warmup-requests", 2,
                           requests=4)
        self.assertEqual(order, ["p0", "p1", "p0", "p1", "p2", "p0"])
        _, requests, _ = load_records(self.path("run.jsonl"))
        self.assertEqual([r["warmup"] for r in requests], [True] * 2 + [False] * 4)
        self.assertEqual([r["prompt"] for r in requests], [0, 1, 0, 1, 2, 0])
        summary = load_json(self.path("out.json"))
        self.assertEqual((summary["ok"], summary["requests"]), (4, 4))

    def test_a_lines_own_limit_wins(self):
        prompts = self.write("p.jsonl", '{"prompt":"a","max_tokens":7}\n'
                             '{"messages":[{"role":"system","content":"b"}]}\n')
        first, second = self.bodies("--prompt-file", prompts, "--max-tokens", 50, requests=2)
        self.assertEqual((first["max_tokens"], second["max_tokens"]), (7, 50))
        self.assertEqual(second["messages"], [{"role": "system", "content": "b"}])

    def test_the_seed_decides_the_order(self):
        def shuffled(seed):
            return self.order("--prompt-file", self.prompt_lines(12), "--shuffle", "--seed", seed,
                              requests=12)

        first = shuffled(1)
        self.assertEqual(first, shuffled(1))
        self.assertNotEqual(first, shuffled(2))
        self.assertEqual(sorted(first), sorted(f"p{i}" for i in range(12)))

    def test_headers(self):
        with good_server() as server:
            process, _, _ = self.run_once(
                server.url, "--requests", 1, "--header", "X-Team: core: a,b", "--header", "X-Empty:",
                "--header", "Authorization: Basic abcd", env={"OPENAI_API_KEY": "sk-not-this-one"})
        self.assertEqual(process.returncode, 0, process.stderr)
        lines = head_lines(server.requests[0])
        self.assertIn("X-Team: core: a,b", lines)
        self.assertIn("X-Empty:", lines)
        # The user's own one wins over the key from the environment.
        self.assertEqual([line for line in lines if line.startswith("Authorization")],
                         ["Authorization: Basic abcd"])
        self.assertIn("Accept: text/event-stream", lines)
        self.assertIn("Content-Type: application/json", lines)
        self.assertFalse([line for line in lines if line.startswith("Expect")])

    def test_headers_that_would_break_the_request_are_refused(self):
        for name in ("Content-Length", "transfer-encoding", "X-Request-Id", "Accept-Encoding"):
            process = sseprof("run", "--base-url", "http://127.0.0.1:1", "--model", "m",
                              "--header", f"{name}: 1")
            self.assert_one_line(process, 2, "--header", name)

    def test_base_url_forms(self):
        forms = {"": "/v1/chat/completions", "/": "/v1/chat/completions",
                 "/v1": "/v1/chat/completions", "/v1/": "/v1/chat/completions",
                 "/openai": "/openai/v1/chat/completions",
                 "/x/chat/completions": "/x/chat/completions",
                 "/x?v=1": "/x/chat/completions?v=1",
                 "/x/chat/completions?v=1": "/x/chat/completions?v=1"}
        for form, path in forms.items():
            with self.subTest(form), good_server() as server:
                process, summary, _ = self.run_once(server.url + form, "--requests", 1)
                self.assertEqual(process.returncode, 0, process.stderr)
                self.assertEqual(head_lines(server.requests[0])[0], f"POST {path} HTTP/1.1")
                self.assertEqual(summary["endpoint"],
                                 server.url + path.replace("v=1", "v=***"))


class Results(TestCase):
    """What the results say."""

    def good(self, *args, **kwargs):
        with good_server() as server:
            process, summary, records = self.run_once(server.url, "--prompt", "x", *args, **kwargs)
        self.assertEqual(process.returncode, 0, process.stderr)
        return process, summary, records

    def test_labels_and_text(self):
        _, summary, records = self.good("--requests", 1, "--label", "gpu=H100", "--label",
                                        "note=a=b # c", "--save-text")
        self.assertEqual(summary["run"]["labels"], {"gpu": "H100", "note": "a=b # c"})
        self.assertEqual(records[1][0]["text"], "Hello world")
        _, _, records = self.good("--requests", 1)
        with open(self.path("run.jsonl"), encoding="utf-8") as file:
            self.assertNotIn("Hello", file.read())

    def test_duration(self):
        with Sim("--model", "m", "--itl-ms", 5, "--ttft-ms", 20) as sim:
            load = ("--prompt", "x", "--max-tokens", 10, "--concurrency", 4)
            process, alone, _ = self.run_once(sim.url, *load, "--duration", "500ms")
            self.assertEqual(process.returncode, 0, process.stderr)
            _, both, _ = self.run_once(sim.url, *load, "--duration", 30, "--requests", 6)
        self.assertGreater(alone["ok"], 8)
        self.assertEqual(alone["requests"], alone["ok"])
        self.assertTrue(0.4 < alone["total_time_s"] < 3, alone["total_time_s"])
        self.assertEqual((both["ok"], both["requests"]), (6, 6))
        self.assertLess(both["total_time_s"], 5)

    def test_threads_share_the_load(self):
        def run(threads):
            with Sim("--model", "m", "--itl-ms", 2, "--ttft-ms", 5) as sim:
                process, summary, records = self.run_once(
                    sim.url, "--prompt", "x", "--requests", 41, "--concurrency", 8, "--max-tokens",
                    7, "--warmup-requests", 3, "--threads", threads)
            self.assertEqual(process.returncode, 0, process.stderr)
            self.assertEqual([r["n"] for r in records[1]], list(range(44)))
            self.assertEqual(len({r["request_id"] for r in records[1]}), 44)
            self.assertIsNotNone(records[2])
            self.assertEqual(summary["client"]["threads"], threads)
            return [summary[key] for key in ("ok", "errors", "requests", "token_usage")] + \
                [summary["itl_s"]["count"], summary["usage_check"]["tokens_counted"]]

        self.assertEqual(run(1), run(2))

    def test_user_time_stamps_are_stated(self):
        process, summary, _ = self.good("--requests", 2, "--timestamps", "user")
        self.assertEqual(summary["client"]["timestamps"], "user")
        self.assertNotIn("clock_fallback", [w["code"] for w in summary["warnings"]])
        self.assertEqual(self.good("--requests", 2)[1]["client"]["timestamps"], "kernel")

    def test_whole_answers(self):
        with RawServer(lambda c, r, n: c.sendall(reply(200, json.dumps(WHOLE)))) as server:
            process, summary, records = self.run_once(server.url, "--prompt", "x", "--requests", 3,
                                                      "--no-stream")
        self.assertEqual(process.returncode, 0, process.stderr)
        body = request_json(server.requests[0])
        self.assertEqual((body["stream"], "stream_options" in body), (False, False))
        self.assertIs(summary["stream"], False)
        self.assertEqual(summary["token_usage"]["completion_tokens_mean"], 2)
        self.assertEqual([summary["ttft_s"]["p50"], summary["itl_s"]["p50"]], [None, None])
        self.assertGreater(summary["latency_s"]["p50"], 0)
        self.assertNotIn("usage_missing", [w["code"] for w in summary["warnings"]])

    def test_stdout_and_stderr(self):
        with good_server() as server:
            load = ("run", "--base-url", server.url, "--model", "m", "--prompt", "x", "--requests",
                    2)
            to_stdout = sseprof(*load, "--out", "-")
            quiet = sseprof(*load, "--quiet")
        self.assertEqual(json.loads(to_stdout.stdout)["ok"], 2)
        self.assertEqual(quiet.stderr, "")
        self.assertIn("2", quiet.stdout)

    def test_progress_goes_to_stderr(self):
        def slow(connection, request, n):
            time.sleep(5.3)
            send_stream(connection, good_stream())

        with RawServer(slow) as server:
            process = sseprof("run", "--base-url", server.url, "--model", "m", "--prompt", "x",
                              "--requests", 1, "--warmup-requests", 0, "--out", "-")
        self.assertEqual(json.loads(process.stdout)["ok"], 1)
        self.assertRegex(process.stderr, r"0/1 requests done, 1 in flight, 0 failed")


class Failures(TestCase):
    def run_with(self, handler, *args):
        with RawServer(handler) as server:
            return self.run_once(server.url, "--prompt", "x", *args)

    def test_error_rate(self):
        def every_fourth(connection, request, n):
            connection.sendall(reply(500, "{}")) if n % 4 == 0 else \
                send_stream(connection, good_stream())

        load = ("--requests", 8, "--concurrency", 2)
        for rate, status in (("0.25", 0), ("0.2", 1), ("0", 1), ("1", 0)):
            process, summary, _ = self.run_with(every_fourth, *load, "--max-error-rate", rate)
            self.assertEqual(process.returncode, status, process.stderr)
            self.assertEqual((summary["ok"], summary["failures"]), (6, {"http_5xx": 2}))
            self.assertEqual(process.stderr.count("\n"), status)

    def test_failures_in_a_row_end_the_run(self):
        process, summary, records = self.run_with(
            lambda c, r, n: c.sendall(reply(503, "busy")), "--requests", 50, "--concurrency", 1,
            "--max-failures", 3)
        self.assertEqual(process.returncode, 1, process.stderr)
        self.assertIn("3 failures in a row", process.stderr)
        self.assertEqual((summary["ok"], summary["errors"]), (0, 3))
        # 100 ms, then 200 ms: the slot became free only then.
        ends = [r["start_ns"] + r["closed_ns"] for r in records[1]]
        for i, pause in ((0, 100_000_000), (1, 200_000_000)):
            self.assertEqual(records[1][i + 1]["ready_ns"] - ends[i], pause)
            late = records[1][i + 1]["start_ns"] - records[1][i + 1]["ready_ns"]
            self.assertTrue(0 <= late < 1_000_000_000, late)

    def test_retry_after_is_honoured(self):
        def busy_once(connection, request, n):
            connection.sendall(reply(429, "{}", headers=["Retry-After: 1"])) if n == 0 else \
                send_stream(connection, good_stream())

        process, summary, records = self.run_with(busy_once, "--requests", 2, "--concurrency", 1)
        self.assertEqual(summary["failures"], {"http_429": 1})
        first, second = records[1]
        self.assertEqual(second["ready_ns"] - first["start_ns"] - first["closed_ns"], 1_000_000_000)

    def test_time_out_forms(self):
        for form in ("0.2", "200ms", "0.2s", "200000us"):
            process, _, records = self.run_with(lambda c, r, n: time.sleep(1), "--requests", 1,
                                                "--timeout", form)
            self.assertEqual(records[1][0]["outcome"], "timeout", form)
            self.assertTrue(0.2e9 <= records[1][0]["closed_ns"] < 0.9e9, form)
            self.assertEqual(process.returncode, 3)


class Others(TestCase):
    def test_version(self):
        for args in (["--version"], ["run", "--version"], ["sim", "--version"]):
            process = sseprof(*args)
            self.assertEqual((process.returncode, process.stderr), (0, ""))
            self.assertRegex(process.stdout, r"^sseprof \d+\.\d+\.\d+\n$")

    def test_the_model_of_the_server(self):
        def models(*names):
            return reply(200, json.dumps({"data": [{"id": name} for name in names]}))

        with good_server(get=models("only/one")) as server:
            process = sseprof("run", "--base-url", server.url, "--requests", 1, "--quiet")
            self.assertEqual(process.returncode, 0, process.stderr)
            self.assertEqual(request_json(server.requests[0])["model"], "only/one")
        for answer, words in ((models("aa", "bb"), ["aa, bb"]), (models(), ["--model"]),
                              (reply(404, "no"), ["404"]), (reply(200, "<html>"), ["--model"]),
                              (reply(200, '{"data": {"id": 7}}'), ["--model"])):
            with good_server(get=answer) as server:
                self.assert_one_line(sseprof("run", "--base-url", server.url), 2, *words)
        self.assert_one_line(sseprof("run", "--base-url", "http://127.0.0.1:1"), 3, "models")

    def test_unwritable_stdout(self):
        out = self.path("out.json")
        with good_server() as server, open("/dev/full", "w") as full:
            load = [BINARY, "run", "--base-url", server.url, "--model", "m", "--requests", "1",
                    "--quiet"]
            process = subprocess.run([*load, "--out", out], stdout=full, stderr=subprocess.PIPE,
                                     text=True, timeout=20)
            self.assertEqual(process.returncode, 2)
            self.assertIn("stdout", process.stderr)
            self.assertEqual(load_json(out)["ok"], 1)
            gone = subprocess.run(["sh", "-c", '"$@" | true', "sh", *load], timeout=20,
                                  stderr=subprocess.PIPE, text=True)
        self.assertEqual(gone.returncode, 0)
        self.assertNotIn("terminate", gone.stderr)

    def test_probe(self):
        with good_server() as server:
            process = sseprof("probe", "--base-url", server.url, "--model", "m", "--prompt", "hey",
                              "--max-tokens", 3, "--extra-body", '{"n": 1}', "--exact-tokens",
                              "--header", "X-A: b")
        self.assertEqual(process.returncode, 0, process.stderr)
        body = request_json(server.requests[0])
        self.assertEqual((body["max_tokens"], body["n"], body["return_token_ids"]), (3, 1, True))
        self.assertEqual(body["messages"][0]["content"], "hey")
        self.assertIn(b"X-A: b\r\n", server.requests[0])
        self.assertIn('" world"', process.stdout)
        self.assertIn("2 reported, 2 counted: they agree", process.stdout)

    def test_sim_refuses_what_it_cannot_do(self):
        for args, word in ((["--jitter", "0.3"], "--jitter"), (["--preset", "fp5"], "fp5"),
                           (["--preset", "bf16", "--itl-ms", "3"], "--preset"),
                           (["--log", self.path("no/such")], "no/such")):
            self.assert_one_line(sseprof("sim", "--port", 0, *args, timeout=10), 2, word)


if __name__ == "__main__":
    unittest.main()
