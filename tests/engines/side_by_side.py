"""A run's client and server side by side: counts that must agree, and times that may not."""


class Row:
    """`counts` is {title: (client's, server's)}, `times` {title: (client's, server's)} as text."""

    def __init__(self, name, client, counts, times, remark=""):
        self.name = name
        self.client = client
        self.counts = counts
        self.times = times
        self.remark = remark

    def differences(self, load):
        """A line for each thing that is not as it must be; none if all is well."""
        lines = [f"{self.name}: {title}: client {ours}, server {theirs:g}"
                 for title, (ours, theirs) in self.counts.items() if ours != theirs]
        good = self.client.summary["ok"]
        if good != load.requests:
            lines.append(f"{self.name}: {good} good requests of {load.requests}")
        if self.client.used("completion_tokens") != good * load.tokens:
            lines.append(f"{self.name}: not {load.tokens} tokens in every answer")
        return lines

    def cells(self):
        return [self.name, *(f"{ours} / {theirs:g}" for ours, theirs in self.counts.values()),
                *(f"{ours} / {theirs}" for ours, theirs in self.times.values())]

    def explanation(self):
        text = f"{self.name}: {self.client.summary['usage_check']['explanation']}"
        return f"{text}; {self.remark}" if self.remark else text


def markdown(rows, note):
    heads = ["run", *rows[0].counts, *rows[0].times]
    lines = [heads, ["---", *["---:"] * (len(heads) - 1)], *(row.cells() for row in rows)]
    return "\n".join([*("| " + " | ".join(line) + " |" for line in lines), "", note, "",
                      *(f"- {row.explanation()}" for row in rows)])


def milliseconds(seconds):
    return "–" if seconds is None else f"{seconds * 1e3:.1f}"
