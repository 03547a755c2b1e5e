"""So many at once, the rest together: by rule, story, entity or channel; what matters most is told all the same."""

from datetime import timedelta

import pytest
from pydantic import ValidationError

from alerting import NOON, alert, match
from tocsin.alerts.throttle import Told, read_key, throttled
from tocsin.alerts.timing import plan
from tocsin.model import Reason, Severity
from tocsin.specs.timing import Quiet, Throttle


def throttle(**keys):
    return Throttle.model_validate({"at_most": 2, "within": "1h", **keys})


def at(minutes, **changes):
    return alert(created_at=NOON + timedelta(minutes=minutes), severity=Severity.HIGH, **changes)


def told(*alerts):
    return [Told(one, one.created_at) for one in alerts]


def test_what_is_above_waits_until_the_oldest_of_the_hour_is_an_hour_old():
    before = told(at(0), at(20))
    waits = throttled(at(30), throttle(), before)
    assert waits.until == NOON + timedelta(hours=1)
    assert (
        waits.why == "throttled: 2 of a rule within 1 h were told; what is more comes together at 2026-03-04 13:00 UTC"
    )
    assert throttled(at(59), throttle(), before).key(waits.until) == waits.key(waits.until), (
        "one message for all of them"
    )
    assert throttled(at(60), throttle(), before) is None
    assert throttled(at(30), throttle(), before[:1]) is None


@pytest.mark.parametrize(
    ("per", "other", "counts"),
    [
        ("rule", {"story": "9" * 16}, True),
        ("rule", {"rule": "drill"}, False),
        ("story", {"rule": "drill"}, True),
        ("story", {"story": "9" * 16}, False),
        ("entity", {"rule": "drill", "story": "9" * 16, "match": match(entities=("kim", "dprk"))}, True),
        ("entity", {"match": match(entities=("rok",))}, False),
        ("channel", {"rule": "drill", "story": "9" * 16, "match": match(entities=())}, True),
    ],
)
def test_what_counts_is_what_is_alike(per, other, counts):
    mine = at(30, match=match(entities=("dprk",)))
    assert (throttled(mine, throttle(per=per), told(at(0, **other), at(20, **other))) is not None) is counts


@pytest.mark.parametrize(
    "changes",
    [
        {"reason": Reason.CORRECTED},
        {"reason": Reason.WITHDRAWN},
        {"reason": Reason.HEALTH},
        {"quiet": True},
        {"origins": 3},
    ],
)
def test_corrections_and_what_breaks_through_are_told_all_the_same(changes):
    spec = throttle(unless={"severity": "critical", "origins": 3})
    before = told(at(0), at(20))
    assert throttled(at(30, **changes), spec, before) is None
    assert throttled(alert(created_at=NOON + timedelta(minutes=30)), spec, before) is None, "it is critical"
    assert throttled(at(30), spec, before)


def test_words_without_a_ping_use_nothing_up():
    assert throttled(at(30), throttle(), told(at(0, quiet=True), at(10, quiet=True), at(20))) is None


def test_what_waits_already_takes_in_what_comes_after_it_and_counts_as_one_message():
    rest = [Told(at(minutes), NOON + timedelta(hours=1), together=True) for minutes in (25, 30)]
    before = [*told(at(0), at(20), at(40)), *rest]
    assert throttled(at(50), throttle(), before).until == NOON + timedelta(hours=1), "three were told meanwhile"
    assert throttled(at(61), throttle(), before).until == NOON + timedelta(minutes=100)
    assert throttled(at(81), throttle(at_most=3), before) is None


def test_the_rest_waits_for_the_end_of_quiet_hours():
    night = Quiet.model_validate({"from": "12:45", "to": "15:00"})
    waits = throttled(at(30), throttle(), told(at(0), at(20)))
    planned = plan(at(30), night, None, NOON + timedelta(minutes=30), waits)
    assert planned.due_at == NOON + timedelta(hours=3)
    assert read_key(planned.digest) == (planned.due_at, True)
    assert read_key(NOON.isoformat()) == (NOON, False)


def test_its_time_is_a_whole_second_so_that_it_fits_its_column():
    odd = [alert(created_at=NOON + timedelta(minutes=one, microseconds=5), severity=Severity.HIGH) for one in (0, 20)]
    waits = throttled(at(30), throttle(), told(*odd))
    assert waits.until == NOON + timedelta(hours=1, seconds=1)
    assert len(waits.key(waits.until)) <= 40


@pytest.mark.parametrize("wrong", [{"within": "30s"}, {"within": "2d"}, {"at_most": 0}, {"per": "tag"}])
def test_throttle_that_makes_no_sense_is_refused(wrong):
    with pytest.raises(ValidationError):
        throttle(**wrong)
