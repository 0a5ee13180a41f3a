#!/usr/bin/python3
"""What a scan of Python sources should find, told by Python's own parser: oracle.py ROOT [--jobs N]

Prints a line a finding: kind, subkind, file, line, symbol, separated by tabs. A sixth column `neutral` marks a place
that may be reported or not; `*` in the subkind and line 0 make a kind neutral all over the file.
"""
import argparse
import os
import sys
from concurrent.futures import ProcessPoolExecutor

import comments
import definitions
import files
import mocks
import places
import skips
import swallows
from names import Names
from rows import CODE_KINDS, WHOLE_FILE, Row
from source import Source

BY_TESTS = ("empty-test", "no-assert", "swallowed", "uncollected-test")


def code_rows(source, file):
    names = Names(source.tree)
    yield from places.dynamic_imports(source.tree, names, file.name)
    if not file.scanned:
        return
    tests = list(definitions.Tests(source.tree, file.settings).all())
    yield from skips.find(source.tree, names, file.name)
    yield from mocks.find(source, names, file.name)
    yield from definitions.find(tests, names, file.name)
    yield from swallows.find(tests, names, file.name)
    yield from places.find(source, file.settings, file.name)


def read(file):
    """The rows of one file, sorted, no two of them the same."""
    with open(file.path, "rb") as opened:
        source = Source(opened.read())
    rows = set(comments.find(source, file.name)) if file.scanned else set()
    if source.tree is None:
        rows.update(Row(kind, "*", file.name, WHOLE_FILE, "-", True) for kind in CODE_KINDS)
    else:
        rows.update(code_rows(source, file))
    if file.doubtful:
        rows = {row._replace(neutral=True) if row.kind in BY_TESTS else row for row in rows}
    return sorted(rows)


def scan(root, jobs=None):
    found = files.find(root)
    with ProcessPoolExecutor(jobs or os.cpu_count()) as pool:
        for rows in pool.map(read, found, chunksize=8):
            yield from rows


def main(arguments):
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("root")
    parser.add_argument("--jobs", type=int)
    given = parser.parse_args(arguments)
    if not os.path.isdir(given.root):
        print(f"oracle.py: {given.root} is no folder", file=sys.stderr)
        return 2
    for row in scan(given.root, given.jobs):
        print(row.tsv())
    return 0


if __name__ == "__main__":
    sys.setrecursionlimit(20000)
    sys.exit(main(sys.argv[1:]))
