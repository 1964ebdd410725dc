"""Measures a real vLLM, and holds what the client counted against what the server counted.

It runs on this machine's processor: a tiny Qwen3 mixture of experts with random weights, in
bfloat16 and in float32.
"""

import pathlib

import rounds
import tiny_model
import vllm_table
from engine_server import EngineServer

PATIENCE_S = 600
ENVIRONMENT = {"VLLM_CPU_KVCACHE_SPACE": "1", "HF_HUB_OFFLINE": "1", "VLLM_NO_USAGE_STATS": "1",
               "DO_NOT_TRACK": "1"}


def server(programs, variant, port):
    model = rounds.environments.ROOT / "tiny-qwen3-moe"
    tiny_model.write(model, rounds.say)
    command = [programs / "python", "-m", "vllm.entrypoints.openai.api_server", "--model", model,
               "--load-format", "dummy", "--dtype", variant, "--enforce-eager",
               "--host", "127.0.0.1", "--port", port,
               "--enable-force-include-usage", "--max-num-seqs", 32, "--max-model-len", 4096,
               "--gpu-memory-utilization", 0.95]
    log = pathlib.Path("results/e2e-vllm") / f"{variant}.log"
    return EngineServer(command, f"http://127.0.0.1:{port}", log, ENVIRONMENT, PATIENCE_S)


if __name__ == "__main__":
    rounds.main(rounds.Engine("e2e-vllm", "vLLM", "vllm-cpu", ("bfloat16", "float32"), server,
                              vllm_table.row, vllm_table.NOTE), __doc__)
