#!/usr/bin/python3
"""clang-tidy over the program and the C of the fixtures: tidy.py BUILD_DIR [ROOT [FILE...]].

A file that was found clean is not read again while it, its headers, its flags and .clang-tidy stay as they are:
BUILD_DIR/tidy holds an empty file per clean one, named after a digest of all that.
"""
import hashlib
import json
import os
import shlex
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tree import files

# Folders with a Makefile of their own: their pkg-config names.
APART = {
    "fixtures/auth-service": ["libmicrohttpd", "libjwt", "libpq", "hiredis", "libsodium", "jansson"],
    "fixtures/suites/auth": ["cmocka", "libcurl", "jansson", "libcrypto"],
}


def flags_of(command):
    """What a compile command says besides compiler, source and outputs; gcc's own warnings are nothing to clang."""
    words = shlex.split(command)
    while words and not words[0].startswith("-"):
        words.pop(0)
    kept, skip = [], False
    for word, following in zip(words, words[1:] + [""]):
        if skip or word == "-c" or (not following and not word.startswith("-")):
            skip = False
        elif word in ("-o", "-MF", "-MT"):
            skip = True
        elif word not in ("-MD", "-MMD"):
            kept.append(word)
    return [*kept, "-Wno-unknown-warning-option"]


def built(root, build):
    """file -> flags, of the compile database; flags may be relative to the build folder, which CMake avoids."""
    database = json.loads((build / "compile_commands.json").read_text())
    return {Path(entry["file"]).relative_to(root): flags_of(entry["command"])
            for entry in database if Path(entry["file"]).is_relative_to(root / "runner")}


def apart(root):
    for folder, packages in APART.items():
        libraries = subprocess.run(["pkg-config", "--cflags", *packages], check=True, text=True, stdout=subprocess.PIPE)
        flags = ["-std=gnu17", "-D_GNU_SOURCE", "-Wall", "-Wextra", *shlex.split(libraries.stdout)]
        for path in files(root, ".c", under=folder):
            yield path, flags


def digest(root, path, flags):
    """None where the preprocessor fails: clang-tidy then says why."""
    done = subprocess.run(["clang", "-E", "-CC", *flags, path], cwd=root, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    if done.returncode:
        return None
    whole = hashlib.sha256(done.stdout)
    whole.update((root / ".clang-tidy").read_bytes())
    whole.update("\0".join(flags).encode())
    return whole.hexdigest()


def examine(root, known, path, flags):
    """What is wrong with one file, or None."""
    name = digest(root, path, flags)
    if name and (known / name).exists():
        return None
    done = subprocess.run(["clang-tidy", "--quiet", str(path), "--", *flags], cwd=root, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    if done.returncode or "warning:" in done.stdout:
        return done.stdout.strip() or f"{path}: clang-tidy ended with {done.returncode}"
    if name:
        (known / name).touch()
    return None


def main(build, root=Path(__file__).parents[2], *only):
    build, root = Path(build).resolve(), Path(root).resolve()
    known = build / "tidy"
    known.mkdir(parents=True, exist_ok=True)
    work = built(root, build) if (root / "runner/CMakeLists.txt").exists() else {}
    faults = [f"{path}: is not built: list it in its CMakeLists.txt"
              for path in files(root, ".c", under="runner") if path not in work]
    work.update(apart(root))
    chosen = {path: work[path] for path in map(Path, only)} if only else work
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        faults += filter(None, pool.map(lambda item: examine(root, known, *item), chosen.items()))
    print("\n".join(faults) if faults else f"tidy: {len(chosen)} files clean")
    return 1 if faults or not chosen else 0


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit("usage: tidy.py BUILD_DIR [ROOT [FILE...]]")
    sys.exit(main(*sys.argv[1:]))
