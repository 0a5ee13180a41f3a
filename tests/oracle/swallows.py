"""Tests whose every assertion stands where its failure is hidden: swallowed."""
import ast

from definitions import body_nodes, is_check, own_fail
from rows import Row
from skips import SKIP_ERRORS
from tree import FUNCTIONS, TRIES, ancestors, dotted, last_name, symbol, true_literal

CATCHING = {"Exception", "BaseException", "AssertionError"}
LOGGING = {"debug", "info", "warning", "warn", "error", "exception", "critical", "fatal", "log"}
UNSURE_LOGGING = {"trace", "success", "notice", "msg", "write", "err", "failure", "verbose"}
NEARLY_IDLE = {"skipTest", "print_exc", "warn"}


def caught(handler):
    """The type by which a handler catches AssertionError; None where it does not."""
    if handler.type is None:
        return "bare"
    types = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    for kind in types:
        if (dotted(kind) or "").removeprefix("builtins.") in CATCHING:
            return dotted(kind).rsplit(".")[-1]
    return None


def call_word(call, names):
    """(what an idle call is called, whether that is so for sure)"""
    if isinstance(call.func, ast.Name) and call.func.id == "print":
        return "print", True
    if names.is_any(call.func, {"pytest.skip"}):
        return "skip", True
    if isinstance(call.func, ast.Attribute) and "log" in ast.unparse(call.func.value).lower():
        if call.func.attr in LOGGING:
            return "log", True
        if call.func.attr in UNSURE_LOGGING:
            return "log", False
    return (last_name(call), False) if last_name(call) in NEARLY_IDLE else (None, False)


def word(statement, names):
    """(what an idle statement of a handler is called, whether for sure); (None, False) for one that does something"""
    if isinstance(statement, (ast.Pass, ast.Return, ast.Continue)):
        return type(statement).__name__.lower(), True
    if isinstance(statement, ast.Break):
        return "break", False
    if isinstance(statement, ast.Raise) and statement.exc is not None:
        error = statement.exc.func if isinstance(statement.exc, ast.Call) else statement.exc
        written = dotted(error) or ""
        if names.is_any(error, SKIP_ERRORS) or written.endswith(("SkipTest", "skip.Exception", "pytest.skip")):
            return "raise-skip", False
    if isinstance(statement, ast.Expr):
        if isinstance(statement.value, ast.Constant):
            return "constant", True
        if isinstance(statement.value, ast.Call):
            return call_word(statement.value, names)
    return None, False


def idle(handler, names):
    """(what it holds, whether for sure), or None for a handler that does something"""
    words = [word(statement, names) for statement in handler.body]
    if any(name is None for name, _ in words):
        return None
    return "+".join(sorted({name for name, _ in words})), all(sure for _, sure in words)


def raises_itself(handler):
    pending = list(handler.body)
    while pending:
        node = pending.pop()
        if isinstance(node, ast.Raise):
            return True
        if not isinstance(node, (*FUNCTIONS, ast.Lambda, ast.ClassDef)):
            pending.extend(ast.iter_child_nodes(node))
    return False


def fate(node, test, names):
    """(subkind, whether for sure) where a failure here is hidden within the test, else None"""
    within_function = True
    for outer, field in ancestors(node):
        if outer is test:
            return None
        if isinstance(outer, (*FUNCTIONS, ast.Lambda)):
            within_function = False
        if not isinstance(outer, TRIES) or field != "body":
            continue
        handler = next((handler for handler in outer.handlers if caught(handler)), None)
        if handler is None:
            continue
        held = idle(handler, names)
        if held:
            sure = held[1] and within_function and isinstance(outer, ast.Try)
            return f"except-{caught(handler)}/{held[0]}", sure
        if not raises_itself(handler):
            return None
    return None


def is_assertion(node):
    if isinstance(node, ast.Assert):
        return not true_literal(node.test)
    return isinstance(node, ast.Call) and (last_name(node).startswith("assert") or own_fail(node))


def other_check(node, names):
    """(whether it is a check of another kind, whether `except Exception` lets it through)"""
    if isinstance(node, ast.Raise) and node.exc is not None:
        return last_name(node.exc) == "AssertionError", False
    if not isinstance(node, ast.Call) or is_assertion(node):
        return False, False
    if names.is_any(node.func, {"pytest.fail"}):
        return True, True
    soft = last_name(node) in ("raises", "warns", "fail", "deprecated_call")
    return soft or is_check(node), False


def checks_outside(test, names):
    for node in body_nodes(test):
        check, gets_through = other_check(node, names)
        if not check:
            continue
        hidden = fate(node, test, names)
        if not hidden or not hidden[1] or (gets_through and not hidden[0].startswith(("except-bare", "except-BaseException"))):
            return True
    return False


def find(tests, names, file):
    for test, doubt in tests:
        assertions = sorted((node for node in body_nodes(test) if is_assertion(node)),
                            key=lambda node: (node.lineno, node.col_offset))
        fates = [fate(node, test, names) for node in assertions]
        if assertions and all(fates):
            neutral = bool(doubt) or not all(sure for _, sure in fates) or checks_outside(test, names)
            yield Row("swallowed", doubt + fates[0][0], file, test.lineno, symbol(test), neutral)
