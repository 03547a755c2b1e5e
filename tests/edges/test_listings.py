"""Pages that list articles, from real servers: polite, cheap while nothing changes, and loud when they are rebuilt."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Collection, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from servers import Server, conditional, reply
from tocsin.articles.identity import keys
from tocsin.model import Collected, FetchReason, FetchState
from tocsin.sources.answers import Limits
from tocsin.sources.check import CheckResult, check_all
from tocsin.sources.collect import collect
from tocsin.specs.sources import SourceSpec

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
LIMITS = Limits(connect=5, read=5, total=20)
SENTENCE = "The harbour master of Port Alder said that crane number {} would be closed until the storm had passed. "
LIST = {"entry": "ul.press > li", "date": ".date"}


def row(number: int) -> str:
    return f"<li><a href='/a/{number}'>Crane {number} is closed</a> <span class='date'>2026.03.0{number}</span></li>"


def listing(*numbers: int, name: str = "press") -> str:
    return f"<html lang=en><body><ul class='{name}'>{''.join(map(row, numbers))}</ul></body></html>"


def page(number: int) -> str:
    text = "".join(f"<p class='text'>{part}. {SENTENCE.format(number) * 3}</p>" for part in range(1, 5))
    return f"<html lang=en><body><article><h1>Crane {number} is closed</h1>{text}</article></body></html>"


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as running:
        running.routes |= {f"/a/{n}": reply(page(n), content_type="text/html") for n in range(1, 5)}
        yield running


class Shelf:
    """Remembers articles and states between passes, as the store does."""

    def __init__(self) -> None:
        self.keys: set[str] = set()
        self.states: dict[str, FetchState] = {}

    def known(self, asked: Collection[str]) -> frozenset[str]:
        return frozenset(self.keys.intersection(asked))

    def poll(self, source: SourceSpec) -> Collected:
        async def once() -> Collected:
            run = collect(
                [source],
                self.states,
                known=self.known,
                root=Path(),
                now=lambda: NOW,
                limits=LIMITS,
                rng=random.Random(1),
            )
            [found] = [each async for each in run]
            return found

        found = asyncio.run(once())
        self.states[source.id] = found.state
        self.keys.update(key for article in found.articles for key in keys(article))
        return found


def ministry(server: Server, **more: Any) -> SourceSpec:
    given = {"id": "press", "url": server.url("/press"), "allow_private": [server.place], "list": LIST}
    return SourceSpec.model_validate(given | more)


def checked(source: SourceSpec) -> CheckResult:
    async def once() -> CheckResult:
        run = check_all([source], root=Path(), now=lambda: NOW, limits=LIMITS)
        [result] = [each async for each in run]
        return result

    return asyncio.run(once())


def test_each_entry_becomes_an_article_with_the_text_of_its_own_page(server: Server) -> None:
    server.routes["/press"] = reply(listing(2, 1), content_type="text/html")
    found = Shelf().poll(ministry(server))
    assert [(each.title, each.day and each.day.isoformat()) for each in found.articles] == [
        ("Crane 2 is closed", "2026-03-02"),
        ("Crane 1 is closed", "2026-03-01"),
    ]
    assert all(len(each.paragraphs) == 4 and not each.teaser for each in found.articles)
    assert found.notes == ()


def test_only_what_is_new_on_the_list_is_fetched(server: Server) -> None:
    server.routes["/press"] = reply(listing(2, 1), content_type="text/html")
    shelf = Shelf()
    shelf.poll(ministry(server))
    server.routes["/press"] = reply(listing(3, 2, 1), content_type="text/html")
    assert [each.title for each in shelf.poll(ministry(server)).articles] == ["Crane 3 is closed"]
    assert len(server.asked("/a/1")) == 1


def test_an_unchanged_list_is_known_by_its_etag_or_its_bytes(server: Server) -> None:
    shelf = Shelf()
    server.routes["/press"] = conditional(listing(1), etag='"1"', content_type="text/html")
    reasons = [shelf.poll(ministry(server)).state.reason for _ in range(2)]
    server.routes["/press"] = reply(listing(1), content_type="text/html")
    reasons.append(shelf.poll(ministry(server)).state.reason)
    assert reasons == [FetchReason.NEW_CONTENT, FetchReason.NOT_MODIFIED, FetchReason.SAME_BODY]


def test_a_rebuilt_list_fails_loudly_and_recovers_with_the_right_selector(server: Server) -> None:
    shelf = Shelf()
    server.routes["/press"] = reply(listing(1), content_type="text/html")
    shelf.poll(ministry(server))
    server.routes["/press"] = reply(listing(2, 1, name="releases"), content_type="text/html")
    state = shelf.poll(ministry(server)).state
    assert (state.reason, state.failures) == (FetchReason.NO_ENTRIES, 1)
    assert "entry 'ul.press > li' finds nothing" in state.detail
    assert len(shelf.poll(ministry(server, list={"entry": "ul.releases > li"})).articles) == 1


def test_corrected_selectors_count_though_the_page_is_the_same(server: Server) -> None:
    server.routes["/press"] = reply(listing(2, 1), content_type="text/html")
    shelf = Shelf()
    shelf.poll(ministry(server, list={"entry": "li:first-child"}))
    assert [each.title for each in shelf.poll(ministry(server)).articles] == ["Crane 1 is closed"]


def test_a_list_that_robots_txt_forbids_is_not_read(server: Server) -> None:
    server.routes["/robots.txt"] = reply("User-agent: *\nDisallow: /press\n", content_type="text/plain")
    server.routes["/press"] = reply(listing(1), content_type="text/html")
    assert Shelf().poll(ministry(server)).state.reason is FetchReason.ROBOTS
    assert "robots.txt" in checked(ministry(server)).sentence
    assert not server.asked("/press")


def test_articles_that_robots_txt_forbids_are_told_by_their_titles(server: Server) -> None:
    server.routes["/robots.txt"] = reply("User-agent: *\nDisallow: /a/\n", content_type="text/plain")
    server.routes["/press"] = reply(listing(1), content_type="text/html")
    found = Shelf().poll(ministry(server))
    assert [(each.title, each.teaser) for each in found.articles] == [("Crane 1 is closed", True)]
    assert "robots.txt" in found.notes[0]
    assert not server.asked("/a/1")


def test_without_kind_a_web_page_is_no_source(server: Server) -> None:
    server.routes["/press"] = reply(listing(2, 1), content_type="text/html")
    state = Shelf().poll(ministry(server, list=None)).state
    assert (state.reason, "tocsin sources discover" in state.detail) == (FetchReason.NOT_A_FEED, True)


def test_with_kind_page_alone_the_list_is_guessed(server: Server) -> None:
    server.routes["/press"] = reply(listing(4, 3, 2, 1), content_type="text/html")
    assert len(Shelf().poll(ministry(server, list=None, kind="page")).articles) == 4


def test_select_that_finds_nothing_is_told_once_for_all_pages(server: Server) -> None:
    server.routes["/press"] = reply(listing(3, 2, 1), content_type="text/html")
    chosen = ministry(server, select={"body": "div.story > p", "title": "h1", "remove": [".never-there"]})
    assert Shelf().poll(chosen).notes == (
        "press: select: body 'div.story > p' finds nothing on any of the 3 pages read — correct it",
    )


def test_select_that_finds_something_on_one_page_is_not_told(server: Server) -> None:
    server.routes["/press"] = reply(listing(2, 1), content_type="text/html")
    server.routes["/a/2"] = reply(page(2).replace("'text'", "'long'"), content_type="text/html")
    assert Shelf().poll(ministry(server, select={"body": "p.long"})).notes == ()


def test_check_tries_the_selectors_of_the_list_and_of_the_pages(server: Server) -> None:
    server.routes["/press"] = reply(listing(2, 1), content_type="text/html")
    result = checked(ministry(server, list=LIST | {"deck": ".lead"}, select={"body": "p.text", "date": "time"}))
    assert (result.ok, result.sentence) == (True, "2 entries, newest 2026-03-02 00:00")
    assert result.notes == (
        "list: deck '.lead' finds nothing in any of 2 entries — correct it or drop it",
        f"select: date 'time' finds nothing on {server.url('/a/2')}",
    )


def test_check_fails_when_the_list_is_not_found(server: Server) -> None:
    server.routes["/press"] = reply(listing(1, name="releases"), content_type="text/html")
    result = checked(ministry(server))
    assert (result.ok, "ul.press > li" in result.sentence) == (False, True)


def test_a_day_on_the_list_is_refined_by_the_time_on_the_page(server: Server) -> None:
    script = (
        '<script type="application/ld+json">{"@type": "NewsArticle", "datePublished": "2026-03-01T09:30:00Z"}</script>'
    )
    server.routes["/press"] = reply(listing(1), content_type="text/html")
    server.routes["/a/1"] = reply(page(1).replace("<body>", f"<body>{script}"), content_type="text/html")
    [article] = Shelf().poll(ministry(server)).articles
    assert (article.published, article.day_only) == (datetime(2026, 3, 1, 9, 30, tzinfo=UTC), False)
