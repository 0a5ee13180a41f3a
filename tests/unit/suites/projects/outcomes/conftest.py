import os

import pytest

# The environment is there before any conftest is imported.
assert os.environ["SUITE_ADDRESS"] == "127.0.0.1:5432"


@pytest.fixture(scope="session")
def table():
    yield "table"


@pytest.fixture(scope="module")
def rows(table):
    yield [table]


@pytest.fixture
def row(rows):
    yield rows[0]


@pytest.fixture
def broken():
    raise RuntimeError("no setup")


@pytest.fixture
def untidy():
    yield
    raise RuntimeError("no teardown")


@pytest.fixture
def skips():
    pytest.skip("no engine")
