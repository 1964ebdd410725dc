"""`suite`: servers that come up, that fail in every way they can, and nothing of them left behind."""

import json
import os
import signal
import socket
import sys
import time
import unittest

from harness import BINARY, TestCase, load_json, sseprof, start

# Serves /v1/models and streams of one token every 5 ms, as `sseprof sim`, but as it is told to.
ILL_SERVER = r"""
import http.server, json, os, signal, sys, threading, time
port, how = int(sys.argv[1]), sys.argv[2]
if how == "deaf":
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def log_message(self, *_): pass
    def do_GET(self):
        good = how != "never_ready" and self.path in ("/health", "/v1/models")
        body = json.dumps({"data": [{"id": "other" if how == "other_model" else "m"}]}).encode()
        self.send_response(200 if good else 503)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Connection", "close")
        self.end_headers()
        for i in range(40):
            if how == "dies" and i == 20:
                sys.stderr.write("RuntimeError: CUDA error: an illegal memory access\n")
                sys.stderr.flush()
                os.kill(os.getpid(), signal.SIGKILL)
            chunk = {"id": "c", "choices": [{"index": 0, "delta": {"content": "x"},
                     "finish_reason": "length" if i == 39 else None}]}
            self.wfile.write(b"data: " + json.dumps(chunk).encode() + b"\n\n")
            self.wfile.flush()
            time.sleep(0.005)
        self.wfile.write(b"data: [DONE]\n\n")
        self.close_connection = True
with open(sys.argv[3], "a") as file:
    file.write(f"{os.getpid()}\n")
http.server.ThreadingHTTPServer(("127.0.0.1", port), Handler).serve_forever()
"""


def free_ports(count):
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [s.getsockname()[1] for s in sockets]
    for s in sockets:
        s.close()
    return ports


def lives(pid):
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as file:
            return file.read().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def eventually(holds, seconds=30):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if holds():
            return True
        time.sleep(0.02)
    return False


class SuiteTest(TestCase):
    def setUp(self):
        super().setUp()
        self.ports = iter(free_ports(4))
        self.out = self.path("out")
        self.pids = self.path("pids")
        with open(self.path("server.py"), "w", encoding="utf-8") as file:
            file.write(ILL_SERVER)

    def sim(self, name, *args, **more):
        port = next(self.ports)
        return {"name": name, "base_url": f"http://127.0.0.1:{port}", "model": "m",
                "server": {"command": [os.path.abspath(BINARY), "sim", "--model", "m", "--port",
                                       str(port), *map(str, args)], "ready": "/v1/models"}, **more}

    def ill(self, name, how, **server):
        port = next(self.ports)
        return {"name": name, "base_url": f"http://127.0.0.1:{port}", "model": "m",
                "server": {"command": [sys.executable, self.path("server.py"), str(port), how,
                                       self.pids], **server}}

    def refused(self, name):
        return {"name": name, "base_url": f"http://127.0.0.1:{next(self.ports)}", "model": "m",
                "server": {"command": ["sh", "-c", "echo 'HfHubHTTPError: 401 Client Error' >&2; "
                                       "exit 1"]}}

    def plan(self, *variants, repeats=1, **more):
        path = self.path("plan.json")
        load = {"concurrency": 4, "requests": 8, "max-tokens": 40, "prompt": "x", "quiet": True}
        with open(path, "w", encoding="utf-8") as file:
            json.dump({"sseprof_plan": 1, "name": "test", "load": load, "repeats": repeats,
                       "variants": list(variants), **more}, file)
        return path

    def suite(self, *args, **plan):
        return sseprof("suite", self.plan(*args, **plan), "--out", self.out)

    def compared(self):
        return load_json(os.path.join(self.out, "compare.json"))

    def missing(self):
        return {m["name"]: m["reason"] for m in self.compared()["missing"]}

    def server_pids(self):
        with open(self.pids, encoding="ascii") as file:
            return [int(line) for line in file]

    def assert_no_server(self):
        self.assertFalse([pid for pid in self.server_pids() if lives(pid)])


