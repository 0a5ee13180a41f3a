"""Small projects, the runner over them, and what a run may have left behind."""

import http.client
import json
import os
import pathlib
import signal
import socket
import subprocess
import time
import urllib.parse
import uuid

HOME = pathlib.Path(__file__).resolve().parents[2]
RUNNER = os.environ.get("UTR_RUNNER", str(HOME / "build/release/runner/unified_test_runner"))
SOCKET = os.environ.get("DOCKER_HOST", "unix:///var/run/docker.sock").removeprefix("unix://")
LABEL = "org.unified-test-runner."
REDIS = {"image": "utr-fixture-redis:7", "healthcheck": {"test": ["CMD", "redis-cli", "-e", "ping"]}}
# Generous: a bound that a busy machine breaks tells nothing.
SOON = 10
RUN_SECONDS = 60

TALK = """#!/bin/bash
# One SET over a socket of its own; fails where Redis does not take it.
exec 3<>"/dev/tcp/${REDIS%:*}/${REDIS#*:}" || exit 1
printf '*3\\r\\n$3\\r\\nSET\\r\\n$4\\r\\nseen\\r\\n$1\\r\\n1\\r\\n' >&3
read -r -t 5 answer <&3
[[ $answer == +OK* ]] || { echo "redis said: $answer"; exit 1; }
"""


