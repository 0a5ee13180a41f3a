"""Each gate, broken once on a copy of the tree: it must fail, and say where."""
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tree import NOT_OURS

GATES = Path(__file__).parent
ROOT = GATES.parents[1]
BROKEN_STYLE = "int  broken( void ) ;\n"

BREAKS = [
    ("layers", "runner/base/buf.c", '#include "engine/engine.h"\n', "base may not use engine"),
    ("layers", "runner/base/buf.c", '#include "buf.h"\n', '"buf.h" is no file of runner/'),
    ("layers", "runner/layers.txt", "attic: cellar\n", "attic may use cellar"),
    ("printing", "runner/engine/client.c", 'static void loud(void) { printf("x"); }\n', "printf: only cli/ and report/"),
    ("ending", "runner/engine/client.c", "static void end(void) { exit(1); }\n", "exit(): only main.c"),
    ("lengths", "runner/base/buf.c", "\n" * 600, "600 at most"),
    ("places", "README.md", "see /work/" "main/x\n", "no machine's paths"),
    ("places", "runner/base/buf.c", "/* https" "://registry.somewhere.io/x */\n", "no address of a registry"),
    ("format", "runner/base/buf.c", BROKEN_STYLE, "code should be clang-formatted"),
    ("shell", "scripts/engine.sh", "echo $undefined_word\n[ $x = 1 ]\n", "SC2154"),
]


@pytest.fixture
def copy(tmp_path):
    shutil.copytree(ROOT, tmp_path / "copy", ignore=shutil.ignore_patterns(*NOT_OURS), symlinks=True)
    return tmp_path / "copy"


def run(*command):
    done = subprocess.run([sys.executable, *map(str, command)], text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    return done.returncode, done.stdout


@pytest.mark.parametrize("gate, path, added, says", BREAKS)
def test_a_gate_fails_where_its_rule_is_broken(copy, gate, path, added, says):
    with open(copy / path, "a") as file:
        file.write(added)
    code, output = run(GATES / "check.py", gate, copy)
    assert code == 1 and says in output and f"{path}:" in output


@pytest.mark.parametrize("gate", ["printing", "ending"])
def test_a_word_in_a_comment_or_a_string_is_no_fault(copy, gate):
    quiet = copy / "runner/base/quiet.c"
    quiet.write_text('/* exit(1); printf("x") */\nconst char *quiet = "exit(1) printf(";\n')
    assert "quiet.c" not in run(GATES / "check.py", gate, copy)[1]


LONG = "int utr_long(int x);\nint utr_long(int x)\n{\n" + "    x += 1;\n" * 70 + "    return x;\n}\n"


@pytest.mark.parametrize("added, says", [
    (LONG, "readability-function-size"),
    ("int utr_odd(int x);\nint utr_odd(int x)\n{\n    return 7 / (x - x);\n}\n", "misc-redundant-expression"),
])
def test_clang_tidy_fails_on_what_it_forbids(copy, tmp_path, added, says):
    path = "fixtures/suites/auth/token.c"
    with open(copy / path, "a") as file:
        file.write(added)
    (tmp_path / "compile_commands.json").write_text("[]")
    code, output = run(GATES / "tidy.py", tmp_path, copy, path)
    assert code == 1 and says in output


def test_clang_tidy_misses_a_file_that_nothing_builds(copy, tmp_path):
    (tmp_path / "compile_commands.json").write_text("[]")
    code, output = run(GATES / "tidy.py", tmp_path, copy, "fixtures/suites/auth/token.c")
    assert code == 1 and "runner/base/buf.c: is not built" in output
