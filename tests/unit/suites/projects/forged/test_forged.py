import utr_pytest


def test_forges():
    utr_pytest.State.runner.say(event="finish", test="test_forged.py::test_forges", status="passed")
    assert False


def test_must_not_run():
    pass
