"""A Docker engine for the tests of the fixtures: its HTTP API over its unix socket, and no more of it than they need.

Everything that is made through an Engine carries its label and is gone after Engine.close().
"""
import http.client
import io
import json
import os
import socket
import subprocess
import tarfile
import time
from pathlib import Path
from urllib.parse import quote

ROOT = Path(__file__).resolve().parents[2]
IMAGES = {
    "utr-fixture-postgres:15": ROOT / "fixtures/images/postgres",
    "utr-fixture-redis:7": ROOT / "fixtures/images/redis",
    "utr-fixture-auth:1": ROOT / "fixtures/auth-service",
}


class _Connection(http.client.HTTPConnection):
    def __init__(self, path, timeout):
        super().__init__("localhost", timeout=timeout)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)


class Engine:
    def __init__(self):
        self.socket = os.environ.get("DOCKER_HOST", "unix:///var/run/docker.sock").removeprefix("unix://")
        self.name = f"utr-fixture-test-{os.getpid()}-{time.time_ns() % 10**9}"
        self.containers = []
        self.network = None

    def call(self, method, path, body=None, timeout=30, kind="application/json"):
        connection = _Connection(self.socket, timeout)
        data = json.dumps(body) if isinstance(body, dict) else body
        try:
            connection.request(method, path, data, {"Content-Type": kind})
            response = connection.getresponse()
            answer = response.read()
        finally:
            connection.close()
        if response.status >= 400:
            raise RuntimeError(f"{method} {path}: {response.status} {answer.decode(errors='replace').strip()}")
        return answer

    def call_json(self, *arguments, **options):
        return json.loads(self.call(*arguments, **options))

    def need_image(self, name):
        try:
            self.call("GET", f"/images/{name}/json")
            return
        except RuntimeError as missing:
            if " 404 " not in str(missing):
                raise
        subprocess.run([ROOT / "fixtures/images/ensure-base"], check=True, timeout=300)
        context = io.BytesIO()
        with tarfile.open(fileobj=context, mode="w") as tar:
            tar.add(IMAGES[name], arcname=".", filter=lambda entry: None if entry.name == "./build" else entry)
        said = self.call("POST", f"/build?t={quote(name)}&rm=1", context.getvalue(), 600, "application/x-tar")
        assert b'"errorDetail"' not in said, said[-2000:].decode()

    def need_network(self):
        if not self.network:
            self.network = self.call_json("POST", "/networks/create",
                                          {"Name": self.name, "Labels": {"utr.fixture-test": self.name}})["Id"]
        return self.network

    def run(self, service, image, environment=None, **host):
        """Create and start a container that its network knows as `service`."""
        self.need_image(image)
        network = self.need_network()
        made = self.call_json("POST", f"/containers/create?name={self.name}-{service}", {
            "Image": image,
            "Cmd": host.pop("command", None),
            "Env": [f"{key}={value}" for key, value in (environment or {}).items()],
            "Labels": {"utr.fixture-test": self.name},
            "HostConfig": {"NetworkMode": network, **host},
            "NetworkingConfig": {"EndpointsConfig": {network: {"Aliases": [service]}}},
        })
        container = Container(self, made["Id"])
        self.containers.append(container)
        container.order("start")
        return container

    def close(self):
        for container in self.containers:
            self.call("DELETE", f"/containers/{container.id}?force=1&v=1")
        if self.network:
            self.call("DELETE", f"/networks/{self.network}")


class Container:
    def __init__(self, engine, identifier):
        self.engine = engine
        self.id = identifier

    def order(self, what, query=""):
        """start, stop, kill, pause, unpause"""
        self.engine.call("POST", f"/containers/{self.id}/{what}{query}")

    @property
    def state(self):
        return self.engine.call_json("GET", f"/containers/{self.id}/json")["State"]

    @property
    def address(self):
        found = self.engine.call_json("GET", f"/containers/{self.id}/json")
        return found["NetworkSettings"]["Networks"][self.engine.name]["IPAddress"]

    def wait(self, timeout=20):
        return self.engine.call_json("POST", f"/containers/{self.id}/wait", timeout=timeout)["StatusCode"]

    def logs(self):
        return self.engine.call("GET", f"/containers/{self.id}/logs?stdout=1&stderr=1").decode(errors="replace")

    def execute(self, *command):
        """Run a command inside; its exit code."""
        made = self.engine.call_json("POST", f"/containers/{self.id}/exec",
                                     {"Cmd": list(command), "AttachStdout": True, "AttachStderr": True})["Id"]
        self.engine.call("POST", f"/exec/{made}/start", {"Detach": False})
        return self.engine.call_json("GET", f"/exec/{made}/json")["ExitCode"]


def wait_until(question, seconds, what):
    """Ask every 20 ms until the answer is true; its value."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        answer = question()
        if answer:
            return answer
        time.sleep(0.02)
    raise AssertionError(f"not within {seconds} s: {what}")
