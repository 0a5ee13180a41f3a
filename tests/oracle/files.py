"""Which files are read, and what their project's own pytest settings call a test."""
import configparser
import fnmatch
import os
import shlex
import stat
import tomllib
from typing import NamedTuple

LEFT_OUT = {".git", "__pycache__"}
TEST_FOLDERS = {"test", "tests"}
DEFAULT_FILES = ("test_*.py", "*_test.py")
# In the order in which pytest asks them; a pytest.ini rules even where it says nothing.
SETTING_FILES = (("pytest.ini", "pytest"), (".pytest.ini", "pytest"), ("pyproject.toml", None), ("tox.ini", "pytest"),
                 ("setup.cfg", "tool:pytest"))


class Settings(NamedTuple):
    """None is what the project leaves to the default."""
    files: tuple | None = None
    classes: tuple | None = None
    functions: tuple | None = None


class File(NamedTuple):
    path: str
    name: str  # relative to the root, with slashes
    settings: Settings
    scanned: bool  # False for other sources, where only imports are looked for
    doubtful: bool  # its name says test, its project's python_files do not


def words(value):
    if value is None:
        return None
    return tuple(shlex.split(value) if isinstance(value, str) else map(str, value))


def toml_section(path):
    with open(path, "rb") as file:
        return tomllib.load(file).get("tool", {}).get("pytest", {}).get("ini_options")


def ini_section(path, section):
    parser = configparser.ConfigParser(interpolation=None, strict=False)
    parser.read(path, encoding="utf-8")
    return dict(parser[section]) if parser.has_section(section) else None


def settings_in(folder):
    """None where no file of this folder rules."""
    for name, section in SETTING_FILES:
        path = os.path.join(folder, name)
        if not os.path.isfile(path):
            continue
        try:
            found = ini_section(path, section) if section else toml_section(path)
        except (configparser.Error, tomllib.TOMLDecodeError, UnicodeDecodeError):
            found = None
        if found is None and name.endswith("pytest.ini"):
            found = {}
        if found is not None:
            return Settings(*(words(found.get(f"python_{what}")) for what in ("files", "classes", "functions")))
    return None


def fits_file(name, globs):
    base = name.rsplit("/", 1)[-1]
    return any(fnmatch.fnmatchcase(name, "*/" + glob) or fnmatch.fnmatchcase(name, glob) if "/" in glob
               else fnmatch.fnmatchcase(base, glob) for glob in globs)


def judge(path, name, settings):
    folders, base = name.split("/")[:-1], name.rsplit("/", 1)[-1]
    always = base == "conftest.py" or not TEST_FOLDERS.isdisjoint(folders)
    by_default = fits_file(name, DEFAULT_FILES)
    if settings.files is None:
        return File(path, name, settings, always or by_default, False)
    ours = fits_file(name, settings.files)
    return File(path, name, settings, always or by_default or ours, not ours)


def find(root):
    """Every .py file below root, sorted by name."""
    found = []

    def visit(folder, name, settings):
        settings = settings_in(folder) or settings
        for entry in sorted(os.scandir(folder), key=lambda entry: entry.name):
            inner = f"{name}/{entry.name}" if name else entry.name
            if entry.is_dir(follow_symlinks=False):
                if entry.name not in LEFT_OUT:
                    visit(entry.path, inner, settings)
            elif entry.name.endswith(".py") and stat.S_ISREG(entry.stat(follow_symlinks=False).st_mode):
                found.append(judge(entry.path, inner, settings))

    visit(os.fspath(root), "", Settings())
    return found
