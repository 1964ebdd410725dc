"""What is held against llama.cpp's counters, on runs made up for it."""

import unittest

import client_run
import llamacpp_table
from rounds import Load
from scraped import Between

LOAD = Load(2, 2, 3)


def page(prompt, cached, generated):
    return (f"llamacpp:prompt_tokens_total {prompt}\nllamacpp:prompt_tokens_cached_total {cached}\n"
            f"llamacpp:tokens_predicted_total {generated}\n")


def request(kinds, prompt_ms):
    return {"event_ns": [], "kinds": kinds, "tokens": [1] * len(kinds),
            "usage": {"prompt_tokens": 10, "completion_tokens": 3},
            "server_metrics": {"prompt_ms": prompt_ms, "predicted_per_token_ms": 5.0}}


def row(*counts):
    made = client_run.Measured.__new__(client_run.Measured)
    made.requests = [request("evvvfud", 10.0), request("evfud", 20.0)]
    times = {"mean": 0.02, "p50": 0.02, "p99": 0.03}
    made.summary = {"ok": 2, "ttft_s": times, "tpot_s": times,
                    "usage_check": {"explanation": "several tokens in one event"}}
    return llamacpp_table.row("f16 1", made, Between(page(0, 0, 0), page(*counts)))


class LlamaCpp(unittest.TestCase):
    def test_counts_cached_prompt_tokens_with_the_others(self):
        self.assertEqual(row(11, 9, 6).differences(LOAD), [])

    def test_a_count_that_is_off_by_one_is_named(self):
        self.assertEqual(row(11, 10, 7).differences(LOAD),
                         ["f16 1: prompt tokens, cached too: client 20, server 21",
                          "f16 1: generation tokens: client 6, server 7"])

    def test_quantiles_are_those_of_the_answers_timings(self):
        times = row(11, 9, 6).times
        self.assertEqual(times["TTFT / prompt time, p50 (ms)"], ("20.0", "15.0"))
        self.assertEqual(times["TTFT / prompt time, p99 (ms)"], ("30.0", "19.9"))
        self.assertEqual(times["TPOT / time per token, mean (ms)"], ("20.0", "5.0"))

    def test_says_how_many_tokens_had_no_event(self):
        self.assertIn("2 tokens came without an event", row(11, 9, 6).explanation())


if __name__ == "__main__":
    unittest.main()
