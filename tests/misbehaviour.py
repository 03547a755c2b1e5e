"""What servers do to those who ask them for a feed: each misbehaviour with a name, a route, and the end it must have.

Used with `servers.Server`. Every route here is served at the first request only; the next one finds an honest feed.
"""

from __future__ import annotations

import codecs
import gzip
import threading
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import brotli
import zstandard

from servers import Exchange, Route, Server, broken_off, drip, endless, redirect, reply, silent
from tocsin.model import FetchReason as R

RSS = "application/rss+xml"


def item(title: str, more: str = "", *, link: str = "https://post.example/{}") -> str:
    place = title.lower().replace(" ", "-")
    return (
        f"<item><title>{title}</title><link>{link.format(place)}</link><description>Teaser.</description>{more}</item>"
    )


def rss(*items: str) -> str:
    return f"<rss version='2.0'><channel><title>Post</title>{''.join(items)}</channel></rss>"


FEED = rss(item("Ferry late"), item("Bridge closed"))


@dataclass(frozen=True)
class Case:
    """A misbehaviour: what is sent, the reason it ends with, and how many articles come all the same."""

    route: Route | Callable[[Server], Route]
    reason: R
    articles: int = 0
    needs_server: bool = False
    times: int = 1
    """How often; a request whose connection breaks before the answer is sent once more."""

    def on(self, server: Server) -> Route:
        """The route, which may need the server's own address."""
        return self.route(server) if self.needs_server else self.route  # type: ignore[call-arg, arg-type, return-value]


def only_first(bad: Route, good: Route, times: int = 1) -> Route:
    """Misbehave so often, then be well again."""
    asked = threading.Semaphore(times)

    def answer(exchange: Exchange) -> None:
        (bad if asked.acquire(blocking=False) else good)(exchange)

    return answer


def raw(*pieces: bytes) -> Route:
    """These bytes and nothing else; the connection is closed behind them."""

    def answer(exchange: Exchange) -> None:
        for piece in pieces:
            if not exchange.send(piece):
                return

    return answer


def without_end(first: bytes, piece: bytes, pause: float = 0.0) -> Route:
    """`piece` again and again until the client goes."""

    def answer(exchange: Exchange) -> None:
        exchange.send(first)
        while exchange.send(piece) and not exchange.stopping.wait(pause):
            pass

    return answer


def zeros(pack: Callable[[bytes], bytes], end: Callable[[], bytes], megabytes: int = 200) -> bytes:
    """Zeros packed a megabyte at a time."""
    block = bytes(1_000_000)
    return b"".join([*(pack(block) for _ in range(megabytes)), end()])


def bomb(encoding: str) -> Route:
    """200 MB of nothing in some hundred kilobytes, or less; made when it is asked for."""

    def answer(exchange: Exchange) -> None:
        if encoding == "br":
            packer = brotli.Compressor(quality=1)
            body = zeros(packer.process, packer.finish)
        elif encoding == "zstd":
            frame = zstandard.ZstdCompressor().compressobj()
            body = zeros(frame.compress, frame.flush)
        else:
            deflate = zlib.compressobj(1, zlib.DEFLATED, 31 if encoding == "gzip" else 15)
            body = zeros(deflate.compress, deflate.flush)
        reply(body, content_encoding=encoding, content_type=RSS)(exchange)

    return answer


def huge_feed(exchange: Exchange) -> None:
    """50 MB of entries."""
    exchange.head(content_type=RSS)
    exchange.send(b"<rss version='2.0'><channel>")
    piece = item("Ferry late", "x" * 10_000).encode() * 100
    for _ in range(50):
        if not exchange.send(piece):
            return
    exchange.send(b"</channel></rss>")


def entries(number: int) -> Route:
    def answer(exchange: Exchange) -> None:
        short = (f"<item><title>Ferry {n} late</title><guid>{n}</guid></item>" for n in range(number))
        reply(rss(*short), content_type=RSS)(exchange)

    return answer


def head(*lines: str, status: str = "200 OK") -> bytes:
    return "\r\n".join([f"HTTP/1.1 {status}", *lines, "", ""]).encode("latin-1")


def chunked(*chunks: bytes) -> Route:
    return raw(head("Transfer-Encoding: chunked", f"Content-Type: {RSS}"), *chunks)


def long_header() -> Iterator[str]:
    return (f"X-Filler-{number}: {'f' * 60}" for number in range(20_000))


LAUGHS = "".join(f'<!ENTITY l{n + 1} "{f"&l{n};" * 10}">' for n in range(9))
INSIDE = "http://{}/secret"

