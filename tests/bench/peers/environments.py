"""Other tools' and engines' virtual environments: one for each, outside the source tree.

NAME.txt in a folder of lists says what goes in: the tool alone, like aiperf==0.13.0, whose
dependencies are then resolved; or every package of the environment, of which nothing is resolved."""

import os
import pathlib
import re
import shutil
import subprocess

HERE = pathlib.Path(__file__).resolve().parent
CACHE = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache")
ROOT = CACHE / "sseprof-bench"


class NotInstalled(Exception):
    """What the installer said."""


def pinned(name, lists=HERE):
    """The requirement, like aiperf==0.13.0."""
    lines = _listed(name, lists).splitlines()
    return next(line for line in lines if re.match(rf"{re.escape(name)}(\[\w+\])?==", line))


def version(name, lists=HERE):
    return pinned(name, lists).partition("==")[2]


def ensure(name, say, lists=HERE):
    """Installs the tool unless it is there; returns its folder of programs."""
    home = ROOT / f"{name}-{version(name, lists)}"
    mark = home / "installed"
    listed = _listed(name, lists)
    if not (mark.exists() and mark.read_text(encoding="utf-8") == listed):
        say(f"installing {pinned(name, lists)} into {home}")
        shutil.rmtree(home, ignore_errors=True)
        _install(name, home, lists, say)
        mark.write_text(listed, encoding="utf-8")
    return home / "bin"


def packages(name):
    """All that is installed beside the tool, as name==version."""
    return _run(ROOT / f"{name}-{version(name)}" / "bin" / "pip", "freeze").split()


def _listed(name, lists):
    return (lists / f"{name}.txt").read_text(encoding="utf-8").strip()


def _install(name, home, lists, say):
    _run("python3", "-m", "venv", home)
    if name == "uv":
        _run(home / "bin" / "pip", "install", "--quiet", pinned(name))
        return
    installer = ensure("uv", say) / "uv"
    resolved = ["--no-deps"] if "\n" in _listed(name, lists) else []
    _run(installer, "pip", "install", "--quiet", "--compile-bytecode", *resolved,
         "--python", home / "bin" / "python", "--requirement", lists / f"{name}.txt")


def _run(*command):
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True)
    if done.returncode != 0:
        raise NotInstalled(" ".join(done.stderr.split())[-300:])
    return done.stdout
