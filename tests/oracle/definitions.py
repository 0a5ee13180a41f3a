"""What a test is, and the tests that prove nothing: empty-test and no-assert."""
import ast
import fnmatch
from typing import NamedTuple

from rows import Row
from tree import DEFINITIONS, FUNCTIONS, ancestors, last_name, literal, symbol, true_literal

TRANSPARENT = (ast.If, ast.With, ast.AsyncWith, ast.Try, ast.TryStar, ast.ExceptHandler, ast.Module, ast.ClassDef)
ACCESSORS = {"setter", "getter", "deleter"}
CHECKS = ("assert", "verify", "check", "expect")
PYTEST_CHECKS = {"pytest.raises", "pytest.warns"}
SOFT_CHECKS = {"fail", "raises", "warns", "deprecated_call"}


class Test(NamedTuple):
    node: ast.AST
    doubt: str  # the reason that goes in front of the subkind; empty for a test beyond doubt


def fits(name, patterns):
    """As pytest reads python_classes and python_functions."""
    return any(name.startswith(pattern) or (set(pattern) & set("*?[") and fnmatch.fnmatchcase(name, pattern))
               for pattern in patterns)


def base_names(node):
    return [last_name(base) for base in node.bases if not isinstance(base, ast.Call)]


class Tests:
    def __init__(self, tree, settings):
        self.tree, self.settings = tree, settings
        self.classes = {}
        for node in tree.all(ast.ClassDef):
            self.classes.setdefault(node.name, []).append(node)

    def _is_case(self, node, seen=()):
        for name in base_names(node):
            if name.endswith("TestCase"):
                return True
            if name not in seen and any(self._is_case(base, (*seen, name)) for base in self.classes.get(name, ())):
                return True
        return False

    def _is_test_class(self, node):
        if self._is_case(node):
            return True
        if self.settings.classes is None:
            return node.name.startswith("Test")
        return fits(node.name, self.settings.classes)

    def _name_doubt(self, name, classes):
        """None for what is no test by its name, else a reason or nothing"""
        if classes and self._is_case(classes[0]) or self.settings.functions is None:
            if name.startswith("test_"):
                return ""
            asked = self.settings.functions is not None and fits(name, self.settings.functions)
            return "other-name:" if name.startswith("test") or asked else None
        return "" if fits(name, self.settings.functions) else None

    def _judge(self, node):
        """None, or the reason for doubt"""
        if any("fixture" == last_name(d)[-7:] or last_name(d).endswith("property") or last_name(d) in ACCESSORS
               for d in node.decorator_list):
            return None
        outer = [place for place, _ in ancestors(node)]
        if any(isinstance(place, (*FUNCTIONS, ast.Lambda)) for place in outer):
            return None
        classes = [place for place in outer if isinstance(place, ast.ClassDef)]
        doubt = self._name_doubt(node.name, classes)
        if doubt is None or doubt:
            return doubt
        if not all(self._is_test_class(place) for place in classes):
            return "other-class:"
        if not all(isinstance(place, TRANSPARENT) for place in outer):
            return "other-place:"
        if any(last_name(d).startswith("abstract") or last_name(d) == "overload" for d in node.decorator_list):
            return "abstract:"
        return ""

    def all(self):
        for node in self.tree.all(*FUNCTIONS):
            doubt = self._judge(node)
            if doubt is not None:
                yield Test(node, doubt)


def filler(statement, first):
    """What an idle statement is called; None for one that does something."""
    if isinstance(statement, ast.Pass):
        return "pass"
    if isinstance(statement, ast.Assert) and true_literal(statement.test):
        return "assert"
    if isinstance(statement, ast.Return) and (statement.value is None or literal(statement.value)[0]):
        return "return"
    if not isinstance(statement, ast.Expr):
        return None
    value = statement.value
    if isinstance(value, ast.Constant):
        if value.value is Ellipsis:
            return "ellipsis"
        return "docstring" if first and isinstance(value.value, str) else "constant"
    if isinstance(value, ast.Call) and isinstance(value.func, ast.Name) and value.func.id == "print":
        return "print"
    return None


