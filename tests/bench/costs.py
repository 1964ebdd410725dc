"""What an event and a start of a request cost, beside the same load on bare libcurl."""

import os

from harness import (bare_run, fixed, flood, load_json, load_lines, median, quantile, run_client,
                     scratch, sim, sseprof_run, table)

FEW, MANY = 60, 240       # tokens of the two runs whose slope is the cost of an event
STARTS_TOKENS = 2         # of answers that come in one send, so that a request is little but its start
EVENTS_BESIDE_TOKENS = 4  # role, finish, usage, [DONE]


def client_cpu(name, server, streams, requests, tokens, folder):
    """CPU seconds of one run."""
    if name != "sseprof":
        return run_client(bare_run(name, server.url, streams, requests, tokens), server).cpu_s
    cost = run_client(sseprof_run(server.url, streams, requests, tokens, folder), server)
    summary = load_json(os.path.join(folder, "run.json"))
    if summary["ok"] != requests:
        raise SystemExit(f"bench: {summary['errors']} of {requests} requests failed")
    return cost.cpu_s


def slope(name, server, streams, requests):
    """(us per event, us per start): the line through two runs that differ in tokens alone."""
    with scratch() as folder:
        few, many = (client_cpu(name, server, streams, requests, tokens, folder)
                     for tokens in (FEW, MANY))
    event = (many - few) / (requests * (MANY - FEW))
    start = few / requests - event * (FEW + EVENTS_BESIDE_TOKENS)
    return event * 1e6, start * 1e6


def flood_section(rounds):
    """64 streams, as fast as they can be taken."""
    rows, figures = [], {}
    for per_send, requests in ((64, 6000), (1, 1000)):
        events = {name: [] for name in ("sseprof", "bare_curl", "bare_epoll")}
        starts = {name: [] for name in events}
        with flood(per_send) as server:
            for _ in range(rounds):
                for name in events:
                    event, start = slope(name, server, 64, requests)
                    events[name].append(event)
                    starts[name].append(start)
        cost = {name: median(values) for name, values in events.items()}
        start = {name: median(values) for name, values in starts.items()}
        figures[per_send] = {"us_per_event": cost, "us_per_start": start}
        rows.append([f"{per_send} a send", fixed(cost["sseprof"] / cost["bare_curl"], 2),
                     fixed(cost["bare_curl"] / cost["bare_epoll"], 2), fixed(cost["sseprof"], 3),
                     fixed(cost["bare_curl"], 3), fixed(cost["bare_epoll"], 3),
                     fixed(1 / cost["sseprof"], 2), fixed(start["sseprof"], 0),
                     fixed(start["bare_curl"], 0)])
    head = ["64 streams, events", "sseprof / bare_curl", "bare_curl / bare_epoll",
            "sseprof us/event", "bare_curl", "bare_epoll", "sseprof M events/s a core",
            "us/start sseprof", "bare_curl"]
    return table(head, rows), figures


# streams, gap: the last two have the same event rate.
PACED = ((256, 20), (1000, 20), (256, 5.12), (10000, 200))


def paced_section(rounds):
    """One event a send, spread evenly, as a server at work sends them."""
    rows, figures = [], {}
    for streams, itl_ms in PACED:
        names = ["sseprof"] if itl_ms != 20 else ["sseprof", "bare_curl"]
        found = {name: [] for name in names}
        with sim("--itl-ms", itl_ms, "--ttft-ms", 200, "--phase", "uniform") as server:
            for _ in range(rounds):
                for name in names:
                    found[name].append(slope(name, server, streams, streams))
        event, start = ({name: median([f[i] for f in found[name]]) for name in names}
                        for i in (0, 1))
        figures[f"{streams} at {itl_ms} ms"] = {"us_per_event": event, "us_per_start": start}
        bare = event.get("bare_curl")
        rows.append([f"{streams:,}, {itl_ms} ms", fixed(event["sseprof"] / bare, 2) if bare else "",
                     fixed(event["sseprof"], 2), fixed(bare, 2), fixed(start["sseprof"], 0),
                     fixed(start.get("bare_curl"), 0)])
    few, many = (figures[f"{streams} at {itl_ms} ms"]["us_per_event"]["sseprof"]
                 for streams, itl_ms in PACED[2:])
    figures["growth"] = many / few
    rows.append(["10,000 / 256 streams, 50,000 events/s", "", fixed(many / few, 2), "", "", ""])
    head = ["streams, gap", "sseprof / bare_curl", "sseprof us/event", "bare_curl", "intercept, us",
            "bare_curl"]
    return table(head, rows), figures


