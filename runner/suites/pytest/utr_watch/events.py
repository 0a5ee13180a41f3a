"""The event socket: one line of JSON out, one line back.

A test's start and finish are not waited for while nothing of this process can have reached a service, or there is no
service to reach: the runner would learn nothing from making us wait. They are appended to a file then, which the
runner reads before it attributes anything. As soon as something may have reached a service, every answer is waited
for, for good.
"""

import json
import mmap
import os
import socket
import sys
from time import monotonic, sleep
from types import ModuleType

import pytest

# What can open a connection, here or in another process, as the interpreter itself tells it.
OUTWARD = """socket.connect socket.sendto socket.sendmsg subprocess.Popen os.fork os.forkpty os.posix_spawn os.spawn
    os.exec os.system pty.spawn ctypes.dlopen""".split()
LOOKS_EVERY = 0.2  # seconds; so often the runner is told to read what was appended
# Modules that start processes of which it tells nothing.
SPAWNERS = {"multiprocessing.popen_spawn_posix", "multiprocessing.popen_forkserver"}


class Horizon:
    """Whether anything of this process can have reached beyond it."""

    def __init__(self):
        self.never = dict.fromkeys(OUTWARD)
        self.modules = 0
        # The quickest audit hook that there is: each event leaves the table when it first happens.
        sys.addaudithook(self.never.pop)

    def was_crossed(self):
        return len(self.never) < len(OUTWARD) or (len(sys.modules) != self.modules and self._has_native_module())

    def _has_native_module(self):
        """Compiled modules that are not Python's own connect as they like."""
        self.modules = len(sys.modules)
        if not SPAWNERS.isdisjoint(sys.modules):
            return True
        return any(is_native(module) for module in list(sys.modules.values()))


def is_native(module):
    file = module.__dict__.get("__file__") if type(module) is ModuleType else None
    return isinstance(file, str) and file.endswith(".so") and "lib-dynload" not in file


class Events:
    """The connection to the runner."""

    def __init__(self, path, shares):
        self.shares = shares  # its tests may have been another worker's
        self.silent = False
        self.broken = None
        self.waiting = True
        self.attention = self.horizon = None
        self.pending = b""
        self.file = None
        self.looked = 0
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.socket.connect(path)
        self.lines = self.socket.makefile("rb")
        os.register_at_fork(after_in_child=self._forget)

    def _forget(self):
        """In a forked child: only its parent speaks."""
        self.silent = True
        os.close(self.socket.fileno())
        self.socket.detach()

    def hello(self, worker, **more):
        answer = self.say("hello", adapter="pytest", worker=worker, **more)
        path = answer.get("attention")
        if path and hasattr(sys, "addaudithook"):
            self.file = os.open(path, os.O_RDWR | os.O_APPEND)
            self.attention = mmap.mmap(self.file, 1, access=mmap.ACCESS_READ)
            self.horizon = None if answer.get("alone") else Horizon()
            self.waiting = False
        return answer

    def waits(self):
        if not self.waiting and self.horizon is not None:
            self.waiting = self.attention[0] != 0 or self.horizon.was_crossed()
        return self.waiting

    def start(self, test):
        """test: the fields of the message, as JSON without braces. Whether it is to run: false where the worker
        that ran it died."""
        if not self.waits() and not self.shares:
            self._append(b'{"event":"start","answer":false,%b}\n' % test)
            return True
        while True:
            answer = self._ask("start", b'{"event":"start",%b}\n' % test)
            if not self._rests(answer):
                return not answer.get("told")

    def again(self, test):
        """The running test begins anew; what came of it so far does not count."""
        message = b'{"event":"start","again":true,%b%b}\n'
        if self.waits():
            self._ask("start", message % (b"", test))
        else:
            self._append(message % (b'"answer":false,', test))

    def tell(self, test, status, message, where):
        """A test that is told whole, where nobody has told it yet."""
        file, line = where or ("", 0)
        self.say("tell", test=test, status=status, message=message, file=file, line=line)

    def finish(self, result):
        if self.waits():
            self._ask("finish", b'{"event":"finish",%b}\n' % result)
        else:
            self.pending += b'{"event":"finish","answer":false,%b}\n' % result  # goes with what is said next

    def done(self):
        while self._rests(self.say("done")):
            pass

    @staticmethod
    def _rests(answer):
        """Be quiet as long as the runner wants to listen; it is told the same again then."""
        quiet_ms = answer.get("quiet_ms")
        if quiet_ms:
            sleep(quiet_ms / 1000)
        return bool(quiet_ms)

    def say(self, event, **fields):
        """Send and wait."""
        return self._ask(event, json.dumps({"event": event, **fields}).encode() + b"\n")

    def _ask(self, event, line):
        """Whatever goes wrong ends the session: a test that nobody heard of must not pass."""
        if self.silent:
            return {}
        if self.broken is None:
            self.broken = "a message was cut off"  # holds where a signal's exception ends the exchange
            answer, self.broken = self._exchange(event, line)
            if self.broken is None:
                return answer
        return self._end()

    def _exchange(self, event, line):
        try:
            self._write(line)
            line = self.lines.readline()
            if not line:
                return None, "the runner has closed it"
            answer = json.loads(line)
        except (OSError, ValueError) as problem:
            return None, str(problem)
        if "error" in answer:
            return None, f"the runner refused {event}: {answer['error']}"
        return answer, None

    def _append(self, line):
        if self.silent:
            return
        line, self.pending = self.pending + line, b""
        try:
            if os.write(self.file, line) < len(line):
                raise OSError("the disk is full")
            now = monotonic()
            if now - self.looked > LOOKS_EVERY:
                self.looked = now
                self._write(b'{"event":"look","answer":false}\n')
        except OSError as problem:
            self.broken = str(problem)
            self._end()

    def _write(self, line):
        line, self.pending = self.pending + line, b""
        self.socket.sendall(line)

    def _end(self):
        pytest.exit(f"the runner's event socket is broken: {self.broken}", returncode=4)
