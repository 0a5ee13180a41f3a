"""An engine that dies in the middle: a relay to the real one is cut, or goes silent."""

import os
import socket
import threading
import time

import pytest

import weather


class Relay:
    """A socket that passes everything to the engine until it is cut (closed, gone) or silenced (open, mute)."""

    def __init__(self, path):
        self.path = str(path)
        self.host = "unix://" + self.path
        self.silent = threading.Event()
        self.ends = []
        self.server = socket.socket(socket.AF_UNIX)
        self.server.bind(self.path)
        self.server.listen(64)
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            try:
                near = self.server.accept()[0]
            except OSError:
                return
            far = socket.socket(socket.AF_UNIX)
            far.connect(weather.SOCKET)
            self.ends += [near, far]
            for pair in ((near, far), (far, near)):
                threading.Thread(target=self.pump, args=pair, daemon=True).start()

    def pump(self, source, sink):
        try:
            while data := source.recv(65536):
                if self.silent.is_set():
                    return  # and keep both ends open
                sink.sendall(data)
            sink.shutdown(socket.SHUT_WR)
        except OSError:
            pass

    def cut(self):
        os.unlink(self.path)
        for end in (self.server, *self.ends):
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            end.close()

    def restore(self):
        """The engine is back: the reaper, which has waited for it, does its work."""
        self.__init__(self.path)


@pytest.fixture
def relay(project, tmp_path):
    return Relay(tmp_path / "engine.sock")


def test_the_engine_dies_while_suites_run(project, relay):
    project.suite("sleeps", "./talk; touch reached; sleep 300", timeout="60s")
    run = project.start(env={"DOCKER_HOST": relay.host})
    project.await_file("reached")
    cut = time.monotonic()
    relay.cut()
    run.end(30).expect(4, "engine", "watch the services")
    assert run.ended - cut < 5, run.out
    assert run.report()["verdict"] == "broken"
    relay.restore()


def test_the_engine_dies_while_services_come_up(project, relay):
    project.service("redis", start="60s", image="utr-base:bookworm", command=["sleep", "600"], ports=["6379"])
    run = project.start(env={"DOCKER_HOST": relay.host})
    weather.wait_for(lambda: project.running("redis"), 30, "the container runs")
    time.sleep(0.3)
    cut = time.monotonic()
    relay.cut()
    run.end(30).expect(4, "engine")
    assert run.ended - cut < 10, run.out
    relay.restore()


def test_the_engine_dies_while_an_image_is_built(project, relay):
    project.script("ctx/Dockerfile", f"FROM utr-base:bookworm\nRUN echo {project.name} && sleep 20\n")
    run = project.service("redis", build="./ctx").start(env={"DOCKER_HOST": relay.host})
    weather.wait_for(lambda: project.left_building(), 30, "the build runs")
    cut = time.monotonic()
    relay.cut()
    run.end(30).expect(4, "engine")
    assert run.ended - cut < 10, run.out
    relay.restore()


def test_the_engine_goes_silent_while_services_come_up(project, relay):
    project.service("redis", start="4s", image="utr-base:bookworm", command=["sleep", "600"], ports=["6379"])
    run = project.start(env={"DOCKER_HOST": relay.host})
    weather.wait_for(lambda: project.running("redis"), 30, "the container runs")
    relay.silent.set()
    run.end(120)
    assert run.code == 4, run.out
    relay.cut()
    relay.restore()


def test_the_engine_goes_silent_while_suites_run(project, relay):
    """The suites' own sockets do not pass through the engine: they end well. What was started cannot be removed."""
    project.suite("waits", "./talk; touch reached; sleep 1; ./talk")
    run = project.start(env={"DOCKER_HOST": relay.host})
    project.await_file("reached")
    relay.silent.set()
    run.end(120)
    run.expect(4, "remove")
    relay.cut()
    relay.restore()
