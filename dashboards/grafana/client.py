"""Can the figures be believed: what the client itself costs and gets wrong."""

from frame import dashboard, run_variables
from panels import PER_RUN_LEGEND, lines, place, query, stat, steps
from promql import (TARGET, TTFT, mean, only, quantile, rate, ratio, select, total)

EVENTS = "sseprof_stream_events_total"
COALESCED = "sseprof_coalesced_events_total"
BUSY = "sseprof_event_loop_busy_seconds_total"
DELAY = "sseprof_client_delay_seconds"
SEND = "sseprof_send_delay_seconds"
LAG = "sseprof_schedule_lag_seconds"
LOOP = "sseprof_event_loop_lag_seconds"
WIDTH = "sseprof_arrival_uncertainty_seconds"
CONNECT = "sseprof_connect_duration_seconds"
ROUGH = "From buckets of 6 a decade: a quantile may be off by 47 %."

SHARE = steps("green", ("orange", 0.01), ("red", 0.05))
LOOP_BUSY = steps("green", ("orange", 0.7), ("red", 0.9))
LATE = steps("green", ("orange", 0.001), ("red", 0.01))
LOAD_LATE = steps("green", ("orange", 0.05))


def busiest():
    return f"max by (variant, run) (rate({select(BUSY)}[$__rate_interval]))"


def of_median_ttft(histogram):
    return f"{quantile(0.99, histogram)} / {quantile(0.5, TTFT)}"


def verdict():
    return [
        stat("Coalesced", "Share of events that arrived at a time known only to more than 100 us. "
             "Above 5 % the run counts as limited by its client.", ratio(COALESCED, EVENTS),
             "percentunit", SHARE),
        stat("Send delay p99 / TTFT p50", "How long the client took to give a request to the "
             "kernel, beside the median TTFT that contains it. Above 5 % the run counts as limited "
             "by its client. " + ROUGH, of_median_ttft(SEND), "percentunit", SHARE),
        stat("Busiest loop", "Share of time that the busiest event loop did not wait. Above 70 % "
             "it has little room for bursts; add --threads or take a faster core.", busiest(),
             "percentunit", LOOP_BUSY),
        stat("Loop lag p99", "How late the event loop handled its timers. Above 1 ms it may read "
             "late; the kernel's stamps hide that until events coalesce. " + ROUGH,
             quantile(0.99, LOOP), "s", LATE),
        stat("Schedule lag p99 / TTFT p50", "How late requests started after their slot was free. "
             "It makes the load lighter than asked for, not the TTFTs longer. " + ROUGH,
             of_median_ttft(LAG), "percentunit", LOAD_LATE),
        stat("Client delay p99", "From the kernel's stamp to the program's read. With kernel "
             "stamps it is in no figure; with user stamps it is in all of them. " + ROUGH,
             quantile(0.99, DELAY), "s", LATE),
        stat("Files open / allowed", "Above 90 % new connections will soon fail.",
             f"{only('process_open_fds')} / {only('process_max_fds')}", "percentunit",
             steps("green", ("orange", 0.7), ("red", 0.9))),
        stat("Scraped", "1 while Prometheus reaches the target, 0 when it does not. A run that has "
             "ended is gone: 0 then is no fault.",
             f"min by (instance) ({select('up', '', TARGET)})", "short",
             steps("red", ("green", 1)), legend="{{instance}}",
             defaults={"mappings": [{"type": "value", "options": {
                 "0": {"text": "gone", "index": 0}, "1": {"text": "up", "index": 1}}}]}),
    ]


def spread(title, histogram, words, **more):
    """p50, p99 and mean of a coarse histogram; log, as they are often decades apart."""
    targets = [query(quantile(q, histogram), f"p{q * 100:g} {PER_RUN_LEGEND}") for q in (0.5, 0.99)]
    targets.append(query(mean(histogram), f"mean {PER_RUN_LEGEND}"))
    return lines(title, f"{words} {ROUGH} The mean is exact.", targets, "s", log=True, **more)


