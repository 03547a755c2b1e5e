"""A web server on loopback that answers as told, badly too. Real sockets, one thread a connection, no sleeps.

with Server() as server:
    server.routes["/feed"] = reply(FEED, content_type="application/rss+xml")
    server.routes["/slow"] = drip
    ... server.url("/feed") ...
    server.requests  # what was asked, in order
"""

from __future__ import annotations

import socket
import ssl
import struct
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self


@dataclass(frozen=True)
class Request:
    """What a client sent; header names in lower case."""

    path: str
    headers: Mapping[str, str]


@dataclass
class Exchange:
    """One request and the socket to answer it on."""

    request: Request
    socket: socket.socket
    stopping: threading.Event = field(repr=False)

    def send(self, data: bytes) -> bool:
        """Send bytes; False when the client has gone."""
        try:
            self.socket.sendall(data)
        except OSError:
            return False
        return True

    def head(self, status: str = "200 OK", **headers: str) -> bool:
        """Send a status line and headers (`content_type` becomes `Content-Type`)."""
        lines = [f"HTTP/1.1 {status}", *(f"{name.replace('_', '-')}: {value}" for name, value in headers.items())]
        return self.send(("\r\n".join([*lines, "Connection: close", "", ""])).encode("latin-1"))

    def reset(self) -> None:
        """Cut the connection with a RST."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()


Route = Callable[[Exchange], object]


def reply(body: bytes | str = b"", *, status: str = "200 OK", **headers: str) -> Route:
    """An honest answer."""
    data = body.encode() if isinstance(body, str) else body

    def answer(exchange: Exchange) -> None:
        exchange.head(status, **({"content_length": str(len(data))} | headers))
        exchange.send(data)

    return answer


def redirect(to: str, status: str = "302 Found") -> Route:
    """An answer that leads elsewhere."""
    return reply(b"", status=status, location=to)


def conditional(body: str, *, etag: str = "", last_modified: str = "", **headers: str) -> Route:
    """200 with validators; 304 when the client brings them back."""
    own = {name: value for name, value in (("etag", etag), ("last_modified", last_modified)) if value}

    def answer(exchange: Exchange) -> None:
        asked = exchange.request.headers
        same = (etag and asked.get("if-none-match") == etag) or (
            last_modified and asked.get("if-modified-since") == last_modified
        )
        (reply(b"", status="304 Not Modified", **own) if same else reply(body, **own, **headers))(exchange)

    return answer


def drip(exchange: Exchange) -> None:
    """A byte at a time, for ever."""
    exchange.head(content_type="application/rss+xml")
    while exchange.send(b" ") and not exchange.stopping.wait(0.01):
        pass


def endless(exchange: Exchange) -> None:
    """Chunks as fast as they are taken, for ever."""
    exchange.head(content_type="application/rss+xml", transfer_encoding="chunked")
    chunk = b"10000\r\n" + b"x" * 0x10000 + b"\r\n"
    while exchange.send(chunk) and not exchange.stopping.is_set():
        pass


def silent(exchange: Exchange) -> None:
    """No answer at all until the server stops or the client goes."""
    while not exchange.stopping.wait(0.01):
        try:
            if exchange.socket.recv(1, socket.MSG_DONTWAIT) == b"":
                return
        except BlockingIOError:
            continue
        except OSError:
            return


def broken_off(body: bytes, length: int) -> Route:
    """Promises `length` bytes, sends `body`, and resets the connection."""

    def answer(exchange: Exchange) -> None:
        exchange.head(content_type="application/rss+xml", content_length=str(length))
        exchange.send(body)
        exchange.reset()

    return answer


class Server:
    """Answers by `routes`; anything else is 404."""

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self.routes: dict[str, Route] = {}
        self._tls = tls
        self.requests: list[Request] = []
        self._stopping = threading.Event()
        self._threads: list[threading.Thread] = []

    def url(self, path: str = "/") -> str:
        """The absolute address of a path."""
        return f"http{'s' if self._tls else ''}://127.0.0.1:{self.port}{path}"

    @property
    def port(self) -> int:
        return int(self._listener.getsockname()[1])

    @property
    def place(self) -> str:
        """`host:port`."""
        return f"127.0.0.1:{self.port}"

    def asked(self, path: str) -> list[Request]:
        """The requests for a path, in order."""
        return [request for request in self.requests if request.path == path]

    def __enter__(self) -> Self:
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self._start(self._accept)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stopping.set()
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for thread in self._threads:
            thread.join(timeout=5)

    def _start(self, run: Callable[[], None]) -> None:
        thread = threading.Thread(target=run, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while not self._stopping.is_set():
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self._start(lambda connection=connection: self._serve(connection))

    def _serve(self, plain: socket.socket) -> None:
        try:
            connection = self._tls.wrap_socket(plain, server_side=True) if self._tls else plain
        except OSError:
            plain.close()
            return
        with connection:
            connection.settimeout(30)
            try:
                request = self._read(connection)
            except OSError:
                return
            if request is not None:
                self.requests.append(request)
                route = self.routes.get(request.path, reply(b"nothing here", status="404 Not Found"))
                route(Exchange(request, connection, self._stopping))

    @staticmethod
    def _read(connection: socket.socket) -> Request | None:
        data = b""
        while b"\r\n\r\n" not in data:
            piece = connection.recv(65536)
            if not piece:
                return None
            data += piece
            if data.startswith(b"\x16"):  # a TLS greeting to a server without TLS
                connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
                return None
        first, *lines = data.split(b"\r\n\r\n")[0].decode("latin-1").split("\r\n")
        headers = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        return Request(first.split(" ")[1], headers)
