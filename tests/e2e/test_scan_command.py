"""`scan` as it is typed: formats, levels, waivers, exit codes, and what it says of a misuse."""
import json
import os
import subprocess

import pytest
from program import PROGRAM, Project, open_project  # noqa: F401

NOBODY = 65534

ORDERS = """import pytest


# @pytest.mark.slow  # TEMPORARILY DISABLED
def test_order():
    assert 1 + 1 == 2


@pytest.mark.skip
def test_price():
    assert 2 + 2 == 4


@pytest.mark.skipif("sys.platform == 'win32'", reason="posix")
def test_path():
    assert 3 + 3 == 6
"""
MANIFEST = """category: one
real_services: none
suites:
  - {name: orders, run: [pytest], format: pytest, sources: [tests]}
"""
ROWS = ("disabled-decorator\tpytest.mark.slow\ttests/test_orders.py\t4\ttest_order\n"
        "skip\tdecorator/pytest.mark.skip/uncond\ttests/test_orders.py\t9\ttest_price\n"
        "skip\tdecorator/pytest.mark.skipif/cond\ttests/test_orders.py\t14\ttest_path\n")


@pytest.fixture
def project(open_project):
    project = open_project
    project.write("tests/test_orders.py", ORDERS)
    return project


def waiver(test, rule, expires):
    return f'waivers:\n  - {{test: "{test}", rule: {rule}, reason: why, owner: max, expires: {expires}}}\n'


def test_findings_refuse_with_the_line_a_mark_and_what_to_do(project):
    code, out, err = project.call("scan")
    assert (code, err) == (3, "")
    assert ("tests/test_orders.py:4:3: refuse: disabled-decorator/pytest.mark.slow (test_order)\n"
            "    4 | # @pytest.mark.slow  # TEMPORARILY DISABLED\n"
            "      |   ^^^^^^^^^^^^^^^^^\n"
            "      = switch it back on (`restore` shows how), or delete it\n") in out
    assert "tests/test_orders.py:14:2: warn: skip/decorator/pytest.mark.skipif/cond (test_path)" in out
    assert out.endswith("2 refused, 1 warning, 0 excused: 1 disabled-decorator, 2 skip; 1 file read, 0 of them from the cache\n")


def test_tsv_is_five_columns_whether_cached_or_not(project):
    assert project.call("scan", "--format", "tsv") == (3, ROWS, "")
    assert project.call("scan", "--format", "tsv") == (3, ROWS, "")
    assert json.loads(project.call("scan", "--format", "json")[1])["totals"]["cached"] == 1
    assert project.read(".utr/.gitignore") == "*\n"


def test_one_folder_elsewhere_is_a_root_of_its_own(project, tmp_path_factory):
    elsewhere = Project(tmp_path_factory.mktemp("elsewhere"))
    assert elsewhere.call("scan", "--format", "tsv", project.root) == (3, ROWS, "")
    assert elsewhere.call("scan", "--format", "tsv", project.root, project.root / "tests")[1].count(str(project.root)) == 3
    assert (project.root / ".utr/scan.db").exists()
    (elsewhere.root / "copy").symlink_to(project.root)
    assert elsewhere.call("scan", "--format", "tsv", "copy") == (3, ROWS, "")


def test_a_path_and_a_root_choose_what_is_read(project, tmp_path_factory):
    project.write("other/test_more.py", "def test_x():\n    pass\n")
    code, out, _ = project.call("scan", "--format", "tsv", "other")
    assert (code, out) == (0, "empty-test\tpass\tother/test_more.py\t1\ttest_x\n")
    elsewhere = Project(tmp_path_factory.mktemp("elsewhere"))
    assert elsewhere.call("scan", "--format", "tsv", "--root", project.root / "tests")[1] == ROWS.replace("tests/", "")
    assert not (elsewhere.root / ".utr").exists()


def test_json_and_sarif_are_read_by_programs(project):
    report = json.loads(project.call("scan", "--format", "json")[1])
    assert (report["exit_code"], report["totals"]["refused"]) == (3, 2)
    run = json.loads(project.call("scan", "--format", "sarif")[1])["runs"][0]
    assert [result["ruleId"] for result in run["results"]] == ["disabled-decorator", "skip", "skip"]
    assert run["invocations"][0]["exitCode"] == 3


