"""What httpx sends its requests through: aiohttp's connections, made to checked addresses only.

The one module that imports aiohttp. It stands under httpx because httpx's own transport takes five times as long for
a request. Names are looked up by us and every address is checked; the check is repeated on the very address that a
socket is made for, so that nothing (a literal address, a second look-up) leads past it. aiohttp's errors come out as
httpx's, with their causes.
"""

from __future__ import annotations

import asyncio
import re
import socket
import ssl
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from typing import Any

import aiohttp
import httpx
from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.http_exceptions import HttpProcessingError, LineTooLong
from yarl import URL

from tocsin.sources.addresses import ForbiddenAddressError, is_public, literal, refusal, resolve, resolve_public
from tocsin.sources.answers import Limits

_WELL_WRITTEN = re.compile(r"[!#-;=?-\[\]_a-z~]+")
"""Addresses that are sent as they stand; in others, what no address may hold is encoded."""

_SAID = 120
"""Characters of a message about the server's own words."""


class HeadersTooLongError(httpx.RemoteProtocolError):
    """A header, or all of them, are longer than allowed."""


class Transport(httpx.AsyncBaseTransport):
    """One pool of connections, to public addresses or (for those who are trusted) to any.

    It must be made inside a running event loop. Raises ForbiddenAddressError besides httpx's errors.
    """

    def __init__(self, context: ssl.SSLContext, limits: Limits, *, public_only: bool) -> None:
        self._public_only = public_only
        connector = aiohttp.TCPConnector(
            ssl=context,
            resolver=_Resolver(public_only=public_only),
            socket_factory=_public_socket if public_only else _any_socket,
            limit=0,  # how many at a time is for the fetcher to say
            keepalive_timeout=5,
        )
        self._session = aiohttp.ClientSession(
            connector=connector,
            timeout=aiohttp.ClientTimeout(total=None, connect=limits.connect, sock_read=limits.read),
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            max_field_size=limits.headers,
            max_line_size=limits.headers,
            skip_auto_headers=("Accept", "Accept-Encoding", "User-Agent"),
        )

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send one request; its answer's body is read as it is on the wire."""
        url = request.url
        host = url.raw_host.decode("ascii", "replace")
        address = host if "%" in host else literal(url.host)
        if self._public_only and address and not is_public(address):
            port = url.port if url.port is not None else {"https": 443}.get(url.scheme, 80)
            raise ForbiddenAddressError(refusal(host, port, address))
        with _mapped(request):
            answer = await self._session.request(
                request.method,
                _url(request.url),
                headers=[(name.decode("ascii"), value.decode("latin-1")) for name, value in request.headers.raw],
                allow_redirects=False,
            )
        return httpx.Response(
            answer.status,
            headers=answer.raw_headers,
            stream=_Stream(answer, request),
            extensions={"reason_phrase": (answer.reason or "").encode("ascii", "replace")},
        )

    async def aclose(self) -> None:
        """Close all connections."""
        await self._session.close()


class _Stream(httpx.AsyncByteStream):
    def __init__(self, answer: aiohttp.ClientResponse, request: httpx.Request) -> None:
        self._answer = answer
        self._request = request
        _end_with_connection(answer)

    async def __aiter__(self) -> AsyncIterator[bytes]:
        with _mapped(self._request):
            async for piece in self._answer.content.iter_any():
                yield piece

    async def aclose(self) -> None:
        if not self._answer.content.at_eof():
            self._answer.close()  # what is left of it is not worth a connection
        self._answer.release()


def _end_with_connection(answer: aiohttp.ClientResponse) -> None:
    """Let the body break off where its chunks are no chunks: aiohttp only hangs up, and its readers would wait on."""
    protocol = answer.connection.protocol if answer.connection else None
    if protocol is None:
        return

    def break_off(closed: asyncio.Future[None] | None = None) -> None:
        if closed and not closed.cancelled():
            closed.exception()  # it is said to the readers already
        wrong = protocol.exception()
        if isinstance(wrong, HttpProcessingError) and not answer.content.is_eof():
            answer.content.set_exception(aiohttp.ClientPayloadError(wrong.message))

    if protocol.closed:
        protocol.closed.add_done_callback(break_off)
    else:
        break_off()


class _Resolver(AbstractResolver):
    def __init__(self, *, public_only: bool) -> None:
        self._resolve = resolve_public if public_only else resolve

    async def resolve(
        self,
        host: str,
        port: int = 0,
        family: socket.AddressFamily = socket.AF_UNSPEC,  # noqa: ARG002 - aiohttp's interface
    ) -> list[ResolveResult]:
        """All addresses of the host, or none."""
        return [
            ResolveResult(
                hostname=host,
                host=address,
                port=port,
                family=socket.AF_INET6 if ":" in address else socket.AF_INET,
                proto=0,
                flags=socket.AI_NUMERICHOST | socket.AI_NUMERICSERV,
            )
            for address in await self._resolve(host, port)
        ]

    async def close(self) -> None:
        """Nothing is held."""


def _any_socket(address: Any) -> socket.socket:
    family, kind, protocol, _, _ = address
    made = socket.socket(family=family, type=kind, proto=protocol)
    made.settimeout(0)
    return made


def _public_socket(address: Any) -> socket.socket:
    """A socket for this address and no other; the last door, which every connection passes."""
    host = str(address[4][0])
    if not is_public(host):
        raise ForbiddenAddressError(f"{host} is no public address")
    return _any_socket(address)


def _url(asked: httpx.URL) -> URL:
    """The address without user and password: httpx has made a header of them."""
    text = str(asked.copy_with(userinfo=b"") if asked.userinfo else asked)
    try:
        made = URL(text, encoded=_WELL_WRITTEN.fullmatch(text) is not None)
        _ = made.port  # read late otherwise, where it would be no error of an address
    except ValueError as error:
        raise httpx.InvalidURL("this is no address that can be asked") from error
    if made.host is None or made.host.rstrip(".").lower() != asked.host.rstrip(".").lower():
        # What may be private was decided by httpx's reading of the address: two readers must see one host.
        raise httpx.InvalidURL("this address can be read in two ways")
    return made


@contextmanager
def _mapped(request: httpx.Request) -> Iterator[None]:
    """Turn errors of aiohttp into those of httpx, without its messages that hold the address and so a password."""
    try:
        yield
    except aiohttp.ClientResponseError as error:
        if isinstance(_root(error), LineTooLong):
            raise HeadersTooLongError("a line of the headers is too long", request=request) from error
        why = error.message.splitlines()[0][:_SAID] if error.message else "the answer is no HTTP"
        raise httpx.RemoteProtocolError(why, request=request) from error
    except aiohttp.InvalidURL as error:
        raise httpx.InvalidURL("this is no address that can be asked") from error
    except TimeoutError as error:
        raise httpx.ReadTimeout("no answer in time", request=request) from error
    except aiohttp.ClientConnectorError as error:
        raise httpx.ConnectError(_reason(error.os_error), request=request) from error
    except aiohttp.ClientError as error:
        raise httpx.ReadError(str(error), request=request) from error


def _root(error: BaseException) -> BaseException:
    while error.__cause__ is not None:
        error = error.__cause__
    return error


def _reason(error: OSError) -> str:
    return error.strerror or str(error)
