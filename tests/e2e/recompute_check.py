"""Compares the summary of a run with what recompute.py makes of its records."""

from harness import RawServer, Sim, TestCase
from recompute import Run

EXACT = 1e-9
OF_HISTOGRAM = 1e-3
FROM_HISTOGRAM = {"itl_s", "client_delay_s", "start_lag_s", "stalls"}


def differences(mine, found, path=(), tolerance=EXACT):
    """Sentences about what differs; a key of `mine` must be there, another may be."""
    where = ".".join(path)
    if isinstance(mine, dict) and isinstance(found, dict):
        for key, value in mine.items():
            if key not in found:
                yield f"{where}.{key}: absent"
                continue
            histogram = FROM_HISTOGRAM & {key, *path} and (key[0] == "p" or key == "threshold_s")
            yield from differences(value, found[key], (*path, key),
                                   OF_HISTOGRAM if histogram else EXACT)
    elif type(mine) in (int, float) and type(found) in (int, float):
        if "between" in path:  # a small difference of two large sums
            mine, found = mine + 1, found + 1
        if abs(mine - found) > tolerance * max(abs(mine), abs(found)):
            yield f"{where}: {found}, by its definition {mine}"
    elif mine != found:
        yield f"{where}: {found}, by its definition {mine}"


def simulator(*args):
    return Sim("--model", "m", *args)


class CheckedCase(TestCase):
    """A test whose every run is computed a second time."""

    def check(self, summary, records):
        run = Run(*records)
        self.assertEqual(list(differences(run.summary(summary), summary)), [])
        for name, quantiles in run.untrusted(summary).items():
            self.assertEqual(set(summary[name]["untrusted"]), quantiles, name)
        if summary["client"]:
            self.assertEqual(summary["client"]["verdict"] == "client_limited",
                             run.is_client_limited(summary))
        codes = {warning["code"] for warning in summary["warnings"]}
        for code, present in run.warnings(summary).items():
            self.assertEqual(code in codes, present, (code, summary["warnings"]))
        return run, codes

    def profile(self, url, *args, requests=24, concurrency=4, tokens=24, prompt="x",
                **kwargs):
        """One run and its check; returns (summary, Run, codes of warnings)."""
        process, summary, records = self.run_once(
            url, "--prompt", prompt, "--requests", requests, "--concurrency", concurrency,
            "--max-tokens", tokens, "--max-error-rate", 1, *args, **kwargs)
        self.assertEqual(process.returncode, 0, process.stderr)
        return (summary, *self.check(summary, records))

    def sim(self, *args, **kwargs):
        """The same against a simulated server; its own options after `sim`."""
        options = kwargs.pop("sim", ())
        with simulator("--ttft-ms", 5, "--itl-ms", 2, *options) as server:
            return self.profile(server.url, *args, **kwargs)

    def raw(self, handler, *args, **kwargs):
        with RawServer(handler) as server:
            return self.profile(server.url, *args, **kwargs)
