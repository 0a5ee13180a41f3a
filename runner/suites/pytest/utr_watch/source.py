"""What the source of a test shows: mocks, swallowed failures, assertions; and tests that are hidden by others.

Read from one file by Python's own parser, with no claim to be complete: what is reached through another module is
not seen. Loaded only when it is needed.
"""

import ast
import inspect

MOCKS = {"Mock", "MagicMock", "AsyncMock", "NonCallableMock", "PropertyMock", "create_autospec", "mock_open", "patch"}
MOCKS |= {"mocker", "class_mocker", "module_mocker", "package_mocker", "session_mocker"}
MOCKS |= {"fakeredis", "FakeRedis", "FakeStrictRedis", "FakeAsyncRedis", "mongomock", "moto", "vcr", "httpretty"}
MOCKS |= {"requests_mock", "responses", "respx", "respx_mock", "httpx_mock", "aioresponses"}
PATCHES = {"setattr", "setitem", "delattr", "delitem", "context"}  # of monkeypatch; its setenv and chdir mock nothing
MEMORY = ("sqlite://", ":memory:")
OF_MOCKS = ("assert_called", "assert_not_called", "assert_any_call", "assert_has_calls", "assert_awaited",
            "assert_not_awaited", "assert_any_await", "assert_has_awaits")  # fmt: skip
HELPERS = ("assert_", "check_", "verify_", "expect_")
CATCH_ALL = {"AssertionError", "Exception", "BaseException"}
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
PLAIN_DECORATORS = ("pytest.mark.", "mark.", "patch", "mock.patch", "unittest.mock.patch", "require_docker_services",
                    "utr.require_docker_services", "staticmethod", "classmethod")  # fmt: skip

_modules = {}


class Module:
    """One parsed file."""

    def __init__(self, path):
        with open(path, "rb") as file:
            self.tree = ast.parse(file.read())
        self.by_line, self.by_name = {}, {}
        for node in ast.walk(self.tree):
            if isinstance(node, FUNCTIONS):
                for line in [node.lineno, *(decorator.lineno for decorator in node.decorator_list)]:
                    self.by_line[line] = node
                self.by_name.setdefault(node.name, node)
        self.classes = [node for node in ast.walk(self.tree) if isinstance(node, ast.ClassDef)]

    def owner(self, function):
        return next((one for one in self.classes if function in one.body), None)

    def reached(self, function):
        """The function, fixtures of this file that it or they name, and functions of this file that they call."""
        found, todo = [], [function]
        owner = self.owner(function)
        if owner:
            todo += [node for node in owner.body if isinstance(node, FUNCTIONS) and is_set_up(node)]
        while todo:
            node = todo.pop()
            if node not in found:
                found.append(node)
                names = argument_names(node) + [called_name(call) for call in calls(node)]
                todo += [self.by_name[name] for name in names if name in self.by_name]
        return found


def is_set_up(node):
    return node.name in ("setUp", "setUpClass", "setup_method", "setup_class")


def argument_names(function):
    taken = function.args
    return [one.arg for one in getattr(taken, "posonlyargs", []) + taken.args + taken.kwonlyargs]


def calls(node):
    return [one for one in ast.walk(node) if isinstance(one, ast.Call)]


def called_name(call):
    return last_name(call.func)


def dotted(node):
    """`a.b.c` as it is written; what is no name is left out."""
    names = []
    while isinstance(node, ast.Attribute):
        names.append(node.attr)
        node = node.value
    names.append(getattr(node, "id", ""))
    return ".".join(reversed(names))


def last_name(node):
    return getattr(node, "attr", None) or getattr(node, "id", "")


def look_at(item):
    """mocks, swallows, asserts of a test; None where its source cannot be read."""
    function = inspect.unwrap(getattr(item, "function", None) or getattr(item, "obj", None) or item)
    code = getattr(function, "__code__", None)
    if code is None:
        return None
    try:
        module = _modules.setdefault(code.co_filename, None) or Module(code.co_filename)
    except (OSError, SyntaxError, ValueError):
        return None
    _modules[code.co_filename] = module
    node = module.by_line.get(code.co_firstlineno)
    return show(module, node) if node else None


