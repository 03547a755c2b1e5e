"""What is wrong with a source, on a clock of our own."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tocsin.model import FetchOutcome, FetchState, Health, Intake
from tocsin.sources.health import health
from tocsin.specs.sources import SourceSpec

NOW = datetime(2026, 3, 12, 12, 0, tzinfo=UTC)
DAY = timedelta(days=1)
FEED = {"id": "post", "url": "https://post.example/rss"}
FILES = {"id": "post", "kind": "files", "path": "inbox"}
SILENT = FetchState(source="post", outcome=FetchOutcome.OK, rhythm=3600, new_at=NOW - 2 * DAY, gap_at=NOW - DAY)


def wrong(state: FetchState | None, intake: Intake | None = None, spec: dict[str, object] | None = None) -> set[Health]:
    return set(health(SourceSpec.model_validate(spec or FEED), state, intake, NOW))


def test_a_failing_source_is_failing_and_a_new_or_disabled_one_is_nothing() -> None:
    failed = FetchState(source="post", outcome=FetchOutcome.FAILED)
    assert wrong(failed) == {Health.FAILING}
    assert wrong(None) == set()
    assert wrong(failed, spec=FEED | {"enabled": False}) == set()


def test_silence_and_gaps_are_told_apart_from_failure() -> None:
    assert wrong(SILENT) == {Health.SILENT, Health.GAP}
    assert wrong(SILENT, spec=FILES) == set()


@pytest.mark.parametrize(
    ("intake", "expected"),
    [
        (Intake(articles=10, teasers=9, undated=8), {Health.TEASER_ONLY}),
        (Intake(articles=10, teasers=0, undated=10), {Health.UNDATED}),
        (Intake(articles=2, teasers=2, undated=2), set()),
    ],
)
def test_what_nine_of_ten_articles_lack_is_said(intake: Intake, expected: set[Health]) -> None:
    assert wrong(FetchState(source="post", outcome=FetchOutcome.OK), intake) == expected
