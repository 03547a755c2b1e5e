"""Whatever stands on a page, reading it as a list ends in entries with addresses or in a sentence."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from tocsin import urls
from tocsin.sources.feeds import NotAFeed, ParsedFeed
from tocsin.sources.listing import parse_listing
from tocsin.specs.sources import Listing
from tocsin.times import date_in

URL = "https://ministry.example/press"
HREFS = [
    "/a-new-crane-opens",
    "//[",
    "javascript:x()",
    "#top",
    "mailto:a@b.example",
    "?id=1234",
    "http://x.example/:9999",
    "",
]
PIECES = [
    *("<ul>", "</ul>", "<li>", "</li>", "<div class='card x1'>", "</div>", "<h3>", "</h3>", "<table>", "<tr>", "<td>"),
    *("<time datetime='2026-03-02'>", "</time>", "<base href='//['>", "<base href='/kr/'>", "<a name=x>", "</a>"),
    *("A new crane opens to the public", "2026.03.02", "부두가 문을 열었다", "<img alt='a crane'>", "<!--", "-->"),
    *(f"<a href='{href}'>" for href in HREFS),
]
PAGES = st.lists(st.sampled_from(PIECES), max_size=60).map("".join)
LISTINGS = st.sampled_from(
    [None, Listing(entry="li"), Listing(entry="a"), Listing(entry="*", link="a", title="h3", date="time", deck="td")]
)


@settings(max_examples=300, deadline=timedelta(seconds=20))
@given(PAGES, LISTINGS)
def test_any_page_ends_in_entries_or_in_a_sentence(html: str, listing: Listing | None) -> None:
    found = parse_listing(html.encode(), None, URL, listing)
    if isinstance(found, NotAFeed):
        assert found.detail
        return
    addresses = [urls.canonical(entry.url or "") for entry in found.entries]
    assert addresses
    assert all(map(urls.is_web, addresses))
    assert len(set(addresses)) == len(addresses)


@settings(max_examples=200, deadline=timedelta(seconds=20))
@given(st.binary(max_size=400))
def test_any_bytes_end_in_entries_or_in_a_sentence(html: bytes) -> None:
    assert isinstance(parse_listing(html, "text/html; charset=none-such", URL, None), (ParsedFeed, NotAFeed))


@settings(max_examples=300, deadline=timedelta(seconds=20))
@given(
    st.text(max_size=210), st.sampled_from(["2026-03-02", "2026. 3. 2.", "2026年3月2日", "02.03.2026", "2 March 2026"])
)
def test_no_words_around_a_date_break_its_reading(words: str, written: str) -> None:
    date_in(words)
    assert date_in(written) is not None
    found = date_in(f"{words[:20]} | {written} | {words[20:40]}")
    assert found is None or found[0].tzinfo is not None
