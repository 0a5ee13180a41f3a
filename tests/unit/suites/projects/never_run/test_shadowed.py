import sys


def test_same():
    assert False


def test_same():
    pass


class TestGroup:
    def test_same(self):
        assert False

    def test_same(self):
        pass


if sys.platform == "win32":

    def test_by_platform():
        pass

else:

    def test_by_platform():
        pass


def test_taken():
    pass


taken = test_taken


def test_taken():
    taken()
