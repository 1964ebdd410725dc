"""What is held against llama.cpp's counters and the timings in its answers."""

from side_by_side import Row, milliseconds

NOTE = ("llama.cpp has no histograms: its quantiles are those of the timings that it sends with "
        "each answer. Its prompt time is the prompt's processing alone, without the wait for a "
        "slot's turn, where TTFT holds all until the first text is here. Its time per token "
        "counts from the end of the prompt.")
QUANTILES = ("p50", "p99")


def row(name, client, between):
    """One run: what its client measured, and what llama.cpp counted meanwhile."""
    prompt = (between.counted("llamacpp:prompt_tokens_total") +
              between.counted("llamacpp:prompt_tokens_cached_total"))
    generated = between.counted("llamacpp:tokens_predicted_total")
    counts = {"prompt tokens, cached too": (client.used("prompt_tokens"), prompt),
              "generation tokens": (client.used("completion_tokens"), generated)}
    return Row(name, client, counts, _times(client), _remark(client))


def _times(client):
    timings = [request["server_metrics"] for request in client.requests
               if request.get("server_metrics")]
    times = {}
    for title, key, theirs in (("TTFT / prompt time", "ttft_s", "prompt_ms"),
                               ("TPOT / time per token", "tpot_s", "predicted_per_token_ms")):
        values = sorted(timing[theirs] / 1e3 for timing in timings)
        ours = client.summary[key]
        times[f"{title}, mean (ms)"] = (milliseconds(ours["mean"]),
                                        milliseconds(_mean(values)))
        for name in QUANTILES:
            times[f"{title}, {name} (ms)"] = (
                milliseconds(ours[name]), milliseconds(_quantile(values, int(name[1:]) / 100)))
    return times


def _mean(values):
    return sum(values) / len(values) if values else None


def _quantile(values, q):
    """Linear between the two nearest of the sorted values, as the client's are."""
    if not values:
        return None
    at = q * (len(values) - 1)
    lower = int(at)
    upper = min(lower + 1, len(values) - 1)
    return values[lower] + (values[upper] - values[lower]) * (at - lower)


def _remark(client):
    without = client.used("completion_tokens") - client.output_events()
    if not without:
        return ""
    return (f"{without} tokens came without an event of their own (llama.cpp holds pieces of "
            "characters back until a character is whole, and drops leading white space)")
