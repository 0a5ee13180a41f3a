"""Interruptions at each stage: orderly, at once, and what the runner cannot answer."""

import os
import signal
import socket
import threading
import time

import pytest

import weather

NEVER_READY = {"image": "utr-base:bookworm", "command": ["sleep", "600"], "ports": ["6379"]}


def in_prepare(project):
    project.category["prepare"] = [["./prepare"]]
    project.script("prepare", "#!/bin/bash\nsleep 300 & touch reached; wait\n")
    return lambda: project.has_file("reached")


def in_build(project):
    project.script("ctx/Dockerfile", f"FROM utr-base:bookworm\nRUN echo {project.name} && sleep 20\n")
    project.service("redis", build="./ctx")
    seen = time.monotonic() + 2
    return lambda: time.monotonic() > seen


def in_bring_up(project):
    project.service("redis", start="60s", **NEVER_READY)
    return lambda: project.running("redis")


def in_creation(project):
    for i in range(6):
        project.service(f"redis{i}", **weather.REDIS)
    project.service("redis", **weather.REDIS)
    return lambda: project.containers()


def in_suites(project):
    project.suite("sleeps", "./talk; (setsid sleep 300 &); touch reached; sleep 300")
    return lambda: project.has_file("reached")


def in_removal(project):
    for i in range(6):
        project.service(f"redis{i}", **weather.REDIS)
    project.service("redis", **weather.REDIS)
    project.suite("ends", "./talk; touch reached")
    reached = lambda: project.has_file("reached") and len(project.running(None)) < 7
    return reached


STAGES = [in_prepare, in_build, in_bring_up, in_creation, in_suites, in_removal]
stages = pytest.mark.parametrize("stage", STAGES)


def start(project, stage):
    reached = stage(project)
    run = project.start()
    weather.wait_for(lambda: reached() or run.process.poll() is not None, 30, "the stage")
    return run


@stages
def test_ctrl_c_once_is_orderly(project, stage):
    run = start(project, stage)
    run.signal(signal.SIGINT)
    run.end(30).expect(130, "interrupted")
    assert run.report()["verdict"] == "interrupted"
    assert not project.containers()


@pytest.mark.parametrize("stage", [in_prepare, in_bring_up, in_suites])
def test_ctrl_c_twice_ends_at_once(project, stage):
    run = start(project, stage)
    run.signal(signal.SIGINT)
    time.sleep(0.05)
    run.signal(signal.SIGINT)
    run.end(30)
    assert run.code == 130, run.out
    assert run.since_signal() < 3, run.out


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_sigterm_and_sighup_are_orderly(project, number):
    run = start(project, in_suites)
    run.signal(number)
    run.end(30).expect(130, "interrupted")
    assert not project.containers()


def test_ctrl_c_at_a_deaf_suite_ends_it_after_its_grace(project):
    project.suite("deaf", "trap '' TERM INT HUP; ./talk; touch reached; while :; do sleep 1; done", timeout="60s")
    run = project.start()
    project.await_file("reached")
    run.signal(signal.SIGINT)
    run.end(30).expect(130)
    assert run.since_signal() < 15


def test_ctrl_c_at_a_terminal_reaches_the_runner_and_not_the_suite_first(project):
    """A suite has a session of its own: the runner ends it, and tells what it was."""
    project.suite("traps", "trap 'touch interrupted' INT; ./talk; touch reached; sleep 300 & wait")
    project.write()
    run = project.start()
    project.await_file("reached")
    os.killpg(run.pid, signal.SIGINT)
    run.signalled = time.monotonic()
    run.end(30).expect(130)
    assert not project.has_file("interrupted")


def relay(path, cut):
    """A socket that passes everything to the engine, until `cut` is set: then it accepts and is silent."""
    server = socket.socket(socket.AF_UNIX)
    server.bind(str(path))
    server.listen(64)

    def pump(source, sink):
        try:
            while data := source.recv(65536):
                if cut.is_set():
                    threading.Event().wait()
                sink.sendall(data)
        except OSError:
            pass
        for end in (source, sink):
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def serve():
        while True:
            near = server.accept()[0]
            far = socket.socket(socket.AF_UNIX)
            far.connect(weather.SOCKET)
            for pair in ((near, far), (far, near)):
                threading.Thread(target=pump, args=pair, daemon=True).start()

    threading.Thread(target=serve, daemon=True).start()


def test_ctrl_c_twice_at_an_engine_that_hangs(project, tmp_path):
    cut = threading.Event()
    relay(tmp_path / "engine.sock", cut)
    project.suite("sleeps", "./talk; touch reached; sleep 300")
    run = project.start(env={"DOCKER_HOST": f"unix://{tmp_path}/engine.sock"})
    project.await_file("reached")
    cut.set()
    run.signal(signal.SIGINT)
    time.sleep(1)
    run.signal(signal.SIGINT)
    run.end(30)
    assert run.code == 130, run.out
    assert run.since_signal() < 4
    # The engine that hangs never removes anything; the real one is there for the test to do it.
    for pid in project.processes():
        assert "--reaper" in weather.command_of(pid)
    project.remove_left()


@stages
def test_sigkill_leaves_nothing(project, stage):
    run = start(project, stage)
    run.signal(signal.SIGKILL)
    run.process.stdout.read()
    assert run.process.wait() in (-signal.SIGKILL, 0)
    weather.wait_for(lambda: not project.left(), weather.SOON, "nothing left: " + "; ".join(project.left()))


def test_the_end_of_output_is_not_held_back_by_helpers(project):
    run = project.start()
    out = run.process.stdout.read()
    began = time.monotonic()
    assert run.process.wait(10) == 0, out
    assert time.monotonic() - began < 1


def test_two_runs_of_one_root_do_not_disturb_each_other(project):
    project.suite("waits", "./talk; sleep 1; ./talk")
    project.write()
    runs = [project.start() for _ in range(2)]
    for run in runs:
        run.end().expect(0, "PROVEN")
    assert len(list((project.root / ".utr/runs").iterdir())) == 2


def test_a_killed_run_does_not_take_the_other_with_it(project):
    project.suite("waits", "./talk; touch $$.reached; sleep 4; ./talk")
    project.write()
    runs = [project.start() for _ in range(2)]
    weather.wait_for(lambda: len(list(project.root.glob("*.reached"))) == 2, 30, "both suites run")
    runs[0].signal(signal.SIGKILL)
    runs[0].process.communicate()
    runs[1].end().expect(0, "PROVEN")
