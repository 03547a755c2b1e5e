"""When to look again, on a clock of our own."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.model import FetchOutcome, FetchState
from tocsin.sources.schedule import EVERY, LONGEST, LONGEST_HINT, due, next_due
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
