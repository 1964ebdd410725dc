"""What is held against vLLM's counters and histograms."""

from side_by_side import Row, milliseconds

TIMES = (("TTFT", "ttft_s", "vllm:time_to_first_token_seconds"),
         ("ITL", "itl_s", "vllm:inter_token_latency_seconds"))
QUANTILES = (("p50", 0.5), ("p99", 0.99))
NOTE = ("vLLM's mean is its sum by its count. Its quantiles are interpolated in its histogram's "
        "buckets, whose edges follow: the truth may be anywhere between them. The client's TTFT "
        "starts when the request is sent; vLLM's when its front end has read it, and ends before "
        "the answer is written.")


def row(name, client, between):
    """One run: what its client measured, and what vLLM counted meanwhile."""
    histograms = {title: between.histogram(metric) for title, _, metric in TIMES}
    counts = {
        "requests": (len(client.requests), between.counted("vllm:request_success_total")),
        "prompt tokens": (client.used("prompt_tokens"),
                          between.counted("vllm:prompt_tokens_total")),
        "generation tokens": (client.used("completion_tokens"),
                              between.counted("vllm:generation_tokens_total")),
        "tokens after the first": (client.tokens_after_the_first(), histograms["ITL"].count),
    }
    return Row(name, client, counts, _times(client.summary, histograms),
               _remark(client, histograms["ITL"].count))


def _times(summary, histograms):
    times = {}
    for title, key, _ in TIMES:
        ours, theirs = summary[key], histograms[title]
        times[f"{title} mean (ms)"] = milliseconds(ours["mean"]), milliseconds(theirs.mean())
        for name, q in QUANTILES:
            times[f"{title} {name} (ms)"] = (milliseconds(ours[name]),
                                             _estimate(theirs.quantile(q)))
    return times


def _remark(client, server_gaps):
    shared = client.tokens_that_shared_an_event()
    if not shared:
        return ""
    return (f"{shared} tokens came in an event with others (vLLM merges what its front end is late "
            f"to send), so ITL has {client.summary['itl_s']['count']} gaps where vLLM has "
            f"{server_gaps:g}")


def _estimate(quantile):
    if quantile is None:
        return "–"
    value, lower, upper = quantile
    return f"{milliseconds(value)} ({lower * 1e3:g}..{upper * 1e3:g})"
