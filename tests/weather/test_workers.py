"""Suites that run as several processes: one a test."""

import json
import signal
import time

import pytest

import weather

NAMES = ["one", "two", "three", "four"]


def each(project, test, listing="printf '%s\\n' " + " ".join(NAMES), workers=3, **keys):
    """A suite `each` whose tests are `test` with the name as $1."""
    project.script("list.sh", "#!/bin/bash\n" + listing + "\n")
    project.script("test.sh", "#!/bin/bash\n" + test + "\n")
    project.suites.append({"name": "each", "list": ["./list.sh"], "select": ["./test.sh", "{test}"], "format": "exit",
                           "timeout": "30s", "workers": workers, **keys})
    return project


def log(project):
    return (project.root / f".utr/last/logs/{project.name}.each.log").read_text()


def states(run):
    return {test["id"]: test["verdict"] for test in run.report()["suites"][0]["tests"]}


def test_each_test_has_a_process_and_evidence_of_its_own(project):
    each(project, '[[ $1 == three ]] || ./talk')
    run = project.run("--workers", "4").expect(3, "three", "no-evidence")
    assert states(run) == {"one": "proven", "two": "proven", "three": "unproven", "four": "proven"}


def test_a_test_that_fails_is_that_test(project):
    each(project, './talk; [[ $1 != two ]]')
    run = project.run("--workers", "2").expect(1, "two", "exit code 1")
    assert states(run)["two"] == "failed" and states(run)["four"] == "proven"


def test_as_many_at_once_as_workers_and_no_more(project):
    each(project, './talk; touch "running.$1"; ls running.* | wc -l >>most; sleep 0.7; rm "running.$1"', workers=2)
    project.run("--workers", "4").expect(0)
    assert max(int(line) for line in (project.root / "most").read_text().split()) == 2


def test_the_pattern_picks_tests(project):
    each(project, "./talk")
    assert sorted(states(project.run("--pattern", "t*").expect(0))) == ["three", "two"]


def test_their_output_never_interleaves(project):
    each(project, './talk; for i in {1..20}; do echo "$1 says $i"; sleep 0.01; done', workers=4)
    project.run("--workers", "4").expect(0)
    blocks = log(project).split("== ")[1:]
    assert sorted(block.split()[0] for block in blocks) == sorted(NAMES)
    for block in blocks:
        name = block.split()[0]
        assert [line for line in block.splitlines()[1:] if line] == [f"{name} says {i}" for i in range(1, 21)]
    assert not list((project.root / ".utr/last/logs").glob("*.each.log.*"))


def test_the_names_are_what_the_list_command_says_on_its_standard_output(project):
    each(project, "./talk", listing="echo warning: deprecated >&2; printf 'a b\\r\\n\\n'; printf 'c'")
    assert sorted(states(project.run().expect(0))) == ["a b", "c"]
    assert "warning: deprecated" in log(project)


FAILING_LISTS = {
    "exits": ("echo one; echo cannot link >&2; exit 3", "exited with code 3"),
    "crashes": ("echo one; kill -SEGV $$", "signal 11"),
    "silent": ("true", "no name of a test"),
    "twice": ("echo one; echo one", "'one' twice"),
    "endless": ("yes | tr -d '\\n'", "more than 4194304 bytes"),
    "long": ("head -c 5000 /dev/zero | tr '\\0' x", "a name of 5000 bytes"),
    "binary": ("printf 'a\\xff'", "not UTF-8"),
    "nul": ("printf 'a\\0b'", "a NUL byte"),
}


def test_list_commands_that_fail(project):
    for name, (listing, _) in FAILING_LISTS.items():
        project.script(name + ".sh", "#!/bin/bash\n" + listing + "\n")
        project.suites.append({"name": name, "list": [f"./{name}.sh"], "select": ["touch", "ran", "{test}"], "format": "exit"})
    run = project.run("--workers", "3").expect(4)
    for name, (_, words) in FAILING_LISTS.items():
        run.expect(4, f"list `./{name}.sh`", words)
    assert not project.has_file("ran")


