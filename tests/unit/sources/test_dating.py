"""When an article was published, as its page states it: no date beats a wrong one."""

from __future__ import annotations

from datetime import date

import pytest

from tocsin.sources.dating import published_of
from tocsin.sources.head import PageHead, head_of
from tocsin.sources.maintext import parsed
from tocsin.sources.metadata import Stated

DAY = date(2026, 3, 2)


def day_of(head: PageHead, said: str = "", url: str = "https://post.example/storm") -> date | None:
    moment = published_of(head, Stated(published=said), url)
    return moment[0].date() if moment else None


@pytest.mark.parametrize(
    "text",
    [
        *("2 March 2026", "02.03.2026 , Lesezeit 5 Min.", "Mo 02.03.26 | 14:07 Uhr", "Stand: 02.03.2026, 07:30 Uhr"),
        *("Published: March 2, 2026", "2026-03-02T09:30:00Z", "입력 2026.03.02 14:07"),
    ],
)
def test_the_line_with_the_date_is_read(text: str) -> None:
    assert day_of(PageHead(meta={}, times=(text,))) == DAY


@pytest.mark.parametrize("path", ["/2026/03/02/storm", "/a/20260302/storm", "/port/2026/mar/02/storm"])
def test_the_day_in_an_address_is_read(path: str) -> None:
    assert day_of(PageHead(meta={}), url=f"https://post.example{path}") == DAY
    assert day_of(PageHead(meta={}, canonical=f"https://post.example{path}")) == DAY


def test_the_day_behind_a_separator_in_the_title_is_read() -> None:
    assert day_of(PageHead(meta={}, title="Storm closes crane | Post | 02.03.2026")) == DAY


def test_dates_of_several_articles_are_nobodys() -> None:
    assert day_of(PageHead(meta={}, times=("2026-02-24", "2026-03-02", "2026-02-26"))) is None


@pytest.mark.parametrize("shown", ["2026-03-02", "2026-03-02T04:00:00+09:00", "2026-03-03"])
def test_days_that_zones_explain_are_no_contradiction(shown: str) -> None:
    assert day_of(PageHead(meta={"date": shown}), "2026-03-02T23:30:00Z") == DAY


def test_a_page_that_contradicts_itself_has_the_day_that_it_shows() -> None:
    head = PageHead(meta={"date": "2026-03-02T07:30:00Z"}, times=("Stand: 02.03.2026, 07:30 Uhr",))
    assert day_of(head, "2026-02-20T09:00:00Z") == DAY
    assert day_of(PageHead(meta={"date": "2026-03-20"}, times=("2026-03-02",)), "2026-03-02T09:00:00Z") == DAY


def test_a_page_that_contradicts_itself_and_shows_nothing_has_no_day() -> None:
    assert day_of(PageHead(meta={"date": "2026-03-02"}), "2024-08-29T09:00:00Z") is None


def test_a_bare_line_below_the_headline_is_read_when_it_is_a_date_and_nothing_else() -> None:
    def day_below(text: str) -> date | None:
        return day_of(head_of(parsed(f"<!doctype html><html><body><h1>Storm</h1><div>{text}</div></body></html>")))

    assert day_below("| 2 March 2026") == DAY
    assert day_below("The storm of 2 March 2026 was the worst in years.") is None
