"""The newsroom as a web server on loopback.

    with Newsroom() as room:
        room.url, room.articles, room.requests

    python tests/newsroom/server.py --port 8900        serves until Ctrl-C

It answers as a careful publisher does: ETag and Last-Modified with 304, gzip where asked for, 404 for the rest.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import sys
from collections import Counter
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from pathlib import Path
from threading import Lock
from urllib.parse import urlsplit

if not __package__:  # run as a file: the package's folder is not on the path then
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from newsroom import press
from newsroom.loopback import Handler, Loopback, stop_asked

SOURCES = press.FOLDER / "workspace" / "sources" / "newsroom.yaml"
GZIP_FROM_BYTES = 500


class _Desk(Handler):
    def do_GET(self) -> None:  # noqa: N802 - the standard library's name
        room: Newsroom = self.server.owner  # type: ignore[attr-defined]
        path = urlsplit(self.path).path
        document = room.documents.get(path)
        if document is None:
            status, headers, body = 404, {"Content-Type": "text/plain; charset=utf-8"}, b"There is no such page.\n"
        else:
            status, headers, body = self._answer(document)
        room.count(path, status)
        self.answer(status, headers, body)

    do_HEAD = do_GET  # noqa: N815 - the standard library's name

    def _answer(self, document: press.Document) -> tuple[int, dict[str, str], bytes]:
        headers = {
            "Content-Type": document.content_type,
            "ETag": f'"{hashlib.sha256(document.body).hexdigest()[:16]}"',
            "Last-Modified": format_datetime(document.modified.astimezone(UTC), usegmt=True),
            "Cache-Control": "max-age=60",
            "Vary": "Accept-Encoding",
        }
        if self._known(headers["ETag"], document.modified):
            return 304, headers, b""
        if len(document.body) < GZIP_FROM_BYTES or "gzip" not in self.headers.get("Accept-Encoding", ""):
            return 200, headers, document.body
        return 200, {**headers, "Content-Encoding": "gzip"}, gzip.compress(document.body, mtime=0)

    def _known(self, etag: str, modified: datetime) -> bool:
        """Whether the client has this version (RFC 9110, 13.1: If-None-Match decides alone where it is given)."""
        tags = self.headers.get("If-None-Match")
        if tags is not None:
            return tags.strip() == "*" or etag in [tag.strip().removeprefix("W/") for tag in tags.split(",")]
        since = self.headers.get("If-Modified-Since")
        try:
            return since is not None and modified <= parsedate_to_datetime(since)
        except (TypeError, ValueError):  # no date, or one without a zone: as if not asked
            return False


class Newsroom(Loopback):
    """Six outlets on one port. Dates are relative to `now` (aware; the present when absent) and then stand still."""

    handler = _Desk

    def __init__(self, *, port: int = 0, now: datetime | None = None) -> None:
        super().__init__(port=port)
        self.now = now or datetime.now(UTC)
        self.outlets = press.outlets(self.now)
        self.articles = {piece.id: piece for outlet in self.outlets for piece in outlet.pieces}
        self.documents = press.documents(self.outlets, self.url)
        self.requests: Counter[str] = Counter()
        """Path → how often it was asked for."""
        self.answers: Counter[int] = Counter()
        """Status → how often it was given."""
        self._counting = Lock()

    def count(self, path: str, status: int) -> None:
        """Note one answered request."""
        with self._counting:
            self.requests[path] += 1
            self.answers[status] += 1

    def article_id(self, url: str) -> str | None:
        """`outlet/slug` of the article at an address, with or without tracking parameters."""
        path = urlsplit(url).path
        return next((piece.id for piece in self.articles.values() if piece.path == path), None)

    def write_sources(self, folder: Path) -> Path:
        """Write `newsroom.yaml`, the sources file for this server, into a workspace's `sources/`."""
        folder.mkdir(parents=True, exist_ok=True)
        file = folder / SOURCES.name
        place = self.url.removeprefix("http://")
        text = SOURCES.read_text("utf-8").replace("{base}", self.url).replace("{place}", place)
        file.write_text(text, "utf-8")
        return file


def main() -> None:
    parser = argparse.ArgumentParser(description="Serve the invented newsroom on loopback until Ctrl-C.")
    parser.add_argument("--port", type=int, default=8900)
    parser.add_argument("--sources", type=Path, metavar="DIR", help="also write the sources file into this folder")
    asked = parser.parse_args()
    stop = stop_asked()
    with Newsroom(port=asked.port) as room:
        if asked.sources:
            print(f"Wrote {room.write_sources(asked.sources)}")
        print(f"{len(room.articles)} articles of {len(room.outlets)} outlets (Ctrl-C stops it):", flush=True)
        for outlet in room.outlets:
            print(f"  {room.url}{outlet.feed_path}  {outlet.name}", flush=True)
        stop.wait()


if __name__ == "__main__":
    main()
