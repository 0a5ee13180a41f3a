"""The pytest plugin: tells the runner over its event socket what each test does, and waits for its answers.

The runner loads it through PYTEST_PLUGINS. It works with pytest 6 to 8. Protocol: runner/suites/event.h.
"""

import fnmatch
import hashlib
import json
import os
import socket
import time

import pytest

import utr

MARKER = "require_docker_services"
MOST_TEXT = 6000


class Runner:
    """The connection to the runner: one line out, one line back."""

    def __init__(self, path):
        self.pid = os.getpid()
        self.broken = None
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.socket.connect(path)
        self.lines = self.socket.makefile("rb")
        os.register_at_fork(after_in_child=self.forget)

    def forget(self):
        """In a forked child: only its parent speaks."""
        os.close(self.socket.fileno())
        self.socket.detach()

    def is_ours(self):
        return os.getpid() == self.pid

    def say(self, **message):
        """Send and wait. Whatever goes wrong ends the session: a test that nobody heard of must not pass."""
        if not self.is_ours():
            return {}
        if self.broken is None:
            self.broken = "a message was cut off"  # holds where a signal's exception ends the exchange
            answer, self.broken = self._exchange(message)
            if self.broken is None:
                return answer
        pytest.exit(f"the runner's event socket is broken: {self.broken}", returncode=4)

    def _exchange(self, message):
        try:
            self.socket.sendall(json.dumps(message, ensure_ascii=False).encode() + b"\n")
            line = self.lines.readline()
            if not line:
                return None, "the runner has closed it"
            answer = json.loads(line)
        except (OSError, ValueError) as problem:
            return None, str(problem)
        if "error" in answer:
            return None, f"the runner refused {message['event']}: {answer['error']}"
        return answer, None


class State:
    """What the plugin knows of this session."""

    runner = None
    pattern = None
    services = ()
    reports = ()
    raised = {}
    running = None
    deselected = set()
    told = set()
    here = os.getcwd()


def connect():
    """Say hello, once, before any conftest or test is imported."""
    path = os.environ.pop("UTR_EVENTS", None)
    if not path or State.runner:
        return
    # A pytest that a test starts by itself is that test's own business.
    others = [name for name in os.environ.get("PYTEST_PLUGINS", "").split(",") if name != __name__]
    os.environ["PYTEST_PLUGINS"] = ",".join(others)
    try:
        runner = Runner(path)
    except OSError as problem:
        raise pytest.UsageError(f"the runner's event socket {path} does not answer: {problem}")
    answer = runner.say(event="hello", adapter="pytest", worker="main")
    State.runner = runner
    State.pattern = answer.get("pattern")
    State.services = tuple(answer.get("services", ()))
    utr.services = State.services
    os.environ.update(answer.get("env", {}))


def active():
    return State.runner is not None and State.runner.is_ours()


def text(value, most=MOST_TEXT):
    """A string that JSON and UTF-8 can carry, not too long."""
    plain = str(value).replace("\0", "\\0").encode("utf-8", "replace").decode()
    return plain if len(plain) <= most else plain[:most] + "..."


def name(nodeid):
    """A node id as the runner is told it: long ones stay distinct when they are cut."""
    plain = text(nodeid, len(nodeid) * 2)
    if len(plain.encode()) <= MOST_TEXT:
        return plain
    digest = hashlib.sha256(plain.encode()).hexdigest()[:16]
    return plain.encode()[: MOST_TEXT - 32].decode("utf-8", "ignore") + "..." + digest


def place(path, line):
    """File and line relative to where pytest was started; None for what lies elsewhere, such as in a library."""
    inside = os.path.relpath(os.path.join(State.here, str(path)), State.here)
    return None if inside.startswith("..") else (text(inside), line or 0)


# --- set-up ---


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests():
    connect()


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config):
    connect()
    config.addinivalue_line(
        "markers", f"{MARKER}(*services): the test owes proof from these services, or from all of its category."
    )
    if State.runner and distributes(config):
        raise pytest.UsageError(
            "the runner does not watch pytest-xdist's workers: leave out -n and --dist "
            "(the manifest's `workers:` is how suites run in parallel)"
        )


def distributes(config):
    option = config.getoption
    dist = option("dist", "no")
    return bool(option("numprocesses", None) or option("tx", None) or dist not in ("no", None))


# --- collection ---


@pytest.hookimpl(hookwrapper=True, tryfirst=True)
def pytest_collection_modifyitems(config, items):
    before = [(item, item.nodeid) for item in items]
    yield
    if not active():
        return
    tell_dropped(before, items)
    kept = [item for item in items if matches(item.nodeid)]
    dropped = [item for item in items if not matches(item.nodeid)]
    if dropped:
        config.hook.pytest_deselected(items=dropped)
        items[:] = kept


def pytest_deselected(items):
    State.deselected.update(id(item) for item in items)


def tell_dropped(before, items):
    """What was collected and then dropped without a word would be missed by nobody."""
    kept, names = {id(item) for item in items}, {item.nodeid for item in items}
    for item, nodeid in before:
        gone = id(item) not in kept | State.deselected and nodeid not in names
        if gone and matches(nodeid):
            tell(nodeid, "skipped", "a hook dropped it from what was collected", place(*item.location[:2]))


