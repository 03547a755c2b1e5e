"""Sitemaps as feeds."""

from __future__ import annotations

import gzip
from datetime import UTC, datetime, timedelta

import pytest

from tocsin.sources.feeds import NotAFeed, ParsedFeed
from tocsin.sources.sitemaps import CHILDREN, Index, is_sitemap, parse_sitemap

NOW = datetime(2026, 3, 12, 12, 0, tzinfo=UTC)
NEWS = """<?xml version="1.0" encoding="UTF-8"?>
<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:news="http://www.google.com/schemas/sitemap-news/0.9">
<url><loc>https://post.example/1</loc><news:news><news:publication><news:name>Post</news:name>
<news:language>en</news:language></news:publication><news:publication_date>2026-03-12T09:00:00+09:00</news:publication_date>
<news:title>Crane &amp; pier closed</news:title></news:news></url>
<url xmlns:image="http://www.google.com/schemas/sitemap-image/1.1"><image:image><image:loc>https://post.example/x.png
</image:loc><image:title>A pier</image:title></image:image><loc>https://post.example/2</loc>
<lastmod>2026-03-12</lastmod></url>
<url><loc>https://post.example/old</loc><lastmod>2026-02-01</lastmod></url>
<url><loc>https://post.example/undated</loc></url>
<url><loc>javascript:alert(1)</loc><lastmod>2026-03-12</lastmod></url></urlset>"""


def parsed(text: str | bytes, limit: int = 100) -> ParsedFeed | Index | NotAFeed:
    return parse_sitemap(text if isinstance(text, bytes) else text.encode(), NOW, limit=limit)


def entries(text: str | bytes, limit: int = 100) -> list[str | None]:
    found = parsed(text, limit)
    assert isinstance(found, ParsedFeed), found
    return [entry.url for entry in found.entries]


def plain(*dates: str) -> str:
    pages = (f"<url><loc>https://post.example/{n}</loc><lastmod>{date}</lastmod></url>" for n, date in enumerate(dates))
    return f"<urlset>{''.join(pages)}</urlset>"


def test_recent_pages_are_entries_with_what_the_news_sitemap_says() -> None:
    found = parsed(NEWS)
    assert isinstance(found, ParsedFeed)
    first = next(entry for entry in found.entries if entry.url == "https://post.example/1")
    assert len(found.entries) == 2
    assert (first.title, first.language, first.day_only) == ("Crane & pier closed", "en", False)
    assert {entry.url: entry.title for entry in found.entries}["https://post.example/2"] == ""
    assert first.published == datetime(2026, 3, 12, 0, 0, tzinfo=UTC)


def test_the_newest_come_first_and_what_is_cut_is_counted() -> None:
    found = parsed(plain("2026-03-10", "2026-03-12", "2026-03-11"), limit=2)
    assert isinstance(found, ParsedFeed)
    assert ([entry.url and entry.url[-1] for entry in found.entries], found.left_out) == (["1", "2"], 1)


def test_a_sitemap_without_any_date_is_taken_whole() -> None:
    assert len(entries(plain("", "", ""))) == 3


def test_gzip_and_a_cut_end_lose_nothing_that_stands_before() -> None:
    assert len(entries(gzip.compress(NEWS.encode()))) == 2
    assert entries(NEWS[: NEWS.index("<url><loc>https://post.example/old")]) == entries(NEWS)
    assert is_sitemap(gzip.compress(NEWS.encode()))


def test_an_index_names_its_recent_sitemaps() -> None:
    day = NOW - timedelta(hours=1)
    parts = "".join(
        f"<sitemap><loc>https://post.example/{n}.xml</loc><lastmod>{day - timedelta(hours=n):%Y-%m-%dT%H:%MZ}"
        "</lastmod></sitemap>"
        for n in range(CHILDREN + 3)
    )
    old = "<sitemap><loc>https://post.example/old.xml</loc><lastmod>2019-01-01</lastmod></sitemap>"
    found = parsed(f"<sitemapindex>{old}{parts}</sitemapindex>")
    assert isinstance(found, Index)
    assert found.children[0] == "https://post.example/0.xml"
    assert (len(found.children), found.left_out) == (CHILDREN, 3)


@pytest.mark.parametrize(
    "text",
    [
        "<rss><channel/></rss>",
        '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><urlset><url><loc>&b;</loc></url></urlset>',
        gzip.compress(b"<urlset/>", mtime=0)[:12],
    ],
)
def test_what_is_no_sitemap_or_dangerous_is_refused(text: str | bytes) -> None:
    assert isinstance(parsed(text), NotAFeed)
