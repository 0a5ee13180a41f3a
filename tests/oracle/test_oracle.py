"""The oracle itself, against cases whose findings were written by hand from the meaning of the kinds.

A case is cases/NAME.py.txt, read as tests/NAME.py; cases/NAME.tsv says what is to be found: kind, subkind, line, symbol,
and `neutral` for a place that may be reported or not, of which only kind and line count.
"""
import pathlib
import subprocess
import sys

import pytest

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

import files  # noqa: E402
import oracle  # noqa: E402
from rows import KINDS, Row  # noqa: E402

CASES = sorted(path.name.removesuffix(".py.txt") for path in (HERE / "cases").glob("*.py.txt"))


def rows_of(root):
    return [row for file in files.find(root) for row in oracle.read(file)]


def project(root, **texts):
    """Files of a name with __ for a slash and no dot: `tests__test_a_py`."""
    for name, text in texts.items():
        path = root / ".".join(name.replace("__", "/").rsplit("_", 1))
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def expected_of(name):
    for line in (HERE / "cases" / f"{name}.tsv").read_text().splitlines():
        kind, subkind, number, symbol, *neutral = line.split("\t")
        assert kind in KINDS
        yield Row(kind, subkind, f"tests/{name}.py", int(number), symbol, bool(neutral))


def found_in(root, name):
    path = root / "tests" / f"{name}.py"
    path.parent.mkdir()
    path.write_bytes((HERE / "cases" / f"{name}.py.txt").read_bytes())
    return rows_of(root)


def test_there_is_a_case_for_every_kind():
    assert {row.kind for name in CASES for row in expected_of(name) if not row.neutral} == set(KINDS)


@pytest.mark.parametrize("name", CASES)
def test_a_case_holds_what_was_written_of_it_and_nothing_else(tmp_path, name):
    expected, found = list(expected_of(name)), found_in(tmp_path, name)
    assert [row for row in found if not row.neutral] == sorted(row for row in expected if not row.neutral)
    sure = {(row.kind, row.line) for row in expected if not row.neutral}
    assert ({(row.kind, row.line) for row in found if row.neutral and row.line} - sure
            == {(row.kind, row.line) for row in expected if row.neutral})


EMPTY = "def test_it(): pass\ndef check_it(): pass\nclass TestA:\n  def test_a(self): pass\nclass SuiteA:\n  def test_b(self): pass\n"


def empty_tests(root):
    return sorted(f"{row.file}:{row.symbol}" for row in rows_of(root) if row.kind == "empty-test" and not row.neutral)


def test_files_are_chosen_by_name_and_folder(tmp_path):
    project(tmp_path, test_a_py=EMPTY, a_test_py=EMPTY, conftest_py=EMPTY, other_py=EMPTY, tests__deep__other_py=EMPTY,
            test__other_py=EMPTY, testing__other_py=EMPTY, __pycache____test_x_py=EMPTY, git__test_x_py=EMPTY)
    (tmp_path / "git").rename(tmp_path / ".git")
    (tmp_path / "test_link.py").symlink_to("test_a.py")
    (tmp_path / "test_folder.py").mkdir()
    assert [file.name for file in files.find(tmp_path) if file.scanned] == [
        "a_test.py", "conftest.py", "test/other.py", "test_a.py", "tests/deep/other.py"]


def test_imports_on_the_way_out_are_found_in_every_source(tmp_path):
    project(tmp_path, product_py="try: pass\nfinally:\n  import a\ndef test_it(): pass\n")
    assert [row.kind for row in rows_of(tmp_path)] == ["dynamic-import"]


@pytest.mark.parametrize("name, text", [
    ("pytest_ini", "[pytest]\npython_functions = check_*\npython_classes = Suite\n"),
    ("tox_ini", "[pytest]\npython_functions = check_* other\npython_classes = Suite*\n"),
    ("setup_cfg", "[tool:pytest]\npython_functions =\n  check\npython_classes = *uiteA\n"),
    ("pyproject_toml", "[tool.pytest.ini_options]\npython_functions = ['check_*']\npython_classes = 'Suite'\n"),
])
def test_the_project_says_what_a_test_is(tmp_path, name, text):
    project(tmp_path, test_a_py=EMPTY + "  def check_c(self): pass\n", **{name: text})
    assert empty_tests(tmp_path) == ["test_a.py:SuiteA.check_c", "test_a.py:check_it"]


def test_a_test_case_keeps_its_names_whatever_the_project_says(tmp_path):
    case = "class A(TestCase):\n  def test_a(self): pass\n  def check_a(self): pass\n"
    project(tmp_path, pytest_ini="[pytest]\npython_functions = check_*\n", test_a_py=case)
    assert empty_tests(tmp_path) == ["test_a.py:A.test_a"]


def test_the_nearest_settings_rule(tmp_path):
    project(tmp_path, tox_ini="[pytest]\npython_functions = none_*\n", setup_cfg="[other]\n", a__test_a_py="def test_it(): pass\n",
            b__pytest_ini="", b__c__test_b_py="def test_it(): pass\n", b__c__setup_cfg="[tool]\n")
    assert empty_tests(tmp_path) == ["b/c/test_b.py:test_it"]


def test_the_project_says_which_files_are_tests(tmp_path):
    project(tmp_path, pytest_ini="[pytest]\npython_files = check_*.py\n", check_a_py="def test_it(): pass\n",
            test_a_py="def test_it(): pass\n")
    assert empty_tests(tmp_path) == ["check_a.py:test_it"]


def compare(root, rows, *options):
    findings = root.with_suffix(".tsv")
    findings.write_text("".join(row.tsv() + "\n" for row in rows))
    return subprocess.run([sys.executable, HERE / "compare", "--tsv", findings, *options, root], stdout=subprocess.PIPE, text=True)


def test_the_comparison_refuses_a_missed_and_an_invented_finding(tmp_path):
    (tmp_path / "a").mkdir()
    found = found_in(tmp_path / "a", "skips")
    sure = [row for row in found if not row.neutral]
    skip = next(row for row in sure if row.kind == "skip")
    assert compare(tmp_path / "a", [row._replace(neutral=False) for row in found]).returncode == 0
    missed = compare(tmp_path / "a", [row for row in sure if row != skip])
    assert missed.returncode == 1 and f"missed\tskip\t{tmp_path}/a/{skip.file}:{skip.line}" in missed.stdout
    extra = compare(tmp_path / "a", [*sure, skip._replace(line=2)])
    assert extra.returncode == 1 and "bounds missed: skip" in extra.stdout