def test_a_list_command_that_hangs(project):
    each(project, "./talk", listing="sleep 300 & sleep 300", timeout="1s")
    run = project.run().expect(4, "each", "list", "did not end within")
    assert run.seconds < 20


def test_a_list_command_that_is_not_there(project):
    each(project, "./talk")
    (project.root / "list.sh").unlink()
    run = project.run()
    assert run.code in (1, 4), run.out
    run.expect(run.code, "each", "list.sh", "not found")


def test_a_test_that_hangs_is_ended_alone(project):
    each(project, './talk; [[ $1 != two ]] || { sleep 300 & sleep 300; }', timeout="2s")
    run = project.run("--workers", "4").expect(1, "two", "deadline")
    assert states(run) == {"one": "proven", "two": "failed", "three": "proven", "four": "proven"}
    assert run.seconds < 20


def test_a_test_that_crashes_takes_no_other_with_it(project):
    each(project, './talk; [[ $1 != two ]] || kill -SEGV $$')
    run = project.run("--workers", "2").expect(1, "two", "signal 11")
    assert states(run)["four"] == "proven"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interruption_ends_all_of_them(project, number):
    each(project, './talk; touch "reached.$1"; sleep 300')
    run = project.start("--workers", "4")
    weather.wait_for(lambda: len(list(project.root.glob("reached.*"))) == 3, weather.RUN_SECONDS, "three of them run")
    run.signal(number)
    run.end().expect(130)
    assert run.since_signal() < 15
    assert not (project.root / "reached.four").exists()


def test_an_interruption_while_the_tests_are_listed(project):
    each(project, "./talk", listing="touch listing; sleep 300")
    run = project.start()
    project.await_file("listing")
    run.signal(signal.SIGINT)
    run.end().expect(130)
    assert run.since_signal() < 15


def test_a_second_interruption_ends_deaf_ones_at_once(project):
    each(project, "trap '' TERM INT HUP; ./talk; touch reached.$1; while :; do sleep 1; done")
    run = project.start("--workers", "4")
    weather.wait_for(lambda: len(list(project.root.glob("reached.*"))) == 3, weather.RUN_SECONDS, "three of them run")
    run.signal(signal.SIGINT)
    time.sleep(0.5)
    run.signal(signal.SIGINT)
    run.end(30)
    assert run.code == 130, run.out
    assert run.since_signal() < 4


def test_the_first_failure_ends_the_rest(project):
    each(project, './talk; [[ $1 == one ]] && exit 1; touch "reached.$1"; sleep 300', workers=2)
    run = project.run("--workers", "2", "--fast-fail").expect(1, "one")
    assert run.seconds < 25
    assert not (project.root / "reached.four").exists()


def test_a_killed_run_leaves_none_of_them(project):
    each(project, './talk; touch "reached.$1"; sleep 300 & setsid sleep 300')
    run = project.start("--workers", "4")
    weather.wait_for(lambda: len(list(project.root.glob("reached.*"))) == 3, weather.RUN_SECONDS, "three of them run")
    run.signal(signal.SIGKILL)
    run.process.communicate()
    weather.wait_for(lambda: not project.left(), weather.SOON, "nothing left")


def test_the_longest_of_the_last_run_come_first(project):
    each(project, './talk; echo "$1" >>order; [[ $1 != four ]] || sleep 0.5; [[ $1 != two ]] || sleep 0.25')
    project.run().expect(0)
    assert (project.root / "order").read_text().split() == NAMES
    project.run().expect(0)
    assert (project.root / "order").read_text().split()[4:6] == ["four", "two"]




def starts(project):
    facts = map(json.loads, (project.root / ".utr/last/journal.jsonl").read_text().splitlines())
    return [fact["suite"] for fact in facts if fact["kind"] == "suite-start"]


def test_the_longest_suite_comes_first_where_several_run_at_once(project):
    project.suite("short", "./talk")
    project.suite("long", "./talk; sleep 0.5")
    project.run("--workers", "2").expect(0)
    assert starts(project) == ["short", "long"]
    project.run("--workers", "2").expect(0)
    assert starts(project) == ["long", "short"]
    project.run().expect(0)
    assert starts(project) == ["short", "long"]
