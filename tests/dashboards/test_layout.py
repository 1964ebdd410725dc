"""The committed JSON is what the generator writes; panels lie beside each other, not upon."""

import os
import subprocess
import sys
import tempfile
import unittest

import checks

GENERATE = os.path.join(checks.GRAFANA, "generate.py")


def generate(*args):
    return subprocess.run([sys.executable, "-B", GENERATE, *args], text=True, capture_output=True,
                          timeout=60, check=False)


def cells(panel):
    place = panel["gridPos"]
    return {(x, y) for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])}


class Generator(unittest.TestCase):
    def test_committed_files_are_current(self):
        done = generate("--check")
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_stale_missing_and_foreign_files_are_told(self):
        with tempfile.TemporaryDirectory() as folder:
            self.assertEqual(generate("--out", folder).returncode, 0)
            self.assertEqual(generate("--check", "--out", folder).returncode, 0)
            with open(os.path.join(folder, "live.json"), "a", encoding="utf-8") as file:
                file.write(" ")
            os.remove(os.path.join(folder, "tails.json"))
            open(os.path.join(folder, "foreign.json"), "w", encoding="utf-8").close()
            done = generate("--check", "--out", folder)
            self.assertEqual(done.returncode, 1)
            self.assertIn("foreign.json, live.json, tails.json", done.stderr)


class Layout(unittest.TestCase):
    def setUp(self):
        self.boards = checks.load_all()

    def test_uids_and_ids_are_unique(self):
        uids = [board["uid"] for board in self.boards.values()]
        self.assertEqual(len(set(uids)), len(uids))
        for board in self.boards.values():
            self.assertLessEqual(len(board["uid"]), 40)
            ids = [panel["id"] for panel in checks.panels(board)]
            self.assertEqual(len(set(ids)), len(ids), board["title"])

    def test_panels_fill_24_columns_without_overlap(self):
        for board in self.boards.values():
            taken = set()
            for panel in checks.panels(board):
                own = cells(panel)
                self.assertTrue(own, panel["title"])
                self.assertTrue(all(0 <= x < 24 for x, _ in own), panel["title"])
                self.assertFalse(own & taken, panel["title"])
                taken |= own
            lines = max(y for _, y in taken) + 1
            self.assertEqual(len(taken), 24 * lines, f"{board['title']} has holes")

    def test_only_rows_that_are_shut_hold_panels(self):
        for board in self.boards.values():
            for row in (p for p in board["panels"] if p["type"] == "row"):
                self.assertEqual(bool(row["panels"]), row["collapsed"], row["title"])

    def test_letters_of_queries_are_unique(self):
        for board in self.boards.values():
            for panel in checks.panels(board):
                letters = [target["refId"] for target in panel.get("targets", [])]
                self.assertEqual(len(set(letters)), len(letters), panel["title"])

    def test_tables_and_single_numbers_of_whole_runs_ask_once(self):
        for board in self.boards.values():
            for panel, target in checks.targets(board):
                whole = "[$__range]" in target["expr"]
                self.assertEqual(target["instant"], whole, panel["title"])
                self.assertNotEqual(target["instant"], target["range"])


if __name__ == "__main__":
    unittest.main()
