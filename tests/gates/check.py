#!/usr/bin/python3
"""The gates that keep the house as it was planned: check.py GATE [ROOT]. Each fault is a line "file:line: what"."""
import re
import subprocess
import sys
from pathlib import Path

from tree import c_files, code, files, scripts, text

MAX_LINES = 600
INCLUDE = re.compile(r'^\s*#\s*include\s+"([^"]+)"', re.M)
PRINTS = re.compile(r"\b(v?d?printf|puts|putchar|perror|stdout|stderr|write\s*\(\s*(?:STD\w+_FILENO|[12]\b))")
PRINTERS = {"cli", "report"}
MAY_PRINT = {"runner/suites/go/exec.c"}  # a program of its own, which go runs
ENDS = re.compile(r"\b(exit|_exit|_Exit|quick_exit|abort)\s*\(")
# Who else may end a process, and which.
MAY_END = {
    ("runner/loop/child.c", "_exit"): "the forked child, when exec failed",
    ("runner/isolation/space.c", "_exit"): "the helper that makes namespaces is a process of its own",
    ("runner/services/reaper.c", "_exit"): "the reaper is a process of its own",
    ("runner/loop/keeper.c", "_exit"): "the keeper is a process of its own",
    ("runner/run/run.c", "_exit"): "the second interruption ends it at once",
    ("runner/base/memory.c", "abort"): "no memory",
    ("runner/base/yaml.c", "abort"): "no memory",
}
# A path of somebody's machine, or an address on the open network other than these few pages.
PLACES = re.compile(
    r"(?<![\w.$}/])/(?:work|root|tmp/team|home/(?!user\b)\w+)/"
    r"|https?://(?!127\.|(?:[\w-]+\.)*(?:example|test|invalid)\b|example\.org\b|json-schema\.org\b|json\.schemastore\.org\b|docs\.docker\.com\b)"
    r"[\w-]+\.[\w.-]+")
# The gate's own words.
MAY_NAME = {"tests/gates/check.py", "tests/gates/test_gates.py"}


def line_of(content, offset):
    return content.count("\n", 0, offset) + 1


def read_layers(root):
    """folder -> folders it may include; and what is wrong with the list itself"""
    layers, faults = {}, []
    for number, line in enumerate(text(root, "runner/layers.txt").splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        folder, _, lower = line.partition(":")
        for name in lower.split():
            if name not in layers:
                faults.append(f"runner/layers.txt:{number}: {folder} may use {name}, which is not listed below it")
        layers[folder] = {folder, *lower.split()}
    return layers, faults


def include_fault(root, layers, folder, name):
    target = name.split("/")[0]
    if target not in layers or not (root / "runner" / name).is_file():
        return f'"{name}" is no file of runner/; write the path from there'
    if folder == "runner":
        return None if target == "cli" else f"main.c may use cli only, not {target}"
    if target not in layers.get(folder, {target}):
        return f"{folder} may not use {target} (runner/layers.txt)"
    return None


def layers(root):
    known, faults = read_layers(root)
    yield from faults
    for path in c_files(root, "runner"):
        folder = path.parts[1] if len(path.parts) > 2 else "runner"
        if folder not in known and folder != "runner":
            yield f"{path}:1: the folder {folder} is not in runner/layers.txt"
        content = text(root, path)
        for include in INCLUDE.finditer(content):
            fault = include_fault(root, known, folder, include[1])
            if fault:
                yield f"{path}:{line_of(content, include.start())}: {fault}"


def printing(root):
    for path in c_files(root, "runner"):
        if path.parts[1] in PRINTERS or path.as_posix() in MAY_PRINT:
            continue
        content = re.sub(r"format\s*\(\s*printf", "format(      ", code(root, path))
        for hit in PRINTS.finditer(content):
            yield f"{path}:{line_of(content, hit.start())}: {hit[1]}: only cli/ and report/ print"


def ending(root):
    for path in c_files(root, "runner"):
        content = code(root, path)
        for hit in ENDS.finditer(content):
            if path.as_posix() != "runner/main.c" and (path.as_posix(), hit[1]) not in MAY_END:
                yield f"{path}:{line_of(content, hit.start())}: {hit[1]}(): only main.c ends the process"


def lengths(root):
    for path in files(root, ".c", ".h", ".py", ".sh", ".txt", ".md", ""):
        content = text(root, path)
        count = content.count("\n") if content else 0
        if count > MAX_LINES:
            yield f"{path}:{count}: {count} lines, {MAX_LINES} at most: a file has one subject"


def places(root):
    for path in files(root):
        content = text(root, path)
        if content is None or path.as_posix() in MAY_NAME:
            continue
        for hit in PLACES.finditer(content):
            yield f"{path}:{line_of(content, hit.start())}: {hit[0]}: no machine's paths and no address of a registry here"


def tool(root, command, paths):
    if not paths:
        yield f"{root}: no files for {command[0]}"
        return
    done = subprocess.run(command + [str(path) for path in paths], cwd=root, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if done.returncode:
        yield done.stdout.strip() or f"{command[0]} ended with {done.returncode}"


def format_(root):
    yield from tool(root, ["clang-format", "--dry-run", "-Werror"], list(c_files(root)))


def shell(root):
    yield from tool(root, ["shellcheck", "-x", "-f", "gcc", "-S", "warning", "-e", "SC1090"], list(scripts(root)))


GATES = {
    "layers": layers, "printing": printing, "ending": ending, "lengths": lengths, "places": places,
    "format": format_, "shell": shell,
}


def main(arguments):
    if not arguments or arguments[0] not in GATES or len(arguments) > 2:
        print(f"usage: check.py {'|'.join(GATES)} [ROOT]", file=sys.stderr)
        return 2
    root = Path(arguments[1] if len(arguments) > 1 else Path(__file__).parents[2]).resolve()
    faults = list(GATES[arguments[0]](root))
    print("\n".join(faults) if faults else f"{arguments[0]}: clean")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
