"""The invented newsroom: what the demo and other tests rely on."""

from __future__ import annotations

import gzip
import http.client
import json
import re
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from threading import enumerate as living_threads
from urllib.parse import urlsplit

import feedparser
import pytest
import yaml

from newsroom import press
from newsroom.dates import fill
from newsroom.receiver import Receiver
from newsroom.server import Newsroom

NOW = datetime(2024, 2, 29, 15, 30, tzinfo=UTC)
RULES = {
    *("missile-launch", "troop-deployment", "pact"),
    *("dprk-missile-launch", "dprk-troops-russia", "dprk-russia-pact"),
}
EXPECTED = yaml.safe_load((press.FOLDER / "expected.yaml").read_text("utf-8"))
OUTLETS = [file.stem for file in sorted((press.FOLDER / "outlets").glob("*.yaml"))]


@pytest.fixture(scope="module")
def room() -> Iterator[Newsroom]:
    with Newsroom(now=NOW) as opened:
        yield opened


def get(url: str, **headers: str) -> tuple[int, dict[str, str], bytes]:
    """Status, headers with lower-case names, body as sent; keyword `If_None_Match` is the header If-None-Match."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.netloc, timeout=5)
    try:
        path = f"{parts.path}?{parts.query}" if parts.query else parts.path
        connection.request("GET", path, headers={name.replace("_", "-"): value for name, value in headers.items()})
        answer = connection.getresponse()
        return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()
    finally:
        connection.close()


def outlet_of(room: Newsroom, name: str) -> press.Outlet:
    return next(outlet for outlet in room.outlets if outlet.id == name)


def links_of(room: Newsroom, outlet: press.Outlet) -> list[str]:
    _, headers, body = get(room.url + outlet.feed_path)
    if outlet.feed == "json":
        return [item["url"] for item in json.loads(body)["items"]]
    parsed = feedparser.parse(body, response_headers=headers)
    assert not parsed.bozo, parsed.get("bozo_exception")
    return [entry.link for entry in parsed.entries]


@pytest.mark.parametrize("name", OUTLETS)
def test_every_feed_parses_and_every_linked_page_is_served(room: Newsroom, name: str) -> None:
    outlet = outlet_of(room, name)
    links = links_of(room, outlet)
    assert [room.article_id(link) for link in links] == [piece.id for piece in outlet.pieces]
    for link, piece in zip(links, outlet.pieces, strict=True):
        status, headers, page = get(link)
        assert (status, headers["content-type"]) == (200, "text/html; charset=utf-8")
        assert piece.paragraphs[-1] in unescaped(page)


def unescaped(page: bytes) -> str:
    return page.decode().replace("&#34;", '"').replace("&#39;", "'")


def test_a_feed_in_a_legacy_encoding_declares_it_and_reads_well(room: Newsroom) -> None:
    outlet = outlet_of(room, "yunxiu")
    _, headers, body = get(room.url + outlet.feed_path)
    assert b'encoding="GB18030"' in body[:60]
    with pytest.raises(UnicodeDecodeError):
        body.decode("utf-8")
    parsed = feedparser.parse(body, response_headers=headers)
    assert [entry.title for entry in parsed.entries] == [piece.title for piece in outlet.pieces]


def test_full_text_stands_in_the_feed_of_the_outlet_that_sends_it(room: Newsroom) -> None:
    outlet = outlet_of(room, "quillon")
    entry = feedparser.parse(get(room.url + outlet.feed_path)[2]).entries[0]
    assert all(paragraph in entry.content[0].value for paragraph in outlet.pieces[0].paragraphs)


def test_an_unchanged_feed_is_answered_304_by_etag_and_by_date(room: Newsroom) -> None:
    url = f"{room.url}/larkmoor/rss.xml"
    _, headers, _ = get(url)
    assert get(url, If_None_Match=headers["etag"])[0] == 304
    assert get(url, If_None_Match=f'"other", W/{headers["etag"]}')[0] == 304
    assert get(url, If_Modified_Since=headers["last-modified"])[0] == 304
    assert get(url, If_None_Match='"other"', If_Modified_Since=headers["last-modified"])[0] == 200
    assert get(url, If_Modified_Since="no date at all")[0] == 200


def test_gzip_is_sent_only_when_asked_for(room: Newsroom) -> None:
    url = f"{room.url}/mirnaru/rss.xml"
    _, plain_headers, plain = get(url)
    _, headers, packed = get(url, Accept_Encoding="gzip, br")
    assert "content-encoding" not in plain_headers
    assert headers["content-encoding"] == "gzip"
    assert gzip.decompress(packed) == plain


def test_an_unknown_address_is_404_and_requests_are_counted() -> None:
    with Newsroom(now=NOW) as room:
        assert get(f"{room.url}/silent-gazette/rss.xml")[0] == 404
        get(f"{room.url}/larkmoor/rss.xml?utm_source=x")
        get(f"{room.url}/larkmoor/rss.xml")
        assert room.requests == {"/silent-gazette/rss.xml": 1, "/larkmoor/rss.xml": 2}
        assert room.answers == {404: 1, 200: 2}


def test_closing_ends_kept_connections_and_all_threads() -> None:
    before = set(living_threads())
    room = Newsroom(now=NOW)
    with room:
        kept = http.client.HTTPConnection("127.0.0.1", room.port, timeout=5)
        kept.request("GET", "/larkmoor/")
        kept.getresponse().read()
    assert not set(living_threads()) - before
    kept.close()
    with pytest.raises(urllib.error.URLError):
        urllib.request.urlopen(f"{room.url}/larkmoor/", timeout=5)


@pytest.mark.parametrize(
    "now", [NOW, datetime(2026, 1, 1, 0, 5, tzinfo=UTC), datetime(2025, 7, 31, 23, 59, tzinfo=UTC)]
)
def test_every_article_is_fresh_and_no_date_token_is_left(now: datetime) -> None:
    pieces = [piece for outlet in press.outlets(now) for piece in outlet.pieces]
    assert all(timedelta(0) <= now - piece.published < timedelta(hours=36) for piece in pieces)
    assert not [piece.id for piece in pieces if re.search(r"[{}]", "".join((piece.title, *piece.paragraphs)))]


def test_the_weekday_in_the_text_is_the_day_of_publication(room: Newsroom) -> None:
    for name in ("larkmoor/north-korea-fires-two-missiles", "quillon/two-srbms-from-sunan"):
        piece = room.articles[name]
        assert f"on {piece.published:%A}" in piece.paragraphs[0]
    korean = room.articles["mirnaru/night-library"]
    assert f"{korean.published.day}일" in korean.paragraphs[0]


@pytest.mark.parametrize(
    ("language", "text", "filled"),
    [
        ("en", "{weekday}, {date}, {clock}", "Thursday, February 29, 2024, 3:30 p.m."),
        ("en", "{weekday-1d} {date-10y} {month+1d}", "Wednesday February 28, 2014 March"),
        ("ko", "{date} {clock}, {weekday}", "2024년 2월 29일 오후 3시 30분, 목요일"),
        ("ko", "{clock-15h}", "오전 0시 30분"),
        ("ja", "{date}{clock-40m}", "2024年2月29日午後2時50分"),
        ("zh", "{date}{weekday}{clock+21h}", "2024年2月29日周四下午12时30分"),
        ("ru", "{weekday}, {date}, {clock}", "в четверг, 29 февраля 2024 года, 15:30"),
    ],
)
def test_date_tokens_are_written_as_the_language_does(language: str, text: str, filled: str) -> None:
    assert fill(text, NOW, language) == filled


def test_expectations_cover_each_article_and_name_only_known_rules_and_grades(room: Newsroom) -> None:
    assert set(EXPECTED) == set(room.articles)
    for article, said in EXPECTED.items():
        assert set(said) - {"story"} <= RULES, article
        for rule in set(said) - {"story"}:
            grades = said[rule] if isinstance(said[rule], list) else [said[rule]]
            assert set(grades) <= {"event", "mention", "none"}, article


def test_each_story_is_told_by_several_outlets_and_in_several_languages(room: Newsroom) -> None:
    languages = {outlet.id: outlet.language for outlet in room.outlets}
    told: dict[str, list[str]] = {}
    for article, said in EXPECTED.items():
        if "story" in said:
            told.setdefault(said["story"], []).append(article.split("/")[0])
    assert {story: len(by) for story, by in told.items()} == {"launch": 4, "pact": 2, "troops": 2}
    assert {story: len({languages[outlet] for outlet in by}) for story, by in told.items()} == {
        "launch": 3,
        "pact": 2,
        "troops": 2,
    }


def test_the_sources_file_names_every_outlet_and_one_dead_source(room: Newsroom, tmp_path: Path) -> None:
    file = room.write_sources(tmp_path / "sources")
    sources = {source["id"]: source for source in yaml.safe_load(file.read_text("utf-8"))["sources"]}
    outlets = {outlet.id: outlet for outlet in room.outlets}
    assert set(sources) - set(outlets) == {"silent-gazette"}
    for name, outlet in outlets.items():
        assert sources[name]["url"] == room.url + outlet.feed_path
        assert (sources[name]["name"], sources[name]["language"]) == (outlet.name, outlet.language)


def test_titles_paragraphs_and_addresses_are_unique(room: Newsroom) -> None:
    pieces = list(room.articles.values())
    paragraphs = [paragraph for piece in pieces for paragraph in piece.paragraphs]
    assert len({piece.path for piece in pieces}) == len({piece.title for piece in pieces}) == len(pieces) >= 18
    assert len(set(paragraphs)) == len(paragraphs)
    assert all(4 <= len(piece.paragraphs) <= 8 for piece in pieces)


def test_feeds_list_the_newest_article_first(room: Newsroom) -> None:
    for outlet in room.outlets:
        assert all(a.published >= b.published for a, b in pairwise(outlet.pieces))


def post(url: str, body: bytes) -> int:
    request = urllib.request.Request(url, data=body, headers={"Content-Type": "application/json"})
    try:
        with urllib.request.urlopen(request, timeout=5) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        with error:
            return error.code


def test_the_receiver_keeps_what_arrives_and_logs_it_line_by_line(tmp_path: Path) -> None:
    log = tmp_path / "arrivals.jsonl"
    with Receiver(log=log) as receiver:
        assert post(receiver.url, json.dumps({"title": "하나", "message": "two\nlines"}).encode()) == 200
        assert [json.loads(line)["payload"]["title"] for line in log.read_text("utf-8").splitlines()] == ["하나"]
        assert post(f"{receiver.url}/desk", b'{"title": "second"}') == 200
        assert [(m.title, m.body, m.path) for m in receiver.messages] == [
            ("하나", "two\nlines", "/"),
            ("second", "", "/desk"),
        ]
    assert len(log.read_text("utf-8").splitlines()) == 2


def test_the_receiver_refuses_what_is_no_json_object() -> None:
    with Receiver() as receiver:
        assert post(receiver.url, b"not json") == 400
        assert post(receiver.url, b"[1]") == 400
        assert get(f"{receiver.url}/")[0] == 405
        assert receiver.messages == []


def test_a_log_is_continued_by_the_next_receiver(tmp_path: Path) -> None:
    log = tmp_path / "arrivals.jsonl"
    for title in ("first", "second"):
        with Receiver(log=log) as receiver:
            post(receiver.url, json.dumps({"title": title}).encode())
    assert [json.loads(line)["payload"]["title"] for line in log.read_text("utf-8").splitlines()] == ["first", "second"]


@pytest.mark.parametrize("script", ["server.py", "receiver.py"])
@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
def test_run_as_a_script_it_serves_until_stopped_and_ends_well(script: str, stop: signal.Signals) -> None:
    command = [sys.executable, str(press.FOLDER / script), "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert "(Ctrl-C stops it)" in process.stdout.readline()
        process.send_signal(stop)
        _, errors = process.communicate(timeout=20)
    assert (process.returncode, errors) == (0, "")
