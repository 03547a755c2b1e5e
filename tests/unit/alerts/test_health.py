"""What ails the watch itself, look by look on a clock of our own: one word when it lasts, one when it is over."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.alerts.health import ChannelSigns, Outage, OutageKind, Signs, faults, follow, late_after, watched
from tocsin.errors import Problem
from tocsin.model import FetchOutcome, FetchReason, FetchState
from tocsin.specs.health import HealthSpec
from tocsin.specs.sources import SourceSpec

NOON = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
EVERY = timedelta(minutes=5)
SPEC = HealthSpec()


class Watch:
    """Follows outages from look to look; `told` is what was said and when, in hours and minutes after noon."""

    def __init__(self, spec=SPEC):
        self.spec = spec
        self.outages = ()
        self.told = []

    def look(self, after, **signs):
        now = NOON + after
        given = Signs(every=EVERY, **{"states": {}} | signs)
        known = watched(self.outages, given, self.spec)
        course = follow(known, faults(given, self.spec, now), now)
        self.outages = course.outages
        for word, ones in (("open", course.opened), ("over", course.ended)):
            self.told += [(after, word, one.kind.value, one.name) for one in ones]
        return course


def sources(*names, **keys):
    return [SourceSpec.model_validate({"id": name, "url": f"https://{name}.example/feed"} | keys) for name in names]


def failed(name, failures, after):
    return FetchState(
        source=name,
        outcome=FetchOutcome.FAILED,
        reason=FetchReason.TIMEOUT,
        detail="no answer",
        failures=failures,
        polled_at=NOON + after,
    )


def fine(name, after, **keys):
    return FetchState(source=name, outcome=FetchOutcome.OK, polled_at=NOON + after, **keys)


def polled(watch, *states, names=("post", "mail", "star")):
    after = max(state.polled_at for state in states) - NOON
    watch.look(after, sources=sources(*names), states={state.source: state for state in states})


def test_a_failing_source_is_told_once_after_its_time_and_once_when_it_works_again():
    watch = Watch()
    for failures, hours in ((1, 0), (2, 1), (3, 2), (4, 3), (5, 4), (6, 5)):
        polled(watch, failed("post", failures, hours * HOUR))
    polled(watch, fine("post", 6 * HOUR))
    polled(watch, fine("post", 7 * HOUR))
    assert watch.told == [(3 * HOUR, "open", "source failing", "post"), (6 * HOUR, "over", "source failing", "post")]


def test_a_source_that_recovers_before_its_time_is_not_told_at_all():
    watch = Watch()
    polled(watch, failed("post", 1, 0 * HOUR))
    polled(watch, failed("post", 2, 2 * HOUR))
    polled(watch, fine("post", 3 * HOUR))
    polled(watch, failed("post", 1, 4 * HOUR))
    polled(watch, failed("post", 2, 6 * HOUR))
    assert watch.told == []


def test_time_alone_makes_no_outage_where_no_further_poll_has_failed():
    watch = Watch()
    for hours in (0, 9):  # the machine slept, or the source waits for its next poll
        watch.look(hours * HOUR, sources=sources("post"), states={"post": failed("post", 2, 0 * HOUR)})
    assert watch.told == []


def test_a_source_that_waits_because_its_host_asked_for_it_does_not_fail():
    watch = Watch(HealthSpec(failing=timedelta(0)))
    polled(watch, failed("post", 0, HOUR))
    assert watch.outages == ()


def test_a_source_that_comes_and_goes_rings_at_most_once_an_hour_and_in_one_thread():
    watch = Watch(HealthSpec(failing=timedelta(0)))
    ids = set()
    for minutes in range(0, 120, 10):
        state = fine if minutes % 20 else lambda name, after: failed(name, 2, after)
        polled(watch, state("post", minutes * MINUTE))
        ids |= {outage.id for outage in watch.outages}
    assert [word for _, word, *_ in watch.told] == ["open", "over"]
    assert len(ids) == 1


def test_an_outage_that_comes_back_and_stays_is_told_again():
    watch = Watch(HealthSpec(failing=10 * MINUTE))
    for minutes in (0, 10):
        polled(watch, failed("post", 2, minutes * MINUTE))
    polled(watch, fine("post", 20 * MINUTE))
    for minutes in (30, 60, 89, 90, 120):
        polled(watch, failed("post", 2, minutes * MINUTE))
    assert [(after // MINUTE, word) for after, word, *_ in watch.told] == [(10, "open"), (20, "over"), (90, "open")]


def test_a_fault_long_after_is_an_outage_of_its_own():
    watch = Watch(HealthSpec(failing=timedelta(0)))
    polled(watch, failed("post", 2, 0 * HOUR))
    first = watch.outages[0].id
    polled(watch, fine("post", 1 * HOUR))
    polled(watch, failed("post", 2, 9 * HOUR))
    assert watch.outages[0].id != first
    assert [word for _, word, *_ in watch.told] == ["open", "over", "open"]


def test_when_most_sources_fail_together_the_line_is_told_and_none_of_them():
    watch, names = Watch(), [f"paper-{number}" for number in range(8)]
    for failures, hours in ((1, 0), (2, 1), (3, 2), (4, 3), (5, 4)):
        polled(watch, *(failed(name, failures, hours * HOUR) for name in names), names=names)
    assert watch.told == [(3 * HOUR, "open", "sources failing", "")]
    # The line is back: six answer at once, two have not been asked again yet, and one of them fails by itself.
    back = [fine(name, 5 * HOUR) for name in names[2:]]
    polled(watch, *back, failed(names[0], 5, 4 * HOUR), failed(names[1], 5, 4 * HOUR), names=names)
    polled(watch, *back, failed(names[0], 6, 6 * HOUR), fine(names[1], 6 * HOUR), names=names)
    assert watch.told[1:] == [(5 * HOUR, "over", "sources failing", ""), (6 * HOUR, "open", "source failing", names[0])]


def test_a_source_taken_out_or_switched_off_is_not_said_to_work_again():
    for names, keys in (((), {}), (("post",), {"enabled": False})):
        watch = Watch(HealthSpec(failing=timedelta(0)))
        polled(watch, failed("post", 2, 0 * HOUR))
        watch.look(HOUR, sources=sources(*names, **keys), states={"post": failed("post", 2, 0 * HOUR)})
        assert [word for _, word, *_ in watch.told] == ["open"]
        assert watch.outages == ()


def test_a_silent_source_is_told_unless_it_fails_or_nobody_wants_to_know():
    long_ago = {"rhythm": 3600, "new_at": NOON - timedelta(days=3)}
    silent = fine("post", 0 * HOUR, **long_ago)
    for spec, expected in ((SPEC, ["source silent"]), (HealthSpec(silent=False), [])):
        watch = Watch(spec)
        polled(watch, silent)
        assert [kind for _, _, kind, _ in watch.told] == expected
    watch = Watch()
    polled(watch, silent)
    polled(watch, fine("post", HOUR, rhythm=3600, new_at=NOON + HOUR))
    assert [word for _, word, *_ in watch.told] == ["open", "over"]
    failing = failed("post", 1, 0 * HOUR)
    watch = Watch()
    polled(watch, FetchState(**{name: getattr(failing, name) for name in failing.__slots__} | long_ago))
    assert watch.told == []


RESTS = ChannelSigns(channel="ops", failures=3, waiting=2, last_error="refused")


@pytest.mark.parametrize(
    ("signs", "first_told"),
    [
        (RESTS, 30 * MINUTE),
        (ChannelSigns(channel="ops", held=1), 30 * MINUTE),
        (ChannelSigns(channel="ops", given_up=1), 0 * MINUTE),  # lost unless somebody acts
        (ChannelSigns(channel="ops", failures=2, waiting=9), None),  # it is still being tried
        (ChannelSigns(channel="ops", failures=7), None),  # nothing waits for it
    ],
)
def test_a_dead_channel_is_told_after_its_time_and_a_lost_message_at_once(signs, first_told):
    watch = Watch()
    for minutes in (0, 15, 30, 45):
        watch.look(minutes * MINUTE, channels=[signs])
    watch.look(HOUR, channels=[ChannelSigns(channel="ops")])
    expected = [(first_told, "open"), (HOUR, "over")] if first_told is not None else []
    assert [(after, word) for after, word, *_ in watch.told] == expected


def test_what_a_dead_channel_holds_stands_in_the_detail():
    (fault,) = faults(Signs(states={}, every=EVERY, channels=[RESTS]), SPEC, NOON)
    assert fault.detail == "2 waiting; refused"


def test_a_late_pass_is_told_by_the_next_one_and_over_with_the_one_after():
    watch = Watch()
    watch.look(0 * HOUR, last_pass=None, this_pass=NOON)
    watch.look(5 * HOUR, last_pass=NOON, this_pass=NOON + 5 * HOUR)
    watch.look(5 * HOUR + EVERY, last_pass=NOON + 5 * HOUR, this_pass=NOON + 5 * HOUR + EVERY)
    expected = [(5 * HOUR, "open"), (5 * HOUR + EVERY, "over")]
    assert [(after, word) for after, word, *_ in watch.told] == expected


def test_a_pass_that_itself_takes_long_is_not_late():
    watch = Watch()
    watch.look(2 * HOUR, last_pass=NOON - EVERY, this_pass=NOON)
    assert watch.told == []


def test_late_is_five_passes_but_never_less_than_ten_minutes():
    assert late_after(SPEC, timedelta(minutes=20)) == timedelta(minutes=100)
    assert late_after(SPEC, timedelta(seconds=1)) == timedelta(minutes=10)
    assert late_after(HealthSpec(late=timedelta(days=1)), timedelta(seconds=1)) == timedelta(days=1)


def test_files_that_cannot_be_used_are_told_and_warnings_are_not():
    bad = [Problem("rules/a.yaml", 3, 1, "no such key"), Problem("rules/b.yaml", 1, 1, "no such list")]
    watch = Watch()
    watch.look(0 * HOUR, problems=[Problem("rules/a.yaml", 3, 1, "a needless word", warning=True)])
    assert watch.outages == ()
    watch.look(1 * HOUR, problems=bad)
    assert watch.outages[0].detail == "rules/a.yaml:3:1: no such key (and 1 more)"
    watch.look(2 * HOUR, problems=bad[:1])
    watch.look(3 * HOUR)
    assert watch.told == [(HOUR, "open", "files unusable", ""), (3 * HOUR, "over", "files unusable", "")]


def test_what_is_long_over_is_forgotten():
    over = Outage(kind=OutageKind.LATE, id="1" * 16, since=NOON, opened_at=NOON, ended_at=NOON + HOUR)
    assert follow((over,), (), NOON + 2 * HOUR).outages == (over,)
    assert follow((over,), (), NOON + timedelta(days=2)).outages == ()


@given(st.lists(st.tuples(st.integers(1, 90), st.booleans()), max_size=40), st.sampled_from([0, 10, 180]))
def test_words_alternate_and_are_an_hour_apart_whatever_comes_and_goes(looks, patience):
    watch, after = Watch(HealthSpec(failing=patience * MINUTE)), 0 * MINUTE
    for minutes, ill in looks:
        after += minutes * MINUTE
        polled(watch, failed("post", 2, after) if ill else fine("post", after))
    words = [word for _, word, *_ in watch.told]
    assert words == ["open", "over"] * (len(words) // 2) + ["open"] * (len(words) % 2)
    opened = [after for after, word, *_ in watch.told if word == "open"]
    assert all(later - earlier >= HOUR for earlier, later in pairwise(opened))
