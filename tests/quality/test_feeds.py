"""Real feeds parse without an exception, and with at least the entries that feedparser alone finds in them."""

import io
import tarfile
import warnings
from pathlib import Path

import feedparser
import pytest

from tocsin.sources.feeds import NotAFeed, parse_feed

REAL = Path(__file__).parents[2].parent / "shared" / "data" / "feeds" / "real.tar.gz"


@pytest.mark.skipif(not REAL.exists(), reason="the real feeds are not beside this checkout")
def test_no_real_feed_gives_fewer_entries_than_feedparser_alone_finds():
    fewer, seen = [], 0
    with tarfile.open(REAL) as archive:
        for member in archive:
            body = archive.extractfile(member).read() if member.isfile() else b""
            if not body:
                continue
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # feedparser's own, about dates
                alone = len(feedparser.parse(io.BytesIO(body)).entries)
            found = parse_feed(body, None, "https://news.example/feed", limit=100_000)
            ours = 0 if isinstance(found, NotAFeed) else len(found.entries)
            fewer += [(member.name, alone, ours)] if ours < alone else []
            seen += 1
    assert seen > 500
    assert fewer == []
