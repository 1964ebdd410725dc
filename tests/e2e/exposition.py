"""Reads what a /metrics page says: the Prometheus text format."""

import re

SAMPLE = re.compile(r'^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)$')
LABEL = re.compile(r'([a-zA-Z_]\w*)="((?:[^"\\]|\\.)*)"(,|$)')
ESCAPES = {"\\\\": "\\", '\\"': '"', "\\n": "\n"}


def unescaped(text):
    return re.sub(r"\\.", lambda found: ESCAPES[found.group(0)], text)


def read_labels(text):
    labels, at = {}, 0
    while at < len(text):
        found = LABEL.match(text, at)
        if not found or found.group(1) in labels:
            raise ValueError(f"labels: {text}")
        labels[found.group(1)] = unescaped(found.group(2))
        at = found.end()
    return labels


class Page:
    """Every sample of a page, by its name and labels."""

    def __init__(self, text):
        self.text = text
        self.samples = {}  # (name, frozenset of label pairs): value
        self.types = {}
        for line in text.splitlines():
            if line.startswith("# TYPE "):
                _, _, name, kind = line.split(" ")
                self.types[name] = kind
            elif line and not line.startswith("#"):
                name, labels, value = SAMPLE.match(line).groups()
                key = (name, frozenset(read_labels(labels or "").items()))
                if key in self.samples:
                    raise ValueError(f"twice: {line}")
                self.samples[key] = float(value)

    def find(self, name, **wanted):
        """[(labels, value)] of the samples that have these labels."""
        return [(dict(labels), value) for (known, labels), value in self.samples.items()
                if known == name and wanted.items() <= dict(labels).items()]

    def value(self, name, **wanted):
        """The one that there is."""
        found = self.find(name, **wanted)
        if len(found) != 1:
            raise AssertionError(f"{len(found)} samples of {name} {wanted}")
        return found[0][1]

    def family(self, name):
        """The metric that a sample belongs to: a histogram's for its buckets."""
        base = re.sub(r"_(bucket|sum|count)$", "", name)
        return base if self.types.get(base) in ("histogram", "summary") else name

    def edges(self, name):
        """The bucket edges of a histogram as they are written, in their order."""
        return [labels["le"] for labels, _ in self.find(name + "_bucket")]
