"""Reading and writing the article text format."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from tocsin.articles.build import build
from tocsin.articles.textformat import exported, file_name, read, read_article, write
from tocsin.errors import ArticleError

LONG = "The harbour master said on Monday that the third crane would stay closed until the storm had passed."


def test_the_canonical_form_is_read() -> None:
    article = read(f"Crane closed\n\nStorm damage at the pier\n\nMira Holt\nAugust 16, 2023\n\n{LONG}\n\nMore.")
    assert (article.title, article.deck, article.byline) == ("Crane closed", "Storm damage at the pier", "Mira Holt")
    assert (article.day, article.day_only) == (date(2023, 8, 16), True)
    assert article.paragraphs == (LONG, "More.")


@pytest.mark.parametrize(
    ("text", "deck", "byline", "day", "paragraphs"),
    [
        (f"Title\n\n{LONG}\n\nMore.", "", "", None, 2),
        (f"Title\n{LONG}\nMore.", "", "", None, 2),
        (f"Title\nA deck\n\nMira Holt\nMay 1, 2024\n{LONG}\nMore.", "A deck", "Mira Holt", date(2024, 5, 1), 2),
        (f"Title\n\nMay 1, 2024\n\n{LONG}", "", "", date(2024, 5, 1), 1),
        (f"Title\n\nBy Mira Holt\n\n{LONG}", "", "By Mira Holt", None, 1),
        (f"제목\n\n홍길동 기자\n2024년 1월 2일\n\n{LONG}", "", "홍길동 기자", date(2024, 1, 2), 1),
        (f"Title\n\nA deck.\n\nPORT ALDER — {LONG}", "A deck.", "", None, 1),
        (f"Title\n\nA deck.\n\nAnna/pool\nA caption.\n\nPORT ALDER — {LONG}", "A deck.", "", None, 3),
        (f"Title\n\nSEOUL — {LONG}\n\nBUSAN — {LONG}", "", "", None, 2),
        ("Title", "", "", None, 0),
        (f"\n\n  Title  \r\n\r\n{LONG}\r\n", "", "", None, 1),
        (f"\ufeffTitle\n\n{LONG}", "", "", None, 1),
        (f"Title\n\n{LONG}\n\nMore.\n\nMay 1, 2024", "", "", None, 3),
    ],
)
def test_headers_are_told_by_their_shape(text: str, deck: str, byline: str, day: date | None, paragraphs: int) -> None:
    article = read(text)
    assert article.title in {"Title", "제목"}
    assert (article.deck, article.byline, article.day, len(article.paragraphs)) == (deck, byline, day, paragraphs)


def test_marks_say_what_a_line_is() -> None:
    article = read(
        "Title\n\nDECK: May 1, 2024\nBY: Somebody\nDATE: June 2, 2024\n\nP: BY: not me\n\nH2: A heading\n\nText."
    )
    assert (article.deck, article.byline, article.day) == ("May 1, 2024", "Somebody", date(2024, 6, 2))
    assert article.paragraphs == ("BY: not me", "A heading", "Text.")


def test_a_headers_mark_inside_the_text_is_text() -> None:
    assert read(f"Title\n\n{LONG}\n\nBY: the way, this is text").paragraphs[1] == "BY: the way, this is text"


def test_nothing_is_marked_that_reads_well_without() -> None:
    article = build(
        title="Crane closed",
        deck="Storm damage at the pier",
        byline="Mira Holt",
        published=datetime(2023, 8, 16, tzinfo=UTC),
        paragraphs=[LONG, "More."],
    )
    assert (
        write(article) == f"Crane closed\n\nStorm damage at the pier\n\nMira Holt\nAugust 16, 2023\n\n{LONG}\n\nMore."
    )


def test_a_deck_that_would_be_read_as_text_is_marked() -> None:
    assert write(build(title="Title", deck="A deck", paragraphs=[LONG])) == f"Title\n\nDECK: A deck\n\n{LONG}"


def test_an_imported_text_is_exported_as_it_was(tmp_path: Path) -> None:
    content = f"\ufeffTitle \r\n\r\n{LONG}\u00a0 \n\n\nH2: x".encode()
    path = tmp_path / "007_0123456789abcdef.txt"
    path.write_bytes(content)
    article = read_article(path)
    assert exported(article).encode() == content
    assert (article.id, file_name(3, article)) == ("0123456789abcdef", path.name)


def test_a_new_file_is_named_by_number_and_id() -> None:
    article = build(title="Title", paragraphs=[LONG])
    assert file_name(7, article) == f"007_{article.id}.txt"
    assert file_name(12345, article) == f"12345_{article.id}.txt"


@pytest.mark.parametrize(
    ("content", "place", "words"),
    [
        (b"", ":1:1:", "empty"),
        (b" \n \n", ":1:1:", "empty"),
        ("\u200b\ntext".encode(), ":1:1:", "no visible character"),
        (b"Title\n\nab\x00cd", ":3:3:", "NUL"),
        ("Títle\n\nab".encode() + b"\xff", ":3:3:", "UTF-8"),
        ("Title".encode("utf-16"), ":1:1:", "UTF-8"),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_place(tmp_path: Path, content: bytes, place: str, words: str) -> None:
    path = tmp_path / "bad.txt"
    path.write_bytes(content)
    with pytest.raises(ArticleError) as caught:
        read_article(path)
    assert str(path) + place in str(caught.value)
    assert words in str(caught.value)


def test_a_missing_file_is_told_so(tmp_path: Path) -> None:
    with pytest.raises(ArticleError, match="No such file"):
        read_article(tmp_path / "absent.txt")
