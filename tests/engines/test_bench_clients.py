"""What the files of both tools say, on files made up for it."""

import json
import pathlib
import tempfile
import unittest

import bench_clients

RESULT = {"latencies": [0.1, 0.2, 0.4], "output_throughput": 30.0, "request_throughput": 10.0,
          **{f"{statistic}_{name}_ms": value
             for name, first in (("ttft", 10.0), ("itl", 20.0), ("tpot", 30.0))
             for value, statistic in enumerate(("mean", "median", "p99"), int(first))}}


class OfVllmBench(unittest.TestCase):
    def setUp(self):
        self.figures = bench_clients.by_vllm_keys(RESULT)

    def test_has_every_figure(self):
        self.assertEqual(sorted(self.figures), sorted(bench_clients.FIGURES))

    def test_the_median_is_p50(self):
        self.assertEqual(self.figures["ITL", "mean"], 20)
        self.assertEqual(self.figures["ITL", "p50"], 21)
        self.assertEqual(self.figures["ITL", "p99"], 22)

    def test_latencies_are_summed_up_by_linear_interpolation(self):
        self.assertAlmostEqual(self.figures["latency", "mean"], 700 / 3)
        self.assertAlmostEqual(self.figures["latency", "p50"], 200)
        self.assertAlmostEqual(self.figures["latency", "p99"], 200 + 0.98 * 200)

    def test_window_is_on_the_monotonic_clock(self):
        detailed = {**RESULT, "completed": 3, "total_input_tokens": 30, "total_output_tokens": 9,
                    "itls": [[0.1, 0.1], [0.1]], "start_times": [7.5, 7.0], "duration": 2.0}
        with tempfile.TemporaryDirectory(prefix="sseprof-bench-") as name:
            folder = pathlib.Path(name)
            (folder / "out.json").write_text(json.dumps(detailed), encoding="utf-8")
            stated = bench_clients.VllmBench(None).states(folder)
        self.assertEqual((stated.good, stated.prompt_tokens, stated.completion_tokens), (3, 30, 9))
        self.assertEqual((stated.gaps, stated.begin_s, stated.end_s), (3, 7.0, 9.0))


if __name__ == "__main__":
    unittest.main()
