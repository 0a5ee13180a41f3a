"""ensure-base, against the real engine where it is enough, and a played one for what that cannot be made to do."""
import http.server
import os
import socketserver
import subprocess
import threading
import time
from pathlib import Path

import pytest

ENSURE_BASE = Path(__file__).resolve().parents[2] / "fixtures/images/ensure-base"
NO_REGISTRY = (500, b'{"message":"lookup registry: no such host"}')
FAILED_LATER = (200, b'{"status":"Pulling"}\n{"errorDetail":{"message":"toomanyrequests"},"error":"toomanyrequests"}')
DONE = (200, b'{"status":"done"}')


class PlayedEngine(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    """Knows one image once it was built or imported; every request is kept in `asked`."""
    daemon_threads = True

    def __init__(self, path, pull):
        super().__init__(str(path), Handler)
        self.pull = pull
        self.exists = False
        self.asked = []


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def address_string(self):
        return "unix"

    def log_message(self, *_):
        pass

    def answer(self, status, body):
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        self.answer(200 if self.server.exists else 404, b"{}")

    def body(self):
        return self.rfile.read(int(self.headers.get("Content-Length", 0)))

    def do_POST(self):
        self.server.asked.append((self.path, self.body()))
        if "fromImage=" in self.path:
            self.answer(*self.server.pull)
            return
        self.server.exists = True
        self.answer(*DONE)


@pytest.fixture
def play(tmp_path):
    """Start a played engine; ensure-base then runs with a mmdebstrap that writes a line a call."""
    servers = []
    tools = tmp_path / "tools"
    tools.mkdir()
    maker = tools / "mmdebstrap"
    maker.write_text(f'#!/bin/sh\necho made >>{tmp_path}/made\nsleep 0.3\n'
                     'for word; do case $word in */root.tar) echo rootfs >"$word";; esac; done\n')
    maker.chmod(0o755)

    def start(pull):
        server = PlayedEngine(tmp_path / "engine.sock", pull)
        servers.append(server)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        return server
    start.environment = {**os.environ, "DOCKER_HOST": f"unix://{tmp_path}/engine.sock", "TMPDIR": str(tmp_path),
                         "PATH": f"{tools}:{os.environ['PATH']}"}
    start.made = lambda: (tmp_path / "made").read_text().count("made") if (tmp_path / "made").exists() else 0
    start.left = lambda: [p.name for p in tmp_path.iterdir() if p.name.startswith("tmp.")]
    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


def run(environment, *arguments):
    return subprocess.run([ENSURE_BASE, *arguments], env=environment, capture_output=True, text=True, timeout=60)


def test_an_image_that_exists_takes_no_time_on_a_real_engine():
    assert run(os.environ).returncode == 0
    times = []
    for _ in range(5):
        started = time.monotonic()
        done = run(os.environ)
        times.append(time.monotonic() - started)
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert sorted(times)[2] < 0.1


@pytest.mark.parametrize("pull", [NO_REGISTRY, FAILED_LATER])
def test_where_no_registry_gives_it_the_base_is_made_and_imported(play, pull):
    engine = play(pull)
    done = run(play.environment)
    assert done.returncode == 0, done.stderr
    path, body = engine.asked[-1]
    assert path.startswith("/images/create?fromSrc=-&repo=utr-base&tag=bookworm") and body == b"rootfs\n"
    assert play.made() == 1 and play.left() == []


def test_a_pulled_base_gets_the_apt_configuration_on_top(play):
    engine = play(DONE)
    done = run(play.environment)
    assert done.returncode == 0, done.stderr
    path, body = engine.asked[-1]
    assert path == "/build?t=utr-base:bookworm"
    assert b"FROM debian:bookworm-slim" in body and b"etc/apt/apt.conf.d/50host" in body
    assert play.made() == 0 and play.left() == []


def test_two_at_once_make_it_once(play):
    play(NO_REGISTRY)
    both = [subprocess.Popen([ENSURE_BASE], env=play.environment, stderr=subprocess.DEVNULL) for _ in range(2)]
    assert [one.wait(60) for one in both] == [0, 0]
    assert play.made() == 1


def test_the_proxy_of_the_environment_is_carried_into_the_base(play):
    engine = play(DONE)
    assert run({**play.environment, "http_proxy": "http://proxy.test:3128"}).returncode == 0
    assert b'Acquire::http::Proxy "http://proxy.test:3128";' in engine.asked[-1][1]


def test_a_missing_mmdebstrap_is_named_with_the_command_that_installs_it(play, tmp_path):
    play(NO_REGISTRY)
    few = tmp_path / "few"
    few.mkdir()
    for tool in ("curl", "flock", "mktemp", "rm", "chmod", "tail", "sed", "sort", "grep", "cat", "tr", "mkdir", "install"):
        (few / tool).symlink_to(subprocess.check_output(["which", tool], text=True).strip())
    done = run({**play.environment, "PATH": str(few)})
    assert done.returncode == 1 and "apt-get install -y mmdebstrap" in done.stderr


@pytest.mark.parametrize("host, says", [("unix:///nowhere.sock", "no Docker engine answers at unix:///nowhere.sock"),
                                        ("tcp://127.0.0.1:9", "no Docker engine answers"),
                                        ("ssh://somewhere", "only unix:// and tcp://")])
def test_an_engine_that_is_not_there_is_named(host, says):
    done = run({**os.environ, "DOCKER_HOST": host})
    assert done.returncode == 1 and says in done.stderr


def test_an_unknown_argument_is_a_usage_error():
    assert run(os.environ, "--fast").returncode == 2
    assert run(os.environ, "--help").returncode == 0
