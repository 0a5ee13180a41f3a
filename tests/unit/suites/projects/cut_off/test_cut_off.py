import socket

import utr_pytest


def test_loses_the_runner():
    utr_pytest.State.runner.socket.shutdown(socket.SHUT_RDWR)


def test_must_not_run():
    pass
