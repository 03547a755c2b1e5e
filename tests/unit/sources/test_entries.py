"""From what a feed says to articles."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tocsin.model import Entry
from tocsin.sources.addresses import is_public
from tocsin.sources.entries import candidates, from_feed, from_page, has_full_text, unknown, wants_page
from tocsin.sources.markup import paragraphs_of
from tocsin.sources.pages import Page
from tocsin.specs.sources import SourceSpec

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
LONG = "The harbour master said on Monday that the third crane would stay closed until the storm had passed. " * 12


def source(**more: object) -> SourceSpec:
    return SourceSpec.model_validate({"id": "post", "url": "https://post.example/rss", **more})


def page(*paragraphs: str, **more: object) -> Page:
    empty = {"title": "", "deck": "", "byline": "", "published": None, "day_only": False, "language": None}
    return Page(**({**empty, "canonical_url": None, "paragraphs": paragraphs} | more))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "entry", "wanted"),
    [
        ("auto", Entry(url="https://post.example/1", summary="Short."), True),
        ("auto", Entry(url="https://post.example/1", content=LONG), False),
        ("page", Entry(url="https://post.example/1", content=LONG), True),
        ("feed", Entry(url="https://post.example/1", summary="Short."), False),
        ("page", Entry(content=LONG), False),
    ],
)
def test_the_page_is_read_when_it_is_wanted(text: str, entry: Entry, wanted: bool) -> None:  # noqa: FBT001
    assert wants_page(source(text=text), entry) is wanted


@pytest.mark.parametrize(
    ("content", "full"),
    [
        (LONG, True),
        (LONG[:200], False),
        (LONG.strip() + "…", False),
        (LONG + " [...]", False),
        ("발사했다고 밝혔다. " * 60, True),
    ],
)
def test_full_text_is_told_from_a_teaser(content: str, full: bool) -> None:  # noqa: FBT001
    assert has_full_text(Entry(content=content)) is full


def test_several_paragraphs_beside_a_summary_are_a_full_text() -> None:
    content = "".join(f"<p>{LONG[:200]}</p>" for _ in range(3))
    assert has_full_text(Entry(content=content, summary="Short."))
    assert not has_full_text(Entry(summary=content))


def test_an_entry_twice_in_a_feed_is_one() -> None:
    entry = Entry(guid="1", url="https://post.example/1", title="Crane")
    again = Entry(guid="1", url="https://post.example/1?utm_source=x", title="Crane")
    assert len(candidates(source(), [entry, entry])) == 1
    assert len(unknown(candidates(source(), [entry, again]), ())) == 1


def test_entries_without_any_identity_are_kept_apart() -> None:
    assert len(candidates(source(), [Entry(summary="one"), Entry(summary="two"), Entry()])) == 2


def test_a_page_that_says_less_than_the_feed_is_not_taken() -> None:
    [candidate] = candidates(source(), [Entry(url="https://post.example/1", title="T", summary=LONG)])
    made = from_page(source(), candidate, page("Please log in."), NOW)
    assert made.paragraphs == (LONG.strip(),)


def test_the_feed_fills_what_the_page_leaves_out() -> None:
    moment = NOW - timedelta(hours=1)
    entry = Entry(
        url="https://post.example/1", title="Crane &amp; pier", summary="Short.", author="Mira", published=moment
    )
    [candidate] = candidates(source(), [entry])
    made = from_page(source(), candidate, page(LONG, title="Other", deck="A deck"), NOW)
    assert (made.title, made.deck, made.byline, made.published) == ("Crane & pier", "A deck", "Mira", moment)


def test_a_future_date_gives_way_to_the_pages() -> None:
    entry = Entry(url="https://post.example/1", title="T", summary="Short.", published=NOW + timedelta(days=3))
    [candidate] = candidates(source(), [entry])
    assert from_page(source(), candidate, page(LONG, published=NOW), NOW).published == NOW
    assert from_feed(source(), candidate, NOW).published is None


def test_the_sources_language_wins() -> None:
    [candidate] = candidates(source(), [Entry(title="T", summary=LONG, language="de")])
    assert from_feed(source(language="fr"), candidate, NOW).language == "fr"
    assert from_feed(source(), candidate, NOW).language == "en"


@pytest.mark.parametrize("address", ["8.8.8.8", "2001:4860:4860::8888", "::ffff:8.8.8.8", "64:ff9b::808:808"])
def test_public_addresses_are_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "address",
    [
        *(
            "127.0.0.1",
            "10.1.2.3",
            "169.254.169.254",
            "0.0.0.0",
            "100.64.0.1",
            "224.0.0.1",
            "255.255.255.255",
            "::1",
            "::",
        ),
        *("::ffff:10.0.0.1", "fe80::1%eth0", "fc00::1", "64:ff9b::a00:1", "2002:a00:1::", "ff02::1", "198.18.0.1"),
    ],
)
def test_other_addresses_are_not(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("text", ["https://post.example/?a=1&b=2", "crane.html", "<?xml version='1.0'?><p>crane</p>"])
def test_a_summary_that_looks_like_something_else_warns_nobody(text: str) -> None:
    assert paragraphs_of(text)
