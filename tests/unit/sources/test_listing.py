"""Pages that list articles: what their entries are, and which selector is to blame when there are none."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tocsin.model import FetchReason
from tocsin.sources.feeds import NotAFeed, ParsedFeed
from tocsin.sources.listing import guess, parse_listing
from tocsin.specs.sources import Listing

URL = "https://ministry.example/en/press"
CARDS = """<html lang="en"><head><title>Press</title><meta property="og:site_name" content="Harbour Ministry"></head>
<body>
<nav><a href="/en/annual-report-of-the-year-2025">The annual report that stands in the menu of every page</a></nav>
<ul class="press">
<li class="pinned"><a href="/en/3-crane-opens"><img src="c.png" alt="A crane"></a>
  <a href="/en/3-crane-opens">The third crane opens to the public</a> <span class="date">03.03.2026</span>
  <p class="lead">After two years of work.</p></li>
<li><a href="2-ferry-late"><img src="f.png"></a>
  <h3><a href="2-ferry-late#top">The ferry to Port Alder is late again</a></h3>
  <span class="date">02.03.2026</span><p class="lead">Ice on the river.</p></li>
<li><h3><a href="https://ministry.example/en/1-harbour-master-named">A new harbour master is named</a></h3>
  <span class="date">01.03.2026</span></li>
