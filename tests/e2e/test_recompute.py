"""Every figure of the summary, beside the same figure computed a second time from the records."""

import json
import signal
import time
import unittest

from harness import (RawServer, STREAM_HEAD, chunked, delta, event, good_stream, load_json,
                     load_records, reply, request_json, send_stream, sseprof, start)
from random_records import random_file
from recompute_check import CheckedCase, simulator


class Recompute(CheckedCase):
    def test_plain(self):
        summary, _, codes = self.sim(requests=60)
        self.assertEqual(summary["ok"], 60)
        self.assertIn("cold_and_warm", codes)

    def test_enough_for_strong_quantiles(self):
        with simulator("--ttft-ms", 1, "--itl-ms", 1) as server:
            summary, _, _ = self.profile(server.url, requests=160, tokens=60)
        self.assertEqual(summary["itl_s"]["weak"], ["p999"])
        self.assertNotIn("p90", summary["latency_s"]["weak"])

    def test_many_streams_at_once_in_two_threads(self):
        summary, _, _ = self.sim("--threads", 2, tokens=64, requests=200, concurrency=50)
        self.assertEqual(summary["client"]["threads"], 2)

    def test_an_engine_with_jitter(self):
        with simulator("--preset", "nvfp4", "--jitter", 0.2) as server:
            self.profile(server.url, requests=40, concurrency=16)

    def test_warm_up(self):
        summary, run, codes = self.sim("--warmup-requests", 6, requests=20)
        self.assertEqual((len(run.all), len(run.measured)), (26, 20))
        self.assertIn("warmup_overlap", codes)

    def test_fewer_requests_than_slots(self):
        summary, _, _ = self.sim(requests=3, concurrency=8)
        self.assertIsNone(summary["steady_state"])

    def test_exact_tokens(self):
        with simulator("--preset", "nvfp4", "--tokens-per-event", 3) as server:
            summary, run, _ = self.profile(server.url, "--exact-tokens")
        self.assertEqual(summary["tpot_s"]["basis"], {"exact": 24, "estimated": 0})
        self.assertEqual(run.good[0].counted, 24)

    def test_several_tokens_in_an_event(self):
        summary, _, codes = self.sim(sim=("--stream-interval", 4))
        self.assertEqual(summary["usage_check"]["multi_token_events"], 24)
        self.assertEqual(summary["tpot_s"]["basis"], {"exact": 0, "estimated": 24})

    def test_whole_answers(self):
        summary, _, _ = self.sim("--no-stream")
        self.assertIsNone(summary["itl_s"]["count"] or None)

    def test_objectives(self):
        slo = {"ttft": "7ms", "tpot": "2.05ms", "latency": "1s"}
        given = [word for name, limit in slo.items() for word in ("--slo", f"{name}={limit}")]
        summary, _, _ = self.sim(*given, "--warmup-requests", 2, requests=40, concurrency=8)
        self.assertEqual(summary["goodput"]["slo"],
                         {"ttft_s": 0.007, "tpot_s": 0.00205, "latency_s": 1.0})

    def test_objectives_that_a_request_just_meets(self):
        """The same records, judged by what one of their requests had, and by a nanosecond less."""
        _, run, _ = self.sim(requests=24)
        path, again = self.path("run.jsonl"), self.path("again.json")
        context, lines, end = load_records(path)
        for name, values in (("ttft_s", [r.ttft for r in run.good]),
                             ("latency_s", [r.latency for r in run.good])):
            limit = sorted(values)[12]
            for off, within in ((0, sum(v <= limit for v in values)),
                                (1, sum(v < limit for v in values))):
                context["slo"] = {name: (limit - off) / 1e9}
                write_lines(path, [context, *lines, end])
                self.assertEqual(sseprof("report", path, "--out", again).returncode, 0)
                summary = load_json(again)
                self.assertEqual(summary["goodput"]["within"], within)
                self.check(summary, load_records(path))

    def test_reasoning(self):
        self.sim(sim=("--reasoning-tokens", 9))

    def test_answers_that_end_early(self):
        _, run, _ = self.sim(requests=60, sim=("--eos-after", 8))
        self.assertGreater(len({r.usage for r in run.good}), 2)

    def test_cached_prompts(self):
        with simulator("--preset", "nvfp4", "--prefix-cache") as server:
            _, _, codes = self.profile(server.url, prompt="a long prompt " * 40)
        self.assertIn("prefix_cache", codes)

    def test_a_duration(self):
        summary, _, _ = self.sim("--duration", "400ms", requests=1000)
        self.assertLess(summary["ok"], 1000)
        with simulator("--ttft-ms", 5, "--itl-ms", 2) as server:
            process, summary, records = self.run_once(server.url, "--prompt", "x", "--duration",
                                                      "400ms", "--max-tokens", 16)
        self.assertEqual(process.returncode, 0, process.stderr)
        self.check(summary, records)
        self.assertEqual(summary["requests"], summary["ok"])

    def test_a_client_that_comes_late(self):
        summary, _, codes = self.sim(env={"SSEPROF_TEST_READ_DELAY": "2ms"}, concurrency=8)
        self.assertGreater(summary["client"]["coalesced"], 0)
        self.assertIn("coalesced", codes)

    def test_stamps_of_the_program(self):
        self.sim("--timestamps", "user")

    def test_interrupted(self):
        out, records = self.path("out.json"), self.path("run.jsonl")
        with simulator("--itl-ms", 5, "--ttft-ms", 5) as server:
            process = start("run", "--base-url", server.url, "--prompt", "x", "--requests", 10000,
                            "--concurrency", 8, "--max-tokens", 16, "--warmup-requests", 2,
                            "--out", out, "--records", records, "--quiet")
            time.sleep(0.6)
            process.send_signal(signal.SIGINT)
            process.communicate(timeout=20)
        self.assertEqual(process.returncode, 130)
        _, codes = self.check(load_json(out), load_records(records))
        self.assertIn("interrupted", codes)

    def test_two_choices_in_turn(self):
        def both(connection, request, _):
            self.assertEqual(request_json(request)["n"], 2)
            connection.sendall(STREAM_HEAD)
            letters = [(0, ""), (1, ""), *[(k % 2, "a") for k in range(10)], (1, "a")]
            for choice, content in letters:
                connection.sendall(chunked(event(choice_delta(choice, content))))
                time.sleep(0.001 * (1 + choice))
            usage = {"choices": [], "usage": {"prompt_tokens": 5, "completion_tokens": 11}}
            finish = [choice_delta(0, "", "stop"), choice_delta(1, "", "length"), usage]
            body = b"".join(map(event, [*finish, b"[DONE]"]))
            connection.sendall(chunked(body) + b"0\r\n\r\n")

        summary, _, _ = self.raw(both, "--extra-body", '{"n": 2}')
        self.assertEqual(summary["tpot_s"]["count"], 0)
        self.assertEqual(summary["itl_s"]["count"], 24 * 9)

    def test_two_choices_in_one_event(self):
        def both(connection, *_):
            say = [{"id": "c", "choices": [{"index": i, "delta": {"content": "a"},
                                            "finish_reason": finish} for i in (0, 1)]}
                   for finish in (None, None, None, "stop")]
            send_slowly(connection, say)

        summary, _, _ = self.raw(both, "--extra-body", '{"n": 2}')
        self.assertEqual(summary["itl_s"]["count"], 24 * 2 * 3)

    def test_failures_of_several_kinds(self):
        def flaky(connection, _, n):
            kind = n % 8
            if kind == 1:
                connection.sendall(reply(503, "{}"))
            elif kind == 2:
                connection.sendall(reply(429, "{}", headers=["Retry-After: 0"]))
            elif kind == 3:
                connection.sendall(reply(200, "{}"))
            elif kind == 4:
                send_slowly(connection, [delta("a"), delta("b"), delta("c")], done=False)
                return False
            elif kind == 5:
                send_slowly(connection, [delta("a"), delta("b"), b"{broken"])
                return False
            elif kind == 6:
                send_slowly(connection, [delta("a"), {"error": {"message": "out of memory"}}])
                return False
            else:
                send_stream(connection, good_stream())
            return True

        summary, _, _ = self.raw(flaky, "--max-failures", 1000, requests=40)
        self.assertEqual(summary["failures"], {
            "http_5xx": 5, "http_429": 5, "not_sse": 5, "truncated": 5, "bad_event": 5,
            "error_event": 5})
        self.assertGreater(summary["itl_s"]["count_all"], summary["itl_s"]["count"])

    def test_none_is_good_and_failures_end_the_run(self):
        with RawServer(lambda connection, *_: connection.sendall(reply(500, "{}"))) as server:
            process, summary, records = self.run_once(
                server.url, "--prompt", "x", "--requests", 50, "--concurrency", 2)
        self.assertEqual(process.returncode, 1, process.stderr)
        self.check(summary, records)
        self.assertIsNone(summary["latency_s"]["p50"])
        self.assertEqual(summary["requests"], 50)
        self.assertLess(summary["errors"], 50)

    def test_a_connection_for_every_answer(self):
        def close(connection, *_):
            connection.sendall(STREAM_HEAD.replace(b"\r\n", b"\r\nConnection: close\r\n", 1) +
                               chunked(good_stream()) + b"0\r\n\r\n")
            return False

        summary, _, codes = self.raw(close)
        self.assertEqual(summary["ttft_s"]["cold_count"], 24)
        self.assertIn("cold_only", codes)
        _, _, codes = self.raw(close, requests=4)
        self.assertNotIn("cold_only", codes)

    def test_a_refused_field(self):
        """The requests that it cost are sent again, and start then."""
        def answer(connection, request, _):
            if "return_token_ids" in request_json(request):
                connection.sendall(reply(400, '{"error": {"message": "return_token_ids?"}}'))
            else:
                send_stream(connection, good_stream())

        _, run, codes = self.raw(answer, "--exact-tokens")
        self.assertTrue(any(r.line["resent"] for r in run.good))
        self.assertIn("field_refused", codes)

    def test_usage_of_every_kind(self):
        """Two events and a usage that says 1, 2, 3, 9 tokens or nothing."""
        def answer(connection, _, n):
            said = [1, 2, 3, 9, None][n % 5]
            events = [delta(""), delta("a"), delta("b"), delta("", ["stop", "length"][n // 5 % 2])]
            if said is not None:
                usage = {"prompt_tokens": n, "completion_tokens": said}
                events.append({"choices": [], "usage": usage})
            send_slowly(connection, events, done=n % 3 != 0)

        summary, _, codes = self.raw(answer, requests=40)
        usage = {key: summary["usage_check"][key] for key in
                 ("exact", "hidden_tokens", "multi_token_events", "over", "missing")}
        self.assertEqual(usage, {"exact": 8, "hidden_tokens": 4, "multi_token_events": 12,
                                 "over": 8, "missing": 8})
        self.assertIn("no_done", codes)
        self.assertIn("usage_missing", codes)

    def test_tokens_on_events_without_text(self):
        """Token ids carried to the next text, and two that no text follows."""
        def answer(connection, _, n):
            events = [ids("", 1), ids("a", 1), ids("", 2), ids("b", 1), ids("", 2, "length")]
            events.append({"choices": [], "usage": {"prompt_tokens": 5, "completion_tokens": 7}})
            send_slowly(connection, events)

        summary, run, _ = self.raw(answer, "--exact-tokens")
        self.assertEqual(run.good[0].counted, 5)
        self.assertEqual(summary["usage_check"]["hidden_tokens"], 24)
        self.assertEqual(summary["tpot_s"]["basis"], {"exact": 24, "estimated": 0})

    def test_a_stream_that_stalls_alone(self):
        def answer(connection, _, n):
            send_slowly(connection, [delta("a") for _ in range(12)] + [delta("", "stop")],
                        pause=lambda k: 0.03 if (n % 6, k) == (1, 5) else 0.002)

        summary, _, _ = self.raw(answer, concurrency=8, requests=32)
        self.assertGreater(summary["stalls"]["single"], 0)

    def test_streams_that_stall_together(self):
        """A server that stands still in the first third of every 60 ms."""
        def answer(connection, *_):
            send_slowly(connection, [delta("a") for _ in range(30)] + [delta("", "stop")],
                        pause=lambda _: max(0.002, 0.02 - time.monotonic() % 0.06))

        summary, _, _ = self.raw(answer, concurrency=6)
        self.assertGreater(summary["stalls"]["shared"], 0)

    def test_a_file_without_its_end(self):
        self.sim()
        path, again = self.path("run.jsonl"), self.path("again.json")
        with open(path, encoding="utf-8") as file:
            lines = file.readlines()
        with open(path, "w", encoding="utf-8") as file:
            file.writelines(lines[:-3])
        process = start("report", path, "--out", again)
        process.communicate(timeout=20)
        _, codes = self.check(load_json(again), load_records(path))
        self.assertIn("no_end_mark", codes)

    def test_files_of_random_requests(self):
        self.sim()
        path, again = self.path("run.jsonl"), self.path("again.json")
        context, lines, end = load_records(path)
        for seed in range(200):
            made = random_file(seed, context, lines[0], end)
            write_lines(path, [made[0], *made[1], *filter(None, made[2:])])
            process = sseprof("report", path, "--out", again)
            with self.subTest(seed=seed):
                self.assertEqual(process.returncode, 0, process.stderr)
                self.check(load_json(again), load_records(path))


def write_lines(path, lines):
    with open(path, "w", encoding="utf-8") as file:
        file.writelines(json.dumps(line) + "\n" for line in lines)


def choice_delta(choice, content, finish=None):
    return {"id": "c", "choices": [{"index": choice, "delta": {"content": content},
                                    "finish_reason": finish}]}


def ids(content, count, finish=None):
    value = delta(content, finish)
    value["choices"][0]["token_ids"] = list(range(count))
    return value


def send_slowly(connection, events, done=True, pause=lambda _: 0.001):
    """pause(k): seconds after event k."""
    connection.sendall(STREAM_HEAD)
    for k, value in enumerate(events):
        connection.sendall(chunked(event(value)))
        time.sleep(pause(k))
    connection.sendall((chunked(event(b"[DONE]")) if done else b"") + b"0\r\n\r\n")


if __name__ == "__main__":
    unittest.main()
