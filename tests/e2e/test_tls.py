"""Over TLS: who is trusted, what is recorded, and that arrivals still are true."""

import contextlib
import fcntl
import os
import socket
import ssl
import struct
import subprocess
import tempfile
import threading
import time
import unittest

from harness import (STREAM_HEAD, RawServer, TestCase, chunked, delta, event, good_stream,
                     read_request, send_stream)
from truth import Truth


def make_certificate(folder, name, subject):
    """Paths of a self-signed certificate for `subject` ("IP:127.0.0.1") and its key."""
    certificate, key = (os.path.join(folder, name + end) for end in (".pem", ".key"))
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                    "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj", "/CN=test",
                    "-addext", f"subjectAltName={subject}", "-keyout", key, "-out", certificate],
                   check=True, capture_output=True, timeout=60)
    return certificate, key


class TlsServer(RawServer):
    def __init__(self, handler, certificate, key):
        super().__init__(handler)
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(certificate, key)

    def __enter__(self):
        super().__enter__()
        self.url = self.url.replace("http:", "https:")
        return self

    def _serve(self, connection):
        try:
            secured = self.context.wrap_socket(connection, server_side=True)
        except (OSError, ssl.SSLError):
            connection.close()
            return
        super()._serve(secured)


@contextlib.contextmanager
def serve(handler):
    """Calls `handler(connection)` on a thread for every connection to the port that it yields."""
    def handle(connection):
        with connection:
            handler(connection)

    def accept():
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=handle, args=(connection,), daemon=True).start()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=accept, daemon=True).start()
        yield listener.getsockname()[1]


def pump(source, target):
    """Copies bytes to the end of the source."""
    try:
        while data := source.recv(65536):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)
    except OSError:
        pass


def wait_till_sent(connection):
    """A late client's acknowledgements come late, too, and then the kernel holds data back."""
    siocoutqnsd = 0x894B
    while struct.unpack("i", fcntl.ioctl(connection, siocoutqnsd, b"\0" * 4))[0] > 0:
        time.sleep(0.00005)


class Paced:
    """Sends events at a pace and keeps the instants around each send, as the simulated server's
    log does."""

    def __init__(self, tokens, gap):
        self.tokens, self.gap, self.log = tokens, gap, {}

    def __call__(self, connection, request, n):
        name = request.partition(b"X-Request-Id: ")[2].partition(b"\r\n")[0].decode()
        sends = []
        self.log[name] = {"events": sends, "received_ns": time.monotonic_ns()}
        parts = [event(delta(f"word {i} ")) for i in range(self.tokens)]
        parts += [event(delta("", "stop")), event(b"[DONE]")]
        connection.sendall(STREAM_HEAD)
        for i, part in enumerate(parts):
            time.sleep(self.gap)
            before = time.monotonic_ns()
            connection.sendall(chunked(part))
            wait_till_sent(connection)
            sends.append([before, time.monotonic_ns()])
        connection.sendall(b"0\r\n\r\n")


