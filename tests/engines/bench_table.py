"""sseprof and `vllm bench serve` in pairs of runs: their figures side by side, and where
differences come from. A pair is {tool: bench_run.Run}.

A ratio of the two tools has three factors: the definitions (sseprof's run by vLLM's definitions
against its own), the server (what it measured itself in both runs, means alone) and the client,
which is what is left.
"""

from statistics import median

from bench_clients import FIGURES

OURS, THEIRS = "sseprof", "vllm bench"
EXPLAINED_ABOVE = 0.02
MENTIONED_ABOVE = 0.005
DEFINITIONS = {
    "TTFT": "its first token is the first chunk with a choice, the role's, which has no text",
    "ITL": "from the role's chunk to the first text is a gap, too: {theirs:,.0f} gaps where "
           "sseprof has {ours:,.0f}",
    "TPOT": "it begins with the role's chunk",
    "latency": "it ends with the last chunk that has a choice, sseprof's with [DONE]",
    "tokens/s": "the time that it divides by",
    "requests/s": "the time that it divides by",
}
SERVER = {"TTFT": "TTFT", "ITL": "ITL", "TPOT": "ITL", "latency": "latency", "tokens/s": "latency",
          "requests/s": "latency"}


def markdown(pairs):
    return "\n\n".join("\n".join(part(pairs)) for part in (_figures, _server, _cost, explanations))


def explanations(pairs):
    """A line for each figure that differs by more than 2 %."""
    lines = []
    for figure in FIGURES:
        total, definition, rest = _ratios(pairs, figure)
        if abs(median(total) - 1) > EXPLAINED_ABOVE:
            lines.append(f"- {_name(figure)} {_spread(total)}: " +
                         "; ".join(_causes(pairs, figure, definition, rest)) + ".")
    return lines or ["No figure differs by more than 2 %."]


def _causes(pairs, figure, definition, rest):
    what, statistic = figure
    cause = f"definition {_percent(median(definition))}"
    if abs(median(definition) - 1) > MENTIONED_ABOVE:
        gaps = {name: _median(pairs, tool, lambda run: run.stated.gaps)
                for name, tool in (("ours", OURS), ("theirs", THEIRS))}
        cause += f" ({DEFINITIONS[what].format(**gaps)})"
    yield cause
    server = _of_server(pairs, SERVER[what])
    if statistic == "mean":
        client = [left / own for left, own in zip(rest, server)]
        yield f"server {_spread(server)}"
        more = ""
        if what == SERVER[what]:
            ours, theirs = map(_number, _beyond(pairs, what))
            more = f" ({theirs} ms beyond the server's own, where sseprof has {ours})"
        yield f"client {_spread(client)}{more}"
    else:
        yield f"run and client {_spread(rest)}"
        yield f"the server's own mean {SERVER[what]} was {_spread(server)}"
    if min(rest) < 1 < max(rest):
        yield "beyond the definition the pairs have both signs"


def _figures(pairs):
    yield ("| ms; rates a second | sseprof | the same runs by vLLM's definitions | vllm bench | "
           "vllm bench against sseprof | by definition | left |")
    yield "|---|---:|---:|---:|---:|---:|---:|"
    for figure in FIGURES:
        total, definition, rest = _ratios(pairs, figure)
        ours = _median(pairs, OURS, lambda run: run.stated.figures[figure])
        by_vllm = _median(pairs, OURS, lambda run: run.stated.by_vllm[figure])
        theirs = _median(pairs, THEIRS, lambda run: run.stated.figures[figure])
        yield (f"| {_name(figure)} | {_number(ours)} | {_number(by_vllm)} | {_number(theirs)} | "
               f"{_spread(total)} | {_percent(median(definition))} | {_percent(median(rest))} |")


def _server(pairs):
    yield ("| mean, ms, by vLLM's definitions | server, while sseprof ran | while vllm bench ran | "
           "sseprof beyond it | vllm bench beyond it |")
    yield "|---|---:|---:|---:|---:|"
    for what in ("TTFT", "ITL", "latency"):
        server = [_median(pairs, tool, lambda run: run.server_ms[what]) for tool in (OURS, THEIRS)]
        yield "| " + " | ".join([what, *map(_number, [*server, *_beyond(pairs, what)])]) + " |"


def _beyond(pairs, what):
    """Of sseprof and vllm bench: its mean by vLLM's definitions less the server's, in ms."""
    figure = (what, "mean")
    return (_median(pairs, OURS, lambda run: run.stated.by_vllm[figure] - run.server_ms[what]),
            _median(pairs, THEIRS, lambda run: run.stated.figures[figure] - run.server_ms[what]))


def _cost(pairs):
    yield "| CPU s of the client | sseprof | vllm bench |"
    yield "|---|---:|---:|"
    for title, of in (("all, with start and report", lambda run: run.cpu_s),
                      ("from the first request to the last answer", lambda run: run.load_cpu_s)):
        yield f"| {title} | {_median(pairs, OURS, of):.2f} | {_median(pairs, THEIRS, of):.2f} |"


def _ratios(pairs, figure):
    """Of each pair: theirs to ours, ours by their definition to ours, theirs to that."""
    ours = [pair[OURS].stated.figures[figure] for pair in pairs]
    by_vllm = [pair[OURS].stated.by_vllm[figure] for pair in pairs]
    theirs = [pair[THEIRS].stated.figures[figure] for pair in pairs]
    return ([t / o for t, o in zip(theirs, ours)], [b / o for b, o in zip(by_vllm, ours)],
            [t / b for t, b in zip(theirs, by_vllm)])


def _of_server(pairs, what):
    return [pair[THEIRS].server_ms[what] / pair[OURS].server_ms[what] for pair in pairs]


def _median(pairs, tool, of):
    return median(of(pair[tool]) for pair in pairs)


def _name(figure):
    return " ".join(part for part in figure if part)


def _number(value):
    return f"{value:.2f}" if abs(value) < 100 else f"{value:,.1f}"


def _percent(ratio):
    return f"{(ratio - 1) * 100:+.1f} %"


def _spread(ratios):
    if len(ratios) == 1:
        return _percent(ratios[0])
    return f"{_percent(median(ratios))} ({_percent(min(ratios))} to {_percent(max(ratios))})"
