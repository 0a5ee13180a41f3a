import pytest

attempts = []


@pytest.fixture(scope="module")
def opened():
    attempts.append("opened")
    if attempts.count("opened") < 2:
        raise RuntimeError("not yet")
    yield


@pytest.mark.flaky(reruns=2)
def test_second_time():
    attempts.append("second")
    assert attempts.count("second") == 2


@pytest.mark.flaky(reruns=1)
def test_never():
    # Twice.
    assert False


@pytest.mark.flaky(reruns=1)
def test_fixture(opened):
    pass
