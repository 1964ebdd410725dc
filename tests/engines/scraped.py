"""What a server counted between two scrapes of its /metrics page."""

import os
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, "tests", "e2e"))
from exposition import Page  # noqa: E402


class Between:
    """Differences of counters and histograms, summed over all their other labels."""

    def __init__(self, before, after):
        self.before = Page(before)
        self.after = Page(after)

    def counted(self, name, **labels):
        return self._sum(self.after, name, labels) - self._sum(self.before, name, labels)

    def histogram(self, name):
        edges = dict.fromkeys(self.after.edges(name))
        buckets = [(float(edge), self.counted(name + "_bucket", le=edge)) for edge in edges]
        return Histogram(sorted(buckets), self.counted(name + "_sum"))

    @staticmethod
    def _sum(page, name, labels):
        return sum(value for _, value in page.find(name, **labels))


class Histogram:
    """Cumulative buckets [(upper edge, count)], the last one's edge infinite, and a sum."""

    def __init__(self, buckets, total):
        self.buckets = buckets
        self.total = total

    @property
    def count(self):
        return self.buckets[-1][1] if self.buckets else 0

    def mean(self):
        return self.total / self.count if self.count else None
