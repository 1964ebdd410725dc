"""CPU time of a process tree while it runs."""

import os
import pathlib
import threading
import time

PERIOD_S = 0.25
TICK_S = 1 / os.sysconf("SC_CLK_TCK")


class TreeCpu(threading.Thread):
    """Samples what the descendants of `root` have used, those included that have ended and were
    waited for. The thread is a nice one: it stands behind whatever else wants the core."""

    def __init__(self, root):
        super().__init__(daemon=True)
        self.root = root
        self.samples = []
        self.ended = threading.Event()

    def run(self):
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), 10)
        while not self.ended.wait(PERIOD_S):
            self.samples.append((time.monotonic_ns(), used_by_descendants(self.root)))

    def stop(self):
        self.ended.set()
        self.join()

    def at(self, instant_ns):
        """Seconds used until then, by linear interpolation; 0 before the first sample."""
        before = (instant_ns, 0.0)
        for sample in self.samples:
            if sample[0] >= instant_ns:
                span = sample[0] - before[0]
                share = (instant_ns - before[0]) / span if span else 0
                return before[1] + share * (sample[1] - before[1])
            before = sample
        return before[1]


def used_by_descendants(root):
    parents, own, waited = {}, {}, {}
    for folder in pathlib.Path("/proc").iterdir():
        if not folder.name.isdigit():
            continue
        try:
            text = (folder / "stat").read_text(encoding="utf-8", errors="replace")
        except OSError:
            continue
        fields = text.rpartition(")")[2].split()
        pid = int(folder.name)
        parents[pid] = int(fields[1])
        user, system, child_user, child_system = map(int, fields[11:15])
        own[pid], waited[pid] = user + system, child_user + child_system
    total = waited.get(root, 0)
    for pid in parents:
        if pid != root and _descends(pid, root, parents):
            total += own[pid] + waited[pid]
    return total * TICK_S


def _descends(pid, root, parents):
    while pid in parents:
        pid = parents[pid]
        if pid == root:
            return True
    return False
