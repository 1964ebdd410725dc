"""`server` of a summary a second time: the end line's window of the server's metrics page, and what
the requests' lines say of the server."""

from recompute_request import S, distribution

QUANTILES = {"p50": 0.5, "p90": 0.9, "p95": 0.95, "p99": 0.99}
HISTOGRAMS = {"ttft_s": "ttft", "itl_s": "itl", "e2e_s": "latency", "queue_s": "queue"}
COUNTED = ("requests", "prompt_tokens", "generation_tokens")


def server_side(run):
    page = run.end_line and run.end_line["server"]["metrics"]
    told = [r for r in run.good if r.line.get("server_metrics")]
    if not page and not told:
        return None
    good = [r for r in run.all if r.ok]
    ours = {"requests": len(good),
            "prompt_tokens": _told(good, "prompt_tokens"),
            "generation_tokens": _told(good, "completion_tokens")}
    out = {"client": ours, "agrees": None, "scrapes": 0, "window_s": None,
           "between": {name + "_mean_s": None for name in ("ttft", "itl", "e2e")},
           **dict.fromkeys((*COUNTED, "preemptions", "prefix_cache", "running", "waiting",
                            "kv_usage", *HISTOGRAMS, "prefill_total_s", "decode_total_s"))}
    if page:
        out.update(_window(page), agrees=_agrees(run, page, ours))
        if out["agrees"]:
            out["between"] = _between(run, good, out)
    return out


def _told(good, key):
    """The sum of what each answer's usage told; None if one did not."""
    told = [(r.line["usage"] or {}).get(key) for r in good]
    return None if None in told else sum(told)


def _window(page):
    hits, queries = page["prefix_hits"], page["prefix_queries"]
    cache = None if hits is None else {"queries": queries, "hits": hits,
                                       "hit_rate": hits / queries if queries else None}
    return {**{key: page[key] for key in (*COUNTED, "preemptions", "kind", "scrapes",
                                          "failed_scrapes", "running", "waiting", "kv_usage")},
            "window_s": page["length_ns"] / S, "prefix_cache": cache,
            "prefill_total_s": page["prefill_seconds"], "decode_total_s": page["decode_seconds"],
            **{key: page[name] and _histogram(page[name]) for key, name in HISTOGRAMS.items()}}


def _histogram(grown):
    total = sum(grown["counts"])
    out = {"count": total, "mean": grown["sum_s"] / total if total else None}
    edges = [0, *grown["edges_s"], None]
    for name, p in QUANTILES.items():
        value = low = high = None
        below = 0
        for i, count in enumerate(grown["counts"] if total else []):
            if count and below + count >= p * total:
                low, high = edges[i], edges[i + 1]
                value = low if high is None else low + (high - low) * (p * total - below) / count
                break
            below += count
        out.update({name: value, name + "_low": low, name + "_high": high})
    return out


def _agrees(run, page, ours):
    if not ours["requests"] or not all(r.ok for r in run.all):
        return None
    if any(isinstance(r.line["finish_reason"], list) for r in run.all):
        return None
    told = [page[key] == ours[key] for key in COUNTED if None not in (page[key], ours[key])]
    return all(told) if told else None


def _between(run, good, out):
    """Our means less the server's."""
    ours = {"e2e": [r.latency for r in good]}
    if run.stream:
        ours["ttft"] = [r.ttft for r in good if r.outputs]
        ours["itl"] = [r.events[b] - r.events[a] for r in good for a, b in r.gaps()]
    return {name + "_mean_s": _above(ours.get(name), out[name + "_s"] or {})
            for name in ("ttft", "itl", "e2e")}


def _above(ours, theirs):
    """The difference of both means, if they are of as many values to 2 %."""
    if not ours or not theirs.get("count") or abs(len(ours) - theirs["count"]) > 0.02 * len(ours):
        return None
    return distribution(ours)["mean"] - theirs["mean"]
