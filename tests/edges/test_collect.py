"""Collecting from real servers: what comes in, what is remembered, and that one bad source stops nothing."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from servers import Route, Server, broken_off, conditional, drip, redirect, reply
from tocsin.articles.identity import keys
from tocsin.model import Article, Collected, FetchOutcome, FetchReason, FetchState, HeldReason
from tocsin.sources.answers import Limits
from tocsin.sources.check import CheckResult, check_all
from tocsin.sources.collect import collect
from tocsin.sources.schedule import due
from tocsin.specs.sources import SourceSpec

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
LIMITS = Limits(connect=5, read=5, total=20, body=500_000)

SENTENCE = (
    "The harbour master of Port Alder said on Monday that the third crane would be closed until the storm had passed. "
)
PAGE = """<html lang="en"><head><title>{title} - Harbour Post</title><meta property="og:title" content="{title}">
<script type="application/ld+json">{{"@type": "NewsArticle", "headline": "{title}",
"datePublished": "2026-03-02T09:00:00+09:00",
"author": {{"@type": "Person", "name": "Mira Holt"}}}}</script></head>
<body><nav><a href="/">Home</a> <a href="/world">World</a></nav><article><h1>{title}</h1>{body}</article>
<footer>© Harbour Post. All rights reserved.</footer></body></html>"""


def page(title: str, text: str = SENTENCE) -> str:
    return PAGE.format(title=title, body="".join(f"<p>{number}. {text * 3}</p>" for number in range(1, 5)))


def rss(*items: str) -> str:
    return f"<rss version='2.0'><channel><title>Harbour Post</title>{''.join(items)}</channel></rss>"


def item(title: str, link: str, guid: str = "", text: str = "A short teaser.", more: str = "") -> str:
    given = f"<guid isPermaLink='false'>{guid}</guid>" if guid else ""
    return (
        f"<item><title>{title}</title><link>{link}</link>{given}<description>{text}</description>"
        f"<pubDate>Mon, 02 Mar 2026 09:30:00 +0900</pubDate>{more}</item>"
    )


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as running:
        yield running


class Shelf:
    """Remembers articles and states between passes, as the store does."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.keys: set[str] = set()
        self.states: dict[str, FetchState] = {}

    def known(self, asked: Collection[str]) -> frozenset[str]:
        return frozenset(self.keys.intersection(asked))

    def run(self, *sources: SourceSpec) -> dict[str, Collected]:
        async def all_of_them() -> list[Collected]:
            return [each async for each in collect(sources, self.states, **self.settings())]

        found = {each.state.source: each for each in asyncio.run(all_of_them())}
        self.states |= {name: each.state for name, each in found.items()}
        for each in found.values():
            self.keys.update(key for one in each.articles + each.sightings + each.revisions for key in keys(one))
        return found

    def one(self, source: SourceSpec) -> Collected:
        return self.run(source)[source.id]

    def settings(self) -> Mapping[str, Any]:
        rng = random.Random(1)
        return {"known": self.known, "root": self.root, "now": lambda: NOW, "limits": LIMITS, "rng": rng}


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf(tmp_path)


def source(server: Server, path: str, **more: Any) -> SourceSpec:
    """The source at a path of the server, which is allowed to be on this machine."""
    name = path.strip("/").replace("/", "-") or "root"
    return SourceSpec(**({"id": name, "url": server.url(path), "allow_private": (server.place,)} | more))


def titles(articles: tuple[Article, ...]) -> list[str]:
    return sorted(article.title for article in articles)


def test_a_new_entry_becomes_an_article_from_its_page(server: Server, shelf: Shelf) -> None:
    server.routes["/feed"] = reply(rss(item("Crane closed", server.url("/1"))), content_type="application/rss+xml")
    server.routes["/1"] = reply(page("Crane closed"), content_type="text/html; charset=utf-8")
    found = shelf.one(source(server, "/feed"))
    [article] = found.articles
    assert (found.state.outcome, found.state.reason) == (FetchOutcome.OK, FetchReason.NEW_CONTENT)
    assert (article.title, article.byline, article.language) == ("Crane closed", "Mira Holt", "en")
    assert article.published == datetime(2026, 3, 2, 9, 30, tzinfo=article.published and article.published.tzinfo)
    assert len(article.paragraphs) == 4
    assert not article.teaser
    assert article.source == "feed"


