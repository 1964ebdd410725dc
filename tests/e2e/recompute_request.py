"""What recompute.py computes with: distributions, and the requests of a record file."""

import math

QUANTILES = {"p50": 0.5, "p95": 0.95, "p90": 0.9, "p99": 0.99, "p999": 0.999}
MS = 1_000_000
US = 1_000
S = 1e9
BUNDLED_WIDTH = 100 * US


def quantile(sorted_values, p):
    """Linear interpolation at (n-1)p between order statistics."""
    h = (len(sorted_values) - 1) * p
    low = math.floor(h)
    high = min(low + 1, len(sorted_values) - 1)
    return sorted_values[low] + (h - low) * (sorted_values[high] - sorted_values[low])


def instants(times):
    """How many independent observations: those in one millisecond count once."""
    cells = {}
    for t in times:
        cells[t // MS] = cells.get(t // MS, 0) + 1
    return len(times) ** 2 / sum(m * m for m in cells.values()) if times else 0


def weak(observations):
    """Quantiles with fewer than ten of these independent observations beyond them."""
    return [name for name in ("p50", "p90", "p95", "p99", "p999")
            if min(QUANTILES[name], 1 - QUANTILES[name]) * observations < 10 - 1e-9]


def distribution(values, observations=None, scale=S):
    """observations: how many of them are independent; all if not given."""
    values = sorted(values)
    n = len(values)
    out = {name: quantile(values, p) / scale if n else None for name, p in QUANTILES.items()}
    mean = sum(values) / n if n else None
    out["mean"] = mean / scale if n else None
    out["min"] = values[0] / scale if n else None
    out["max"] = values[-1] / scale if n else None
    out["stddev"] = math.sqrt(sum((v - mean) ** 2 for v in values) / n) / scale if n else None
    out["count"] = n
    out["weak"] = weak(n if observations is None else observations)
    return out


class Request:
    """One line of the file; instants on the run's clock, widths beside them."""

    def __init__(self, line):
        self.line = line
        self.n = line["n"]
        self.start = line["start_ns"]
        self.end = self.start + (line["closed_ns"] if line["end_ns"] is None else line["end_ns"])
        self.ok = line["outcome"] == "ok"
        self.measured = not line["warmup"]
        self.events = [self.start + t for t in line["event_ns"]]
        self.widths = [0] * len(self.events)
        for i, width in line["uncertain"]:
            self.widths[i] = width
        self.outputs = [i for i, kind in enumerate(line["kinds"]) if kind in "vo"]
        self.one_choice = "choice" not in line
        self.exact_tokens = line["tokens_from"] != "events"

    @property
    def latency(self):
        return self.line["end_ns"]

    @property
    def first_output(self):
        return self.events[self.outputs[0]] if self.outputs else None

    @property
    def last_output(self):
        return self.events[self.outputs[-1]] if self.outputs else None

    @property
    def ttft(self):
        return self.first_output - self.start if self.outputs else None

    @property
    def counted(self):
        """Tokens on output events; output events where nobody told their tokens."""
        return sum(map(self.tokens_of, self.outputs))

    def tokens_of(self, i):
        return self.line["tokens"][i] if self.exact_tokens else 1

    @property
    def usage(self):
        return (self.line["usage"] or {}).get("completion_tokens")

    @property
    def prompt_tokens(self):
        return (self.line["usage"] or {}).get("prompt_tokens")

    @property
    def completion_tokens(self):
        if self.usage is not None:
            return self.usage
        return self.counted if self.outputs else None

    def gaps(self):
        """(from, to) event numbers of neighbours among the output events of a choice."""
        last = {}
        for i in self.outputs:
            for choice in self.choices_of(i):
                if choice in last:
                    yield last[choice], i
                last[choice] = i

    def choices_of(self, i):
        """The choices with output in an event: one number, or a list of several."""
        choice = 0 if self.one_choice else self.line["choice"][i]
        return choice if isinstance(choice, list) else [choice]

    def tokens_after_first(self):
        """(tokens, basis)."""
        events = len(self.outputs)
        if self.exact_tokens:
            return sum(map(self.tokens_of, self.outputs[1:])), "exact"
        if self.usage is not None and self.usage > events:
            return self.usage - self.usage / events, "estimated"
        return events - 1, "exact" if self.usage == events else "estimated"

    @property
    def tpot(self):
        """(ns, basis), or None."""
        if not self.one_choice or len(self.outputs) < 2:
            return None
        tokens, basis = self.tokens_after_first()
        return ((self.last_output - self.first_output) / tokens, basis) if tokens > 0 else None

    def is_within(self, slo):
        """Whether no value that it has is above its objective; seconds, None where not given."""
        had = {"ttft_s": self.ttft, "tpot_s": self.tpot and self.tpot[0], "latency_s": self.latency}
        return self.ok and all(slo.get(name) is None or value is None
                               or value <= round(slo[name] * S) for name, value in had.items())

    @property
    def connect(self):
        """Connecting, and the handshake where there is one."""
        if self.line["connect_ns"] is None:
            return None
        ready = self.line["connect_ns"] if self.line["tls_ns"] is None else self.line["tls_ns"]
        return ready - self.line["connect_start_ns"]

    @property
    def start_lag(self):
        if self.line["ready_ns"] is None:
            return None
        return max(0, self.line["start_ns"] - self.line["ready_ns"])

    @property
    def send_delay(self):
        if self.line["sent_ns"] is None:
            return None
        return max(0, self.line["sent_ns"] - (self.connect or 0))

    @property
    def finish_reasons(self):
        reasons = self.line["finish_reason"]
        return reasons if isinstance(reasons, list) else [reasons]

    def usage_class(self):
        if self.usage is None:
            return "missing"
        d = self.usage - self.counted
        if d <= 0:
            return "over" if d else "exact"
        without_text = sum(self.line["tokens"]) - sum(self.line["tokens"][i] for i in self.outputs)
        hidden = d <= without_text or (d == 1 and "stop" in self.finish_reasons)
        return "hidden_tokens" if hidden else "multi_token_events"


class Gap:
    def __init__(self, request, earlier, later):
        self.request = request
        self.begin, self.at = request.events[earlier], request.events[later]
        width_before, width = request.widths[earlier], request.widths[later]
        self.size = self.at - self.begin
        self.low = max(0, self.size - width)
        self.high = self.size + width_before
        self.exact = width == 0 and width_before == 0
        self.uncertain = max(width, width_before) > BUNDLED_WIDTH


def gaps_of(requests):
    return [Gap(r, a, b) for r in requests for a, b in r.gaps()]


def histogram(sparse):
    """A distribution of the end line: values in slots of 1/1024 of their power of two."""
    values = []
    for slot, count in sparse["slots"]:
        shift = max(0, slot // 1024 - 1)
        width = 1 << shift
        value = (slot - shift * 1024) * width + (width - 1) / 2
        values += [min(max(value, sparse["min_ns"]), sparse["max_ns"])] * count
    out = distribution(values)
    n = len(values)
    if n:
        total, squares = int(sparse["sum_ns"]), int(sparse["sum_squares"])
        out["mean"] = total / n / S
        out["min"], out["max"] = sparse["min_ns"] / S, sparse["max_ns"] / S
        out["stddev"] = math.sqrt(n * squares - total * total) / n / S
    return out
