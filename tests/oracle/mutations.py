"""The ways in which people switch off a test: each takes the lines of a function and gives others."""
import re
import textwrap
from typing import NamedTuple

MARKS = ("#", "# ", "#  ", "## ", "##", "# # ", "#\t", "### ")
REMARKS = (
    "", "", "", "", "  # temporarily", " # flaky", " - DISABLED", " -- too slow", " -> off", " --> see below", " <- later",
    " => later", " // no docker", "; why", " – why", " — why", " commented out", " (disabled)", " [skip]", " deactivated",
    " disable this", " enable again", " FIXME: slow", " off", " re-enable me", " reenable", " removed in 3.1", " skipped",
    " temp", " temporary", " TODO", " uncomment when docker is back", " XXX")
PROSE = (" would do", ": why", ", and more", ".", " is slow", " offers more", " tempts", "'s way", " or not", "?", "!", " = x")
LABELS = ("REMOVED_SYNTAX_ERROR: ", "Removed problematic line: ", "commented out - ", "Deprecated: ", "TODO: ", "FIXME -",
          "broken on windows: ", "skip this: ", "deleted: ", "an example: ", "see: ", "don't remove: ", "(removed): ")
DECORATORS = (
    "pytest.fixture", "require_docker_services()", "pytest.mark.asyncio", "pytest.mark.skipif(sys.platform == 'x', reason=')')",
    "unittest.skip", "patch('a.b', autospec=True)", "param", "return", "todo", "version('2')", "a.b[0].c(1)(2)",
    "app.route('/x', methods=['GET', 'POST'])", "property", "support.requires('network')")
SPREAD = ("pytest.mark.parametrize(\n    'a, b',\n    [\n        (1, '#('),  # one\n        (2, ')'),\n    ],\n)",
          "require_docker_services(\n    'postgres',\n    'redis')", "mark.usefixtures(\n    \"db\"\n)")
SKIPS = (
    "pytest.mark.skip", "pytest.mark.skip(reason='x')", "pytest.mark.skipif(True, reason='x')", "mark.skip", "m_skip('x')",
    "pytest.mark.skipif(sys.platform == 'x', reason='x')", "unittest.skip('x')", "ut.skipIf(True, 'x')", "ut.skipUnless(0, 'x')",
    "unittest.skipUnless(hasattr(sys, 'x'), 'x')", "pytest.mark.xfail", "pytest.mark.xfail(strict=True)", "unittest.expectedFailure",
    "pt.mark.xfail(sys.platform == 'x', reason='x')", "pytest.mark.skipif(\n    sys.version_info < (3, 1),\n    reason='x')",
    "needs_x", "patch('a.b')", "mock.patch.object(sys, 'path')", "m.patch('a.b')", "patch.dict(x, y=1)", "client.patch('/x')")
IMPORTS = """import pytest, sys, unittest
import pytest as pt
import unittest as ut
from pytest import mark, skip as m_skip_call, importorskip
from unittest import skip as m_skip, SkipTest
import unittest.mock as m
from unittest.mock import patch
from unittest import mock
needs_x = pytest.mark.skipif(not hasattr(sys, 'x'), reason='x')""".split("\n")
HEADS = ("pytestmark = pytest.mark.skip", "pytestmark = [mark.slow, mark.skipif(sys.platform == 'x', reason='x')]",
         "pytestmark = pt.mark.xfail(reason='x')", "numpy = importorskip('numpy')", "import fakeredis, responses",
         "URL = 'sqlite:///:memory:'", "from moto import mock_s3", "if not hasattr(sys, 'x'):\n    pytest.skip('x', allow_module_level=True)")
FIRST = (
    "pytest.skip('x')", "self.skipTest('x')", "raise unittest.SkipTest('x')", "raise SkipTest", "m_skip_call('x')",
    "if True:\n    pytest.skip('x')", "with open('x') as file:\n    pt.skip('x')", "for a in b:\n    self.skipTest('x')",
    "a = b or pytest.skip('x')", "importorskip('numpy')", "import fakeredis", "from unittest import mock", "url = f'sqlite:///:memory:{1}'",
    "with patch('a.b') as c, mock.patch.object(a, 'b'):\n    pass", "patcher = patch('a.b')", "pytest.xfail('x')",
    "with (\n    m.patch('a.b'),\n    open('x') as f,\n    patch.object(\n        a, 'b') as c,\n):\n    pass")
BODIES = ("pass", "...", '"""Later."""', '"""Later."""\npass', "assert True", "print('x')", "return", "return True\n", "return None",
          "x = 1", "self.assertTrue(True)", "assert 1\nprint('x')", '"""\n>>> 1\n1\n"""', "return f()", "raise NotImplementedError")
CATCHES = ("except Exception", "except", "except AssertionError", "except BaseException as e", "except (ValueError, AssertionError)",
           "except ValueError", "except KeyError:\n    raise\nexcept Exception")
HANDLERS = ("pass", "...", "print('x')", "logger.warning('x')", "self.log.exception('x')", "return", "pytest.skip('x')",
            "'text'\npass", "raise", "self.fail('x')", "handle()", "if x: pass", "raise SkipTest('x')", "traceback.print_exc()",
            "logging.getLogger('x').error('x')\nreturn None", "assert False", "self.skipTest('x')", "mirror.debug('x')")


