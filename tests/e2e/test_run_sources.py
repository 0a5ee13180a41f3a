"""Which sources a run reads for a suite, and what it says of those that it cannot read."""
import json
import os

import pytest
from program import open_project  # noqa: F401

NOBODY = 65534
PYTHON = "# @slow\ndef test_a():\n    assert 1 + 1 == 2\n"
GO = 'package a\n\nimport "testing"\n\n// func TestB(t *testing.T) {\n\nfunc TestA(t *testing.T) { t.Fatal("x") }\n'


@pytest.fixture
def project(open_project):
    project = open_project
    project.write("tests/test_a.py", PYTHON)
    project.write("tests/deep/test_b.py", PYTHON)
    project.write("other/test_c.py", PYTHON)
    return project


def run(project, command, more="", **options):
    """Run one suite whose command is the words. @return the exit code, and the facts of the journal"""
    words = json.dumps(command.split())
    project.write("categories/one.yaml", "category: one\nreal_services: none\nsuites:\n"
                  f"  - {{name: all, run: {words}, format: exit{more}}}\n")
    code, *_ = project.call("--category", "one", **options)
    return code, [json.loads(line) for line in project.read(".utr/last/journal.jsonl").splitlines()]


def files(facts):
    return sorted({fact["file"] for fact in facts if fact["kind"] == "finding"})


@pytest.mark.parametrize("argument, found", [
    ("tests/test_a.py", ["tests/test_a.py"]),
    ("tests/test_a.py::test_a", ["tests/test_a.py"]),
    ("tests", ["tests/deep/test_b.py", "tests/test_a.py"]),
    ("tests/deep/...", ["tests/deep/test_b.py"]),
    ("-tests", []),
    ("tests/test_none.py", []),
    ("--verbose tests/deep other", ["other/test_c.py", "tests/deep/test_b.py"]),
])
def test_a_suite_without_sources_shows_what_its_command_names(project, argument, found):
    code, facts = run(project, f"/bin/true {argument}")
    assert files(facts) == found
    assert code == (3 if found else 0)


def test_all_packages_of_go_are_its_folders(project):
    project.write("a/a_test.go", GO)
    assert files(run(project, "/bin/true ./...")[1]) == ["a/a_test.go", "other/test_c.py", "tests/deep/test_b.py",
                                                        "tests/test_a.py"]


def test_the_program_itself_is_no_source(project):
    project.write("check.py", "#!/usr/bin/python3\n" + PYTHON).chmod(0o755)
    assert files(run(project, "./check.py")[1]) == []
    assert files(run(project, "/usr/bin/python3 check.py")[1]) == ["check.py"]


def test_sources_that_a_suite_names_are_all_that_is_read(project):
    assert files(run(project, "/bin/true tests", ", sources: [other]")[1]) == ["other/test_c.py"]


def test_paths_start_where_the_suite_does(project):
    assert files(run(project, "/bin/true deep", ", directory: tests")[1]) == ["tests/deep/test_b.py"]


@pytest.mark.parametrize("hidden", ["tests/deep/test_b.py", "tests/deep"])
def test_sources_that_cannot_be_read_are_told(project, hidden):
    (project.root / hidden).chmod(0)
    user = {"user": NOBODY, "group": NOBODY} if os.getuid() == 0 else {}
    _, facts = run(project, "/bin/true tests", **user)
    (project.root / hidden).chmod(0o755)
    assert files(facts) == ["tests/test_a.py"]
    notes = [fact["text"] for fact in facts if fact["kind"] == "note"]
    assert [note for note in notes if note.startswith(f"{hidden}: unreadable")], notes


def test_a_thousand_findings_of_a_kind_are_told_and_hide_none_of_another(project):
    project.write("tests/a/test_many.py", "import mock\n" * 1200)
    _, facts = run(project, "/bin/true tests")
    rules = [fact["rule"] for fact in facts if fact["kind"] == "finding"]
    assert rules.count("mock") == 1000 and rules.count("disabled-decorator") == 2
    assert [fact for fact in facts if fact["kind"] == "note" and "1200 findings in its sources are mock" in fact["text"]]


def test_a_late_import_in_a_source_without_tests_is_a_warning_of_the_suite(project):
    project.write("src/help.py", "# @slow\ndef close():\n    import socket\n")
    code, facts = run(project, "/bin/true", ", sources: [src]")
    found = [(fact["rule"], fact["file"], fact["line"], fact["test"]) for fact in facts if fact["kind"] == "finding"]
    assert (code, found) == (0, [("dynamic-import", "src/help.py", 3, "close")])
