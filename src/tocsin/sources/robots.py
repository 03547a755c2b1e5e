"""robots.txt (RFC 9309) by protego, the one module that imports it: which pages their publisher lets us read.

Feeds are not asked about: their owner offers them. Each host is asked once a pass. No robots.txt (any 4xx) is a
permission, as the standard has it; a host whose robots.txt cannot be had is not read until the next pass.
"""

from __future__ import annotations

import asyncio
import math
import re
from collections.abc import Collection
from dataclasses import dataclass
from urllib.parse import urljoin

from protego import Protego

from tocsin import urls
from tocsin.model import FetchReason
from tocsin.sources.answers import Answer, Failed, Fetched
from tocsin.sources.fetch import Fetcher

_MOST = 500 * 1024
"""Bytes of the file that are read, as the standard asks."""
_FAILING = 500
_UNREACHABLE = frozenset(
    {
        FetchReason.DNS,
        FetchReason.REFUSED,
        FetchReason.TIMEOUT,
        FetchReason.TLS,
        FetchReason.CONNECTION,
        FetchReason.FORBIDDEN_ADDRESS,
        FetchReason.HOST_HELD,
    }
)
_PRODUCT = re.compile(r"[A-Za-z_-]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """A page may not be read."""

    why: str
    """A sentence for people."""
    passing: bool
    """Whether it may be otherwise the next time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What one host's robots.txt says to us."""

    file: Protego
    out_of_reach: str = ""
    """Why the file could not be had; nothing may be read then."""

    def refusal(self, url: str, agent: str) -> Refusal | None:
        """Why the page may not be read; None when it may. `agent` is our name in such files."""
        if self.out_of_reach:
            why = f"its publisher's robots.txt could not be had ({self.out_of_reach}), so this page is not read now"
            return Refusal(why=why, passing=True)
        if self.file.can_fetch(url, agent):
            return None
        return Refusal(why="its publisher's robots.txt does not let us read this page", passing=False)

    def delay(self, agent: str) -> float:
        """Seconds that the file asks for between two requests (Crawl-delay); 0 when it does not."""
        wanted = self.file.crawl_delay(agent) or 0.0
        return wanted if math.isfinite(wanted) and wanted > 0 else 0.0


class Robots:
    """What the hosts of one pass allow."""

    def __init__(self, fetcher: Fetcher) -> None:
        self._fetcher = fetcher
        self._asked: dict[str, asyncio.Task[Rules]] = {}
        named = _PRODUCT.match(fetcher.agent)
        self._agent = named[0] if named else "tocsin"

    async def refusal(self, url: str, allow: Collection[str]) -> Refusal | None:
        """Why the page may not be read; None when it may.

        `allow` names the `host:port` that may be private addresses.
        """
        place = url.partition("://")[0] + "://" + urls.host_port(url)
        if place not in self._asked:
            self._asked[place] = asyncio.create_task(self._read(urljoin(url, "/robots.txt"), allow))
        rules = await asyncio.shield(self._asked[place])
        return rules.refusal(url, self._agent)

    async def _read(self, url: str, allow: Collection[str]) -> Rules:
        rules = parse(await self._fetcher.get(url, allow=allow, accept="text/plain, */*;q=0.5"))
        if delay := rules.delay(self._agent):
            self._fetcher.slow_down(url, delay)
        return rules


def parse(answer: Answer) -> Rules:
    """The rules in the answer of a server that was asked for its robots.txt."""
    if isinstance(answer, Failed):
        lost = answer.reason in _UNREACHABLE or (answer.status or 0) >= _FAILING
        return Rules(file=Protego(), out_of_reach=answer.detail if lost else "")
    if not isinstance(answer, Fetched):
        return Rules(file=Protego())
    text = answer.body[:_MOST].decode("utf-8-sig", "replace")
    return Rules(file=Protego.parse("\n".join(re.split("\r\n|\r|\n", text))))
