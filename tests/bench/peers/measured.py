"""Runs a command to its end and writes what its whole process tree used, as JSON.

Usage: measured.py REPORT SECONDS COMMAND..

Processes that their parents leave behind become children of this one, so that they are waited for
and counted. What still runs after SECONDS, or 10 s after the command's own end, is killed.
"""

import ctypes
import json
import os
import resource
import signal
import subprocess
import sys
import time

PR_SET_CHILD_SUBREAPER = 36


def main(report, seconds, command):
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    begin = time.monotonic()
    process = subprocess.Popen(command, start_new_session=True)

    def kill_the_rest(*_):
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.alarm(10)
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass

    for number in (signal.SIGALRM, signal.SIGINT, signal.SIGTERM):
        signal.signal(number, kill_the_rest)
    signal.alarm(int(seconds))
    status, took = None, None
    while True:
        try:
            pid, ended = os.wait()
        except ChildProcessError:
            break
        if pid == process.pid:
            status, took = os.waitstatus_to_exitcode(ended), time.monotonic() - begin
            signal.alarm(10)
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    with open(report, "w", encoding="utf-8") as file:
        json.dump({"status": status, "wall_s": took, "cpu_s": used.ru_utime + used.ru_stime}, file)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3:])
