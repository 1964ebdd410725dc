"""What is held against a server's own view, on summaries made up for it."""

import copy
import unittest

import side_by_side

TIMES = {"mean": 0.02, "p50": 0.02, "p99": 0.03}
HISTOGRAM = {"mean": 0.015, "p50": 0.012, "p50_low": 0.01, "p50_high": 0.02,
             "p99": 0.02, "p99_low": 0.02, "p99_high": None}
VLLM = {
    "ok": 2, "requests": 2, "max_tokens": 3, "token_usage": {"completion_tokens_mean": 3.0},
    "usage_check": {"over": 0, "missing": 0, "explanation": "usage equals the counted tokens"},
    "ttft_s": TIMES, "itl_s": TIMES, "latency_s": TIMES, "tpot_s": TIMES,
    "server": {
        "failed_scrapes": 0, "requests": 2, "prompt_tokens": 20, "generation_tokens": 6,
        "client": {"requests": 2, "prompt_tokens": 20, "generation_tokens": 6}, "agrees": True,
        "ttft_s": {"count": 2, **HISTOGRAM}, "itl_s": {"count": 4, **HISTOGRAM},
        "e2e_s": {"count": 2, **HISTOGRAM}, "per_request": None,
        "between": {"ttft_mean_s": 0.005, "itl_mean_s": -0.001, "e2e_mean_s": 0.005}},
}


def changed(*path, to):
    summary = copy.deepcopy(VLLM)
    inner = summary
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = to
    return summary


def llamacpp():
    summary = changed("server", "per_request", to={"first_token_s": TIMES, "decode_s": TIMES})
    for key in ("requests", "ttft_s", "itl_s", "e2e_s"):
        summary["server"][key] = None
    summary["server"]["between"] = dict.fromkeys(summary["server"]["between"])
    return summary


class Differences(unittest.TestCase):
    def test_none_where_all_agrees(self):
        self.assertEqual(side_by_side.differences("a", VLLM), [])
        self.assertEqual(side_by_side.differences("a", llamacpp()), [])

    def test_are_the_failures_alone_where_nothing_was_good(self):
        summary = changed("ok", to=0)
        summary["ttft_s"] = dict.fromkeys(TIMES)
        summary["token_usage"]["completion_tokens_mean"] = None
        self.assertEqual(side_by_side.differences("a", summary),
                         ["a: 0 good requests of 2", "a: not 3 tokens in every answer"])

    def test_each_thing_that_is_not_as_it_must_be_has_a_line(self):
        for path, to, line in (
                (("ok",), 1, "1 good requests of 2"),
                (("token_usage", "completion_tokens_mean"), 2.5, "not 3 tokens in every answer"),
                (("usage_check", "missing"), 1, "usage is missing in 1 answers"),
                (("usage_check", "over"), 2, "usage is over in 2 answers"),
                (("server",), None, "the server's own metrics were not read"),
                (("server", "failed_scrapes"), 1, "1 readings of the server's metrics failed"),
                (("server", "requests"), 3, "requests: client 2, server 3"),
                (("server", "prompt_tokens"), 21, "prompt tokens: client 20, server 21"),
                (("server", "generation_tokens"), 5, "generation tokens: client 6, server 5"),
                (("server", "agrees"), None, "the counts of client and server do not agree"),
                (("server", "ttft_s", "count"), 3,
                 "ttft_s: 3 values at the server, 2 at the client"),
                (("server", "itl_s", "count"), 6, "itl_s: 6 values at the server, 4 at the client"),
                (("server", "between", "ttft_mean_s"), -0.001,
                 "ttft_mean_s: shorter at the client than at the server"),
                (("latency_s",), {**TIMES, "p50": 0.0099},
                 "latency p50: below the server's bucket")):
            with self.subTest(line):
                self.assertEqual(side_by_side.differences("a", changed(*path, to=to)),
                                 [f"a: {line}"])


class Table(unittest.TestCase):
    def test_says_both_sides_and_the_edges_of_the_bucket(self):
        text = side_by_side.markdown({"bfloat16 1": VLLM})
        self.assertIn("| bfloat16 1 | 2 / 2 | 20 / 20 | 6 / 6 |", text)
        self.assertIn("| bfloat16 1 | TTFT | 20.0 | 15.0 | 20.0 | 12.0 (10..20) | 30.0 "
                      "| 20.0 (20 up) |", text)
        self.assertIn("- bfloat16 1: usage equals the counted tokens", text)

    def test_has_what_came_with_the_answers_where_there_are_no_histograms(self):
        text = side_by_side.markdown({"f16 1": llamacpp()})
        self.assertIn("| f16 1 | 2 / – | 20 / 20 | 6 / 6 |", text)
        self.assertIn("| f16 1 | TTFT / as sent with answers | 20.0 | 20.0 | 20.0 | 20.0 | 30.0 "
                      "| 30.0 |", text)
        self.assertIn("| f16 1 | decoding / as sent with answers | 40.0 | 20.0 | – | 20.0 | – "
                      "| 30.0 |", text)
        self.assertNotIn("| f16 1 | ITL", text)


if __name__ == "__main__":
    unittest.main()
