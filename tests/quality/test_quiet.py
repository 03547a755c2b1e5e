"""Invented news in which nothing has happened: no stable rule may tell an event, a mention is fine."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml

from tocsin.model import Document, Grade, Status
from tocsin.rules.testing import fields_of
from tocsin.workspace.load import load_rules

ROOT = Path(__file__).parents[2]
FILES = sorted((Path(__file__).parent / "quiet").glob("*.yaml"))
TEXTS = {file.stem: yaml.safe_load(file.read_text("utf-8")) for file in FILES}
LEAST = 60
"""Texts in each language."""


@pytest.fixture(scope="module")
def judge():
    found = load_rules(ROOT / "rules")[0]
    assert found is not None
    return found


def told(judge, text, language):
    document = Document(
        id="quiet",
        text=text,
        fields=fields_of(text, titled=False),
        language=language,
        published=datetime(2026, 3, 11, 9, tzinfo=UTC),
    )
    return [one for one in judge.matches(document) if one.grade is Grade.EVENT and one.status is Status.STABLE]


@pytest.mark.parametrize("language", TEXTS)
def test_no_alert_on_a_quiet_day(judge, language):
    wrong = {}
    for text in TEXTS[language]:
        found = told(judge, text, language)
        if found:
            wrong[text] = {one.rule: [evidence.text for evidence in one.evidence] for one in found}
    assert not wrong


@pytest.mark.parametrize("language", ["en", "ja", "ko", "ru", "zh"])
def test_the_quiet_corpus_is_large_enough_and_says_nothing_twice(language):
    texts = TEXTS[language]
    assert len(texts) >= LEAST
    assert len(set(texts)) == len(texts)
