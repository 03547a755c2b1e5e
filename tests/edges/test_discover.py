"""`tocsin sources discover` against real servers: what it proposes works as it stands, and what fails is said."""

from __future__ import annotations

import json
from collections.abc import Iterator
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from servers import Route, Server, reply
from tocsin.cli import run
from tocsin.times import utc_now
from tocsin.workspace import survey

TODAY = format_datetime(utc_now())
DAY = f"{utc_now():%Y-%m-%d}"
XML, HTML = {"content_type": "application/xml"}, {"content_type": "text/html; charset=utf-8"}
TITLES = (
    "The third crane opens to the public",
    "The ferry to Port Alder is late again",
    "A new harbour master is named",
)


def rss(name: str = "Harbour Post", *, date: str = TODAY, first: int = 0, text: str = "A short teaser.") -> Route:
    items = "".join(
        f"<item><title>{title}</title><link>/news/{number}00</link><description>{text}</description>"
        f"<pubDate>{date}</pubDate></item>"
        for number, title in enumerate(TITLES, start=first + 1)
    )
    return reply(f"<rss version='2.0'><channel><title>{name}</title>{items}</channel></rss>", **XML)


def news_sitemap(server: Server) -> Route:
    pages = "".join(
        f"<url><loc>{server.url(f'/story/{number}000')}</loc><n:news><n:publication_date>{DAY}</n:publication_date>"
        f"<n:title>{title}</n:title></n:news></url>"
        for number, title in enumerate(TITLES)
    )
    return reply(f"<urlset xmlns:n='http://www.google.com/schemas/sitemap-news/0.9'>{pages}</urlset>", **XML)


def front(head: str = "", body: str = "") -> Route:
    return reply(f"<html lang='en'><head><title>Harbour Post</title>{head}</head><body>{body}</body></html>", **HTML)


def listed() -> str:
    rows = (f"<li><a href='/news/{n}00'>{title}</a> <i>{DAY}</i></li>" for n, title in enumerate(TITLES * 2, start=1))
    return f"<ul class='latest'>{''.join(rows)}</ul>"


def declared(*links: tuple[str, str]) -> str:
    return "".join(
        f"<link rel='alternate' type='application/rss+xml' href='{to}' title='{name}'>" for to, name in links
    )


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as running:
        yield running


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    for folder in ("sources", "rules"):
        (tmp_path / folder).mkdir()
    return tmp_path


def call(desk: Path, server: Server, *more: str, path: str = "/") -> int:
    allowed = ["--allow-private", server.place]
    return run(["sources", "discover", server.url(path), *allowed, "--workspace", str(desk), *more])


def rows(desk: Path, server: Server, capsys: pytest.CaptureFixture[str], path: str = "/") -> list[dict[str, Any]]:
    assert call(desk, server, "--json", path=path) == 0
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def paths(found: list[dict[str, Any]]) -> list[str]:
    return ["/" + row["url"].split("/", 3)[3] for row in found]


