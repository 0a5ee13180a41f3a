import pytest


def test_renames_itself(request):
    request.node._nodeid = "test_renamed.py::test_honest"


def test_twice():
    pass


@pytest.mark.parametrize("value", ["\u00fc/::[]"])
def test_odd(value):
    pass
