"""Code that stands where it should not: uncollected-test and dynamic-import."""
import ast
import fnmatch
import re

from definitions import fits
from rows import Row
from tree import FUNCTIONS, TRIES, ancestors, symbol

IN_STRING = re.compile(r"[ \t\f]*(?:async[ \t]+)?def[ \t]+(test_\w*)[ \t]*\(")
OPENING = re.compile(r"\s*[A-Za-z]{0,2}(?:\"\"\"|'''|\"|')")
CLEANERS = {"__exit__", "__aexit__", "__del__"}
CLEANING = ("*error*", "*cleanup*", "*teardown*", "*close*")
CALLS = {"importlib.import_module": "import_module", "__import__": "__import__", "builtins.__import__": "__import__"}


def nested(tree, settings, file):
    for node in tree.all(*FUNCTIONS):
        named = node.name.startswith("test_")
        asked = settings.functions is not None and fits(node.name, settings.functions)
        if (named or asked) and any(isinstance(outer, FUNCTIONS) for outer, _ in ancestors(node)):
            yield Row("uncollected-test", "nested", file, node.lineno, symbol(node), not named or settings.functions is not None)


def in_string(source, file):
    for node in source.tree.all(ast.Expr):
        value = node.value
        if isinstance(value, ast.JoinedStr):
            neutral = True
        elif isinstance(value, ast.Constant) and isinstance(value.value, (str, bytes)):
            neutral = isinstance(value.value, bytes)
        else:
            continue
        for line in range(node.lineno, node.end_lineno + 1):
            text = source.lines[line - 1]
            if line == node.lineno:
                text = OPENING.sub("", text.encode()[node.col_offset:].decode("utf-8", "replace"), count=1)
            found = IN_STRING.match(text)
            if found:
                yield Row("uncollected-test", "in-string", file, line, found[1], neutral)


def says_it_cleans(name):
    """None where only the letters' case differs"""
    if name in CLEANERS or any(fnmatch.fnmatchcase(name, pattern) for pattern in CLEANING):
        return True
    return None if any(fnmatch.fnmatchcase(name.lower(), pattern) for pattern in CLEANING) else False


def on_the_way_out(node):
    """True in error or clean-up paths, None where it is open"""
    best = False
    for outer, field in ancestors(node):
        if isinstance(outer, ast.ExceptHandler) and field == "body" or isinstance(outer, TRIES) and field == "finalbody":
            return True
        if isinstance(outer, FUNCTIONS) and field == "body":
            says = says_it_cleans(outer.name)
            if says:
                return True
            best = None if says is None else best
    return best


def dynamic_imports(tree, names, file):
    for node in tree.all(ast.Import, ast.ImportFrom):
        there = on_the_way_out(node)
        if there is not False:
            yield Row("dynamic-import", "import", file, node.lineno, symbol(node), there is None)
    for node in tree.all(ast.Call):
        name, sure = names.which(node.func, CALLS)
        if name:
            there = on_the_way_out(node)
            yield Row("dynamic-import", CALLS[name], file, node.lineno, symbol(node), not (there and sure))


def find(source, settings, file):
    yield from nested(source.tree, settings, file)
    if re.search(r"def[ \t]+test_", source.text):
        yield from in_string(source, file)
