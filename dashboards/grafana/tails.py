"""Two or more runs side by side, by their tails; works after the runs have gone."""

from frame import choice, dashboard, one_variant, run_variables
from panels import curve, place, stat, table, text
from promql import (E2E, ITL, TPOT, TTFT, edge, exact_change, exact_quantile, whole, whole_cdf,
                    whole_change, whole_gauge, whole_quantile, whole_share_within)

QUANTILES = (0.5, 0.9, 0.95, 0.99, 0.999)
NAMES = ((TTFT, "TTFT"), (ITL, "ITL"), (TPOT, "TPOT"), (E2E, "Latency"))
ELAPSED = "sseprof_run_elapsed_seconds"
TOKENS = "sseprof_output_tokens_counted_total"

ADVICE = """\
**The verdict comes from the report, Prometheus is for watching.** `sseprof report` computes every \
quantile from the raw records and says how uncertain it is; what is shown here is as good as the \
scrapes were.

* Choose variants **a** and **b**; the time range must hold the runs' ends. Nothing here is a \
rate: each run counts from 0, and its last scrape is read.
* *From buckets*: up to 4.9 % off (10 % with `--metrics-buckets coarse`), there from the first \
scrape on. *Exact*: from the run's records, there once it has ended and was scraped once more.
* One run of each is no comparison: repeat them in turns, and hold the difference against that \
between two runs of the same variant. A p99.9 of 1,000 values is one value.
"""

# The first is taken; every run has all of these among its edges.
TTFT_LIMITS = (0.5, 0.05, 0.1, 0.2, 0.25, 0.3, 1, 2, 5, 10)
ITL_LIMITS = (0.05, 0.01, 0.02, 0.025, 0.03, 0.04, 0.1, 0.2, 0.5, 1)


def limit_choice(name, label, limits):
    def words(limit):
        return f"{limit:g} s" if limit >= 1 else f"{limit * 1000:g} ms"
    return choice(name, label, [(words(limit), edge(limit)) for limit in limits])


def heading(q):
    return f"p{q * 100:g}"


def from_buckets(histogram, name, count):
    columns = [(heading(q), whole_quantile(q, histogram)) for q in QUANTILES]
    columns.append(("count", whole(histogram + "_count")))
    return table(f"{name}, from buckets", f"Whole-run quantiles of {name} so far, and of how many "
                 f"{count}. Interpolated in buckets: up to 4.9 % off. Fewer than 10 values beyond "
                 "a quantile make it an accident.", columns, "s", overrides=[whole_numbers()])


def whole_numbers():
    return {"matcher": {"id": "byName", "options": "count"},
            "properties": [{"id": "unit", "value": "short"}]}


def exact(histogram, name):
    columns = [(heading(q), exact_quantile(q, histogram)) for q in QUANTILES]
    return table(f"{name}, exact", f"Quantiles of {name} from all values of the run. Empty until "
                 "the run has ended and was scraped once more (--metrics-linger).", columns, "s")


def tokens_per_second(more, by="variant, run"):
    return f"{whole(TOKENS, more, by)} / {whole_gauge(ELAPSED, more, by)}"


def changes():
    """b against a in one number each."""
    def of(q, histogram):
        return whole_change(lambda more, by: whole_quantile(q, histogram, more, by))

    def tile(title, expr, words):
        return stat(title, f"{words} of $b against $a, all runs of each pooled, from buckets and "
                    "so far: up to 10 % of it can be the buckets' doing. + is more.", expr,
                    "percentunit", legend="$b against $a", instant=True, width=4)
    return [tile("TTFT p50", of(0.5, TTFT), "Median TTFT"),
            tile("TTFT p99", of(0.99, TTFT), "p99 of TTFT"),
            tile("ITL p50", of(0.5, ITL), "Median ITL"),
            tile("ITL p99", of(0.99, ITL), "p99 of ITL"),
            tile("TPOT p99", of(0.99, TPOT), "p99 of TPOT"),
            tile("Tokens per second", whole_change(tokens_per_second), "Counted tokens a second")]


def exact_changes():
    columns = [(name, exact_change(histogram)) for histogram, name in NAMES]
    return table("b against a, exact", "Exact quantiles of variant $b over those of $a, less 1: "
                 "+10 % is slower by a tenth. Several runs of a variant are averaged. Says nothing "
                 "of chance: see the report.", columns, "percentunit")


def attained():
    return table(
        "Within limits", "Share of TTFTs and gaps up to the limits chosen above (exact: they are "
        "bucket edges), and of good requests that met every --slo of the run (all of them if it "
        "had none). Failed requests are in none of these: the last column has them.",
        [("TTFT within limit", whole_share_within(TTFT, "$ttft_limit")),
         ("ITL within limit", whole_share_within(ITL, "$itl_limit")),
         ("requests within --slo", f"{whole('sseprof_requests_within_slo_total')} / "
                                   f"{whole('sseprof_requests_completed_total')}"),
         ("failed", f"{whole('sseprof_request_failures_total')} / "
                    f"{whole('sseprof_requests_started_total')}")], "percentunit", width=24)


def throughput():
    return table(
        "Whole run", "Tokens, good requests and time of each run's measured window, from its last "
        "scrape. For a run that still goes: so far, with its ramp.",
        [("tokens/s", tokens_per_second("")),
         ("requests/s", f"{whole('sseprof_requests_completed_total')} / {whole_gauge(ELAPSED)}"),
         ("good", whole("sseprof_requests_completed_total")),
         ("measured s", whole_gauge(ELAPSED)),
         ("ended", f"{whole_gauge('sseprof_run_end_timestamp_seconds')} > bool 0")], "short")


def distribution(histogram, name):
    return curve(f"{name}, share up to", f"Share of the values of {name} up to each bucket's edge, "
                 "whole run so far: a curve further right is slower. Prometheus knows only the "
                 "edges; between them the line is drawn.", f"{whole_cdf(histogram)} > 0 < 1",
                 "percentunit")


def tail(histogram, name):
    return curve(f"{name}, share above", f"Share of the values of {name} above each bucket's edge, "
                 "on logarithmic axes: where the tails part. The last steps are single values.",
                 f"(1 - {whole_cdf(histogram)}) > 0 < 1", "percentunit", log_share=True)


def build():
    variables = run_variables() + [
        one_variant("a", "a (baseline)", 1), one_variant("b", "b (against it)", 2),
        limit_choice("ttft_limit", "TTFT limit", TTFT_LIMITS),
        limit_choice("itl_limit", "ITL limit", ITL_LIMITS)]
    counted = {TTFT: "requests", ITL: "gaps", TPOT: "requests", E2E: "requests"}
    panels = place([
        (None, False, [(5, [text("How to read this", "What this dashboard can and cannot say.",
                                 ADVICE)])]),
        ("b against a, so far", False, [(4, changes())]),
        ("Whole runs", False, [(7, [exact_changes(), throughput()]), (5, [attained()])]),
        ("Quantiles", False, [(5, [from_buckets(histogram, name, counted[histogram]),
                                   exact(histogram, name)]) for histogram, name in NAMES]),
        ("Distributions", False, [
            (10, [distribution(TTFT, "TTFT"), distribution(ITL, "ITL")]),
            (10, [tail(TTFT, "TTFT"), tail(ITL, "ITL")])]),
    ])
    return dashboard("sseprof-tails", "sseprof / A/B tails",
                     "Runs of sseprof side by side: quantiles, distributions, limits met.",
                     variables, panels, time_from="now-1h", refresh="30s")
