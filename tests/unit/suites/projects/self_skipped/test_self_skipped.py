import pytest

pytest.importorskip("no_such_module", reason="no driver here")


def test_never():
    pass
