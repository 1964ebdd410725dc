"""Watching a run while it goes."""

import server
from frame import dashboard, run_variables
from panels import (MILLIS_UNIT, PER_RUN_LEGEND, heatmap, lines, override, panel, place, query,
                    stat, steps, table)
from promql import (E2E, ITL, PER_RUN, TPOT, TTFT, cells, edges, mean, only, quantile, rate,
                    ratio, select, total, whole, whole_gauge)

TOKENS_PER_SECOND = "count:tok/s"
BUCKETS = ("Read from buckets that grow by 4.9 % each (10 % with --metrics-buckets coarse), over "
           "the last few scrapes only: the report has the exact quantiles of the whole run.")
FAILURES = "sseprof_request_failures_total"
STARTED = "sseprof_requests_started_total"


def now():
    return [
        stat("Tokens", "Output tokens a second as counted from the stream, over the last few "
             "scrapes. The panel of the same name below has what the server reports, too.",
             rate("sseprof_output_tokens_counted_total"), TOKENS_PER_SECOND),
        stat("Good requests", "Requests that ended well, a second. Jumps when few requests end "
             "between two scrapes.", rate("sseprof_requests_completed_total"), "reqps"),
        stat("In flight", "Requests that were sent and have not ended.",
             total("sseprof_requests_in_flight"), "short"),
        stat("TTFT p99", "Time to first token, p99 of the requests that ended in the last few "
             "scrapes. With fewer than 100 of them it is close to their maximum. " + BUCKETS,
             quantile(0.99, TTFT), "s"),
        stat("ITL p99", "Gap between two output events of a stream, p99 over the last few scrapes. "
             + BUCKETS, quantile(0.99, ITL), "s"),
        stat("Failed", "Failed requests per started request. A request fails later than it starts, "
             "so that the share wavers when the load changes.", ratio(FAILURES, STARTED),
             "percentunit", steps("green", ("orange", 0.001), ("red", 0.05))),
        stat("Coalesced", "Share of events that the client read too late to tell apart. Above 5 % "
             "the client limits the run: see the dashboard on the client's health.",
             ratio("sseprof_coalesced_events_total", "sseprof_stream_events_total"),
             "percentunit", steps("green", ("orange", 0.01), ("red", 0.05))),
        stat("Measured for", "Length of the measured window so far; 0 before it begins.",
             only("sseprof_run_elapsed_seconds"), "s"),
    ]


def spread(title, histogram, what, slo=None):
    """p50, p90, p99 and mean of a histogram, and its SLO where one was given."""
    targets = [query(quantile(q, histogram), f"p{q * 100:g} {PER_RUN_LEGEND}")
               for q in (0.5, 0.9, 0.99)]
    targets.append(query(mean(histogram), f"mean {PER_RUN_LEGEND}"))
    if slo:
        targets.append(query(only("sseprof_slo_seconds", f'slo="{slo}"'), f"SLO {PER_RUN_LEGEND}"))
    return lines(title, f"{what} {BUCKETS}", targets, "s")


def latency():
    return [
        (9, [heatmap("TTFT", "Requests by time to first token, 24 bands a decade from 10 ms to "
                     "10 s; the lowest and the highest band hold the rest. A request counts when "
                     "it ends, not at its first token.", cells(TTFT, edges(1e-2))),
             heatmap("ITL", "Gaps by length, 24 bands a decade from 1 ms to 1 s; the lowest and "
                     "the highest band hold the rest. Coalesced events have gaps near 0: look at "
                     "their share before you believe a low band.", cells(ITL, edges(1e-3)))]),
        (9, [spread("TTFT quantiles", TTFT, "Start of the request to its first output event, with "
                    "connecting on a new connection. Good requests only: what timed out is not in "
                    "here.", "ttft"),
             spread("ITL quantiles", ITL, "Gaps between output events, as they come, of requests "
                    "that fail later too. An event with several tokens is one gap.")]),
        (9, [spread("TPOT quantiles", TPOT, "Time per output token after the first, one value a "
                    "request, when it ends. It averages stalls away: ITL shows them.", "tpot"),
             spread("Latency quantiles", E2E, "Start of the request to the end of its stream. "
                    "Depends on the answers' lengths: compare runs of the same length only.",
                    "latency")]),
        (8, [lines("Decode speed of a stream", "Tokens a second after the first token: of the "
                   "median request and of the slowest 1 %, from TPOT. " + BUCKETS,
                   [query(f"1 / {quantile(0.5, TPOT)}", f"median {PER_RUN_LEGEND}"),
                    query(f"1 / {quantile(0.99, TPOT)}", f"slowest 1 % {PER_RUN_LEGEND}")],
                   TOKENS_PER_SECOND),
             lines("Tokens", "Output tokens as counted from the stream, and output and prompt "
                   "tokens as reported in `usage`. What is reported comes in steps, when requests "
                   "end.",
                   [query(rate("sseprof_output_tokens_counted_total"),
                          f"output, counted {PER_RUN_LEGEND}"),
                    query(rate("sseprof_output_tokens_reported_total"),
                          f"output, reported {PER_RUN_LEGEND}"),
                    query(rate("sseprof_prompt_tokens_reported_total"),
                          f"prompt, reported {PER_RUN_LEGEND}")], TOKENS_PER_SECOND)]),
    ]


