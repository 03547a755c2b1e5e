"""What is read without feedparser is read as feedparser reads it."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from tocsin.sources.feeds import parse_feed, parsed_feed, refused_entities
from tocsin.sources.plainfeed import plain_feed

URL = "https://post.example/feed"
_TEXTS = st.sampled_from(
    """The crane
 a &amp; b 
&lt;p&gt;One &amp;amp; two.&lt;/p&gt;
<![CDATA[<b>Ferry</b> &amp; pier]]>
두루미
é
Ã©

https://post.example/a?x=1&amp;y=2
https://post.example/a/../b
http://Other.example:80/c
/relative
tag:post,1
Mon, 02 Mar 2026 09:30:00 +0900
2026-03-02T09:30:00Z
yesterday
desk@post.example (The desk)""".split("\n")  # noqa: W291
)
_NAMES = st.sampled_from(
    "title link guid description pubDate author dc:creator content:encoded category comments dc:date".split()
)
_ITEM = st.lists(st.tuples(_NAMES, _TEXTS), max_size=7).map(
    lambda parts: "<item>" + "".join(f"<{name}>{text}</{name}>" for name, text in parts) + "</item>"
)
_HEAD = st.lists(
    st.tuples(st.sampled_from("title link language ttl description managingEditor".split()), _TEXTS), max_size=4
).map(lambda parts: "".join(f"<{name}>{text}</{name}>" for name, text in parts))
_NAMESPACES = 'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:content="http://purl.org/rss/1.0/modules/content/"'


@settings(max_examples=250, deadline=None)
@given(_HEAD, st.lists(_ITEM, max_size=4), st.sampled_from(["", "<?xml version='1.0' encoding='utf-8'?>"]))
def test_a_feed_without_feedparser_is_that_of_feedparser(head: str, items: list[str], prologue: str) -> None:
    body = f'{prologue}<rss version="2.0" {_NAMESPACES}><channel>{head}{"".join(items)}</channel></rss>'.encode()
    assert parse_feed(body, "application/rss+xml", URL) == parsed_feed(body, "application/rss+xml", URL, limit=2_000)


def test_what_most_feeds_are_takes_no_feedparser() -> None:
    item = (
        '<item><title>Crane &amp; ferry</title><link>https://post.example/1</link><guid isPermaLink="false">1</guid>'
        "<pubDate>Mon, 02 Mar 2026 09:30:00 +0900</pubDate><description>Words.</description></item>"
    )
    body = f'<rss version="2.0"><channel><title>Post</title>{item}</channel></rss>'.encode()
    assert plain_feed(body, "application/rss+xml; charset=UTF-8") is not None
    nested = body.replace(b"Words.", b"<p>Words.</p>")
    for strange in (body.replace(b"</title>", b"</titel>"), b"<!DOCTYPE rss>" + body, nested):
        assert plain_feed(strange, None) is None
    assert refused_entities(body) is None
