"""The server's own metrics beside the client's: what `server` in the summary is made of."""

import signal
import threading
import time
import unittest

from harness import (RawServer, Sim, TestCase, chunked, delta, event, load_json, reply, sseprof,
                     start, STREAM_HEAD)
from recompute import Run
from recompute_check import differences
from recompute_server import server_side

TOKENS = 4
PROMPT = 7
KEY = "sk-of-the-server-alone"


class Engine:
    """A server that answers with four tokens, `gap` apart, and counts as vLLM does, on the page of
    two engines that take turns. `extra`: what it has served beside us."""

    def __init__(self, gap=0.0, extra=0, metrics=None, page=None, usage=True):
        self.gap, self.extra, self.metrics = gap, extra, metrics
        self.page = page or self.vllm_page
        self.usage = usage
        self.lock = threading.Lock()
        self.started = self.finished = self.scrapes = 0

    def serve(self, connection, _request, _n):
        with self.lock:
            self.started += 1
        connection.sendall(STREAM_HEAD)
        for number in range(TOKENS):
            time.sleep(self.gap)
            finish = "length" if number == TOKENS - 1 else None
            connection.sendall(chunked(event(delta("x", finish))))
        with self.lock:
            self.finished += 1
        usage = {"id": "c-1", "choices": [],
                 "usage": {"prompt_tokens": PROMPT, "completion_tokens": TOKENS}}
        if self.metrics:
            usage["metrics"] = self.metrics
        last = event(usage) if self.usage else b""
        connection.sendall(chunked(last + event(b"[DONE]")) + b"0\r\n\r\n")

    def get(self, path):
        if path != "/metrics":
            return reply(404, "{}")
        with self.lock:
            self.scrapes += 1
            # Others are served while the load is on.
            done = self.finished + (self.extra if self.started else 0)
            return reply(200, self.page(done, self.started - self.finished), "text/plain")

    @staticmethod
    def vllm_page(done, running):
        def halves(name, value, labels=""):
            first = value // 2
            return (f'vllm:{name}{{engine="0"{labels}}} {float(first)}\n'
                    f'vllm:{name}{{engine="1"{labels}}} {float(value - first)}\n')

        page = "# TYPE vllm:num_requests_running gauge\n"
        page += halves("num_requests_running", running) + halves("num_requests_waiting", 0)
        page += 'vllm:kv_cache_usage_perc{engine="0"} 0.25\n'
        page += 'vllm:kv_cache_usage_perc{engine="1"} 0.75\n'
        page += halves("prompt_tokens_total", done * PROMPT)
        page += halves("generation_tokens_total", done * TOKENS)
        page += halves("request_success_total", done, ',finished_reason="length"')
        page += halves("request_success_total", 3 * done, ',finished_reason="abort"')
        page += halves("num_preemptions_total", 5 + done)
        page += halves("prefix_cache_queries_total", done * PROMPT)
        page += halves("prefix_cache_hits_total", done * 2)
        for name, mean in (("time_to_first_token", 0.015), ("request_queue_time", 0.001)):
            for le, below in (("0.01", 0), ("0.02", done), ("+Inf", done)):
                page += halves(f"{name}_seconds_bucket", below, f',le="{le}"')
            page += halves(f"{name}_seconds_count", done)
            page += f'vllm:{name}_seconds_sum{{engine="0"}} {done * mean}\n'
        return page


def llama_page(done, running):
    return (f"llamacpp:prompt_tokens_total {done * 2}\n"
            f"llamacpp:prompt_tokens_cached_total {done * (PROMPT - 2)}\n"
            f"llamacpp:tokens_predicted_total {done * TOKENS}\n"
            f"llamacpp:prompt_seconds_total {done * 0.5}\n"
            f"llamacpp:tokens_predicted_seconds_total {done * 1.5}\n"
            f"llamacpp:requests_processing {running}\nllamacpp:requests_deferred 0\n")


