"""--save-vllm and --save-aiperf: results in the formats of other tools, whose numbers are computed
once more from the records."""

import json
import os
import signal
import time
import unittest

import neighbours_recompute
from harness import (STREAM_HEAD, RawServer, Sim, TestCase, chunked, delta, event, good_stream,
                     load_json, load_records, reply, send_stream, sseprof, start)

# As `vllm bench serve` 0.32.0 writes them with --save-result --save-detailed.
VLLM_KEYS = """date endpoint_type backend label model_id tokenizer_id num_prompts request_rate
burstiness max_concurrency duration completed failed total_input_tokens total_output_tokens
request_throughput request_goodput output_throughput total_token_throughput input_lens output_lens
ttfts itls latencies start_times queue_times generated_texts errors max_output_tokens_per_s
max_concurrent_requests rtfx mean_ttft_ms median_ttft_ms std_ttft_ms p99_ttft_ms mean_tpot_ms
median_tpot_ms std_tpot_ms p99_tpot_ms mean_itl_ms median_itl_ms std_itl_ms p99_itl_ms""".split()

# Of AIPerf 0.13.0's own file, that of a run without errors and objectives: what records give.
AIPERF_KEYS = """schema_version aiperf_version benchmark_id request_throughput request_latency
request_count time_to_first_token time_to_second_token inter_token_latency output_token_throughput
output_token_throughput_per_user output_sequence_length input_sequence_length output_token_count
inter_chunk_latency total_output_tokens benchmark_duration total_isl total_osl input_config run_info
was_cancelled is_complete error_summary start_time end_time usage_prompt_tokens
usage_completion_tokens time_to_first_output_token decode_duration e2e_output_token_throughput
osl_mismatch_diff_pct prefill_throughput_per_user osl_mismatch_count completed_request_count
request_error_rate total_usage_prompt_tokens total_usage_completion_tokens total_token_throughput
input_token_throughput""".split()

USAGE = {"prompt_tokens": 40, "completion_tokens": 9,
         "prompt_tokens_details": {"cached_tokens": 16},
         "completion_tokens_details": {"reasoning_tokens": 6}}


def reasoning(text):
    return {"id": "c-1", "choices": [{"index": 0, "delta": {"reasoning": text}}]}


def choice(index, content=None, finish=None):
    return {"id": "c-1", "choices": [{"index": index, "delta": {"content": content or ""},
                                      "finish_reason": finish}]}


def report_usage(usage):
    return {"id": "c-1", "choices": [], "usage": usage}


# What a server may answer with, in turn.
ANSWERS = [
    [delta(""), delta("a"), delta("b"), delta("c"), delta("", "stop"),
     report_usage({"prompt_tokens": 12, "completion_tokens": 3})],
    [delta(""), delta("one"), delta("", "stop"),
     report_usage({"prompt_tokens": 5, "completion_tokens": 1})],
    [delta(""), reasoning("hm"), reasoning("so"), delta("it is"), delta("", "stop"),
     report_usage(USAGE)],
    [choice(0, "a"), choice(1, "b"), choice(1, "c"), choice(0, "d"), choice(1, None, "stop"),
     choice(0, None, "stop"), report_usage({"prompt_tokens": 7, "completion_tokens": 4})],
    [delta("no"), delta("usage"), delta("", "stop")],
    [delta(""), delta("", "stop")],  # nothing was said
]


def send_slowly(connection, events):
    connection.sendall(STREAM_HEAD)
    for each in map(event, events):
        connection.sendall(chunked(each))
        time.sleep(0.002)
    connection.sendall(chunked(event(b"[DONE]")) + b"0\r\n\r\n")


def read(path):
    with open(path, "rb") as file:
        return file.read()


class NeighboursCase(TestCase):
    def options(self, *more):
        return ("--save-vllm", self.path("v.json"), "--save-aiperf", self.path("a.json"), *more)

    def files(self):
        return sorted(os.listdir(self.folder))

    def assert_close(self, stated, expected, where=""):
        if isinstance(expected, dict):
            self.assertEqual(set(stated), set(expected), where)
            for key, value in expected.items():
                self.assert_close(stated[key], value, f"{where}.{key}")
        elif isinstance(expected, list):
            self.assertEqual(len(stated), len(expected), where)
            for i, value in enumerate(expected):
                self.assert_close(stated[i], value, f"{where}[{i}]")
        elif isinstance(expected, float):
            self.assertIsInstance(stated, float, where)
            self.assertAlmostEqual(stated, expected, delta=1e-9 * max(1, abs(expected)), msg=where)
        else:
            self.assertEqual(stated, expected, where)

    def assert_numbers(self, without_label=None):
        """Both files hold what their tools would have computed; returns them."""
        context, requests, _ = load_records(self.path("run.jsonl"))
        context["labels"].pop(without_label, None)
        vllm = load_json(self.path("v.json"))
        expected = neighbours_recompute.vllm(context, requests)
        self.assertEqual(list(vllm), list(expected))
        self.assert_close(vllm, expected)
        return vllm, self.assert_aiperf_numbers()

    def assert_aiperf_numbers(self):
        context, requests, _ = load_records(self.path("run.jsonl"))
        aiperf = load_json(self.path("a.json"))
        metrics = {k: v for k, v in aiperf.items() if isinstance(v, dict) and "unit" in v}
        self.assert_close(metrics, neighbours_recompute.aiperf(context, requests))
        return aiperf

    def assert_report_writes_the_same(self, records):
        again = self.path("v2.json"), self.path("a2.json")
        process = sseprof("report", records, "--save-vllm", again[0], "--save-aiperf", again[1])
        self.assertEqual(process.returncode, 0, process.stderr)
        self.assertEqual(read(again[0]), read(self.path("v.json")))
        self.assertEqual(read(again[1]), read(self.path("a.json")))