def assert_true(statement):
    call = statement.value if isinstance(statement, ast.Expr) else None
    return (isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr == "assertTrue"
            and bool(call.args) and true_literal(call.args[0]))


def doctest(statement):
    value = statement.value if isinstance(statement, ast.Expr) else None
    return isinstance(value, ast.Constant) and isinstance(value.value, str) and ">>>" in value.value


def nearly_filler(statement):
    """Not an idle statement by the letter: which constants are literals is open."""
    if isinstance(statement, ast.Expr):
        return isinstance(statement.value, (ast.JoinedStr, ast.Name)) or literal(statement.value)[0]
    if isinstance(statement, ast.Assert):
        return isinstance(statement.test, ast.UnaryOp) and literal(statement.test.operand)[0]
    return isinstance(statement, ast.Return) and isinstance(statement.value, (ast.JoinedStr, ast.Name))


def emptiness(node):
    """(what it holds, whether that is neutral) of an empty test, else None"""
    held = [filler(statement, place == 0) for place, statement in enumerate(node.body)]
    if all(held):
        return "+".join(sorted(set(held))), any(doctest(statement) for statement in node.body)
    rest = [statement for statement, name in zip(node.body, held) if not name]
    if all(assert_true(statement) for statement in rest):
        return "assertTrue", True
    return ("other", True) if all(nearly_filler(statement) for statement in rest) else None


def body_nodes(node):
    for statement in node.body:
        yield from ast.walk(statement)


def receiver(call):
    """a of a.b(...), where it is one name"""
    if isinstance(call.func, ast.Attribute) and isinstance(call.func.value, ast.Name):
        return call.func.value.id
    return None


def is_check(call):
    name = last_name(call).lower()
    return any(word in name for word in CHECKS)


def own_fail(call):
    return isinstance(call.func, ast.Attribute) and call.func.attr == "fail" and receiver(call) in ("self", "cls")


def only_skips(node, names):
    for place, statement in enumerate(node.body):
        if filler(statement, place == 0) or isinstance(statement, ast.Raise):
            continue
        call = statement.value if isinstance(statement, ast.Expr) else None
        if not isinstance(call, ast.Call) or "skip" not in (last_name(call)).lower():
            return False
    return True


def assertlessness(node, names):
    """None for a test with a check; whether the row is neutral for one without"""
    neutral = False
    for part in body_nodes(node):
        if isinstance(part, ast.Assert):
            if not true_literal(part.test):
                return None
            neutral = True
        elif isinstance(part, ast.Call):
            if isinstance(part.func, ast.Subscript):  # which has no last name
                neutral = neutral or is_check(part)
            elif last_name(part) != "AssertionError" and (is_check(part) or own_fail(part)):
                return None
            neutral = neutral or last_name(part) in (*SOFT_CHECKS, "AssertionError")
        elif isinstance(part, ast.Raise) and part.exc is not None:
            neutral = neutral or last_name(part.exc) in ("AssertionError", "NotImplementedError")
        if isinstance(part, (ast.Attribute, ast.Name)) and names.is_any(part, PYTEST_CHECKS):
            return None
        if isinstance(part, ast.Attribute) and part.attr in SOFT_CHECKS:
            neutral = True
    return neutral or only_skips(node, names)


def find(tests, names, file):
    for node, doubt in tests:
        empty = emptiness(node)
        if empty:
            yield Row("empty-test", doubt + empty[0], file, node.lineno, symbol(node), empty[1] or bool(doubt))
        if empty and not empty[1]:
            continue
        neutral = assertlessness(node, names)
        if neutral is not None:
            yield Row("no-assert", doubt + "-", file, node.lineno, symbol(node), neutral or bool(empty) or bool(doubt))
