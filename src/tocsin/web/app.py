"""The pages as an application: addresses, methods and headers, by FastAPI."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import FastAPI, Request, Response
from fastapi import Path as InPath
from fastapi.middleware.trustedhost import TrustedHostMiddleware

from tocsin.errors import TocsinError
from tocsin.web.answers import Page, Pages, refused

_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
_METHODS = ["GET", "HEAD"]
_AlertId = Annotated[str, InPath(pattern=r"^[0-9a-f]{8,64}$")]


def application(pages: Pages, hosts: tuple[str, ...] = ("*",)) -> FastAPI:
    """The application; it answers to these names only, so that no web page can reach it by a name of its own."""
    app = FastAPI(title="tocsin", openapi_url=None, docs_url=None, redoc_url=None)
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=list(hosts))
    app.middleware("http")(_with_headers)
    app.add_exception_handler(TocsinError, _refused)
    for path, page in {
        "/healthz": pages.health,
        "/metrics": pages.metrics,
        "/alerts.atom": pages.atom,
        "/alerts.json": pages.json_feed,
    }.items():
        app.add_api_route(path, _answering(page), methods=_METHODS, response_class=Response)

    @app.api_route("/alerts/{alert}.cap", methods=_METHODS, response_class=Response)
    def _cap(alert: _AlertId) -> Response:
        return _response(pages.cap(alert))

    return app


def _answering(page: Callable[[], Page]) -> Callable[[], Response]:
    return lambda: _response(page())


def _response(page: Page | None) -> Response:
    if page is None:
        return Response("there is no such alert\n", 404, media_type="text/plain")
    return Response(page.body, page.status, headers={"Content-Type": page.kind})


async def _refused(_: Request, error: Exception) -> Response:
    if not isinstance(error, TocsinError):
        raise error
    return _response(refused(error))


async def _with_headers(request: Request, call_next: Callable[[Request], Awaitable[Response]]) -> Response:
    response = await call_next(request)
    response.headers.update(_HEADERS)
    return response
