"""Suites that hang, fork away, crash or are not there, and steps that fail before them."""

import weather

NAP = "sleep 300"


def test_a_suite_that_hangs_is_ended_with_all_it_started(project):
    project.suite("hangs", f"./talk; {NAP} & {NAP} | cat & touch running; wait", timeout="2s")
    run = project.run().expect(1, "hangs", "deadline", "timeout")
    assert run.seconds < 20


def test_a_suite_that_hangs_and_ignores_every_signal(project):
    project.suite("deaf", "trap '' TERM INT HUP; ./talk; while :; do sleep 1; done", timeout="1s")
    run = project.run().expect(1, "deaf", "timeout")
    assert run.seconds < 25


def test_a_daemon_that_a_suite_leaves_is_ended_and_told(project):
    project.suite("daemon", f"./talk; ( setsid bash -c '{NAP} & disown; touch away; exec {NAP}' & ) & sleep 0.5", format="exit")
    run = project.run()
    assert project.has_file("away")
    run.expect(0, "2 processes", "ended")
    assert run.seconds < 20


def test_a_daemon_that_closes_all_and_forgets_its_environment(project):
    project.suite("daemon", f"./talk; env -i setsid -f sleep 271 </dev/null >/dev/null 2>&1; sleep 0.3")
    project.run()
    left = [pid for pid in range(2, 1 << 16) if weather.command_of(pid) == "sleep 271"]
    assert not left


def test_a_suite_that_crashes(project):
    project.suite("crashes", "./talk; kill -SEGV $$")
    project.run().expect(1, "crashes", "signal 11")


def test_a_suite_that_crashes_in_the_middle_of_a_test(project):
    project.suite("crashes", "echo 1..2; ./talk; echo ok 1 - first; kill -SEGV $$", format="tap")
    project.run().expect(1, "crashes", "signal 11")


def test_a_suite_whose_command_is_not_there(project):
    project.suites = [{"name": "absent", "run": ["no-such-program"], "format": "exit", "timeout": "10s"}]
    run = project.run()
    assert run.code in (1, 4), run.out
    run.expect(run.code, "absent", "no-such-program", "not found")


def test_a_suite_whose_file_may_not_be_run(project):
    project.suite("locked", "./talk")
    (project.root / "locked.sh").chmod(0o644)
    run = project.run()
    assert run.code in (1, 4), run.out
    run.expect(run.code, "locked.sh", "permission denied")


def test_a_suite_that_fails_shows_what_it_said(project):
    project.suite("fails", "./talk; echo the cart is not empty; exit 3")
    project.run().expect(1, "the cart is not empty", "3")


def test_a_suite_that_prints_without_end(project):
    project.suite("floods", "./talk; timeout 2 yes 'the same line again and again'; exit 1", timeout="10s")
    project.run("--run-dir", str(project.root / "record")).expect(1)


def test_a_suite_that_prints_what_no_terminal_should_see(project):
    project.suite("paints", "./talk; printf '\\033[2J\\033]0;title\\007\\xff\\xfe broken\\n'; exit 1")
    run = project.start(stdout=-1)
    out = run.process.stdout.buffer.read()
    assert run.process.wait() == 1
    assert b"\033]0;" not in out


def test_the_category_timeout_bounds_all_suites(project):
    project.category["timeout"] = "8s"
    project.suite("first", f"./talk; {NAP}").suite("second", f"./talk; {NAP}")
    run = project.run()
    assert run.code == 1, run.out
    assert run.seconds < 30


def test_a_step_before_the_services_that_fails(project):
    project.category["prepare"] = [["./prepare"]]
    project.script("prepare", "#!/bin/bash\necho no compiler here >&2; exit 7\n")
    project.run().expect(4, "prepare", "code 7", "no compiler here")
    assert not project.containers()


def test_a_step_before_the_services_that_hangs(project):
    project.category.update(prepare=[["./prepare"]], timeout="2s")
    project.script("prepare", f"#!/bin/bash\n{NAP} & {NAP}\n")
    run = project.run().expect(4, "prepare", "timeout")
    assert run.seconds < 20


def test_a_step_before_the_services_that_is_not_there(project):
    project.category["prepare"] = [["./not-there"]]
    project.run().expect(4, "not-there", "not found")
