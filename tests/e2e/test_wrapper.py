"""The wrapper, around a program of one file in place of the real one: what it adds is the same, and built in a second."""
import os
import shutil
import signal
import statistics
import subprocess
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
MOST_ADDED_SECONDS = 0.050
NOBODY = 65534
# What some other make than Debian's may provide here (scripts/build.sh): then it is not missing.
OTHER_MAKES = {"docker.io", "nodejs", "npm"}

PROGRAM = """#include <stdio.h>
#include <string.h>
#include <unistd.h>
int main(int argc, char **argv)
{
    for (int i = 1; i < argc; i++)
        printf("<%s>", argv[i]);
    printf("pid %d\\n", (int)getpid());
    fflush(stdout);
    if (argc > 1 && strcmp(argv[1], "wait") == 0)
        pause();
    return argc > 1 && strcmp(argv[1], "seven") == 0 ? 7 : 0;
}
"""
PRESETS = """{"version": 3, "configurePresets": [{"name": "release", "generator": "Ninja",
 "binaryDir": "${sourceDir}/build/release"}]}"""
CMAKE = """cmake_minimum_required(VERSION 3.25)
project(small C)
add_subdirectory(runner)
"""


@pytest.fixture
def tree(tmp_path):
    tree = tmp_path / "a tree"
    (tree / "runner").mkdir(parents=True)
    shutil.copy(ROOT / "unified_test_runner", tree)
    shutil.copytree(ROOT / "scripts", tree / "scripts")
    (tree / "CMakeLists.txt").write_text(CMAKE)
    (tree / "CMakePresets.json").write_text(PRESETS)
    (tree / "runner/CMakeLists.txt").write_text("add_executable(unified_test_runner main.c)\n")
    (tree / "runner/main.c").write_text(PROGRAM)
    return tree


def call(tree, *arguments, **options):
    done = subprocess.run([str(tree / "unified_test_runner"), *arguments], text=True, stdin=subprocess.DEVNULL,
                          capture_output=True, timeout=120, **options)
    return done.returncode, done.stdout, done.stderr


def touch_later(path, text):
    time.sleep(0.02)  # newer than the stamp on any file system in use
    path.write_text(text)


def test_the_first_call_builds_and_hands_over_arguments_and_exit_code(tree):
    code, output, said = call(tree, "seven", "two words", "")
    assert code == 7 and output.startswith("<seven><two words><>")
    assert said.count("building") == 1 and "built in" in said


def test_a_second_call_adds_at_most_50_ms(tree):
    call(tree)
    wrapper, program = [], []
    for _ in range(11):
        for command, times in ((tree / "unified_test_runner", wrapper), (tree / "build/release/runner/unified_test_runner", program)):
            began = time.monotonic()
            subprocess.run([str(command)], check=True, stdout=subprocess.DEVNULL)
            times.append(time.monotonic() - began)
    added = statistics.median(wrapper) - statistics.median(program)
    assert added <= MOST_ADDED_SECONDS, f"{added * 1000:.0f} ms"
    assert call(tree)[2] == ""


def test_a_changed_source_is_built_before_it_runs(tree):
    call(tree)
    touch_later(tree / "runner/main.c", "int main(void)\n{\n    return 9;\n}\n")
    assert call(tree)[0] == 9


def test_a_failed_build_shows_the_compiler_and_does_not_run_the_old_program(tree):
    call(tree)
    touch_later(tree / "runner/main.c", "int main(void)\n{\n    return nine;\n}\n")
    for _ in range(2):
        code, output, said = call(tree)
        assert code == 5 and output == ""
        assert "main.c:3" in said and "nine" in said and "Preset CMake" not in said
    touch_later(tree / "runner/main.c", PROGRAM)
    assert call(tree)[0] == 0


def test_two_calls_at_once_build_once(tree):
    calls = [subprocess.Popen([str(tree / "unified_test_runner"), "seven"], text=True, stdin=subprocess.DEVNULL,
                              stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) for _ in range(3)]
    said = [one.communicate(timeout=120)[1] for one in calls]
    assert [one.returncode for one in calls] == [7, 7, 7]
    assert "".join(said).count("built in") == 1


def test_a_tree_that_was_moved_is_built_where_it_is(tree):
    call(tree)
    there = tree.parent / "there"
    tree.rename(there)
    code, _, said = call(there, "seven")
    assert code == 7 and "built in" in said


@pytest.mark.parametrize("spelling", ["./unified_test_runner", "../a tree/unified_test_runner", "runner/../unified_test_runner"])
def test_any_path_to_it_is_the_same_tree(tree, spelling):
    call(tree)
    done = subprocess.run([spelling], cwd=tree, capture_output=True, text=True, check=True)
    assert done.stderr == ""


def test_a_link_to_it_runs_the_tree_that_it_points_to(tree, tmp_path):
    (tmp_path / "utr").symlink_to(tree / "unified_test_runner")
    done = subprocess.run([str(tmp_path / "utr"), "seven"], capture_output=True, text=True)
    assert done.returncode == 7


def test_the_program_takes_the_wrappers_place_and_its_signals(tree):
    call(tree)
    with subprocess.Popen([str(tree / "unified_test_runner"), "wait"], text=True, stdout=subprocess.PIPE) as process:
        assert process.stdout.readline() == f"<wait>pid {process.pid}\n"
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=10) == -signal.SIGTERM


def without_packages(folder):
    """A PATH on which dpkg knows no package, and sudo wants a password."""
    folder.mkdir()
    for name, body in (("dpkg-query", "exit 1"), ("sudo", "exit 1")):
        (folder / name).write_text(f"#!/bin/sh\n{body}\n")
        (folder / name).chmod(0o755)
    return {**os.environ, "PATH": f"{folder}:{os.environ['PATH']}"}


def give_away(tree):
    """Hand the tree to a user who is not root. @return what runs a command as that user"""
    if os.geteuid() != 0:
        return {}
    for folder in tree.parents:
        if "pytest" in str(folder):
            folder.chmod(0o755)
    for path in [tree, *tree.rglob("*")]:
        os.chown(path, NOBODY, NOBODY)
    return {"user": NOBODY, "group": NOBODY}


def test_missing_packages_are_named_with_the_command_where_they_cannot_be_installed(tree, tmp_path):
    environment = without_packages(tmp_path / "bin")
    code, output, said = call(tree, env=environment, **give_away(tree))
    assert code == 4 and output == ""
    assert "sudo apt-get update && sudo apt-get install -y --no-install-recommends " in said
    for name in (ROOT / "scripts/packages.run").read_text().split():
        assert name in said.split() or name in OTHER_MAKES