def wait_for(condition, seconds, what):
    """Returns what the condition returned once it is true."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = condition()
        if found:
            return found
        time.sleep(0.02)
    raise AssertionError(f"not within {seconds} s: {what}")


# ---- the engine


class UnixConnection(http.client.HTTPConnection):
    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(30)
        self.sock.connect(SOCKET)


def engine(method, path, body=None):
    connection = UnixConnection("docker")
    try:
        connection.request(method, path, json.dumps(body) if body is not None else None, {"Content-Type": "application/json"})
        answer = connection.getresponse()
        text = answer.read()
        return answer.status, json.loads(text) if text.startswith((b"{", b"[")) else text
    finally:
        connection.close()


def filtered(path, **filters):
    return engine("GET", path + urllib.parse.quote(json.dumps(filters)))[1]


# ---- processes


def environment_of(pid):
    try:
        return pathlib.Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
    except OSError:
        return []


def command_of(pid):
    try:
        return pathlib.Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
    except OSError:
        return ""


def state_of(pid):
    try:
        return pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return ""


# ---- a project and its runs


class Project:
    """A folder with one category. Its name is unique, and so are the names of all that its runs make."""

    def __init__(self, root):
        self.root = pathlib.Path(root)
        self.name = "w" + uuid.uuid4().hex[:10]
        self.mark = "UTR_WEATHER=" + self.name
        self.services = {"redis": dict(REDIS)}
        self.extra = {}
        self.category = {
            "category": self.name,
            "priority": "critical",
            "timeout": "2m",
            "real_services": "required",
            "compose": "../compose.yaml",
            "environment": {"REDIS": "${redis:6379}"},
            "minimum_tests": 1,
        }
        self.suites = []
        self.script("talk", TALK)

    def script(self, name, text):
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        path.chmod(0o755)
        return path

    def suite(self, name, script, format="exit", **keys):
        """A suite that is a bash script in the project's folder."""
        self.script(name + ".sh", "#!/bin/bash\n" + script + "\n")
        self.suites.append({"name": name, "run": ["./" + name + ".sh"], "format": format, "timeout": "30s", **keys})
        return self

    def service(self, name, critical=True, start="20s", **spec):
        self.services[name] = spec or self.services.get(name)
        self.category.setdefault("services", {})[name] = {
            "critical": critical,
            "readiness": {"default": {"timeout": "2s", "retries": 3, "delay": "100ms", "start": start}},
        }
        return self

    def write(self):
        if "services" not in self.category:
            self.service("redis")
        (self.root / "categories").mkdir(exist_ok=True)
        (self.root / "compose.yaml").write_text(json.dumps({"services": self.services, **self.extra}, indent=1))
        if not self.suites:
            self.suite("honest", "./talk")
        whole = {**self.category, "suites": self.suites}
        (self.root / "categories" / (self.name + ".yaml")).write_text(json.dumps(whole, indent=1))
        return self

    def start(self, *arguments, command=(), prefix=(), binary=None, env=None, stdout=subprocess.PIPE):
        if not (self.root / "categories").exists():
            self.write()
        run = command or ("--real-services", "--progress-mode", "simple")
        line = [*prefix, binary or RUNNER, *run, "--root", str(self.root), *arguments]
        variables = {**os.environ, "UTR_WEATHER": self.name, **(env or {})}
        return Run(self, subprocess.Popen(line, env=variables, stdin=subprocess.DEVNULL, stdout=stdout,
                                          stderr=subprocess.STDOUT, start_new_session=True, text=True))

    def run(self, *arguments, **keys):
        return self.start(*arguments, **keys).end()

    # ---- what is there of its runs

    def containers(self, service=None):
        rows = filtered("/containers/json?all=1&filters=", label=[LABEL + "session"])
        mine = [row for row in rows if self.is_mine(row)]
        return [row for row in mine if not service or row["Labels"].get("com.docker.compose.service") == service]

    def running(self, service):
        return [row for row in self.containers(service) if row["State"] == "running"]

    def is_mine(self, row):
        return (row["Labels"] or {}).get("com.docker.compose.project", "").startswith(f"utr-{self.name}-")

    def processes(self):
        mark = self.mark.encode()
        pids = [int(name) for name in os.listdir("/proc") if name.isdigit()]
        return [pid for pid in pids if mark in environment_of(pid) and state_of(pid) not in "ZX"]

    def left_building(self):
        """Steps of a build whose command names the project."""
        return [row for row in engine("GET", "/containers/json")[1] if self.name in row["Command"]]

    def left(self):
        networks = filtered("/networks?filters=", label=[LABEL + "session"])
        volumes = filtered("/volumes?filters=", label=[LABEL + "session"])["Volumes"] or []
        found = ["container " + row["Names"][0] for row in self.containers() + self.left_building()]
        found += ["network " + row["Name"] for row in networks if self.is_mine(row)]
        found += ["volume " + row["Name"] for row in volumes if self.is_mine(row)]
        return found + [f"process {pid} {command_of(pid)}" for pid in self.processes()]

    def remove_left(self):
        """For the next test's sake, after this one has failed."""
        for pid in self.processes():
            os.kill(pid, signal.SIGKILL)
        for row in self.containers():
            engine("DELETE", f"/containers/{row['Id']}?force=1&v=1")
        for row in filtered("/networks?filters=", label=[LABEL + "session"]):
            if self.is_mine(row):
                engine("DELETE", "/networks/" + row["Id"])
        for row in filtered("/volumes?filters=", label=[LABEL + "session"])["Volumes"] or []:
            if self.is_mine(row):
                engine("DELETE", "/volumes/" + row["Name"])

    def has_file(self, name):
        return (self.root / name).exists()

    def await_file(self, name, seconds=RUN_SECONDS):
        wait_for(lambda: self.has_file(name), seconds, f"the file {name} of the suite")


class Run:
    """A runner that was started."""

    def __init__(self, project, process):
        self.project = project
        self.process = process
        self.began = time.monotonic()
        self.out = ""

    @property
    def pid(self):
        return self.process.pid

    def signal(self, number):
        os.kill(self.pid, number)
        self.signalled = time.monotonic()

    def end(self, seconds=RUN_SECONDS):
        try:
            self.out = self.process.communicate(timeout=seconds)[0] or ""
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.out = self.process.communicate()[0] or ""
            raise AssertionError(f"the runner did not end within {seconds} s; it printed:\n{self.out}") from None
        self.ended = time.monotonic()
        self.seconds = self.ended - self.began
        self.code = self.process.returncode
        return self

    def since_signal(self):
        return self.ended - self.signalled

    def report(self):
        return json.loads((self.project.root / ".utr/last/report.json").read_text())

    def expect(self, code, *words):
        """The exit code, and words that the output must hold, in any case."""
        assert self.code == code, f"exit code {self.code}, not {code}:\n{self.out}"
        for word in words:
            assert word.lower() in self.out.lower(), f"no '{word}' in:\n{self.out}"
        return self