class Numbers(NeighboursCase):
    def test_of_a_simulated_server(self):
        with Sim("--model", "m", "--itl-ms", 3, "--ttft-ms", 9) as sim:
            process, summary, _ = self.run_once(
                sim.url, "--requests", 30, "--concurrency", 6, "--warmup-requests", 3,
                "--max-tokens", 24, "--ignore-eos", *self.options())
        self.assertEqual(process.returncode, 0, process.stderr)
        vllm, aiperf = self.assert_numbers()
        self.assert_report_writes_the_same(self.path("run.jsonl"))
        self.assertEqual(list(vllm), VLLM_KEYS)
        self.assertEqual(list(aiperf), AIPERF_KEYS)
        self.assertEqual(read(self.path("v.json")).count(b"\n"), 1)
        self.assertEqual((vllm["completed"], aiperf["request_count"]["avg"]), (30, 30.0))
        self.assertEqual(vllm["total_output_tokens"], 30 * 24)
        # Role and finish are "tokens" of one, output alone of the other.
        self.assertLess(vllm["mean_ttft_ms"], aiperf["time_to_first_token"]["avg"])
        self.assertAlmostEqual(aiperf["time_to_first_token"]["avg"],
                               summary["ttft_s"]["mean"] * 1e3)

    def test_of_every_kind_of_answer_and_failure(self):
        def handler(connection, _, n):
            if n % 7 == 6:
                connection.sendall(reply(429, '{"error":{"message":"slow down"}}',
                                         headers=["Retry-After: 0"]))
            elif n % 11 == 10:
                send_stream(connection, good_stream()[:160], end=False)
                return False
            else:
                send_slowly(connection, ANSWERS[n % len(ANSWERS)])

        with RawServer(handler) as server:
            process, summary, _ = self.run_once(
                server.url, "--requests", 60, "--concurrency", 4, "--max-tokens", 9,
                "--extra-body", '{"n": 2}', "--max-error-rate", 1, "--save-text",
                "--slo", "ttft=2s", "--slo", "tpot=1ms", "--label", "gpu=H100",
                "--label", "duration=long", "--label", "variant=a", *self.options())
        self.assertEqual(process.returncode, 0, process.stderr)
        self.assertGreater(summary["errors"], 5)
        vllm, aiperf = self.assert_numbers(without_label="duration")  # a key of the file itself
        self.assert_report_writes_the_same(self.path("run.jsonl"))
        self.assertEqual(vllm["gpu"], "H100")
        self.assertEqual(vllm["failed"], summary["errors"])
        self.assertIn("it is", vllm["generated_texts"])
        self.assertIn("http_429: slow down", vllm["errors"])
        self.assertEqual(aiperf["run_info"]["run_label"], "a")
        # An answer that said nothing is one more error there.
        _, requests, _ = load_records(self.path("run.jsonl"))
        nothing = sum(r["outcome"] == "ok" and not set("vo") & set(r["kinds"]) for r in requests)
        self.assertGreater(nothing, 0)
        self.assertEqual(aiperf["error_request_count"]["avg"], summary["errors"] + nothing)
        found = {e["error_details"]["type"]: e for e in aiperf["error_summary"]}
        self.assertEqual(found["no_output"]["count"], nothing)
        self.assertEqual(found["http_429"]["error_details"],
                         {"code": 429, "type": "http_429", "message": "slow down"})

    def test_without_a_stream(self):
        whole = {"id": "c", "choices": [{"index": 0, "finish_reason": "stop",
                                         "message": {"role": "assistant", "content": "Hello"}}],
                 "usage": {"prompt_tokens": 5, "completion_tokens": 2}}
        with RawServer(lambda c, r, n: c.sendall(reply(200, json.dumps(whole)))) as server:
            process, _, _ = self.run_once(server.url, "--requests", 6, "--concurrency", 2,
                                          "--no-stream", "--save-aiperf", self.path("a.json"))
        self.assertEqual(process.returncode, 0, process.stderr)
        aiperf = self.assert_aiperf_numbers()
        self.assertNotIn("time_to_first_token", aiperf)
        self.assertIs(aiperf["input_config"]["endpoint"]["streaming"], False)
        process = sseprof("report", self.path("run.jsonl"), "--save-vllm", self.path("v.json"))
        self.assert_one_line(process, 2, "--save-vllm", "stream")
        self.assertNotIn("v.json", self.files())


