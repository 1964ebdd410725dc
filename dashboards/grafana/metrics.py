"""Which metrics are deliberately on no panel, and which expressions may find nothing."""

# name: why it is on no panel
ABSENT = {
    "exposer_transferred_bytes_total": "of the library that serves /metrics; scrape time says it",
    "exposer_scrapes_total": "of the library that serves /metrics; Prometheus knows its scrapes",
    "exposer_request_latencies": "of the library that serves /metrics, in microseconds; "
                                 "scrape_duration_seconds says it in seconds",
}

# part of an expression: when an expression with it has no data though all is well
MAY_BE_EMPTY = {
    "vllm:": "the server is not scraped, or has no such metric",
    "sseprof_slo_seconds": "the run has no such --slo",
    "sseprof_target_requests_per_second": "the run is a closed loop",
    "sseprof_request_failures_total": "nothing failed, where only failures are shown",
    "sseprof_run_end_timestamp_seconds": "the run has not ended",
    "sseprof_run_time_to_first_token_seconds": "the run has not ended",
    "sseprof_run_inter_token_latency_seconds": "the run has not ended",
    "sseprof_run_e2e_request_latency_seconds": "the run has not ended",
    "sseprof_run_request_time_per_output_token_seconds": "the run has not ended",
}
