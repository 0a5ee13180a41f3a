"""services up|down|status|logs, and services that a run leaves up."""

import json
import signal
import time

import weather

NEVER_READY = {"image": "utr-base:bookworm", "command": ["sleep", "600"], "ports": ["6379"]}


def services(project, *words, **keys):
    return project.run(command=("services", *words), **keys)


def down(project):
    services(project, "down").expect(0, "removed")
    assert not project.left()


def test_up_status_logs_down(project):
    services(project, "up").expect(0, "redis", "ready")
    try:
        status = services(project, "status").expect(0, "redis", "running", ":6379")
        rows = json.loads(services(project, "status", "--json").expect(0).out)
        assert [row["service"] for row in rows] == ["redis"]
        assert rows[0]["container_id"][:12] in status.out
        services(project, "logs").expect(0, "Ready to accept connections")
        services(project, "logs", "redis", "--tail", "1").expect(0, "Ready to accept connections")
        services(project, "logs", "mysql").expect(2, "mysql")
        services(project, "status", "mysql").expect(2, "mysql")
    finally:
        down(project)
    services(project, "status").expect(0, "nothing is up", "services up")


def test_up_twice_and_down_twice(project):
    services(project, "up").expect(0)
    before = project.containers()[0]["Id"]
    services(project, "up").expect(0, "up already")
    assert project.containers()[0]["Id"] == before
    down(project)
    services(project, "down").expect(0)


def test_up_after_a_service_died(project):
    services(project, "up").expect(0)
    weather.engine("POST", f"/containers/{project.containers()[0]['Id']}/kill")
    services(project, "up").expect(2, "partly up", "services down")
    down(project)


def test_up_one_service_of_two(project):
    project.service("redis").service("extra", **weather.REDIS)
    services(project, "up", "extra").expect(0, "extra")
    assert not project.containers("redis")
    down(project)


def test_unknown_services_and_actions(project):
    services(project, "up", "mysql").expect(2, "mysql")
    services(project, "restart").expect(2, "up, down, status or logs")
    services(project).expect(2, "up, down, status or logs")
    services(project, "up", "--categry", "x").expect(2, "--category")
    assert not project.left()


def test_ctrl_c_while_services_come_up(project):
    project.service("redis", start="60s", **NEVER_READY)
    run = project.start(command=("services", "up"))
    weather.wait_for(lambda: project.running("redis"), 30, "the container runs")
    run.signal(signal.SIGINT)
    run.end(30).expect(130, "cancelled")
    assert not project.containers()


def test_a_hangup_while_services_come_up(project):
    project.service("redis", start="60s", **NEVER_READY)
    run = project.start(command=("services", "up"))
    weather.wait_for(lambda: project.running("redis"), 30, "the container runs")
    run.signal(signal.SIGHUP)
    run.end(30).expect(130)
    assert not project.containers()


def test_up_that_fails_takes_all_down_again(project):
    project.service("redis").service("broken", image="utr-base:bookworm", command=["false"], ports=["1"])
    services(project, "up").expect(4, "broken", "exited with code 1")
    assert not project.left()


def test_up_without_an_engine(project, tmp_path):
    for action in ("up", "down", "status", "logs"):
        services(project, action, env={"DOCKER_HOST": f"unix://{tmp_path}/none.sock"}).expect(4, "socket does not exist")


def test_keep_services_and_what_comes_after(project):
    project.run("--keep-services").expect(0, "PROVEN")
    try:
        services(project, "status").expect(0, "redis", "running")
        services(project, "up").expect(0, "up already")
    finally:
        down(project)


def test_keep_services_over_services_that_are_up(project):
    services(project, "up").expect(0)
    try:
        project.run("--keep-services").expect(4, "up already", "services down --category " + project.name)
        services(project, "status").expect(0, "running")
    finally:
        down(project)


def test_a_run_beside_services_that_are_up(project):
    services(project, "up").expect(0)
    try:
        project.run().expect(0, "PROVEN")
        services(project, "status").expect(0, "running")
    finally:
        down(project)


def test_following_a_log_ends_with_ctrl_c(project):
    services(project, "up").expect(0)
    try:
        run = project.start(command=("services", "logs", "redis", "--follow"))
        time.sleep(1)
        run.signal(signal.SIGINT)
        run.end(10)
        assert run.code in (130, -signal.SIGINT)
        assert "Ready to accept connections" in run.out
    finally:
        down(project)


def test_sigkill_while_services_come_up_to_stay(project):
    """They carry no reaper; `down` removes what is there."""
    project.service("redis", start="60s", **NEVER_READY)
    run = project.start(command=("services", "up"))
    weather.wait_for(lambda: project.running("redis"), 30, "the container runs")
    run.signal(signal.SIGKILL)
    run.process.communicate()
    down(project)
