"""What was collected: by which names, what of it is going to run, and what got lost on the way."""

import fnmatch
import os
import re

from . import fixtures, text

# A test's definition, or a class, at the beginning of a line.
DEFINITION = re.compile(rb"^([ \t]*)(?:class[ \t]+(\w+)|(?:async[ \t]+)?def[ \t]+(test\w*))", re.M)
MOST_NAMES, MOST_LETTERS = 1000, 150_000  # in one message; a letter may take six bytes


class Collection:
    """The tests of a session by the names that they had when they were collected, whatever a hook calls them later."""

    def __init__(self, pattern):
        self.pattern = pattern
        self.order = []  # items as they were collected
        self.names = {}  # id of an item -> name
        self.counts = {}
        self.deselected = set()

    def add(self, items):
        names, counts = self.names, self.counts
        for item in items:
            if id(item) not in names:
                plain = text.name(item.nodeid)
                number = counts[plain] = counts.get(plain, 0) + 1
                names[id(item)] = plain if number == 1 else f"{plain} ({number})"
                self.order.append(item)

    def matches(self, item):
        """The pattern selects it: by its whole name, or by the test's own."""
        if self.pattern is None:
            return True
        name = self.names[id(item)]
        own = name.partition("::")[2].split("[")[0].rpartition("::")[2]
        return fnmatch.fnmatchcase(name, self.pattern) or fnmatch.fnmatchcase(own, self.pattern)

    def follow(self, items):
        """After hooks have changed the list: one that takes the place of another of its name is that test."""
        if list(map(id, items)) == list(map(id, self.order)):
            return
        kept = {id(item) for item in items}
        gone = {self.names[id(item)]: at for at, item in enumerate(self.order) if id(item) not in kept}
        for item in items:
            at = None if id(item) in self.names else gone.pop(text.name(item.nodeid), None)
            if at is not None:
                self.names[id(item)] = self.names.pop(id(self.order[at]))
                self.order[at] = item
        self.add(items)

    def dropped(self, items):
        """What was collected and then left out without a word, which nobody would miss."""
        passed_on = self.deselected.union(map(id, items))
        return [item for item in self.order if id(item) not in passed_on and self.matches(item)]

    def final(self, items):
        """Those that are going to run, in the order in which they were collected, whatever shuffled them since."""
        self.add(items)
        kept = set(map(id, items))
        self.order = [item for item in self.order if id(item) in kept]
        self.names = {id(item): self.names[id(item)] for item in self.order}

    def hidden(self):
        """Tests that one of these hides by its name: (node id, line, line that hides it)."""
        names = None
        for base, item in {item.nodeid.partition("::")[0]: item for item in self.order}.items():
            for name, line, by in hidden_in(file_of(item)):
                names = names or {one.partition("[")[0] for one in self.names.values()}
                if f"{base}::{name}" in names:
                    yield f"{base}::{name}", line, by

    def messages(self, grouped):
        """`collected`, with the names in portions."""
        names = [self.names[id(item)] for item in self.order]
        groups = groups_of(self.order) if grouped else []
        for begin, end in portions(names):
            message = {"tests": len(names), "names": names[begin:end]}
            if grouped:
                message["groups"] = groups[begin:end]
            yield message


def portions(names):
    """Where to cut them, so that no message is too long; at least one, maybe empty."""
    begin = size = 0
    for at, one in enumerate(names):
        if at - begin == MOST_NAMES or size + len(one) > MOST_LETTERS:
            yield begin, at
            begin, size = at, 0
        size += len(one)
    yield begin, len(names)


# --- groups: what has to stay in one process ---


def ties(item):
    """What binds a test to others: a fixture that they share, or a mark."""
    for fixturedef in fixtures.wide(item):
        node = fixtures.node_of(fixturedef, item)
        if node:  # each process has a session of its own
            yield fixturedef, node
    mark = item.get_closest_marker("xdist_group")
    if mark is not None:
        yield "xdist_group", str(mark.args[0] if mark.args else mark.kwargs.get("name", "default"))


def groups_of(items):
    """For each test the place of the first one that it has to stay with."""
    leader = list(range(len(items)))
    first = {}

    def find(at):
        while leader[at] != at:
            leader[at] = at = leader[leader[at]]
        return at

    for at, item in enumerate(items):
        for tie in ties(item):
            one, other = find(at), find(first.setdefault(tie, at))
            leader[max(one, other)] = min(one, other)
    return [find(at) for at in range(len(items))]


# --- tests that nobody collects ---


def file_of(item):
    return str(getattr(item, "path", None) or item.fspath)


def hidden_in(path):
    try:
        with open(path, "rb") as file:
            source = file.read()
    except OSError:
        return []
    if not repeats(source):
        return []
    from .hidden import hidden

    return hidden(source)


def repeats(source):
    """Whether a name may be defined twice; a cheap look that lets few files through."""
    seen, owner = set(), None
    for indent, cls, test in DEFINITION.findall(source):
        if cls:
            owner = cls
        elif (indent, owner if indent else None, test) in seen:
            return True
        else:
            seen.add((indent, owner if indent else None, test))
    return False


def is_ignored_test(path, config):
    """Whether a path that a conftest keeps out of the collection holds tests, and no option names it."""
    options = [os.path.abspath(str(one)) for one in config.getoption("ignore", None) or ()]
    globs = [os.path.abspath(str(one)) for one in config.getoption("ignore_glob", None) or ()]
    path = str(path)
    if path in options or any(fnmatch.fnmatch(path, glob) for glob in globs):
        return False
    if os.path.isdir(path) and is_never_entered(path, config):
        return False
    patterns = config.getini("python_files")
    return any(fnmatch.fnmatch(name, pattern) for name in files_of(path) for pattern in patterns)


def is_never_entered(path, config):
    """A folder that pytest leaves out by itself."""
    name = os.path.basename(path)
    marks = ("pyvenv.cfg", "bin/activate", "conda-meta")
    return any(fnmatch.fnmatch(name, pattern) for pattern in config.getini("norecursedirs")) or any(
        os.path.exists(os.path.join(path, mark)) for mark in marks
    )


def files_of(path):
    if not os.path.isdir(path):
        return [os.path.basename(path)]
    return [name for _, _, names in os.walk(path) for name in names]
