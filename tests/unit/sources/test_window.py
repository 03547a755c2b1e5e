"""What a feed says against the one before it: gaps, changes, floods."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tocsin.articles.identity import entry_keys
from tocsin.model import Entry, FetchState
from tocsin.sources.entries import Candidate
from tocsin.sources.window import GAP_REMEMBERED, Comparison, compare, remember

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


def entry(number: int, *, at: str = "post.example", text: str = "A teaser.", title: str = "") -> Entry:
    link = f"https://{at}/{number}"
    return Entry(guid=f"{at}-{number}", url=link, title=title or f"Crane {number} closed", summary=text)


def found(*entries: Entry) -> list[Candidate]:
    return [Candidate(entry=each, keys=entry_keys("post", each)) for each in entries]


def against(first: list[Candidate], second: list[Candidate]) -> Comparison:
    return compare(compare((), first, ()).window, second, [key for one in first for key in one.keys])


def feed(*numbers: int, at: str = "post.example") -> list[Candidate]:
    return found(*(entry(number, at=at) for number in numbers))


def test_a_first_feed_shows_nothing() -> None:
    first = compare((), feed(1, 2, 3, 4), ())
    assert (first.gap, first.changed, first.flood) == (False, frozenset(), frozenset())
    assert len(first.window) == 4


@pytest.mark.parametrize(
    ("numbers", "gap"),
    [((4, 5, 6), False), ((5, 6, 7), True), ((5, 6), False), ((1, 2, 3, 4), False)],
)
def test_a_feed_without_anything_of_the_last_one_shows_a_gap(numbers: tuple[int, ...], gap: bool) -> None:  # noqa: FBT001
    assert against(feed(1, 2, 3, 4), feed(*numbers)).gap is gap


def test_an_entry_with_another_text_is_changed_and_a_tag_or_a_space_is_no_text() -> None:
    first = found(entry(1), entry(2), entry(3))
    second = found(entry(1, text="A  <b>teaser.</b>"), entry(2, text="Another teaser."), entry(3, title="Crane open"))
    assert against(first, second).changed == {1, 2}


def test_entries_that_share_an_address_are_told_apart_by_guid() -> None:
    def live(guid: str, text: str) -> Entry:
        return Entry(guid=guid, url="https://post.example/live", title=f"Live {guid}", summary=text)

    assert against(found(live("a", "x"), live("b", "y")), found(live("a", "x"), live("b", "z"))).changed == {1}


def test_old_titles_at_new_addresses_are_a_flood_and_new_titles_among_them_are_news() -> None:
    before, moved = range(1, 26), [*range(2, 26), 99]
    result = against(feed(*before), feed(*moved, at="new.example"))
    assert result.flood == set(range(24))
    assert not result.gap


@pytest.mark.parametrize("moved", [range(1, 16), range(101, 126)])
def test_a_short_feed_and_new_titles_are_no_flood(moved: range) -> None:
    assert against(feed(*range(1, 26)), feed(*moved, at="new.example")).flood == frozenset()


def test_a_gap_is_remembered_for_a_day() -> None:
    state = FetchState(source="post")
    gap = remember(state, Comparison(window=("a" * 32,), gap=True), (), NOW)
    assert (gap.gaps, gap.gap_at, gap.window) == (1, NOW, ("a" * 32,))
    assert remember(gap, Comparison(window=(), gap=True), (), NOW).gaps == 2
    assert remember(gap, Comparison(window=()), (), NOW + GAP_REMEMBERED).gaps == 1
    assert remember(gap, Comparison(window=()), (), NOW + GAP_REMEMBERED + timedelta(seconds=1)).gaps == 0


def test_what_could_not_be_read_again_counts_as_changed_until_it_is() -> None:
    second = compare((), found(entry(1, text="Another.")), ())
    state = remember(FetchState(source="post"), second, [0], NOW)
    same = found(entry(1, text="Another."))
    assert compare(state.window, same, same[0].keys).changed == {0}
