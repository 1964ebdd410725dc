"""One `sseprof suite` on the plan of a real engine, and then each run's client beside its server.

Exit status: 1 if a run failed or client and server differ, 2 if the engine could not be had.
"""

import argparse
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys

import engines
import plans
import side_by_side

sys.path.insert(0, str(engines.ROOT / "tests" / "e2e"))
from harness import clean_env  # noqa: E402

COMPARED = (0, 4, 5)  # same or better, worse, undecided: what random weights come to is no failure


def main(verb, plan, requirement, prepare, note):
    """`prepare()` installs what the plan needs and returns its folder of programs."""
    parser = argparse.ArgumentParser(prog=f"./dev {verb}",
                                     description="Measures a real engine with `sseprof suite`.")
    parser.add_argument("--plan", type=pathlib.Path, default=plans.PLANS / f"{plan}.json",
                        help="in place of %(default)s")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        programs = prepare()
    except engines.NotThere as error:
        engines.say(f"{verb}: {error}")
        sys.exit(2)
    folder = pathlib.Path("results") / verb
    shutil.rmtree(folder, ignore_errors=True)
    status = subprocess.run([os.environ["SSEPROF"], "suite", options.plan, "--out", folder],
                            env=clean_env(**engines.environment(programs))).returncode
    if status not in (1, *COMPARED):
        sys.exit(status)
    runs, wrong = _read(plans.read(options.plan), folder)
    shown = {name: run for name, run in runs.items() if run["server"] and run["ok"]}
    if shown:
        print(f"\n{engines.title(requirement)}: client / server, by the runs' summaries\n")
        print(f"{side_by_side.markdown(shown)}\n\n{note}", flush=True)
    for line in wrong:
        engines.say(f"differs: {line}")
    sys.exit(1 if wrong or status == 1 else 0)


def _read(plan, folder):
    """({name: summary}, lines on what is not as it must be) of all runs, in turns."""
    runs, wrong = {}, []
    for number in range(1, plan.get("repeats", 1) + 1):
        for variant in plan["variants"]:
            path, name = folder / f"{variant['name']}.{number}.json", f"{variant['name']} {number}"
            if not path.exists():
                wrong.append(f"{name}: it has no summary")
                continue
            runs[name] = json.loads(path.read_text(encoding="utf-8"))
            wrong += side_by_side.differences(name, runs[name])
    return runs, wrong
