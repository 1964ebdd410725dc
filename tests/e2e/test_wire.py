"""Every wire sample through a real socket, whole and byte by byte."""

import os
import unittest

from harness import RawServer, ROOT, TestCase, chunked, load_json

OUTCOMES = {"ok": "ok", "ok_no_done": "ok", "done_no_finish": "truncated", "truncated": "truncated",
            "empty": "truncated"}
ERRORS = {"stream_error": "error_event", "bad_json": "bad_event", "not_sse": "not_sse",
          "unsupported_encoding": "not_sse", "abnormal_finish": "error_event"}
SAMPLES = load_json(os.path.join(ROOT, "tests", "data", "wire_corpus.json"))


def sample_bytes(sample):
    return sample["stream"].encode("latin1" if sample.get("encoding") == "latin1" else "utf-8")


def expected_outcome(sample):
    status = sample.get("http", {}).get("status", 200)
    if status != 200:
        return "http_429" if status == 429 else f"http_{status // 100}xx"
    errors = sample["expect"]["errors"]
    return ERRORS[errors[0]["kind"]] if errors else OUTCOMES[sample["expect"]["outcome"]]


def send_sample(connection, sample, step):
    http = sample.get("http", {})
    lines = [f"HTTP/1.1 {http.get('status', 200)} X",
             f"Content-Type: {http.get('content_type', 'text/event-stream')}",
             "Transfer-Encoding: chunked"]
    lines += [f"{k}: {v}" for k, v in http.get("headers", {}).items() if k != "Content-Length"]
    body = sample_bytes(sample)
    wire = "\r\n".join(lines).encode() + b"\r\n\r\n"
    parts = [body] if body else []
    if step == "bytes":
        parts = [body[i:i + 1] for i in range(len(body))]
    wire += b"".join(map(chunked, parts)) + b"0\r\n\r\n"
    if step == "bytes":
        for i in range(len(wire)):
            connection.sendall(wire[i:i + 1])
    else:
        connection.sendall(wire)


class WireSamples(TestCase):
    def check(self, step):
        with RawServer(lambda c, _, n: send_sample(c, SAMPLES[n], step)) as server:
            process, summary, (_, requests, _) = self.run_once(
                server.url, "--prompt", "x", "--requests", len(SAMPLES), "--concurrency",
                len(SAMPLES), "--max-failures", 1000, "--save-text", "--max-error-rate", 1)
        self.assertEqual(process.returncode, 0, process.stderr)
        self.assertEqual(len(requests), len(SAMPLES))
        for sample, request in zip(SAMPLES, requests):
            with self.subTest(sample["name"]):
                self.check_sample(sample, request)
        failed = sum(expected_outcome(s) != "ok" for s in SAMPLES)
        self.assertEqual(summary["errors"], failed)
        self.assertEqual(summary["errors"], sum(summary["failures"].values()))

    def check_sample(self, sample, request):
        expect = sample["expect"]
        self.assertEqual(request["outcome"], expected_outcome(sample), request["message"])
        self.assertEqual(request["http_status"], sample.get("http", {}).get("status", 200))
        if request["outcome"].startswith("http_"):
            message = expect["errors"][0]["message"]
            if message and expect["errors"][0]["kind"] == "http":
                self.assertIn(message, request["message"])
            if expect["errors"][0]["kind"] == "redirect":
                self.assertIn(sample["http"]["headers"]["Location"], request["message"])
            return
        kinds = request["kinds"]
        self.assertEqual(len(kinds), expect["sse_events"], kinds)
        self.assertEqual(len(request["event_ns"]), expect["sse_events"])
        outputs = [i for i, kind in enumerate(kinds) if kind in "vo"]
        self.assertEqual(len(outputs), expect["output_events"], kinds)
        self.assertEqual(kinds.count("v"), expect["content_events"], kinds)
        self.assertEqual(outputs[0] if outputs else None, expect["first_output_event_index"])
        self.assertEqual("d" in kinds, expect["done"], kinds)
        if expect["usage"] is not None:
            for key, value in expect["usage"].items():
                self.assertEqual(request["usage"][key], value)
        # Only the first choice's text is kept.
        self.assertEqual(request.get("text") or "", expect["text"].get("0", ""))
        self.assertEqual(request["event_ns"], sorted(request["event_ns"]))

    def test_whole(self):
        self.check("whole")

    def test_byte_by_byte(self):
        self.check("bytes")


if __name__ == "__main__":
    unittest.main()
