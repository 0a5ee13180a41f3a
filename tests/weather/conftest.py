import pytest

import weather


@pytest.fixture
def project(tmp_path):
    """A project of one Redis; whatever its runs leave fails the test."""
    one = weather.Project(tmp_path)
    yield one
    try:
        weather.wait_for(lambda: not one.left(), weather.SOON, "nothing left")
    except AssertionError:
        left = one.left()
        one.remove_left()
        assert not left, "left behind: " + "; ".join(left)
