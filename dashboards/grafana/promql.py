"""Expressions over the metrics of `sseprof run`, with the dashboards' variables in them.

LIVE expressions look at the last moments and need a scrape every second or so; WHOLE ones read
the last state of each run's counters in the time range, so that they hold after the run has gone.
"""

import math

CLIENT = 'job=~"$job",instance=~"$instance",variant=~"$variant",run=~"$run"'
TARGET = 'job=~"$job",instance=~"$instance"'  # what Prometheus itself adds has no more labels
SERVER = 'job=~"$server_job",instance=~"$server_instance"'
PER_RUN = "variant, run"

TTFT = "sseprof_time_to_first_token_seconds"
ITL = "sseprof_inter_token_latency_seconds"
TPOT = "sseprof_request_time_per_output_token_seconds"
E2E = "sseprof_e2e_request_latency_seconds"


def select(metric, more="", scope=CLIENT):
    """The series of a metric that the variables choose; `more` is one more matcher."""
    return f"{metric}{{{scope}{',' if more else ''}{more}}}"


def total(metric, more=""):
    """A gauge, summed over each run's series."""
    return f"sum by ({PER_RUN}) ({select(metric, more)})"


def only(metric, more=""):
    """A gauge of which each run has one series."""
    return f"max by ({PER_RUN}) ({select(metric, more)})"


def rate(metric, by=PER_RUN, scope=CLIENT):
    """A counter's growth a second, now."""
    return f"sum by ({by}) (rate({select(metric, scope=scope)}[$__rate_interval]))"


def ratio(part, whole):
    """LIVE share of one counter in another; nothing, not NaN, while the other stands still."""
    return f"({rate(part)} / {rate(whole)} >= 0)"


def quantile(q, histogram, by=PER_RUN, scope=CLIENT):
    """LIVE quantile of a classic histogram; nothing, not NaN, while there are no values."""
    return f"(histogram_quantile({q}, {rate(histogram + '_bucket', f'le, {by}', scope)}) >= 0)"


def mean(histogram, by=PER_RUN, scope=CLIENT):
    """LIVE mean of a histogram; nothing, not NaN, while there are no values."""
    return f"({rate(histogram + '_sum', by, scope)} / {rate(histogram + '_count', by, scope)} >= 0)"


def cells(histogram, pattern):
    """How many of each band of values came in each step, for a heatmap."""
    selected = select(histogram + "_bucket", f'le=~"{pattern}"')
    return f"sum by (le) (increase({selected}[$__rate_interval]))"


def edge(value):
    """A pattern for one `le`: Prometheus 3 writes .0 behind whole numbers."""
    shortest = repr(float(value))
    forms = {shortest, shortest.removesuffix(".0")}
    return "|".join(form.replace(".", "[.]") for form in sorted(forms))


def edges(least, decades=3, per_decade=24):
    """A pattern for `le` with every second of the 48 edges a decade, and the one above all: more
    of them would make a heatmap slow and no clearer."""
    values = (least * 10 ** (i / per_decade) for i in range(decades * per_decade + 1))
    return "|".join(["[+]Inf", *(edge(rounded(value)) for value in values)])


def rounded(value):
    """To four digits, or the next number that also has no more when 16 are written: the exporter's
    edges are such."""
    value = float(f"{value:.4g}")
    while f"{value:.16g}" != f"{value:.4g}":
        unit = 10 ** (math.floor(math.log10(value)) - 3)
        value = float(f"{value + unit:.4g}")
    return value


def labels(*names):
    return ", ".join(name for name in names if name)


def whole(metric, more="", by=PER_RUN):
    """WHOLE value of a counter or of a histogram's bucket, count or sum."""
    return f"sum by ({by}) (max_over_time({select(metric, more)}[$__range]))"


def whole_gauge(metric, more="", by=PER_RUN):
    """WHOLE: the last value of a gauge of which each run has one series. (The largest would be
    wrong: the time measured goes on until the run knows which request was its last.)"""
    return f"max by ({by}) (last_over_time({select(metric, more)}[$__range]))"


def whole_quantile(q, histogram, more="", by=PER_RUN):
    """WHOLE quantile of a classic histogram."""
    return f"histogram_quantile({q}, {whole(histogram + '_bucket', more, labels('le', by))})"


def whole_cdf(histogram):
    """WHOLE share of the values up to each edge."""
    below = whole(histogram + "_bucket", 'le!="+Inf"', f"le, {PER_RUN}")
    return f"{below} / ignoring (le) group_left {whole(histogram + '_count')}"


def whole_share_within(histogram, limit):
    """WHOLE share of the values up to a limit, which must be one of the histogram's edges."""
    below = whole(histogram + "_bucket", f'le=~"{limit}"')
    return f"{below} / {whole(histogram + '_count')}"


def exact_name(histogram):
    """The summary with the exact quantiles of the histogram's whole run."""
    return histogram.replace("sseprof_", "sseprof_run_", 1)


def exact_quantile(q, histogram):
    """WHOLE exact quantile, from the end of a run on."""
    selected = select(exact_name(histogram), f'quantile="{q}"')
    return f"max by ({PER_RUN}) (last_over_time({selected}[$__range])) >= 0"


def exact_change(histogram):
    """Exact quantiles of variant $b over those of $a, less 1; several runs of one are averaged."""
    def side(variant):
        selected = select(exact_name(histogram), f'variant="{variant}"')
        return f"avg by (quantile) (last_over_time({selected}[$__range]) >= 0)"
    return f"{side('$b')} / {side('$a')} - 1"


def whole_change(expression):
    """The same of any WHOLE expression, made by `expression(more, by)`; several runs are pooled."""
    b, a = (expression(f'variant="{variant}"', "") for variant in ("$b", "$a"))
    return f"({b}) / ({a}) - 1"
