"""Holds many connections to Redis: crowd.py IDLE BUSY SECONDS, with the address in REDIS.

Each connection asks once; then the busy ones go on, sixteen requests at a time, while the idle ones stay open.
"""
import os
import resource
import selectors
import socket
import sys
import time

ONE = b"*2\r\n$3\r\nGET\r\n$7\r\ncrowd:1\r\n"
MISS = b"$-1\r\n"
DEPTH = 16


def connect(address):
    one = socket.create_connection(address)
    one.sendall(ONE)
    assert one.recv(64) == MISS
    return one


def keep_busy(crowd, seconds):
    ready = selectors.DefaultSelector()
    waiting = {}
    for one in crowd:
        ready.register(one, selectors.EVENT_READ)
        one.sendall(ONE * DEPTH)
        waiting[one] = len(MISS) * DEPTH
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        for key, _ in ready.select(1):
            one = key.fileobj
            waiting[one] -= len(one.recv(65536))
            if waiting[one] == 0:
                one.sendall(ONE * DEPTH)
                waiting[one] = len(MISS) * DEPTH


def main():
    idle, busy, seconds = map(int, sys.argv[1:])
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    host, port = os.environ["REDIS"].split(":")
    crowd = [connect((host, int(port))) for _ in range(idle + busy)]
    keep_busy(crowd[:busy], seconds)


main()