def matches(nodeid):
    """The pattern selects it: by its whole node id, or by the test's own name."""
    if State.pattern is None:
        return True
    own = nodeid.partition("::")[2].split("[")[0].rpartition("::")[2]
    return fnmatch.fnmatchcase(nodeid, State.pattern) or fnmatch.fnmatchcase(own, State.pattern)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_finish(session):
    if active():
        State.runner.say(event="collected", tests=len(session.items))


def pytest_collectreport(report):
    """A file that cannot be imported is an error, one that skips itself is skipped: neither is just missing."""
    if active() and not report.passed:
        message, where = explain(report)
        tell(report.nodeid or "collection", "error" if report.failed else "skipped", message, where)


def pytest_internalerror(excrepr):
    if active() and State.runner.broken is None:
        tell("pytest: internal error", "error", str(excrepr).strip().rpartition("\n")[2], None)


def tell(nodeid, status, message, where):
    """A test that is told whole."""
    test = name(nodeid)
    if test in State.told or State.running:
        return
    State.told.add(test)
    State.runner.say(event="start", test=test, requires=[])
    finish(test, status, 0.0, message, where)


def finish(test, status, seconds, message, where):
    file, line = where or ("", 0)
    State.runner.say(
        event="finish", test=test, status=status, seconds=seconds, message=text(message), file=file, line=line
    )


# --- tests ---


def required(item):
    """The services that a test requires; without names: all."""
    names = []
    for marker in item.iter_markers(MARKER):
        names += marker.args or State.services
    return list(dict.fromkeys(str(one) for one in names))


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item):
    if item.get_closest_marker(MARKER) is None:
        return
    utr.fail_without_runner()
    known = ", ".join(State.services) or "none"
    unknown = [one for one in required(item) if one not in State.services]
    if unknown or not State.services:
        wrong = ", ".join(repr(one) for one in unknown) or "every service"
        pytest.fail(f"@{MARKER} names {wrong}; this run knows: {known}", pytrace=False)


@pytest.hookimpl(hookwrapper=True, tryfirst=True)
def pytest_runtest_protocol(item):
    if not active():
        yield
        return
    test = name(item.nodeid)
    requires = [one for one in required(item) if one in State.services]
    State.runner.say(event="start", test=test, requires=requires)
    State.reports, State.raised, State.running = [], {}, item.nodeid
    began = time.monotonic()
    outcome = yield
    State.running = None
    if not active() or State.runner.broken:
        return
    State.told.add(test)
    status, message, where = judge(State.reports, outcome.excinfo)
    where = where or place(item.location[0], (item.location[1] or 0) + 1)
    finish(test, status, time.monotonic() - began, message, where)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_logreport(report):
    if State.running == report.nodeid:
        State.reports.append(report)


@pytest.hookimpl(hookwrapper=True, tryfirst=True)
def pytest_runtest_makereport(item, call):
    yield
    if State.running == item.nodeid:
        State.raised[call.when] = call.excinfo and call.excinfo.exconly(tryshort=True)


def status_of(report):
    expected = hasattr(report, "wasxfail")
    if report.failed:
        return "failed" if report.when == "call" else "error"
    if report.skipped:
        return "xfailed" if expected else "skipped"
    if report.when != "call":
        return None
    return "xpassed" if expected else "passed"


def judge(reports, excinfo):
    """One status from the reports of set-up, call and teardown: the worst."""
    again = [report for report in reports if report.outcome == "rerun"]
    final = [report for report in reports if report.outcome != "rerun"]
    for status in ("failed", "error"):
        for report in final:
            if status_of(report) == status:
                return (status, *explain(report))
    if excinfo is not None:
        return "error", f"the session was ended: {excinfo[1]!r}", None
    for status in ("skipped", "xfailed", "xpassed"):
        for report in final:
            if status_of(report) == status:
                return (status, *explain(report))
    if not any(status_of(report) == "passed" for report in final):
        return "error", "the test ended without a result", None
    for raised in filter(None, State.raised.values()):
        return "xfailed", f"a hook reported as passed what raised {raised}", None
    return "passed", f"passed after {len(again)} failed attempt(s)" if again else "", None


def explain(report):
    """Message and place of a report that is not simply passed."""
    detail = report.longrepr
    crash = getattr(detail, "reprcrash", None)
    if hasattr(report, "wasxfail"):
        return str(report.wasxfail).replace("reason: ", "", 1), None
    if isinstance(detail, tuple):
        reason = str(detail[2])
        return reason.replace("Skipped: ", "", 1), place(detail[0], detail[1])
    if crash is not None:
        return crash.message, place(crash.path, crash.lineno)
    return str(detail or ""), None


# --- fixtures wider than one test ---


@pytest.hookimpl(hookwrapper=True, tryfirst=True)
def pytest_fixture_setup(fixturedef):
    if not active() or fixturedef.scope == "function":
        yield
        return
    phase = FixturePhase(fixturedef)
    # Finalizers run last in, first out: these two enclose the fixture's own.
    fixturedef.addfinalizer(phase.end)
    phase.start()
    yield
    phase.end()
    fixturedef.addfinalizer(phase.start)


class FixturePhase:
    """A fixture's set-up or tear-down, told while it lasts."""

    def __init__(self, fixturedef):
        self.what = {"scope": str(fixturedef.scope), "name": text(fixturedef.argname, 500)}
        self.open = False

    def start(self):
        self._tell(True, "start")

    def end(self):
        self._tell(False, "end")

    def _tell(self, opens, phase):
        if self.open == opens or not active() or State.runner.broken:
            return
        self.open = opens
        State.runner.say(event="fixture", phase=phase, **self.what)
