"""What a machine lacks is skipped with its reason; where CI has installed it, a skip is a failure."""

import os

import pytest
from hypothesis import HealthCheck, settings

OUTSIDE = "beside"
"""In the reason of skips for want of material that stands beside the checkout and is not part of the project."""


# A busy machine is no failure. CI tries the same examples each time: new ones are hunted where somebody is looking.
settings.register_profile(
    "tocsin", deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=bool(os.environ.get("CI"))
)
settings.load_profile("tocsin")


def pytest_terminal_summary(terminalreporter, exitstatus, config):
    if os.environ.get("TOCSIN_SKIPS") != "fail":
        return
    skipped = [report for report in terminalreporter.stats.get("skipped", []) if OUTSIDE not in str(report.longrepr)]
    for report in skipped:
        terminalreporter.write_line(f"skipped, which is not allowed here: {report.nodeid}: {report.longrepr}")
    if skipped and exitstatus == pytest.ExitCode.OK:
        terminalreporter._session.exitstatus = pytest.ExitCode.TESTS_FAILED
