from datetime import UTC, datetime, timedelta

import pytest
from pydantic import ValidationError

from alerting import alert
from tocsin.alerts.timing import Heard, Plan, correcting, next_digest, plan, quiet_until
from tocsin.model import Severity
from tocsin.specs.timing import Digest, Quiet

NIGHT = Quiet.model_validate(
    {"from": "22:00", "to": "07:00", "zone": "Asia/Seoul", "unless": {"severity": "critical", "origins": 3}}
)
LUNCH = Quiet.model_validate({"from": "12:00", "to": "13:30"})
DAILY = Digest.model_validate({"at": "08:00", "zone": "Asia/Seoul"})


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("quiet", "now", "ends"),
    [
        (NIGHT, "2026-03-04T13:00", "2026-03-04T22:00"),  # 22:00 in Seoul, until 07:00 there
        (NIGHT, "2026-03-04T21:59", "2026-03-04T22:00"),
        (NIGHT, "2026-03-04T22:00", None),
        (NIGHT, "2026-03-04T12:59", None),
        (NIGHT, "2026-03-04T18:00", "2026-03-04T22:00"),  # past midnight in Seoul
        (LUNCH, "2026-03-04T12:30", "2026-03-04T13:30"),
        (LUNCH, "2026-03-04T13:30", None),
    ],
)
def test_quiet_hours_end_on_the_channels_own_clock(quiet, now, ends):
    assert quiet_until(quiet, utc(now)) == (utc(ends) if ends else None)


def test_quiet_hours_survive_the_change_of_clocks():
    berlin = Quiet.model_validate({"from": "22:00", "to": "07:00", "zone": "Europe/Berlin"})
    assert quiet_until(berlin, utc("2026-03-28T22:30")) == utc("2026-03-29T05:00"), "clocks went forward in the night"
    assert quiet_until(berlin, utc("2026-10-24T21:30")) == utc("2026-10-25T06:00"), "clocks went back in the night"


@pytest.mark.parametrize(
    ("changes", "waits"),
    [
        ({"severity": Severity.HIGH}, True),
        ({"severity": Severity.CRITICAL}, False),
        ({"severity": Severity.LOW, "origins": 3}, False),
        ({"severity": Severity.LOW, "origins": 2}, True),
    ],
)
def test_quiet_hours_hold_what_does_not_break_through(changes, waits):
    night = utc("2026-03-04T15:00")
    found = plan(alert(**changes), NIGHT, None, night)
    assert (found.due_at > night) is waits
    assert found.why == ("quiet hours until 2026-03-05 07:00 Asia/Seoul" if waits else "")
    assert not found.digest


@pytest.mark.parametrize(
    ("digest", "now", "due"),
    [
        (DAILY, "2026-03-04T22:59", "2026-03-04T23:00"),
        (DAILY, "2026-03-04T23:00", "2026-03-05T23:00"),
        (Digest.model_validate({"every": "1h"}), "2026-03-04T10:00", "2026-03-04T11:00"),
        (Digest.model_validate({"every": "1h"}), "2026-03-04T10:59", "2026-03-04T11:00"),
        (Digest.model_validate({"every": "7h"}), "2026-03-04T22:00", "2026-03-05T00:00"),  # anew from midnight on
    ],
)
def test_a_digest_has_fixed_times(digest, now, due):
    assert next_digest(digest, utc(now)) == utc(due)


def test_a_digest_in_quiet_hours_waits_for_their_end():
    hourly = Digest.model_validate({"every": "1h", "zone": "Asia/Seoul"})
    found = plan(alert(severity=Severity.CRITICAL), NIGHT, hourly, utc("2026-03-04T15:10"))
    assert (found.due_at, found.digest) == (utc("2026-03-04T22:00"), "2026-03-04T22:00:00+00:00")
    assert found.why == "digest at 2026-03-05 07:00 Asia/Seoul"


@pytest.mark.parametrize(
    ("spec", "values", "says"),
    [
        (Quiet, {"from": "22:00", "to": "22:00"}, "the same time"),
        (Quiet, {"from": "25:00", "to": "07:00"}, "no time of day"),
        (Quiet, {"from": 1320, "to": "07:00"}, "no time of day"),
        (Quiet, {"from": "22:00", "to": "07:00", "zone": "Asia/Soul"}, "no time zone"),
        (Digest, {}, "needs at"),
        (Digest, {"at": "08:00", "every": "1h"}, "needs at"),
        (Digest, {"every": "1m"}, "between 5m and 24h"),
    ],
)
def test_times_that_make_no_sense_are_refused(spec, values, says):
    with pytest.raises(ValidationError, match=says):
        spec.model_validate(values)


def test_every_moment_of_a_week_has_a_digest_within_the_day_after_it():
    start = utc("2026-10-23T00:00")
    berlin = Digest.model_validate({"every": "5h", "zone": "Europe/Berlin"})
    for minutes in range(0, 7 * 24 * 60, 37):
        now = start + timedelta(minutes=minutes)
        assert timedelta(0) < next_digest(berlin, now) - now <= timedelta(hours=5)


def test_a_correction_takes_the_place_of_what_waits_and_knows_that_nobody_was_told():
    waiting = Plan(due_at=utc("2026-03-04T22:00"), why="quiet hours until 07:00", digest="d")
    own = Plan(due_at=utc("2026-03-04T14:00"))
    found = correcting(own, Heard(at=None, waiting=waiting), NIGHT, own.due_at)
    assert found == Plan(due_at=waiting.due_at, why=waiting.why, digest="d", unheard=True)
    assert correcting(own, Heard(at=None, waiting=None), NIGHT, own.due_at) is None


@pytest.mark.parametrize(
    ("told", "now", "at_once"),
    [
        ("2026-03-04T13:00", "2026-03-04T18:00", True),  # 22:00 in Seoul: the quiet hours had just begun
        ("2026-03-04T12:59", "2026-03-04T18:00", False),
        ("2026-03-03T18:00", "2026-03-04T18:00", False),  # the night before
        ("2026-03-04T17:00", "2026-03-04T17:05", True),
    ],
)
def test_a_correction_breaks_the_quiet_that_its_alert_has_broken(told, now, at_once):
    own = plan(alert(severity=Severity.HIGH), NIGHT, None, utc(now))
    assert own.due_at > utc(now)
    heard = Heard(at=utc(told), waiting=None)
    assert correcting(own, heard, NIGHT, utc(now)) == (Plan(due_at=utc(now)) if at_once else own)
    daily = plan(alert(), None, DAILY, utc(now))
    assert correcting(daily, heard, NIGHT, utc(now)) == daily, "a digest stays one"
