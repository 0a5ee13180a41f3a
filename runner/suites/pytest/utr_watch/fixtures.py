"""Fixtures wider than one test: which a test uses, and by which id the runner knows each instance."""

import unittest

import pytest

from .text import text

WIDE = ("class", "module", "package", "session")
# How pytest names the fixtures that it makes of xunit's functions, and what people call them.
XUNIT = (
    ("xunit_setup_module_fixture_", "setup_module"),
    ("xunit_setup_class_fixture_", "setup_class"),
    ("unittest_setUpClass_fixture_", "setUpClass"),
)


def xunit_name(argname):
    for made, known in XUNIT:
        if argname.lstrip("_").startswith(made):
            return known
    return None


def inherits_from_unittest(cls):
    """Whether a class leaves setUpClass and tearDownClass as they are in unittest itself."""
    names = ("setUpClass", "tearDownClass")
    return all(
        getattr(getattr(cls, name, None), "__func__", None) is vars(unittest.TestCase)[name].__func__ for name in names
    )


def works(fixturedef, item):
    """Whether a fixture is wide and not one of pytest's own, or of unittest's, which do nothing."""
    if fixturedef.scope not in WIDE:
        return False
    known = xunit_name(fixturedef.argname)
    if known is None:
        return not str(getattr(fixturedef.func, "__module__", "")).startswith("_pytest.")
    return known != "setUpClass" or not inherits_from_unittest(getattr(item, "cls", None))


def node_of(fixturedef, item):
    """The node id of what a fixture lives for; "" for the session."""
    if fixturedef.scope == "session":
        return ""
    if fixturedef.scope == "package":
        return fixturedef.baseid
    node = item.getparent(pytest.Class if fixturedef.scope == "class" else pytest.Module)
    return item.nodeid if node is None else node.nodeid


def definitions(item):
    """Every fixture that a test names, or that a fixture of it names; of overridden ones those that are reached."""
    info = getattr(item, "_fixtureinfo", None)
    for argname, defined in getattr(info, "name2fixturedefs", {}).items():
        for fixturedef in reversed(defined):
            yield fixturedef
            if argname not in fixturedef.argnames:
                break


def wide(item):
    if not getattr(getattr(item, "_fixtureinfo", None), "name2fixturedefs", None):
        return ()
    return [fixturedef for fixturedef in definitions(item) if fixturedef.scope != "function" and works(fixturedef, item)]


def parameters(fixturedef, item):
    """The parameters that decide which instance it is: its own, and those of the fixtures that it needs."""
    callspec = getattr(item, "callspec", None)
    if callspec is None:
        return ()
    by_name, seen, todo = item._fixtureinfo.name2fixturedefs, set(), [fixturedef.argname]
    while todo:
        argname = todo.pop()
        if argname not in seen:
            seen.add(argname)
            todo += [needed for one in by_name.get(argname, ()) for needed in one.argnames]
    return tuple((argname, callspec.indices[argname]) for argname in sorted(seen) if argname in callspec.params)


class Fixtures:
    """The instances of one session."""

    def __init__(self):
        self.instances = {}  # key -> how often it was set up
        self.living = set()  # keys
        self.ids = {}  # key -> id without its number; and back

    def uses(self, item):
        """Ids of the wide fixtures that a test is going to use."""
        keys = [self.key(one, item) for one in wide(item)]
        return [self._id(key, key in self.living) for key in keys]

    def key(self, fixturedef, item):
        key = (fixturedef, node_of(fixturedef, item), parameters(fixturedef, item))
        if key not in self.ids:
            self._name(key, item)
        return key

    def begin(self, key):
        """A new instance; returns its id."""
        self.instances[key] = self.instances.get(key, 0) + 1
        self.living.add(key)
        return self._id(key, True)

    def end(self, key):
        self.living.discard(key)

    def _id(self, key, is_there):
        """Of the instance that lives, or of the one that is going to be made."""
        number = self.instances.get(key, 0) + (not is_there)
        return self.ids[key] if number < 2 else f"{self.ids[key]} #{number}"

    def _name(self, key, item):
        fixturedef, node, chosen = key
        name = xunit_name(fixturedef.argname) or fixturedef.argname
        values = ",".join(self._value(fixturedef, item, argname, index) for argname, index in chosen)
        plain = f"{fixturedef.scope} fixture {name}{f'[{values}]' if values else ''}{f' ({node})' if node else ''}"
        unique = plain = text(plain, 1000)
        while unique in self.ids:
            unique = f"{unique}'"  # a fixture that overrides another of its name
        self.ids[key], self.ids[unique] = unique, key

    @staticmethod
    def _value(fixturedef, item, argname, index):
        value = item.callspec.params[argname]
        shown = str(value) if isinstance(value, (str, int, float, bool)) else str(index)
        return shown if argname == fixturedef.argname else f"{argname}={shown}"


class Phase:
    """A fixture's set-up or tear-down, told while it lasts."""

    def __init__(self, events, fixtures, fixturedef, item):
        self.events, self.fixtures = events, fixtures
        self.key = fixtures.key(fixturedef, item)
        self.what = {
            "scope": str(fixturedef.scope),
            "name": text(xunit_name(fixturedef.argname) or fixturedef.argname, 500),
            "id": fixtures.begin(self.key),
        }
        self.open = False

    def start(self):
        self._tell(True, "start")

    def end(self):
        self._tell(False, "end")

    def over(self):
        """The last finalizer."""
        self.end()
        self.fixtures.end(self.key)

    def _tell(self, opens, phase):
        if self.open == opens or self.events.silent or self.events.broken:
            return
        self.open = opens
        self.events.say("fixture", phase=phase, **self.what)