def lateness():
    return [
        (8, [spread("Client delay", DELAY, "The program's read less the kernel's stamp, at every "
                    "read, warm-up too: what a client without kernel stamps would get wrong.",
                    thresholds=LATE),
             spread("Arrival uncertainty", WIDTH, "Width of the interval in which an arrival lies, "
                    "of those arrivals that are not exact. The shares beside say how many.")]),
        (8, [lines("Events not exact", "Share of events that are bundled (sent together by the "
                   "server: no fault of the client) and coalesced (the client came too late).",
                   [query(ratio("sseprof_bundled_events_total", EVENTS),
                          f"bundled {PER_RUN_LEGEND}"),
                    query(ratio(COALESCED, EVENTS), f"coalesced {PER_RUN_LEGEND}")],
                   "percentunit", thresholds=steps("green", ("red", 0.05))),
             spread("Send delay", SEND, "Start of a request to its last byte given to the kernel, "
                    "without connecting. It is part of every TTFT.", thresholds=LATE)]),
        (8, [spread("Schedule lag", LAG, "Start of a request less the instant at which its slot "
                    "was free. A burst of starts at the beginning makes it long without harm.",
                    thresholds=LATE),
             spread("Loop lag", LOOP, "A timer's handling less the time it was due, per event "
                    "loop, warm-up too. Other programs on the client's core show up here first.",
                    thresholds=LATE)]),
    ]


def machine():
    return [
        (8, [lines("Loops busy", "Share of time that each event loop did not wait, and of the "
                   "busiest. A loop above 70 % cannot follow bursts.",
                   [query(rate(BUSY, "variant, run, worker"),
                          "worker {{worker}} " + PER_RUN_LEGEND),
                    query(busiest(), f"busiest {PER_RUN_LEGEND}")], "percentunit",
                   thresholds=LOOP_BUSY),
             lines("CPU", "Cores that the whole process uses; answering scrapes is in here, too.",
                   [query(rate("process_cpu_seconds_total"), PER_RUN_LEGEND)], "short")]),
        (8, [lines("Memory", "Resident memory. It grows with the records of the run; steady growth "
                   "without requests would be a leak.",
                   [query(total("process_resident_memory_bytes"), PER_RUN_LEGEND)], "bytes"),
             lines("Files", "Open file descriptors, beside the most allowed (ulimit -n).",
                   [query(total("process_open_fds"), f"open {PER_RUN_LEGEND}"),
                    query(only("process_max_fds"), f"allowed {PER_RUN_LEGEND}")], "short",
                   log=True)]),
    ]


def network():
    return [
        (8, [lines("Bytes", "Bytes of headers and bodies after TLS, warm-up too; the wire carries "
                   "more.", [query(rate("sseprof_received_bytes_total"),
                                   f"received {PER_RUN_LEGEND}"),
                             query(rate("sseprof_sent_bytes_total"), f"sent {PER_RUN_LEGEND}")],
                   "Bps"),
             lines("Events", "Output events and all other events of the streams, a second.",
                   [query(rate(EVENTS), PER_RUN_LEGEND)], "cps")]),
        (8, [lines("Connections", "Open connections, and new ones a second. New ones all the time "
                   "mean that the server closes them: each adds connecting to a TTFT.",
                   [query(total("sseprof_connections_open"), f"open {PER_RUN_LEGEND}"),
                    query(rate("sseprof_connections_opened_total"),
                          f"new a second {PER_RUN_LEGEND}")], "short"),
             spread("Connect time", CONNECT, "TCP and TLS handshake of new connections. Empty "
                    "while none is made.")]),
    ]


def watching():
    def target(metric, words):
        return query(f"max by (instance) ({select(metric, '', TARGET)})", words + " {{instance}}")
    return [(7, [
        lines("Scrape time", "What a scrape takes. Longer than the timeout (900 ms as provisioned) "
              "it fails, and leaves a hole in every panel.",
              [target("scrape_duration_seconds", "")], "s",
              thresholds=steps("green", ("orange", 0.1), ("red", 0.9)), width=8),
        lines("Samples per scrape", "How many samples a scrape brings; billed by some. Fewer with "
              "--metrics-buckets coarse.", [target("scrape_samples_scraped", "")], "short",
              width=8),
        lines("Process age", "Time since the process started: a step down is a new run on the same "
              "port.", [query(f"time() - {only('process_start_time_seconds')}", PER_RUN_LEGEND)],
              "s", width=8)])]


def build():
    panels = place([
        ("Is the client the bottleneck? Orange: look closer. Red: do not believe the latencies.",
         False, [(5, verdict())]),
        ("Late by how much", False, lateness()),
        ("The process", False, machine()),
        ("The network", False, network()),
        ("Being watched", False, watching()),
    ])
    return dashboard("sseprof-client", "sseprof / client health",
                     "What sseprof itself costs and gets wrong: can this run be believed?",
                     run_variables(), panels)
