"""The command `gate` over real repositories: what it prints, how it ends, and the hook that its page shows."""
import json
import os
import re
import subprocess
from pathlib import Path

import pytest

HOME = Path(__file__).resolve().parents[2]
RUNNER = os.environ["UTR_RUNNER"]
TESTS = "def test_a():\n    assert one(1)\n\n\ndef test_b():\n    assert two(2)\n"
MANIFEST = """category: one
real_services: none
suites:
  - {name: s, run: [x], format: exit}
minimum_tests: 5
"""


class Repository:
    def __init__(self, path):
        self.path = path
        path.mkdir()
        self.git("init", "-q", "-b", "main")
        self.write("tests/test_x.py", TESTS)
        self.write("categories/one.yaml", MANIFEST)
        self.commit("the first")
        self.git("checkout", "-q", "-b", "side")

    def git(self, *words):
        return subprocess.run(["git", "-c", "user.name=Ada", "-c", "user.email=ada@example.org", *words], cwd=self.path,
                              check=True, capture_output=True, text=True).stdout

    def write(self, name, text):
        (self.path / name).parent.mkdir(parents=True, exist_ok=True)
        (self.path / name).write_text(text)

    def commit(self, message):
        self.git("add", "-A")
        self.git("commit", "-qm", message)

    def gate(self, *words, cwd=None):
        return subprocess.run([RUNNER, "gate", *words], cwd=cwd or self.path, capture_output=True, text=True, timeout=60)

    def rows(self, *words):
        done = self.gate("--base", "main", "--format", "tsv", *words)
        return done.returncode, [line.split("\t") for line in done.stdout.splitlines()]


@pytest.fixture
def repository(tmp_path):
    return Repository(tmp_path / "r")


def test_an_unchanged_branch_passes_with_one_line(repository):
    done = repository.gate("--base", "main")
    assert done.returncode == 0, done.stderr
    assert re.fullmatch(r"nothing was weakened since main \(\w{12}\): 0 files changed.*\n", done.stdout)


def test_a_removed_test_is_refused_with_who_did_it(repository):
    repository.write("tests/test_x.py", TESTS[:TESTS.index("\n\n\ndef test_b")] + "\n")
    repository.commit("less to wait for")
    repository.write("tests/test_y.py", "def test_y():\n    assert y()\n")
    repository.commit("more")
    done = repository.gate("--base", "main")
    assert done.returncode == 3
    assert "tests/test_x.py:5:1: refuse: test-removed (test_b)" in done.stdout
    commit = repository.git("rev-parse", "HEAD~1").strip()
    assert re.search(rf"since {commit[:12]}, Ada, \d{{4}}-\d\d-\d\d: less to wait for", done.stdout)
    assert "REFUSED: 1 weakening since main" in done.stdout


def test_what_is_not_committed_is_told_so(repository):
    repository.write("categories/one.yaml", MANIFEST.replace("5", "2"))
    done = repository.gate("--base", "main")
    assert done.returncode == 3
    assert "minimum_tests fell from 5 to 2" in done.stdout and "not committed yet" in done.stdout


def test_rows_say_all_that_text_does(repository):
    repository.write("tests/test_x.py", TESTS + "\n\n@pytest.mark.skip\ndef test_c():\n    assert 1\n")
    repository.commit("skip")
    code, rows = repository.rows()
    assert code == 3
    assert [row[:6] for row in rows] == [["newly-skipped", "-", "tests/test_x.py", "9", "test_c", "refuse"]]
    assert rows[0][6] == repository.git("rev-parse", "HEAD").strip() and rows[0][7] == "Ada"


def test_json_and_annotations_carry_it_too(repository):
    repository.write("categories/one.yaml", MANIFEST.replace("5", "2"))
    report = json.loads(repository.gate("--base", "main", "--format", "json").stdout)
    assert report["exit_code"] == 3
    assert report["findings"][0]["kind"] == "minimum-tests-lowered"
    assert report["findings"][0]["message"] == "minimum_tests fell from 5 to 2"
    done = repository.gate("--base", "main", "--format", "github")
    assert done.stdout.startswith("::error file=categories/one.yaml,line=5,")
    assert json.loads(repository.gate("--base", "main", "--format", "sarif").stdout)["runs"][0]["results"]


