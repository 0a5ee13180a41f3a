"""pytest suites that run as several processes, or with several workers in one."""

import json
import signal

import pytest

import weather

REDIS = """
import os, socket, time
import pytest

@pytest.fixture(scope="session")
def redis():
    host, _, port = os.environ["REDIS"].rpartition(":")
    with socket.create_connection((host, int(port))) as connection:
        yield connection

def write(redis, name):
    redis.sendall(f"*3\\r\\n$3\\r\\nSET\\r\\n$1\\r\\na\\r\\n${len(name)}\\r\\n{name}\\r\\n".encode())
    assert redis.recv(100) == b"+OK\\r\\n"

"""


def shared(project, tests, workers=3, arguments=(), **keys):
    project.script("tests/test_it.py", REDIS + tests)
    project.suites.append({"name": "shared", "run": ["/usr/bin/python3", "-m", "pytest", "-q", *arguments, "tests"],
                           "format": "pytest", "workers": workers, "timeout": "40s", **keys})
    return project


def told(run):
    return {test["id"].rpartition("::")[2]: test for test in run.report()["suites"][0]["tests"]}


def facts(project, kind):
    lines = (project.root / ".utr/last/journal.jsonl").read_text().splitlines()
    return [fact for fact in map(json.loads, lines) if fact["kind"] == kind]


MANY = """
@pytest.mark.parametrize("number", range(24))
def test_it(redis, number):
    open("pid.%d" % os.getpid(), "a").close()
    time.sleep(0.05)
    if number % 5:
        write(redis, "x")
"""


def test_the_processes_share_the_tests_and_each_keeps_its_own_evidence(project):
    run = shared(project, MANY).run("--workers", "3").expect(3, "no-evidence")
    assert len(list(project.root.glob("pid.*"))) == 3
    assert {name: test["verdict"] for name, test in told(run).items()} == {
        f"test_it[{number}]": "proven" if number % 5 else "unproven" for number in range(24)}
    assert [fact["count"] for fact in facts(project, "collected")] == [24]


def test_one_slot_is_one_process_at_a_time(project):
    run = shared(project, MANY).run().expect(3)
    assert len(told(run)) == 24
    assert len(list(project.root.glob("pid.*"))) == 1


def test_a_module_that_shares_a_fixture_stays_in_one_process(project):
    shared(project, """
@pytest.fixture(scope="module")
def table(redis):
    open("made.%d" % os.getpid(), "x").close()
    return redis

@pytest.mark.parametrize("number", range(12))
def test_it(table, number):
    time.sleep(0.02)
    write(table, "x")
""")
    assert len(told(project.run("--workers", "3").expect(0))) == 12
    assert len(list(project.root.glob("made.*"))) == 1


def test_a_process_that_crashes_costs_the_test_that_ran_and_no_other(project):
    shared(project, MANY.replace("if number % 5:", "if number == 7: os.kill(os.getpid(), 9)\n    else:"))
    tests = told(project.run("--workers", "3").expect(1, "test_it[7]", "signal 9"))
    assert len(tests) == 24
    assert [name for name, test in tests.items() if test["verdict"] != "proven"] == ["test_it[7]"]


def test_processes_that_collect_other_tests_are_told(project):
    shared(project, """
@pytest.mark.parametrize("number", range(os.getpid() % 1000))
def test_it(redis, number):
    time.sleep(0.05)
    write(redis, "x")
""")
    run = project.run("--workers", "3")
    assert run.code in (1, 3), run.out
    run.expect(run.code, "collected")


@pytest.mark.parametrize("isolation", ["open", "sealed"])
def test_xdist_workers_have_listeners_of_their_own(project, isolation):
    project.category["isolation"] = isolation
    shared(project, MANY, workers=1, arguments=("-n", "3"))
    run = project.run().expect(3, "no-evidence")
    assert len(list(project.root.glob("pid.*"))) == 3
    assert {name: test["verdict"] for name, test in told(run).items()} == {
        f"test_it[{number}]": "proven" if number % 5 else "unproven" for number in range(24)}


def test_an_xdist_worker_that_crashes_is_told(project):
    shared(project, MANY.replace("if number % 5:", "if number == 7: os.kill(os.getpid(), 9)\n    else:"), workers=1,
           arguments=("-n", "2"))
    tests = told(project.run().expect(1, "test_it[7]"))
    assert len(tests) == 24
    assert [name for name, test in tests.items() if test["verdict"] != "proven"] == ["test_it[7]"]


HANGING = """
@pytest.mark.parametrize("number", range(9))
def test_it(redis, number):
    import subprocess
    write(redis, "x")
    open("reached.%d" % os.getpid(), "a").close()
    subprocess.run(["sleep", "300"])
"""


@pytest.mark.parametrize("arguments, workers", [((), 3), (("-n", "3"), 1)], ids=["processes", "xdist"])
@pytest.mark.parametrize("end", ["interrupted", "killed", "timeout"])
def test_nothing_is_left_of_them(project, end, arguments, workers):
    shared(project, HANGING, workers=workers, arguments=arguments, timeout="15s" if end == "timeout" else "40s")
    run = project.start("--workers", "3")
    weather.wait_for(lambda: len(list(project.root.glob("reached.*"))) == 3, weather.RUN_SECONDS, "three of them run")
    if end == "timeout":
        run.end().expect(1, "deadline")
        return
    run.signal(signal.SIGKILL if end == "killed" else signal.SIGINT)
    if end == "interrupted":
        run.end().expect(130)
    else:
        run.process.communicate()
    weather.wait_for(lambda: not project.left(), weather.SOON, "nothing left: " + "; ".join(project.left()))


BEATING = """
import threading

@pytest.fixture(scope="session", autouse=True)
def heartbeat(redis):
    def beat():
        while True:
            write(redis, "beat")
            time.sleep(0.02)
    threading.Thread(target=beat, daemon=True).start()

@pytest.mark.parametrize("number", range(10))
def test_it(number):
    time.sleep(0.1)
"""


@pytest.mark.parametrize("arguments, workers", [((), 1), ((), 3), (("-n", "2"), 1)], ids=["one", "processes", "xdist"])
def test_what_goes_on_by_itself_proves_no_test(project, arguments, workers):
    shared(project, BEATING, workers=workers, arguments=arguments)
    run = project.run("--workers", "3").expect(3, "no-evidence", "SET a")
    assert {test["verdict"] for test in told(run).values()} == {"unproven"}
