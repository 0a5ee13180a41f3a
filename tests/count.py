"""How many tests a record of ctest holds: count.py JUNIT_XML prints "PASSED FAILED".

A cmocka executable or a pytest module counts as the tests in it, anything else as one. What was skipped or did
not run has failed.
"""
import re
import sys
import xml.etree.ElementTree as ElementTree

CMOCKA_SUMMARY = re.compile(r"^\[  (PASSED |FAILED |SKIPPED)  ?\] (\d+) test\(s\)", re.M)
PYTEST_SUMMARY = re.compile(r"^(?:=+ )?(\d+ [a-z]+(?:, \d+ [a-z]+)*) in [\d.]+s", re.M)


def inside(output):
    """(passed, not passed) as the test's own words have it, or None"""
    cmocka = CMOCKA_SUMMARY.findall(output)
    if cmocka:
        return (sum(int(count) for word, count in cmocka if word == "PASSED "),
                sum(int(count) for word, count in cmocka if word != "PASSED "))
    pytest = PYTEST_SUMMARY.findall(output)
    if pytest:
        counts = [part.split() for part in pytest[-1].split(", ")]
        counts = [(int(count), word) for count, word in counts if not word.startswith("warning")]
        return (sum(count for count, word in counts if word == "passed"),
                sum(count for count, word in counts if word != "passed"))
    return None


def count(case):
    ran_well = case.get("status") == "run"
    passed, failed = inside(case.findtext("system-out") or "") or (int(ran_well), 0)
    return (passed, failed) if ran_well else (passed, max(failed, 1))


def main(path):
    counts = [count(case) for case in ElementTree.parse(path).iter("testcase")]
    print(sum(passed for passed, _ in counts), sum(failed for _, failed in counts))


if __name__ == "__main__":
    main(sys.argv[1])