def test_what_is_known_is_not_fetched_again(server: Server, shelf: Shelf) -> None:
    server.routes["/1"] = reply(page("One"), content_type="text/html")
    server.routes["/feed"] = reply(rss(item("One", server.url("/1"))))
    feed = source(server, "/feed")
    shelf.one(feed)
    server.routes["/2"] = reply(page("Two", SENTENCE.upper()), content_type="text/html")
    server.routes["/feed"] = reply(rss(item("Two", server.url("/2")), item("One", server.url("/1?utm_source=rss"))))
    assert titles(shelf.one(feed).articles) == ["Two"]
    assert len(server.asked("/1")) == 1


def test_304_is_unchanged(server: Server, shelf: Shelf) -> None:
    server.routes["/feed"] = conditional(rss(), etag='"v1"')
    feed = source(server, "/feed")
    shelf.one(feed)
    again = shelf.one(feed)
    assert (again.state.outcome, again.state.reason) == (FetchOutcome.UNCHANGED, FetchReason.NOT_MODIFIED)
    assert again.state.etag == '"v1"'


def test_the_same_body_is_unchanged_whatever_its_etag(server: Server, shelf: Shelf) -> None:
    feed = source(server, "/feed")
    server.routes["/feed"] = reply(rss(), etag='"v1"')
    shelf.one(feed)
    server.routes["/feed"] = reply(rss(), etag='"v2"')
    assert shelf.one(feed).state.reason is FetchReason.SAME_BODY


