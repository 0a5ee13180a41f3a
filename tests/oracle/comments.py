"""Comments that were code: disabled-decorator and commented-test."""
import ast
import re

from rows import Row
from tree import DEFINITIONS, symbol

BLANKS = " \t\f"
CANDIDATE = re.compile(r"#.*(?:@|def[ \t]+test|def test)")
NAME = re.compile(r"[^\W\d]\w*(?:\.[^\W\d]\w*)*")
PART = re.compile(r"\.[^\W\d]\w*")
STRING = re.compile(r'"""(?:\\.|[^\\])*?"""|\'\'\'(?:\\.|[^\\])*?\'\'\'|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.S)
CLOSES = {"(": ")", "[": "]", "{": "}"}

REMARK = re.compile(
    r"#|-|<-|=>|//|;|[–—]"
    r"|[(\[{]?\s*(?:commented|deactivated|disabled?|enabled?|fixme|off|re-?enabled?|removed|skip|skipped|temp|temporarily"
    r"|temporary|todo|uncomment|xxx)(?!\w)", re.I)
UNSURE_REMARK = re.compile(r"[-–—]\w|[(\[{]?\s*(?:enabled|re-?enabled)(?!\w)", re.I)
TAGS = {"author", "brief", "file", "note", "param", "raise", "return", "returns", "see", "since", "throws", "todo", "version"}
OTHER_TAGS = {
    "arg", "args", "attention", "authors", "bug", "class", "copyright", "cvar", "date", "def", "defgroup", "deprecated",
    "details", "example", "exception", "group", "ingroup", "internal", "ivar", "keyword", "kwarg", "license", "link",
    "module", "package", "params", "precondition", "raises", "remark", "result", "retval", "rtype", "sa", "section", "sort",
    "summary", "test", "throw", "tparam", "type", "undocumented", "var", "warning", "yield", "yields"}

LABEL = r"(?P<label>[^\W\d_][^'\"()\[\]{}]*?(?::| -))[ \t]*"
LABEL_WORDS = re.compile(r"remov|comment|disabl|skip|deprecat|delet|todo|fixme|broken|error", re.I)
UNSURE_LABEL = re.compile(r"[<>`“”‘’«»]")
TEST = r"(?:async[ \t]+)?def[ \t]+(?P<name>test_\w*)(?P<blank>[ \t]*)\("
TEST_HEAD = re.compile(TEST)
LABELLED_TEST = re.compile(LABEL + TEST)
MENTION = re.compile(r"def\s+test")
CODE = r"(?:(?:async[ \t]+)?def[ \t]+\w+[ \t]*\(|class[ \t]+\w+[ \t]*[(:])"
CODE_HEAD = re.compile(CODE)
LABELLED_CODE = re.compile(LABEL + CODE)
LABELLED_DECORATOR = re.compile(r"[^\W\d_][^@]*?(?::| -)[ \t]*@[^\W\d]")


def content(comment):
    return comment.lstrip("#" + BLANKS).rstrip()


def begins(text, head, labelled):
    """The match of code at the front, or behind a label that says that it was taken out."""
    found = head.match(text)
    if found:
        return found
    found = labelled.match(text)
    return found if found and LABEL_WORDS.search(found["label"]) else None


def closing(text, start):
    """Behind the bracket that closes the one at start; None where none does."""
    open_brackets, place = [], start
    while place < len(text):
        letter = text[place]
        string = STRING.match(text, place)
        if string:
            place = string.end()
            continue
        if letter in "\"'":
            return None
        if letter == "#":
            place = text.find("\n", place)
            if place < 0:
                return None
        elif letter in CLOSES:
            open_brackets.append(CLOSES[letter])
        elif letter in ")]}":
            if open_brackets.pop() != letter:
                return None
            if not open_brackets:
                return place + 1
        place += 1
    return None


def extent(text):
    """(dotted name, where the decorator at the front of text ends, whether its last part is a bracket), or None:
    a bracket does not close."""
    name = NAME.match(text, 1)
    place, called = name.end(), False
    while place < len(text):
        if text[place] in "([":
            place, called = closing(text, place), text[place] == "("
            if place is None:
                return None
        elif part := PART.match(text, place):
            place = part.end()
        else:
            break
    return name[0], place, called


def parses(decorator):
    try:
        ast.parse(decorator + "\ndef f(): pass\n")
        return True
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False


class Decorator:
    """A comment whose text begins as a decorator does, read on over the comment lines below it."""

    def __init__(self, source, line):
        below = source.comment_lines
        self.first = self.last = line
        rest = []
        number = line + 1
        while number in below:
            rest.append(below[number][0].string)
            number += 1
        self.closed = self.valid = False
        first = content(below[line][0].string)
        self.name = NAME.match(first, 1)[0]
        for strip in (lambda text: text.lstrip("#"), content):
            self._read("\n".join([first, *map(strip, rest)]))
            if self.closed and self.valid:
                break

    def _read(self, text):
        found = extent(text)
        self.closed = found is not None
        if found:
            self.name, end, self.called = found
            self.last = self.first + text.count("\n", 0, end)
            self.remark = text[end:].split("\n")[0].strip()
            self.valid = parses(text[:end])

    def verdict(self):
        """True, False, or None for neither"""
        if not self.closed:
            return None
        if not self.valid:
            return False
        if "." not in self.name and not self.called:
            if self.name in TAGS:
                return False
            if self.name in OTHER_TAGS:
                return None
        if not self.remark:
            return True
        if UNSURE_REMARK.match(self.remark):
            return None
        if REMARK.match(self.remark):
            return True
        return None if self.called or self.remark[0] in "([" else False


def starts_definition(source, token):
    if token is None:
        return False
    if token.string == "async":
        following = source.lines[token.line - 1][token.column:].split()
        return following[1:2] == ["def"]
    return token.string in ("@", "def", "class")


def definition_at(source, token):
    """The def or class whose head or decorator begins at the token."""
    if source.tree is None:
        return None
    for node in source.tree.all(*DEFINITIONS):
        if token.line in [node.lineno, *(decorator.lineno for decorator in node.decorator_list)]:
            return node
    return None


def column(source, token):
    return len(source.lines[token.line - 1][:token.column].rpartition("\f")[2].expandtabs(8))


def far_and_deeper(source, comment, last, statement):
    blank = any(not line.strip() for line in source.lines[last:statement.line - 1])
    return blank and column(source, comment) > column(source, statement)


def took_function_along(source, last, statement):
    return any(begins(content(source.comment_lines[line][0].string), CODE_HEAD, LABELLED_CODE)
               for line in range(last + 1, statement.line) if line in source.comment_lines)


def disabled_decorators(source, file):
    for line, (comment, statement) in source.comment_lines.items():
        text = content(comment.string)
        if not starts_definition(source, statement):
            continue
        node = definition_at(source, statement)
        name = symbol(node) if node else "-"
        if not text.startswith("@"):
            if LABELLED_DECORATOR.match(text):
                yield Row("disabled-decorator", "labelled", file, line, name, True)
            continue
        if not NAME.match(text, 1) or (comment.depth and source.tree):
            continue
        decorator = Decorator(source, line)
        verdict = decorator.verdict()
        if verdict is False or took_function_along(source, decorator.last, statement):
            continue
        neutral = (verdict is None or bool(comment.depth) or comment.doubtful
                   or far_and_deeper(source, comment, decorator.last, statement))
        yield Row("disabled-decorator", decorator.name, file, line, name, neutral)


def commented_tests(source, file):
    seen_in_run, previous = False, None
    for line, (comment, _) in sorted(source.comment_lines.items()):
        if line - 1 != previous:
            seen_in_run = False
        previous = line
        text = content(comment.string)
        found = begins(text, TEST_HEAD, LABELLED_TEST)
        if not found:
            continue
        label = found.groupdict().get("label")
        subkind = ("more" if seen_in_run else "head") + ("/labelled" if label else "")
        unsure = (comment.doubtful or bool(found["blank"]) or found["name"] == "test_"
                  or bool(label and UNSURE_LABEL.search(label)))
        seen_in_run = True
        yield Row("commented-test", subkind, file, line, found["name"], unsure)


def mentions(source, file):
    """Where a comment says `def test` in another way."""
    for number, line in enumerate(source.lines, 1):
        place = line.find("#")
        if place >= 0 and MENTION.search(line, place):
            yield Row("commented-test", "mention", file, number, "-", True)


def find(source, file):
    if CANDIDATE.search(source.text):
        yield from disabled_decorators(source, file)
        tests = list(commented_tests(source, file))
        yield from tests
        said = {row.line for row in tests}
        yield from (row for row in mentions(source, file) if row.line not in said)