def starts_section(rounds):
    """Cold starts, all at once, of requests whose answers come in one read."""
    rows, figures = [], {}
    clients = ("sseprof", "bare_curl")
    for streams in (1000, 10000):
        costs = {name: [] for name in clients}
        with scratch() as folder, flood(64) as server:
            for _ in range(rounds):
                for name in clients:
                    cpu = client_cpu(name, server, streams, streams, STARTS_TOKENS, folder)
                    costs[name].append(cpu / streams * 1e6)
        figures[streams] = {name: median(values) for name, values in costs.items()}
    for streams, cost in figures.items():
        rows.append([f"{streams:,}", fixed(cost["sseprof"] / cost["bare_curl"], 2),
                     fixed(cost["sseprof"], 0), fixed(cost["bare_curl"], 0)])
    growth = {name: figures[10000][name] / figures[1000][name] for name in clients}
    rows.append(["10,000 / 1,000", "", fixed(growth["sseprof"], 2), fixed(growth["bare_curl"], 2)])
    figures["growth"] = growth
    return table(["cold starts at once", "sseprof / bare_curl", "sseprof us/start",
                  "bare_curl us/start"], rows), figures


def delays(rows, log):
    """Of every request: from its start to its last byte sent, and TTFT beyond the server's own. Of
    all of them: from the first start to the last byte sent."""
    rows = list(rows)
    sent, errors = [], []
    for request_id, start, sent_at, first_output in rows:
        entry = log[request_id]
        true_ttft = entry["events"][1][0] - entry["received_ns"]  # the first event is the role
        sent.append(sent_at - start)
        errors.append(first_output - start - true_ttft)
    found = {f"{what} {name}": quantile(values, p) / 1e6
             for what, values in (("sent", sent), ("ttft", errors))
             for name, p in (("p50", 0.5), ("p99", 0.99))}
    found["all sent"] = (max(r[2] for r in rows) - min(r[1] for r in rows)) / 1e6
    return found


def sseprof_rows(folder):
    for line in load_lines(os.path.join(folder, "run.jsonl")):
        if "n" in line:
            first = line["event_ns"][line["kinds"].index("v")]
            yield (line["request_id"], line["start_ns"], line["start_ns"] + line["sent_ns"],
                   line["start_ns"] + first)


def bare_rows(folder):
    for line in load_lines(os.path.join(folder, "bare.log")):
        yield line["request_id"], line["start_ns"], line["sent_ns"], line["first_output_ns"]


def cold_section(rounds, streams=1000):
    """What a thousand requests at once add to their own TTFT."""
    found = {"sseprof": [], "bare_curl": []}
    for _ in range(rounds):
        for name in found:
            with scratch() as folder:
                log = os.path.join(folder, "sim.log")
                with sim("--itl-ms", 20, "--ttft-ms", 500, "--phase", "uniform", "--log",
                         log) as server:
                    if name == "sseprof":
                        command = sseprof_run(server.url, streams, streams, 8, folder)
                    else:
                        command = bare_run(name, server.url, streams, streams, 8, "--log",
                                           os.path.join(folder, "bare.log"))
                    run_client(command, server)
                rows = sseprof_rows(folder) if name == "sseprof" else bare_rows(folder)
                truth = {entry["request_id"]: entry for entry in load_lines(log)}
                found[name].append(delays(rows, truth))
    figures = {name: {key: median([r[key] for r in rows]) for key in rows[0]}
               for name, rows in found.items()}
    rows = [[name, *(fixed(figures[name][key], 2) for key in figures[name])] for name in figures]
    rows.append(["sseprof / bare_curl",
                 *(fixed(figures["sseprof"][key] / figures["bare_curl"][key], 3)
                   for key in figures["sseprof"])])
    head = [f"{streams:,} cold starts, ms", "start to sent p50", "p99", "TTFT error p50", "p99",
            "until all are sent"]
    return table(head, rows), figures
