"""What a fetch may cost, and how it may end. Values only; `fetch` makes them."""

from __future__ import annotations

from dataclasses import dataclass

from tocsin.model import FetchReason

_PASSING = frozenset(
    {
        FetchReason.DNS,
        FetchReason.REFUSED,
        FetchReason.TIMEOUT,
        FetchReason.TLS,
        FetchReason.CONNECTION,
        FetchReason.EMPTY,
        FetchReason.HOST_HELD,
    }
)
_BUSY = frozenset({408, 425, 429})
_BROKEN = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Every limit of collecting, in one place. Times in seconds, sizes in bytes.

    Each can be overridden by an environment variable: `body` by TOCSIN_LIMIT_BODY, and so on (`tocsin.settings`).
    """

    connect: float = 10.0
    """Name look-up, connection and TLS, however many addresses the name has."""
    read: float = 20.0
    """Between two pieces of an answer."""
    total: float = 60.0
    """One request from its start to its last byte; a redirect is a new one. Waiting for our turn does not count."""
    body: int = 12 * 1024 * 1024
    """After decompression."""
    headers: int = 64 * 1024
    redirects: int = 5
    entries: int = 2_000
    """Of one feed; the rest is left out with a note."""
    tags: int = 150_000
    """Opening and closing tags of one feed; entries beyond are left out with a note."""
    per_host: int = 2
    """Requests to one public host at a time."""
    near: int = 32
    """Requests to one host of our own machine or network at a time."""
    concurrency: int = 64
    """Requests at a time."""
    sources: int = 128
    """Sources polled at a time."""
    gap: float = 0.25
    """Between the starts of two requests to one public host."""
    crawl_delay: float = 5.0
    """The longest gap that a robots.txt can ask for (Crawl-delay)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """A body, decompressed."""

    url: str
    """Where it was found, after redirects."""
    body: bytes
    content_type: str | None = None
    etag: str | None = None
    last_modified: str | None = None
    fresh_for: float = 0.0
    """Seconds for which the server says that this stays the same."""
    moved_to: str | None = None
    """Where it is for good: every redirect from the address asked for to this one was a permanent one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NotModified:
    """The server says that nothing changed since the validators we sent."""

    url: str
    etag: str | None = None
    last_modified: str | None = None
    fresh_for: float = 0.0
    moved_to: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed:
    """No body, and why; `detail` is a sentence for people."""

    reason: FetchReason
    detail: str
    status: int | None = None
    retry_after: float | None = None
    """Seconds that the server asked us to wait."""

    @property
    def passing(self) -> bool:
        """Whether the same request may end well at another time."""
        if self.reason is FetchReason.HTTP_STATUS:
            return self.status in _BUSY or (self.status or 0) >= _BROKEN
        return self.reason in _PASSING


Answer = Fetched | NotModified | Failed


def is_html(answer: Fetched) -> bool:
    """Whether the body is a page: as its type says, or, where that says little, as it looks."""
    kind = (answer.content_type or "text/html").partition(";")[0].strip().lower()
    return "html" in kind or (
        kind in {"text/plain", "application/octet-stream"} and b"<html" in answer.body[:2048].lower()
    )
