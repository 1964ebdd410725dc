"""Client and server side by side: counts that must agree, and times that may not."""

COUNTS = ("requests", "prompt tokens", "generation tokens", "tokens after the first")
TIMES = (("TTFT", "ttft_s", "vllm:time_to_first_token_seconds"),
         ("ITL", "itl_s", "vllm:inter_token_latency_seconds"))
QUANTILES = (("p50", 0.5), ("p99", 0.99))


class Row:
    """One run: what its client measured, and what vLLM counted meanwhile."""

    def __init__(self, name, client, between):
        self.name = name
        self.client = client
        self.histograms = {title: between.histogram(metric) for title, _, metric in TIMES}
        counted = between.counted
        self.counts = {
            "requests": (len(client.requests), counted("vllm:request_success_total")),
            "prompt tokens": (client.used("prompt_tokens"), counted("vllm:prompt_tokens_total")),
            "generation tokens": (client.used("completion_tokens"),
                                  counted("vllm:generation_tokens_total")),
            "tokens after the first": (client.tokens_after_the_first(),
                                       self.histograms["ITL"].count),
        }

    def differences(self, load):
        """A line for each thing that is not as it must be; none if all is well."""
        lines = [f"{self.name}: {name}: client {ours}, vLLM {theirs:g}"
                 for name, (ours, theirs) in self.counts.items() if ours != theirs]
        good = self.client.summary["ok"]
        if good != load.requests:
            lines.append(f"{self.name}: {good} good requests of {load.requests}")
        expected = good * load.tokens
        if self.counts["generation tokens"][0] != expected:
            lines.append(f"{self.name}: not {load.tokens} tokens in every answer")
        return lines

    def cells(self):
        yield self.name
        for ours, theirs in self.counts.values():
            yield f"{ours} / {theirs:g}"
        for title, key, _ in TIMES:
            ours, theirs = self.client.summary[key], self.histograms[title]
            yield f"{_ms(ours['mean'])} / {_ms(theirs.mean())}"
            for name, q in QUANTILES:
                yield f"{_ms(ours[name])} / {_estimate(theirs.quantile(q))}"

    def explanation(self):
        shared = self.client.tokens_that_shared_an_event()
        text = f"{self.name}: {self.client.summary['usage_check']['explanation']}"
        if shared:
            text += (f"; {shared} tokens came in an event with others (vLLM merges what its front "
                     f"end is late to send), so ITL has {self.client.summary['itl_s']['count']} "
                     f"gaps where vLLM has {self.histograms['ITL'].count:g}")
        return text


def markdown(rows):
    heads = ["run", *COUNTS, *(f"{title} {name} (ms)" for title, _, _ in TIMES
                               for name in ("mean", *(name for name, _ in QUANTILES)))]
    lines = ["| " + " | ".join(heads) + " |", "|---|" + "---:|" * (len(heads) - 1)]
    lines += ["| " + " | ".join(row.cells()) + " |" for row in rows]
    return "\n".join([*lines, "", NOTE, "", *(f"- {row.explanation()}" for row in rows)])


NOTE = ("vLLM's mean is its sum by its count. Its quantiles are interpolated in its histogram's "
        "buckets, whose edges follow: the truth may be anywhere between them. The client's TTFT "
        "starts when the request is sent; vLLM's when its front end has read it, and ends before "
        "the answer is written.")


def _ms(seconds):
    return "–" if seconds is None else f"{seconds * 1e3:.1f}"


def _estimate(quantile):
    if quantile is None:
        return "–"
    value, lower, upper = quantile
    return f"{_ms(value)} ({lower * 1e3:g}..{upper * 1e3:g})"
