"""llama.cpp's own server, as xllamacpp carries it, until SIGINT or SIGTERM.

Run by the engine's own Python: llamacpp_serve.py MODEL PORT SLOTS CONTEXT_PER_SLOT.
"""

import os
import signal
import sys

import xllamacpp


def main():
    model, port, slots, context = sys.argv[1], *map(int, sys.argv[2:])
    signals = {signal.SIGINT, signal.SIGTERM}
    signal.pthread_sigmask(signal.SIG_BLOCK, signals)
    parameters = xllamacpp.CommonParams()
    parameters.model.path = model
    parameters.hostnames = ["127.0.0.1"]
    parameters.port = port
    parameters.n_parallel = slots
    parameters.n_ctx = slots * context
    parameters.cpuparams.n_threads = max(1, len(os.sched_getaffinity(0)) - 1)
    parameters.cache_prompt = False
    parameters.endpoint_metrics = True
    server = xllamacpp.Server(parameters)
    print(server.listening_address, flush=True)
    signal.sigwait(signals)


if __name__ == "__main__":
    main()
