"""Feeds: golden files in, the publisher's own words out; what is no feed is told so."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tocsin.sources.feeds import NotAFeed, ParsedFeed, parse_feed

GOLDEN = Path(__file__).parents[2] / "golden" / "feeds"
EXPECTED = json.loads((GOLDEN / "expected.json").read_text(encoding="utf-8"))
URL = "https://post.example/feed"


def told(feed: ParsedFeed | NotAFeed) -> Any:
    """The feed as JSON, with empty fields left out."""
    assert isinstance(feed, ParsedFeed), feed
    entries = [{key: value for key, value in asdict(entry).items() if value} for entry in feed.entries]
    return json.loads(json.dumps({"title": feed.title, "language": feed.language, "entries": entries}, default=str))


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_a_feed_says_what_its_publisher_wrote(name: str) -> None:
    assert told(parse_feed((GOLDEN / name).read_bytes(), None, URL)) == EXPECTED[name]


def test_every_golden_feed_is_expected() -> None:
    assert set(EXPECTED) == {path.name for path in GOLDEN.iterdir()} - {"expected.json"}


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"<!doctype html><html><body>Sign in</body></html>", "HTML page"),
        (b"<html><head><title>x</title></head></html>", "HTML page"),
        (b"<?xml version='1.0'?><urlset></urlset>", "sitemap"),
        (b'{"items": "none"}', "no JSON Feed"),
        (b'{"items": [', "no readable JSON"),
        (b"{" * 100_000, "no readable JSON"),
        (b"plain words", "no RSS"),
        (b"\x00\xff\xfe", "no RSS"),
        (b"", "no RSS"),
    ],
)
def test_what_is_no_feed_is_told_what_it_is(body: bytes, words: str) -> None:
    found = parse_feed(body, "application/rss+xml", URL)
    assert isinstance(found, NotAFeed)
    assert words in found.detail


LAUGHS = '<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">'
FILE = '<!ENTITY x SYSTEM "file:///etc/passwd">'
PARAMETER = '<!ENTITY % p SYSTEM "http://127.0.0.1/x.dtd">'


@pytest.mark.parametrize("entities", [LAUGHS, FILE, PARAMETER, '<!ENTITY x PUBLIC "p" "http://127.0.0.1/">'])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-16-le", "utf-16-be"])
def test_entities_that_refer_elsewhere_are_refused(entities: str, encoding: str) -> None:
    text = f"<?xml version='1.0'?><!DOCTYPE rss [{entities}]><rss><channel><title>&b;&x;</title></channel></rss>"
    found = parse_feed(text.encode(encoding), None, URL)
    assert isinstance(found, NotAFeed) or ("root:" not in str(found) and len(str(found)) < 2_000)


def test_entries_beyond_the_limit_are_counted() -> None:
    body = f"<rss version='2.0'><channel>{'<item><title>x</title></item>' * 30}</channel></rss>"
    found = parse_feed(body.encode(), None, URL, limit=10)
    assert isinstance(found, ParsedFeed)
    assert (len(found.entries), found.left_out) == (10, 20)


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(sorted(EXPECTED)), st.data())
def test_a_damaged_feed_never_breaks_the_parser(name: str, data: st.DataObject) -> None:
    body = bytearray((GOLDEN / name).read_bytes())
    for _ in range(data.draw(st.integers(1, 8))):
        at = data.draw(st.integers(0, len(body) - 1))
        body[at : at + data.draw(st.integers(0, 40))] = data.draw(st.binary(max_size=6))
    assert isinstance(parse_feed(bytes(body), None, URL), (ParsedFeed, NotAFeed))


def test_halves_of_letters_in_a_json_feed_are_made_whole():
    item = {"id": "g\ud800", "url": "https://paper.example/\ud800", "title": "A \ud83d fair"}
    body = json.dumps({"version": "https://jsonfeed.org/version/1", "title": "Paper", "items": [item]}).encode()
    (entry,) = parse_feed(body, "application/json", "https://paper.example/feed").entries
    assert (entry.guid, entry.title) == ("g?", "A ? fair")
    assert "\ud800" not in entry.url
