import socket


def test_loses_the_runner(pytestconfig):
    session = pytestconfig.pluginmanager.get_plugin("utr_session")
    session.events.socket.shutdown(socket.SHUT_RDWR)


def test_must_not_run():
    pass
