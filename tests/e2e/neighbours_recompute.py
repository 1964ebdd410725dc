"""The numbers of --save-vllm and --save-aiperf, computed once more from a record file by the
definitions of those tools: `vllm bench serve` 0.32.0 and AIPerf 0.13.0. Shares nothing with the
program, and needs no numpy."""

import math

MS = 1e6  # nanoseconds
S = 1e9


def quantile(values, p):
    """numpy's linear rule."""
    values = sorted(values)
    h = (len(values) - 1) * p
    low = math.floor(h)
    high = min(low + 1, len(values) - 1)
    return values[low] + (values[high] - values[low]) * (h - low)


def mean(values):
    return math.fsum(values) / len(values)


def deviation(values):
    """Of the population."""
    center = mean(values)
    return math.sqrt(math.fsum((v - center) ** 2 for v in values) / len(values))


def differences(instants):
    return [b - a for a, b in zip(instants, instants[1:])]


def measured(records):
    return [r for r in records if not r["warmup"]]


def times(record, letters):
    return [at for at, kind in zip(record["event_ns"], record["kinds"]) if kind in letters]


def usage(record, key):
    return (record["usage"] or {}).get(key)


def counted(record):
    tokens = record["tokens"]
    return sum(n for n, kind in zip(tokens, record["kinds"]) if kind in "vo")


class VllmRow:
    def __init__(self, record):
        chunks = times(record, "voef")
        self.ok = record["outcome"] == "ok" and bool(chunks)
        self.start = record["start_ns"]
        self.ttft = chunks[0] if chunks else 0
        self.itl = differences(chunks)
        self.latency = chunks[-1] if self.ok else 0
        self.input = usage(record, "prompt_tokens") or 0
        self.output = (usage(record, "completion_tokens") or counted(record)) if self.ok else 0
        self.text = (record.get("text") or "") if self.ok else ""
        error = record["outcome"] + (": " + record["message"] if record["message"] else "")
        self.error = "" if self.ok else error
        self.end = record["start_ns"] + record["closed_ns"]

    @property
    def tpot(self):
        return (self.latency - self.ttft) / (self.output - 1) if self.output > 1 else None