class ServerSide(TestCase):
    def profile(self, engine, *args, requests=8, **kwargs):
        """(process, summary, end line); sees too that the records give the same bytes again."""
        with RawServer(engine.serve, get=engine.get) as server:
            process, summary, records = self.run_once(
                server.url, "--concurrency", 2, "--requests", requests, *args, **kwargs)
        self.assertEqual(process.returncode, 0, process.stderr)
        self.assertEqual(sseprof("report", self.path("run.jsonl"), "--out",
                                 self.path("again.json")).returncode, 0)
        with open(self.path("out.json"), "rb") as first, \
                open(self.path("again.json"), "rb") as again:
            self.assertEqual(first.read(), again.read())
        self.assertEqual(list(differences(server_side(Run(*records)), summary["server"])), [])
        return process, summary, records[2]

    def codes(self, summary):
        return [warning["code"] for warning in summary["warnings"]]

    def test_what_the_server_counted_stands_beside_what_we_did(self):
        process, summary, _ = self.profile(Engine(gap=0.15), "--warmup-requests", 2)
        server = summary["server"]
        self.assertEqual(server["kind"], "vllm")
        self.assertEqual(server["requests"], 10)
        self.assertEqual(server["prompt_tokens"], 10 * PROMPT)
        self.assertEqual(server["generation_tokens"], 10 * TOKENS)
        self.assertEqual(server["preemptions"], 10)
        self.assertEqual(server["prefix_cache"],
                         {"queries": 10 * PROMPT, "hits": 20, "hit_rate": 2 / PROMPT})
        self.assertEqual(server["client"], {"requests": 10, "prompt_tokens": 10 * PROMPT,
                                            "generation_tokens": 10 * TOKENS})
        self.assertIs(server["agrees"], True)
        self.assertEqual(server["kv_usage"], {"mean": 0.5, "max": 0.5})
        self.assertEqual(server["running"]["max"], 2)
        self.assertGreaterEqual(server["scrapes"], 5)  # begin, two seconds, twice the end
        self.assertEqual(server["failed_scrapes"], 0)
        self.assertGreater(server["window_s"], summary["total_time_s"])
        ttft = server["ttft_s"]
        self.assertEqual((ttft["count"], ttft["p50_low"], ttft["p50_high"]), (10, 0.01, 0.02))
        self.assertAlmostEqual(ttft["p50"], 0.015)
        self.assertAlmostEqual(ttft["mean"], 0.015)
        self.assertAlmostEqual(server["queue_s"]["mean"], 0.001)
        self.assertIsNone(server["itl_s"])
        # The first token comes after 0.15 s here.
        self.assertAlmostEqual(server["between"]["ttft_mean_s"], 0.137, delta=0.05)
        self.assertIsNone(server["between"]["itl_mean_s"])
        self.assertNotIn("server_counters", self.codes(summary))
        self.assertIn("prefix_cache", self.codes(summary))
        self.assertIn("10 requests, 70 prompt tokens, 40 generated tokens, as counted here",
                      process.stdout)

    def test_a_warning_where_the_counters_disagree(self):
        process, summary, _ = self.profile(Engine(extra=3))
        server = summary["server"]
        self.assertIs(server["agrees"], False)
        self.assertEqual((server["requests"], server["client"]["requests"]), (11, 8))
        self.assertIsNone(server["between"]["ttft_mean_s"])
        self.assertIn("server_counters", self.codes(summary))
        self.assertIn("11 requests, 77 prompt tokens, 44 generated tokens during the run, this "
                      "client 8, 56, 32", " ".join(process.stdout.split()))

    def test_answers_without_usage_raise_no_alarm(self):
        engine = Engine(usage=False)
        process, summary, _ = self.profile(engine)
        self.assertEqual(summary["server"]["client"],
                         {"requests": 8, "prompt_tokens": None, "generation_tokens": None})
        self.assertIs(summary["server"]["agrees"], True)
        self.assertNotIn("server_counters", self.codes(summary))
        self.assertIn("the same as here where usage tells", " ".join(process.stdout.split()))

    def test_a_server_without_such_a_page_is_asked_once(self):
        engine = Engine()
        with RawServer(engine.serve) as server:
            process, summary, records = self.run_once(server.url, "--requests", 4)
        self.assertEqual(process.returncode, 0, process.stderr)
        self.assertIsNone(summary["server"])
        self.assertIsNone(records[2]["server"]["metrics"])
        asked = [get for get in server.gets if b"GET /metrics " in get]
        self.assertEqual(len(asked), 1)
        self.assertNotIn("server_counters", self.codes(summary))

    def test_off_asks_for_nothing(self):
        engine = Engine()
        _, summary, _ = self.profile(engine, "--server-metrics", "off")
        self.assertEqual(engine.scrapes, 0)
        self.assertIsNone(summary["server"])

    def test_a_page_elsewhere_is_read_without_the_key(self):
        engine = Engine()
        with RawServer(None, get=engine.get) as elsewhere:
            _, summary, _ = self.profile(engine, "--server-metrics", elsewhere.url + "/metrics",
                                         "--header", "X-Secret: of-the-server", env={
                                             "OPENAI_API_KEY": KEY})
        self.assertIs(summary["server"]["agrees"], True)
        for request in elsewhere.gets:
            self.assertNotIn(b"sk-", request)
            self.assertNotIn(b"X-Secret", request)

    def test_the_page_of_the_server_itself_is_read_with_the_key(self):
        engine = Engine()
        with RawServer(engine.serve, get=engine.get) as server:
            process, summary, _ = self.run_once(server.url, "--requests", 4,
                                                env={"OPENAI_API_KEY": KEY})
        self.assertEqual(process.returncode, 0, process.stderr)
        self.assertIs(summary["server"]["agrees"], True)
        for request in server.gets:
            if b"GET /metrics " in request:
                self.assertIn(b"Authorization: Bearer " + KEY.encode(), request)

    def test_a_page_that_was_named_must_be_one(self):
        kept = self.path("run.jsonl")
        with open(kept, "w", encoding="utf-8") as file:
            file.write("kept\n")
        engine = Engine()
        huge = reply(200, Engine.vllm_page(0, 0) + "#" * (17 << 20))
        with RawServer(engine.serve, get=reply(200, "<html>")) as server, \
                RawServer(None, get=huge) as big:
            for url, word in ((server.url, "no metrics that are known"),
                              ("http://127.0.0.1:1/metrics", "does not answer"),
                              (big.url, "cannot be read whole (it is too long)"),
                              ("ftp://x", "http or https"), ("metrics", "http or https")):
                process = sseprof("run", "--base-url", server.url, "--model", "m", "--quiet",
                                  "--records", kept, "--server-metrics", url)
                self.assert_one_line(process, 2, "--server-metrics", word, "off")
            self.assertEqual(server.requests, [])
        with open(kept, encoding="utf-8") as file:
            self.assertEqual(file.read(), "kept\n")

    def test_secrets_in_the_url_stay_there(self):
        engine = Engine()
        with RawServer(None, get=lambda path: engine.get(path.partition("?")[0])) as elsewhere:
            self.profile(engine, "--server-metrics", elsewhere.url + "/metrics?token=hush-4711")
        for name in ("out.json", "run.jsonl"):
            with open(self.path(name), encoding="utf-8") as file:
                self.assertNotIn("hush-4711", file.read())

    def test_a_server_that_began_anew_tells_no_counts(self):
        engine = Engine()
        engine.page = lambda done, running: Engine.vllm_page(0 if done else 9, running)
        _, summary, _ = self.profile(engine)
        server = summary["server"]
        self.assertIsNone(server["requests"])
        self.assertIsNone(server["ttft_s"])
        self.assertIsNone(server["agrees"])
        self.assertNotIn("server_counters", self.codes(summary))

    def test_a_page_that_lags_behind_is_waited_for(self):
        engine = Engine()
        engine.page = lambda done, running: Engine.vllm_page(
            done if engine.scrapes > 6 else 0, running)
        _, summary, _ = self.profile(engine)
        self.assertIs(summary["server"]["agrees"], True)
        self.assertNotIn("server_counters", self.codes(summary))

    def test_a_signal_while_counts_are_waited_for_loses_nothing(self):
        settling, signalled = threading.Event(), threading.Event()

        def page(done, _running):
            if done == 8:
                settling.set()
                signalled.wait(1.5)
            return Engine.vllm_page(0, 1)
        engine = Engine(page=page)
        with RawServer(engine.serve, get=engine.get) as server:
            process = start("run", "--base-url", server.url, "--model", "m", "--quiet",
                            "--requests", 8, "--out", self.path("out.json"))
            self.assertTrue(settling.wait(20))
            process.send_signal(signal.SIGINT)
            signalled.set()
            _, stderr = process.communicate(timeout=20)
        self.assertEqual(process.returncode, 130, stderr)
        summary = load_json(self.path("out.json"))
        self.assertEqual((summary["ok"], summary["run"]["interrupted"]), (8, False))

    def test_a_page_that_goes_away_counts_as_failed_scrapes(self):
        engine = Engine(gap=0.3)

        def get(path):
            return engine.get(path) if not engine.started else reply(500, "")
        with RawServer(engine.serve, get=get) as server:
            process, summary, _ = self.run_once(server.url, "--concurrency", 4, "--requests", 4)
        self.assertEqual(process.returncode, 0, process.stderr)
        server = summary["server"]
        self.assertEqual(server["scrapes"], 1)
        self.assertGreaterEqual(server["failed_scrapes"], 2)
        self.assertIsNone(server["running"])

    def test_llama_cpp_has_counters_and_times_in_its_answers(self):
        engine = Engine(page=llama_page)
        _, summary, _ = self.profile(engine)
        server = summary["server"]
        self.assertEqual(server["kind"], "llama.cpp")
        self.assertEqual(server["prompt_tokens"], 8 * PROMPT)
        self.assertEqual(server["prefix_cache"]["hits"], 8 * (PROMPT - 2))
        self.assertIsNone(server["requests"])
        self.assertEqual((server["prefill_total_s"], server["decode_total_s"]), (4, 12))
        self.assertIs(server["agrees"], True)

    def test_times_that_come_with_each_answer(self):
        engine = Engine(metrics={"queue_time_ms": 2.5, "time_to_first_token_ms": 1.5,
                                 "generation_time_ms": 0.75, "mean_itl_ms": 0.25})
        with RawServer(engine.serve) as server:
            process, summary, _ = self.run_once(server.url, "--requests", 6)
        self.assertEqual(process.returncode, 0, process.stderr)
        self.assertEqual(summary["server"]["scrapes"], 0)
        self.assertIsNone(summary["server"]["window_s"])
        times = summary["server"]["per_request"]
        self.assertEqual(times["count"], 6)
        self.assertAlmostEqual(times["queue_s"]["p50"], 0.0025, delta=1e-5)
        self.assertAlmostEqual(times["decode_s"]["p99"], 0.00075, delta=1e-5)
        for figure in ("min", "p50", "max"):
            self.assertAlmostEqual(times["between_s"][figure],
                                   summary["ttft_s"][figure] - 0.004, delta=1e-9)

    def test_the_simulated_server_agrees(self):
        with Sim("--ttft-ms", 5, "--itl-ms", 1, "--model", "m") as sim:
            process, summary, _ = self.run_once(sim.url, "--max-tokens", 16)
        self.assertEqual(process.returncode, 0, process.stderr)
        self.assertIs(summary["server"]["agrees"], True)
        self.assertEqual(summary["server"]["generation_tokens"], 64 * 16)
        self.assertEqual(summary["server"]["itl_s"]["count"], 64 * 15)


if __name__ == "__main__":
    unittest.main()