class Place(NamedTuple):
    node: object
    first: int  # the file's line, from 0, that the first of the lines is
    lines: list

    def indent(self):
        return re.match(r"\s*", self.lines[0])[0]

    def head(self):
        """Where among the lines the def begins."""
        return self.node.lineno - 1 - self.first

    def body(self):
        """Where among the lines the first statement begins; None where it stands on a line with the def."""
        statement = self.node.body[0]
        line = min([statement.lineno, *(d.lineno for d in getattr(statement, "decorator_list", ()))])
        return line - 1 - self.first if line > self.node.lineno else None


def indented(text, indent):
    return textwrap.indent(text, indent).split("\n")


def comment(lines, dice, indent):
    """The lines as comments, behind one indentation, all in one fashion."""
    mark = dice.choice(MARKS)
    place = dice.choice((indent, indent, indent, "", indent + "    "))
    return [place + mark + line.removeprefix(indent) for line in lines]


def blanks(dice):
    return dice.choice(([], [], [], [""], ["", "# a remark", ""], ["# a remark"], ["", ""], ["# def helper():"], ["# define it"]))


def remark(dice):
    return dice.choice(REMARKS if dice.random() < 0.8 else PROSE)


def decorator_off(place, dice):
    """The last decorators become comments; a function without one gets a comment that was one."""
    head, indent = place.head(), place.indent()
    off = place.lines[:head] or indented("@" + dice.choice(DECORATORS), indent)
    off[-1] += remark(dice)
    return comment(off, dice, indent) + [line and indent + line for line in blanks(dice)] + place.lines[head:]


def one_decorator_off(place, dice):
    """One more decorator, as a comment somewhere among the others."""
    indent = place.indent()
    text = "@" + dice.choice(SPREAD if dice.random() < 0.4 else DECORATORS) + remark(dice)
    off = comment(indented(text, indent), dice, indent)
    if dice.random() < 0.15:
        off[0] = off[0].replace("@", dice.choice(LABELS) + "@", 1)
    spots = [0, place.head()]
    spots += [d.end_lineno - place.first for d in place.node.decorator_list]
    at = dice.choice(spots)
    return place.lines[:at] + off + place.lines[at:]


def test_off(place, dice):
    """The whole function becomes a comment; a pass stays where a class would be left empty."""
    indent = place.indent()
    off = comment(place.lines, dice, indent)
    if dice.random() < 0.3:
        head = place.head()
        off[head] = re.sub(r"(async def|def) ", lambda found: dice.choice(LABELS) + found[0], off[head], count=1)
    return [*off, indent + dice.choice(("pass", "x = 1", "def helper(*args): return f()"))]


def decorated(place, dice):
    """A mark or a patch is put on it."""
    return indented("@" + dice.choice(SKIPS), place.indent()) + place.lines


def begun(place, dice):
    """It begins with a skip or a mock."""
    at = place.body()
    if at is None:
        return place.lines
    indent = re.match(r"\s*", place.lines[at])[0]
    return place.lines[:at] + indented(dice.choice(FIRST), indent) + place.lines[at:]


def emptied(place, dice):
    at = place.body()
    if at is None:
        return place.lines
    return place.lines[:at] + indented(dice.choice(BODIES), re.match(r"\s*", place.lines[at])[0])


def wrapped(place, dice):
    """Its statements, or all but the last one, go into a try."""
    at = place.body()
    if at is None:
        return place.lines
    indent = re.match(r"\s*", place.lines[at])[0]
    end = len(place.lines)
    if dice.random() < 0.2 and len(place.node.body) > 1:
        end = place.node.body[-2].end_lineno - place.first
    inside = [line and "    " + line for line in place.lines[at:end]]
    catch = dice.choice(CATCHES)
    handler = indented(catch + ":\n" + textwrap.indent(dice.choice(HANDLERS), "    "), indent)
    outer = [indent + "try:", *inside, *handler]
    if dice.random() < 0.2:
        outer = [indent + "try:", *("    " + line for line in outer), indent + "except Exception:", indent + "    pass"]
    return place.lines[:at] + outer + place.lines[end:]


def nested(place, dice):
    """It goes into a function, or into a string."""
    indent = place.indent()
    if dice.random() < 0.6:
        return [indent + "def make():", *("    " + line if line else line for line in place.lines)]
    return [indent + '"""', *(line.replace('"""', "'''").replace("\\", "") for line in place.lines), indent + '"""']


def mocker(place, dice):
    head = place.head()
    line = re.sub(r"\((self)?(,)?", r"(\1\2 mocker, ", place.lines[head], count=1)
    return place.lines[:head] + [line] + place.lines[head + 1:]


ALL = (decorator_off, decorator_off, one_decorator_off, one_decorator_off, test_off, test_off, decorated, decorated, begun, begun,
       emptied, wrapped, wrapped, wrapped, nested, mocker)


def head(lines, dice):
    """The imports that the others need, and perhaps a mark for the whole file, below a docstring and __future__."""
    at = next((number for number, line in enumerate(lines)
               if re.match(r"(import|from) (?!__future__)", line) and not line.endswith(("\\", "("))), None)
    if at is None:
        return lines
    more = dice.sample(IMPORTS, dice.randint(5, len(IMPORTS)))
    more += dice.choice(HEADS).split("\n") if dice.random() < 0.5 else []
    return lines[:at] + more + lines[at:]