def vllm_peaks(good):
    first = min((r.start for r in good), default=0)
    tokens, busy = {}, {}
    for row in good:
        at = row.start + row.ttft
        for gap in [0, *row.itl]:
            at += gap
            tokens[(at - first) // 10**9] = tokens.get((at - first) // 10**9, 0) + 1
        for second in range((row.start - first) // 10**9,
                            (row.start + row.latency - first) // 10**9 + 1):
            busy[second] = busy.get(second, 0) + 1
    return max(tokens.values(), default=0), max(busy.values(), default=0)


def vllm_goodput(context, good):
    limits = {name: limit for name, limit in (context["slo"] or {}).items() if limit is not None}
    if not limits:
        return None
    return sum(all({"ttft_s": r.ttft, "tpot_s": r.tpot or 0, "latency_s": r.latency}[name] / S
                   <= limit for name, limit in limits.items()) for r in good)


def vllm(context, records):
    rows = [VllmRow(record) for record in measured(records)]
    good = [row for row in rows if row.ok]
    first = min(row.start for row in rows)
    duration = (max(row.end for row in rows) - first) / S
    total_in, total_out = (sum(getattr(r, key) for r in good) for key in ("input", "output"))
    goodput = vllm_goodput(context, good)
    tokens, busy = vllm_peaks(good)
    result = {
        "date": context["started_at"][:19].replace("-", "").replace(":", "").replace("T", "-"),
        "endpoint_type": "openai-chat", "backend": "openai-chat", "label": None,
        "model_id": context["model"], "tokenizer_id": None,
        "num_prompts": context["requests"] or len(rows), **context["labels"],
        "request_rate": "inf", "burstiness": 1.0, "max_concurrency": context["concurrency"],
        "duration": duration, "completed": len(good), "failed": len(rows) - len(good),
        "total_input_tokens": total_in, "total_output_tokens": total_out,
        "request_throughput": len(good) / duration,
        "request_goodput": None if goodput is None else goodput / duration,
        "output_throughput": total_out / duration,
        "total_token_throughput": (total_in + total_out) / duration,
        "input_lens": [r.input for r in rows], "output_lens": [r.output for r in rows],
        "ttfts": [r.ttft / S for r in rows], "itls": [[gap / S for gap in r.itl] for r in rows],
        "latencies": [r.latency / S for r in rows], "start_times": [r.start / S for r in rows],
        "queue_times": [(r.start - first) / S for r in rows],
        "generated_texts": [r.text for r in rows], "errors": [r.error for r in rows],
        "max_output_tokens_per_s": float(tokens), "max_concurrent_requests": busy, "rtfx": 0.0}
    for name, values in (("ttft", [r.ttft for r in good]),
                         ("tpot", [r.tpot for r in good if r.tpot is not None]),
                         ("itl", [gap for r in good for gap in r.itl])):
        values = values or [0]
        result.update({f"mean_{name}_ms": mean(values) / MS,
                       f"median_{name}_ms": quantile(values, 0.5) / MS,
                       f"std_{name}_ms": deviation(values) / MS,
                       f"p99_{name}_ms": quantile(values, 0.99) / MS})
    return result


PERCENTILES = (1, 5, 10, 25, 50, 75, 90, 95, 99)


def block(unit, values):
    return {"unit": unit, "avg": mean(values),
            **{f"p{p}": quantile(values, p / 100) for p in PERCENTILES},
            "min": min(values), "max": max(values), "std": deviation(values),
            "count": len(values), "sum": math.fsum(values)}


def adjusted_block(values, errors):
    """Each error is infinite, and infinity is null in JSON."""
    values = sorted(values)
    count = len(values) + errors

    def nearest(p):
        rank = math.floor((count - 1) * p / 100 + 0.5)
        return values[rank] if rank < len(values) else None

    return {"unit": "ms", "avg": None, **{f"p{p}": nearest(p) for p in PERCENTILES},
            "min": values[0], "max": None, "count": count, "sum": None}


class AiperfRow:
    def __init__(self, record, stream):
        self.outputs = times(record, "vo")
        self.visible = times(record, "v")
        self.start = record["start_ns"]
        self.latency = (self.outputs[-1] if self.outputs else None) if stream else record["end_ns"]
        self.valid = record["outcome"] == "ok" and self.latency is not None
        self.ttft = self.outputs[0] if self.outputs else None
        self.isl = usage(record, "prompt_tokens")
        self.reasoning = usage(record, "reasoning_tokens")
        self.cached = usage(record, "cached_tokens")
        self.completion = usage(record, "completion_tokens")
        whole = self.completion
        if whole is None and self.outputs:
            whole = counted(record)
        self.output = None if whole is None else max(0, whole - (self.reasoning or 0))
        self.osl = None if whole is None else self.output + (self.reasoning or 0)
        self.asked = record["max_tokens"]
        self.itl = None
        if self.ttft is not None and self.osl is not None and self.osl >= 2:
            self.itl = (self.latency - self.ttft) / (self.osl - 1)


# tag: (unit, a request's values)
RECORD_METRICS = {
    "request_latency": ("ms", lambda r: [r.latency / MS]),
    "time_to_first_token": ("ms", lambda r: [r.ttft / MS] if r.outputs else []),
    "time_to_second_token": ("ms", lambda r: [d / MS for d in differences(r.outputs)[:1]]),
    "inter_token_latency": ("ms", lambda r: [] if r.itl is None else [r.itl / MS]),
    "output_token_throughput_per_user": ("tokens/sec/user", lambda r: [S / r.itl] if r.itl else []),
    "output_sequence_length": ("tokens", lambda r: [] if r.osl is None else [r.osl]),
    "input_sequence_length": ("tokens", lambda r: [] if r.isl is None else [r.isl]),
    "output_token_count": ("tokens", lambda r: [r.output] if r.output else []),
    "reasoning_token_count": ("tokens", lambda r: [] if r.reasoning is None else [r.reasoning]),
    "inter_chunk_latency": ("ms", lambda r: [d / MS for d in differences(r.outputs)]),
    "usage_prompt_tokens": ("tokens", lambda r: [] if r.isl is None else [r.isl]),
    "usage_completion_tokens": ("tokens",
                                lambda r: [] if r.completion is None else [r.completion]),
    "usage_reasoning_tokens": ("tokens", lambda r: [] if r.reasoning is None else [r.reasoning]),
    "usage_prompt_cache_read_tokens": ("tokens", lambda r: [] if r.cached is None else [r.cached]),
    "time_to_first_output_token": ("ms", lambda r: [at / MS for at in r.visible[:1]]),
    "decode_duration": ("ms", lambda r: [(r.latency - r.ttft) / MS] if r.outputs else []),
    "e2e_output_token_throughput": (
        "tokens/sec/user", lambda r: [] if r.osl is None else [r.osl / (r.latency / S)]),
    "osl_mismatch_diff_pct": (
        "%", lambda r: [] if r.osl is None else [(r.osl - r.asked) / r.asked * 100]),
    "prefill_throughput_per_user": (
        "tokens/sec/user",
        lambda r: [] if r.isl is None or not r.outputs else [r.isl / (r.ttft / S)]),
}

SUMS = {"total_output_tokens": "output_token_count",
        "total_reasoning_tokens": "reasoning_token_count",
        "total_isl": "input_sequence_length", "total_osl": "output_sequence_length",
        "total_usage_prompt_tokens": "usage_prompt_tokens",
        "total_usage_completion_tokens": "usage_completion_tokens",
        "total_usage_reasoning_tokens": "usage_reasoning_tokens",
        "total_usage_prompt_cache_read_tokens": "usage_prompt_cache_read_tokens"}

ADJUSTED = ("request_latency", "time_to_first_token", "inter_token_latency", "decode_duration")


def aiperf_good(context, rows):
    limits = {name: limit for name, limit in (context["slo"] or {}).items() if limit is not None}
    if not limits:
        return None
    values = {"ttft_s": "ttft", "tpot_s": "itl", "latency_s": "latency"}
    return sum(all(getattr(row, values[name]) is not None
                   and getattr(row, values[name]) / S <= limit for name, limit in limits.items())
               for row in rows)


def aiperf(context, records):
    """The metrics of the file: all of its members that have a unit."""
    all_rows = [AiperfRow(record, context["stream"]) for record in measured(records)]
    rows = [row for row in all_rows if row.valid]
    errors = len(all_rows) - len(rows)
    samples = {tag: [value for row in rows for value in values(row)]
               for tag, (_, values) in RECORD_METRICS.items()}
    result = {tag: block(RECORD_METRICS[tag][0], values) for tag, values in samples.items()
              if values}
    scalars = {"completed_request_count": ("requests", len(all_rows)),
               "request_error_rate": ("%", 100 * errors / len(all_rows))}
    scalars.update({total: ("tokens", sum(samples[of])) for total, of in SUMS.items()
                    if samples[of]})
    if errors:
        scalars["error_request_count"] = ("requests", errors)
        result.update({"adj_" + tag: adjusted_block(samples[tag], errors) for tag in ADJUSTED
                       if samples[tag]})
    good = aiperf_good(context, rows)
    if good is not None:
        scalars["good_request_fraction"] = ("ratio", good / len(all_rows))
    if rows:
        duration = (max(r.start + r.latency for r in rows) - min(r.start for r in rows)) / S
        scalars["request_count"] = ("requests", len(rows))
        scalars["benchmark_duration"] = ("sec", duration)
        scalars["request_throughput"] = ("requests/sec", len(rows) / duration)
        if good is not None:
            scalars["good_request_count"] = ("requests", good)
            scalars["goodput"] = ("requests/sec", good / duration)
        isl, osl = samples["input_sequence_length"], samples["output_sequence_length"]
        for tag, values in (("input_token_throughput", isl), ("output_token_throughput", osl),
                            ("total_token_throughput", isl and osl and isl + osl)):
            if values:
                scalars[tag] = ("tokens/sec", sum(values) / duration)
    if samples["osl_mismatch_diff_pct"]:
        scalars["osl_mismatch_count"] = ("requests", sum(
            abs(r.osl - r.asked) > min(r.asked * 0.05, 50) for r in rows if r.osl is not None))
    if samples["usage_prompt_cache_read_tokens"]:
        scalars["overall_usage_prompt_cache_read_pct"] = (
            "%", sum(samples["usage_prompt_cache_read_tokens"])
            / sum(samples["usage_prompt_tokens"]) * 100)
    result.update({tag: {"unit": unit, "avg": value} for tag, (unit, value) in scalars.items()})
    return result
