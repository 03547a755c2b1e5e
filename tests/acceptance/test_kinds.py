"""Every kind of source, found out by `tocsin run` without being told, from one server and one folder."""

from __future__ import annotations

import gzip
import shutil
from collections.abc import Iterator
from datetime import timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest

from servers import Server, reply
from tocsin.cli import run
from tocsin.model import Article
from tocsin.store import articles, open_store
from tocsin.times import utc_now

ROOT = Path(__file__).parents[2]
SEEN = utc_now() - timedelta(hours=2)
ISO, MAIL, DAY = SEEN.isoformat(timespec="seconds"), format_datetime(SEEN), f"{SEEN:%Y.%m.%d}"
PLACES = ("Alder", "Birch", "Cedar", "Dogwood", "Elm", "Fir", "Gorse", "Hazel", "Ivy", "Juniper", "Kapok", "Larch")
KINDS = (
    *("rss091", "rss092", "rss10", "rss20", "atom", "json", "newsmap", "sitemap"),
    *("gzipped", "index", "page", "guessed"),
)
NEWSMAP = "xmlns:news='http://www.google.com/schemas/sitemap-news/0.9'"


def title(kind: str) -> str:
    return f"Port {PLACES[KINDS.index(kind)]} opens its third crane"


def page(kind: str) -> str:
    place = PLACES[KINDS.index(kind)]
    text = "".join(
        f"<p>{part}. The harbour master of Port {place} said on Monday that crane {part} would lift {part}0 tonnes "
        f"from now on, and that the town of {place} had waited for it since the spring.</p>"
        for part in range(1, 5)
    )
    return (
        f"<html lang=en><head><title>{title(kind)}</title></head><body><article><h1>{title(kind)}</h1>{text}</article>"
    )


def rss(version: str, name: str, link: str) -> str:
    entry = f"<item><title>{name}</title><link>{link}</link><pubDate>{MAIL}</pubDate></item>"
    return f"<rss version='{version}'><channel><title>Post</title>{entry}</channel></rss>"


def rdf(name: str, link: str) -> str:
    return (
        "<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#' xmlns='http://purl.org/rss/1.0/' "
        f"xmlns:dc='http://purl.org/dc/elements/1.1/'><channel rdf:about='{link}'><title>Post</title></channel>"
        f"<item rdf:about='{link}'><title>{name}</title><link>{link}</link><dc:date>{ISO}</dc:date></item></rdf:RDF>"
    )


def atom(name: str, link: str) -> str:
    return (
        "<feed xmlns='http://www.w3.org/2005/Atom'><title>Post</title>"
        f"<entry><id>{link}</id><title>{name}</title><link href='{link}'/><updated>{ISO}</updated></entry></feed>"
    )


def json_feed(name: str, link: str) -> str:
    entry = f'{{"id": "{link}", "url": "{link}", "title": "{name}", "date_published": "{ISO}"}}'
    return f'{{"version": "https://jsonfeed.org/version/1.1", "title": "Post", "items": [{entry}]}}'


def newsmap(name: str, link: str) -> str:
    said = f"<news:publication_date>{ISO}</news:publication_date><news:title>{name}</news:title>"
    return f"<urlset {NEWSMAP}><url><loc>{link}</loc><news:news>{said}</news:news></url></urlset>"


def sitemap(link: str) -> str:
    return f"<urlset><url><loc>{link}</loc><lastmod>{ISO}</lastmod></url></urlset>"


def index(link: str) -> str:
    return f"<sitemapindex><sitemap><loc>{link}</loc><lastmod>{ISO}</lastmod></sitemap></sitemapindex>"


def row(name: str, link: str) -> str:
    return f"<li><a href='{link}'>{name}</a> <span class=date>{DAY}</span></li>"


def listing(*rows: str) -> str:
    return f"<html lang=en><body><nav><a href=/>Home</a></nav><ul class=press>{''.join(rows)}</ul></body></html>"


def bodies(server: Server) -> dict[str, bytes | str]:
    """What stands at the address of each source."""
    at = {kind: (title(kind), server.url(f"/{kind}/2026-crane")) for kind in KINDS}
    return {
        "rss091": rss("0.91", *at["rss091"]),
        "rss092": rss("0.92", *at["rss092"]),
        "rss10": rdf(*at["rss10"]),
        "rss20": rss("2.0", *at["rss20"]),
        "atom": atom(*at["atom"]),
        "json": json_feed(*at["json"]),
        "newsmap": newsmap(*at["newsmap"]),
        "sitemap": sitemap(at["sitemap"][1]),
        "gzipped": gzip.compress(sitemap(at["gzipped"][1]).encode()),
        "index": index(server.url("/index/child.xml")),
        "page": listing(row(*at["page"])),
        "guessed": listing(row(*at["guessed"]), *older(server)),
    }


def older(server: Server) -> Iterator[str]:
    for number in range(3):
        text = f"<p>{number}. Nothing has been heard of the harbour for {number + 2} days.</p>"
        server.routes[f"/guessed/2026-old-{number}"] = reply(
            f"<html><body>{text}</body></html>", content_type="text/html"
        )
        yield row(f"An older headline of the harbour, number {number}", server.url(f"/guessed/2026-old-{number}"))


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    for name in ("TOCSIN_WORKSPACE", "TOCSIN_DATABASE_URL"):
        monkeypatch.delenv(name, raising=False)
    shutil.copytree(ROOT / "rules", tmp_path / "rules")
    for folder in ("sources", "clippings"):
        (tmp_path / folder).mkdir()
    (tmp_path / "clippings" / "a.txt").write_text("Port Maple closes its first crane\n\nIt was old.", "utf-8")
    special = {"page": "list: {entry: ul.press > li}", "guessed": "kind: page"}
    with Server() as server:
        for kind, body in bodies(server).items():
            server.routes[f"/{kind}"] = reply(body)
            server.routes[f"/{kind}/2026-crane"] = reply(page(kind), content_type="text/html")
        server.routes["/index/child.xml"] = reply(sitemap(server.url("/index/2026-crane")))
        lines = ["sources:", "  - {id: folder, path: clippings, kind: files}"]
        for kind in KINDS:
            more = f", {special[kind]}" if kind in special else ""
            lines.append(
                f"  - {{id: {kind}, url: '{server.url(f'/{kind}')}', allow_private: ['{server.place}']{more}}}"
            )
        (tmp_path / "sources" / "all.yaml").write_text("\n".join(lines) + "\n", "utf-8")
        yield tmp_path


def stored(root: Path) -> list[Article]:
    with open_store(f"sqlite:///{root}/data/tocsin.db", root / "data") as store, store.writing() as connection:
        return list(articles.every_article(connection))


def test_every_kind_of_source_brings_its_article_with_the_text_of_its_page(desk: Path) -> None:
    assert run(["check", str(desk)]) == 0
    assert run(["run", "--workspace", str(desk)]) == 0
    found = {article.source: article for article in stored(desk) if "crane" in article.title}
    assert sorted(found) == sorted((*KINDS, "folder"))
    for kind in KINDS:
        assert found[kind].title == title(kind)
        assert len(found[kind].paragraphs) == 4, kind
        assert found[kind].day == SEEN.date(), kind
        assert not found[kind].teaser, kind


def test_a_second_run_brings_nothing_new(desk: Path) -> None:
    run(["run", "--workspace", str(desk)])
    before = stored(desk)
    assert run(["run", "--workspace", str(desk)]) == 0
    assert stored(desk) == before
