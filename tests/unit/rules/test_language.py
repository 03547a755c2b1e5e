"""What the rule language can say beyond words: expressions, gaps, sides, fields, what the article itself is."""

from dataclasses import replace

import pytest

from tocsin.rules.explain import readings

RULE = "id: r\ntitle: R\nstatus: draft\nwhen: "
NAVY = "id: navy\ntitle: N\nkind: force\nnames: {en: [Coast Navy]}\n---\n"


def holds(judge, document) -> bool:
    """Whether the rule fires; and explain must say the same."""
    fired = any(match.rule == "r" for match in judge.matches(document))
    (reading,) = readings(judge, document, {"r"})
    assert reading.when.truth is fired
    return fired


@pytest.mark.parametrize(
    ("when", "text", "fires"),
    [
        # expressions: the text as it stands, any case, every script
        (r"{regex: 'ks-\d{2,3}'}", "A KS-17 was seen.", True),
        (r"{regex: '(?-i)KS-\d+'}", "A ks-17 was seen.", False),
        (r"{regex: '^ks-\d+$'}", "It is named below.\nKS-17\nIt was seen.", True),
        (r"{regex: '^ks-\d+$'}", "It is named below.\nKS-17 was seen.", False),
        (r"{regex: '함선 ?\d+척'}", "항구에 함선 12척이 있다.", True),
        (r"{all: [{words: [seen]}, {regex: 'ks-\d+'}]}", "A KS-17 was seen.", True),
        (r"{all: [{words: [seen]}, {regex: 'ks-\d+'}]}", "A KS-17 came. It was seen.", False),
        (r"{any: [{regex: 'ks-\d+'}, {words: [ferry]}]}", "The ferry came.", True),
        (r"{all: [{words: [ferry]}, {none: [{regex: 'ks-\d+'}]}]}", "The ferry met KS-2.", False),
        # words with case
        ("{words: [{name: SALT, case: true}]}", "The SALT talks.", True),
        ("{words: [{name: SALT, case: true}]}", "The salt talks.", False),
        # gaps stay in a sentence
        ("{words: [agree* ..3 withdraw]}", "They agreed at last to withdraw.", True),
        ("{words: [agree* ..3 withdraw]}", "They agreed. Others withdraw.", False),
        # sides of the event word
        ("{all: [{words: [sank]}, {words: [ferry], stands: before}]}", "The ferry sank.", True),
        ("{all: [{words: [sank]}, {words: [ferry], stands: before}]}", "There sank a ferry.", False),
        ("{all: [{words: [sank]}, {words: [ferry], stands: after}]}", "There sank a ferry.", True),
        ("{all: [{words: [sank]}, {stands: after, any: [{words: [ferry]}]}]}", "The ferry sank.", False),
        ("{all: [{words: [sank]}, {entity: navy, stands: before}]}", "The Coast Navy sank it.", True),
        # nearness
        ("{within: article, all: [{words: [sank]}, {words: [ferry]}]}", "It sank. It rained.\nA ferry.", True),
        ("{within: paragraph, all: [{words: [sank]}, {words: [ferry]}]}", "It sank. It rained.\nA ferry.", False),
        ("{within: 2 words, all: [{words: [sank]}, {words: [ferry]}]}", "The ferry soon sank.", True),
        ("{within: 2 words, all: [{words: [sank]}, {words: [ferry]}]}", "The ferry very soon then sank.", False),
    ],
)
def test_a_condition_holds_where_it_should(judge_of, doc, when, text, fires):
    assert holds(judge_of(NAVY + RULE + when), doc(text)) is fires


@pytest.mark.parametrize(
    ("when", "fires"),
    [
        ("{words: [sank], field: title}", True),
        ("{words: [ferry], field: title}", False),
        ("{words: [ferry], field: lead}", True),
        ("{words: [pilots], field: lead}", False),
        ("{words: [pilots], field: body}", True),
        ("{field: lead, any: [{words: [pilots]}, {words: [rain]}]}", True),
        ("{all: [{words: [rain]}, {language: en}]}", True),
        ("{all: [{words: [rain]}, {language: [ko, ja]}]}", False),
        ("{all: [{words: [rain]}, {tags: [wire]}]}", True),
        ("{all: [{words: [rain]}, {tags: sports}]}", False),
        ("{all: [{words: [rain]}, {source: coast-post}]}", True),
        ("{all: [{words: [rain]}, {none: [{source: coast-post}]}]}", False),
        ("{all: [{words: [rain]}, {any: [{language: ko}, {tags: wire}]}]}", True),
        ("{all: [{words: [rain]}, {url: /World/}]}", True),
        ("{all: [{words: [rain]}, {none: [{url: /world/}]}]}", False),
        ("{at_least: 2, of: [{words: [rain]}, {words: [sea]}, {words: [snow]}]}", True),
        ("{at_least: 2, of: [{words: [rain]}, {words: [fog]}, {words: [snow]}]}", False),
    ],
)
def test_fields_and_what_the_article_is(judge_of, doc, when, fires):
    text = "A boat sank\nThe ferry was late.\nThere was rain at sea.\nThe pilots were tired."
    article = replace(
        doc(text, title=True, language="en"),
        source="coast-post",
        tags=("wire", "coast"),
        url="https://news.example/world/1",
    )
    assert holds(judge_of(RULE + when), article) is fires


def test_explain_says_what_the_article_is(judge_of, doc):
    judge = judge_of(RULE + "{all: [{words: [rain]}, {language: ko}]}")
    (reading,) = readings(judge, doc("There was rain.", language="en"))
    assert reading.verdict == "language: ko — the article's language: en"


def test_a_rule_of_unless_may_name_the_article(judge_of, doc):
    judge = judge_of(RULE + "{words: [rain]}\nunless: [{tags: weather}]")
    assert judge.matches(doc("There was rain."))
    assert not judge.matches(replace(doc("There was rain."), tags=("weather",)))


def test_an_expression_keeps_its_place_among_halves_of_characters(judge_of, doc):
    judge = judge_of(RULE + r"{regex: 'ks-\d+'}")
    (match,) = judge.matches(doc("\ud800 é 함선 KS-17."))
    assert [one.text for one in match.evidence] == ["KS-17"]
    assert match.evidence[0].because == "regex"
