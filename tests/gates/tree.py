"""The files that the gates look at, and C without what is no code in it."""
import os
import re
from pathlib import Path

NOT_OURS = {".git", ".utr", "build", "__pycache__", ".pytest_cache", "node_modules"}
C_NOISE = re.compile(r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.S)


def files(root, *suffixes, under="."):
    """Paths relative to root, sorted; all files where no suffix is given."""
    for folder, names, here in os.walk(Path(root) / under):
        names[:] = sorted(set(names) - NOT_OURS)
        for name in sorted(set(here) - NOT_OURS):
            path = Path(folder) / name
            if not suffixes or path.suffix in suffixes:
                yield path.relative_to(root)


def c_files(root, under="."):
    return files(root, ".c", ".h", under=under)


def text(root, path):
    """None for what is not text."""
    try:
        return (Path(root) / path).read_text()
    except UnicodeDecodeError:
        return None


def code(root, path):
    """A C file with its comments and strings taken out; lines stay where they are."""
    return C_NOISE.sub(lambda noise: '""' if noise[0][0] == '"' else re.sub(r"[^\n]", " ", noise[0]), text(root, path))


def scripts(root):
    for path in files(root):
        if path.suffix == ".sh":
            yield path
        elif not path.suffix or path.parent == Path("."):
            with open(Path(root) / path, "rb") as file:
                if re.match(rb"#!.*\b(ba)?sh\b", file.readline()):
                    yield path
