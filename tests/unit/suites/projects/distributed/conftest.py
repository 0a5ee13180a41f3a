import os

import pytest

# Each worker has addresses of its own, and learns them before any conftest is imported.
assert os.environ["SUITE_ADDRESS"] == "127.0.0.1:5432"
assert "UTR_EVENTS" not in os.environ


@pytest.fixture(scope="module")
def table():
    yield []
