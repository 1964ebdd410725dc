"""Several event loops do what one does."""

import unittest

from harness import Sim, TestCase

# What every run has anew.
OF_THE_RUN = {"request_id", "server_id"}


def without_times(request):
    """What must not depend on when things happened: neither times, nor what follows from them
    (which arrivals shared a buffer, which slot found a connection)."""
    by_chance = {"uncertain", "reused", *OF_THE_RUN}
    return {key: value for key, value in request.items()
            if key not in by_chance and not key.endswith("_ns")}


class ThreadsTest(TestCase):
    def profile(self, url, threads, *args):
        process, summary, (_, requests, end) = self.run_once(
            url, "--prompt", "x", "--threads", threads, *args)
        self.assertEqual(process.returncode, 0, process.stderr)
        self.assertEqual(end["client"]["threads"], threads)
        return summary, requests

    def test_two_loops_record_what_one_records(self):
        load = ("--concurrency", 12, "--requests", 60, "--max-tokens", 24, "--warmup-requests", 5)
        with Sim("--model", "m", "--itl-ms", 1, "--ttft-ms", 5) as sim:
            one, by_one = self.profile(sim.url, 1, *load)
            two, by_two = self.profile(sim.url, 2, *load)
        self.assertEqual([r["n"] for r in by_one], list(range(65)))
        self.assertEqual([without_times(r) for r in by_one], [without_times(r) for r in by_two])
        self.assertEqual([len(r["event_ns"]) for r in by_one], [len(r["event_ns"]) for r in by_two])
        for key in ("ok", "errors", "token_usage", "failures"):
            self.assertEqual(one[key], two[key], key)

    def test_a_cold_connection_each_where_all_start_at_once(self):
        load = ("--concurrency", 40, "--requests", 40, "--max-tokens", 8)
        with Sim("--model", "m", "--itl-ms", 20, "--ttft-ms", 100) as sim:
            for threads in (1, 2, 4):
                _, requests = self.profile(sim.url, threads, *load)
                self.assertEqual(sum(not r["reused"] for r in requests), 40, threads)


if __name__ == "__main__":
    unittest.main()
