"""The second look at a text: it lets through whatever can match, and little else."""

import pytest

from tocsin.rules.book import RuleBook
from tocsin.rules.compile import compile_rules
from tocsin.specs.base import Located
from tocsin.specs.rules import RuleSpec


@pytest.fixture(scope="module")
def judge():
    rules = [
        {"when": {"all": [{"words": ["cast off", "sail~"]}, {"words": ["ferry"], "within": "article"}]}},
        {"when": {"all": [{"words": ["crane"]}, {"regex": r"berth \d+"}]}},
        {"when": {"all": [{"words": ["buoy"]}, {"language": "ko"}]}},
    ]
    specs = [
        RuleSpec.model_validate({"id": f"r{at}", "title": "R", "status": "draft"} | one) for at, one in enumerate(rules)
    ]
    compiled, problems = compile_rules(RuleBook(rules=tuple(Located(spec, "rules/r.yaml", {}) for spec in specs)))
    assert compiled, problems
    return compiled


@pytest.mark.parametrize(
    "text",
    [
        "The ferry sailed.",
        "Ferry\n\nIt cast off at dawn.",
        "The crane at berth 7.",
        "The crane left its berth.",  # an expression is looked for last of all, but for the letters that it demands
        "A buoy.",  # what the article is in is not asked here
    ],
)
def test_what_can_match_is_let_through(judge, text):
    assert judge.may_match(text)


@pytest.mark.parametrize(
    "text",
    [
        "The ferryman sailed.",  # begins like a word of the rule
        "The ferry was cast offshore.",
        "The cranes at berth 7.",
        "The ferry waited.",
        "The crane stood still.",
    ],
)
def test_words_that_only_begin_like_those_demanded_are_not(judge, text):
    assert not judge.may_match(text)
