"""What is held against vLLM's counters, on runs made up for it."""

import collections
import unittest

import client_run
import side_by_side
import vllm_table
from scraped import Between

Load = collections.namedtuple("Load", "concurrency requests tokens")
LOAD = Load(2, 2, 3)
NAMED = ("requests", "prompt tokens", "generation tokens", "tokens after the first")
NAMES = ("vllm:time_to_first_token_seconds", "vllm:inter_token_latency_seconds")


def page(requests, prompt, generated, after_the_first):
    lines = [f'vllm:request_success_total{{finished_reason="length"}} {requests}',
             'vllm:request_success_total{finished_reason="abort"} 0',
             f"vllm:prompt_tokens_total {prompt}", f"vllm:generation_tokens_total {generated}"]
    for name, count in zip(NAMES, (requests, after_the_first)):
        lines += [f'{name}_bucket{{le="0.01"}} 0', f'{name}_bucket{{le="0.1"}} {count}',
                  f'{name}_bucket{{le="+Inf"}} {count}', f"{name}_sum {count * 0.05}",
                  f"{name}_count {count}"]
    return "\n".join(lines)


def request(kinds, tokens, completion_tokens=3):
    return {"event_ns": [], "kinds": kinds, "tokens": tokens,
            "usage": {"prompt_tokens": 10, "completion_tokens": completion_tokens}}


def client(*requests, good=2):
    made = client_run.Measured.__new__(client_run.Measured)
    times = {"mean": 0.02, "p50": 0.02, "p99": 0.03, "count": 3}
    made.requests = list(requests)
    made.summary = {"ok": good, "ttft_s": times, "itl_s": times,
                    "usage_check": {"explanation": "usage equals the counted tokens"}}
    return made


ONE_BY_ONE = request("evvvud", [0, 1, 1, 1, 0, 0])
MERGED = request("evvud", [0, 1, 2, 0, 0])


def row(made, *counts):
    return vllm_table.row("bfloat16 1", made, Between(page(0, 0, 0, 0), page(*counts)))


class Differences(unittest.TestCase):
    def test_none_where_all_counts_agree_though_vllm_merged_tokens(self):
        self.assertEqual(row(client(ONE_BY_ONE, MERGED), 2, 20, 6, 4).differences(LOAD), [])

    def test_each_count_that_is_off_by_one_is_named(self):
        for place, name in enumerate(NAMED):
            counts = [2, 20, 6, 4]
            counts[place] += 1
            lines = row(client(ONE_BY_ONE, MERGED), *counts).differences(LOAD)
            self.assertEqual(len(lines), 1)
            self.assertIn(f"{name}: client {counts[place] - 1}, server {counts[place]}", lines[0])

    def test_a_failed_request_is_one_though_the_server_counts_it(self):
        lines = row(client(ONE_BY_ONE, MERGED, good=1), 2, 20, 6, 4).differences(LOAD)
        self.assertIn("bfloat16 1: 1 good requests of 2", lines)

    def test_a_short_answer_is_one_though_both_counted_it(self):
        short = request("evvud", [0, 1, 1, 0, 0], completion_tokens=2)
        self.assertEqual(row(client(ONE_BY_ONE, short), 2, 20, 5, 3).differences(LOAD),
                         ["bfloat16 1: not 3 tokens in every answer"])


class Table(unittest.TestCase):
    def test_says_both_sides_and_the_edges_of_the_bucket(self):
        text = side_by_side.markdown([row(client(ONE_BY_ONE, MERGED), 2, 20, 6, 4)], vllm_table.NOTE)
        self.assertIn("| bfloat16 1 | 2 / 2 | 20 / 20 | 6 / 6 | 4 / 4 | 20.0 / 50.0 "
                      "| 20.0 / 55.0 (10..100) |", text)

    def test_says_how_many_tokens_shared_an_event(self):
        made = row(client(ONE_BY_ONE, MERGED), 2, 20, 6, 4)
        self.assertIn("1 tokens came in an event with others", made.explanation())
        made = row(client(ONE_BY_ONE, ONE_BY_ONE), 2, 20, 6, 4)
        self.assertNotIn("others", made.explanation())


if __name__ == "__main__":
    unittest.main()