class Tls(TestCase):
    @classmethod
    def setUpClass(cls):
        cls.keys = tempfile.TemporaryDirectory(prefix="sseprof-tls-")
        cls.addClassCleanup(cls.keys.cleanup)
        cls.here = make_certificate(cls.keys.name, "here", "IP:127.0.0.1,DNS:localhost")
        cls.other = make_certificate(cls.keys.name, "other", "DNS:other.example")

    def server(self, handler=lambda c, r, n: send_stream(c, good_stream()), certificate=None):
        return TlsServer(handler, *(certificate or self.here))

    def good(self, url, *args, requests=3, concurrency=1, **kwargs):
        process, summary, records = self.run_once(url, "--prompt", "x", "--requests", requests,
                                                  "--concurrency", concurrency, *args, **kwargs)
        self.assertEqual(process.returncode, 0, process.stderr)
        return summary, records[1]

    def refused(self, url, *args):
        process, summary, records = self.run_once(url, "--prompt", "x", "--requests", 1, *args)
        self.assertEqual(process.returncode, 3, process.stderr)
        self.assertEqual(summary["failures"], {"tls": 1})
        self.assertIsNone(records[1][0]["tls_ns"])
        return records[1][0]["message"]

    def test_who_is_trusted(self):
        with self.server() as server:
            self.assertIn("certificate", self.refused(server.url))
            self.good(server.url, "--insecure")
            self.good(server.url, "--cacert", self.here[0])
            self.good(server.url.replace("127.0.0.1", "localhost"), "--cacert", self.here[0])
        with self.server(certificate=self.other) as server:
            self.refused(server.url, "--cacert", self.other[0])
            self.good(server.url, "--insecure")

    def test_no_tls_at_the_other_end(self):
        def answer_in_the_clear(connection):
            connection.recv(1000)
            connection.sendall(b"HTTP/1.1 400 Bad\r\nContent-Length: 0\r\n\r\n")

        with serve(answer_in_the_clear) as port:
            self.refused(f"https://127.0.0.1:{port}", "--insecure")

    def test_the_handshake_is_recorded_on_new_connections_only(self):
        with self.server() as server:
            summary, requests = self.good(server.url, "--cacert", self.here[0])
        self.assertEqual([r["reused"] for r in requests], [False, True, True])
        first = requests[0]
        self.assertTrue(0 < first["connect_ns"] < first["tls_ns"] < first["sent_ns"])
        for request in requests[1:]:
            self.assertEqual((request["connect_ns"], request["tls_ns"]), (None, None))
        self.assertEqual(summary["client"]["timestamps"], "kernel")
        self.assertEqual(summary["ttft_s"]["cold_count"], 1)

    def test_an_end_without_a_notice(self):
        head = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n"

        def hang_up(connection, whole):
            connection.sendall(head + (good_stream() if whole else good_stream()[:250]))
            socket.close(connection.detach())  # no close_notify
            return False

        for whole, outcome in ((True, "ok"), (False, "truncated")):
            with self.server(lambda c, r, n: hang_up(c, whole)) as server:
                process, _, records = self.run_once(server.url, "--prompt", "x", "--requests", 1,
                                                    "--insecure")
            self.assertEqual(records[1][0]["outcome"], outcome, records[1][0])

    def contained(self, paced, client=None, streams=4):
        with self.server(paced) as server:
            env = {"SSEPROF_TEST_READ_DELAY": client} if client else {}
            summary, requests = self.good(server.url, "--cacert", self.here[0], "--timestamps",
                                          "kernel", requests=2 * streams, concurrency=streams,
                                          env=env)
        truth = Truth(requests, paced.log)
        self.assertEqual(truth.events, 2 * streams * (paced.tokens + 2))
        self.assertGreaterEqual(truth.contained_share, 0.999, truth.worst[:10])
        return truth, summary

    def test_arrivals_are_true(self):
        truth, _ = self.contained(Paced(tokens=60, gap=0.005))
        self.assertGreater(truth.exact, 0.5 * truth.events)

    def test_arrivals_are_true_where_the_client_comes_late(self):
        for gap in (0.0005, 0.002):
            truth, _ = self.contained(Paced(tokens=150, gap=gap), client="3ms")
            self.assertGreater(truth.events - truth.exact, 0)

    def test_a_tunnel_through_a_proxy(self):
        asked = []

        def tunnel(client):
            asked.append(read_request(client))
            client.sendall(b"HTTP/1.1 200 Established\r\nVia: test\r\n\r\n")
            with socket.create_connection(("127.0.0.1", server.port)) as upstream:
                back = threading.Thread(target=pump, args=(upstream, client), daemon=True)
                back.start()
                pump(client, upstream)
                back.join()

        with self.server() as server, serve(tunnel) as port:
            _, requests = self.good(f"https://localhost:{server.port}", "--proxy",
                                    f"http://127.0.0.1:{port}", "--cacert", self.here[0])
        self.assertTrue(asked[0].startswith(b"CONNECT localhost:"))
        self.assertEqual([r["http_status"] for r in requests], [200] * 3)

    def test_a_proxy_that_refuses_the_tunnel(self):
        def refuse(client):
            read_request(client)
            client.sendall(b"HTTP/1.1 407 No\r\nContent-Length: 0\r\n\r\n")

        with serve(refuse) as port:
            process, summary, records = self.run_once(
                "https://localhost:9", "--prompt", "x", "--requests", 1, "--proxy",
                f"http://127.0.0.1:{port}")
        self.assertEqual(process.returncode, 3, process.stderr)
        self.assertEqual(summary["failures"], {"connect": 1})
        self.assertIn("407", records[1][0]["message"])


if __name__ == "__main__":
    unittest.main()
