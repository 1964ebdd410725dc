"""The other tools' virtual environments: one for each, outside the source tree."""

import os
import pathlib
import shutil
import subprocess

HERE = pathlib.Path(__file__).resolve().parent
CACHE = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache")
ROOT = CACHE / "sseprof-bench"


class NotInstalled(Exception):
    """What the installer said."""


def pinned(name):
    """The requirement in NAME.txt, like aiperf==0.13.0."""
    return (HERE / f"{name}.txt").read_text(encoding="utf-8").strip()


def version(name):
    return pinned(name).partition("==")[2]


def ensure(name, say):
    """Installs the tool unless it is there; returns its folder of programs."""
    home = ROOT / f"{name}-{version(name)}"
    mark = home / "installed"
    if not (mark.exists() and mark.read_text(encoding="utf-8") == pinned(name)):
        say(f"installing {pinned(name)} into {home}")
        shutil.rmtree(home, ignore_errors=True)
        _install(name, home, say)
        mark.write_text(pinned(name), encoding="utf-8")
    return home / "bin"


def packages(name):
    """All that is installed beside the tool, as name==version."""
    return _run(ROOT / f"{name}-{version(name)}" / "bin" / "pip", "freeze").split()


def _install(name, home, say):
    _run("python3", "-m", "venv", home)
    if name == "uv":
        _run(home / "bin" / "pip", "install", "--quiet", pinned(name))
        return
    installer = ensure("uv", say) / "uv"
    _run(installer, "pip", "install", "--quiet", "--compile-bytecode",
         "--python", home / "bin" / "python", "--requirement", HERE / f"{name}.txt")


def _run(*command):
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True)
    if done.returncode != 0:
        raise NotInstalled(" ".join(done.stderr.split())[-300:])
    return done.stdout
