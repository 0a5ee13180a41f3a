import fcntl
import subprocess

import pytest

import weather


@pytest.fixture(scope="session", autouse=True)
def images(tmp_path_factory):
    """What the tests run in containers is there; the first of the files that run at once makes it."""
    with open("/tmp/utr-weather-images.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        subprocess.run([weather.HOME / "fixtures/images/ensure-base"], check=True, stdout=subprocess.DEVNULL)
        one = weather.Project(tmp_path_factory.mktemp("images"))
        one.service("redis", start="60s", **weather.REDIS, build=str(weather.HOME / "fixtures/images/redis"))
        one.start().end(240).expect(0)


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
