"""Options from a file: what it takes, what beats it, and what it says of a mistake."""

import unittest

from harness import (RawServer, TestCase, good_stream, load_json, request_json, send_stream,
                     sseprof)


class Config(TestCase):
    def write(self, text):
        with open(self.path("c.toml"), "w", encoding="utf-8") as file:
            file.write(text)
        return self.path("c.toml")

    def test_the_command_line_beats_the_section(self):
        config = self.write('# all\n[sim]\nport = 1\n[run] # ours\nmodel = "a#b" # name\n'
                            "max-tokens = 12 # few\nrequests = 9\nlabel = 'x=1 # 2'\nquiet = true\n"
                            "timeout = 30s\nprompt = \"say \\\"#\\\"\"\n")
        with RawServer(lambda c, r, n: send_stream(c, good_stream())) as server:
            process = sseprof("run", "--config", config, "--base-url", server.url, "--requests", 2,
                              "--out", self.path("out.json"))
        self.assertEqual((process.returncode, process.stderr), (0, ""))
        body = request_json(server.requests[0])
        self.assertEqual((body["model"], body["max_tokens"]), ("a#b", 12))
        self.assertEqual(body["messages"][0]["content"], 'say "#"')
        summary = load_json(self.path("out.json"))
        self.assertEqual((summary["requests"], summary["run"]["labels"]), (2, {"x": "1 # 2"}))

    def test_errors_name_the_place(self):
        for text, words in (("[run]\nnope = 1\n", ["c.toml:2", "nope"]),
                            ("[run]\n\nrequests = many\n", ["c.toml:3", "requests"]),
                            ("[runs]\nx = 1\n", ["c.toml:2", "runs"]),
                            ("x = 1\n", ["c.toml:1"]),
                            ("[run]\nprompt = \"open\n", ["c.toml:2"])):
            self.assert_one_line(sseprof("run", "--config", self.write(text)), 2, *words)
        self.assert_one_line(sseprof("run", "--config", self.folder), 2, "--config", "directory")
        self.assert_one_line(sseprof("run", "--config", self.path("none")), 2, "none")

    def test_the_printed_config_reads_back_the_same(self):
        args = ["--base-url", "http://127.0.0.1:9", "--model", 'say "x" # \\ \ttab', "--shuffle",
                "--label", "a=1", "--label", "b= 2 ", "--timeout", "1500ms", "--temperature",
                "0.25", "--extra-body", '{"stop": ["\\n#"]}', "--duration", "2m", "--prompt",
                "two\nlines # é", "--max-error-rate", "1e-7", "--timestamps", "user"]
        first = sseprof("run", *args, "--print-config")
        self.assertEqual((first.returncode, first.stderr), (0, ""))
        again = sseprof("run", "--config", self.write(first.stdout), "--print-config")
        self.assertEqual((again.returncode, again.stderr), (0, ""))
        self.assertEqual(again.stdout, first.stdout)


if __name__ == "__main__":
    unittest.main()
