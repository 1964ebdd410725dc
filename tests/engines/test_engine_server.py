"""A server is waited for, and nothing of it stays."""

import os
import pathlib
import socket
import sys
import tempfile
import time
import unittest

from engine_server import DidNotStart, EngineServer, get

# Leaves a child that ignores SIGINT, says its id, and answers every GET after a while.
SERVER = """
import http.server, signal, subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", "import signal, time; "
    "signal.signal(signal.SIGINT, signal.SIG_IGN); print('deaf', flush=True); time.sleep(600)"],
    stdout=subprocess.PIPE)
child.stdout.readline()
print(child.pid, flush=True)
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"# nothing")
http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
"""


def free_port():
    """A port of 127.0.0.1 on which nothing listens now."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return probe.getsockname()[1]


def is_running(pid):
    try:
        return pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


class AnEngine(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="sseprof-engine-")
        self.addCleanup(folder.cleanup)
        self.log = os.path.join(folder.name, "log")

    def server(self, script, patience_s=60):
        port = free_port()
        return EngineServer([sys.executable, "-c", script, port], f"http://127.0.0.1:{port}",
                            self.log, {}, patience_s)

    def test_is_ready_when_it_answers_and_ends_with_its_children(self):
        with self.server(SERVER) as engine:
            self.assertEqual(get(engine.url), "# nothing")
            child = int(pathlib.Path(self.log).read_text().split()[0])
            self.assertTrue(is_running(child))
        until = time.monotonic() + 30
        while is_running(child) and time.monotonic() < until:
            time.sleep(0.05)
        self.assertFalse(is_running(child))

    def test_that_ends_at_once_says_why(self):
        with self.assertRaisesRegex(DidNotStart, "exit status 3;.*no such model"):
            with self.server("import sys; print('no such model', flush=True); sys.exit(3)"):
                self.fail("never ready")

    def test_is_not_started_where_another_one_answers(self):
        with self.server(SERVER) as engine:
            other = EngineServer([sys.executable, "-c", "import time; time.sleep(600)"], engine.url,
                                 self.log, {}, 60)
            with self.assertRaisesRegex(DidNotStart, "answers at .* already"):
                with other:
                    self.fail("it is another one's")

    def test_that_never_answers_is_given_up_and_ended(self):
        script = "import os, time; print(os.getpid(), flush=True); time.sleep(600)"
        engine = self.server(script, patience_s=2)
        with self.assertRaisesRegex(DidNotStart, "not ready after 2 s"):
            with engine:
                self.fail("never ready")
        self.assertIsNotNone(engine.process.returncode)


if __name__ == "__main__":
    unittest.main()
