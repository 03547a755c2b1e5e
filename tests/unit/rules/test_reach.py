import pytest

from tocsin.rules.book import RuleBook
from tocsin.rules.reach import Reach
from tocsin.specs.base import Located
from tocsin.specs.rules import EntitySpec, RuleSpec, TermsSpec
from tocsin.specs.sources import SourceSpec

TERMS = {"id": "flood", "words": {"en": ["flood"], "ko": ["홍수"]}}
ENTITIES = [
    {"id": "vale", "title": "Vale", "names": {"en": ["Vale"]}},
    {"id": "mayor", "title": "The mayor", "of": "vale", "names": {"ru": ["мэр"]}},
]
SOURCES = [
    {"id": "wire", "language": "en", "tags": ["wire"]},
    {"id": "seoul", "language": "ko"},
    {"id": "moscow", "language": "ru", "tags": ["wire"]},
    {"id": "unknown"},
]


def located(kind, data):
    return Located(kind.model_validate(data), "rules/x.yaml", {})


def reach(*rules):
    return Reach.of(
        RuleBook(
            rules=tuple(located(RuleSpec, {"id": f"r{n}", "title": "R"} | rule) for n, rule in enumerate(rules)),
            entities=tuple(located(EntitySpec, one) for one in ENTITIES),
            terms=(located(TermsSpec, TERMS),),
        )
    )


@pytest.mark.parametrize(
    ("when", "heard"),
    [
        ({"words": "flood"}, "wire seoul moscow unknown"),
        ({"terms": "flood"}, "wire seoul unknown"),
        ({"entity": "vale"}, "wire moscow unknown"),  # the mayor, who stands for it, has a Russian name
        ({"all": [{"terms": "flood"}, {"entity": "vale"}]}, "wire unknown"),
        ({"any": [{"terms": "flood"}, {"entity": "vale"}]}, "wire seoul moscow unknown"),
        ({"all": [{"words": "x"}, {"tags": "wire"}]}, "wire moscow"),
        ({"all": [{"words": "x"}, {"source": ["seoul", "wire"]}]}, "wire seoul"),
        ({"all": [{"words": "x"}, {"language": "ru"}]}, "moscow unknown"),
        ({"all": [{"words": "x"}, {"none": [{"source": "wire"}]}]}, "seoul moscow unknown"),
        ({"all": [{"words": "x"}, {"none": [{"words": "y"}]}]}, "wire seoul moscow unknown"),
        ({"at_least": 2, "of": [{"terms": "flood"}, {"entity": "vale"}, {"tags": "wire"}]}, "wire moscow unknown"),
    ],
)
def test_a_rule_hears_of_the_sources_that_can_satisfy_it(when, heard):
    sources = [SourceSpec.model_validate({"url": "https://example.org/"} | one) for one in SOURCES]
    assert reach({"when": when}).sources("r0", sources) == set(heard.split())


def test_what_a_rule_builds_on_and_its_unless_count_too():
    sources = [SourceSpec.model_validate({"url": "https://example.org/"} | one) for one in SOURCES]
    built = reach({"when": {"terms": "flood"}}, {"when": {"rule": "r0"}, "unless": [{"tags": "wire"}]})
    assert built.sources("r1", sources) == {"seoul", "unknown"}


def test_drafts_are_not_in_use():
    assert reach({"when": {"words": "x"}, "status": "draft"}, {"when": {"words": "x"}}).told() == ("r1",)
