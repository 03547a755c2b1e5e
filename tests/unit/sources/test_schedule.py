"""When to look again, on a clock of our own."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.model import FetchOutcome, FetchState
from tocsin.sources.rhythm import from_arrivals, from_dates, is_silent
from tocsin.sources.schedule import (
    EVERY,
    LONGEST,
    LONGEST_CACHE,
    LONGEST_HINT,
    SHORTEST,
    conditional,
    due,
    interval,
    next_due,
)
from tocsin.specs.sources import SourceSpec

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


def spec(name: str = "post", **more: object) -> SourceSpec:
    return SourceSpec.model_validate({"id": name, "url": "https://post.example/rss", **more})


def wait(outcome: FetchOutcome, failures: int = 0, *, retry_after: float | None = None, **more: object) -> timedelta:
    state = FetchState(source="post", failures=failures)
    return next_due(spec(**more), state, outcome, NOW, random.Random(7), retry_after=retry_after) - NOW


@pytest.mark.parametrize("outcome", [FetchOutcome.OK, FetchOutcome.UNCHANGED])
def test_a_healthy_source_keeps_its_rhythm(outcome: FetchOutcome) -> None:
    assert EVERY * 0.9 <= wait(outcome) <= EVERY
    assert timedelta(minutes=4.5) <= wait(outcome, every="5m") <= timedelta(minutes=5)


def test_a_failing_source_is_asked_less_and_less() -> None:
    waits = [wait(FetchOutcome.FAILED, failures) for failures in range(1, 8)]
    assert waits[0] > EVERY * 1.7
    assert waits == sorted(waits)
    assert waits[-1] <= LONGEST * 1.1


def test_a_rare_source_is_not_asked_more_often_because_it_fails() -> None:
    assert wait(FetchOutcome.FAILED, 1, every="2d") >= timedelta(days=2) * 0.9


@given(st.integers(0, 10_000))
def test_no_number_of_failures_is_too_much(failures: int) -> None:
    assert timedelta(0) < wait(FetchOutcome.FAILED, failures) <= LONGEST * 1.1


def test_retry_after_pushes_later_within_limits() -> None:
    assert wait(FetchOutcome.FAILED, 1, retry_after=7200) >= timedelta(hours=2)
    assert wait(FetchOutcome.FAILED, 1, retry_after=10**9) <= LONGEST_HINT
    assert wait(FetchOutcome.FAILED, 1, retry_after=1) > timedelta(minutes=20)


def test_the_longest_overdue_comes_first_and_the_disabled_never() -> None:
    sources = [spec("soon"), spec("late"), spec("latest"), spec("new"), spec("off", enabled=False), spec("exact")]
    states = {
        "soon": FetchState(source="soon", due_at=NOW + timedelta(seconds=1)),
        "late": FetchState(source="late", due_at=NOW - timedelta(hours=1)),
        "latest": FetchState(source="latest", due_at=NOW - timedelta(hours=2)),
        "exact": FetchState(source="exact", due_at=NOW),
    }
    assert [source.id for source in due(sources, states, NOW)] == ["new", "latest", "late", "exact"]


def test_what_a_clock_that_was_ahead_has_planned_holds_up_nobody() -> None:
    ahead = NOW + timedelta(days=365)
    state = FetchState(source="post", polled_at=ahead, due_at=ahead + timedelta(hours=1), hold_until=ahead)
    assert due([spec()], {"post": state}, NOW) == [spec()]
    # Between machines, clocks differ a little: that is no reason to ask twice.
    near = FetchState(source="post", polled_at=NOW + timedelta(minutes=1), due_at=NOW + timedelta(minutes=6))
    assert due([spec()], {"post": near}, NOW) == []


def test_a_clock_that_is_set_forward_makes_a_source_due_once() -> None:
    state = FetchState(source="post", polled_at=NOW, due_at=NOW + timedelta(minutes=5))
    later = NOW + timedelta(days=365)
    assert due([spec()], {"post": state}, later) == [spec()]
    state = FetchState(source="post", polled_at=later, due_at=later + timedelta(minutes=5))
    assert due([spec()], {"post": state}, later) == []


# --- rhythm, hints, holds -----------------------------------------------------------------------------------------

HOUR = timedelta(hours=1)


def healthy(state: FetchState, *, fresh_for: float = 0.0, **more: object) -> timedelta:
    return next_due(spec(**more), state, FetchOutcome.OK, NOW, random.Random(7), fresh_for=fresh_for) - NOW


@pytest.mark.parametrize(("rhythm", "expected"), [(None, EVERY), (60, SHORTEST), (3600, HOUR / 2), (10**6, LONGEST)])
def test_a_source_that_does_not_say_is_polled_at_its_own_rhythm(rhythm: int | None, expected: timedelta) -> None:
    state = FetchState(source="post", rhythm=rhythm)
    assert interval(spec(), state) == expected
    assert interval(spec(every="7m"), state) == timedelta(minutes=7)


def test_a_gap_halves_the_interval_to_a_minute_at_least() -> None:
    assert interval(spec(every="16m"), FetchState(source="post", gaps=2)) == timedelta(minutes=4)
    assert interval(spec(every="5m"), FetchState(source="post", gaps=99)) == timedelta(minutes=1)
    assert interval(spec(every="30s"), FetchState(source="post", gaps=1)) == timedelta(seconds=30)


def test_what_server_and_feed_say_pushes_later_within_limits() -> None:
    plain = FetchState(source="post")
    assert healthy(plain, fresh_for=7200) == 2 * HOUR
    assert healthy(plain, fresh_for=10**9) == LONGEST
    assert healthy(plain, fresh_for=10**9, every="5m") == LONGEST_CACHE
    assert healthy(FetchState(source="post", ttl=1800)) == HOUR / 2
    assert healthy(plain, fresh_for=1) >= EVERY * 0.9
    assert healthy(FetchState(source="post", ttl=1800, gaps=1)) < EVERY


def test_hours_that_the_feed_skips_are_skipped_but_not_for_ever() -> None:
    quiet = FetchState(source="post", skip_hours=(12, 13))
    assert NOW + healthy(quiet) == NOW.replace(hour=14)
    never = FetchState(source="post", skip_hours=tuple(range(24)))
    assert healthy(never) <= LONGEST + EVERY


def test_every_twelve_hours_the_whole_feed_is_asked_for() -> None:
    assert not conditional(FetchState(source="post"), NOW)
    assert conditional(FetchState(source="post", full_at=NOW - 11 * HOUR), NOW)
    assert not conditional(FetchState(source="post", full_at=NOW - 12 * HOUR), NOW)


def test_a_host_that_wants_rest_holds_all_its_sources_and_no_other() -> None:
    sources = [spec("a"), spec("b"), spec("c", url="https://other.example/rss"), spec("d", url="https://x.example/")]
    states = {
        "a": FetchState(source="a", due_at=NOW + HOUR, hold_until=NOW + HOUR),
        "d": FetchState(source="d", moved_to="https://post.example/d"),
    }
    assert [source.id for source in due(sources, states, NOW)] == ["c"]
    assert [source.id for source in due(sources, states, NOW + HOUR)] == ["b", "c", "d", "a"]


def test_the_rhythm_is_that_of_the_newest_dates() -> None:
    dates = [NOW - HOUR * n for n in range(1, 11)]
    assert from_dates([*dates, None, NOW + HOUR, NOW - timedelta(days=90)], NOW) == 3600
    assert from_dates(dates[:2], NOW) is None


def test_without_dates_the_rhythm_is_that_of_arrivals() -> None:
    before = FetchState(source="post", new_at=NOW - 4 * HOUR)
    assert from_arrivals(FetchState(source="post"), 20, NOW) is None
    assert from_arrivals(before, 2, NOW) == 7200
    assert from_arrivals(FetchState(source="post", new_at=NOW - 4 * HOUR, rhythm=3600), 2, NOW) == 4500


def test_a_source_is_silent_after_three_times_its_rhythm_and_a_day() -> None:
    def silent(rhythm: int, since: timedelta) -> bool:
        return is_silent(FetchState(source="post", rhythm=rhythm, new_at=NOW - since), NOW)

    assert not silent(600, 20 * HOUR)
    assert silent(600, 25 * HOUR)
    assert not silent(24 * 3600, 71 * HOUR)
    assert silent(24 * 3600, 73 * HOUR)
    assert not is_silent(FetchState(source="post"), NOW)


def test_a_week_on_the_clock() -> None:
    """A tick a minute for a week with a pause: who is polled how often, and what a day off is made good with."""
    sources = [
        spec("wire", url="https://wire.example/", every="5m"),
        spec("daily", url="https://daily.example/"),
        spec("busy", url="https://busy.example/"),
        spec("dead", url="https://dead.example/"),
        spec("tired", url="https://tired.example/1"),
        spec("tired-too", url="https://tired.example/2", every="5m"),
    ]
    rng = random.Random(5)
    states = {
        "daily": FetchState(source="daily", rhythm=86_400),
        "busy": FetchState(source="busy", rhythm=240),
    }
    polls: dict[str, list[datetime]] = {source.id: [] for source in sources}
    pause = range(3 * 1440, 4 * 1440)
    back: list[str] = []
    for minute in (number for number in range(7 * 1440) if number not in pause):
        now = NOW + timedelta(minutes=minute)
        todo = due(sources, states, now)
        back = back or ([each.id for each in todo] if minute == pause.stop else [])
        for each in todo:
            before = states.get(each.id) or FetchState(source=each.id)
            polls[each.id].append(now)
            if each.id in {"dead", "tired"}:
                state = replace(before, failures=before.failures + 1)
                asked = 3 * 3600.0 if each.id == "tired" else None
                when = next_due(each, state, FetchOutcome.FAILED, now, rng, retry_after=asked)
                states[each.id] = replace(state, due_at=when, hold_until=when if asked else None)
            else:
                states[each.id] = replace(before, due_at=next_due(each, before, FetchOutcome.OK, now, rng))
    count = {name: len(times) for name, times in polls.items()}
    days = 6
    assert 288 * days <= count["wire"] <= 288 * days * 1.3
    assert 288 * days <= count["busy"] <= 288 * days * 1.3
    assert 4 * days <= count["daily"] <= 5 * days
    assert 4 * days <= count["dead"] <= 6 * days + 6
    assert count["tired-too"] <= count["tired"] <= 8 * days, "a host that answers 429 is left alone by all its sources"
    assert set(back) >= {"wire", "busy", "daily", "dead"}
    order = [states_due for name in back for states_due in [max(t for t in polls[name] if t < NOW + timedelta(days=4))]]
    assert order[0] <= order[-1], "the longest overdue comes first"
