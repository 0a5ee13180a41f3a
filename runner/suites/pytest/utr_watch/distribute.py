"""pytest-xdist: the controller runs no test; each of its workers says hello by itself."""

import os

import pytest

from . import text

PLUGIN = "utr_pytest"
WORKER = "xdist:"  # what an address of the event socket begins with that a controller gave to its workers


def refuse(why):
    raise pytest.UsageError(f"under the runner: {why}")


def distributes(options):
    """Whether pytest-xdist is going to start workers."""
    if getattr(options, "looponfail", False):
        refuse("-f / --looponfail never ends: leave it out")
    if getattr(options, "usepdb", False) or getattr(options, "collectonly", False):
        return False
    if getattr(options, "dist", None) == "each":
        refuse("--dist each runs every test in every worker, and a test has one result: use another --dist")
    return bool(getattr(options, "numprocesses", None) or getattr(options, "tx", None))


def worker_of(address):
    """The address of the event socket, and this process's name as a worker; None where it is none."""
    if address.startswith(WORKER):
        return address[len(WORKER) :], os.environ["PYTEST_XDIST_WORKER"]
    return address, None


class Survivor:
    """xdist hands out again what a worker died of: leaves that out."""

    def __init__(self, session):
        self.session = session

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_protocol(self):
        return True if self.session.is_lost else None


class Controller:
    """The plugin of a session whose tests run in workers."""

    def __init__(self, events, address):
        self.events, self.address = events, address

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_setupnodes(self, specs):
        """They alone learn where the runner listens, before they import anything."""
        for spec in specs:
            if not spec.popen or getattr(spec, "via", None):
                refuse(f"--tx {spec} is not on this machine: only popen's workers can be watched")
            others = spec.env.get("PYTEST_PLUGINS", os.environ.get("PYTEST_PLUGINS", ""))
            spec.env["PYTEST_PLUGINS"] = ",".join(filter(None, [PLUGIN, others]))
            spec.env["UTR_EVENTS"] = WORKER + self.address

    @pytest.hookimpl(optionalhook=True)
    def pytest_handlecrashitem(self, crashitem, report):
        """A worker died; of a test that it had not begun we hear only here."""
        test = crashitem.rpartition("@")[0] if crashitem.rfind("@") > crashitem.rfind("]") else crashitem
        self.events.tell(text.name(test), "error", text.text(report.longrepr), None)

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self):
        if not self.events.broken:
            self.events.done()