FEEDS: dict[str, Case] = {
    "truncated": Case(reply(FEED[: FEED.index("Bridge") + 3]), R.NEW_CONTENT, 1),
    "wrong-encoding": Case(
        reply(b'<?xml version="1.0" encoding="utf-8"?>' + rss(item("Öl im Hafen")).encode("latin-1")),
        R.NEW_CONTENT,
        1,
    ),
    "unknown-encoding": Case(reply('<?xml version="1.0" encoding="klingon"?>' + FEED), R.NEW_CONTENT, 2),
    "no-encoding": Case(reply(FEED.encode("utf-16")[2:], content_type=RSS), R.NEW_CONTENT, 2),
    "bom-utf-8": Case(reply(codecs.BOM_UTF8 * 2 + FEED.encode()), R.NEW_CONTENT, 2),
    "bom-utf-16-le": Case(reply(codecs.BOM_UTF16_LE + FEED.encode("utf-16-le")), R.NEW_CONTENT, 2),
    "bom-utf-16-be": Case(reply(codecs.BOM_UTF16_BE + FEED.encode("utf-16-be")), R.NEW_CONTENT, 2),
    "bom-utf-32": Case(reply(FEED.encode("utf-32")), R.NEW_CONTENT, 2),
    "billion-laughs": Case(reply(f'<!DOCTYPE r [<!ENTITY l0 "ha">{LAUGHS}]>' + rss(item("Ferry &l9;"))), R.NOT_A_FEED),
    "external-entity": Case(
        reply('<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]>' + rss(item("Ferry &x;"))), R.NOT_A_FEED
    ),
    "entity-with-address": Case(
        reply('<!DOCTYPE r [<!ENTITY % x SYSTEM "http://127.0.0.1:9/x.dtd"> %x;]>' + FEED), R.NOT_A_FEED
    ),
    "entries-100000": Case(entries(100_000), R.NEW_CONTENT, 2_000),
    "feed-50-mb": Case(huge_feed, R.TOO_LARGE),
    "deep": Case(reply("<rss version='2.0'><channel><item>" + "<a>" * 3_000_000), R.NOT_A_FEED),
    "one-long-tag": Case(reply(f"<rss version='2.0'><channel a='{'x' * 3_000_000}'>"), R.NOT_A_FEED),
    "angles": Case(reply("<rss version='2.0'><channel><item><title>" + "<" * 5_000_000), R.NOT_A_FEED),
    "control-characters": Case(
        reply(FEED.replace("late", "".join(map(chr, range(1, 32))) + "\u202elate\x7f")), R.NEW_CONTENT, 2
    ),
    "null-bytes": Case(reply(bytes(1_000_000)), R.NOT_A_FEED),
    "html": Case(reply("<!doctype html><html><body>Hello</body></html>", content_type=RSS), R.NOT_A_FEED),
    "huge-html": Case(reply("<html><body>" + "<div>" * 1_000_000, content_type="text/html"), R.NOT_A_FEED),
    "empty": Case(reply(b""), R.EMPTY),
    "blank": Case(reply(" \r\n\t" * 1000), R.EMPTY),
    "picture": Case(reply(b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 100, content_type=RSS), R.NOT_A_FEED),
    "deep-json": Case(reply('{"items":' + "[" * 1_000_000, content_type="application/json"), R.NOT_A_FEED),
    "other-json": Case(reply('{"error": "no such feed"}', content_type="application/json"), R.NOT_A_FEED),
    "json-of-wrong-kinds": Case(
        reply(
            '{"version": 1, "items": [1, null, [], {"id": {}, "title": 3, "url": [], "authors": 4}, {"title": "A"}]}'
        ),
        R.NEW_CONTENT,
        1,
    ),
    "odd-links": Case(
        reply(
            rss(
                item("One", link="javascript:alert(1)"),
                item("Two", link="/relative/{}"),
                item("Three", link="http://[::1"),
                item("Four", link="data:text/html,{}"),
                item("Five", link="file:///etc/passwd"),
                item("Six", link="//other.example:99999/{}"),
            )
        ),
        R.NEW_CONTENT,
        6,
    ),
    "odd-dates": Case(
        reply(
            rss(
                item("One", "<pubDate>Thu, 01 Jan 1970 00:00:00 GMT</pubDate>"),
                item("Two", "<pubDate>Mon, 99 Foo 99999 99:99:99 +9999</pubDate>"),
                item("Three", "<pubDate>99999999999999999999</pubDate>"),
                item("Four", "<pubDate></pubDate>"),
                item("Five", "<pubDate>2999-01-01T00:00:00Z</pubDate>"),
                item("Six", f"<pubDate>{'9' * 100_000}</pubDate>"),
            )
        ),
        R.NEW_CONTENT,
        6,
    ),
    "html-in-titles": Case(
        reply(rss(item("Ferry &lt;script&gt;alert(1)&lt;/script&gt;&lt;b&gt;late&lt;/b&gt;"))), R.NEW_CONTENT, 1
    ),
}

