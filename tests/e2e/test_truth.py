"""What is stated of arrivals against the true send times: containment, which holds on any machine.
(The errors themselves depend on the machine: see truth_loads.py.)"""

import unittest

from truth_loads import profile


class Truths(unittest.TestCase):
    def check(self, *load, **more):
        truth, summary = profile(*load, **more)
        self.assertGreaterEqual(truth.contained_share, 0.999, truth.worst[:10])
        self.assertEqual(summary["errors"], 0)
        return truth, summary

    def test_one_stream(self):
        self.check(1, "step", "idle", tokens=30, itl_ms=5)

    def test_many_streams_spread(self):
        self.check(64, "uniform", "idle", tokens=30)

    def test_a_client_that_comes_late(self):
        truth, summary = self.check(64, "step", "late 2 ms", tokens=30)
        self.assertGreater(truth.coalesced, 0)
        codes = [w["code"] for w in summary["warnings"]]
        self.assertIn("coalesced", codes)
        self.assertIn("client_limited", codes)
        true = sorted(truth.true_gaps)
        for name, p in (("p50", 0.5), ("p90", 0.9), ("p99", 0.99)):
            value = true[int(p * (len(true) - 1))] / 1e9
            itl = summary["itl_s"]
            self.assertLessEqual(itl[name + "_low"], value * 1.002 + 1e-4, name)
            self.assertGreaterEqual(itl[name + "_high"], value * 0.998 - 1e-4, name)

    def test_a_client_that_was_stopped(self):
        self.check(16, "step", "stopped 70 ms", tokens=40)


if __name__ == "__main__":
    unittest.main()