PHASES = (("warmup", "warm-up", "yellow"), ("measure", "measured", "green"),
          ("drain", "drain", "blue"), ("done", "done", "gray"))


def phases():
    """One band for each run; its value is the phase's number, 0 before the load."""
    parts = [only("sseprof_phase", f'phase="{name}"') for name, _, _ in PHASES]
    expr = " + ".join(f"{number} * {part}" for number, part in enumerate(parts, start=1))
    named = {"0": {"text": "before the load", "color": "text", "index": 0}}
    for number, (_, words, colour) in enumerate(PHASES, start=1):
        named[str(number)] = {"text": words, "color": colour, "index": number}
    return panel("state-timeline", "Phase", "What each run does: warm-up, the measured window, "
                 "drain (no request starts any more), done. A phase shorter than the scrape "
                 "interval can be missing.", [query(expr, PER_RUN_LEGEND)], "short",
                 defaults={"mappings": [{"type": "value", "options": named}],
                           "custom": {"fillOpacity": 70, "lineWidth": 0}},
                 options={"mergeValues": True, "showValue": "auto", "alignValue": "left",
                          "rowHeight": 0.8, "tooltip": {"mode": "single", "sort": "none"},
                          "legend": {"displayMode": "list", "placement": "bottom",
                                     "showLegend": True, "calcs": []}})


def load():
    return [
        (8, [lines("Requests", "Requests a second: started, ended well, and those of them that met "
                   "every --slo (without --slo: all good ones). The target is that of an open "
                   "loop; a closed loop has none.",
                   [query(rate(STARTED), f"started {PER_RUN_LEGEND}"),
                    query(rate("sseprof_requests_completed_total"), f"good {PER_RUN_LEGEND}"),
                    query(rate("sseprof_requests_within_slo_total"),
                          f"within SLO {PER_RUN_LEGEND}"),
                    query(only("sseprof_target_requests_per_second") + " > 0",
                          f"target {PER_RUN_LEGEND}")], "reqps"),
             lines("In flight", "Requests sent and not ended, beside the concurrency asked for. A "
                   "closed loop below its target waits after failures, or the client is late: see "
                   "the schedule lag on the client's dashboard.",
                   [query(total("sseprof_requests_in_flight"), f"in flight {PER_RUN_LEGEND}"),
                    query(only("sseprof_target_concurrency"), f"target {PER_RUN_LEGEND}")],
                   "short")]),
        (8, [lines("Failures by reason", "Failed requests a second by reason. Failed requests are "
                   "in no latency above: a server that fails fast looks fast.",
                   [query(f"{rate(FAILURES, PER_RUN + ', reason')} > 0",
                          "{{reason}} " + PER_RUN_LEGEND)], "reqps", stacked=True),
             lines("Share of failures", "Failed requests per started request.",
                   [query(ratio(FAILURES, STARTED), PER_RUN_LEGEND)], "percentunit",
                   thresholds=steps("green", ("red", 0.05)))]),
        (8, [lines("Usage mismatches", "Requests a second whose `usage` differs from the counted "
                   "tokens, and requests without `usage`. Where it differs, distrust tokens a "
                   "second and TPOT.",
                   [query(rate("sseprof_usage_mismatches_total"), f"differs {PER_RUN_LEGEND}"),
                    query(rate("sseprof_usage_missing_total"), f"missing {PER_RUN_LEGEND}")],
                   "reqps"),
             phases()]),
        (6, [runs()]),
    ]


def runs():
    info = select("sseprof_run_info")
    columns = [
        (None, "max by (variant, run, model, endpoint, mode, dataset, version) "
               f"(last_over_time({info}[$__range]))"),
        ("start", whole_gauge("sseprof_run_start_timestamp_seconds") + " * 1000 > 0"),
        ("end", whole_gauge("sseprof_run_end_timestamp_seconds") + " * 1000 > 0"),
        ("measured", whole_gauge("sseprof_run_elapsed_seconds")),
        ("concurrency", whole_gauge("sseprof_target_concurrency")),
        ("good", whole("sseprof_requests_completed_total")),
        ("failed", whole(FAILURES)),
        ("tokens", whole("sseprof_output_tokens_counted_total")),
    ]
    return table("Runs", "The runs in the time range, as far as they were scraped. A run that was "
                 "killed, or whose last scrape came too early, shows less than it did.", columns,
                 "short", width=24, hidden=("mode",),
                 overrides=[override("start", unit=MILLIS_UNIT), override("end", unit=MILLIS_UNIT),
                            override("measured", unit="s")])


def build():
    panels = place([
        ("Now", False, [(4, now())]),
        ("Latency", False, latency()),
        ("Load", False, load()),
        ("The server's own figures (empty unless the server is scraped too)", True,
         server.shelves()),
    ])
    return dashboard("sseprof-live", "sseprof / live run",
                     "A run of sseprof while it goes: latency, throughput, failures.",
                     run_variables() + server.variables(), panels)
