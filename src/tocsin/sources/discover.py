"""What a site offers to be watched by: every address that may be a feed or a sitemap is fetched and tried."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain
from urllib.parse import urljoin

from tocsin import urls
from tocsin.articles.clean import headline
from tocsin.articles.language import detect
from tocsin.model import Entry, FetchReason
from tocsin.sources.answers import Answer, Failed, Fetched, Limits
from tocsin.sources.entries import has_full_text
from tocsin.sources.feeds import NotAFeed, ParsedFeed
from tocsin.sources.fetch import PAGE, Fetcher
from tocsin.sources.leads import (
    How,
    Lead,
    distinct,
    lead_to,
    leads_of_page,
    sitemaps_of_robots,
    usual_feeds,
    usual_sitemaps,
    wants_login,
)
from tocsin.sources.listing import guess, parse_listing
from tocsin.sources.reading import read
from tocsin.sources.robots import Robots
from tocsin.sources.sitemaps import Index, is_sitemap, parse_sitemap
from tocsin.specs.sources import Listing, SourceKind, SourceSpec

log = logging.getLogger(__name__)

OLD = timedelta(days=60)
"""A feed whose newest entry is older has been given up, as a rule."""
TRIED = 12
"""Addresses of one kind (feeds, sitemaps) that are tried."""
_REFUSED = frozenset({401, 403, 429, 451})
_SHARE = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """A source that would work now."""

    url: str
    kind: SourceKind
    how: How
    name: str = ""
    language: str | None = None
    entries: int
    newest: datetime | None = None
    full_text: bool = False
    """Whether most entries carry the whole text."""
    titled: bool = True
    """Whether the entries have titles; those of a plain sitemap have none."""
    narrow: bool = False
    """Whether it seems to be about one tag, section or author."""
    listing: Listing | None = None
    """Where the articles stand, for a page."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Discovery:
    """What was found, the best first; and a sentence about each address that did not work."""

    proposals: tuple[Proposal, ...]
    refused: tuple[str, ...] = ()
    problem: str = ""
    """Why nothing was found; empty when something was."""


@dataclass(slots=True)
class _Search:
    """One search, and what it gathered."""

    fetcher: Fetcher
    robots: Robots
    now: datetime
    allow: tuple[str, ...]
    tell: Callable[[str], object]
    found: list[tuple[Proposal, tuple[Entry, ...]]]
    refused: list[str]

    async def get(self, url: str, accept: str = "*/*") -> Answer:
        self.tell(url)
        return await self.fetcher.get(url, allow=frozenset(self.allow), accept=accept)

    @property
    def good(self) -> bool:
        """Whether there is a feed of the whole site that lives."""
        return any(_rank(each, self.now) == (False, 0) for each, _ in self.found)


async def discover(
    url: str,
    *,
    now: datetime,
    allow: Collection[str] = (),
    tell: Callable[[str], object] = str,
    limits: Limits | None = None,
    user_agent: str | None = None,
) -> Discovery:
    """What the site at `url` offers. `allow` names the `host:port` that may be private; `tell` hears what is tried."""
    async with Fetcher(limits, user_agent) as fetcher:
        search = _Search(
            fetcher=fetcher, robots=Robots(fetcher), now=now, allow=tuple(allow), tell=tell, found=[], refused=[]
        )
        return await _searched(search, url)


async def _searched(search: _Search, url: str) -> Discovery:
    first = await search.get(url, PAGE)
    if isinstance(first, Failed) and first.reason is not FetchReason.HTTP_STATUS:
        return Discovery(proposals=(), problem=_sentence(first, url))
    page = first if isinstance(first, Fetched) else None
    base = page.url if page else url
    pointed = await _consider(search, Lead(url=url, how=How.GIVEN), first)
    if search.found:
        return _ranked(search)
    await _try(search, pointed)
    await _site(search, base)
    if page and not search.good:
        await _page(search, page)
    if search.found:
        return _ranked(search)
    return Discovery(proposals=(), refused=tuple(search.refused), problem=_nothing(first, url))


async def _site(search: _Search, base: str) -> None:
    """What the site has beside the page: usual feeds, and sitemaps where there is no feed or robots.txt names them."""
    if not search.good:
        await _try(search, usual_feeds(base))
    named = await search.get(urljoin(base, "/robots.txt"), "text/plain, */*;q=0.5")
    text = named.body.decode("utf-8", "replace") if isinstance(named, Fetched) else ""
    sitemaps = sitemaps_of_robots(text, base)
    if search.good:
        sitemaps = [lead for lead in sitemaps if lead.news]
    elif not sitemaps:
        sitemaps = usual_sitemaps(base)
    await _try(search, sitemaps)


async def _try(search: _Search, leads: Iterable[Lead]) -> None:
    """Try addresses, and once more those that they point to."""
    pending = distinct(leads)
    for _ in range(2):
        if len(pending) > TRIED:
            search.refused.append(f"{len(pending) - TRIED} more addresses were not tried")
        pointed = await asyncio.gather(*(_attempt(search, lead) for lead in pending[:TRIED]))
        known = {urls.canonical(lead.url) for lead in pending}
        pending = [one for one in distinct(chain.from_iterable(pointed)) if urls.canonical(one.url) not in known]


async def _attempt(search: _Search, lead: Lead) -> list[Lead]:
    return await _consider(search, lead, await search.get(lead.url))


