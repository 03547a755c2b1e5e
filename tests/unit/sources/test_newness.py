"""Which articles are news, on a clock of our own."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tocsin.model import Article, FetchState, HeldReason
from tocsin.sources.newness import STALE, holds, is_baseline
from tocsin.specs.sources import SourceSpec

NOW = datetime(2026, 3, 12, 12, 0, tzinfo=UTC)


def spec(**more: object) -> SourceSpec:
    return SourceSpec.model_validate({"id": "post", "url": "https://post.example/rss", **more})


def reason(
    published: datetime | None, *, day_only: bool = False, first: bool = False, baseline: bool = False
) -> HeldReason | None:
    article = Article(id="a" * 16, title="Crane closed", published=published, day_only=day_only)
    found = holds([article], NOW, first=first, baseline=baseline)
    return found[article.id][0] if found else None


@pytest.mark.parametrize(
    ("before", "more", "told", "expected"),
    [
        (FetchState(source="post"), {}, False, True),
        (FetchState(source="post", failures=3, polled_at=NOW), {}, False, True),
        (FetchState(source="post", success_at=NOW), {}, False, False),
        (FetchState(source="post"), {"alert_on_first": True}, False, False),
        (FetchState(source="post"), {}, True, False),
    ],
)
def test_the_first_good_poll_is_the_baseline_unless_asked_otherwise(
    before: FetchState,
    more: dict[str, object],
    told: bool,  # noqa: FBT001
    expected: bool,  # noqa: FBT001
) -> None:
    assert is_baseline(spec(**more), before, alert_on_first=told) is expected


def test_the_baseline_is_held_however_fresh() -> None:
    assert reason(NOW, first=True, baseline=True) is HeldReason.BASELINE


def test_what_is_dated_long_before_it_was_seen_is_stale() -> None:
    assert reason(NOW - STALE - timedelta(minutes=1)) is HeldReason.STALE
    assert reason(NOW - STALE + timedelta(minutes=1)) is None


def test_who_asks_for_the_first_poll_is_told_of_all_of_it() -> None:
    assert reason(NOW - 10 * STALE, first=True) is None


def test_a_bare_day_counts_until_it_has_ended() -> None:
    day = datetime(2026, 3, 5, tzinfo=UTC)
    assert reason(day) is HeldReason.STALE
    assert reason(day, day_only=True) is None
    assert reason(day - timedelta(days=1), day_only=True) is HeldReason.STALE


def test_an_undated_article_is_as_old_as_our_first_sight_of_it() -> None:
    assert reason(None) is None
