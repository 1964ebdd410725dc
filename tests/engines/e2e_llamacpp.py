"""Measures a real llama.cpp with `sseprof suite`, and holds the client against the server's
counters and the times that it sends with its answers."""

import engine_suite
import engines

NOTE = ("llama.cpp has no histograms, and does not count requests. The time to its first token "
        "that it sends with an answer is the prompt's processing alone, without the wait for a "
        "slot's turn, where TTFT holds all until the first text is here.")


if __name__ == "__main__":
    engine_suite.main("e2e-llamacpp", "llamacpp-cpu", "xllamacpp", engines.llamacpp, NOTE)