async def _consider(search: _Search, lead: Lead, answer: Answer) -> list[Lead]:
    """A proposal, if the answer is a feed or a sitemap; else the addresses that it points to."""
    if not isinstance(answer, Fetched):
        if isinstance(answer, Failed) and lead.how not in {How.USUAL, How.GIVEN}:
            search.refused.append(f"{lead.url} ({lead.how}): {answer.detail}")
        return []
    if news := await asyncio.to_thread(_news_sitemaps, answer, lead, search.now):
        return news
    source = SourceSpec(id="found", url=lead.url, allow_private=search.allow)
    feed = await read(source, answer, search.fetcher, search.now)
    if isinstance(feed, ParsedFeed) and feed.entries:
        kind = SourceKind.SITEMAP if is_sitemap(answer.body) else SourceKind.FEED
        search.found.append((await asyncio.to_thread(_proposal, lead, answer, feed, kind), feed.entries))
    elif isinstance(feed, ParsedFeed):
        search.refused.append(f"{lead.url} ({lead.how}): no entries")
    elif _is_html(answer) and lead.how in {How.GIVEN, How.LINKED}:
        return await asyncio.to_thread(leads_of_page, answer.body, answer.content_type, answer.url)
    elif lead.how is not How.USUAL:
        search.refused.append(f"{lead.url} ({lead.how}): {feed.detail}")
    return []


def _news_sitemaps(answer: Fetched, lead: Lead, now: datetime) -> list[Lead]:
    """The sitemaps of the news in an index; what else a site has is not worth watching beside them."""
    index = parse_sitemap(answer.body, now, limit=1) if is_sitemap(answer.body) else None
    children = index.children if isinstance(index, Index) else ()
    return [found for url in children if (found := lead_to(url, answer.url, lead.how)) and found.news]


def _proposal(
    lead: Lead, answer: Fetched, feed: ParsedFeed, kind: SourceKind, listing: Listing | None = None
) -> Proposal:
    entries = feed.entries
    titles = [headline(entry.title) for entry in entries]
    return Proposal(
        url=answer.moved_to or lead.url,
        kind=kind,
        how=lead.how,
        name=headline(feed.title) or lead.title,
        language=feed.language if kind is SourceKind.FEED and feed.language else detect(" ".join(titles)),
        entries=len(entries),
        newest=max((entry.published for entry in entries if entry.published), default=None),
        full_text=sum(map(has_full_text, entries)) >= _SHARE * len(entries),
        titled=any(titles),
        narrow=lead.narrow,
        listing=listing,
    )


async def _page(search: _Search, page: Fetched) -> None:
    """The page itself as a list of articles."""
    listing = await asyncio.to_thread(guess, page.body, page.content_type, page.url)
    if listing is None:
        return
    if refusal := await search.robots.refusal(page.url, frozenset(search.allow)):
        search.refused.append(f"{page.url}: it lists articles, but {refusal.why}")
        return
    found = await asyncio.to_thread(parse_listing, page.body, page.content_type, page.url, listing)
    if not isinstance(found, NotAFeed):
        lead = Lead(url=page.url, how=How.GIVEN)
        search.found.append((_proposal(lead, page, found, SourceKind.PAGE, listing), found.entries))


def _rank(each: Proposal, now: datetime) -> tuple[bool, int]:
    """Smaller is better: the living before the dead; feeds, the news sitemap, the page, parts of the site, the rest."""
    old = each.newest is not None and each.newest < now - OLD
    if each.kind is SourceKind.FEED:
        return old, 3 if each.narrow else 0
    if each.kind is SourceKind.SITEMAP:
        return old, 1 if each.titled else 4
    return old, 2


def _ranked(search: _Search) -> Discovery:
    """The proposals, the best first; of several with the same articles the best one."""
    order = list(How)
    # The shorter address at last: answers come in any order, proposals do not.
    found = sorted(
        search.found,
        key=lambda pair: (*_rank(pair[0], search.now), order.index(pair[0].how), len(pair[0].url), pair[0].url),
    )
    kept: dict[frozenset[str], Proposal] = {}
    for proposal, entries in found:
        articles = frozenset(urls.canonical(entry.url) for entry in entries if entry.url)
        kept.setdefault(articles or frozenset({proposal.url}), proposal)
    return Discovery(proposals=tuple(kept.values()), refused=tuple(search.refused))


def _nothing(first: Answer, url: str) -> str:
    if isinstance(first, Failed):
        return _sentence(first, url)
    if isinstance(first, Fetched) and wants_login(first.body, first.content_type):
        return f"{url}: this is a login page — what stands behind a login cannot be watched"
    if isinstance(first, Fetched) and not _is_html(first):
        return f"{url}: this is neither a web page nor a feed"
    return (
        f"{url}: no feed, no sitemap and no list of articles was found — the page may be built by script; "
        "try the site's page of press releases or news, or write kind: page with list: selectors"
    )


def _sentence(answer: Failed, url: str) -> str:
    place = urls.host_port(url)
    if answer.reason is FetchReason.FORBIDDEN_ADDRESS:
        what = answer.detail.partition(" — ")[0]  # what follows tells what to write in YAML
        return f"{url}: {what} — if you mean it: --allow-private {place}"
    if answer.status in _REFUSED:
        return f"{url}: {answer.detail}, and nothing else there answers — the site wants a login or refuses programs"
    return f"{url}: {answer.detail}"


def _is_html(answer: Fetched) -> bool:
    head = answer.body[:4096].lower()
    return b"<html" in head or b"<!doctype html" in head or "html" in (answer.content_type or "")
