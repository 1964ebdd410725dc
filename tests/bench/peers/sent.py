"""What the simulated server's log says was true."""

import json
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "e2e"))
from truth import percentile  # noqa: E402


class WrongLoad(Exception):
    """The tool did not send the load that was asked for."""


class Sent:
    """The send times of one run, in which every answer has `tokens` output events: the role comes
    before them, usage (where it was asked for) and [DONE] after them."""

    def __init__(self, path, requests, tokens):
        with open(path, encoding="utf-8") as file:
            streams = [json.loads(line) for line in file]
        whole = [s for s in streams if len(s["events"]) - tokens in (2, 3)]
        if len(whole) != requests or len(streams) != requests:
            raise WrongLoad(f"sent {len(streams)} requests, {len(whole)} of them with {tokens} "
                            f"tokens, where {requests} were asked for")
        self.tokens = tokens
        self.received = [s["received_ns"] for s in whole]
        self.outputs = [[before for before, _ in s["events"][1:1 + tokens]] for s in whole]

    @property
    def first_request_ns(self):
        return min(self.received)

    @property
    def events(self):
        return len(self.outputs) * self.tokens

    def tokens_per_s(self):
        last = max(output[-1] for output in self.outputs)
        return self.events / (last - self.first_request_ns) * 1e9

    def quantiles(self):
        """ms: time to first token, gaps pooled over the requests, and each request's mean gap."""
        ttft = [o[0] - received for o, received in zip(self.outputs, self.received)]
        gaps = [b - a for o in self.outputs for a, b in zip(o, o[1:])]
        means = [(o[-1] - o[0]) / (len(o) - 1) for o in self.outputs]
        return {name: {"p50": percentile(values, 0.50) / 1e6, "p99": percentile(values, 0.99) / 1e6}
                for name, values in (("ttft", ttft), ("gap", gaps), ("mean_gap", means))}
