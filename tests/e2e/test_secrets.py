"""Secrets get to the server and nowhere else, whatever the server does with them."""

import json
import os
import unittest

from harness import (RawServer, STREAM_HEAD, TestCase, chunked, delta, event, good_stream, reply,
                     send_stream, sseprof)

KEY = "sk-topsecret/123+456=="


def echo_everywhere(connection, request, n):
    """Puts the key into all that a server can say."""
    if n == 1:
        connection.sendall(reply(401, json.dumps({"error": {"message": f"bad key {KEY}!"}})))
    elif n == 2:
        connection.sendall(reply(307, "", headers=[f"Location: https://gw.example/?k={KEY}"]))
    elif n == 3:
        connection.sendall(reply(500, "x" * 500 + KEY))  # the message is cut inside it
    elif n == 4:
        send_stream(connection, event({"error": {"message": KEY, "code": KEY}}))
    elif n == 5:
        connection.sendall(STREAM_HEAD + chunked(event(f"{{{KEY}".encode())) + b"0\r\n\r\n")
    elif n == 6:
        connection.sendall(reply(200, KEY, content_type=f"text/{KEY}"))
    else:
        first = delta("a " + KEY, id=KEY, model=KEY, metrics={"key": KEY, KEY: 1})
        last = delta("", KEY, id=KEY)
        usage = {"id": KEY, "choices": [], "usage": {"completion_tokens": 1, "prompt_tokens": 1}}
        send_stream(connection, good_stream([first, last, usage]))


class Secrets(TestCase):
    def outputs(self, process):
        """All that came out: stdout, stderr, and every file in the folder."""
        texts = [process.stdout, process.stderr]
        for name in os.listdir(self.folder):
            if not name.startswith("in."):
                with open(self.path(name), encoding="utf-8") as file:
                    texts.append(file.read())
        return "\n".join(texts)

    def run_and_look(self, url, *args, requests=1, status=0, secrets=(KEY,),
                     env=None):
        process, _, _ = self.run_once(url, "--prompt", "x", "--requests", requests,
                                      "--concurrency", 1, "--save-text", *args, env=env)
        self.assertEqual(process.returncode, status, process.stderr)
        said = self.outputs(process)
        for secret in secrets:
            for part in (secret, secret[:12]):
                self.assertNotIn(part, said)
        return said

    def test_the_key_comes_from_three_places(self):
        with open(self.path("in.key"), "w", encoding="utf-8") as file:
            file.write(KEY + "\n")
        for args, env in (([], {"OPENAI_API_KEY": KEY}),
                          (["--api-key-env", "MY_KEY"], {"MY_KEY": KEY, "OPENAI_API_KEY": "other"}),
                          (["--api-key-file", self.path("in.key")], {"OPENAI_API_KEY": "other"})):
            with self.subTest(args), \
                    RawServer(lambda c, r, n: send_stream(c, good_stream())) as server:
                self.run_and_look(server.url, *args, env=env)
                self.assertIn(f"Authorization: Bearer {KEY}\r\n".encode(), server.requests[0])

    def test_what_the_server_echoes_is_hidden(self):
        with RawServer(echo_everywhere) as server:
            said = self.run_and_look(server.url, requests=8, status=1, env={"OPENAI_API_KEY": KEY})
        for words in ("bad key ***!", "gw.example/?k=***", '"server_id":"***"',
                      '"finish_reason":"***"', '"text":"a ***"'):
            self.assertIn(words, said)
        # The last failure's message is shown on stderr, too.
        with RawServer(lambda c, r, n: echo_everywhere(c, r, 3)) as server:
            self.run_and_look(server.url, status=1, env={"OPENAI_API_KEY": KEY})

    def test_what_the_server_says_of_itself_is_hidden(self):
        version = reply(200, json.dumps({"version": KEY}), headers=[f"Server: llama.cpp {KEY}"])
        with RawServer(lambda c, r, n: send_stream(c, good_stream()), get=version) as server:
            self.run_and_look(server.url, env={"OPENAI_API_KEY": KEY})
        models = reply(200, json.dumps({"data": [{"id": KEY}, {"id": "b"}]}))
        with RawServer(None, get=models) as server:
            process = sseprof("run", "--base-url", server.url, env={"OPENAI_API_KEY": KEY})
        self.assert_one_line(process, 2, "***, b")

    def test_probe_hides_too(self):
        for n, status in ((0, 0), (1, 1), (3, 1), (4, 1), (5, 1)):
            with RawServer(lambda c, r, _: echo_everywhere(c, r, n)) as server:
                process = sseprof("probe", "--base-url", server.url, "--model", "m",
                                  env={"OPENAI_API_KEY": KEY})
            self.assertEqual(process.returncode, status, process.stderr)
            self.assertNotIn(KEY[:12], process.stdout + process.stderr)
            self.assertIn("***", process.stdout)

    def test_headers_and_urls(self):
        def echo(connection, request, n):
            body = json.dumps({"error": {"message": "no: hush-header, hush-query, hush-word"}})
            connection.sendall(reply(403, body))

        with RawServer(echo) as server:
            url = server.url.replace("//", "//user:hush-word@") + "/v1?api-key=hush-query&x=hush-x"
            said = self.run_and_look(url, "--header", "X-Secret: hush-header", "--header",
                                     "X-Other: hush-other", status=1,
                                     secrets=("hush-header", "hush-other", "hush-query", "hush-x",
                                              "hush-word"))
            request = server.requests[0]
        self.assertIn(b"POST /v1/chat/completions?api-key=hush-query&x=hush-x HTTP/1.1", request)
        self.assertIn(b"X-Secret: hush-header\r\n", request)
        self.assertIn(b"Authorization: Basic ", request)
        self.assertIn("X-Secret: ***", said)
        self.assertIn(f"http://***@127.0.0.1:{server.port}/v1/chat/completions?api-key=***&x=***",
                      said)

    def test_errors_of_usage(self):
        for args in (["--base-url", "ftp://u:hush-word@h/?k=hush-query"],
                     ["--base-url", "http://u:hush-word@h /?k=hush-query"],
                     ["--base-url", "http://h", "--header", "hush-header"],
                     ["--base-url", "http://h", "--header", "X: hush-header\nhush"],
                     ["--base-url", "http://u:hush-word@h", "--requests", "0"]):
            process = sseprof("run", *args)
            self.assert_one_line(process, 2)
            self.assertNotIn("hush", process.stderr)
        process = sseprof("run", "--base-url", "http://h", env={"OPENAI_API_KEY": "hush me"})
        self.assert_one_line(process, 2, "OPENAI_API_KEY")
        self.assertNotIn("hush", process.stderr)

    def test_the_printed_config_hides_what_it_must(self):
        process = sseprof("run", "--base-url", "http://u:hush-word@h?k=hush-query", "--header",
                          "X-A: hush-header", "--print-config", env={"OPENAI_API_KEY": KEY})
        self.assertEqual(process.returncode, 0, process.stderr)
        self.assertNotIn("hush", process.stdout)
        self.assertNotIn(KEY, process.stdout)
        with open(self.path("in.toml"), "w", encoding="utf-8") as file:
            file.write(process.stdout)
        again = sseprof("run", "--config", self.path("in.toml"), "--print-config")
        self.assertEqual(again.returncode, 0, again.stderr)
        self.assertNotIn("***", again.stdout)


if __name__ == "__main__":
    unittest.main()
