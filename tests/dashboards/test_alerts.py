"""promtool's unit tests of the alerts: each fires where it must, alone, and a healthy probe is left
in peace, also just below every limit."""

import json
import os
import tempfile
import unittest

import checks

PROMETHEUS = os.path.join(checks.DASHBOARDS, "prometheus")
RULES = os.path.join(PROMETHEUS, "alerts.yml")
RUN = 'job="sseprof",instance="c",variant="v",run="r"'
SAMPLES = 60  # one each 15 s
TTFT = "sseprof_time_to_first_token_seconds_bucket"
ITL = "sseprof_inter_token_latency_seconds_bucket"
E2E = "sseprof_e2e_request_latency_seconds_bucket"
SEND = "sseprof_send_delay_seconds_bucket"


def grows(by):
    """A counter from 0 on, by so much each 15 s."""
    return f"0+{by}x{SAMPLES}"


def stays(value):
    return f"{value}x{SAMPLES}"


HEALTHY = {
    ("up", "up"): stays(1),
    ("sseprof_phase", 'phase="measure"'): stays(1),
    ("sseprof_slo_seconds", 'slo="ttft"'): stays(0.2),
    ("sseprof_slo_seconds", 'slo="tpot"'): stays(0.05),
    ("sseprof_slo_seconds", 'slo="latency"'): stays(2),
    (TTFT, 'le="0.1"'): grows(100),
    (TTFT, 'le="0.2"'): grows(100),
    (TTFT, 'le="0.5"'): grows(100),
    (TTFT, 'le="+Inf"'): grows(100),
    (ITL, 'le="0.025"'): grows(9000),
    (ITL, 'le="0.05"'): grows(9950),
    (ITL, 'le="0.1"'): grows(10000),
    (ITL, 'le="+Inf"'): grows(10000),
    (E2E, 'le="2"'): grows(100),
    (E2E, 'le="5"'): grows(100),
    (E2E, 'le="+Inf"'): grows(100),
    (SEND, 'le="0.001"'): grows(100),
    (SEND, 'le="0.01"'): grows(100),
    (SEND, 'le="+Inf"'): grows(100),
    ("sseprof_requests_started_total", ""): grows(100),
    ("sseprof_request_failures_total", 'reason="timeout"'): grows(4),
    ("sseprof_request_failures_total", 'reason="connect"'): grows(0),
    ("sseprof_output_tokens_counted_total", ""): grows(10000),
    ("sseprof_stream_events_total", ""): grows(10000),
    ("sseprof_coalesced_events_total", ""): grows(400),
    ("sseprof_event_loop_busy_seconds_total", 'worker="0"'): grows(3),
    ("sseprof_event_loop_busy_seconds_total", 'worker="1"'): grows(13),
}

# what differs from the healthy probe, and the alert that fires
SICK = {
    "SseprofTtftAboveSlo": {(TTFT, 'le="0.1"'): grows(98), (TTFT, 'le="0.2"'): grows(98)},
    "SseprofItlAboveSlo": {(ITL, 'le="0.05"'): grows(9850)},
    "SseprofLatencyAboveSlo": {(E2E, 'le="2"'): grows(98)},
    "SseprofRequestsFail": {("sseprof_request_failures_total", 'reason="connect"'): grows(2)},
    "SseprofNoTokens": {("sseprof_output_tokens_counted_total", ""): stays(5000)},
    "SseprofGone": {("up", "up"): f"1x20 0x{SAMPLES - 20}",
                    ("sseprof_phase", 'phase="measure"'): "1x20 stale"},
    "SseprofClientLimitedCoalesced": {("sseprof_coalesced_events_total", ""): grows(600)},
    "SseprofClientLimitedSendDelay": {(SEND, 'le="0.001"'): grows(0)},
    "SseprofClientLimitedBusy": {("sseprof_event_loop_busy_seconds_total", 'worker="1"'):
                                 grows(14)},
}

ENDED = {("up", "up"): f"1x20 0x{SAMPLES - 20}",
         ("sseprof_phase", 'phase="measure"'): "1x19 0 stale"}
LINGERS = {**{key: stays(5000) for key in HEALTHY if key[0].endswith("_total")},
           ("sseprof_phase", 'phase="measure"'): stays(0),
           ("sseprof_phase", 'phase="done"'): stays(1)}
NO_SLO = {key: "stale" for key in HEALTHY if key[0] == "sseprof_slo_seconds"}


def series(name, labels):
    if name == "up":
        return 'up{job="sseprof",instance="c"}'
    return f"{name}{{{labels}{',' if labels else ''}{RUN}}}"


def scenario(name, changes, firing):
    """The alerts that fire after ten minutes, by name; none if `firing` is None."""
    values = {**HEALTHY, **changes}
    samples = [{"labels": f'{{alertname="{firing}"}}', "value": 1}] if firing else []
    return {"name": name, "interval": "15s",
            "input_series": [{"series": series(*key), "values": row}
                             for key, row in values.items()],
            "promql_expr_test": [{"expr": 'count by (alertname) (ALERTS{alertstate="firing"})',
                                  "eval_time": "10m", "exp_samples": samples}]}


class Alerts(unittest.TestCase):
    def judge(self, *scenarios):
        document = {"rule_files": [RULES], "evaluation_interval": "15s", "tests": scenarios}
        with tempfile.NamedTemporaryFile("w", suffix=".yml", encoding="utf-8") as file:
            json.dump(document, file)  # JSON is YAML
            file.flush()
            status, said = checks.promtool("test", "rules", file.name)
        self.assertEqual(status, 0, said)

    def test_healthy_probe_is_left_in_peace(self):
        self.judge(scenario("healthy", {}, None))

    def test_run_that_ended_is_left_in_peace(self):
        self.judge(scenario("ended", ENDED, None))

    def test_run_that_waits_for_its_last_scrape_is_left_in_peace(self):
        self.judge(scenario("lingers", LINGERS, None))

    def test_run_without_slo_is_left_in_peace(self):
        slow = {(TTFT, 'le="0.2"'): grows(0), (TTFT, 'le="0.1"'): grows(0)}
        self.judge(scenario("no SLO", {**slow, **NO_SLO}, None))

    def test_each_fires_alone(self):
        for alert, changes in SICK.items():
            with self.subTest(alert):
                self.judge(scenario(alert, changes, alert))

    def test_no_alert_is_without_a_test(self):
        with open(RULES, encoding="utf-8") as file:
            named = [line.split(":")[1].strip() for line in file if "- alert:" in line]
        self.assertEqual(sorted(named), sorted(SICK))

    def test_rules_and_configuration_are_valid(self):
        for args in (("check", "rules", RULES),
                     ("check", "config", os.path.join(PROMETHEUS, "prometheus.yml"))):
            status, said = checks.promtool(*args)
            self.assertEqual(status, 0, said)

    def test_each_says_what_to_do(self):
        with open(RULES, encoding="utf-8") as file:
            text = file.read()
        for part in text.split("- alert:")[1:]:
            name = part.split()[0]
            self.assertIn("summary:", part, name)
            self.assertGreater(len(part.partition("description: >-")[2].split()), 15, name)


if __name__ == "__main__":
    unittest.main()
