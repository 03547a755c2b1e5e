"""A page as it stands now, held against the text that is known."""

from datetime import UTC, datetime

import pytest

from tocsin.articles.build import build
from tocsin.sources.pages import Page
from tocsin.sources.rereading import is_alike, is_whole, leads_elsewhere, reread

NOW = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)
TEXT = (
    "The ferry was sunk off the cape on Sunday, said the harbour master, who had come to the quay at dawn.",
    "Fishing boats brought forty passengers ashore; none of them was hurt, and the search went on until nightfall.",
)


def stored(**changes):
    return build(
        **{"title": "Ferry sunk", "paragraphs": TEXT, "url": "https://harbour.example/1", "source": "h"} | changes
    )


def page(title="Ferry goes down off cape", paragraphs=TEXT, **changes):
    given = {"deck": "", "byline": "", "published": None, "day_only": False, "language": "en", "canonical_url": None}
    return Page(title=title, paragraphs=paragraphs, **given | changes)


def test_the_same_text_under_a_headline_of_the_pages_own_is_no_change():
    again = reread(stored(), page(), "", NOW)
    assert (again.title, again.content_hash) == ("Ferry sunk", stored().content_hash)
    assert reread(stored(), page(), "Ferry goes down off cape", NOW).content_hash == stored().content_hash


def test_a_headline_that_changes_on_the_page_is_a_change():
    again = reread(stored(), page("Ferry safe in port"), "Ferry goes down off cape", NOW)
    assert again.title == "Ferry safe in port"
    assert again.content_hash != stored().content_hash


def test_another_text_is_another_article_and_a_scrap_is_not_whole():
    other = build(title="x", paragraphs=["Nothing that we know stands at this address any more, try the search page."])
    assert not is_alike(stored(), other)
    assert is_alike(stored(), stored(paragraphs=[TEXT[0], "Of the rest nothing was left in the report by noon."]))
    assert not is_whole(stored(), stored(paragraphs=["Read more."]))
    assert not is_whole(stored(), stored(teaser=True))
    assert is_whole(stored(teaser=True), stored(teaser=True))


@pytest.mark.parametrize(
    ("found", "elsewhere"),
    [
        ("https://harbour.example/news/2026/ferry", False),
        ("https://harbour.example/news/2026/ferry?utm_source=x", False),
        ("http://www.harbour.example/news/2026/ferry-sunk.html", False),
        ("https://m.harbour.example/a/ferry", False),
        ("https://harbour.example/", True),
        ("https://harbour.example/en/index.html", True),
        ("https://harbour.example/news/2026", True),
        ("https://harbour.example/news/", True),
        ("https://consent.example/?to=harbour.example", True),
    ],
)
def test_a_way_to_a_front_page_or_to_others_shows_nothing(found, elsewhere):
    assert leads_elsewhere("https://harbour.example/news/2026/ferry", found) is elsewhere
