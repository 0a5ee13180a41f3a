"""A syntax tree whose nodes know where they stand."""
import ast
from collections import defaultdict

FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
DEFINITIONS = (*FUNCTIONS, ast.ClassDef)
TRIES = (ast.Try, ast.TryStar)
SHARED = (ast.expr_context, ast.operator, ast.boolop, ast.unaryop, ast.cmpop)  # one object for many places


class Tree:
    def __init__(self, module):
        self.module = module
        self.by_type = defaultdict(list)
        self._link()

    def _link(self):
        pending = [self.module]
        self.module.parent = self.module.field = None
        while pending:
            node = pending.pop()
            self.by_type[type(node)].append(node)
            for field in node._fields:
                value = getattr(node, field, None)
                for child in value if isinstance(value, list) else (value,):
                    if isinstance(child, ast.AST) and not isinstance(child, SHARED):
                        child.parent, child.field = node, field
                        pending.append(child)

    def all(self, *types):
        for kind in types:
            yield from self.by_type[kind]


def ancestors(node):
    """(outer node, the field of it that the way down leads through), innermost first"""
    while node.parent is not None:
        yield node.parent, node.field
        node = node.parent


def symbol(node):
    """The qualified name of the innermost definition that the node is or stands in."""
    names = [node.name] if isinstance(node, DEFINITIONS) else []
    names += [outer.name for outer, _ in ancestors(node) if isinstance(outer, DEFINITIONS)]
    return ".".join(reversed(names)) or "-"


def dotted(node):
    """a.b.c as written; None for what is no chain of names"""
    parts = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    return ".".join([node.id, *reversed(parts)]) if isinstance(node, ast.Name) else None


def last_name(node):
    """Of what is called or used as a decorator: f of a.b.f(...)"""
    if isinstance(node, ast.Call):
        node = node.func
    if isinstance(node, ast.Subscript):
        node = node.value
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def literal(node):
    """(True, its value) for a literal"""
    try:
        return True, ast.literal_eval(node)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return False, None


def true_literal(node):
    is_literal, value = literal(node)
    return is_literal and bool(value)