class Good(SuiteTest):
    def test_variants_in_turns_with_one_that_the_hub_refused(self):
        process = self.suite(self.sim("A", "--itl-ms", 3), self.sim("B", "--itl-ms", 4),
                             self.refused("C"), repeats=2)
        self.assertEqual(process.returncode, 1, process.stderr)
        self.assertIn("order: in turns: A, B", process.stderr)
        self.assertIn("401 from the model hub. Log in", self.missing()["C"])
        found = self.compared()
        self.assertEqual([(v["name"], len(v["runs"])) for v in found["variants"]],
                         [("A", 2), ("B", 2)])
        starts = sorted((r["started_at"], v["name"]) for v in found["variants"] for r in v["runs"])
        self.assertEqual([name for _, name in starts], ["A", "B", "A", "B"])
        self.assertNotIn("order", {r["code"] for r in found["reasons"]})
        self.assertRegex(process.stdout, r"\nC +(\S+ +)?0 +N/A")
        itl = [c for c in found["pairs"][0]["cells"]
               if (c["metric"], c["statistic"]) == ("itl", "p50")][0]
        self.assertGreater(itl["difference"]["percent"], 20)
        for name in ("plan.json", "environment.json", "compare.md", "compare.html", "A.1.json", "A.2.jsonl",
                     "A.server.log", "B.1.txt", "C.server.log"):
            self.assertTrue(os.path.exists(os.path.join(self.out, name)), name)
        self.assertIn("401 Client Error", open_text(os.path.join(self.out, "C.server.log")))

    def test_blocks_where_servers_share_an_address(self):
        a, b = self.sim("A", "--itl-ms", 2), self.sim("B", "--itl-ms", 2)
        b["base_url"], b["server"] = a["base_url"], a["server"]
        process = self.suite(a, b, repeats=2)
        self.assertIn("order: blocks", process.stderr)
        starts = sorted((r["started_at"], v["name"]) for v in self.compared()["variants"]
                        for r in v["runs"])
        self.assertEqual([name for _, name in starts], ["A", "A", "B", "B"])

    def test_a_server_that_runs_already(self):
        port = next(self.ports)
        server = start("sim", "--model", "m", "--port", port, "--itl-ms", 2)
        try:
            server.stdout.readline()
            process = self.suite({"name": "A", "base_url": f"http://127.0.0.1:{port}"},
                                 self.sim("B", "--itl-ms", 2))
            self.assertIn(process.returncode, (0, 4, 5), process.stderr)
            self.assertIsNone(server.poll())
        finally:
            server.terminate()
            server.communicate()

    def test_resume_skips_what_is_done(self):
        a, b = self.sim("A", "--itl-ms", 2), self.sim("B", "--itl-ms", 2)
        plan = self.plan(a, b, repeats=2)
        sseprof("suite", plan, "--out", self.out)
        os.remove(os.path.join(self.out, "B.2.jsonl"))
        kept = os.path.getmtime(os.path.join(self.out, "A.1.jsonl"))
        self.assert_one_line(sseprof("suite", plan, "--out", self.out), 2, "holds runs already")
        process = sseprof("suite", plan, "--out", self.out, "--resume")
        self.assertIn(process.returncode, (0, 4, 5), process.stderr)
        self.assertEqual(process.stderr.count("is done already"), 3)
        self.assertNotIn("A: starting", process.stderr)
        self.assertEqual(kept, os.path.getmtime(os.path.join(self.out, "A.1.jsonl")))
        self.assertEqual([len(v["runs"]) for v in self.compared()["variants"]], [2, 2])


class IllServers(SuiteTest):
    def row(self, ill, *words):
        """Beside a good variant; what is said of the ill one."""
        process = self.suite(self.sim("A", "--itl-ms", 2), ill, order="blocks")
        self.assertEqual(process.returncode, 1, process.stderr)
        reason = self.missing()["ill"]
        for word in words:
            self.assertIn(word, reason)
        self.assertIn(f"ill: {reason}", process.stderr)
        self.assertEqual([v["name"] for v in self.compared()["variants"]], ["A"])

    def test_one_that_never_gets_ready(self):
        self.row(self.ill("ill", "never_ready", ready_within="500ms"), "was not ready within 500ms")
        self.assert_no_server()

    def test_one_that_exits_at_once(self):
        self.row(self.refused("ill"), "exit status 1", "401 from the model hub")

    def test_one_that_serves_another_model(self):
        self.row(self.ill("ill", "other_model"), "it serves other, not m")
        self.assert_no_server()

    def test_one_that_dies_in_the_middle_of_a_run(self):
        self.row(self.ill("ill", "dies"), "in run 1 the server ended: killed by SIGKILL",
                 "an illegal memory access")
        self.assert_no_server()
        self.assertTrue(os.path.exists(os.path.join(self.out, "ill.1.failed.jsonl")))
        self.assertFalse(os.path.exists(os.path.join(self.out, "ill.1.jsonl")))

    def test_one_that_ignores_sigterm(self):
        began = time.monotonic()
        process = self.suite(self.sim("A", "--itl-ms", 2),
                             self.ill("B", "deaf", stop_within="300ms"))
        self.assertIn(process.returncode, (0, 4, 5), process.stderr)
        self.assertLess(time.monotonic() - began, 30)
        self.assert_no_server()

    def test_one_whose_command_is_not_there(self):
        ill = self.ill("ill", "good")
        ill["server"]["command"] = ["no-such-server"]
        self.row(ill, "cannot start 'no-such-server'")

    def test_one_whose_port_is_taken(self):
        ill = self.ill("ill", "good")
        port = int(ill["base_url"].rsplit(":", 1)[1])
        other = start("sim", "--model", "m", "--port", port)
        try:
            other.stdout.readline()
            ill["server"]["ready"] = "/v1/models"
            self.row(ill, "its port is taken")
        finally:
            other.terminate()
            other.communicate()