def show(module, test):
    reached = module.reached(test)
    owner = module.owner(test)
    decorators = owner.decorator_list if owner else []
    asserting = {node.name for node in reached if node is not test and any(assertions(node, ()))}
    found = [one for node in reached for one in assertions(node, asserting)]
    own = list(assertions(test, asserting))
    return {
        "mocks": any(map(mocks, [*reached, *decorators])),
        "swallows": bool(own) and all(is_swallowed(test, one) for one in own),
        "asserts": bool(found),
    }


def mocks(node):
    for one in ast.walk(node):
        if isinstance(one, ast.Constant) and isinstance(one.value, str) and one.value.startswith(MEMORY):
            return True
        name = one.arg if isinstance(one, ast.arg) else last_name(one)
        if name in MOCKS:
            return True
        if name in PATCHES and "monkeypatch" in dotted(one).split("."):
            return True
    return False


def assertions(function, asserting):
    """The nodes of a function that can fail the test; asserting: helpers that do."""
    for node in ast.walk(function):
        if isinstance(node, ast.Assert):
            if not isinstance(node.test, ast.Constant):
                yield node
        elif isinstance(node, ast.Call) and is_assertion(node, asserting):
            yield node


def is_assertion(call, asserting):
    name = called_name(call)
    if name in ("raises", "warns", "fail") and isinstance(call.func, ast.Attribute):
        return True
    if name.startswith("assert"):
        return isinstance(call.func, ast.Attribute) and not name.startswith(OF_MOCKS) or name in asserting
    return name.startswith(HELPERS) and name in asserting


def is_swallowed(function, assertion):
    return any(holds(node, assertion) and hides(node) for node in ast.walk(function))


def holds(node, assertion):
    """Whether it lies in the guarded part of a try or a with."""
    body = node.body if isinstance(node, (ast.Try, ast.With, ast.AsyncWith)) else []
    return any(one is assertion for statement in body for one in ast.walk(statement))


def hides(node):
    if isinstance(node, ast.Try):
        return any(catches(handler.type) and not answers(handler) for handler in node.handlers)
    guards = [item.context_expr for item in node.items if isinstance(item.context_expr, ast.Call)]
    return any(called_name(call) == "suppress" and any(map(catches, call.args)) for call in guards)


def catches(kind):
    if kind is None:
        return True
    return any(last_name(one) in CATCH_ALL for one in (kind.elts if isinstance(kind, ast.Tuple) else [kind]))


def answers(handler):
    """Whether a handler raises, fails or asserts."""
    return any(isinstance(one, ast.Raise) for one in ast.walk(handler)) or any(assertions(handler, ()))


# --- tests that a later definition hides ---


def hidden(source):
    """(name with its class, line, line of what hides it) of each test that was defined in vain."""
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError):
        return []
    return list(hidden_below(tree, ""))


def hidden_below(owner, prefix):
    last = {}
    for at, node in enumerate(owner.body):
        if isinstance(node, ast.ClassDef):
            yield from hidden_below(node, f"{prefix}{node.name}::")
        elif isinstance(node, FUNCTIONS) and node.name.startswith("test"):
            before = last.get(node.name)
            if before is not None and is_lost(owner.body[before:at]):
                yield f"{prefix}{node.name}", owner.body[before].lineno, node.lineno
            last[node.name] = at


def is_lost(body):
    """body: a definition and what follows it, up to the next of its name. Whether nothing had it in between."""
    first = body[0]
    for decorator in first.decorator_list:
        target = decorator.func if isinstance(decorator, ast.Call) else decorator
        if not dotted(target).startswith(PLAIN_DECORATORS):
            return False
    return not any(last_name(one) == first.name for later in body[1:] for one in ast.walk(later))
