"""Tests that do not run, or whose failure does not count: skip and xfail."""
import ast

from rows import Row
from tree import FUNCTIONS, TRIES, DEFINITIONS, ancestors, dotted, literal, symbol

MARKS = {
    "pytest.mark.skip": "skip", "pytest.mark.skipif": "skip", "unittest.skip": "skip", "unittest.skipIf": "skip",
    "unittest.skipUnless": "skip", "pytest.mark.xfail": "xfail", "unittest.expectedFailure": "xfail",
}
CONDITIONAL = {"pytest.mark.skipif": True, "unittest.skipIf": True, "unittest.skipUnless": False}  # skips when so
CALLS = {"pytest.skip", "pytest.importorskip"}
SKIP_ERRORS = {"unittest.SkipTest"}
LAST_NAMES = {name.rsplit(".")[-1] for name in MARKS}
COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
BRANCHES = (ast.If, ast.For, ast.AsyncFor, ast.While, ast.Match, ast.IfExp, ast.Lambda, ast.ExceptHandler, *COMPREHENSIONS)


def on_condition(node):
    """Whether something within the innermost function decides if this is reached."""
    child = node
    for outer, field in ancestors(node):
        if isinstance(outer, FUNCTIONS) and field == "body":
            return False
        if isinstance(outer, BRANCHES) or (isinstance(outer, TRIES) and field == "orelse"):
            return True
        if isinstance(outer, ast.BoolOp) and outer.values[0] is not child:
            return True
        child = outer
    return False


def condition_of(call):
    """(whether there is one, the expression if it can be told)"""
    if call.args:
        return True, None if isinstance(call.args[0], ast.Starred) else call.args[0]
    for keyword in call.keywords:
        if keyword.arg in ("condition", None):
            return True, keyword.value if keyword.arg else None
    return False, None


def how(name, call):
    """cond or uncond"""
    has_condition, condition = condition_of(call) if call else (False, None)
    if name == "pytest.mark.xfail":
        return "cond" if has_condition else "uncond"
    if name not in CONDITIONAL or not has_condition:
        return "uncond"
    is_literal, value = literal(condition) if condition is not None else (False, None)
    if not is_literal or isinstance(value, (str, bytes)):
        return "cond"
    return "uncond" if bool(value) is CONDITIONAL[name] else "cond"


class Marks:
    def __init__(self, tree, names, file):
        self.tree, self.names, self.file = tree, names, file
        self.placed = set()  # the expressions that are a decorator or in a pytestmark
        self.variables = self._variables()

    def _mark(self, expression):
        call = expression if isinstance(expression, ast.Call) else None
        name, sure = self.names.which(call.func if call else expression, MARKS)
        return name, sure, call

    def _named(self):
        """Every expression in the file that is a mark's name."""
        for node in self.tree.all(ast.Attribute, ast.Name):
            last = node.attr if isinstance(node, ast.Attribute) else node.id
            if last in LAST_NAMES or last in self.names.bound:
                name, _ = self.names.which(node, MARKS)
                if name:
                    yield node, name

    def _variables(self):
        """name -> kind of what is assigned from an expression with a mark in it"""
        found = {}
        for node, name in self._named():
            for outer, field in ancestors(node):
                if isinstance(outer, (ast.Assign, ast.AnnAssign, ast.AugAssign)) and field == "value":
                    targets = outer.targets if isinstance(outer, ast.Assign) else [outer.target]
                    found.update({(dotted(target) or "").rsplit(".")[-1]: MARKS[name] for target in targets})
                elif isinstance(outer, FUNCTIONS) and field == "body":
                    found[outer.name] = MARKS[name]  # a function that makes a mark
        found.pop("pytestmark", None)
        return found

    def _row(self, form, expression, concerns):
        name, sure, call = self._mark(expression)
        if name:
            self.placed.add(call.func if call else expression)
            yield Row(MARKS[name], f"{form}/{name}/{how(name, call)}", self.file, expression.lineno, concerns, not sure)
            return
        written = dotted(call.func if call else expression) or ""
        for part in written.split("."):
            if part in self.variables:
                yield Row(self.variables[part], f"{form}/{written}", self.file, expression.lineno, concerns, True)

    def decorators(self):
        for node in self.tree.all(*DEFINITIONS):
            for decorator in node.decorator_list:
                yield from self._row("decorator", decorator, symbol(node))

    def _assigned(self):
        """(value, the assignment) of each pytestmark"""
        for node in self.tree.all(ast.Assign, ast.AnnAssign, ast.AugAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            if node.value is not None and any(isinstance(t, ast.Name) and t.id == "pytestmark" for t in targets):
                yield node.value, node

    def pytestmarks(self):
        for value, node in self._assigned():
            in_function = any(isinstance(outer, (*FUNCTIONS, ast.Lambda)) for outer, _ in ancestors(node))
            for mark in value.elts if isinstance(value, (ast.List, ast.Tuple)) else [value]:
                for row in self._row("pytestmark", mark, symbol(node)):
                    yield row._replace(neutral=row.neutral or in_function)

    def elsewhere(self):
        for node, name in self._named():
            if node not in self.placed:
                for line in {node.lineno, node.end_lineno, node.parent.lineno if hasattr(node.parent, "lineno") else node.lineno}:
                    yield Row(MARKS[name], f"elsewhere/{name}", self.file, line, symbol(node), True)


def calls(tree, names, file):
    for node in tree.all(ast.Call):
        name, sure = names.which(node.func, CALLS | {"pytest.xfail"})
        if name == "pytest.xfail":
            yield Row("xfail", "call/pytest.xfail", file, node.lineno, symbol(node), True)
        elif name:
            when = "cond" if name == "pytest.importorskip" or on_condition(node) else "uncond"
            yield Row("skip", f"call/{name}/{when}", file, node.lineno, symbol(node), not sure)
        elif isinstance(node.func, ast.Attribute) and node.func.attr == "skipTest":
            receiver = node.func.value
            ours = isinstance(receiver, ast.Name) and receiver.id in ("self", "cls")
            when = "cond" if on_condition(node) else "uncond"
            yield Row("skip", f"call/skipTest/{when}", file, node.lineno, symbol(node), not ours)


def raises(tree, names, file):
    for node in tree.all(ast.Raise):
        error = node.exc.func if isinstance(node.exc, ast.Call) else node.exc
        name, sure = names.which(error, SKIP_ERRORS) if error is not None else (None, False)
        written = dotted(error) or ""
        bound = {target.rsplit(".")[-1] for target in names.targets(error)} if written else set()
        if name or "SkipTest" in bound or written.endswith(("SkipTest", "skip.Exception")):
            when = "cond" if on_condition(node) else "uncond"
            yield Row("skip", f"raise/SkipTest/{when}", file, node.lineno, symbol(node), not (name and sure))


def find(tree, names, file):
    marks = Marks(tree, names, file)
    yield from marks.decorators()
    yield from marks.pytestmarks()
    yield from marks.elsewhere()
    yield from calls(tree, names, file)
    yield from raises(tree, names, file)