ANSWERS: dict[str, Case] = {
    "wrong-content-type": Case(reply(FEED, content_type="image/png"), R.NEW_CONTENT, 2),
    "no-content-type": Case(reply(FEED), R.NEW_CONTENT, 2),
    "nonsense-content-type": Case(reply(FEED, content_type="\x01;;=;charset=\x02"), R.NEW_CONTENT, 2),
    "content-type-of-klingons": Case(reply(FEED, content_type=f"{RSS}; charset=klingon"), R.NEW_CONTENT, 2),
    "length-too-long": Case(reply(FEED, content_length="99999"), R.CONNECTION),
    "length-negative": Case(reply(FEED, content_length="-5"), R.CONNECTION),
    "length-a-word": Case(reply(FEED, content_length="many"), R.CONNECTION),
    "length-enormous": Case(reply(FEED, content_length="9" * 30), R.CONNECTION),
    "lengths-that-differ": Case(raw(head("Content-Length: 5", "Content-Length: 6"), b"12345"), R.CONNECTION),
    "lengths-twice-the-same": Case(
        raw(head(f"Content-Length: {len(FEED)}", f"Content-Length: {len(FEED)}"), FEED.encode()), R.CONNECTION
    ),
    "endless-chunks": Case(endless, R.TOO_LARGE),
    "endless-bytes": Case(without_end(head(f"Content-Type: {RSS}"), b"x" * 65_536), R.TOO_LARGE),
    "endless-tiny-chunks": Case(without_end(head("Transfer-Encoding: chunked"), b"1\r\nx\r\n", 0.005), R.TIMEOUT),
    "chunk-garbage": Case(chunked(b"zz\r\nwhat\r\n"), R.CONNECTION),
    "chunk-negative": Case(chunked(b"-5\r\nwhat\r\n"), R.CONNECTION),
    "chunk-enormous": Case(chunked(b"F" * 30 + b"\r\n" + FEED.encode()), R.CONNECTION),
    "chunk-cut": Case(chunked(b"%x\r\n" % (len(FEED) + 5) + FEED.encode()), R.CONNECTION),
    "chunk-line-without-end": Case(without_end(head("Transfer-Encoding: chunked"), b"0" * 65_536, 0.05), R.TIMEOUT),
    "chunks-and-length": Case(
        raw(
            head("Transfer-Encoding: chunked", "Content-Length: 3"),
            b"%x\r\n%s\r\n0\r\n\r\n" % (len(FEED), FEED.encode()),
        ),
        R.CONNECTION,
    ),
    "trailers-without-end": Case(
        without_end(head("Transfer-Encoding: chunked") + b"0\r\n", b"X-More: yes\r\n" * 1000), R.CONNECTION
    ),
    "drip-body": Case(drip, R.TIMEOUT),
    "drip-headers": Case(without_end(b"HTTP/1.1 200 OK\r\nX-Slow: ", b"s", 0.01), R.TIMEOUT),
    "drip-status": Case(without_end(b"HTTP/1.1 2", b"0", 0.01), R.CONNECTION),
    "silence": Case(silent, R.TIMEOUT),
    "headers-without-end": Case(without_end(b"HTTP/1.1 200 OK\r\n", b"X-More: yes\r\n" * 1000), R.CONNECTION),
    "header-flood": Case(raw(head(*long_header()), FEED.encode()), R.CONNECTION),
    "headers-too-large": Case(reply(FEED, x_padding="y" * 80_000), R.TOO_LARGE),
    "header-not-ascii": Case(raw(head("X-Name: h\xe4fen \xff", 'ETag: "\xe9"'), FEED.encode()), R.NEW_CONTENT, 2),
    "header-without-colon": Case(raw(b"HTTP/1.1 200 OK\r\nno colon here\r\n\r\n" + FEED.encode()), R.CONNECTION),
    "reset": Case(broken_off(FEED[:50].encode(), 10_000), R.CONNECTION),
    "reset-at-once": Case(lambda exchange: exchange.reset(), R.CONNECTION, times=2),
    "closed-at-once": Case(raw(), R.CONNECTION, times=2),
    "http-0.9": Case(raw(FEED.encode()), R.CONNECTION),
    "http-9.9": Case(raw(b"HTTP/9.9 200 OK\r\n\r\n" + FEED.encode()), R.CONNECTION),
    "not-http": Case(raw(b"SSH-2.0-OpenSSH_9.6\r\n\r\n"), R.CONNECTION),
    "status-of-letters": Case(raw(b"HTTP/1.1 abc OK\r\n\r\n"), R.CONNECTION),
    "continue-for-ever": Case(without_end(b"", b"HTTP/1.1 100 Continue\r\n\r\n", 0.002), R.TIMEOUT),
    "continue-flood": Case(without_end(b"", b"HTTP/1.1 103 Early Hints\r\n\r\n" * 5000, 0.05), R.TIMEOUT),
    "switching-protocols": Case(raw(head("Upgrade: h2c", status="101 Switching Protocols")), R.HTTP_STATUS),
    "a-part": Case(
        reply(FEED[:90], status="206 Partial Content", content_range=f"bytes 0-89/{len(FEED)}"), R.HTTP_STATUS
    ),
    "a-part-as-whole": Case(reply(FEED[:90], content_range=f"bytes 0-89/{len(FEED)}"), R.HTTP_STATUS),
    "no-content": Case(raw(head(status="204 No Content")), R.EMPTY),
    "unasked-304": Case(raw(head('ETag: "x"', status="304 Not Modified")), R.HTTP_STATUS),
    "challenge-403": Case(reply("<html>Prove it</html>", status="403 Forbidden", server="cloud"), R.HTTP_STATUS),
    "busy-503": Case(reply("", status="503 Busy", retry_after="3600"), R.HTTP_STATUS),
    "busy-503-until": Case(reply("", status="503 Busy", retry_after="Mon, 02 Mar 2099 12:00:00 GMT"), R.HTTP_STATUS),
    "busy-503-for-ever": Case(reply("", status="503 Busy", retry_after="9" * 400), R.HTTP_STATUS),
    "busy-503-odd": Case(reply("", status="503 Busy", retry_after="-1e99, soon \xff"), R.HTTP_STATUS),
    "odd-caching": Case(
        reply(FEED, cache_control=f"max-age={'9' * 5000}", age="-1", expires="0", date="tomorrow"), R.NEW_CONTENT, 2
    ),
    "bomb-gzip": Case(bomb("gzip"), R.TOO_LARGE),
    "bomb-deflate": Case(bomb("deflate"), R.TOO_LARGE),
    "bomb-br": Case(bomb("br"), R.TOO_LARGE),
    "bomb-zstd": Case(bomb("zstd"), R.TOO_LARGE),
    "lies-about-gzip": Case(reply(FEED, content_encoding="gzip"), R.UNDECODABLE),
    "lies-about-br": Case(reply(FEED, content_encoding="br"), R.UNDECODABLE),
    "lies-about-zstd": Case(reply(FEED, content_encoding="zstd"), R.UNDECODABLE),
    "cut-gzip": Case(reply(gzip.compress(FEED.encode())[:-9], content_encoding="gzip"), R.UNDECODABLE),
    "three-encodings": Case(reply(FEED, content_encoding="gzip, gzip, gzip"), R.UNDECODABLE),
    "no-such-encoding": Case(reply(FEED, content_encoding="rot13"), R.UNDECODABLE),
}

