"""Plans have comments, and texts that look like them."""

import pathlib
import tempfile
import unittest

import plans


class Plans(unittest.TestCase):
    def test_comments_are_dropped_and_texts_are_kept(self):
        with tempfile.TemporaryDirectory(prefix="sseprof-plans-") as folder:
            path = pathlib.Path(folder, "plan.json")
            path.write_text('{// one "line"\n"url": "http://h", /* two\nlines */ "t": "a\\"//b"}',
                            encoding="utf-8")
            self.assertEqual(plans.read(path), {"url": "http://h", "t": 'a"//b'})

    def test_those_of_engines_have_the_variants_that_are_measured(self):
        for name, variants in (("vllm-cpu", ["bfloat16", "float32"]),
                               ("llamacpp-cpu", ["f16", "q8_0"])):
            plan = plans.read(plans.PLANS / f"{name}.json")
            self.assertEqual([variant["name"] for variant in plan["variants"]], variants)


if __name__ == "__main__":
    unittest.main()
