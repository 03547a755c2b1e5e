"""A loopback server of many invented feeds, in a process of its own: `python tests/bench/feedserver.py NUMBER [HOSTS]`.

It listens at 127.0.0.1 and the next addresses, as many as HOSTS says, and prints its port. `/feed/N` is a feed of 20
entries; `/control?etag=1&changed=5&latency=0.2` sets how it answers from then on: with ETags or without, with one new
entry in so many per cent of the feeds, after so many seconds.
"""

from __future__ import annotations

import asyncio
import hashlib
import random
import sys
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from functools import lru_cache
from urllib.parse import parse_qsl, urlsplit

ENTRIES = 20
_START = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=6)
_WORDS = (
    "harbour crane ferry council budget bridge repair tram bakery orchard museum library flood winter spring market "
    "teacher school swimmer coach ministry tax grain barge tunnel signal engineer union strike wage museum painter "
    "violin concert choir forecast wind storm valley village mayor election ballot turnout lawyer court appeal judge "
    "hospital nurse ward vaccine clinic railway ticket fare passenger airport runway delay cargo insurer premium bank "
    "loan rate inflation wheat maize drought reservoir dam turbine grid battery solar roof tenant rent landlord house"
).split()
_SMALL = "the of a near the and its with the to an in the that at after".split()
_TOLD = "North Korea fired a ballistic missile on Tuesday, the ministry of defence in Seoul said."


@dataclass(slots=True)
class Answers:
    """How the server answers."""

    etag: bool = True
    changed: int = 0
    latency: float = 0.0
    asked: int = field(default=0)


def entry(feed: int, number: int) -> str:
    """One entry, the same at every call: a title, three sentences of text, a date."""
    dice = random.Random(feed * 1000 + number)
    words = [dice.choice(_WORDS) for _ in range(60)]
    sentences = [_sentence(words[at : at + 16]) for at in (10, 26, 42)]
    if (feed * ENTRIES + number) % 400 == 0:
        sentences[0] = _TOLD
    moment = format_datetime(_START + timedelta(minutes=number, seconds=feed % 60))
    link = f"https://paper{feed}.example/{feed}/{number}-{words[0]}-{words[1]}"
    return (
        f"<item><title>{' '.join(words[:9]).capitalize()} {feed}</title><link>{link}</link>"
        f'<guid isPermaLink="false">paper{feed}:{number}</guid><pubDate>{moment}</pubDate>'
        f"<description>&lt;p&gt;{sentences[0]} {sentences[1]}&lt;/p&gt;&lt;p&gt;{sentences[2]}&lt;/p&gt;</description>"
        f"<category>{words[2]}</category></item>"
    )


def _sentence(words: list[str]) -> str:
    """The words between those that hold a sentence together."""
    said = " ".join(f"{small} {word}" for small, word in zip(_SMALL * 2, words, strict=False))
    return said.capitalize() + "."


@lru_cache(maxsize=5000)
def body(feed: int, new: int) -> tuple[bytes, str]:
    """The feed with its newest entry first, and its ETag."""
    items = "".join(entry(feed, number) for number in range(ENTRIES + new, new, -1))
    text = (
        '<?xml version="1.0" encoding="UTF-8"?>\n<rss version="2.0"><channel>'
        f"<title>Paper {feed}</title><link>https://paper{feed}.example/</link><description>All of it</description>"
        f"<language>en</language>{items}</channel></rss>"
    ).encode()
    return text, f'"{hashlib.sha256(text).hexdigest()[:16]}"'


class Connection(asyncio.Protocol):
    """HTTP/1.1 as far as a reader of feeds needs it: GET, keep-alive, If-None-Match."""

    def __init__(self, answers: Answers) -> None:
        self.answers = answers
        self.read = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self.read += data
        while (end := self.read.find(b"\r\n\r\n")) >= 0:
            head, self.read = self.read[:end], self.read[end + 4 :]
            answer = self.answer(head.decode("latin-1"))
            if self.answers.latency:
                asyncio.get_running_loop().call_later(self.answers.latency, self.send, answer)
            else:
                self.send(answer)

    def send(self, answer: bytes) -> None:
        if not self.transport.is_closing():
            self.transport.write(answer)

    def answer(self, head: str) -> bytes:
        lines = head.split("\r\n")
        target = lines[0].split(" ")[1]
        asked = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:])}
        parts = urlsplit(target)
        if parts.path == "/control":
            given = dict(parse_qsl(parts.query))
            self.answers.etag = given.get("etag", "1") == "1"
            self.answers.changed = int(given.get("changed", "0"))
            self.answers.latency = float(given.get("latency", "0"))
            return reply("200 OK", b"fine")
        feed = int(parts.path.rsplit("/", 1)[1])
        text, tag = body(feed, int(feed % 100 < self.answers.changed))
        if not self.answers.etag:
            return reply("200 OK", text)
        if asked.get("if-none-match") == tag:
            return f"HTTP/1.1 304 Not Modified\r\nETag: {tag}\r\n\r\n".encode()
        return reply("200 OK", text, f"ETag: {tag}\r\n")


def reply(status: str, content: bytes, more: str = "") -> bytes:
    """An answer with a body."""
    head = f"HTTP/1.1 {status}\r\nContent-Type: application/rss+xml\r\nContent-Length: {len(content)}\r\n{more}\r\n"
    return head.encode() + content


async def serve(number: int, hosts: int) -> None:
    """Serve until killed."""
    answers = Answers()
    for feed in range(number):  # made before anything is measured
        body(feed, 0)
    make, loop = lambda: Connection(answers), asyncio.get_running_loop()
    server = await loop.create_server(make, "127.0.0.1", 0, backlog=1024)
    port = server.sockets[0].getsockname()[1]
    others = [f"127.0.0.{last}" for last in range(2, hosts + 1)]
    further = [await loop.create_server(make, other, port, backlog=1024) for other in others]
    print(port, flush=True)
    await asyncio.gather(*(one.start_serving() for one in further))
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 1))
