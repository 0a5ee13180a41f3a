import os
import socket


def test_first():
    pass


def test_second():
    pass


def test_connects():
    with socket.socket() as nowhere:
        assert nowhere.connect_ex(("127.0.0.1", 1)) != 0


def test_after():
    pass


def test_dies():
    os._exit(0)
