"""Careful HTTP, by httpx over a transport of ours (`tocsin.sources.transport`).

Every request has time, size and redirect limits; cookies are off; certificates are verified; every hop's address is
checked after the name look-up, in the connection itself, so that no second look-up can lead elsewhere. Errors end as
`Failed` values: the table at the end maps them.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator, Collection, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from http.cookiejar import CookieJar, DefaultCookiePolicy
from importlib.metadata import version
from ipaddress import ip_address
from types import TracebackType
from typing import Self
from urllib.parse import urljoin

import httpx

from tocsin import urls
from tocsin.model import FetchReason
from tocsin.sources.addresses import ForbiddenAddressError, is_public, place
from tocsin.sources.answers import Answer, Failed, Fetched, Limits, NotModified
from tocsin.sources.decoding import ACCEPTED, Body, TooLargeError, UndecodableError
from tocsin.sources.hints import fresh_for, retry_after
from tocsin.sources.transport import HeadersTooLongError, Transport

__all__ = ["Answer", "Failed", "Fetched", "Fetcher", "Limits", "NotModified"]

FEED = "application/rss+xml, application/atom+xml, application/feed+json, application/xml;q=0.9, */*;q=0.8"
PAGE = "text/html, application/xhtml+xml, */*;q=0.8"

_MOVED = frozenset({301, 302, 303, 307, 308})
_FOR_GOOD = frozenset({301, 308})
_PARTIAL = 206
_NOT_MODIFIED = 304
_TOO_MANY = 429
_HOLD = 15 * 60.0
"""Seconds that a host is left alone after a 429 that does not say how long."""


class Fetcher:
    """Fetches addresses; one for a whole pass, used as an async context manager."""

    def __init__(self, limits: Limits | None = None, user_agent: str | None = None) -> None:
        self.limits = limits or Limits()
        self.agent = user_agent or default_user_agent()
        self._all = asyncio.Semaphore(self.limits.concurrency)
        self._turns: dict[str, _Turn] = {}

    async def __aenter__(self) -> Self:
        context = httpx.create_ssl_context()
        self._public = self._client(Transport(context, self.limits, public_only=True))
        self._trusted = self._client(Transport(context, self.limits, public_only=False))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._public.aclose()
        await self._trusted.aclose()

    async def get(
        self,
        url: str,
        *,
        etag: str | None = None,
        last_modified: str | None = None,
        headers: Mapping[str, str] | None = None,
        allow: Collection[str] = frozenset(),
        accept: str = FEED,
    ) -> Answer:
        """What stands at `url`, redirects followed.

        `allow` names the `host:port` that may be private addresses, as they stand in the address (other spellings of
        them are other places). `headers` go to the first host only; a redirect elsewhere does not get them.
        """
        allowed = {_place(f"http://{each}") for each in allow}
        validators = _validators(etag, last_modified)
        seen: list[str] = []
        for_good = True
        while True:
            if not urls.is_web(url):
                return Failed(reason=FetchReason.FORBIDDEN_SCHEME, detail=f"{_shown(url)} is no http(s) address")
            if url in seen or len(seen) > self.limits.redirects:
                return Failed(
                    reason=FetchReason.REDIRECTS, detail=f"gave up after {len(seen)} redirects at {_shown(url)}"
                )
            seen.append(url)
            own = dict(headers or {}) if urls.host_port(url) == urls.host_port(seen[0]) else {}
            asked = {**own, **validators, "Accept": accept, "Accept-Encoding": ACCEPTED}
            answer = await self._hop(url, asked, allowed)
            if isinstance(answer, Failed):
                return answer
            if not isinstance(answer, _Elsewhere):
                return replace(answer, moved_to=url) if for_good and len(seen) > 1 else answer
            url, for_good = answer.url, for_good and answer.for_good

    async def _hop(self, url: str, headers: dict[str, str], allow: Collection[str]) -> Answer | _Elsewhere:
        """One request: its answer, or the address that it leads to."""
        try:
            at = _place(url)
        except (httpx.InvalidURL, UnicodeError) as error:
            return _failure(error, _shown(url))
        client = self._trusted if at in allow else self._public
        async with self._turn(at) as turn:
            if waiting := turn.held_for():
                detail = f"{at} answered 429 to another request and wants to be left alone"
                return Failed(reason=FetchReason.HOST_HELD, detail=detail, retry_after=waiting)
            try:
                async with asyncio.timeout(self.limits.total), client.stream("GET", url, headers=headers) as response:
                    if response.status_code == _TOO_MANY:
                        turn.hold(retry_after(response.headers) or _HOLD)
                    return await self._answer(
                        response, url, conditional="If-None-Match" in headers or "If-Modified-Since" in headers
                    )
            except TimeoutError:
                return Failed(reason=FetchReason.TIMEOUT, detail=f"{at} gave no complete answer in time")
            except _ERRORS as error:
                return _failure(error, at)

    async def _answer(self, response: httpx.Response, url: str, *, conditional: bool) -> Answer | _Elsewhere:
        if sum(len(name) + len(value) for name, value in response.headers.raw) > self.limits.headers:
            raise TooLargeError(f"the headers are larger than {self.limits.headers:,} bytes (TOCSIN_LIMIT_HEADERS)")
        if response.status_code in _MOVED and "location" in response.headers:
            to = urljoin(url, response.headers["location"].strip())
            return _Elsewhere(to, for_good=response.status_code in _FOR_GOOD)
        etag, modified = response.headers.get("etag"), response.headers.get("last-modified")
        if response.status_code == _NOT_MODIFIED and conditional:
            return NotModified(url=url, etag=etag, last_modified=modified, fresh_for=fresh_for(response.headers))
        if not response.is_success or response.status_code == _PARTIAL:
            return _refused(response)
        if "content-range" in response.headers:
            return replace(_refused(response), detail="the server sent a part, though the whole was asked for")
        body = await self._body(response)
        if not body.strip():
            return Failed(reason=FetchReason.EMPTY, detail="the answer is empty", status=response.status_code)
        kind = response.headers.get("content-type")
        return Fetched(
            url=url,
            body=body,
            content_type=kind,
            etag=etag,
            last_modified=modified,
            fresh_for=fresh_for(response.headers),
        )

    async def _body(self, response: httpx.Response) -> bytes:
        body = Body(encoding=response.headers.get("content-encoding", ""), limit=self.limits.body)
        async for piece in response.aiter_raw():
            body.add(piece)
        return body.done()

    def _client(self, transport: httpx.AsyncBaseTransport) -> httpx.AsyncClient:
        limits = self.limits
        return httpx.AsyncClient(
            transport=transport,
            headers={"User-Agent": self.agent},
            timeout=httpx.Timeout(limits.read, connect=limits.connect, pool=None),
            follow_redirects=False,
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),  # a jar that takes none
            trust_env=False,
        )

    @asynccontextmanager
    async def _turn(self, at: str) -> AsyncIterator[_Turn]:
        """Our turn at a host: few requests at a time, and not too soon after the one before."""
        turn = self._turn_at(at)
        async with turn.places:
            await turn.wait()  # before we take one of the places that all hosts share
            async with self._all:
                yield turn

    def _turn_at(self, at: str) -> _Turn:
        return self._turns.get(at) or self._turns.setdefault(at, _Turn.at(at, self.limits))

    def slow_down(self, url: str, seconds: float) -> None:
        """Leave so many seconds, within limits, between the starts of two requests to the host of `url`."""
        turn = self._turn_at(_place(url))
        turn.gap = max(turn.gap, min(seconds, self.limits.crawl_delay))


@dataclass(frozen=True, slots=True)
class _Elsewhere:
    """A redirect."""

    url: str
    for_good: bool


class _Turn:
    """Whose turn it is at one host."""

    def __init__(self, places: int, gap: float) -> None:
        self.places = asyncio.Semaphore(places)
        self.gap = gap
        self._next = 0.0
        self._held_until = 0.0

    @classmethod
    def at(cls, place: str, limits: Limits) -> Self:
        """At a public host, or at one of our own, which needs no rest between requests."""
        return cls(limits.near, 0.0) if _is_near(place) else cls(limits.per_host, limits.gap)

    def hold(self, seconds: float) -> None:
        """Nothing more is to be asked of the host for so long."""
        self._held_until = max(self._held_until, asyncio.get_running_loop().time() + seconds)

    def held_for(self) -> float:
        """Seconds that the host still wants to be left alone."""
        return max(0.0, self._held_until - asyncio.get_running_loop().time())

    async def wait(self) -> None:
        """Until the gap after the request before is over."""
        if self.gap:
            now = asyncio.get_running_loop().time()
            start = max(now, self._next)
            self._next = start + self.gap
            await asyncio.sleep(start - now)


def default_user_agent() -> str:
    """Who we are, for the logs of those we visit; TOCSIN_USER_AGENT adds who runs us."""
    return f"tocsin/{version('tocsin')} (news watch)"


def _validators(etag: str | None, last_modified: str | None) -> dict[str, str]:
    found = {"If-None-Match": etag, "If-Modified-Since": last_modified}
    return {name: value for name, value in found.items() if value and value.isprintable() and value.isascii()}


def _refused(response: httpx.Response) -> Failed:
    phrase = response.reason_phrase[:60]
    return Failed(
        reason=FetchReason.HTTP_STATUS,
        detail=f"the server answered {response.status_code} {phrase}".rstrip(),
        status=response.status_code,
        retry_after=retry_after(response.headers),
    )


def _place(url: str) -> str:
    """`host:port` as httpx reads the address: a second reader of it might see another host."""
    found = httpx.URL(url)
    port = found.port if found.port is not None else {"https": 443}.get(found.scheme, 80)
    return place(found.raw_host.decode("ascii", "replace"), port)


def _is_near(at: str) -> bool:
    """Whether this is plainly our own machine or network."""
    name = at.rpartition(":")[0].strip("[]")
    try:
        return name == "localhost" or not is_public(str(ip_address(name)))
    except ValueError:
        return False


def _shown(url: str) -> str:
    """An address for a message: short, and without a password."""
    longest = 120
    bare = url if "@" not in url else url.partition("://")[0] + "://…" + url.rpartition("@")[2]
    return bare if len(bare) <= longest else bare[:longest] + "…"


_ERRORS = (
    httpx.InvalidURL,
    httpx.RequestError,
    ForbiddenAddressError,
    TooLargeError,
    UndecodableError,
    OSError,
    UnicodeError,  # a host name that IDNA refuses
)

_REASONS: tuple[tuple[type[BaseException], FetchReason], ...] = (
    (ForbiddenAddressError, FetchReason.FORBIDDEN_ADDRESS),
    (TooLargeError, FetchReason.TOO_LARGE),
    (HeadersTooLongError, FetchReason.TOO_LARGE),
    (UndecodableError, FetchReason.UNDECODABLE),
    (httpx.TimeoutException, FetchReason.TIMEOUT),
    (ssl.SSLError, FetchReason.TLS),
    (ConnectionRefusedError, FetchReason.REFUSED),
    (socket.gaierror, FetchReason.DNS),
    (httpx.InvalidURL, FetchReason.FORBIDDEN_SCHEME),
    (UnicodeError, FetchReason.DNS),
)


def _failure(error: BaseException, at: str) -> Failed:
    """The error as a value: by its own kind, or by that of the error it came from."""
    chain = list(_chain(error))
    for kind, reason in _REASONS:
        if any(isinstance(each, kind) for each in chain):
            return Failed(reason=reason, detail=_detail(reason, error, at))
    return Failed(reason=FetchReason.CONNECTION, detail=f"{at}: {_why(error)}")


def _chain(error: BaseException | None) -> Iterable[BaseException]:
    """The error and what it came from; the failed attempts of a connection may be gathered in a group."""
    while error is not None:
        yield error
        if isinstance(error, BaseExceptionGroup):
            yield from error.exceptions
        error = error.__cause__ or error.__context__


def _detail(reason: FetchReason, error: BaseException, at: str) -> str:
    sentences = {
        FetchReason.TIMEOUT: f"{at} did not answer in time",
        FetchReason.REFUSED: f"{at} refused the connection",
        FetchReason.DNS: f"the name {at.rpartition(':')[0]} was not found",
        FetchReason.TLS: f"{at}: {_why(error)}",
    }
    return sentences.get(reason) or _why(error)


def _why(error: BaseException) -> str:
    text = " ".join(str(error).split())
    return text[:300] or type(error).__name__
