"""What a machine lacks is skipped with its reason; where CI has installed it, a skip is a failure."""

import os

import pytest
from hypothesis import HealthCheck, settings

from postgres import Cluster, binaries

OUTSIDE = ("beside", "may mount nothing")
"""In the reason of skips that no installation mends: material beside the checkout, a right this user has not."""


# A busy machine is no failure. CI tries the same examples each time: new ones are hunted where somebody is looking.
settings.register_profile(
    "tocsin", deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=bool(os.environ.get("CI"))
)
settings.load_profile("tocsin")


@pytest.fixture(scope="session")
def postgres():
    """A server of our own, for as long as the tests run."""
    if not binaries():
        pytest.skip("no PostgreSQL on this machine: install its server package (initdb, pg_ctl)")
    cluster = Cluster()
    try:
        cluster.start()
        yield cluster
    finally:
        cluster.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request, tmp_path):
    """The address of an empty store, once on each kind of database."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/tocsin.db"
        return
    cluster = request.getfixturevalue("postgres")
    address = cluster.database()
    yield address
    cluster.drop(address)


def pytest_terminal_summary(terminalreporter, exitstatus, config):
    if os.environ.get("TOCSIN_SKIPS") != "fail":
        return
    skipped = [
        report
        for report in terminalreporter.stats.get("skipped", [])
        if not any(reason in str(report.longrepr) for reason in OUTSIDE)
    ]
    for report in skipped:
        terminalreporter.write_line(f"skipped, which is not allowed here: {report.nodeid}: {report.longrepr}")
    if skipped and exitstatus == pytest.ExitCode.OK:
        terminalreporter._session.exitstatus = pytest.ExitCode.TESTS_FAILED
