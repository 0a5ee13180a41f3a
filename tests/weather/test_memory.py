"""The runner's own peak memory, of the release build that the wrapper makes: VmHWM, without the suites."""

import os
import pathlib
import subprocess
import time

import pytest

import weather

LIMIT_KIB = 24 * 1024
RELEASE = str(weather.HOME / "build/release/runner/unified_test_runner")


@pytest.fixture(scope="module")
def release():
    subprocess.run([weather.HOME / "unified_test_runner", "--version"], check=True, stdout=subprocess.DEVNULL, timeout=600)
    return RELEASE


def peak_kib(pid):
    """None once it is gone, or not yet the runner."""
    try:
        if os.readlink(f"/proc/{pid}/exe") != RELEASE:
            return None
        lines = pathlib.Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return None
    return next((int(line.split()[1]) for line in lines if line.startswith("VmHWM:")), None)


def watch(process, seconds):
    """The last reading before its end: the peak never falls."""
    last = 0
    end = time.monotonic() + seconds
    while process.poll() is None and time.monotonic() < end:
        last = peak_kib(process.pid) or last
        time.sleep(0.02)
    return last


def watched(project):
    """A run that ended, and its peak. Its output goes to a file: nobody reads a pipe while the peak is watched."""
    with open(project.root / "output", "w+") as output:
        run = project.start(binary=RELEASE, stdout=output)
        peak = watch(run.process, weather.RUN_SECONDS)
        run.end()
        output.seek(0)
        run.out = output.read()
    return run, peak


def test_the_main_job(release, tmp_path):
    with open(tmp_path / "output", "w+") as output:
        process = subprocess.Popen(
            [release, "--root", str(weather.HOME), "--real-services", "--category", "mission_critical", "--run-dir", str(tmp_path / "record")],
            stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT)
        peak = watch(process, 240)
        output.seek(0)
        text = output.read()
    assert process.wait(10) == 0, text
    print(f"peak of the main job: {peak} KiB")
    assert 0 < peak < LIMIT_KIB, f"{peak} KiB"


def test_a_suite_that_floods_the_service(project, release):
    """96 MiB cross the witness, and the client reads late: queues are bounded."""
    project.suite("floods", """
exec 3<>"/dev/tcp/${REDIS%:*}/${REDIS#*:}"
printf '*3\\r\\n$3\\r\\nSET\\r\\n$1\\r\\nk\\r\\n$4194304\\r\\n%4194304d\\r\\n' 0 >&3
read -r -t 10 answer <&3
for ((i = 0; i < 24; i++)); do printf 'GET k\\r\\n'; done >&3
sleep 1
head -c 100000000 <&3 | wc -c""")
    run, peak = watched(project)
    run.expect(0, "PROVEN")
    assert 0 < peak < LIMIT_KIB, f"{peak} KiB"


def test_a_suite_that_prints_without_end(project, release):
    project.suite("floods", "./talk; head -c 64000000 /dev/zero | tr '\\\\0' x; exit 1")
    run, peak = watched(project)
    run.expect(1)
    assert 0 < peak < LIMIT_KIB, f"{peak} KiB"


def test_a_service_that_prints_without_end(project, release):
    project.service("redis").service("loud", critical=False, image="utr-base:bookworm", command=["sh", "-c", "head -c 40000000 /dev/zero | tr '\\\\0' x; sleep 600"])
    project.suite("waits", "./talk; sleep 3")
    project.suites[0]["evidence"] = {"redis": {"scope": "suite", "exchanges": 1}}
    run, peak = watched(project)
    run.expect(0)
    assert 0 < peak < LIMIT_KIB, f"{peak} KiB\n{run.out}"
