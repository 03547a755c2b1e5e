"""A rule set from YAML in the test itself."""

from collections.abc import Callable
from datetime import datetime

import pytest

from tocsin.errors import Problem
from tocsin.model import Document, Match
from tocsin.rules.compile import Judge, RuleBook, compile_rules
from tocsin.rules.testing import fields_of
from tocsin.specs.base import Located
from tocsin.specs.filters import FilterSpec
from tocsin.specs.proofs import ProofsSpec, StorySpec
from tocsin.specs.rules import CuesSpec, EntitySpec, RuleSpec, TermsSpec
from tocsin.specs.thresholds import ThresholdSpec
from tocsin.workspace.yamlfile import read_yaml

_KINDS = {
    "when": RuleSpec,
    "names": EntitySpec,
    "words": TermsSpec,
    "cues": CuesSpec,
    "filter": FilterSpec,
    "threshold": ThresholdSpec,
    "proofs": ProofsSpec,
    "story": StorySpec,
}


def read_book(text: str) -> RuleBook:
    found = {kind: [] for kind in _KINDS}
    documents, problems = read_yaml(text, "rules/x.yaml")
    assert not problems
    for one in documents:
        kind = next(kind for kind in _KINDS if kind in one.value)
        found[kind].append(Located(_KINDS[kind].model_validate(one.value), "rules/x.yaml", {}))
    return RuleBook(*(tuple(found[kind]) for kind in _KINDS))


@pytest.fixture
def book_of() -> Callable[[str], RuleBook]:
    return read_book


@pytest.fixture
def judge_of() -> Callable[[str], Judge]:
    def make(text: str) -> Judge:
        judge, problems = compile_rules(read_book(text))
        assert judge is not None, problems
        return judge

    return make


@pytest.fixture
def problems_of() -> Callable[[str], list[Problem]]:
    return lambda text: list(compile_rules(read_book(text))[1])


def document(text: str, *, title: bool = False, published: str = "", language: str | None = None) -> Document:
    return Document(
        id="d",
        text=text,
        fields=fields_of(text, titled=title),
        language=language,
        published=datetime.fromisoformat(published) if published else None,
    )


@pytest.fixture
def doc() -> Callable[..., Document]:
    return document


@pytest.fixture
def fired() -> Callable[..., dict[str, Match]]:
    return lambda judge, text, **how: {match.rule: match for match in judge.matches(document(text, **how))}