def test_github_annotations_stand_at_their_lines(project):
    code, out, _ = project.call("scan", "--format", "github")
    assert code == 3
    assert out.splitlines()[0].startswith(
        "::error file=tests/test_orders.py,line=4,col=3,endColumn=20,title=disabled-decorator/pytest.mark.slow::")


def test_a_manifest_waives_until_its_date(project):
    project.write("categories/one.yaml", MANIFEST + waiver("tests/test_orders.py::test_price", "skipped", "2999-12-31"))
    code, out, _ = project.call("scan")
    assert code == 3 and "1 refused, 1 warning, 1 excused" in out
    assert "waived until 2999-12-31 (" in out and "max): why" in out
    project.write("categories/one.yaml", MANIFEST + waiver("*::test_path", "skipped", "2020-01-31"))
    code, out, _ = project.call("scan")
    assert code == 3 and "3 refused" in out
    assert "its excuse has expired, remove or renew it: waived until 2020-01-31" in out


def test_a_comment_allows_in_the_open(project):
    project.write("tests/test_orders.py", "import pytest\n\n\n"
                  "@pytest.mark.skip  # utr: allow(skip) no licence yet, max, until 2999-12-31\n"
                  "def test_price():\n    assert 1 == 1\n")
    code, out, _ = project.call("scan")
    assert code == 0 and "none refused, 0 warnings, 1 excused" in out
    suppressed = json.loads(project.call("scan", "--format", "sarif")[1])["runs"][0]["results"][0]["suppressions"]
    assert suppressed[0]["kind"] == "inSource"


def test_an_excuse_without_an_owner_is_none(project):
    project.write("tests/test_orders.py", "import pytest\n\n\n@pytest.mark.skipif(x)  # utr: allow(skip) just so\n"
                  "def test_price():\n    assert 1 == 1\n")
    code, _, err = project.call("scan", "--format", "tsv")
    assert code == 2 and "tests/test_orders.py:4" in err


def test_a_manifest_names_modules_that_are_mocks(project):
    project.write("tests/test_orders.py", "import acme.fakes.redis\n\n\ndef test_a():\n    assert acme\n")
    assert project.call("scan", "--format", "tsv") == (0, "", "")
    project.write("categories/one.yaml", MANIFEST + "mocks: [acme.fakes]\n")
    assert project.call("scan", "--format", "tsv")[1] == "mock\timport/acme.fakes.redis\ttests/test_orders.py\t1\t-\n"


def test_every_fault_of_the_manifests_is_told_at_once(project):
    project.write("categories/one.yaml", MANIFEST + "colour: red\nmocks: acme\n")
    code, out, err = project.call("scan")
    assert (code, out) == (2, "")
    assert "categories/one.yaml:5:1: " in err and "categories/one.yaml:6:" in err


def test_blame_tells_who_wrote_the_line(project):
    project.commit("ci: make it green")
    project.write("tests/test_orders.py", ORDERS + "\n\n@pytest.mark.skip\ndef test_new():\n    assert 1 == 1\n")
    out = project.call("scan", "--blame")[1]
    assert ", Ada, 20" in out and ": ci: make it green\n" in out
    assert "= not committed yet" in out
    assert json.loads(project.call("scan", "--blame", "--format", "json")[1])["findings"][0]["blame"]["author"] == "Ada"


def test_blame_without_git_says_so(tmp_path):
    project = Project(tmp_path)
    project.write("test_a.py", ORDERS)
    code, _, err = project.call("scan", "--blame")
    assert code == 2 and "no git repository" in err


def test_a_path_that_is_not_there_is_a_usage_error(project):
    code, out, err = project.call("scan", "tsets")
    assert (code, out) == (2, "")
    assert "tsets" in err
    assert project.call("scan", "--root", "nowhere")[0] == 2


def test_a_file_of_no_known_language_is_a_usage_error(project):
    project.write("notes", "def test_a(): pass\n")
    code, _, err = project.call("scan", "notes")
    assert code == 2 and "notes" in err


LATE = "# @slow\ndef close():\n    import socket\n"


