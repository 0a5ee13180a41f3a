import pytest


def test_fills(table):
    table.append("row")


def test_reads(table):
    assert table == ["row"]


@pytest.mark.parametrize("n", range(12))
def test_each(n):
    pass


@pytest.mark.xdist_group("pair")
def test_one():
    pass


@pytest.mark.xdist_group("pair")
def test_other():
    pass


class TestInOrder:
    seen = []

    @classmethod
    def setup_class(cls):
        cls.seen.append("ready")

    def test_first(self):
        self.seen.append("first")

    def test_second(self):
        assert self.seen == ["ready", "first"]
