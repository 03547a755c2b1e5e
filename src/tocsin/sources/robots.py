"""robots.txt (RFC 9309): which pages their publisher lets us read. Feeds are not asked about: their owner offers them.

Each host is asked once a pass. No robots.txt is a permission, as the standard has it; a server that fails to say none.
The rules are read by the standard library, which takes the first rule that fits, not the longest, and `*` inside a path
as a plain character.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from urllib.parse import urljoin
from urllib.robotparser import RobotFileParser

from tocsin import urls
from tocsin.sources.answers import Answer, Failed, Fetched
from tocsin.sources.fetch import Fetcher

_MOST = 500 * 1024
"""Bytes of the file that are read, as the standard asks."""
_FAILING = 500


class Robots:
    """What the hosts of one pass allow."""

    def __init__(self, fetcher: Fetcher) -> None:
        self._fetcher = fetcher
        self._asked: dict[str, asyncio.Task[RobotFileParser]] = {}

    async def allows(self, url: str, allow: Collection[str]) -> bool:
        """Whether the page may be read; `allow` names the `host:port` that may be private addresses."""
        place = url.partition("://")[0] + "://" + urls.host_port(url)
        if place not in self._asked:
            self._asked[place] = asyncio.create_task(self._read(urljoin(url, "/robots.txt"), allow))
        rules = await asyncio.shield(self._asked[place])
        return rules.can_fetch(self._fetcher.agent.partition("/")[0], url)

    async def _read(self, url: str, allow: Collection[str]) -> RobotFileParser:
        return parse(await self._fetcher.get(url, allow=allow, accept="text/plain, */*;q=0.5"))


def parse(answer: Answer) -> RobotFileParser:
    """The rules in the answer of a server that was asked for its robots.txt."""
    rules = RobotFileParser()
    rules.parse([])  # it allows nothing before it has read something
    if isinstance(answer, Failed):
        rules.parse(["User-agent: *", "Disallow: /"] if (answer.status or 0) >= _FAILING else [])
    elif isinstance(answer, Fetched):
        text = answer.body[:_MOST].decode("utf-8-sig", "replace")
        rules.parse(text.replace("\r\n", "\n").replace("\r", "\n").split("\n"))
    return rules
