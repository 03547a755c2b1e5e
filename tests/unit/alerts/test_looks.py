"""When a told article is looked at again, and what the answers prove."""

from dataclasses import replace
from datetime import timedelta

import pytest

from alerting import NOON
from tocsin.alerts.looks import AFTER, Finding, Showing, Sight, after, begun, finding, in_words
from tocsin.sources.pages import Page

PAGE = Page(
    title="x", deck="", byline="", published=None, day_only=False, paragraphs=("x",), language=None, canonical_url=None
)
GONE, UNSURE, SAME = (Sight(showing=one) for one in (Showing.GONE, Showing.UNSURE, Showing.SAME))
THERE = Sight(showing=Showing.THERE, page=PAGE, etag='"2"')


def look(**changes):
    return begun("a" * 16, NOON, **{"text_hash": "0" * 64, "says": ("launch",)} | changes)


def played(first, *sights, until=timedelta(days=9)):
    """Each look at its time: the findings, and what is remembered at the end."""
    found = []
    for sight in sights:
        now = first.due_at
        found.append(finding(first, sight, now))
        first = after(first, sight, now)
        if first.due_at is None:
            break
    return found, first


def test_a_page_that_stays_is_looked_at_five_times_in_two_days():
    found, last = played(look(), *[THERE] * 9)
    assert (found, last.due_at, last.etag) == ([Finding.READ] * len(AFTER), None, '"2"')
    times, one = [], look()
    while one.due_at:
        times.append(one.due_at - NOON)
        one = after(one, SAME, one.due_at)
    assert times == list(AFTER)


def test_a_pass_that_comes_late_does_not_look_twice():
    late = after(look(), SAME, NOON + timedelta(hours=9))
    assert late.due_at == NOON + timedelta(hours=24)


@pytest.mark.parametrize(
    ("sights", "findings"),
    [
        ([GONE, GONE], [Finding.NOTHING, Finding.VANISHED]),
        ([GONE, UNSURE, GONE], [Finding.NOTHING, Finding.NOTHING, Finding.VANISHED]),
        ([GONE, SAME, GONE, GONE], [Finding.NOTHING, Finding.NOTHING, Finding.NOTHING, Finding.VANISHED]),
        ([GONE, GONE, GONE, GONE], [Finding.NOTHING, Finding.VANISHED, Finding.NOTHING, Finding.NOTHING]),
        ([GONE, GONE, THERE], [Finding.NOTHING, Finding.VANISHED, Finding.RETURNED]),
        ([GONE, THERE, THERE], [Finding.NOTHING, Finding.READ, Finding.READ]),
        ([UNSURE] * 5, [Finding.NOTHING] * 5),
    ],
)
def test_two_looks_that_find_it_gone_prove_it(sights, findings):
    assert played(look(), *sights)[0] == findings


def test_the_second_look_comes_no_sooner_than_half_an_hour_later():
    once = after(look(), GONE, NOON + timedelta(hours=1))
    soon = NOON + timedelta(hours=1, minutes=29)
    assert finding(once, GONE, soon) is Finding.NOTHING
    assert finding(once, GONE, soon + timedelta(minutes=1)) is Finding.VANISHED


def test_a_page_never_read_at_its_address_cannot_vanish():
    found, last = played(look(says=None), *[GONE] * 9)
    assert (set(found), last.missing_since, last.due_at) == ({Finding.NOTHING}, None, None)


def test_a_missing_page_on_an_ailing_site_is_asked_after_ever_longer_waits_and_not_for_ever():
    one, waits = after(look(), GONE, NOON + AFTER[0]), []
    while one.due_at:
        now = one.due_at
        one = after(one, UNSURE, now)
        waits += [one.due_at - now] if one.due_at else []
    assert [wait.total_seconds() / 60 for wait in waits] == [30, 60, 120, 240, 480, 960, 1920]


def test_a_page_closed_to_us_is_left_alone():
    closed = Sight(showing=Showing.CLOSED, detail="robots.txt does not let us")
    assert after(look(), closed, NOON).due_at is None


def test_where_the_looks_stand_is_said_in_words():
    gone = after(look(), GONE, NOON + timedelta(hours=1))
    assert in_words(look()) == "not yet; the next look is at 2026-03-04 12:30 UTC"
    assert in_words(after(look(), THERE, NOON + timedelta(hours=1))) == (
        "at 2026-03-04 13:00 UTC: still there; the next look is at 2026-03-04 14:00 UTC"
    )
    assert in_words(gone) == (
        "at 2026-03-04 13:00 UTC: missing since 2026-03-04 13:00 UTC, not proven; "
        "the next look is at 2026-03-04 13:30 UTC"
    )
    proven = after(gone, GONE, NOON + timedelta(hours=49))
    assert in_words(proven) == (
        "at 2026-03-06 13:00 UTC: taken down, found at 2026-03-06 13:00 UTC; there is no further look"
    )
    wall = Sight(showing=Showing.UNSURE, detail="the server answered 403 Forbidden")
    assert in_words(after(look(), wall, NOON)).startswith(
        "at 2026-03-04 12:00 UTC: the server answered 403 Forbidden; the next look is at"
    )
    left = replace(look(), due_at=None, detail="its source is not looked at")
    assert in_words(left) == "not yet (its source is not looked at); there is no further look"
