"""What is said of pairs of runs, on pairs made up for it."""

import unittest

import bench_table
from bench_clients import FIGURES, Stated
from bench_run import Run


def run(figures, server, by_vllm=None, gaps=63, cpu_s=1.0):
    every = dict.fromkeys(FIGURES, 10.0)
    stated = Stated({**every, **figures}, by_vllm and {**every, **by_vllm}, 1, 1, 1, gaps, 0.0, 1.0)
    return Run(stated, {"TTFT": 8.0, "ITL": 10.0, "latency": 9.0, **server}, cpu_s, cpu_s / 2)


def pair(ours, by_vllm, theirs, server_ours=10.0, server_theirs=10.0):
    figure = ("ITL", "mean")
    return {"sseprof": run({figure: ours}, {"ITL": server_ours}, {figure: by_vllm}),
            "vllm bench": run({figure: theirs}, {"ITL": server_theirs}, gaps=64, cpu_s=9.0)}


class Explanations(unittest.TestCase):
    def test_none_of_what_differs_by_less_than_2_percent(self):
        self.assertEqual(bench_table.explanations([pair(10.0, 9.8, 9.85)]),
                         ["No figure differs by more than 2 %."])

    def test_of_what_the_definition_alone_makes(self):
        self.assertEqual(
            bench_table.explanations([pair(10.0, 9.5, 9.5)]),
            ["- ITL mean -5.0 %: definition -5.0 % (from the role's chunk to the first text is a "
             "gap, too: 64 gaps where sseprof has 63); server +0.0 %; client +0.0 % (-0.50 ms "
             "beyond the server's own, where sseprof has -0.50)."])

    def test_part_what_the_server_did_from_what_the_client_adds(self):
        line, = bench_table.explanations([pair(10.0, 10.0, 12.0, 10.0, 11.0)])
        self.assertIn("definition +0.0 %; server +10.0 %; client +9.1 % (1.00 ms beyond the "
                      "server's own, where sseprof has 0.00)", line)

    def test_are_medians_of_the_pairs_and_say_when_these_have_both_signs(self):
        pairs = [pair(10.0, 10.0, theirs) for theirs in (9.0, 11.0, 14.0)]
        line, = bench_table.explanations(pairs)
        self.assertIn("ITL mean +10.0 % (-10.0 % to +40.0 %)", line)
        self.assertIn("both signs", line)
        line, = bench_table.explanations(pairs[1:])
        self.assertNotIn("both signs", line)


class Table(unittest.TestCase):
    def test_has_both_tools_and_what_lies_between_client_and_server(self):
        text = bench_table.markdown([pair(10.0, 9.5, 11.0, 9.0, 10.5)])
        self.assertIn("| ITL mean | 10.00 | 9.50 | 11.00 | +10.0 % | -5.0 % | +15.8 % |", text)
        self.assertIn("| ITL | 9.00 | 10.50 | 0.50 | 0.50 |", text)
        self.assertIn("| all, with start and report | 1.00 | 9.00 |", text)
        self.assertIn("| from the first request to the last answer | 0.50 | 4.50 |", text)


if __name__ == "__main__":
    unittest.main()