class Ends(SuiteTest):
    def started(self, *variants, **plan):
        return start("suite", self.plan(*variants, **plan), "--out", self.out)

    def slow(self, how="good", **server):
        return self.ill("A", how, **server)

    def wait_for_server(self):
        self.assertTrue(eventually(lambda: os.path.exists(self.pids) and self.server_pids()))

    def test_killed_in_the_middle_it_leaves_no_server(self):
        process = self.started(self.slow(), repeats=50)
        self.assertTrue(eventually(lambda: os.path.exists(os.path.join(self.out, "A.1.jsonl"))))
        process.kill()
        process.communicate()
        self.assertTrue(eventually(lambda: not any(map(lives, self.server_pids()))))

    def test_interrupted_while_a_server_starts(self):
        process = self.started(self.slow("never_ready"))
        self.wait_for_server()
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=30)
        self.assertEqual(process.returncode, 130, err)
        self.assert_no_server()

    def test_interrupted_in_a_run_it_keeps_what_is_done(self):
        process = self.started(self.slow(), self.sim("B", "--itl-ms", 2), repeats=50)
        self.assertTrue(eventually(lambda: os.path.exists(os.path.join(self.out, "B.2.jsonl"))))
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
        self.assertEqual(process.returncode, 130, err)
        self.assert_no_server()
        runs = [len(v["runs"]) for v in self.compared()["variants"]]
        self.assertGreaterEqual(min(runs), 1)
        self.assertIn("A", out)

    def test_interrupted_in_a_pause(self):
        process = self.started(self.slow(), repeats=2, pause="1h")
        done = os.path.join(self.out, "A.1.json")
        self.assertTrue(eventually(lambda: os.path.exists(done)))
        time.sleep(0.3)
        process.send_signal(signal.SIGTERM)
        _, err = process.communicate(timeout=30)
        self.assertEqual(process.returncode, 143, err)
        self.assert_no_server()


class BadInput(SuiteTest):
    def test_plans(self):
        plan = self.plan(self.sim("A"))
        for old, new, words in (
                ('"repeats": 1', '"repeats": 0', ("plan.json:1:", "repeats: must be a whole")),
                ('"concurrency": 4', '"concurrency": "x"', ("variant A: --concurrency",)),
                ('"concurrency"', '"concurency"', ("variant A:", "concurency")),
                ('"prompt": "x"', '"prompt-file": "none.txt"',
                 ("variant A: none.txt: No such file",)),
                ('"sseprof_plan": 1', '"sseprof_plan": 1,,', ("plan.json:", "line 1, column"))):
            text = open_text(plan)
            self.assertIn(old, text)
            bad = self.path("bad-plan.json")
            with open(bad, "w", encoding="utf-8") as file:
                file.write(text.replace(old, new))
            self.assert_one_line(sseprof("suite", bad, "--out", self.path("bad")), 2, *words)
        self.assert_one_line(sseprof("suite", self.path("none")), 2, "cannot read the plan")

    def test_no_variant_that_can_be_run(self):
        process = self.suite(self.refused("A"))
        self.assertEqual(process.returncode, 1)
        self.assertIn("401 from the model hub", process.stderr)
        self.assertIn("no variant could be run", process.stderr)


def open_text(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


if __name__ == "__main__":
    unittest.main()
