from datetime import UTC, datetime

import pytest

from tocsin.model import Alert, Assertion, Evidence, Grade, Match, Reason, Report, Severity
from tocsin.store import open_store, outbox

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


@pytest.fixture
def store(database, tmp_path):
    with open_store(database, tmp_path) as opened:
        yield opened


@pytest.fixture
def put_alert(store):
    """Puts an alert for these channels into the outbox."""

    def put(name="a1", channels=("desk",)):
        alert = make_alert(name)
        with store.writing() as connection:
            outbox.save_alert(connection, alert)
            for channel in channels:
                outbox.save_delivery(connection, alert, channel)
        return alert

    return put


def make_alert(name):
    piece = Evidence("title", 0, 7, "missile", "terms:missile")
    match = Match(
        rule="missile-launch",
        title="Launch",
        severity=Severity.HIGH,
        grade=Grade.EVENT,
        assertion=Assertion.ASSERTED,
        evidence=(piece,),
        sentence=piece,
    )
    report = Report(
        article="0" * 16,
        source="wire",
        source_name="Wire",
        publisher="wire",
        title="A missile was fired",
        url="https://example.org/1",
        published=NOW,
        language="en",
        seen_at=NOW,
    )
    return Alert(
        id=name,
        rule="missile-launch",
        title="Launch",
        reason=Reason.FIRST,
        severity=Severity.HIGH,
        story="s1",
        match=match,
        article=report,
        created_at=NOW,
    )
