"""A small HTTP server on 127.0.0.1 that starts with `with` and leaves no thread or socket behind."""

from __future__ import annotations

import signal
import socket
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Lock, Thread
from typing import Any, Self

IDLE_SECONDS = 10.0


class Handler(BaseHTTPRequestHandler):
    """HTTP/1.1 with kept connections; one send per answer, no log lines."""

    protocol_version = "HTTP/1.1"
    timeout = IDLE_SECONDS
    wbufsize = -1  # head and body leave together: two small sends cost 40 ms on a kept connection
    disable_nagle_algorithm = True

    def answer(self, status: int, headers: dict[str, str], body: bytes = b"") -> None:
        """Send the whole answer; the body is left out for HEAD."""
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        if status != 304:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)
        self.wfile.flush()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the standard library's name
        """Say nothing: callers count what they want to know."""


class _Server(ThreadingHTTPServer):
    request_queue_size = 128
    daemon_threads = False  # closing waits for them
    allow_reuse_address = True

    def __init__(self, address: tuple[str, int], handler: type[BaseHTTPRequestHandler], owner: Loopback) -> None:
        self.owner = owner
        self._open: set[socket.socket] = set()
        self._lock = Lock()
        super().__init__(address, handler)

    def process_request(self, request: Any, client_address: Any) -> None:
        with self._lock:
            self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        with self._lock:
            self._open.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hangs up early is its own business."""

    def hang_up(self) -> None:
        """End kept connections, so that their threads end now and not when they are idle too long."""
        with self._lock:
            for connection in self._open:
                try:
                    connection.shutdown(socket.SHUT_RDWR)
                except OSError:  # the client was faster
                    continue


class Loopback:
    """Something served over HTTP. `handler` reaches this object as `self.server.owner`."""

    handler: type[Handler] = Handler

    def __init__(self, *, port: int = 0) -> None:
        self._server = _Server(("127.0.0.1", port), self.handler, self)
        self._thread = Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self._started = False

    @property
    def port(self) -> int:
        """The port in use, also when 0 was asked for."""
        return int(self._server.server_address[1])

    @property
    def url(self) -> str:
        """Base address without a slash at its end."""
        return f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        self._thread.start()
        self._started = True
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Stop serving; returns when every thread has ended. May be called twice."""
        if self._started:
            self._server.shutdown()
            self._thread.join()
            self._started = False
        self._server.hang_up()
        self._server.server_close()


def stop_asked() -> Event:
    """An event that Ctrl-C and a polite kill set, from now on."""
    stop = Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    return stop
