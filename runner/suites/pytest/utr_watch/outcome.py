"""What became of a test, from the reports that pytest made of it."""

from .text import place


class Attempt:
    """The test that runs: what was reported of it, and what it raised."""

    def __init__(self, failed_before=0):
        self.reports = []
        self.raised = None
        self.failed_before = failed_before

    def is_plain_pass(self):
        if len(self.reports) < 3 or self.raised is not None or self.failed_before:
            return False
        for report in self.reports:
            if report.outcome != "passed" or hasattr(report, "wasxfail"):
                return False
        return True


def status_of(report):
    expected = hasattr(report, "wasxfail")
    if report.failed:
        return "failed" if report.when == "call" else "error"
    if report.skipped:
        return "xfailed" if expected else "skipped"
    if report.when != "call":
        return None
    return "xpassed" if expected else "passed"


def judge(attempt, excinfo):
    """Status, message and place: of set-up, call, subtests and teardown the worst."""
    told = [(status_of(report), report) for report in attempt.reports]
    for wanted in ("failed", "error"):
        for status, report in told:
            if status == wanted:
                return (status, *explain(report))
    if excinfo is not None:
        return "error", f"the session was ended: {excinfo[1]!r}", None
    for wanted in ("skipped", "xfailed", "xpassed"):
        for status, report in told:
            if status == wanted:
                return (status, *explain(report))
    if not any(status == "passed" for status, _ in told):
        return "error", "the test ended without a result", None
    if attempt.raised:
        return "xfailed", f"a hook reported as passed what raised {attempt.raised}", None
    again = attempt.failed_before
    return "passed", f"passed after {again} failed attempt(s)" if again else "", None


def explain(report):
    """Message and place of a report that is not simply passed."""
    message, where = explain_detail(report)
    subtest = getattr(report, "sub_test_description", None)
    return (f"subtest {subtest()}: {message}" if subtest else message), where


def explain_detail(report):
    detail = report.longrepr
    crash = getattr(detail, "reprcrash", None)
    if hasattr(report, "wasxfail"):
        return str(report.wasxfail).replace("reason: ", "", 1), None
    if isinstance(detail, tuple):
        reason = str(detail[2])
        return reason.replace("Skipped: ", "", 1), place(detail[0], detail[1])
    if crash is not None:
        return crash.message, place(crash.path, crash.lineno)
    return str(detail or ""), None