<li><a href="/en/3-crane-opens">The third crane opens to the public</a> <span class="date">03.03.2026</span></li>
<li><a href="javascript:show(7)">A notice that only a script can open</a><span class="date">28.02.2026</span></li>
</ul>
<footer><a href="/en/how-to-write-to-us-2024">How to write to the ministry of the harbour</a></footer></body></html>"""
CHOSEN = Listing(entry="ul.press > li", deck=".lead")


def read(html: str, listing: Listing | None = CHOSEN, url: str = URL) -> ParsedFeed:
    found = parse_listing(html.encode(), "text/html; charset=utf-8", url, listing)
    assert isinstance(found, ParsedFeed), found
    return found


def refused(html: str, listing: Listing | None) -> NotAFeed:
    found = parse_listing(html.encode(), None, URL, listing)
    assert isinstance(found, NotAFeed)
    assert found.reason is FetchReason.NO_ENTRIES
    return found


def day(text: str) -> datetime:
    return datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC)


def test_entries_come_in_order_each_address_once_with_absolute_links() -> None:
    found = read(CARDS)
    assert [(each.url, each.title, each.summary) for each in found.entries] == [
        (
            "https://ministry.example/en/3-crane-opens",
            "The third crane opens to the public",
            "After two years of work.",
        ),
        (
            "https://ministry.example/en/2-ferry-late#top",
            "The ferry to Port Alder is late again",
            "Ice on the river.",
        ),
        ("https://ministry.example/en/1-harbour-master-named", "A new harbour master is named", ""),
    ]
    assert [each.published for each in found.entries] == [day("2026-03-03"), day("2026-03-02"), day("2026-03-01")]
    assert all(each.day_only for each in found.entries)
    assert (found.title, found.language) == ("Harbour Ministry", "en")


def test_an_entry_that_only_a_script_opens_is_left_out_with_a_note() -> None:
    assert read(CARDS).notes == ("1 of 5 entries have no link that is an address: left out",)


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        ("등록일 2026.03.02 조회 345", "2026-03-02"),
        ("2026. 3. 2.", "2026-03-02"),
        ("[2026-03-02]", "2026-03-02"),
        ("令和8年3月2日", "2026-03-02"),
        ("２０２６年３月２日（月）", "2026-03-02"),
        ("Опубликовано: 02.03.2026", "2026-03-02"),
        ("2 марта 2026 г.", "2026-03-02"),
        ("Posted on March 2, 2026", "2026-03-02"),
        ("Notice | 2 March 2026", "2026-03-02"),
    ],
)
@pytest.mark.parametrize("selector", [".date", None])
def test_dates_are_read_as_ministries_write_them(shown: str, expected: str, selector: str | None) -> None:
    html = f"<ul><li><a href='/a1'>A title that is long enough</a><span class='date'>{shown}</span></ul>"
    [entry] = read(html, Listing(entry="li", date=selector)).entries
    assert (entry.published, entry.day_only) == (day(expected), True)
    assert entry.title == "A title that is long enough"


def test_the_time_element_wins_over_what_it_shows() -> None:
    html = "<ul><li><a href='/a1'>A title</a><time datetime='2026-03-02T09:30:00+09:00'>two hours ago</time></ul>"
    [entry] = read(html, Listing(entry="li")).entries
    assert entry.published == datetime(2026, 3, 2, 0, 30, tzinfo=UTC)
    assert not entry.day_only


def test_a_card_that_is_one_link_has_its_heading_as_title() -> None:
    html = "<a class=card href=/a1><h3>The crane opens</h3><p>Lead.</p><time>2026-03-02</time></a>"
    [entry] = read(html, Listing(entry="a.card")).entries
    assert (entry.title, entry.published) == ("The crane opens", day("2026-03-02"))


def test_a_date_inside_the_link_is_no_part_of_the_title() -> None:
    html = "<ul><li><a href=/a1><span class=date>2026.03.02</span> The crane opens</a></ul>"
    [entry] = read(html, Listing(entry="li")).entries
    assert entry.title == "The crane opens"


def test_a_days_heading_dates_the_entries_below_it() -> None:
    html = (
        "<dl><dt>March 2, 2026</dt><dd><a href=/a1>One</a></dd><dd><a href=/a2>Two</a></dd>"
        "<dt>March 1, 2026</dt><dd><a href=/a3>Three</a></dd></dl>"
    )
    found = read(html, Listing(entry="dd", date="dt"))
    assert [each.published for each in found.entries] == [day("2026-03-02"), day("2026-03-02"), day("2026-03-01")]


def test_an_entry_without_a_date_does_not_take_its_neighbours() -> None:
    html = "<ul><li><a href=/a1>One</a><i class=d>2026-03-02</i></li><li><a href=/a2>Two</a></li></ul>"
    assert [each.published for each in read(html, Listing(entry="li", date=".d")).entries] == [day("2026-03-02"), None]


def test_links_are_relative_to_the_base_element() -> None:
    html = "<head><base href='https://cdn.example/kr/'></head><ul><li><a href='view.do?id=7'>One</a></ul>"
    assert [each.url for each in read(html, Listing(entry="li")).entries] == ["https://cdn.example/kr/view.do?id=7"]


def test_the_servers_charset_is_believed() -> None:
    html = "<ul><li><a href='/a1'>부두가 열렸다</a></ul>".encode("euc-kr")
    found = parse_listing(html, "text/html; charset=EUC-KR", URL, Listing(entry="li"))
    assert isinstance(found, ParsedFeed)
    assert found.entries[0].title == "부두가 열렸다"


@pytest.mark.parametrize("prolog", ['<?xml version="1.0" encoding="euc-kr"?>', "\ufeff", ""])
def test_the_pages_own_charset_is_read_and_xhtml_warns_nobody(prolog: str) -> None:
    html = f"{prolog}<!DOCTYPE html><p>" + "x" * 600 + "<ul><li><a href='/a1'>부두가 열렸다</a></ul>"
    found = parse_listing(html.encode("euc-kr" if "euc-kr" in prolog else "utf-8"), None, URL, Listing(entry="li"))
    assert isinstance(found, ParsedFeed)
    assert found.entries[0].title == "부두가 열렸다"


def test_a_page_in_utf_16_is_read() -> None:
    html = "<html><body><ul><li><a href='/a1'>부두가 열렸다</a></ul>".encode("utf-16")
    found = parse_listing(html, None, URL, Listing(entry="li"))
    assert isinstance(found, ParsedFeed)
    assert found.entries[0].title == "부두가 열렸다"


def test_more_entries_than_the_limit_are_counted() -> None:
    found = parse_listing(CARDS.encode(), None, URL, CHOSEN, limit=2)
    assert isinstance(found, ParsedFeed)
    assert (len(found.entries), found.left_out) == (2, 1)


@pytest.mark.parametrize(
    ("listing", "blamed"),
    [
        (Listing(entry="ul.news > li"), "entry 'ul.news > li' finds nothing on this page"),
        (Listing(entry="ul.press > li", link="a.more"), "link 'a.more' finds nothing in any of the 5 entries"),
        (Listing(entry="span.date"), "no link in any of the 5 entries that list: entry 'span.date' finds"),
        (Listing(entry="a[href^=javascript]"), "made by script"),
    ],
)
def test_a_rebuilt_page_fails_and_names_the_selector(listing: Listing, blamed: str) -> None:
    assert blamed in refused(CARDS, listing).detail


@pytest.mark.parametrize(
    ("part", "said"),
    [
        ("title", "title '.gone' finds nothing in any of 5"),
        ("date", "date '.gone' finds no date in any of 5"),
        ("deck", "deck '.gone' finds nothing in any of 5"),
    ],
)
def test_a_part_that_is_never_found_is_told_and_loses_no_entry(part: str, said: str) -> None:
    found = read(CARDS, Listing(entry="ul.press > li", **{part: ".gone"}))
    assert len(found.entries) == 3
    assert found.entries[0].title == "The third crane opens to the public"
    assert any(said in note for note in found.notes)


# --- guessing -----------------------------------------------------------------------------------------------------


def test_the_list_is_guessed_among_menus_and_footers() -> None:
    assert guess(CARDS.encode(), None, URL) == Listing(entry="ul.press > li")
    assert [each.title for each in read(CARDS, None).entries] == [each.title for each in read(CARDS).entries]


def test_a_table_of_a_korean_board_is_guessed() -> None:
    rows = "".join(
        f"<tr class='r{n}'><td>{n}</td>"
        f"<td><a href='view.do?seq={n}01&page=1'>새 부두 {n}호가 문을 열었다고 밝혔다</a></td>"
        f"<td>2026.03.0{n}</td></tr>"
        for n in range(1, 7)
    )
    html = f"<body><table class='board'><tr><th>번호<th>제목<th>날짜</tr><tbody>{rows}</tbody></table></body>"
    found = read(html, None)
    assert [each.published for each in found.entries] == [day(f"2026-03-0{n}") for n in range(1, 7)]


@pytest.mark.parametrize(
    "html",
    [
        "<form><input type=password><button>Log in</button></form>",
        "<p>Checking your browser before you may go on</p><script>challenge()</script>",
        "<ul><li><a href='/news/'>News of the harbour</a><li><a href='/sport/'>Sport of the harbour</a></ul>" * 4,
        "<ul><li><a href='https://else.example/story-1234'>A story that another site tells us</a></ul>" * 5,
        "",
    ],
)
def test_nothing_is_guessed_where_nothing_is_listed(html: str) -> None:
    assert "nothing on this page looks like a list" in refused(f"<html><body>{html}</body></html>", None).detail
