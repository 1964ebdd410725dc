"""What the end-to-end tests share: the built binary, the simulated server, raw servers."""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import unittest

BINARY = os.environ.get("SSEPROF", "build/release/sseprof")
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def clean_env(**more):
    """An environment without anything that sseprof reads by itself."""
    env = {k: v for k, v in os.environ.items()
           if not k.startswith(("SSEPROF_", "OPENAI_")) and not k.lower().endswith("_proxy")}
    return {**env, **more}


def start(*args, env=None, core=None, **popen):
    command = [BINARY, *map(str, args)]
    if core is not None and shutil.which("taskset") and os.cpu_count() > 1:
        command = ["taskset", "-c", str(core), *command]
    return subprocess.Popen(command, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                            env=clean_env(**(env or {})), **popen)


def sseprof(*args, env=None, timeout=120, core=None, **popen):
    """Runs the binary to its end; returns its CompletedProcess."""
    process = start(*args, env=env, core=core, **popen)
    try:
        out, err = process.communicate(timeout=timeout)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
        raise
    return subprocess.CompletedProcess(args, process.returncode, out, err)


def load_json(path):
    with open(path, encoding="utf-8") as file:
        return json.load(file)


def load_records(path):
    """(context, request lines by n, end line or None) of a record file."""
    with open(path, encoding="utf-8") as file:
        lines = [json.loads(line) for line in file if line.endswith("\n")]
    end = lines[-1] if len(lines) > 1 and "n" not in lines[-1] else None
    requests = [line for line in lines[1:] if "n" in line]
    return lines[0], sorted(requests, key=lambda r: r["n"]), end


class Sim:
    """`sseprof sim` on a free port, pinned to core 0 where there are two."""

    def __init__(self, *args):
        self.args = args

    def __enter__(self):
        self.process = start("sim", "--port", 0, *self.args, core=0)
        line = self.process.stdout.readline()
        found = re.search(r"http://[\w.]+:\d+", line)
        if not found:
            self.process.kill()
            raise RuntimeError("sim did not say its address: " + line + self.process.stderr.read())
        self.url = found.group(0)
        return self

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.communicate(timeout=20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.communicate()


class RawServer:
    """Answers every POST with `handler(connection, request_bytes, n)`, on a thread per connection;
    n is the request's number in its own run. The handler writes whatever it wants; returning False
    closes the connection. A GET is answered with `get` (404 where there is none), which may be a
    function of its path."""

    def __init__(self, handler, get=None):
        self.handler = handler
        self.get = get or reply(404, "{}")
        self.requests = []
        self.gets = []
        self.lock = threading.Lock()

    def __enter__(self):
        self.socket = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.port = self.socket.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.socket.close()

    def _accept(self):
        while True:
            try:
                connection, _ = self.socket.accept()
            except OSError:
                return
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection):
        with connection:
            try:
                while (request := read_request(connection)) is not None:
                    if request.startswith(b"GET"):
                        self.gets.append(request)
                        path = request.split()[1].decode()
                        connection.sendall(self.get(path) if callable(self.get) else self.get)
                        continue
                    with self.lock:
                        self.requests.append(request)
                    n = int(re.search(rb"X-Request-Id: .*-(\d+)\r\n", request).group(1))
                    if self.handler(connection, request, n) is False:
                        return
            except OSError:
                pass


def read_request(connection):
    """Head and body of one request, or None at the end."""
    data = b""
    while b"\r\n\r\n" not in data:
        part = connection.recv(65536)
        if not part:
            return None
        data += part
    head, _, body = data.partition(b"\r\n\r\n")
    found = re.search(rb"content-length: *(\d+)", head, re.IGNORECASE)
    length = int(found.group(1)) if found else 0
    while len(body) < length:
        body += connection.recv(65536)
    return head + b"\r\n\r\n" + body


def request_json(request):
    return json.loads(request.partition(b"\r\n\r\n")[2])


def reply(status, body, content_type="application/json", headers=()):
    """A whole response with a length."""
    if isinstance(body, str):
        body = body.encode()
    lines = [f"HTTP/1.1 {status} X", f"Content-Type: {content_type}",
             f"Content-Length: {len(body)}", *headers]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


STREAM_HEAD = (b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
               b"Transfer-Encoding: chunked\r\n\r\n")


def chunked(data):
    return b"%x\r\n%s\r\n" % (len(data), data)


def event(value):
    return b"data: " + (value if isinstance(value, bytes) else json.dumps(value).encode()) + b"\n\n"


def delta(content=None, finish=None, **more):
    body = {} if content is None else {"content": content}
    return {"id": "c-1", "choices": [{"index": 0, "delta": body, "finish_reason": finish}], **more}


GOOD_EVENTS = [delta(""), delta("Hello"), delta(" world"), delta("", "stop"),
               {"id": "c-1", "choices": [], "usage": {"prompt_tokens": 5, "completion_tokens": 2}}]


def good_stream(events=None, done=True):
    """Body bytes of a good answer."""
    body = b"".join(map(event, GOOD_EVENTS if events is None else events))
    return body + (event(b"[DONE]") if done else b"")


def send_stream(connection, body, end=True):
    connection.sendall(STREAM_HEAD + chunked(body) + (b"0\r\n\r\n" if end else b""))


class TestCase(unittest.TestCase):
    """A test with a folder of its own."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="sseprof-test-")
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def path(self, name):
        return os.path.join(self.folder, name)

    def run_once(self, url, *args, **kwargs):
        """`sseprof run` with JSON and records; returns (process, summary, records)."""
        out, records = self.path("out.json"), self.path("run.jsonl")
        process = sseprof("run", "--base-url", url, "--model", "m", "--quiet", "--out", out,
                          "--records", records, *args, **kwargs)
        summary = load_json(out) if os.path.exists(out) else None
        lines = load_records(records) if os.path.exists(records) else None
        return process, summary, lines

    def assert_one_line(self, process, status, *words):
        """A usage error: exit status, one line on stderr, nothing on stdout."""
        self.assertEqual(process.returncode, status, process.stderr)
        self.assertEqual(process.stdout, "")
        self.assertEqual(process.stderr.count("\n"), 1, process.stderr)
        for word in words:
            self.assertIn(word, process.stderr)
