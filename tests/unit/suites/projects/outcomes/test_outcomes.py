import asyncio
import os
import unittest

import pytest

from utr import require_docker_services


def test_passes(row):
    assert row == "table"


def test_fails():
    value = 1
    assert value == 2


def test_setup_fails(broken):
    pass


def test_teardown_fails(untidy):
    pass


@pytest.mark.skip(reason="later")
def test_skipped():
    pass


def test_skips_in_fixture(skips):
    pass


@pytest.mark.xfail(reason="known")
def test_xfails():
    assert False


@pytest.mark.xfail(reason="known")
def test_xpasses():
    pass


@pytest.mark.xfail(strict=True, reason="known")
def test_xpasses_strictly():
    pass


@pytest.mark.parametrize("value", [1, 2])
def test_each(value):
    assert value


@require_docker_services("db")
def test_requires_one(row):
    assert row


@require_docker_services()
def test_requires_all():
    pass


@require_docker_services
def test_requires_bare():
    pass


@pytest.mark.require_docker_services("cache")
def test_requires_by_marker():
    pass


@require_docker_services("mars")
def test_requires_unknown():
    pass


@require_docker_services("cache")
class TestGroup:
    @pytest.fixture(scope="class")
    def shared(self):
        yield 1

    def test_in_class(self, shared):
        assert shared

    @require_docker_services("db")
    def test_in_class_with_more(self, shared):
        assert shared


@require_docker_services("db")
class TestCases(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.ready = True

    def test_case(self):
        self.assertTrue(self.ready)

    @unittest.expectedFailure
    def test_expected(self):
        self.assertTrue(False)

    @unittest.skip("not here")
    def test_case_skipped(self):
        pass


@require_docker_services("db")
async def test_async():
    await asyncio.sleep(0)


def test_fork_stays_silent():
    child = os.fork()
    if child == 0:
        return
    _, status = os.waitpid(child, 0)