REDIRECTS: dict[str, Case] = {
    "loop": Case(redirect("/loop"), R.REDIRECTS),
    "chain": Case(redirect("/chain/1", "301 Moved"), R.REDIRECTS),
    "to-login": Case(redirect("/login"), R.NOT_A_FEED),
    "without-location": Case(reply("", status="302 Found"), R.HTTP_STATUS),
    "to-nothing": Case(redirect(""), R.REDIRECTS),
    "to-garbage": Case(redirect("http://[::1/"), R.FORBIDDEN_SCHEME),
    "to-a-name-too-long": Case(redirect(f"http://{'a' * 70}.example/"), R.DNS),
    "to-a-long-address": Case(redirect(f"/{'a' * 60_000}"), R.HTTP_STATUS),
    "to-bytes": Case(raw(head("Location: http://h\xe4fen\xff/", "Content-Length: 0", status="302 Found")), R.DNS),
    "to-a-file": Case(redirect("file:///etc/passwd"), R.FORBIDDEN_SCHEME),
    "to-ftp": Case(redirect("ftp://127.0.0.1/"), R.FORBIDDEN_SCHEME),
    "to-data": Case(redirect("data:text/xml,<rss/>"), R.FORBIDDEN_SCHEME),
    "to-another-port": Case(redirect("http://127.0.0.1:9/"), R.FORBIDDEN_ADDRESS),
    "to-metadata": Case(redirect("http://169.254.169.254/latest/meta-data/"), R.FORBIDDEN_ADDRESS),
    **{
        f"to-{host}": Case(
            lambda server, host=host: redirect(f"http://{host}:{server.port}/secret"),
            R.FORBIDDEN_ADDRESS,
            needs_server=True,
        )
        for host in (
            "[::1]",
            "2130706433",
            "0x7f000001",
            "0177.1",
            "[::ffff:127.0.0.1]",
            "[64:ff9b::7f00:1]",
            "0.0.0.0",
        )
    },
    "to-localhost": Case(
        lambda server: redirect(f"//localhost:{server.port}/secret"), R.FORBIDDEN_ADDRESS, needs_server=True
    ),
}

ALL = FEEDS | ANSWERS | REDIRECTS
