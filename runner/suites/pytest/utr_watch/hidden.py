"""Tests that a later definition of their name hides, as Python's own parser reads one file.

Loaded only when it is needed.
"""

import ast

FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
PLAIN_DECORATORS = ("pytest.mark.", "mark.", "patch", "mock.patch", "unittest.mock.patch", "require_docker_services",
                    "utr.require_docker_services", "staticmethod", "classmethod")  # fmt: skip


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
