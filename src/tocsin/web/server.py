"""Serves the pages, by uvicorn, until told to stop."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from ipaddress import ip_address

import uvicorn

from tocsin.errors import UsageError
from tocsin.web.answers import Pages
from tocsin.web.app import application

_PORTS = range(65536)
_AT_ONCE = 64
"""Requests; more are answered 503."""
_IDLE_SECONDS = 5
_LAST_SECONDS = 5
"""For answers that are under way when it is told to stop."""


def serve(pages: Pages, host: str, port: int, say: Callable[[str], None] = lambda _: None) -> None:
    """Serves at `host:port` (0: any free one) until Ctrl-C or SIGTERM; `say` is called with the address when it is up.

    Raises:
        UsageError: the address cannot be had.
    """
    names = ("localhost", "127.0.0.1", "[::1]", "[", host) if _is_loopback(host) else ("*",)
    config = uvicorn.Config(
        application(pages, names),
        log_config=None,  # logging is set up already
        access_log=False,
        server_header=False,
        proxy_headers=False,
        lifespan="off",
        limit_concurrency=_AT_ONCE,
        timeout_keep_alive=_IDLE_SECONDS,
        timeout_graceful_shutdown=_LAST_SECONDS,
    )
    with _listening(host, port) as listener:
        shown = f"[{host}]" if ":" in host else host
        say(f"http://{shown}:{listener.getsockname()[1]}")
        uvicorn.Server(config).run(sockets=[listener])


def _listening(host: str, port: int) -> socket.socket:
    if port not in _PORTS:
        raise UsageError(f"port {port}: there is none — choose one from 1 to 65535, or 0 for any that is free")
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        return socket.create_server((host, port), family=family, backlog=_AT_ONCE)
    except OSError as error:
        why = os.strerror(error.errno) if error.errno and error.errno > 0 else error.strerror
        raise UsageError(f"{host}:{port}: {why} — choose another --host or --port") from None


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
