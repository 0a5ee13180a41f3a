import unittest

import pytest


def test_one_fails(subtests):
    with subtests.test("first", n=1):
        pass
    with subtests.test("second", n=2):
        assert 0


def test_one_skips(subtests):
    with subtests.test("second"):
        pytest.skip("not here")


def test_all_pass(subtests):
    with subtests.test("first"):
        pass


class TestParts(unittest.TestCase):
    def test_one_fails(self):
        for n in range(3):
            with self.subTest(n=n):
                self.assertNotEqual(n, 1)

    def test_one_skips(self):
        for n in range(3):
            with self.subTest(n=n):
                if n == 1:
                    self.skipTest("one")

    def test_all_pass(self):
        with self.subTest():
            pass
