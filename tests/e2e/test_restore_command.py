"""`restore` as it is typed: the difference, the files that it writes, and those that it leaves."""
import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest
from program import Project

MUTATE = Path(__file__).parents[1] / "oracle/mutate"
SKIPPED = """import os
# from utr import require_docker_services


# @require_docker_services("db")  # TEMPORARILY DISABLED
class TestA:
    # @pytest.mark.parametrize(
    #     "x", [1, 2])
    def test_a(self, x):
        assert os.sep
"""
RUNNING = """import os
import pytest
from utr import require_docker_services


@require_docker_services("db")  # TEMPORARILY DISABLED
class TestA:
    @pytest.mark.parametrize(
        "x", [1, 2])
    def test_a(self, x):
        assert os.sep
"""


@pytest.fixture
def project(tmp_path):
    project = Project(tmp_path)
    project.write("tests/test_a.py", SKIPPED)
    return project


def test_it_shows_the_difference_and_changes_nothing(project):
    code, out, err = project.call("restore")
    assert code == 1
    assert out.startswith("--- a/tests/test_a.py\n+++ b/tests/test_a.py\n@@ -1,")
    assert err == "2 decorators in 1 file could be switched on; --write does it\n"
    assert project.read("tests/test_a.py") == SKIPPED


@pytest.mark.parametrize("apply", [["patch", "-p1"], ["git", "apply"]])
@pytest.mark.parametrize("ends", ["\n", "\r\n"])
def test_the_difference_applies(project, apply, ends):
    project.write("tests/test a.py", SKIPPED.replace("\n", ends))
    project.write("tests/test_ü.py", SKIPPED.rstrip("\n").replace("\n", ends))
    out = project.call("restore")[1]
    subprocess.run([*apply, *(["--binary"] if apply[0] == "patch" else [])], cwd=project.root, input=out.encode(), check=True,
                   capture_output=True)
    assert project.read("tests/test_a.py") == RUNNING
    assert project.read("tests/test a.py") == RUNNING.replace("\n", ends)
    assert project.read("tests/test_ü.py") == RUNNING.rstrip("\n").replace("\n", ends)


def test_it_writes_files_that_are_committed(project):
    (project.root / "tests/test_a.py").chmod(0o750)
    project.commit()
    assert project.call("restore", "--write") == (
        0, "tests/test_a.py: 2 decorators switched on\n", "2 decorators in 1 file switched on\n")
    assert project.read("tests/test_a.py") == RUNNING
    assert (project.root / "tests/test_a.py").stat().st_mode & 0o777 == 0o750
    assert os.listdir(project.root / "tests") == ["test_a.py"]
    assert project.call("restore", "--write") == (0, "", "nothing to restore: no disabled decorator in 1 file\n")


def test_what_git_could_not_bring_back_is_left_without_force(project):
    code, out, err = project.call("restore", "--write")
    assert (code, out) == (1, "")
    assert "tests/test_a.py:5: left as it is: git does not know it" in err
    project.commit()
    project.write("tests/test_a.py", SKIPPED + "# changed\n")
    code, out, err = project.call("restore", "--write")
    assert (code, out) == (1, "")
    assert "tests/test_a.py:5: left as it is: it is not as it was committed; commit it, or give --force" in err
    project.write("tests/test_new.py", SKIPPED)
    assert project.call("restore", "--write", "tests/test_new.py")[0] == 1
    assert project.call("restore", "--write", "--force")[0] == 0
    assert project.read("tests/test_a.py") == RUNNING + "# changed\n"
    assert project.read("tests/test_new.py") == RUNNING


def test_what_a_link_points_to_is_written_and_not_the_link(project):
    (project.root / "test_link.py").symlink_to("tests/test_a.py")
    project.commit()
    assert project.call("restore", "--write", "test_link.py")[0] == 0
    assert (project.root / "test_link.py").is_symlink()
    assert project.read("tests/test_a.py") == RUNNING


def test_what_is_excused_stays(project):
    allowed = "# utr: allow(disabled-decorator) later, max, until 2999-12-31\n# @needs\ndef test_a():\n    assert 1 == 1\n"
    project.write("tests/test_a.py", allowed)
    assert project.call("restore") == (0, "", "nothing to restore: no disabled decorator in 1 file\n")
    project.write("tests/test_a.py", allowed.replace("2999", "2019"))
    code, out, err = project.call("restore")
    assert code == 1 and "+@needs\n" in out
    assert "tests/test_a.py:2: nothing in this file binds 'needs'; add what imports it" in err


def test_a_path_chooses(project):
    project.write("other/test_b.py", SKIPPED)
    out = project.call("restore", "other")[1]
    assert "other/test_b.py" in out and "tests/test_a.py" not in out


def test_misuse_is_told(project):
    assert project.call("restore", "nowhere")[0] == 2
    code, _, err = project.call("restore", "--wriet")
    assert code == 2 and "did you mean --write?" in err


def test_what_tests_were_switched_off_by_comes_back_and_python_reads_it(tmp_path):
    project = Project(tmp_path)
    source = Path(os.__file__).parent
    done = subprocess.run([sys.executable, str(MUTATE), "--files", "120", str(source), str(project.root)], capture_output=True)
    assert done.returncode == 0, done.stderr.decode()
    before = {path: path.read_bytes() for path in project.root.rglob("*.py")}
    disabled = project.call("scan", "--format", "tsv")[1].count("disabled-decorator\t")
    assert disabled > 20
    assert project.call("restore", "--write", "--force")[0] == 0
    assert "disabled-decorator\t" not in project.call("scan", "--format", "tsv")[1]
    changed = [path for path, text in before.items() if path.read_bytes() != text]
    assert len(changed) > 5
    for path in changed:
        ast.parse(path.read_bytes())
    assert project.call("restore")[0] == 0
