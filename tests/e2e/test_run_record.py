"""What a run's record says of the sources as a whole: which commit they are, and whether they differ from it."""
import json

from program import open_project  # noqa: F401

MANIFEST = "category: one\nreal_services: none\nsuites:\n  - {name: all, run: [/bin/true], format: exit}\n"


def recorded(project):
    code, *_ = project.call("--category", "one")
    run = json.loads(project.read(".utr/last/report.json"))["run"]
    return code, run["commit"], run["dirty"]


def test_a_run_says_which_commit_it_was(open_project):
    open_project.write("categories/one.yaml", MANIFEST)
    assert recorded(open_project) == (0, None, False)
    open_project.commit()
    commit = open_project.read(".git/refs/heads/main").strip()
    assert recorded(open_project) == (0, commit, False)
    open_project.write("categories/one.yaml", MANIFEST + "minimum_tests: 1\n")
    assert recorded(open_project) == (0, commit, True)
