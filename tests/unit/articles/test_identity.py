"""When two texts are the same article."""

from dataclasses import replace

import pytest

from tocsin.articles.build import build
from tocsin.articles.identity import content_hash, entry_keys, keys, text_id, url_key
from tocsin.model import Entry

LONG = (
    "The harbour master of Port Alder said on Monday that the third crane would stay closed until the storm had gone."
)


def test_text_id_is_16_hex_digits() -> None:
    assert text_id("a text") == text_id("a text")
    assert len(text_id("")) == 16
    assert int(text_id("lone surrogate \ud800"), 16)


@pytest.mark.parametrize("other", ["the CRANE  closed!", "The crane closed", "Ｔｈｅ crane, closed"])
def test_content_is_blind_to_case_spacing_punctuation(other: str) -> None:
    assert content_hash("The crane closed.", [LONG]) == content_hash(other, [LONG.replace(" ", "  ")])


def test_content_sees_another_word() -> None:
    assert content_hash("The crane closed", [LONG]) != content_hash("The crane opened", [LONG])
    assert content_hash("발사했다", []) != content_hash("발사하지 않았다", [])


def test_the_same_words_have_one_key_at_two_addresses() -> None:
    one = build(title="Crane", paragraphs=[LONG], source="a", url="https://a.example/1")
    two = build(title="Crane", paragraphs=[LONG], source="b", url="https://b.example/2")
    assert any(key.startswith("text:") for key in set(keys(one)) & set(keys(two)))
    assert one.id == two.id


def test_short_texts_at_two_addresses_are_two_articles() -> None:
    one = build(title="Breaking", paragraphs=["More soon."], url="https://a.example/1")
    two = build(title="Breaking", paragraphs=["More soon."], url="https://a.example/2")
    assert one.id != two.id
    assert set(keys(one)).isdisjoint(keys(two))


def test_a_title_alone_identifies_nothing() -> None:
    assert not any(key.startswith("text:") for key in keys(build(title=LONG, paragraphs=[], url="https://a.example/1")))


def test_a_constant_guid_with_another_title_is_another_entry() -> None:
    first = entry_keys("feed", Entry(guid="latest", title="Crane closed"))
    assert first == entry_keys("feed", Entry(guid="latest", title="CRANE closed"))
    assert set(first).isdisjoint(entry_keys("feed", Entry(guid="latest", title="Crane open")))
    assert set(first).isdisjoint(entry_keys("other", Entry(guid="latest", title="Crane closed")))


def test_an_entry_that_says_nothing_has_no_key() -> None:
    assert entry_keys("feed", Entry(summary="text")) == ()


def test_entry_keys_are_kept_with_the_article() -> None:
    entry = Entry(guid="1", url="https://feeds.example/redirect/1", title="Crane")
    article = build(
        title="Crane",
        paragraphs=[LONG],
        url=entry.url,
        canonical_url="https://a.example/crane",
        entry_keys=entry_keys("feed", entry),
    )
    assert set(entry_keys("feed", entry)) <= set(keys(article))
    assert url_key("http://a.example/crane/") in keys(article)


def test_keys_have_bounded_length() -> None:
    monster = Entry(guid="g" * 10_000, url="https://a.example/" + "x" * 10_000, title="t" * 10_000)
    assert all(len(key) < 600 for key in entry_keys("feed", monster))


def test_an_imported_file_is_known_by_its_id() -> None:
    article = replace(build(title="Crane", paragraphs=[LONG]), id="0123456789abcdef")
    assert "id:0123456789abcdef" in keys(article)
