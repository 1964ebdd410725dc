"""Two scrapes of a server, subtracted."""

import math
import unittest

from scraped import Between

BEFORE = """# TYPE tokens counter
tokens_total{engine="0"} 10
tokens_total{engine="1"} 5
# TYPE ttft histogram
ttft_bucket{engine="0",le="0.1"} 1
ttft_bucket{engine="0",le="1.0"} 1
ttft_bucket{engine="0",le="+Inf"} 1
ttft_sum{engine="0"} 0.05
ttft_count{engine="0"} 1
"""
AFTER = """# TYPE tokens counter
tokens_total{engine="0"} 14
tokens_total{engine="1"} 6
# TYPE ttft histogram
ttft_bucket{engine="0",le="0.1"} 3
ttft_bucket{engine="0",le="1.0"} 5
ttft_bucket{engine="0",le="+Inf"} 5
ttft_sum{engine="0"} 1.25
ttft_count{engine="0"} 5
"""


class BetweenTwoScrapes(unittest.TestCase):
    def setUp(self):
        self.between = Between(BEFORE, AFTER)

    def test_counters_are_subtracted_and_summed_over_engines(self):
        self.assertEqual(self.between.counted("tokens_total"), 5)
        self.assertEqual(self.between.counted("tokens_total", engine="1"), 1)

    def test_a_counter_that_was_not_there_before_began_at_0(self):
        self.assertEqual(Between("", AFTER).counted("tokens_total"), 20)

    def test_a_histogram_is_that_of_the_time_between(self):
        histogram = self.between.histogram("ttft")
        self.assertEqual(histogram.buckets, [(0.1, 2), (1.0, 4), (math.inf, 4)])
        self.assertEqual(histogram.count, 4)
        self.assertAlmostEqual(histogram.mean(), 0.3)

    def test_the_mean_of_nothing_is_nothing(self):
        self.assertIsNone(Between(BEFORE, BEFORE).histogram("ttft").mean())


if __name__ == "__main__":
    unittest.main()
