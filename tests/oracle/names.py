"""What the names of a file stand for, through its imports, wherever these stand."""
import ast
from collections import defaultdict

from tree import dotted

# What a star import of them binds, of the names that matter here.
STARS = {
    "pytest": {"mark", "skip", "importorskip", "xfail", "raises", "warns", "fail", "fixture", "deprecated_call"},
    "unittest": {"skip", "skipIf", "skipUnless", "SkipTest", "expectedFailure"},
    "unittest.case": {"skip", "skipIf", "skipUnless", "SkipTest", "expectedFailure"},
    "unittest.mock": {"patch"},
    "mock": {"patch"},
    "importlib": {"import_module"},
}
AS_WRITTEN = {"pytest", "unittest"}


def plain(target):
    return "unittest." + target.removeprefix("unittest.case.") if target.startswith("unittest.case.") else target


class Names:
    def __init__(self, tree):
        self.bound = defaultdict(set)
        for node in tree.all(ast.Import):
            for alias in node.names:
                root = alias.name.split(".")[0]
                self.bound[alias.asname or root].add(alias.name if alias.asname else root)
        stars = set()
        for node in tree.all(ast.ImportFrom):
            module = "." * node.level + (node.module or "")
            for alias in node.names:
                if alias.name == "*":
                    stars.add(module)
                else:
                    self.bound[alias.asname or alias.name].add(f"{module}.{alias.name}")
        self._bind_stars(stars)

    def _bind_stars(self, modules):
        """What nothing else binds."""
        explicit = set(self.bound)
        for module in modules & set(STARS):
            for name in STARS[module] - explicit:
                self.bound[name].add(f"{module}.{name}")

    def targets(self, node):
        """All that a chain of names may stand for."""
        written = dotted(node)
        if written is None:
            return set()
        root, dot, rest = written.partition(".")
        return {plain(target + dot + rest) for target in self.bound.get(root, (root,))}

    def which(self, node, table):
        """(the name of the table that this is, whether it is so for sure); (None, False) for anything else"""
        for target in sorted(self.targets(node)):
            if target in table:
                return target, True
        written = dotted(node)
        if written and plain(written) in table and written.split(".")[0] in AS_WRITTEN:
            return plain(written), False  # an import binds pytest or unittest to something else
        return None, False

    def is_any(self, node, table):
        return self.which(node, table)[0] is not None
