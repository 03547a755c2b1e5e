"""Documents: fields and offsets that point into the text as given."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tocsin.articles.build import build
from tocsin.articles.document import document, documents
from tocsin.articles.language import detect
from tocsin.articles.records import document_from_record
from tocsin.articles.textformat import read
from tocsin.errors import ArticleError, Problem
from tocsin.model import Document

LONG = "The harbour master said on Monday that the third crane would stay closed until the storm had passed."


def fields(made: Document) -> list[tuple[str, str]]:
    return [(field.name, made.text[field.start : field.end]) for field in made.fields]


def test_an_imported_text_is_looked_at_as_it_was_found() -> None:
    text = f"  Title \n\nA deck\n\nMira Holt\nMay 1, 2024\n\nH2: {LONG}  \n"
    made = document(read(text))
    assert made.text == text
    assert fields(made) == [("title", "Title"), ("deck", "A deck"), ("body", LONG)]


def test_an_article_is_looked_at_in_its_canonical_form() -> None:
    article = build(title="Title", paragraphs=[LONG, "H2: not a heading"], url="https://a.example/1", source="post")
    made = document(article)
    assert fields(made) == [("title", "Title"), ("body", LONG), ("body", "H2: not a heading")]
    assert (made.id, made.source, made.url, made.language) == (article.id, "post", "https://a.example/1", "en")


def test_a_records_text_is_title_newline_text() -> None:
    made = document_from_record(
        {"id": 7, "title": " A title ", "text": f"{LONG}\n\n  second  \n", "lang": "en", "date": "2024-05-01"}
    )
    assert made.text == f" A title \n{LONG}\n\n  second  \n"
    assert fields(made) == [("title", "A title"), ("body", LONG), ("body", "second")]
    assert (made.id, made.published) == ("7", datetime(2024, 5, 1, tzinfo=UTC))


@pytest.mark.parametrize("date", ["2004", "2004-05", "", None])
def test_a_records_unknown_day_is_not_made_up(date: str | None) -> None:
    assert document_from_record({"title": "T", "text": LONG, "date": date}).published is None


@pytest.mark.parametrize(
    ("record", "words"),
    [({}, "no title and no text"), ({"title": 3, "text": ""}, "title"), ({"text": "x", "date": "soon"}, "no date")],
)
def test_a_bad_record_is_refused_in_words(record: dict[str, object], words: str) -> None:
    with pytest.raises(ArticleError, match=words):
        document_from_record(record)


def test_paths_give_documents_and_located_problems(tmp_path: Path) -> None:
    (tmp_path / "texts").mkdir()
    (tmp_path / "texts" / "a.txt").write_text(f"Title\n\n{LONG}")
    (tmp_path / "texts" / "b.txt").write_bytes(b"Title\n\n\xff")
    records = tmp_path / "records.jsonl"
    good = json.dumps({"id": "r1", "title": "T", "text": LONG})
    records.write_bytes(b"\n".join([good.encode(), b"{broken", b"[1]", b"", b'{"text": "\xff"}', good.encode()]))
    (tmp_path / "empty").mkdir()
    found = list(documents([tmp_path / "texts", records, tmp_path / "empty", tmp_path / "absent.txt"]))
    good_ones = [each.id for each in found if isinstance(each, Document)]
    problems = [(Path(each.file).name, each.line, each.column) for each in found if isinstance(each, Problem)]
    assert good_ones[1:] == ["r1", "r1"]
    assert problems == [
        ("b.txt", 3, 1),
        *[("records.jsonl", 2, 2), ("records.jsonl", 3, 1), ("records.jsonl", 5, 11)],
        *[("empty", 0, 0), ("absent.txt", 0, 0)],
    ]


@pytest.mark.parametrize(
    ("text", "language"),
    [
        (LONG, "en"),
        ("항만 당국은 월요일에 세 번째 기중기를 닫는다고 밝혔다.", "ko"),
        ("DPRK 미사일 KCNA 발표", "ko"),
        ("港湾当局は月曜日に三番目のクレーンを閉鎖すると発表した。", "ja"),
        ("港口当局星期一宣布关闭第三台起重机。", "zh"),
        ("Портовые власти объявили о закрытии третьего крана.", "ru"),
        ("Влада порту повідомила про закриття третього крана.", "uk"),
        ("Die Hafenbehörde teilte am Montag mit, dass der dritte Kran geschlossen bleibt.", "de"),
        (f"{'항만 당국은 기중기를 닫는다고 밝혔다. ' * 30}{LONG * 30}", "ko"),  # of two languages the first
        (f"港口关闭。{'Портовые власти объявили о закрытии третьего крана. ' * 20}", "ru"),
        ("12345 — 678", None),
        ("", None),
    ],
)
def test_languages_are_told(text: str, language: str | None) -> None:
    assert detect(text) == language
