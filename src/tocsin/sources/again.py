"""Asks for articles once more at their own addresses, as politely as a poll does. Nothing is raised or written."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tocsin.alerts.looks import Showing, Sight
from tocsin.model import FetchReason
from tocsin.sources.answers import Failed, Fetched, Limits, NotModified, is_html
from tocsin.sources.fetch import PAGE, Fetcher
from tocsin.sources.pages import read_page
from tocsin.sources.reading import own_headers, trusted
from tocsin.sources.rereading import leads_elsewhere
from tocsin.sources.robots import Robots
from tocsin.specs.sources import SourceSpec

log = logging.getLogger(__name__)

_GONE = frozenset({404, 410})


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A page to look at."""

    source: SourceSpec
    url: str
    etag: str | None = None
    last_modified: str | None = None
    neighbour: str | None = None
    """Another page of the outlet. When the one is gone and this fails too, the site is ailing and nothing is known."""


async def look_at(
    pages: Sequence[Asked],
    limits: Limits | None = None,
    user_agent: str | None = None,
    on_sight: Callable[[], None] = lambda: None,
) -> list[Sight]:
    """What each of the pages shows, in their order; `on_sight` is called after each look."""

    async def look(asked: Asked) -> Sight:
        sight = await _guarded(asked, fetcher, robots)
        on_sight()
        return sight

    async with Fetcher(limits, user_agent) as fetcher:
        robots = Robots(fetcher)
        return list(await asyncio.gather(*map(look, pages)))


async def _guarded(asked: Asked, fetcher: Fetcher, robots: Robots) -> Sight:
    try:
        return await _look(asked, fetcher, robots)
    except Exception as error:
        log.exception("source %s: a page could not be looked at again", asked.source.id)
        return Sight(showing=Showing.UNSURE, detail=f"internal error ({type(error).__name__})")


async def _look(asked: Asked, fetcher: Fetcher, robots: Robots) -> Sight:
    allow = trusted(asked.source)
    if refusal := await robots.refusal(asked.url, allow):
        return Sight(showing=Showing.UNSURE if refusal.passing else Showing.CLOSED, detail=refusal.why)
    answer = await fetcher.get(
        asked.url,
        etag=asked.etag,
        last_modified=asked.last_modified,
        headers=own_headers(asked.source, asked.url),
        allow=allow,
        accept=PAGE,
    )
    if isinstance(answer, NotModified):
        return Sight(showing=Showing.SAME, etag=answer.etag, last_modified=answer.last_modified)
    if isinstance(answer, Failed):
        return await _failed(asked, answer, fetcher, robots)
    return await _read(asked, answer)


async def _failed(asked: Asked, answer: Failed, fetcher: Fetcher, robots: Robots) -> Sight:
    if answer.reason is not FetchReason.HTTP_STATUS or answer.status not in _GONE:
        return Sight(showing=Showing.UNSURE, detail=answer.detail)
    if asked.neighbour and (ailing := await _fails(asked, asked.neighbour, fetcher, robots)):
        return Sight(showing=Showing.UNSURE, detail=f"{answer.detail}, but so do others of the outlet: {ailing}")
    return Sight(showing=Showing.GONE, detail=answer.detail)


async def _fails(asked: Asked, url: str, fetcher: Fetcher, robots: Robots) -> str:
    """Why another page of the outlet cannot be had; empty when it can."""
    allow = trusted(asked.source)
    if refusal := await robots.refusal(url, allow):
        return refusal.why
    answer = await fetcher.get(url, headers=own_headers(asked.source, url), allow=allow, accept=PAGE)
    return answer.detail if isinstance(answer, Failed) else ""


async def _read(asked: Asked, answer: Fetched) -> Sight:
    if leads_elsewhere(asked.url, answer.url):
        return Sight(showing=Showing.UNSURE, detail=f"its address leads to {answer.url}")
    if not is_html(answer):
        return Sight(showing=Showing.UNSURE, detail="this is no HTML page")
    page = await asyncio.to_thread(read_page, answer.body, answer.url, select=asked.source.select)
    return Sight(showing=Showing.THERE, page=page, etag=answer.etag, last_modified=answer.last_modified)