def test_the_output_is_a_file_that_check_accepts_and_that_works(
    server: Server, desk: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    server.routes["/"] = front(declared(("/rss", "News: 'all' # of it"), ("/tag/ferry/feed", "Ferry")))
    server.routes |= {"/rss": rss('News: "all" # of it'), "/tag/ferry/feed": rss("Ferry", first=5)}
    assert call(desk, server) == 0
    printed = capsys.readouterr().out
    (desk / "sources" / "found.yaml").write_text(printed, "utf-8")
    loaded, problems = survey(desk)
    assert [problem for problem in problems if not problem.warning] == []
    assert loaded is not None
    assert [(source.id, source.url) for source in loaded.sources] == [("127-0-0-1", server.url("/rss"))]
    assert run(["sources", "check", "--workspace", str(desk)]) == 0
    assert "# - id: 127-0-0-1-2" in printed
    assert "3 entries, newest" in printed


def test_uncommented_the_other_proposals_are_accepted_too(
    server: Server, desk: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    server.routes["/"] = front(declared(("/rss", "All"), ("/tag/ferry/feed", "Ferry")))
    server.routes |= {"/rss": rss(), "/tag/ferry/feed": rss("Ferry", first=5)}
    call(desk, server)
    lines = capsys.readouterr().out.splitlines()
    whole = "\n".join(
        line.replace("  # ", "  ", 1) if line.startswith(("  # - ", "  #   ")) else line for line in lines
    )
    assert len(yaml.safe_load(whole)["sources"]) == 2
    (desk / "sources" / "found.yaml").write_text(whole, "utf-8")
    assert survey(desk)[0] is not None


def test_the_whole_sites_feed_comes_first_and_comments_never(
    server: Server, desk: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    links = [("/comments/feed", "Comments"), ("/category/sport/feed", "Sport"), ("/old", "Old"), ("/feed", "All")]
    server.routes["/"] = front(declared(*links))
    server.routes |= {
        "/comments/feed": rss("Comments", first=20),
        "/category/sport/feed": rss("Sport", first=30),
        "/old": rss("Old", date="Mon, 02 Mar 2015 09:30:00 +0900", first=40),
        "/feed": rss(),
    }
    found = rows(desk, server, capsys)
    assert paths(found) == ["/feed", "/category/sport/feed", "/old"]
    assert [row["best"] for row in found] == [True, False, False]
    assert (found[0]["name"], found[0]["language"], found[0]["entries"]) == ("Harbour Post", "en", 3)
    assert found[0]["text"] == "teaser"


def test_two_forms_of_one_feed_are_one_proposal(server: Server, desk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    server.routes["/"] = front(declared(("/feed", "RSS"), ("/feed/atom", "Atom")))
    server.routes |= {"/feed": rss(), "/feed/atom": rss()}
    assert paths(rows(desk, server, capsys)) == ["/feed"]


def test_a_page_about_feeds_is_followed(server: Server, desk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    server.routes["/"] = front(body="<a href='/rss/'>RSS</a>")
    server.routes["/rss/"] = front(body="<a href='/rss/all.xml'>Everything</a>")
    server.routes["/rss/all.xml"] = rss()
    assert paths(rows(desk, server, capsys)) == ["/rss/all.xml"]


def test_usual_places_are_tried_where_nothing_is_declared(
    server: Server, desk: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    server.routes |= {"/": front(), "/atom.xml": rss()}
    [row] = rows(desk, server, capsys)
    assert (row["how"], row["kind"]) == ("found at a usual place", "feed")


def test_usual_places_are_left_alone_where_the_site_declares_its_feed(
    server: Server, desk: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    server.routes |= {"/": front(declared(("/news.rss", ""))), "/news.rss": rss()}
    rows(desk, server, capsys)
    assert not server.asked("/feed")
    assert not server.asked("/sitemap.xml")


def test_the_news_sitemap_of_an_index_in_robots_txt_is_found(
    server: Server, desk: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    names = ("pages", "news", "pictures")
    children = "".join(f"<sitemap><loc>{server.url(f'/map-{name}.xml')}</loc></sitemap>" for name in names)
    server.routes |= {
        "/": front(),
        "/robots.txt": reply(f"User-agent: *\nDisallow:\nSitemap: {server.url('/index-of-maps.xml')}\n"),
        "/index-of-maps.xml": reply(f"<sitemapindex>{children}</sitemapindex>", **XML),
        "/map-news.xml": news_sitemap(server),
    }
    [row] = rows(desk, server, capsys)
    assert (paths([row]), row["kind"], row["how"]) == (["/map-news.xml"], "sitemap", "named in robots.txt")
    assert not server.asked("/map-pages.xml")


def test_without_a_feed_the_page_itself_is_proposed_with_selectors(
    server: Server, desk: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    server.routes["/press"] = front(body=listed())
    [row] = rows(desk, server, capsys, "/press")
    assert (row["kind"], row["list"], row["entries"]) == ("page", {"entry": "ul.latest > li"}, 6)
    call(desk, server, path="/press")
    (desk / "sources" / "found.yaml").write_text(capsys.readouterr().out, "utf-8")
    assert run(["sources", "check", "--workspace", str(desk)]) == 0
    assert "6 entries" in capsys.readouterr().out


def test_a_page_that_robots_txt_forbids_is_not_proposed(
    server: Server, desk: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    server.routes |= {"/press": front(body=listed()), "/robots.txt": reply("User-agent: *\nDisallow: /press\n")}
    assert call(desk, server, path="/press") == 1
    assert "robots.txt does not let us read this page" in capsys.readouterr().err


def test_a_feed_given_is_the_proposal(server: Server, desk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    server.routes["/news"] = rss(text="A paragraph that is long enough to be the whole of it. " * 30)
    [row] = rows(desk, server, capsys, "/news")
    assert (row["how"], row["text"]) == ("the address itself", "full")
    assert len(server.requests) == 1


def test_a_feed_behind_a_wall_of_403_is_still_found(
    server: Server, desk: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    server.routes |= {"/": reply("no", status="403 Forbidden"), "/rss": rss()}
    assert paths(rows(desk, server, capsys)) == ["/rss"]


def test_ids_are_none_of_the_workspaces(server: Server, desk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (desk / "sources" / "a.yaml").write_text(f"sources:\n  - {{id: 127-0-0-1, url: '{server.url('/rss')}'}}\n", "utf-8")
    server.routes |= {"/": front(declared(("/rss", ""))), "/rss": rss()}
    [row] = rows(desk, server, capsys)
    assert (row["id"], row["source"]) == ("127-0-0-1-2", "127-0-0-1")


@pytest.mark.parametrize(
    ("route", "said"),
    [
        (front(body="<form><input type='password'></form>"), "login page"),
        (front(body="<script>app()</script>"), "no feed, no sitemap and no list of articles was found"),
        (reply("no", status="403 Forbidden"), "403 Forbidden"),
        (reply("no", status="404 Not Found"), "404 Not Found"),
        (reply(b"%PDF-1.7", content_type="application/pdf"), "neither a web page nor a feed"),
        (reply(b""), "empty"),
    ],
)
def test_what_cannot_be_watched_is_said_in_a_sentence(
    server: Server, desk: Path, capsys: pytest.CaptureFixture[str], route: Route, said: str
) -> None:
    server.routes["/"] = route
    assert call(desk, server) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert said in err
    assert "Traceback" not in err


def test_a_private_address_needs_to_be_allowed(server: Server, desk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    server.routes["/"] = rss()
    assert run(["sources", "discover", server.url("/"), "--workspace", str(desk)]) == 1
    assert f"--allow-private {server.place}" in capsys.readouterr().err
    assert server.requests == []


def test_a_site_may_not_lead_to_another_private_place(
    server: Server, desk: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with Server() as inside:
        inside.routes["/feed"] = rss()
        server.routes["/"] = front(declared((inside.url("/feed"), "")))
        assert call(desk, server) == 1
        assert inside.requests == []


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["no address"], "no web address"),
        (["ftp://example.org/x"], "no web address"),
        (["https://example.org", "--allow-private", "example.org"], "write host:port"),
    ],
)
def test_what_makes_no_sense_is_a_usage_error(
    desk: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], said: str
) -> None:
    assert run(["sources", "discover", *arguments, "--workspace", str(desk)]) == 2
    assert said in capsys.readouterr().err


def test_a_name_that_does_not_exist_is_said(desk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["sources", "discover", "nowhere.invalid", "--workspace", str(desk)]) == 1
    assert "the name nowhere.invalid was not found" in capsys.readouterr().err
