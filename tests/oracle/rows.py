"""What the oracle says of one place: a finding, or a place that may be reported or not."""
from typing import NamedTuple

KINDS = ("disabled-decorator", "skip", "xfail", "mock", "empty-test", "no-assert", "commented-test", "swallowed",
         "uncollected-test", "dynamic-import")
COMMENT_KINDS = ("disabled-decorator", "commented-test")
CODE_KINDS = tuple(kind for kind in KINDS if kind not in COMMENT_KINDS)
WHOLE_FILE = 0  # the line of a row that makes a kind neutral all over its file


class Row(NamedTuple):
    kind: str
    subkind: str
    file: str
    line: int
    symbol: str
    neutral: bool = False

    def tsv(self):
        columns = [self.kind, self.subkind, self.file, str(self.line), self.symbol]
        return "\t".join(columns + ["neutral"] * self.neutral)


def from_tsv(text):
    for line in text.split("\n"):
        columns = line.rstrip("\r").split("\t")
        if len(columns) >= 5 and columns[3].isdigit():
            kind, subkind, file, number, symbol = columns[:5]
            yield Row(kind, subkind, file, int(number), symbol, columns[5:] == ["neutral"])
