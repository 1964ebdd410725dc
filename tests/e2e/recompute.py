"""The summary of a run, computed a second time: from the lines of its record file alone, with
nothing but lists and loops. Every function is the sentence that defines its figure."""

from recompute_request import (BUNDLED_WIDTH, MS, QUANTILES, Request, S, distribution, gaps_of,
                               histogram, instants, quantile)
from recompute_server import server_side

STALL_LEAST = 5 * MS
STALLS_TOGETHER = 2 * MS
TOLERATED_ERROR = 0.05


class Run:
    def __init__(self, context, lines, end):
        self.context, self.end_line = context, end
        self.all = [Request(line) for line in lines]
        self.measured = [r for r in self.all if r.measured]
        self.good = [r for r in self.measured if r.ok]
        self.gaps = gaps_of(self.good)
        self.begin = min((r.start for r in self.measured), default=None)
        self.origin = context["origin_ns"]
        self.total_time = self.window()
        self.stream = context["stream"]

    def window(self):
        """First measured start to the latest measured end, or to the interrupt; seconds."""
        interrupted = self.end_line and self.end_line["window"]["interrupted_ns"]
        ends = [r.end for r in self.measured] + ([interrupted] if interrupted else [])
        return (max(ends) - self.begin) / S if self.measured else None

    def rate(self, value):
        return None if value is None or not self.total_time else value / self.total_time

    def mean(self, values):
        values = [v for v in values if v is not None]
        return sum(values) / len(values) if values else None

    def spans(self, times):
        """Independent observations of what looks back over a latency."""
        latencies = sorted(r.latency for r in self.good)
        return 4 * (max(times) - self.origin) / quantile(latencies, 0.5) if times else 0

    def since_origin(self, times):
        return [t - self.origin for t in times]

    def latency(self):
        return distribution([r.latency for r in self.good], self.spans([r.end for r in self.good]))

    def ttft(self, requests):
        requests = [r for r in requests if r.outputs]
        times = self.since_origin(r.first_output for r in requests)
        return distribution([r.ttft for r in requests], instants(times))

    def itl(self, gaps):
        return distribution([g.size for g in gaps], instants(self.since_origin(g.at for g in gaps)))

    def whole_itl(self):
        out = self.itl(self.gaps)
        out["count_all"] = len(gaps_of(self.measured))
        n = len(self.gaps)
        out["uncertain_share"] = sum(g.uncertain for g in self.gaps) / n if n else None
        lows, highs = sorted(g.low for g in self.gaps), sorted(g.high for g in self.gaps)
        for name, p in QUANTILES.items():
            out[name + "_low"] = quantile(lows, p) / S if n else None
            out[name + "_high"] = quantile(highs, p) / S if n else None
        longest = max((g.size for g in self.gaps), default=None)
        out["max_request_id"] = next((g.request.line["request_id"] for g in self.gaps
                                      if g.size == longest), None)
        return out

    def tpot(self):
        known = [(r, *r.tpot) for r in self.good if r.tpot]
        spans = self.spans([r.last_output for r, _, _ in known])
        tpot = distribution([ns for _, ns, _ in known], spans)
        bases = [basis for _, _, basis in known]
        tpot["basis"] = {basis: bases.count(basis) for basis in ("exact", "estimated")}
        return tpot, distribution([S / ns for _, ns, _ in known if ns > 0], spans, scale=1)

    def usage_check(self):
        if not self.stream:
            return None
        with_usage = [r for r in self.good if r.usage is not None]
        reported, counted = sum(r.usage for r in with_usage), sum(r.counted for r in with_usage)
        classes = [r.usage_class() for r in self.good]
        out = {c: classes.count(c)
               for c in ("exact", "hidden_tokens", "multi_token_events", "over", "missing")}
        all_counted = sum(r.counted for r in self.good)
        differences = [r.usage - r.counted for r in with_usage]
        out.update(tokens_usage=reported, tokens_counted=all_counted,
                   tokens_counted_all=sum(r.counted for r in self.measured),
                   ratio=counted / reported if reported else None,
                   max_difference=max(differences, key=lambda d: (abs(d), d), default=None),
                   decode_tps_counted=self.rate(all_counted or None),
                   relative_difference=(reported - counted) / reported if reported else None)
        return out

    def stalls(self, threshold_found):
        """With the threshold that the program found: its median is one of a histogram."""
        if not self.gaps:
            return dict.fromkeys(("count", "shared", "single", "longest_s", "total_s",
                                  "threshold_s", "share_of_gaps"))
        threshold = max(4 * quantile(sorted(g.size for g in self.gaps), 0.5), STALL_LEAST)
        stalls = [g for g in self.gaps if g.exact and g.size > threshold_found * S]
        shared = sum(self.is_shared(stall, stalls) for stall in stalls)
        return {"count": len(stalls), "shared": shared, "single": len(stalls) - shared,
                "longest_s": max(g.size for g in stalls) / S if stalls else None,
                "total_s": sum(g.size for g in stalls) / S, "threshold_s": threshold / S,
                "share_of_gaps": len(stalls) / len(self.gaps)}

    def is_shared(self, stall, stalls):
        """Whether at least half of the streams that decoded then stalled with it: another's stall
        ends within 2 ms of its end, or goes on in its middle."""
        decoding = [r for r in self.good
                    if r.outputs and r.first_output <= stall.at <= r.last_output]
        middle = stall.at - stall.size // 2
        stalled = {g.request.n for g in stalls if g.begin < middle <= g.at
                   or abs(g.at - stall.at) <= STALLS_TOGETHER}
        return len(stalled) >= max(2, len(decoding) / 2)

    def steady_state(self):
        """Where the request that bounds it has no output, the one before it does."""
        first_outputs = [r.first_output for r in self.all]
        begins = [t for t in first_outputs[:self.context["concurrency"]] if t is not None]
        by_start = sorted(self.all, key=lambda r: (r.start, r.n))  # one sent again starts anew
        ends = [r.first_output for r in by_start if r.first_output is not None]
        if len(self.all) <= self.context["concurrency"] or not self.measured or not begins:
            return None
        begin, end = begins[-1], ends[-1]
        if end <= begin:
            return None
        inside = [r for r in self.good if r.outputs and begin < r.first_output <= end]
        tokens = sum(r.tokens_of(i) for r in self.all for i in r.outputs
                     if begin < r.events[i] <= end)
        return {"start_s": (begin - self.begin) / S, "end_s": (end - self.begin) / S,
                "requests": len(inside), "decode_tps": tokens * S / (end - begin),
                "itl_s": self.itl([g for g in self.gaps if begin < g.at <= end]),
                "ttft_s": self.ttft(inside)}

    def goodput(self):
        slo = {name: (self.context.get("slo") or {}).get(name)
               for name in ("ttft_s", "tpot_s", "latency_s")}
        if not any(limit is not None for limit in slo.values()):
            return None
        within = sum(r.is_within(slo) for r in self.measured)
        return {"slo": slo, "within": within,
                "share": within / len(self.measured) if self.measured else None,
                "requests_per_s": self.rate(within)}

    def client(self):
        if self.end_line is None:
            return None
        widths = [w for r in self.measured for w in r.widths]
        client = self.end_line["client"]
        return {"timestamps": client["timestamps"], "path": client["path"],
                "client_delay_s": histogram(client["client_delay"]),
                "send_delay_s": self.send_delay(),
                "exact": widths.count(0), "coalesced": sum(w > BUNDLED_WIDTH for w in widths),
                "bundled": sum(0 < w <= BUNDLED_WIDTH for w in widths),
                "clock_rejected": client["clock_rejected"], "widest_s": max(widths, default=0) / S,
                "retried": sum(r.line["retried"] for r in self.measured),
                "threads": client["threads"], "cpu_s": client["cpu_ns"] / S,
                "max_rss_bytes": client["max_rss_bytes"],
                "loop_busy": client["busy_ns"] / client["elapsed_ns"]}

    def send_delay(self):
        return distribution([r.send_delay for r in self.good if r.send_delay is not None])

    def failures(self):
        reasons = [r.line["outcome"] for r in self.measured if not r.ok]
        return {reason: reasons.count(reason) for reason in set(reasons)}

    def summary(self, found):
        """`found`: the program's own."""
        ok, context = len(self.good), self.context
        latency = self.latency()
        prompt = self.mean(r.prompt_tokens for r in self.good)
        completion = self.mean(r.completion_tokens for r in self.good)
        tpot, decode_tps = self.tpot()
        ttft = self.ttft(self.good)
        ttft["cold_count"] = sum(not r.line["reused"] for r in self.good if r.outputs)
        asked = context["requests"]
        return {
            **{key: context[key] for key in ("endpoint", "model", "concurrency", "max_tokens",
                                             "temperature", "stream")},
            "requests": len(self.measured) if asked is None else asked,
            "ok": ok, "errors": len(self.measured) - ok,
            "total_time_s": self.total_time, "qps": self.rate(ok), "latency_s": latency,
            "ttft_s": ttft,
            "token_usage": {"prompt_tokens_mean": prompt, "completion_tokens_mean": completion},
            "derived": {"prompt_tps": self.rate(prompt and prompt * ok),
                        "decode_tps": self.rate(completion and completion * ok),
                        "ms_per_output_token":
                            latency["mean"] / completion * 1000 if completion else None},
            "itl_s": self.whole_itl(), "tpot_s": tpot, "decode_tps_per_request": decode_tps,
            "start_lag_s": distribution([r.start_lag for r in self.good
                                         if r.start_lag is not None]),
            "send_delay_s": self.send_delay(),
            "connect_s": distribution([r.connect for r in self.good if r.connect is not None]),
            "usage_check": self.usage_check(), "failures": self.failures(),
            "stalls": self.stalls(found["stalls"]["threshold_s"]),
            "steady_state": self.steady_state(), "goodput": self.goodput(),
            "client": self.client(), "server": server_side(self)}

    def output_widths(self):
        return [r.widths[i] for r in self.measured for i in r.outputs]

    def is_client_limited(self, found):
        """`found`: the summary, for those of its figures that judge others."""
        client, widths = found["client"], self.output_widths()
        if client is None:
            return False
        return (sum(w > BUNDLED_WIDTH for w in widths) > TOLERATED_ERROR * len(widths)
                or exceeds(client["send_delay_s"]["p99"], found["ttft_s"]["p50"])
                or (client["timestamps"] == "user"
                    and exceeds(client["client_delay_s"]["p99"], found["itl_s"]["p50"])))

    def untrusted(self, found):
        """Per distribution the quantiles that the client's own error exceeds by 5 %."""
        client, itl, sending = found["client"], found["itl_s"], found["send_delay_s"]
        by_user = client is not None and client["timestamps"] == "user"
        reading = client["client_delay_s"]["p99"] or 0 if by_user else 0
        errors = {name: {} for name in ("itl_s", "ttft_s", "latency_s", "tpot_s")}
        for q in QUANTILES:
            if itl[q] is not None:
                below, above = itl[q] - itl[q + "_low"], itl[q + "_high"] - itl[q]
                errors["itl_s"][q] = max(below, above, reading)
            errors["ttft_s"][q] = errors["latency_s"][q] = max(sending[q] or 0, reading)
            errors["tpot_s"][q] = reading
        return {name: {q for q, error in of.items() if exceeds(error, found[name][q])}
                for name, of in errors.items()}

    def warmup_share(self):
        """Of the slot time inside the window."""
        until = self.begin + self.total_time * S
        held = sum(max(0, min(r.start + r.line["closed_ns"], until) -
                       max(r.line["ready_ns"], self.begin)) for r in self.all if not r.measured)
        return held / (self.total_time * S * self.context["concurrency"])

    def is_slow_start(self):
        burst = self.context["warmup_requests"] + self.context["concurrency"]
        first = sorted(r.ttft for r in self.good if r.outputs and r.n < burst)
        others = sorted(r.ttft for r in self.good if r.outputs and r.n >= burst)
        return (bool(first) and len(others) >= 8
                and quantile(first, 0.5) > 1.5 * quantile(others, 0.5))

    def is_short(self, request):
        tokens, choices = request.completion_tokens, len(request.finish_reasons)
        return ("length" not in request.finish_reasons and tokens is not None
                and tokens < choices * request.line["max_tokens"])

    def warnings(self, found):
        """Code: whether it belongs there. Of those that the lines can tell."""
        good, usage, widths = self.good, found["usage_check"], self.output_widths()
        itl, ttft = self.itl(self.gaps), self.ttft(good)
        cold = sum(not r.line["reused"] for r in good if r.outputs)
        interrupted = self.end_line and self.end_line["window"]["interrupted_ns"]
        return {
            "client_limited": self.is_client_limited(found),
            "coalesced": sum(w > BUNDLED_WIDTH for w in widths) > 0.01 * len(widths),
            "proxy_buffering":
                sum(0 < w <= BUNDLED_WIDTH for w in widths) > 0.5 * len(widths),
            "usage_missing": any(r.usage is None for r in good),
            "usage_mismatch": usage is not None and (
                usage["multi_token_events"] + usage["over"] > 0
                or any((r.usage or 0) > r.line["max_tokens"] * len(r.finish_reasons)
                       for r in good)),
            "few_samples": ("p99" in itl["weak"] and itl["count"] > 0)
                           or ("p95" in ttft["weak"] and ttft["count"] > 0),
            "prefix_cache": any((r.line["usage"] or {}).get("cached_tokens") for r in good),
            "slow_start": self.is_slow_start(),
            "short_answers": sum(map(self.is_short, good)) > 0.01 * len(good),
            "no_done": any(r.line["done_missing"] for r in good),
            "warmup_overlap": bool(self.total_time) and self.warmup_share() > 0.01,
            "cold_and_warm": 0 < cold < ttft["count"],
            "cold_only": 0 < cold == ttft["count"]
                         and (cold + self.context["warmup_requests"]
                              > self.context["concurrency"]),
            "interrupted": bool(interrupted),
            "no_end_mark": self.end_line is None}


def exceeds(error, value):
    return error is not None and value is not None and error > TOLERATED_ERROR * value
