import os
import signal

import pytest


@pytest.mark.parametrize("n", range(4))
def test_before(n):
    pass


def test_exits():
    os._exit(0)


@pytest.mark.parametrize("n", range(4))
def test_between(n):
    pass


def test_is_killed():
    os.kill(os.getpid(), signal.SIGKILL)


@pytest.mark.parametrize("n", range(4))
def test_after(n):
    pass
