"""The pytest plugin: tells the runner over its event socket what each test does.

The runner loads it through PYTEST_PLUGINS. It works with pytest 6 to 8 and under pytest-xdist. Protocol:
runner/suites/event.h. What is here is for every pytest that loads it; a session that the runner watches gets one
more plugin, of session.py, which a pytest that a test starts by itself never does.
"""

import os

import pytest
import utr

from utr_watch import required


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config):
    """Before any conftest or test is imported."""
    watch(early_config, early_config.known_args_namespace)


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config):
    watch(config, config.option)
    config.addinivalue_line(
        "markers", f"{required.MARKER}(*services): the test owes proof from these services, or from all of its category."
    )


def watch(config, options):
    """Say hello, once, where the runner is there."""
    address = os.environ.pop("UTR_EVENTS", None)
    if not address:
        return
    # A pytest that a test starts by itself is that test's own business.
    others = [name for name in os.environ.get("PYTEST_PLUGINS", "").split(",") if name != __name__]
    os.environ["PYTEST_PLUGINS"] = ",".join(others)
    from utr_watch import session

    session.begin(config, options, address)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item):
    if required.is_marked(item):
        utr.fail_without_runner()
        required.fail_where_unknown(item)
