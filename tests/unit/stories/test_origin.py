"""Whose word a report is: invented reports in five languages, judged by the shipped entities and words of saying."""

from pathlib import Path

import pytest

from tocsin import load_rules
from tocsin.articles.records import document_from_record
from tocsin.stories.origin import Origin, Voice, origin_of

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def judge():
    return load_rules(ROOT / "rules")


def origin(judge, text, *, title="", credited=(), publisher="harbour.example") -> Origin:
    document = document_from_record({"id": "a", "title": title, "text": text})
    voices, sayings = judge.voices(document)
    start = document.text.index(text)
    ends = [found for mark in (". ", "。", "다. ") if (found := document.text.find(mark, start)) >= 0]
    sentence = (start, min(ends, default=len(document.text)))
    return origin_of(document, sentence, voices, sayings, credited=credited, publisher=publisher)


@pytest.mark.parametrize(
    ("text", "expected", "official"),
    [
        ("North Korea fired a ballistic missile on Monday, South Korea's military said.", "rok", True),
        ("South Korea's Joint Chiefs of Staff said the North fired two missiles eastward.", "rok", True),
        ("North Korea fired a missile toward the sea, Yonhap reported.", "yonhap", False),
        ("According to KCNA, the new engine was tested and a rocket flew for nine minutes.", "kcna", False),
        ("Japan's Defence Ministry said a missile from North Korea fell outside its waters.", "japan", True),
        ("합동참모본부는 북한이 동해상으로 탄도미사일을 발사했다고 밝혔다.", "rok", True),
        ("북한이 동해상으로 탄도미사일을 발사했다고 합동참모본부가 밝혔다.", "rok", True),
        ("연합뉴스에 따르면 북한이 탄도미사일을 발사했다.", "yonhap", False),
        ("조선중앙통신은 새 미사일을 시험발사했다고 보도했다.", "kcna", False),
        ("韓国軍は北朝鮮が弾道ミサイルを発射したと発表した。", "rok", True),
        ("北朝鮮が弾道ミサイルを発射したと防衛省が発表した。", "japan", True),
        ("聯合ニュースによると、北朝鮮が弾道ミサイルを発射した。", "yonhap", False),
        ("Северная Корея запустила баллистическую ракету, сообщили в министерстве обороны Южной Кореи.", "rok", True),
        ("По данным агентства Рёнхап, КНДР запустила ракету.", "yonhap", False),
        ("КНДР запустила ракету, сообщает ТАСС.", "tass", False),
        ("韩国联合参谋本部表示，朝鲜发射了一枚弹道导弹。", "rok", True),
        ("据韩联社报道，朝鲜发射了一枚弹道导弹。", "yonhap", False),
    ],
)  # fmt: skip
def test_the_origin_is_whom_the_sentence_quotes(judge, text, expected, official):
    found = origin(judge, text)
    assert (found.id, found.official) == (expected, official)
    assert found.why.startswith("quotes ")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("SEOUL (Reuters) - North Korea fired a ballistic missile on Monday.", "reuters"),
        ("SEOUL, South Korea (AP) — North Korea fired a ballistic missile on Monday.", "ap"),
        ("(서울=연합뉴스) 북한이 동해상으로 탄도미사일을 발사했다.", "yonhap"),
        ("【ソウル共同】北朝鮮が弾道ミサイルを発射した。", "kyodo"),
        ("СЕУЛ, 22 ноября. /ТАСС/. КНДР запустила ракету.", "tass"),
        ("新华社平壤11月22日电 朝鲜发射了一枚弹道导弹。", "xinhua"),
    ],
)
def test_a_dateline_credits_the_agency_whose_text_it_is(judge, text, expected):
    found = origin(judge, text)
    assert (found.id, found.official, found.why.split()[0]) == (expected, False, "carries")


def test_a_headline_that_ends_with_its_source_names_the_origin(judge):
    found = origin(judge, "A rocket rose from the coast at dawn.", title="North Korea fires ballistic missile - KCNA")
    assert found.id == "kcna"


def test_a_byline_credits_an_agency(judge):
    found = origin(judge, "North Korea fired a ballistic missile on Monday.", credited=[Voice(id="ap", start=0, end=2)])
    assert (found.id, found.why) == ("ap", "carries ap")


@pytest.mark.parametrize(
    ("title", "lead", "expected", "why"),
    [
        (
            "북한, 동해상으로 탄도미사일 발사",
            "북한이 5일 새벽 동해상으로 탄도미사일 1발을 발사했다고 합동참모본부가 밝혔다.",
            "rok",
            "quotes Joint Chiefs of Staff of South Korea",
        ),
        (
            "North Korea fires ballistic missile",
            "North Korea fired a ballistic missile on Monday, KCNA reported.",
            "kcna",
            "quotes Korean Central News Agency",
        ),
        ("North Korea fires ballistic missile", "It rose at dawn from the coast.", "harbour.example", "its own report"),
    ],
)
def test_where_the_headline_is_the_event_the_first_paragraph_says_whose_word_it_is(judge, title, lead, expected, why):
    document = document_from_record({"id": "a", "title": title, "text": lead})
    found = origin_of(document, (0, len(title)), *judge.voices(document), publisher="harbour.example")
    assert (found.id, found.why) == (expected, why)


def test_a_body_sentence_is_not_ascribed_to_whom_the_first_paragraph_quotes(judge):
    lead, event = "South Korea's military said the fair opens on Monday. ", "North Korea fired a ballistic missile."
    document = document_from_record({"id": "a", "title": "At dawn", "text": lead + event})
    start = document.text.index(event)
    found = origin_of(document, (start, start + len(event)), *judge.voices(document), publisher="harbour.example")
    assert found.id == "harbour.example"


@pytest.mark.parametrize(
    "text",
    [
        "North Korea fired a ballistic missile on Monday.",
        "Reporters saw a rocket rise from the coast of North Korea.",
        "Reuters moved its Seoul office; North Korea fired a ballistic missile.",
        "북한이 동해상으로 탄도미사일을 발사했다.",
    ],
)
def test_a_report_that_quotes_nobody_is_the_publishers_own(judge, text):
    assert origin(judge, text) == Origin(id="harbour.example", why="its own report")


def test_without_a_publisher_the_origin_is_unknown(judge):
    assert origin(judge, "A rocket rose from the coast.", publisher="") == Origin()
