"""Compares what sseprof recorded with the true send times in the simulated server's log."""

import json

TOLERANCE_NS = 100_000


def percentile(values, p):
    """Linear interpolation, h = (n-1)p."""
    values = sorted(values)
    if not values:
        return None
    h = (len(values) - 1) * p
    low = int(h)
    high = min(low + 1, len(values) - 1)
    return values[low] + (values[high] - values[low]) * (h - low)


def load_log(path):
    """Send brackets by request id."""
    log = {}
    with open(path, encoding="utf-8") as file:
        for line in file:
            entry = json.loads(line)
            log[entry["request_id"]] = entry
    return log


def distance(at, before, after):
    """How far an instant is from the bracket of its send."""
    return max(before - at, 0, at - after)


class Truth:
    """Joins the requests of a record file with the log, by request id and event number."""

    def __init__(self, requests, log):
        self.events = self.contained = self.exact = self.output = self.coalesced = 0
        self.exact_errors, self.brackets = [], []
        self.true_gaps, self.stated_gaps = [], []
        self.true_ttft, self.stated_ttft = [], []
        self.worst = []
        for request in requests:
            if request["outcome"] == "ok" and not request.get("warmup"):
                self._join(request, log[request["request_id"]])

    def _join(self, request, entry):
        sends = entry["events"]
        stated = request["event_ns"]
        if len(sends) != len(stated):
            raise AssertionError(f"{request['request_id']}: {len(stated)} events recorded, "
                                 f"{len(sends)} sent")
        width = dict(map(tuple, request.get("uncertain") or []))
        last_true = last_stated = None
        for i, (before, after) in enumerate(sends):
            at = request["start_ns"] + stated[i]
            low, high = at - width.get(i, 0) - TOLERANCE_NS, at + TOLERANCE_NS
            inside = low <= after and before <= high
            self.events += 1
            self.contained += inside
            if not inside:
                self.worst.append((request["request_id"], i, at - before, width.get(i, 0)))
            self.brackets.append(after - before)
            if i not in width:
                self.exact += 1
                self.exact_errors.append(distance(at, before, after))
            if request["kinds"][i] in "vo":
                self.output += 1
                self.coalesced += width.get(i, 0) > TOLERANCE_NS
                if last_true is None:
                    self.true_ttft.append(before - entry["received_ns"])
                    self.stated_ttft.append(stated[i])
                else:
                    self.true_gaps.append(before - last_true)
                    self.stated_gaps.append(at - last_stated)
                last_true, last_stated = before, at

    @property
    def contained_share(self):
        return self.contained / self.events

    def exact_error_p99(self):
        return percentile(self.exact_errors, 0.99)

    def gap_p99_error(self):
        """Stated less true 99th percentile of the gaps, nanoseconds."""
        return percentile(self.stated_gaps, 0.99) - percentile(self.true_gaps, 0.99)
