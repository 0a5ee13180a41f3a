import os
import subprocess
import sys


def test_starts_a_pytest_of_its_own(tmp_path):
    (tmp_path / "test_inner.py").write_text("def test_inner(): pass\n")
    ran = subprocess.run([sys.executable, "-m", "pytest", "-p", "no:cacheprovider", str(tmp_path)], capture_output=True)
    assert ran.returncode == 0
    assert "UTR_EVENTS" not in os.environ
