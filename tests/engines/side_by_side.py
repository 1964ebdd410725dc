"""A run's summary: its client's figures beside what its server said of itself. Counts must agree;
times differ by what lies between both."""

COUNTS = {"requests": "requests", "prompt tokens": "prompt_tokens",
          "generation tokens": "generation_tokens"}
HISTOGRAMS = (("TTFT", "ttft_s", "ttft_s"), ("ITL", "itl_s", "itl_s"),
              ("latency", "latency_s", "e2e_s"))
STATISTICS = ("mean", "p50", "p99")
NONE = "–"


def differences(name, summary):
    """A line for each thing that is not as it must be; none if all is well."""
    return [f"{name}: {line}" for line in _differences(summary)]


def markdown(runs):
    """`runs`: {name: summary}."""
    counts = [["run", *COUNTS]]
    times = [["run", "ms", *(f"{statistic}: {side}" for statistic in STATISTICS
                             for side in ("client", "server"))]]
    for name, summary in runs.items():
        counts.append([name, *_counts(summary["server"])])
        times += [[name, *row] for row in _times(summary)]
    return "\n\n".join([_table(counts), _table(times), "\n".join(
        f"- {name}: {summary['usage_check']['explanation']}" for name, summary in runs.items())])


def _table(rows):
    rows.insert(1, ["---"] + ["---:"] * (len(rows[0]) - 1))
    return "\n".join("| " + " | ".join(row) + " |" for row in rows)


def _differences(summary):
    yield from _faults(summary)
    if summary["server"] is None:
        yield "the server's own metrics were not read"
    elif summary["ok"]:
        yield from _count_differences(summary["server"])
        yield from _time_differences(summary)


def _faults(summary):
    if summary["ok"] != summary["requests"]:
        yield f"{summary['ok']} good requests of {summary['requests']}"
    if summary["token_usage"]["completion_tokens_mean"] != summary["max_tokens"]:
        yield f"not {summary['max_tokens']} tokens in every answer"
    for kind in ("over", "missing"):
        if summary["usage_check"][kind]:
            yield f"usage is {kind} in {summary['usage_check'][kind]} answers"


def _count_differences(server):
    if server["failed_scrapes"]:
        yield f"{server['failed_scrapes']} readings of the server's metrics failed"
    for title, key in COUNTS.items():
        if server[key] not in (None, server["client"][key]):
            yield f"{title}: client {server['client'][key]}, server {server[key]}"
    if server["agrees"] is not True:
        yield "the counts of client and server do not agree"
    client = server["client"]
    for key, count in (("ttft_s", client["requests"]), ("e2e_s", client["requests"]),
                       ("itl_s", client["generation_tokens"] - client["requests"])):
        if server[key] and server[key]["count"] != count:
            yield f"{key}: {server[key]['count']} values at the server, {count} at the client"


def _time_differences(summary):
    """The client sees a request for longer than the server does, so that neither its means nor its
    medians can be below the server's."""
    server = summary["server"]
    for key in ("ttft_mean_s", "e2e_mean_s"):
        if (server["between"][key] or 0) < 0:
            yield f"{key}: shorter at the client than at the server"
    for title, ours, theirs in HISTOGRAMS:
        histogram = server[theirs]
        if title != "ITL" and histogram and summary[ours]["p50"] < histogram["p50_low"]:
            yield f"{title} p50: below the server's bucket"


def _counts(server):
    return [f"{server['client'][key]} / {NONE if server[key] is None else server[key]}"
            for key in COUNTS.values()]


def _times(summary):
    server = summary["server"]
    for title, ours, theirs in HISTOGRAMS:
        if server[theirs]:
            yield _row(title, summary[ours], server[theirs])
    times = server["per_request"]
    if times:
        yield _row("TTFT / as sent with answers", summary["ttft_s"], times["first_token_s"])
        decode = {"mean": summary["tpot_s"]["mean"] * (summary["max_tokens"] - 1)}
        yield _row("decoding / as sent with answers", decode, times["decode_s"])


def _row(title, ours, theirs):
    return [title, *(cell for statistic in STATISTICS
                     for cell in (_ms(ours.get(statistic)), _estimate(theirs, statistic)))]


def _estimate(distribution, statistic):
    """With the edges of its bucket where it was estimated in one."""
    value, low = distribution[statistic], distribution.get(f"{statistic}_low")
    if value is None or low is None:
        return _ms(value)
    high = distribution[f"{statistic}_high"]
    return f"{_ms(value)} ({low * 1e3:g}" + (f"..{high * 1e3:g})" if high else " up)")


def _ms(seconds):
    return NONE if seconds is None else f"{seconds * 1e3:.1f}"
