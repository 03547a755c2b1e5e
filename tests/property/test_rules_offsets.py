"""For any Unicode text at all: no crash, and evidence is the exact slice of the original."""

import time
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tocsin.model import Document
from tocsin.rules.compile import Judge, RuleBook, compile_rules
from tocsin.rules.testing import fields_of
from tocsin.specs.base import Located
from tocsin.specs.rules import CuesSpec, EntitySpec, RuleSpec, TermsSpec
from tocsin.text import fold, sentences, skim, words
from tocsin.workspace.load import load_rules

ROOT = Path(__file__).parents[2]
PIECES = (
    *(
        "launch",
        "fired",
        "missile",
        "the North",
        "North Korea",
        "could",
        "not",
        "2017",
        "March 3",
        "?",
        ". ",
        "\n",
        " ",
    ),
    *(
        "발사",
        "미사일을 ",
        "북한이 ",
        "가능성",
        "発射",
        "ミサイル",
        "北朝鮮が",
        "导弹",
        "发射",
        "可能",
        "запустил ",
        "ракету ",
        "не ",
    ),
    *(
        "İ",
        "ﬁ",
        "a\u0301",
        "\u200b",
        "\u202e",
        "\U0001f680",
        "\x00",
        "ß",
        "Σ",
        "ς",
        "’",
        "—",
        "\u00a0",
        "ＩＣＢＭ",
        "\r\n",
        "…",
        "「",
        "」",
    ),
)
TEXTS = st.lists(st.sampled_from(PIECES) | st.text(max_size=6) | st.characters(categories=("Cs",)), max_size=40).map(
    "".join
)


def _located(spec):
    return Located(spec, "rules/x.yaml", {})


def _small() -> Judge:
    book = RuleBook(
        rules=(
            _located(
                RuleSpec.model_validate(
                    {"id": "r", "title": "R", "status": "draft", "when": {"all": [{"terms": "go"}, {"terms": "it"}]}}
                )
            ),
            _located(
                RuleSpec.model_validate(
                    {
                        "id": "e",
                        "title": "E",
                        "status": "draft",
                        "when": {"all": [{"rule": "r"}, {"entity": "x", "as": "actor"}]},
                    }
                )
            ),
        ),
        entities=(
            _located(
                EntitySpec.model_validate(
                    {"id": "x", "title": "X", "names": {"en": ["North Korea"], "ko": ["북한"], "zh": ["北朝鮮"]}}
                )
            ),
        ),
        terms=(
            _located(
                TermsSpec.model_validate(
                    {
                        "id": "go",
                        "words": {
                            "en": ["launch~", "fire~"],
                            "ko": ["*발사"],
                            "zh": ["发射", "発射"],
                            "ru": ["запуст~"],
                        },
                    }
                )
            ),
            _located(
                TermsSpec.model_validate(
                    {
                        "id": "it",
                        "words": {
                            "en": ["missile~", "ICBM"],
                            "ko": ["*미사일"],
                            "zh": ["导弹", "ミサイル"],
                            "ru": ["ракет~"],
                        },
                    }
                )
            ),
        ),
        cues=(_located(CuesSpec.model_validate({"language": "en", "cues": [{"class": "denied", "words": ["not"]}]})),),
    )
    judge, problems = compile_rules(book)
    assert judge, problems
    return judge


SMALL = _small()


@pytest.fixture(scope="module")
def shipped() -> Judge:
    return load_rules(ROOT / "rules")[0]


def _check(judge: Judge, text: str) -> None:
    for titled in (True, False):
        document = Document(id="d", text=text, fields=fields_of(text, titled=titled))
        for match in judge.matches(document):
            for one in (*match.evidence, match.sentence):
                assert document.text[one.start : one.end] == one.text
                assert any(field.start <= one.start and one.end <= field.end for field in document.fields)
            assert [one.start for one in match.evidence] == sorted(one.start for one in match.evidence)


@settings(max_examples=400, deadline=None)
@given(TEXTS)
def test_evidence_is_the_slice_of_the_original(text):
    _check(SMALL, text)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(TEXTS)
def test_evidence_of_the_shipped_rules_is_the_slice_of_the_original(shipped, text):
    _check(shipped, text)


@settings(max_examples=400, deadline=None)
@given(TEXTS)
def test_folding_keeps_every_place(text):
    assert len(fold(text)) == len(text)
    assert len(skim(text).decode("utf-8", "surrogatepass")) == len(text)


@settings(max_examples=300, deadline=None)
@given(st.lists(st.characters(), max_size=12), st.sampled_from(["", "’", "ж", "한"]))
def test_skimming_maps_each_character_by_itself(characters, beside):
    alone = b"".join(skim(one) for one in characters) + skim(beside)
    assert skim("".join(characters) + beside).lower() == alone or "Σ" in characters


@settings(max_examples=300, deadline=None)
@given(TEXTS)
def test_sentences_are_in_order_do_not_overlap_and_lose_nothing_but_space(text):
    spans = sentences(text)
    assert all(start < end for start, end in spans)
    assert all(first[1] <= second[0] for first, second in pairwise(spans))
    kept = "".join(text[start:end] for start, end in spans)
    assert "".join(kept.split()) == "".join(text.split())
    assert all(word.end() <= len(text) for word in words(fold(text)))


def _seconds(judge: Judge, text: str) -> float:
    document = Document(id="d", text=text, fields=fields_of(text, titled=False))
    started = time.process_time()
    judge.matches(document)
    return time.process_time() - started


@pytest.mark.parametrize(
    "piece",
    [
        "fired a missile ",
        "fired a missile. ",
        "launch ",
        "North Korea fired ",
        "미사일발사",
        "导弹发射",
        "not ",
        "2017 ",
        "не запуст ",
        "「。",
        "…?",
        "x",
    ],
)
def test_time_grows_with_the_length_and_no_faster(shipped, piece):
    """Ten times the text may take thirty times as long at most (measured: 8 to 12); a square would take a hundred."""
    text = piece * (20_000 // len(piece)) + "fired a missile"
    _seconds(shipped, text)
    assert _seconds(shipped, text * 10) < 30 * max(_seconds(shipped, text), 0.01)


def test_a_line_of_a_megabyte_keeps_its_evidence(shipped):
    _check(shipped, "ж" * 1_000_000 + " North Korea fired a missile on Tuesday.")