def test_imports_are_looked_for_in_sources_without_tests_too(project):
    project.write("src/help.py", LATE)
    project.write("src/top.py", "import socket\n\n\n# @slow\ndef test_a():\n    pass\n")
    row = "dynamic-import\timport\tsrc/help.py\t3\tclose\n"
    assert project.call("scan", "--format", "tsv") == (3, row + ROWS, "")
    assert project.call("scan", "--format", "tsv") == (3, row + ROWS, "")
    assert project.call("scan")[1].endswith("1 file read, 1 of them from the cache, 2 other sources searched for imports\n")
    assert json.loads(project.call("scan", "--format", "json")[1])["totals"]["others"] == 2
    code, out, err = project.call("scan", "--format", "tsv", "src")
    assert (code, out) == (0, row) and "there is no file of tests here" in err
    assert "disabled-decorator" in project.call("scan", "--format", "tsv", "src/help.py")[1]


def test_an_import_in_a_source_without_tests_has_its_suites_level(project):
    project.write("src/help.py", LATE)
    project.write("categories/one.yaml", MANIFEST.replace("[tests]", "[tests, src]") + "rules: {dynamic-import: refuse}\n")
    assert "src/help.py:3:5: refuse: dynamic-import/import (close)" in project.call("scan")[1]
    allow = "  # utr: allow(dynamic-import) no sooner, max, until 2999-12-31"
    project.write("src/help.py", LATE.replace("socket", "socket" + allow))
    assert "2 refused, 1 warning, 1 excused" in project.call("scan")[1]


def test_a_folder_without_tests_says_that_nothing_was_read(project):
    project.write("empty/readme.txt", "nothing")
    code, out, err = project.call("scan", "empty")
    assert code == 0 and "0 files read" in out
    assert "nothing to scan" in err


def test_an_unknown_format_names_the_nearest(project):
    assert project.call("scan", "--format", "sarfi") == (
        2, "", "unified_test_runner: --format 'sarfi': did you mean sarif?\n")
    assert "give text, tsv, json, github or sarif" in project.call("scan", "--format", "xml")[2]


def test_files_that_cannot_be_read_are_told(project):
    project.write("tests/test_broken.py", "def test_z(x y):\n    pass\n# @x\ndef test_b(): pass\n")
    project.write("tests/test_binary.py", b"\0\1\2" * 100)
    code, out, err = project.call("scan", "--format", "tsv")
    assert code == 3 and "disabled-decorator\tx\ttests/test_broken.py\t3\t" in out
    assert "tests/test_broken.py: syntax errors" in err and "tests/test_binary.py: binary" in err
    states = {file["file"]: file["state"] for file in json.loads(project.call("scan", "--format", "json")[1])["files"]}
    assert states == {"tests/test_broken.py": "syntax errors", "tests/test_binary.py": "binary"}


@pytest.mark.parametrize("broken", ["folder", "file"])
def test_what_may_not_be_read_is_told(project, broken):
    hidden = project.write("tests/deep/test_hidden.py", ORDERS)
    (hidden if broken == "file" else hidden.parent).chmod(0)
    options = {"user": NOBODY, "group": NOBODY} if os.getuid() == 0 else {}
    code, out, err = project.call("scan", "--format", "tsv", **options)
    (hidden if broken == "file" else hidden.parent).chmod(0o755)
    assert (code, out) == (3, ROWS)
    assert "tests/deep" in err and "unreadable" in err


def test_a_root_that_cannot_be_written_is_scanned_without_a_cache(project):
    project.root.chmod(0o555)
    options = {"user": NOBODY, "group": NOBODY} if os.getuid() == 0 else {}
    code, out, err = project.call("scan", "--format", "tsv", **options)
    project.root.chmod(0o755)
    assert (code, out) == (3, ROWS)
    assert "no cache" in err


def test_a_reader_that_leaves_ends_it_quietly(project):
    project.write("tests/test_many.py", "import pytest\n" + "@pytest.mark.skip\ndef test_a():\n    pass\n" * 5000)
    with subprocess.Popen([PROGRAM, "scan"], cwd=project.root, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as scan:
        assert scan.stdout.readline()
        scan.stdout.close()
        assert scan.stderr.read() == b""
        assert scan.wait(60) != 0


def test_a_full_disk_is_no_success(project):
    with open("/dev/full", "wb") as full:
        done = subprocess.run([PROGRAM, "scan", "--format", "json"], cwd=project.root, stdout=full, stderr=subprocess.PIPE)
    assert done.returncode == 4 and b"No space left" in done.stderr
