"""Record files of requests that no server would answer so: every field drawn by itself."""

import random

SOURCES = ["events", "events", "ids", "usage", "logprobs"]
OUTCOMES = ["ok"] * 8 + ["truncated", "http_5xx", "timeout", "cancelled"]


def random_file(seed, context, line, end):
    """(context, lines out of order, end or None), made from those of a real run."""
    draw = random.Random(seed)
    requests, warmups = draw.choice([0, 1, 2, 5, 40]), draw.choice([0, 0, 2, 9])
    context = {**context, "concurrency": draw.choice([1, 3, 8]), "warmup_requests": warmups,
               "requests": draw.choice([None, requests, requests + 3]),
               "stream": draw.random() < 0.93}
    at = context["origin_ns"] + draw.randint(0, 3_000_000)
    lines = []
    for n in range(warmups + requests):
        lines.append({**line, **random_request(draw, context["stream"]), "n": n,
                      "request_id": f"{context['run_id']}-{n}", "warmup": n < warmups,
                      "start_ns": at, "ready_ns": at - draw.randint(0, 50_000)})
        at += draw.choice([0, draw.randint(0, 40_000_000)])
    context["slo"] = random_slo(draw, lines)
    draw.shuffle(lines)
    interrupted = at + draw.randint(0, 9_000_000) if draw.random() < 0.2 else None
    end = {**end, "window": {"interrupted_ns": interrupted},
           "client": {**end["client"], "timestamps": draw.choice(["kernel", "kernel", "user"])}}
    return context, lines, end if draw.random() < 0.9 else None


def random_request(draw, stream):
    choices = draw.choice([1] * 8 + [2, 3])
    request, last = random_events(draw, choices, draw.choice([0, 1, 2, 5, 30]) if stream else 0)
    outcome = draw.choice(OUTCOMES)
    end = last if request["event_ns"] or outcome == "ok" else None
    if end is not None:
        end += draw.choice([0, draw.randint(0, 3_000_000)])
    finish = [draw.choice(["stop", "length"]) for _ in range(choices)]
    cold = draw.random() < 0.3
    request.update(
        end_ns=end, closed_ns=(last if end is None else end) + draw.randint(0, 100_000),
        connect_start_ns=10_000 if cold else None,
        connect_ns=draw.randint(20_000, 300_000) if cold else None,
        tls_ns=draw.randint(300_001, 900_000) if cold and draw.random() < 0.3 else None,
        sent_ns=draw.choice([None, *[draw.randint(1_000, 2_000_000)] * 5]),
        outcome=outcome, usage=random_usage(draw, sum(request["tokens"])),
        finish_reason=finish if choices > 1 else finish[0], retried=draw.random() < 0.1,
        reused=not cold, done_missing=outcome == "ok" and draw.random() < 0.02)
    return request


def random_events(draw, choices, count):
    """The keys of a line that tell its events; and the last one's offset."""
    at = draw.randint(100_000, 30_000_000)
    step = draw.choice([1_000, 300_000, 2_000_000, 6_000_000])
    source = draw.choice(SOURCES)
    times, kinds, tokens, chosen, uncertain = [], "", [], [], []
    for i in range(count):
        at += draw.choice([0, step, draw.randint(0, 2 * step),
                           draw.randint(0, 30_000_000) if draw.random() < 0.1 else step])
        kind = draw.choice("vvvvvvooe.f")
        is_output = kind in "vo"
        among = [1, 1, 2, 5, 0] if is_output else [0, 0, 0, 1, 3]
        tokens.append(int(is_output) if source == "events" else draw.choice(among))
        some = sorted(draw.sample(range(choices), draw.randint(1, choices)))
        chosen.append(some if len(some) > 1 and draw.random() < 0.2 else some[0])
        if draw.random() < 0.15:
            uncertain.append([i, draw.choice([5, 50_000, 100_000, 100_001, 3_000_000])])
        times.append(at)
        kinds += kind
    keys = {"event_ns": times, "kinds": kinds, "tokens": tokens, "tokens_from": source,
            "uncertain": uncertain}
    return ({**keys, "choice": chosen} if choices > 1 else keys), at


def random_slo(draw, lines):
    """Objectives amid what the requests had, now and then just what one had; or none."""
    arrivals = [t for line in lines for t in line["event_ns"]]
    ends = [line["end_ns"] for line in lines if line["end_ns"] is not None]
    spans = {"ttft_s": arrivals, "tpot_s": [1_000, 300_000, 2_000_000, 6_000_000], "latency_s": ends}
    slo = {}
    for name, values in spans.items():
        if draw.random() < 0.4:
            slo[name] = (draw.choice(values or [5_000_000]) + draw.choice([0, 0, -1, 1])) / 1e9
        elif draw.random() < 0.5:
            slo[name] = None
    return draw.choice([slo, slo, slo, None])


def random_usage(draw, tokens):
    if draw.random() < 0.15:
        return None
    usage = {"prompt_tokens": draw.randint(1, 50)}
    if draw.random() < 0.9:
        usage["completion_tokens"] = max(0, tokens + draw.choice([0, 0, 0, 1, -1, 2, 7]))
    if draw.random() < 0.2:
        usage["cached_tokens"] = draw.choice([0, 3])
    return usage