class Files(NeighboursCase):
    def run_alone(self, url, *more):
        """Without a record file."""
        return sseprof("run", "--base-url", url, "--model", "m", "--prompt", "x", "--quiet",
                       "--concurrency", 2, "--requests", 8, *self.options(*more))

    def test_need_no_record_file_and_leave_none_behind(self):
        with RawServer(lambda c, r, n: send_stream(c, good_stream())) as server:
            process = self.run_alone(server.url)
        self.assertEqual((process.returncode, process.stderr), (0, ""))
        self.assertEqual(self.files(), ["a.json", "v.json"])
        self.assertEqual(load_json(self.path("v.json"))["completed"], 8)
        self.assertEqual(load_json(self.path("a.json"))["request_count"]["avg"], 8.0)

    def test_have_the_number_of_their_run(self):
        with RawServer(lambda c, r, n: send_stream(c, good_stream())) as server:
            process = self.run_alone(server.url, "--repeat", 2)
        self.assertEqual(process.returncode, 0, process.stderr)
        self.assertEqual(self.files(), ["a.1.json", "a.2.json", "v.1.json", "v.2.json"])
        ids = {load_json(self.path(f"a.{n}.json"))["benchmark_id"] for n in (1, 2)}
        self.assertEqual(len(ids), 2)

    def test_are_written_of_a_run_that_failed(self):
        with RawServer(lambda c, r, n: c.sendall(reply(500, "{}"))) as server:
            process = self.run_alone(server.url, "--max-failures", 2)
        self.assertEqual(process.returncode, 1, process.stderr)
        self.assertEqual(self.files(), ["a.json", "v.json"])
        vllm = load_json(self.path("v.json"))
        self.assertEqual(list(vllm), VLLM_KEYS)
        self.assertEqual((vllm["completed"], vllm["p99_itl_ms"]), (0, 0.0))
        self.assertGreaterEqual(vllm["failed"], 2)

    def test_are_written_of_a_run_that_was_interrupted(self):
        answered = []

        def slow(connection, _, n):
            if n >= 4:
                answered.append(n)
                time.sleep(20)
            send_stream(connection, good_stream())

        with RawServer(slow) as server:
            process = start("run", "--base-url", server.url, "--model", "m", "--prompt", "x",
                            "--quiet", "--concurrency", 2, "--requests", 100, *self.options())
            until = time.monotonic() + 20
            while len(answered) < 2 and time.monotonic() < until:
                time.sleep(0.01)
            process.send_signal(signal.SIGINT)
            _, err = process.communicate(timeout=20)
        self.assertEqual(process.returncode, 130, err)
        self.assertEqual(self.files(), ["a.json", "v.json"])
        vllm, aiperf = load_json(self.path("v.json")), load_json(self.path("a.json"))
        self.assertEqual((vllm["completed"], vllm["failed"], vllm["num_prompts"]), (4, 2, 100))
        self.assertIs(aiperf["was_cancelled"], True)
        self.assertIs(aiperf["is_complete"], True)

    def test_are_checked_before_the_load(self):
        with RawServer(lambda c, r, n: send_stream(c, good_stream())) as server:
            for option in ("--save-vllm", "--save-aiperf"):
                process = sseprof("run", "--base-url", server.url, "--model", "m", "--prompt", "x",
                                  option, self.path("none/x.json"))
                self.assert_one_line(process, 2, "none/x.json")
            self.assertEqual(server.requests, [])


class Reports(NeighboursCase):
    def setUp(self):
        super().setUp()
        with RawServer(lambda c, r, n: send_stream(c, good_stream())) as server:
            process, _, _ = self.run_once(server.url, "--requests", 4, "--concurrency", 2)
        self.assertEqual(process.returncode, 0, process.stderr)

    def test_of_a_summary_are_refused(self):
        for option in ("--save-vllm", "--save-aiperf"):
            process = sseprof("report", self.path("out.json"), option, self.path("x.json"))
            self.assert_one_line(process, 2, option, "out.json", "record file")
        self.assertNotIn("x.json", self.files())

    def test_keep_the_run_itself(self):
        records = self.path("run.jsonl")
        before = read(records)
        for option in ("--save-vllm", "--save-aiperf", "--out", "--html"):
            for spelt in (records, self.path("./run.jsonl")):
                self.assert_one_line(sseprof("report", records, option, spelt), 2, "run.jsonl")
        self.assert_one_line(sseprof("report", records, *self.options("--out", self.path("v.json"))),
                             2, "--save-vllm", "another option")
        self.assertEqual(read(records), before)

    def test_of_a_killed_run_say_so(self):
        records = self.path("run.jsonl")
        with open(records, encoding="utf-8") as file:
            lines = file.readlines()
        with open(records, "w", encoding="utf-8") as file:
            file.writelines(lines[:-1])
        process = sseprof("report", records, *self.options())
        self.assertEqual(process.returncode, 0, process.stderr)
        aiperf = load_json(self.path("a.json"))
        self.assertIs(aiperf["is_complete"], False)
        self.assertIn("end mark", aiperf["incomplete_reason"])
        self.assertEqual(load_json(self.path("v.json"))["completed"], len(lines) - 2)


if __name__ == "__main__":
    unittest.main()