def test_moves_and_renames_pass(repository):
    repository.git("mv", "tests/test_x.py", "tests/test_z.py")
    repository.write("tests/test_z.py", TESTS.replace("test_b", "test_better"))
    repository.git("mv", "categories/one.yaml", "categories/first.yaml")
    repository.commit("tidy")
    assert repository.gate("--base", "main").returncode == 0


def test_a_warning_alone_passes(repository):
    repository.write("tests/test_new.py", "from unittest import mock\n\n\ndef test_n():\n    assert n(mock)\n")
    done = repository.gate("--base", "main")
    assert done.returncode == 0 and "warn: mock-added" in done.stdout and "1 warning" in done.stdout


def test_a_root_below_the_top_sees_its_own_files_and_all_of_ci(tmp_path):
    repository = Repository(tmp_path / "r")
    repository.write("sub/tests/test_s.py", TESTS)
    repository.write(".github/workflows/ci.yml", "jobs: {t: {steps: [{run: ./unified_test_runner --category one}]}}\n")
    repository.commit("a project below")
    repository.git("branch", "-f", "main")
    repository.write("tests/test_x.py", "")
    repository.write("sub/tests/test_s.py", TESTS[:TESTS.index("\n\n\ndef test_b")] + "\n")
    repository.write(".github/workflows/ci.yml", "jobs: {}\n")
    code, rows = repository.rows("--root", "sub")
    assert code == 3
    assert [(row[0], row[2]) for row in rows] == [("ci-removed", "../.github/workflows/ci.yml"),
                                                  ("test-removed", "tests/test_s.py")]


def test_a_bare_clone_is_compared_by_its_head(repository, tmp_path):
    repository.write("tests/test_x.py", "")
    repository.commit("all gone")
    subprocess.run(["git", "clone", "-q", "--bare", repository.path, tmp_path / "b.git"], check=True)
    done = repository.gate("--base", "main", cwd=tmp_path / "b.git")
    assert done.returncode == 3 and done.stdout.count("test-removed") == 2, done.stderr


def test_a_shallow_clone_says_how_to_deepen_and_passes_then(repository, tmp_path):
    for i in range(3):
        repository.write("other", str(i))
        repository.commit(str(i))
    clone = tmp_path / "c"
    subprocess.run(["git", "clone", "-q", "--depth=1", "--no-single-branch", f"file://{repository.path}", clone], check=True)
    done = repository.gate("--base", "main", cwd=clone)
    assert done.returncode == 2 and "git fetch --deepen=100" in done.stderr
    subprocess.run(["git", "fetch", "-q", "--deepen=100"], cwd=clone, check=True)
    done = repository.gate("--base", "main", cwd=clone)
    assert done.returncode == 0 and "since origin/main" in done.stdout


@pytest.mark.parametrize(("words", "says"), [
    ([], "give --base REF"),
    (["--base"], "--base wants a value"),
    (["--base", "mian"], "did you mean 'main'?"),
    (["--base", ""], "--base"),
    (["--base", "main", "extra"], "gate takes no 'extra'"),
    (["--base", "main", "--format", "xml"], "--format 'xml'"),
    (["--base", "main", "--root", "/nonexistent"], "/nonexistent"),
    (["--base", "main", "--root", "/"], "no git repository"),
])
def test_misuse_ends_with_2_and_says_what_to_do(repository, words, says):
    done = repository.gate(*words)
    assert done.returncode == 2 and says in done.stderr, done.stderr
    assert not done.stdout


def test_the_hook_of_the_page_holds_a_push_back(repository, tmp_path):
    hook = re.search(r"```sh\n(#!/bin/sh.*?)```", (HOME / "docs/gate.md").read_text(), re.S)[1]
    repository.write("unified_test_runner", f'#!/bin/sh\nexec {RUNNER} "$@"\n')
    repository.write(".git/hooks/pre-push", hook)
    for name in ("unified_test_runner", ".git/hooks/pre-push"):
        (repository.path / name).chmod(0o755)
    repository.commit("the runner")
    subprocess.run(["git", "init", "-q", "--bare", tmp_path / "remote.git"], check=True)
    repository.git("remote", "add", "origin", str(tmp_path / "remote.git"))
    repository.git("push", "-q", "origin", "side")
    repository.write("tests/test_x.py", "")
    repository.commit("all gone")
    with pytest.raises(subprocess.CalledProcessError) as pushed:
        repository.git("push", "-q", "origin", "side")
    assert "test-removed" in pushed.value.stdout + pushed.value.stderr
