"""What explain says about a rule must be what the judge did, and must name the condition that failed."""

from pathlib import Path

import pytest

from tocsin.rules.explain import readings
from tocsin.rules.testing import GRADES, proof_document
from tocsin.workspace import load_rules

RULES = Path(__file__).parents[3] / "rules"

WORDS = """
id: launching
words: {en: [launch~, fire~]}
---
id: missile
words: {en: [missile~]}
---
id: dprk
title: North Korea
kind: state
names: {en: [North Korea~]}
---
id: rok
title: South Korea
kind: state
names: {en: [South Korea~]}
---
language: en
cues:
  - {class: denied, words: [denied that], reach: clause}
---
id: launch
title: Launch
status: draft
when: {all: [{terms: launching}, {terms: missile}]}
unless: [{words: toy}]
---
id: by-dprk
title: Launch by North Korea
severity: critical
status: draft
when: {all: [{rule: launch}, {entity: dprk, as: actor}]}
"""


def with_rule(when):
    return f"{WORDS}\n---\nid: r\ntitle: R\nstatus: draft\nwhen: {when}\n"


@pytest.fixture
def read(judge_of, doc):
    def of(text, rules=WORDS, **how):
        return {one.rule: one for one in readings(judge_of(rules), doc(text, **how))}

    return of


def shown(condition):
    """The tree as nested (label, truth, texts)."""
    texts = [one.text for one in condition.spans]
    inner = [shown(one) for one in condition.conditions]
    return (condition.label, condition.truth, inner or texts)


def test_a_rule_that_fired_shows_each_condition_with_its_words(read):
    found = read("North Korea fired a missile.")["by-dprk"]
    assert found.match is not None
    assert found.verdict == "asserted: nothing speaks against it"
    assert shown(found.when) == (
        "all",
        True,
        [("rule: launch", True, ["fired", "missile"]), ("entity: dprk as actor", True, ["North Korea"])],
    )


def test_spans_are_exact_places_in_the_text(read):
    text = "İn Séoul\u200b: North Korea fired a 🚀 missile."
    found = read(text)["launch"]
    spans = [span for one in found.when.conditions for span in one.spans]
    assert [text[one.start : one.end] for one in spans] == [one.text for one in spans] == ["fired", "missile"]


@pytest.mark.parametrize(
    ("text", "rule", "why"),
    [
        ("They fired a gun.", "launch", "terms: missile — not in the text"),
        ("They fired. A missile stood by.", "launch", "terms: missile — not in the same sentence as “fired”"),
        ("They fired a toy missile.", "launch", "unless — words: toy stands there: “toy”"),
        ("A missile flew.", "by-dprk", "rule: launch — does not fire; entity: dprk as actor — not in the text"),
        (
            "South Korea fired a missile at North Korea.",
            "by-dprk",
            "entity: dprk as actor — stands there, but not as the actor of “fired”",
        ),
    ],
)
def test_a_rule_that_did_not_fire_names_the_condition_that_failed(read, text, rule, why):
    found = read(text)[rule]
    assert found.match is None
    assert found.verdict == why


def test_the_event_word_that_came_nearest_is_shown_not_the_first(read):
    found = read(
        "They launched a gun. Later North Korea fired one more.",
        with_rule("{all: [{terms: launching}, {entity: dprk}, {terms: missile}]}"),
    )["r"]
    assert shown(found.when)[2][:2] == [("terms: launching", True, ["fired"]), ("entity: dprk", True, ["North Korea"])]
    assert found.verdict == "terms: missile — not in the text"


def test_words_that_stand_elsewhere_are_shown_with_their_place(read):
    found = read("They fired. A missile stood by.")["launch"]
    assert [one.text for one in found.when.conditions[1].elsewhere] == ["missile"]


def test_a_mention_names_the_cue_that_decided(read):
    found = read("The minister denied that they fired a missile.")["launch"]
    assert found.verdict == "found, but said as denied by “denied that”; the rule tells only what is asserted"


@pytest.mark.parametrize(
    ("when", "text", "why"),
    [
        (
            "{any: [{words: gun}, {words: bow}]}",
            "A missile.",
            "none of these — words: gun — not in the text; words: bow",
        ),
        ("{all: [{words: gun}, {none: [{words: toy}]}]}", "A toy gun.", "none — words: toy stands there: “toy”"),
        ("{at_least: 2, of: [{words: gun}, {words: bow}]}", "A gun.", "too few for “at least 2 of” — words: bow"),
        ("{all: [{words: gun, field: title}]}", "News\nA gun.", "words: gun in the title — not in the title"),
        ("{within: 2 words, all: [{words: gun}, {words: bow}]}", "A gun is not at all a bow.", "not within 2 words of"),
        ("{within: article, all: [{words: gun}, {words: bow}]}", "A gun.", "words: bow — not in the text"),
        (
            "{within: paragraph, all: [{words: gun}, {words: bow}]}",
            "A gun.\nA bow.",
            "not in the same paragraph as “gun”",
        ),
    ],
)
def test_every_kind_of_combination_is_explained(read, when, text, why):
    found = read(text, with_rule(when), title="\n" in text)["r"]
    assert found.match is None
    assert why in found.verdict


def test_a_rule_of_which_nothing_stands_in_the_text_is_marked_as_such(read):
    found = read("It rained in the valley.")
    assert not any(one.found for one in found.values())


def test_events_come_first_and_what_found_nothing_last(judge_of, doc):
    rules = with_rule("{words: rain}")
    order = [one.rule for one in readings(judge_of(rules), doc("North Korea fired a missile."))]
    assert order == ["by-dprk", "launch", "r"]


def test_only_the_rules_asked_for_are_read(judge_of, doc):
    assert [one.rule for one in readings(judge_of(WORDS), doc("Fire."), {"launch"})] == ["launch"]


def test_an_empty_text_is_explained_too(read):
    assert read("")["launch"].verdict == "terms: launching — not in the text; terms: missile — not in the text"


def test_the_tree_says_the_same_as_the_judge_on_every_proof_of_the_shipped_rules():
    judge, book = load_rules(RULES)
    wrong = []
    for proof in (proof for one in book.rules for proof in one.spec.tests):
        text = next(value for kind in GRADES if (value := getattr(proof, kind)) is not None)
        for found in readings(judge, proof_document(text, proof)):
            tree = found.when.truth and not any(one.truth for one in found.unless)
            if tree != (found.match is not None):
                wrong.append((found.rule, text))
    assert not wrong
