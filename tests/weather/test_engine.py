"""An engine that is missing, out of reach, wrong or silent."""

import os
import shutil
import socket
import tempfile
import threading

import pytest

import weather

# An engine that cannot be reached is told within a second; the rest is the start of a sanitized program on a busy machine.
AT_ONCE = 4


def refused(project, host, *words):
    run = project.run(env={"DOCKER_HOST": host})
    run.expect(4, *words)
    assert "skipped" not in {test["status"] for suite in run.report()["suites"] for test in suite["tests"]}
    assert run.report()["verdict"] == "broken"
    assert run.seconds < AT_ONCE, run.out
    return run


def test_no_socket(project, tmp_path):
    refused(project, f"unix://{tmp_path}/none.sock", "no engine at", "socket does not exist", "systemctl start docker")


def test_a_socket_nobody_listens_at(project, tmp_path):
    path = str(tmp_path / "dead.sock")
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(path)
    refused(project, "unix://" + path, "nothing listens there", "start it with")


@pytest.mark.parametrize(
    "host, words",
    [
        ("garbage", ["DOCKER_HOST 'garbage' is no address", "unix:///PATH or tcp://HOST:PORT"]),
        ("unix://relative.sock", ["not absolute"]),
        ("tcp://127.0.0.1:notaport", ["is no address"]),
        ("ssh://me@build", ["ssh", "DOCKER_HOST=unix:///"]),
        ("tcp://127.0.0.1:1", ["nothing listens there", "DOCKER_HOST"]),
        ("tcp://engine.invalid:2375", ["engine.invalid", "DOCKER_HOST"]),
    ],
)
def test_wrong_docker_host(project, host, words):
    refused(project, host, *words)


def test_what_answers_is_no_engine(project):
    with socket.create_server(("127.0.0.1", 0)) as server:
        def answer():
            while True:
                try:
                    peer = server.accept()[0]
                except OSError:
                    return
                peer.recv(4096)
                peer.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello")
                peer.close()
        threading.Thread(target=answer, daemon=True).start()
        refused(project, f"tcp://127.0.0.1:{server.getsockname()[1]}", "engine")
        server.shutdown(socket.SHUT_RDWR)


def test_no_permission_on_the_socket():
    if os.geteuid():
        pytest.fail("this test changes its user, and so wants to start as root")
    folder = tempfile.mkdtemp()
    try:
        os.chmod(folder, 0o755)
        project = weather.Project(folder)
        project.write()
        shutil.copy(weather.RUNNER, folder + "/runner")
        for path, _, files in os.walk(folder):
            os.chown(path, 65534, 65534)
            for name in files:
                os.chown(os.path.join(path, name), 65534, 65534)
        run = project.run(prefix=["/usr/bin/setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "/usr/bin/env", "HOME=/"],
                          binary=folder + "/runner")
        run.expect(4, "permission denied", "docker group")
        assert run.seconds < AT_ONCE
        assert not project.left()
    finally:
        shutil.rmtree(folder)


class Silent:
    """Accepts, and answers the first `answers` requests before it goes silent."""

    def __init__(self, path, answers=0):
        self.server = socket.socket(socket.AF_UNIX)
        self.server.bind(str(path))
        self.server.listen(64)
        self.answers = answers
        self.peers = []
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            try:
                peer = self.server.accept()[0]
            except OSError:
                return
            self.peers.append(peer)
            threading.Thread(target=self.talk, args=(peer,), daemon=True).start()

    def talk(self, peer):
        while peer.recv(65536):
            if self.answers > 0:
                self.answers -= 1
                peer.sendall(b"HTTP/1.1 200 OK\r\nApi-Version: 1.41\r\nContent-Length: 2\r\n\r\nOK")


def test_an_engine_that_never_answers(project, tmp_path):
    Silent(tmp_path / "silent.sock")
    refused(project, f"unix://{tmp_path}/silent.sock", "does not answer", "restart")


def test_an_engine_that_answers_a_ping_and_goes_silent(project, tmp_path):
    Silent(tmp_path / "silent.sock", answers=1)
    refused(project, f"unix://{tmp_path}/silent.sock", "does not answer", "restart")


def test_no_engine_is_told_before_anything_is_prepared(project, tmp_path):
    project.category["prepare"] = [["./prepare"]]
    project.script("prepare", "#!/bin/bash\ntouch prepared\n")
    refused(project, f"unix://{tmp_path}/none.sock", "socket does not exist")
    assert not project.has_file("prepared")
