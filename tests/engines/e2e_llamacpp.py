"""Measures a real llama.cpp, and holds what the client counted against what the server counted.

It runs on this machine's processor: a tiny Qwen3 mixture of experts with random weights, in 16 bits
and quantized to 8.
"""

import pathlib
import subprocess

import llamacpp_table
import rounds
import tiny_model
from engine_server import EngineServer

HERE = pathlib.Path(__file__).resolve().parent
PATIENCE_S = 120
SLOTS, CONTEXT_PER_SLOT = 32, 1024


def write_model(programs, variant):
    folder = rounds.environments.ROOT / "tiny-qwen3-moe"
    tiny_model.write(folder, rounds.say)
    path = folder / f"{variant}.gguf"
    done = subprocess.run([programs / "python", HERE / "tiny_gguf.py", folder, variant, path],
                          text=True, capture_output=True)
    if done.returncode != 0:
        raise tiny_model.NoModel(" ".join(done.stderr.split())[-300:])
    return path


def server(programs, variant, port):
    command = [programs / "python", HERE / "llamacpp_serve.py", write_model(programs, variant),
               port, SLOTS, CONTEXT_PER_SLOT]
    log = pathlib.Path("results/e2e-llamacpp") / f"{variant}.log"
    return EngineServer(command, f"http://127.0.0.1:{port}", log, {}, PATIENCE_S)


if __name__ == "__main__":
    rounds.main(rounds.Engine("e2e-llamacpp", "llama.cpp", "xllamacpp", ("f16", "q8_0"), server,
                              llamacpp_table.row, llamacpp_table.NOTE), __doc__)
