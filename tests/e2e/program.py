"""The program on a project that a test writes: what a user types, sees and is left with."""
import os
import subprocess
import tempfile
from pathlib import Path

import pytest

PROGRAM = os.environ["UTR_PROGRAM"]


class Project:
    def __init__(self, root):
        self.root = Path(root)

    def write(self, name, text):
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        return path

    def read(self, name):
        return (self.root / name).read_bytes().decode()

    def call(self, *arguments, **options):
        done = subprocess.run([PROGRAM, *map(str, arguments)], cwd=self.root, stdin=subprocess.DEVNULL,
                              capture_output=True, timeout=120, **options)
        return done.returncode, done.stdout.decode(), done.stderr.decode()

    def git(self, *arguments):
        subprocess.run(["git", "-c", "user.name=Ada", "-c", "user.email=ada@example.org", "-c", "init.defaultBranch=main",
                        *arguments], cwd=self.root, check=True, capture_output=True)

    def commit(self, message="all of it"):
        if not (self.root / ".git").exists():
            self.git("init")
        self.git("add", "-A")
        self.git("commit", "-m", message)


@pytest.fixture
def open_project():
    """In a folder that anybody may enter: each pytest that starts closes those of all to others."""
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o777)
        yield Project(Path(folder).resolve())
