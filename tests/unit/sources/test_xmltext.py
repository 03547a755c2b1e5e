"""A feed's bytes before they are parsed: wide characters, too many entries, too many tags."""

from __future__ import annotations

import codecs

import pytest

from tocsin.sources.feeds import NotAFeed, ParsedFeed, parse_feed
from tocsin.sources.xmltext import part

BOMS = {
    "utf-8": codecs.BOM_UTF8,
    "utf-16-le": codecs.BOM_UTF16_LE,
    "utf-16-be": codecs.BOM_UTF16_BE,
    "utf-32-le": codecs.BOM_UTF32_LE,
    "utf-32-be": codecs.BOM_UTF32_BE,
}
TITLE = "Öl im Hafen · 항구의 기름"


def item(number: int, inside: str = "") -> str:
    return f"<item><title>Ferry {number}</title><guid>{number}</guid>{inside}</item>"


def rss(*items: str, tail: str = "") -> str:
    return f"<rss version='2.0'><channel><title>Post</title>{''.join(items)}{tail}</channel></rss>"


def read(body: bytes | str, content_type: str | None = None, **limits: int) -> ParsedFeed:
    data = body.encode() if isinstance(body, str) else body
    found = parse_feed(data, content_type, "http://post.example/feed", **limits)
    assert isinstance(found, ParsedFeed), found
    return found


def titles(feed: ParsedFeed) -> list[str]:
    return [entry.title for entry in feed.entries]


@pytest.mark.parametrize("encoding", BOMS)
@pytest.mark.parametrize("mark", [True, False])
@pytest.mark.parametrize("declared", ["", "<?xml version='1.0'?>", "<?xml version='1.0' encoding='utf-8'?>\n"])
@pytest.mark.parametrize("content_type", [None, "text/xml", "application/rss+xml; charset=utf-8"])
def test_wide_characters_are_read_whatever_is_said_of_them(
    encoding: str,
    mark: bool,  # noqa: FBT001
    declared: str,
    content_type: str | None,
) -> None:
    body = (declared + rss(f"<item><title>{TITLE}</title></item>")).encode(encoding)
    assert titles(read((BOMS[encoding] if mark else b"") + body, content_type)) == [TITLE]


@pytest.mark.parametrize("encoding", BOMS)
def test_a_json_feed_is_read_with_any_mark(encoding: str) -> None:
    body = f'{{"version": "https://jsonfeed.org/version/1", "items": [{{"id": "1", "title": "{TITLE}"}}]}}'
    assert titles(read(BOMS[encoding] + body.encode(encoding))) == [TITLE]


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-32-le", "utf-7", "cp037", "iso-2022-jp"])
def test_no_encoding_hides_entities(encoding: str) -> None:
    laughs = '<!ENTITY a "haha"><!ENTITY b "&a;&a;&a;"><!ENTITY c SYSTEM "file:///etc/hostname">'
    text = f'<?xml version="1.0" encoding="{encoding}"?><!DOCTYPE x [{laughs}]>'
    found = parse_feed((text + rss(item(1, "<author>&b;&c;</author>"))).encode(encoding), None, "http://post.example/")
    assert "haha" not in repr(found)


def test_no_header_hides_entities() -> None:
    text = "<!DOCTYPE x [<!ENTITY a 'ha'><!ENTITY b '&a;&a;'>]>" + rss(item(1, "<author>&b;</author>"))
    for encoding in ("utf-7", "cp037"):
        found = parse_feed(text.encode(encoding), f"text/xml; charset={encoding}", "http://post.example/")
        assert "haha" not in repr(found)


@pytest.mark.parametrize("encoding", ["cp037", "cp500", "utf-7"])
def test_odd_encodings_are_read_all_the_same(encoding: str) -> None:
    text = f"<?xml version='1.0' encoding='{encoding}'?>" + rss("<item><title>Öl im Hafen</title></item>")
    assert titles(read(text.encode(encoding))) == ["Öl im Hafen"]


def test_entries_beyond_the_limit_are_cut_and_counted() -> None:
    feed = read(rss(*map(item, range(50)), tail="<language>en</language>"), limit=20)
    assert titles(feed) == [f"Ferry {n}" for n in range(20)]
    assert (feed.left_out, feed.language) == (30, "en")


def test_an_atom_feed_is_cut_too() -> None:
    entries = "".join(f"<atom:entry><atom:title>Ferry {n}</atom:title></atom:entry>" for n in range(50))
    feed = read(f"<atom:feed xmlns:atom='http://www.w3.org/2005/Atom'>{entries}</atom:feed>", limit=20)
    assert (len(feed.entries), feed.left_out) == (20, 30)


def test_what_only_looks_like_an_entry_is_not_counted() -> None:
    quoted = "<description><![CDATA[" + "<item></item><entry>" * 40 + "]]></description><!-- <item> -->"
    feed = read(rss(*(item(n, quoted) for n in range(20))), limit=20)
    assert (len(feed.entries), feed.left_out) == (20, 0)


def test_a_cut_feed_says_what_the_whole_one_says() -> None:
    whole = read(rss(*map(item, range(50))))
    assert read(rss(*map(item, range(50))), limit=20).entries == whole.entries[:20]


def test_entries_of_too_many_tags_are_left_out() -> None:
    feed = read(rss(*(item(n, "<category>sea</category>" * 10) for n in range(50))), tags=520)
    assert (len(feed.entries), feed.left_out) == (19, 31)


@pytest.mark.parametrize(
    ("inside", "sentence"),
    [
        ("<a>" * 2000, "2,012 tags"),
        ("<" * 2000, "tags"),
        (f"<a b='{'x' * 70_000}'/>", "a tag of more than 64 KiB"),
    ],
)
def test_one_entry_that_is_a_burden_is_refused(inside: str, sentence: str) -> None:
    found = parse_feed(rss(item(1, inside)).encode(), None, "http://post.example/", tags=1000)
    assert isinstance(found, NotAFeed)
    assert sentence in found.detail


@pytest.mark.parametrize("piece", [b"<![CDATA[", b"<!--", b"<![CDATA[]]>", b"<item>", b"]]>", b"<!DOCTYPE <!"])
def test_looking_through_a_megabyte_of_anything_ends(piece: bytes) -> None:
    body = b"<rss><channel><item>" + piece * (1_000_000 // len(piece))
    found = part(body, entries=2000, tags=150_000)
    assert found.refused or len(found.body) <= len(body)


def test_a_page_of_a_million_elements_is_not_read_as_a_feed() -> None:
    found = parse_feed(b"<!doctype html><html><body>" + b"<div>" * 1_000_000, None, "http://post.example/")
    assert isinstance(found, NotAFeed)
    assert "HTML page" in found.detail
