"""The run's own record and output: no room, no right, nobody who reads it."""

import json
import os
import shutil
import subprocess

import pytest

import weather


@pytest.fixture
def small_disk(tmp_path):
    """A disk of 32 KiB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=32k", "tmpfs", str(folder)], check=True)
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def test_a_reader_that_leaves_does_not_end_the_run(project):
    run = project.start()
    run.process.stdout.readline()
    run.process.stdout.close()
    assert run.process.wait(weather.RUN_SECONDS) == 0
    assert run.report()["verdict"] == "proven"


def test_output_to_a_full_device(project):
    with open("/dev/full", "w") as full:
        run = project.start(stdout=full)
        assert run.process.wait(weather.RUN_SECONDS) in (0, 4)
    assert json.loads((project.root / ".utr/last/report.json").read_text())["verdict"] == "proven"


def test_a_run_dir_that_cannot_be_made(project):
    (project.root / "file").write_text("")
    run = project.run("--run-dir", str(project.root / "file/record"))
    run.expect(4, "file/record", "Not a directory")
    assert run.seconds < weather.SOON


def test_a_run_dir_on_a_disk_that_can_only_be_read(project):
    run = project.run("--run-dir", "/proc/record")
    run.expect(4, "/proc/record")


def test_a_run_dir_that_holds_a_run_already(project):
    project.run("--run-dir", str(project.root / "record")).expect(0)
    project.run("--run-dir", str(project.root / "record")).expect(2, "holds a run already", "--run-dir")


def test_a_disk_that_is_full_before_the_run(project, small_disk):
    (small_disk / "fill").write_bytes(b"x" * 32768) if room(small_disk) else None
    run = project.run("--run-dir", str(small_disk / "record"))
    run.expect(4, "record", "No space left")
    assert not project.containers()


def room(folder):
    return shutil.disk_usage(folder).free


def test_a_disk_that_fills_while_suites_run(project, small_disk):
    project.suite("floods", "./talk; head -c 200000 /dev/zero | tr '\\\\0' x")
    run = project.run("--run-dir", str(small_disk / "record"))
    run.expect(4, "No space left")
    assert not project.containers()


def test_a_report_that_cannot_be_written(project):
    run = project.run("--json", str(project.root / "none/report.json")).expect(2, "none/report.json", "No such file")
    assert "PLAN" not in run.out  # told before anything starts


def test_a_root_that_may_not_be_written(project):
    project.write()
    subprocess.run(["mount", "--bind", str(project.root), str(project.root)], check=True)
    subprocess.run(["mount", "-o", "remount,bind,ro", str(project.root)], check=True)
    try:
        run = project.run()
    finally:
        subprocess.run(["umount", "-l", str(project.root)], check=True)
    run.expect(4, ".utr", "Read-only")
    assert run.seconds < weather.SOON


def test_progress_as_json_is_json(project):
    run = project.run("--progress-mode", "json")
    run.expect(0)
    assert all(json.loads(line) for line in run.out.splitlines())


def test_a_run_without_a_home_and_a_path(project):
    """As cron and sudo may start it."""
    variables = {"UTR_WEATHER": project.name, "REAL": weather.RUNNER}
    project.write()
    done = subprocess.run([weather.RUNNER, "--real-services", "--root", str(project.root)], env=variables,
                          stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=weather.RUN_SECONDS)
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_run_with_closed_descriptors(project):
    project.write()
    line = f'exec "{weather.RUNNER}" --real-services --root "{project.root}" 0<&- 1>&- 2>&-'
    done = subprocess.run(["bash", "-c", line], env={**os.environ, "UTR_WEATHER": project.name}, timeout=weather.RUN_SECONDS)
    assert done.returncode == 0
    assert json.loads((project.root / ".utr/last/report.json").read_text())["verdict"] == "proven"
