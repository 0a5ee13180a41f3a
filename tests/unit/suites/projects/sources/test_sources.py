import contextlib
import sqlite3
import unittest
from unittest import mock

import pytest


@pytest.fixture
def fake():
    return mock.Mock()


def answer():
    return 42


def check_answer(value):
    assert value == 42


def fake_answer():
    return mock.Mock(return_value=42)()


def test_asserts():
    assert answer() == 42


def test_asserts_by_a_helper():
    check_answer(answer())


def test_asserts_nothing():
    answer()


def test_asserts_a_constant():
    answer()
    assert True


def test_expects_an_error():
    with pytest.raises(ZeroDivisionError):
        1 / 0


def test_patches(monkeypatch):
    monkeypatch.setattr("os.sep", "/")
    assert answer()


@mock.patch("os.sep", "/")
def test_is_patched():
    assert answer()


def test_uses_a_fixture_that_mocks(fake):
    assert fake


def test_calls_what_mocks():
    assert fake_answer() == 42


def test_is_in_memory():
    assert sqlite3.connect(":memory:")


def test_sets_a_variable(monkeypatch):
    monkeypatch.setenv("ANSWER", "42")
    assert answer()


def test_swallows():
    try:
        assert answer() == 43
    except AssertionError:
        print("never mind")


def test_suppresses():
    with contextlib.suppress(Exception):
        assert answer() == 43


def test_tries_and_raises():
    try:
        assert answer() == 42
    except AssertionError as problem:
        raise RuntimeError from problem


class TestCases(unittest.TestCase):
    def test_case(self):
        self.assertEqual(answer(), 42)