def test_one_bad_source_among_good_ones_stops_nothing(
    server: Server, shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(globals(), "LIMITS", replace(LIMITS, total=2))
    good = [source(server, f"/good{number}", text="feed") for number in range(3)]
    for number in range(3):
        server.routes[f"/good{number}"] = reply(rss(item(f"Story {number}", server.url(f"/s{number}"))))
    server.routes |= {
        "/html": reply("<!doctype html><html><body>Log in</body></html>", content_type="text/html"),
        "/empty": reply(b""),
        "/busy": reply("", status="503 Busy", retry_after="7200"),
        "/drip": drip,
        "/cut": broken_off(b"<rss>", 9999),
        "/noise": reply(bytes(range(256)) * 8),
        "/laughs": reply(
            '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><rss><channel><title>&b;</title></channel></rss>'
        ),
        "/inside": redirect("http://127.0.0.1:9/"),
    }
    bad = {
        "/html": FetchReason.NOT_A_FEED,
        "/empty": FetchReason.EMPTY,
        "/busy": FetchReason.HTTP_STATUS,
        "/gone": FetchReason.HTTP_STATUS,
        "/drip": FetchReason.TIMEOUT,
        "/cut": FetchReason.CONNECTION,
        "/noise": FetchReason.NOT_A_FEED,
        "/laughs": FetchReason.NOT_A_FEED,
        "/inside": FetchReason.FORBIDDEN_ADDRESS,
    }
    found = shelf.run(*good, *(source(server, path) for path in bad))
    assert {path: found[path.strip("/")].state.reason for path in bad} == bad
    assert all(found[path.strip("/")].state.detail for path in bad)
    assert sum(len(each.articles) for each in found.values()) == 3
    busy = found["busy"].state.due_at
    assert busy is not None
    assert busy >= NOW + timedelta(hours=2)


def test_a_crash_inside_one_source_is_its_own(server: Server, shelf: Shelf) -> None:
    server.routes["/feed"] = reply(rss(item("One", server.url("/1"))))
    other = source(server, "/quiet", text="feed")
    server.routes["/quiet"] = reply(rss())

    def broken(asked: Collection[str]) -> frozenset[str]:
        raise RuntimeError("the shelf fell over")

    shelf.known = broken  # type: ignore[method-assign]
    found = shelf.run(source(server, "/feed"), other)
    assert found["feed"].state.reason is FetchReason.CRASHED
    assert "the shelf fell over" in found["feed"].state.detail
    assert found["quiet"].state.outcome is FetchOutcome.OK


def test_failures_are_counted_and_success_forgets_them(server: Server, shelf: Shelf) -> None:
    feed = source(server, "/feed")
    assert [shelf.one(feed).state.failures for _ in range(3)] == [1, 2, 3]
    server.routes["/feed"] = reply(rss())
    state = shelf.one(feed).state
    assert (state.failures, state.success_at) == (0, NOW)


def test_a_page_that_cannot_be_had_leaves_the_feeds_text(server: Server, shelf: Shelf) -> None:
    server.routes["/feed"] = reply(
        rss(item("Crane closed", server.url("/gone"), text="The crane is &lt;b&gt;closed&lt;/b&gt;."))
    )
    found = shelf.one(source(server, "/feed"))
    [article] = found.articles
    assert article.teaser
    assert article.paragraphs == ("The crane is closed.",)
    assert "404" in found.notes[0]


@pytest.mark.parametrize("link", ["http://169.254.169.254/latest", "http://[::1]:22/", "http://10.0.0.8/x"])
def test_an_entry_may_not_lead_inside(server: Server, shelf: Shelf, link: str) -> None:
    server.routes["/feed"] = reply(rss(item("Story", link, text="A teaser of some length.")))
    found = shelf.one(source(server, "/feed"))
    assert titles(found.articles) == ["Story"]
    assert "no public address" in found.notes[0]


def test_links_to_another_private_place_need_to_be_allowed(server: Server, shelf: Shelf) -> None:
    with Server() as pages:
        pages.routes["/1"] = reply(page("Crane closed"), content_type="text/html")
        server.routes["/feed"] = reply(rss(item("Crane closed", pages.url("/1"))))
        allowed = source(server, "/feed", allow_private=(server.place, pages.place))
        assert not shelf.one(allowed).articles[0].teaser


def test_full_text_in_the_feed_spares_the_page(server: Server, shelf: Shelf) -> None:
    body = "".join(f"<p>{SENTENCE * 3}</p>" for _ in range(4))
    more = f"<content:encoded xmlns:content='http://purl.org/rss/1.0/modules/content/'><![CDATA[{body}]]></content:encoded>"
    server.routes["/feed"] = reply(rss(item("Crane closed", server.url("/1"), more=more)))
    [article] = shelf.one(source(server, "/feed")).articles
    assert len(article.paragraphs) == 4
    assert not article.teaser
    assert server.asked("/1") == []


def test_a_guid_shared_by_different_entries_swallows_none(server: Server, shelf: Shelf) -> None:
    items = [item(f"Story {n}", server.url(f"/{n}"), guid="latest", text=f"Teaser number {n}.") for n in range(3)]
    server.routes["/feed"] = reply(rss(*items))
    feed = source(server, "/feed", text="feed")
    assert titles(shelf.one(feed).articles) == ["Story 0", "Story 1", "Story 2"]
    server.routes["/feed"] = reply(rss(item("Story 3", server.url("/3"), guid="latest", text="Teaser number 3.")))
    assert titles(shelf.one(feed).articles) == ["Story 3"]


def test_an_ever_changing_guid_makes_nothing_new(server: Server, shelf: Shelf) -> None:
    feed = source(server, "/feed", text="feed")
    for poll in range(3):
        server.routes["/feed"] = reply(rss(item("Story", server.url("/1"), guid=f"poll-{poll}")))
        assert len(shelf.one(feed).articles) == (1 if poll == 0 else 0)


def test_short_texts_are_not_merged_by_their_words(server: Server, shelf: Shelf) -> None:
    server.routes["/a"] = reply(rss(item("Breaking", server.url("/1"), text="More soon.")))
    server.routes["/b"] = reply(rss(item("Breaking", server.url("/2"), text="More soon.")))
    found = shelf.run(source(server, "/a", text="feed"), source(server, "/b", text="feed"))
    ids = {article.id for each in found.values() for article in each.articles}
    assert len(ids) == 2


def test_the_same_text_at_another_address_is_a_sighting(server: Server, shelf: Shelf) -> None:
    for path in ("/1", "/2"):
        server.routes[path] = reply(page("Crane closed"), content_type="text/html")
    server.routes["/a"] = reply(rss(item("Crane closed", server.url("/1"))))
    server.routes["/b"] = reply(rss(item("Crane closed", server.url("/2"))))
    shelf.one(source(server, "/a"))
    found = shelf.one(source(server, "/b"))
    assert found.articles == ()
    assert titles(found.sightings) == ["Crane closed"]


@pytest.mark.parametrize("date", ["Thu, 01 Jan 1970 00:00:00 GMT", "Mon, 02 Mar 2066 09:30:00 GMT", "yesterday"])
def test_a_date_that_cannot_be_true_is_no_date(server: Server, shelf: Shelf, date: str) -> None:
    text = rss(item("Story", server.url("/1"))).replace("Mon, 02 Mar 2026 09:30:00 +0900", date)
    server.routes["/feed"] = reply(text)
    assert shelf.one(source(server, "/feed", text="feed")).articles[0].published is None


def test_too_many_entries_are_cut_with_a_note(server: Server, shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    server.routes["/feed"] = reply(rss(*(item(f"Story {n}", server.url(f"/{n}")) for n in range(9))))
    monkeypatch.setitem(globals(), "LIMITS", replace(LIMITS, entries=5))
    found = shelf.one(source(server, "/feed", text="feed"))
    assert len(found.articles) == 5
    assert "4 entries" in found.notes[0]


def test_wrong_charset_and_broken_bytes_lose_no_entry(server: Server, shelf: Shelf) -> None:
    body = '<?xml version="1.0" encoding="utf-8"?>' + rss(
        item("Öl im Hafen", server.url("/1")), item("Two", server.url("/2"))
    )
    server.routes["/feed"] = reply(body.encode("latin-1"), content_type="application/rss+xml; charset=utf-8")
    assert len(shelf.one(source(server, "/feed", text="feed")).articles) == 2


# --- what is new --------------------------------------------------------------------------------------------------


def test_a_changed_article_is_a_revision_once(server: Server, shelf: Shelf) -> None:
    feed = source(server, "/feed")
    server.routes |= {
        "/1": reply(page("Crane closed"), content_type="text/html"),
        "/feed": reply(rss(item("Crane closed", server.url("/1"), guid="1"))),
    }
    shelf.one(feed)
    server.routes |= {
        "/1": reply(page("Crane open again", SENTENCE.upper() + "It was opened."), content_type="text/html"),
        "/feed": reply(rss(item("Crane open again", server.url("/1"), guid="1"))),
    }
    changed = shelf.one(feed)
    assert (titles(changed.articles), titles(changed.revisions)) == ([], ["Crane open again"])
    server.routes["/feed"] = reply(rss(item("Crane open again", server.url("/1"), guid="1"), "<item/>"))
    assert shelf.one(feed).revisions == ()
    assert len(server.asked("/1")) == 2


def test_a_changed_article_whose_page_cannot_be_had_is_tried_again(server: Server, shelf: Shelf) -> None:
    feed = source(server, "/feed")
    server.routes |= {
        "/1": reply(page("Crane closed"), content_type="text/html"),
        "/feed": reply(rss(item("Crane closed", server.url("/1")))),
    }
    shelf.one(feed)
    del server.routes["/1"]
    server.routes["/feed"] = reply(rss(item("Crane open", server.url("/1"))))
    assert shelf.one(feed).revisions == ()
    server.routes["/1"] = reply(page("Crane open", SENTENCE.upper()), content_type="text/html")
    server.routes["/feed"] = reply(rss(item("Crane open", server.url("/1")), "<item/>"))
    assert titles(shelf.one(feed).revisions) == ["Crane open"]


def test_a_page_that_fails_in_passing_is_read_at_the_next_poll(server: Server, shelf: Shelf) -> None:
    feed = source(server, "/feed")
    server.routes |= {
        "/1": reply("Busy", status="503 Busy"),
        "/feed": conditional(rss(item("Crane closed", server.url("/1"))), etag='"v1"'),
    }
    first = shelf.one(feed)
    assert [article.teaser for article in first.articles] == [True]
    server.routes["/1"] = reply(page("Crane closed"), content_type="text/html")
    again = shelf.one(feed)
    assert again.articles == ()
    assert [(one.title, one.teaser) for one in again.revisions] == [("Crane closed", False)]
    assert shelf.one(feed).state.reason is FetchReason.NOT_MODIFIED
    assert len(server.asked("/1")) == 2


def test_a_page_that_goes_on_failing_is_tried_twice_and_no_more(server: Server, shelf: Shelf) -> None:
    feed = source(server, "/feed")
    server.routes |= {
        "/1": broken_off(b"<html>", 9999),
        "/feed": conditional(rss(item("Crane closed", server.url("/1"))), etag='"v1"'),
    }
    notes = [len(shelf.one(feed).notes) for _ in range(4)]
    assert notes == [1, 1, 0, 0]
    assert len(server.asked("/1")) == 2
    assert shelf.states["feed"].reason is FetchReason.NOT_MODIFIED


def test_a_page_that_is_gone_costs_no_second_reading_of_the_feed(server: Server, shelf: Shelf) -> None:
    feed = source(server, "/feed")
    server.routes["/feed"] = conditional(rss(item("Crane closed", server.url("/gone"))), etag='"v1"')
    shelf.one(feed)
    assert shelf.one(feed).state.reason is FetchReason.NOT_MODIFIED
    assert len(server.asked("/gone")) == 1


def stories(server: Server, numbers: range, *, at: str = "s") -> str:
    return rss(*(item(f"Story {n}", server.url(f"/{at}{n}"), text=f"Teaser number {n}, {at}.") for n in numbers))


def test_two_feeds_without_overlap_are_a_gap_and_the_interval_is_halved(server: Server, shelf: Shelf) -> None:
    feed = source(server, "/feed", text="feed", every="20m")
    server.routes["/feed"] = reply(stories(server, range(5)))
    assert shelf.one(feed).state.gaps == 0
    server.routes["/feed"] = reply(stories(server, range(10, 15)))
    found = shelf.one(feed)
    assert (found.state.gaps, found.state.gap_at, len(found.articles)) == (1, NOW, 5)
    assert any("may have been missed" in note for note in found.notes)
    assert (found.state.due_at or NOW) <= NOW + timedelta(minutes=10)
    server.routes["/feed"] = reply(stories(server, range(14, 18)))
    assert shelf.one(feed).notes == ()


def test_a_site_that_moves_tells_nothing_twice_and_says_so_once(server: Server, shelf: Shelf) -> None:
    feed = source(server, "/feed", text="feed")
    server.routes["/feed"] = reply(stories(server, range(25)))
    shelf.one(feed)
    server.routes["/feed"] = reply(stories(server, range(1, 26), at="moved"))
    found = shelf.one(feed)
    held = {reason for reason, _ in found.held.values()}
    assert (len(found.articles), len(found.held), held) == (25, 24, {HeldReason.QUARANTINED})
    [note] = found.notes
    assert "24 of 25 entries" in note
    assert [each.title for each in found.articles if each.id not in found.held] == ["Story 25"]
    server.routes["/feed"] = reply(stories(server, range(2, 27), at="moved"))
    again = shelf.one(feed)
    assert (titles(again.articles), again.notes) == (["Story 26"], ())


# --- sitemaps -----------------------------------------------------------------------------------------------------


def sitemap(server: Server, *paths: str) -> str:
    pages = (f"<url><loc>{server.url(path)}</loc><lastmod>2026-03-02</lastmod></url>" for path in paths)
    return f"<urlset xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'>{''.join(pages)}</urlset>"


@pytest.mark.parametrize("kind", [None, "sitemap"])
def test_a_sitemap_brings_its_pages(server: Server, shelf: Shelf, kind: str | None) -> None:
    server.routes |= {
        "/1": reply(page("Crane closed"), content_type="text/html"),
        "/map": reply(sitemap(server, "/1"), content_type="application/xml"),
    }
    found = shelf.one(source(server, "/map", kind=kind))
    assert (found.state.outcome, titles(found.articles)) == (FetchOutcome.OK, ["Crane closed"])


def test_an_index_brings_the_pages_of_its_sitemaps_whenever_they_change(server: Server, shelf: Shelf) -> None:
    children = "".join(f"<sitemap><loc>{server.url(path)}</loc></sitemap>" for path in ("/a", "/gone"))
    server.routes |= {
        "/index": conditional(f"<sitemapindex>{children}</sitemapindex>", etag='"v1"'),
        "/a": reply(sitemap(server, "/1")),
        "/1": reply(page("Crane closed"), content_type="text/html"),
        "/2": reply(page("Crane open", SENTENCE.upper()), content_type="text/html"),
    }
    index = source(server, "/index")
    first = shelf.one(index)
    assert titles(first.articles) == ["Crane closed"]
    assert any("/gone" in note for note in first.notes)
    server.routes["/a"] = reply(sitemap(server, "/1", "/2"))
    assert titles(shelf.one(index).articles) == ["Crane open"]


def test_an_index_of_which_nothing_can_be_read_is_a_failure(server: Server, shelf: Shelf) -> None:
    server.routes["/index"] = reply(f"<sitemapindex><sitemap><loc>{server.url('/x')}</loc></sitemap></sitemapindex>")
    state = shelf.one(source(server, "/index")).state
    assert (state.reason, "404" in state.detail) == (FetchReason.NOT_A_FEED, True)


# --- robots.txt ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rules", "allowed"),
    [
        (reply("User-agent: *\nDisallow: /private/\n", content_type="text/plain"), True),
        (reply("User-agent: *\r\nDisallow: /\r\n", content_type="text/plain"), False),
        (reply("\ufeffUser-agent: tocsin\nDisallow: /a\n\nUser-agent: *\nDisallow:\n"), False),
        (reply("User-agent: other\nDisallow: /\n"), True),
        (reply("<html>not found</html>", content_type="text/html"), True),
        (reply(b""), True),
        (reply(b"no", status="403 Forbidden"), True),
        (reply(b"no", status="500 Broken"), False),
        (reply("User-agent: *\nDisallow: /\nAllow: /a\n"), True),  # the longest rule wins
        (reply("User-agent: *\nAllow: /\nDisallow: /*2$\nDisallow: /a1\n"), False),
        (reply("User-agent: *\nDisallow: /*.pdf$\n"), True),
        (broken_off(b"User-agent: *", 999), False),
    ],
)
def test_a_page_is_read_only_where_robots_txt_allows(
    server: Server,
    shelf: Shelf,
    rules: Route,
    allowed: bool,  # noqa: FBT001
) -> None:
    server.routes |= {f"/a{n}": reply(page(f"Crane {n}", f"{n} {SENTENCE}"), content_type="text/html") for n in (1, 2)}
    server.routes["/feed"] = reply(rss(*(item(f"Crane {n}", server.url(f"/a{n}")) for n in (1, 2))))
    server.routes["/robots.txt"] = rules
    found = shelf.one(source(server, "/feed"))
    assert [article.teaser for article in found.articles] == [not allowed] * 2
    assert all("robots.txt" in note for note in found.notes)
    assert len(server.asked("/robots.txt")) == 1
    assert len(server.asked("/a1")) == int(allowed)


def test_a_robots_txt_that_cannot_be_had_is_said_to_be_so(server: Server, shelf: Shelf) -> None:
    server.routes |= {
        "/1": reply(page("Crane closed"), content_type="text/html"),
        "/feed": reply(rss(item("Crane closed", server.url("/1")))),
        "/robots.txt": reply("no", status="503 Busy"),
    }
    [note] = shelf.one(source(server, "/feed")).notes
    assert "robots.txt could not be had (the server answered 503 Busy)" in note


def test_the_pauses_that_a_robots_txt_asks_for_are_kept_within_limits(
    server: Server, shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not by a clock, which a busy machine bends, but by what the event loop was asked to wait for."""
    waits: list[float] = []
    sleep = asyncio.sleep

    async def noted(seconds: float, result: Any = None) -> Any:
        waits.append(seconds)
        return await sleep(0, result)

    monkeypatch.setattr(asyncio, "sleep", noted)
    monkeypatch.setitem(globals(), "LIMITS", replace(LIMITS, crawl_delay=7))
    server.routes |= {
        **{f"/a{n}": reply(page(f"Crane {n}", f"{n} {SENTENCE}"), content_type="text/html") for n in (1, 2)},
        "/feed": reply(rss(*(item(f"Crane {n}", server.url(f"/a{n}")) for n in (1, 2)))),
        "/robots.txt": reply("User-agent: *\nCrawl-delay: 3600\n"),
    }
    assert not any(article.teaser for article in shelf.one(source(server, "/feed")).articles)
    assert 6 < max(waits) <= 7


@pytest.mark.parametrize("delay", ["nan", "inf", "-5", "soon", "1e400"])
def test_a_pause_that_makes_no_sense_is_none(server: Server, shelf: Shelf, delay: str) -> None:
    server.routes |= {
        "/1": reply(page("Crane closed"), content_type="text/html"),
        "/feed": reply(rss(item("Crane closed", server.url("/1")))),
        "/robots.txt": reply(f"User-agent: *\nCrawl-delay: {delay}\n"),
    }
    assert not shelf.one(source(server, "/feed")).articles[0].teaser


# --- politeness ---------------------------------------------------------------------------------------------------

HOUR = timedelta(hours=1)


def at(shelf: Shelf, now: datetime) -> Shelf:
    """The same shelf at another time."""
    settings = {**shelf.settings(), "now": lambda: now}
    shelf.settings = lambda: settings  # type: ignore[method-assign]
    return shelf


def test_after_twelve_hours_the_whole_feed_is_asked_for(server: Server, shelf: Shelf) -> None:
    server.routes["/feed"] = conditional(rss(), etag='"v1"')
    feed = source(server, "/feed")
    reasons = [at(shelf, NOW + HOUR * hours).one(feed).state.reason for hours in (0, 1, 12, 13)]
    assert reasons == [
        FetchReason.NEW_CONTENT,
        FetchReason.NOT_MODIFIED,
        FetchReason.SAME_BODY,
        FetchReason.NOT_MODIFIED,
    ]


def test_the_server_says_how_long_nothing_changes(server: Server, shelf: Shelf) -> None:
    server.routes["/feed"] = reply(rss(), cache_control="public, max-age=7200", age="1800")
    assert shelf.one(source(server, "/feed")).state.due_at == NOW + 1.5 * HOUR
    expires = {"date": "Mon, 01 Jan 2024 00:00:00 GMT", "expires": "Mon, 01 Jan 2024 02:00:00 GMT"}
    server.routes["/b"] = reply(rss(), **expires)
    assert shelf.one(source(server, "/b")).state.due_at == NOW + 2 * HOUR
    server.routes["/c"] = reply(rss(), cache_control="no-cache, max-age=7200", **expires)
    assert (shelf.one(source(server, "/c")).state.due_at or NOW) < NOW + HOUR


def test_the_feed_says_how_long_nothing_changes(server: Server, shelf: Shelf) -> None:
    hints = "<ttl>30</ttl><skipHours><hour>12</hour><hour>24</hour></skipHours>"
    server.routes["/feed"] = reply(rss(hints))
    state = shelf.one(source(server, "/feed")).state
    assert (state.ttl, state.skip_hours) == (1800, (0, 12))
    assert state.due_at == NOW + HOUR


def test_429_holds_the_host_and_503_only_the_feed(server: Server, shelf: Shelf) -> None:
    server.routes["/full"] = reply("", status="503 Busy", retry_after="3600")
    server.routes["/tired"] = reply("", status="429 Too Many Requests", retry_after="3600")
    server.routes["/feed"] = reply(rss())
    feed = source(server, "/feed")
    full = shelf.one(source(server, "/full")).state
    assert (full.hold_until, full.due_at) == (None, max(full.due_at or NOW, NOW + HOUR))
    tired = shelf.one(source(server, "/tired"))
    assert (tired.state.hold_until or NOW) >= NOW + HOUR
    assert due([feed], shelf.states, NOW) == [feed]
    assert due([source(server, "/tired"), feed], shelf.states, NOW) == []


def test_after_a_429_nothing_more_is_asked_in_the_same_pass(
    server: Server, shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(globals(), "LIMITS", replace(LIMITS, near=1))
    tired = {f"/{n}": reply("", status="429 Too Many Requests", retry_after="600") for n in range(4)}
    server.routes |= tired
    found = shelf.run(*(source(server, path) for path in tired))
    assert len(server.requests) == 1
    held = [each.state for each in found.values() if each.state.reason is FetchReason.HOST_HELD]
    assert len(held) == 3
    assert {state.failures for state in held} == {0}
    assert all((state.due_at or NOW) > NOW + timedelta(seconds=590) for state in held)


@pytest.mark.parametrize(
    ("status", "remembered"), [("301 Moved", True), ("308 Moved", True), ("302 Found", False), ("307 Moved", False)]
)
def test_only_a_permanent_redirect_is_remembered(
    server: Server,
    shelf: Shelf,
    status: str,
    remembered: bool,  # noqa: FBT001
) -> None:
    server.routes |= {"/old": redirect(server.url("/new"), status), "/new": reply(rss())}
    feed = source(server, "/old")
    assert shelf.one(feed).state.moved_to == (server.url("/new") if remembered else None)
    shelf.one(feed)
    assert len(server.asked("/old")) == (1 if remembered else 2)


def test_a_permanent_redirect_behind_a_passing_one_is_not_remembered(server: Server, shelf: Shelf) -> None:
    server.routes |= {
        "/old": redirect(server.url("/mid")),
        "/mid": redirect(server.url("/new"), "301 Moved"),
        "/new": reply(rss()),
    }
    assert shelf.one(source(server, "/old")).state.moved_to is None


def test_a_new_address_that_is_gone_is_forgotten(server: Server, shelf: Shelf) -> None:
    server.routes |= {"/old": redirect(server.url("/new"), "301 Moved"), "/new": reply(rss())}
    feed = source(server, "/old")
    shelf.one(feed)
    del server.routes["/new"]
    assert shelf.one(feed).state.moved_to is None
    server.routes["/old"] = reply(rss())
    assert shelf.one(feed).state.outcome is FetchOutcome.UNCHANGED


def test_a_source_whose_address_was_changed_forgets_what_the_old_one_said(server: Server, shelf: Shelf) -> None:
    server.routes |= {"/a": reply(rss(), etag='"a"'), "/b": reply(rss(), etag='"b"')}
    post = source(server, "/a", id="post")
    shelf.one(post)
    changed = shelf.one(post.model_copy(update={"url": server.url("/b")})).state
    assert "if-none-match" not in server.asked("/b")[0].headers
    assert (changed.etag, changed.reason) == ('"b"', FetchReason.NEW_CONTENT)


# --- folders ------------------------------------------------------------------------------------------------------


def folder(root: Path, **files: str | bytes) -> SourceSpec:
    (root / "inbox").mkdir()
    for name, text in files.items():
        (root / "inbox" / f"{name}.txt").write_bytes(text if isinstance(text, bytes) else text.encode())
    return SourceSpec(id="inbox", kind="files", path="inbox")


def test_a_folder_is_read_and_an_unreadable_file_is_noted(shelf: Shelf) -> None:
    inbox = folder(shelf.root, good=f"Crane closed\n\n{SENTENCE}", bad=b"Title\n\nbroken \xff byte", empty="")
    found = shelf.one(inbox)
    assert titles(found.articles) == ["Crane closed"]
    assert len(found.notes) == 2
    assert any("bad.txt:3:8:" in note for note in found.notes)
    assert shelf.one(inbox).state.reason is FetchReason.SAME_BODY


def test_a_folder_with_a_new_file_brings_only_that(shelf: Shelf) -> None:
    inbox = folder(shelf.root, one=f"One\n\n{SENTENCE}")
    shelf.one(inbox)
    (shelf.root / "inbox" / "two.txt").write_text(f"Two\n\n{SENTENCE * 2}")
    assert titles(shelf.one(inbox).articles) == ["Two"]


def test_a_missing_folder_is_a_failure(shelf: Shelf) -> None:
    state = shelf.one(SourceSpec(id="inbox", kind="files", path="nowhere")).state
    assert (state.outcome, state.reason) == (FetchOutcome.FAILED, FetchReason.NO_FOLDER)


# --- checking -----------------------------------------------------------------------------------------------------


def test_check_tells_of_each_source_how_it_is(server: Server, shelf: Shelf) -> None:
    server.routes["/feed"] = reply(rss(item("One", server.url("/1")), item("Two", server.url("/2"))))
    server.routes["/page"] = reply("<html><body>hello</body></html>")
    sources = [source(server, "/feed"), source(server, "/page"), folder(shelf.root, a="A\n\ntext")]

    async def all_of_them() -> dict[str, CheckResult]:
        results = check_all(sources, root=shelf.root, now=lambda: NOW, limits=LIMITS)
        return {each.source: each async for each in results}

    found = asyncio.run(all_of_them())
    assert (found["feed"].ok, found["feed"].entries) == (True, 2)
    assert found["feed"].newest is not None
    assert (found["page"].ok, "HTML page" in found["page"].sentence) == (False, True)
    assert (found["inbox"].ok, found["inbox"].sentence) == (True, "1 files, none with a date")
