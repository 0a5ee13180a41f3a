"""The plugin of one session that the runner watches."""

import os
from time import monotonic

import pytest
import utr

from . import collection, distribute, fixtures, outcome, required
from .text import name, place, quoted, text


def begin(config, options, address):
    """Say hello, and register what watches the session."""
    from .events import Events

    address, worker = distribute.worker_of(address)
    controls = worker is None and distribute.distributes(options)
    try:
        events = Events(address, shares=worker is not None)
    except OSError as problem:
        raise pytest.UsageError(f"the runner's event socket {address} does not answer: {problem}")
    answer = events.hello(worker or "main", **({"workers": True} if controls else {}))
    utr.services = tuple(answer.get("services", ()))
    os.environ.update(answer.get("env", {}))
    if controls and answer.get("parts"):
        distribute.refuse("the manifest's `workers:` shares out this suite already: leave out -n, --tx and --dist")
    plugin = distribute.Controller(events, address) if controls else Session(config, events, answer)
    config.pluginmanager.register(plugin, "utr_session")
    if worker is not None:
        config.pluginmanager.register(distribute.Survivor(plugin), "utr_survivor")


class Session:
    """Hooks of a process that runs tests."""

    def __init__(self, config, events, answer):
        self.events = events
        self.parts = bool(answer.get("parts"))
        self.collection = collection.Collection(answer.get("pattern"))
        self.fixtures = fixtures.Fixtures()
        self.root = str(getattr(config, "rootpath", None) or config.rootdir)
        self.is_lost = False  # the test that is up is not to run
        self.attempt = None  # of the test that runs
        self.test = None  # its name, as JSON

    # --- collection ---

    @pytest.hookimpl(hookwrapper=True, tryfirst=True)
    def pytest_collection_modifyitems(self, config, items):
        self.collection.add(items)
        yield
        self.collection.follow(items)
        for item in self.collection.dropped(items):
            file, line = item.location[:2]
            self.tell(item.nodeid, "skipped", "a hook dropped it from what was collected", self.at(file, line))
        left_out = [] if self.collection.pattern is None else [item for item in items if not self.collection.matches(item)]
        if left_out:
            config.hook.pytest_deselected(items=left_out)
            items[:] = [item for item in items if self.collection.matches(item)]

    def pytest_deselected(self, items):
        self.collection.deselected.update(id(item) for item in items)

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection_finish(self, session):
        self.collection.final(session.items)
        for nodeid, line, by in self.collection.hidden():
            message = f"never runs: line {by} defines the same name again"
            self.tell(f"{nodeid} (line {line})", "skipped", message, self.at(nodeid.split("::")[0], line))
        for message in self.collection.messages(self.parts):
            self.events.say("collected", **message)

    def ignore(self, path, config):
        if self.collection.pattern is None and collection.is_ignored_test(path, config):
            nodeid = os.path.relpath(str(path), self.root)
            self.tell(nodeid, "skipped", "a conftest keeps it out of the collection", self.at(nodeid, 0))

    if hasattr(pytest, "version_tuple"):  # 7 and later

        @pytest.hookimpl(hookwrapper=True, tryfirst=True)
        def pytest_ignore_collect(self, collection_path, config):
            ignored = yield
            if ignored.excinfo is None and ignored.get_result():
                self.ignore(collection_path, config)

    else:

        @pytest.hookimpl(hookwrapper=True, tryfirst=True)
        def pytest_ignore_collect(self, path, config):
            ignored = yield
            if ignored.excinfo is None and ignored.get_result():
                self.ignore(path, config)

    def pytest_collectreport(self, report):
        """A file that cannot be imported is an error, one that skips itself is skipped: neither is just missing."""
        if not report.passed:
            message, where = outcome.explain(report)
            self.tell(report.nodeid or "collection", "error" if report.failed else "skipped", message, where)

    def pytest_internalerror(self, excrepr):
        if self.events.broken is None:
            self.tell("pytest: internal error", "error", str(excrepr).strip().rpartition("\n")[2], None)

    def tell(self, nodeid, status, message, where):
        """A test that is told whole; not while another runs."""
        if self.attempt is None:
            self.events.tell(name(nodeid), status, text(message), where)

    def at(self, file, line):
        return place(file, line, self.root)

    # --- parts: the runner says which tests are this process's ---

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session):
        if not self.parts or session.config.option.collectonly:
            return None
        if session.testsfailed and not session.config.option.continue_on_collection_errors:
            raise session.Interrupted(f"{session.testsfailed} error(s) during collection")
        items = self.handed_out(session.items)
        item = next(items, None)
        while item is not None:
            following = next(items, None)  # asked for before this one runs: fixtures that both use stay
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
            if session.shouldfail:
                raise session.Failed(session.shouldfail)
            if session.shouldstop:
                raise session.Interrupted(session.shouldstop)
            item = following
        return True

    def handed_out(self, items):
        """Each portion in the order that this process's plugins gave to its tests."""
        place_of = {id(item): at for at, item in enumerate(items)}
        while True:
            portion = [self.collection.order[at] for at in self.events.say("next").get("tests", ())]
            if not portion:
                return
            yield from sorted(portion, key=lambda item: place_of[id(item)])

    # --- tests ---

    @pytest.hookimpl(hookwrapper=True, tryfirst=True)
    def pytest_runtest_protocol(self, item):
        events = self.events
        if events.silent or events.broken:
            yield
            return
        self.test = quoted(self.collection.names.get(id(item)) or name(item.nodeid))
        self.is_lost = not events.start(self.announcement(item))
        if self.is_lost:
            yield
            return
        attempt = self.attempt = outcome.Attempt()
        began = monotonic()
        ended = yield
        seconds = monotonic() - began
        attempt, self.attempt = self.attempt, None
        if events.silent or events.broken:
            return
        if ended.excinfo is None and attempt.is_plain_pass():
            status, message, where = "passed", "", None
        else:
            status, message, where = outcome.judge(attempt, ended.excinfo)
        if where is None:
            file, line = item.location[:2]
            where = self.at(file, (line or 0) + 1) or ("", 0)
        result = f'"test":{self.test},"status":"{status}","seconds":{seconds:.6f},"file":{quoted(where[0])},"line":{where[1]}'
        if message:
            result += f',"message":{quoted(text(message))}'
        events.finish(result.encode())

    def announcement(self, item):
        """The fields of `start`."""
        fields = f'"test":{self.test}'
        if required.is_marked(item):
            fields += ',"requires":[' + ",".join(map(quoted, required.known(item))) + "]"
        uses = self.fixtures.uses(item)
        if uses:
            fields += ',"uses":[' + ",".join(map(quoted, uses)) + "]"
        return fields.encode()

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_logreport(self, report):
        attempt = self.attempt
        if attempt is None:
            return
        if report.outcome == "rerun":  # pytest-rerunfailures: what comes now is another attempt
            self.attempt = outcome.Attempt(attempt.failed_before + 1)
            self.events.again(f'"test":{self.test}'.encode())
        else:
            attempt.reports.append(report)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_makereport(self, call):
        if call.excinfo is not None and self.attempt is not None:
            self.attempt.raised = call.excinfo.exconly(tryshort=True)

    @pytest.hookimpl(hookwrapper=True, trylast=True)
    def pytest_pyfunc_call(self):
        """The innermost: sees what the test raised before any hook may hide it."""
        called = yield
        if called.excinfo is not None and self.attempt is not None:
            self.attempt.raised = repr(called.excinfo[1])

    # --- fixtures wider than one test ---

    @pytest.hookimpl(hookwrapper=True, tryfirst=True)
    def pytest_fixture_setup(self, fixturedef, request):
        item = request._pyfuncitem
        if fixturedef.scope == "function" or self.events.silent or not fixtures.works(fixturedef, item):
            yield
            return
        phase = fixtures.Phase(self.events, self.fixtures, fixturedef, item)
        # Finalizers run last in, first out: these two enclose the fixture's own.
        fixturedef.addfinalizer(phase.over)
        phase.start()
        yield
        phase.end()
        fixturedef.addfinalizer(phase.start)

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self):
        if not self.events.broken and not self.events.silent:
            self.events.done()
