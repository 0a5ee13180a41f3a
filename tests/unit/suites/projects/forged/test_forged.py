def test_forges(pytestconfig):
    session = pytestconfig.pluginmanager.get_plugin("utr_session")
    session.events.say("finish", test="test_forged.py::test_forges", status="passed")
    assert False


def test_must_not_run():
    pass
