"""Making articles out of what publishers give."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.articles.build import UNTITLED, build
from tocsin.articles.clean import headline, line


@pytest.mark.parametrize(
    ("given_title", "expected"),
    [
        ("  Two \n lines\t", "Two lines"),
        ("Cranes &amp; ships", "Cranes & ships"),
        ("Cranes &amp;amp; ships", "Cranes & ships"),
        ("A <b>bold</b> claim<br/>", "A bold claim"),
        ("A &lt;i&gt;slanted&lt;/i&gt; claim", "A slanted claim"),
        ("Tonnage < 5 and > 3", "Tonnage < 5 and > 3"),
        ("Evil \u202eeltit\u202c here", "Evil eltit here"),
        ("Zero\u200bwidth, soft\u00adhyphen, \ufeffBOM", "Zerowidth, softhyphen, BOM"),
        ("Bell\x07 and \x00NUL", "Bell and NUL"),
        ("Lone \ud800 surrogate", "Lone surrogate"),
        ("북한\u00a0발사", "북한 발사"),
    ],
)
def test_titles_are_cleaned(given_title: str, expected: str) -> None:
    assert build(title=given_title, paragraphs=[]).title == expected


def test_empty_paragraphs_are_dropped_and_lines_joined() -> None:
    assert build(title="T", paragraphs=["", " one\ntwo ", "\u200b", "three"]).paragraphs == ("one two", "three")


def test_plain_text_keeps_its_angle_brackets() -> None:
    assert build(title="T", paragraphs=["a <b> is a tag &amp; so on"]).paragraphs == ("a <b> is a tag &amp; so on",)


@pytest.mark.parametrize(
    ("paragraphs", "title"),
    [([], UNTITLED), (["Short text."], "Short text."), (["word " * 50], "word " * 19 + "word…")],
)
def test_every_article_has_a_title(paragraphs: list[str], title: str) -> None:
    assert build(title=" ", paragraphs=paragraphs).title == title


def test_the_publishers_offset_is_kept() -> None:
    moment = datetime(2024, 1, 26, 5, 55, tzinfo=UTC)
    article = build(title="T", paragraphs=[], published=moment, day_only=True)
    assert (article.published, article.day_only, article.day) == (moment, True, moment.date())
    assert not build(title="T", paragraphs=[], day_only=True).day_only


def test_the_canonical_address_is_made_when_none_is_given() -> None:
    article = build(title="T", paragraphs=[], url="https://A.example/x/?utm_source=rss#top")
    assert (article.url, article.canonical_url) == ("https://A.example/x/?utm_source=rss#top", "https://a.example/x")


@given(st.text())
def test_cleaning_twice_changes_nothing(text: str) -> None:
    assert line(line(text)) == line(text)
    assert headline(text) == line(headline(text))
