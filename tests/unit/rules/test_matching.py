import pytest

BASE = """
id: launching
words: {en: [launch~, fire~], ko: ["*발사"]}
not: [product launch]
---
id: missile
words: {en: [missile~], ko: ["*미사일"]}
---
id: dprk
title: North Korea
kind: state
names:
  en: [North Korea~, Pyongyang, {name: the North, weak: true}]
  ko: [북한]
not: [North Korea Street]
---
id: kim
title: Kim
kind: person
of: dprk
names: {en: [Kim Jong Un]}
---
id: rok
title: South Korea
kind: state
names: {en: [South Korea~, Seoul], ko: [한국]}
---
id: north-sea
title: North Sea
kind: sea
names: {en: [North Sea]}
---
id: launch
title: Launch
status: draft
when: {all: [{terms: launching}, {terms: missile}]}
---
id: by-dprk
title: Launch by North Korea
status: draft
when: {all: [{rule: launch}, {entity: dprk, as: actor}]}
"""


def rule(when: str, more: str = "") -> str:
    return f"{BASE}\n---\nid: r\ntitle: R\nstatus: draft\nwhen: {when}\n{more}"


def test_parts_must_share_a_sentence(judge_of, fired):
    judge = judge_of(BASE)
    assert "launch" in fired(judge, "They fired a missile.")
    assert "launch" not in fired(judge, "They fired a gun. A missile stood by.")


def test_a_rule_built_on_another_reports_both(judge_of, fired):
    found = fired(judge_of(BASE), "North Korea fired a missile.")
    assert found["by-dprk"].builds_on == ("launch",)
    assert [one.text for one in found["by-dprk"].evidence] == ["North Korea", "fired", "missile"]
    assert [one.because for one in found["by-dprk"].evidence] == ["entity:dprk", "terms:launching", "terms:missile"]


def test_the_actor_is_not_who_only_reports_or_is_the_target(judge_of, fired):
    judge = judge_of(rule("{all: [{rule: launch}, {entity: rok, as: actor}]}"))
    assert "r" not in fired(judge, "Seoul condemns the missile launch.")
    assert "r" not in fired(judge, "North Korea fired a missile toward South Korea.")
    assert "r" in fired(judge, "South Korea said it fired a missile.")
    assert "r" in fired(judge, "The missile was launched by South Korea.")
    assert "r" not in fired(judge, "북한이 한국을 향해 미사일을 발사했다.")
    assert "r" in fired(judge, "한국이 미사일을 발사했다.")


def test_a_leader_counts_as_the_state(judge_of, fired):
    assert "by-dprk" in fired(judge_of(BASE), "Kim Jong Un fired a missile.")


def test_a_weak_name_counts_only_beside_a_strong_one(judge_of, fired):
    judge = judge_of(rule("{entity: dprk}"))
    assert "r" not in fired(judge, "A storm hit the North.")
    assert "r" in fired(judge, "A storm hit the North. Pyongyang was dry.")


def test_a_weak_name_before_a_capital_is_another_name(judge_of, doc):
    judge = judge_of(BASE)
    view = judge.view(doc("Pyongyang watched the North Sea and the North Star and the North."))
    assert [view.document.text[hit.start : hit.end] for hit in view.hits("entity:dprk")] == ["Pyongyang", "the North"]


def test_a_name_inside_a_longer_wording_is_something_else(judge_of, fired):
    judge = judge_of(rule("{entity: dprk}"))
    assert "r" not in fired(judge, "He lives in North Korea Street.")


def test_unless_kills_and_none_excludes(judge_of, fired):
    judge = judge_of(rule("{all: [{terms: launching}, {none: [{words: drone}]}]}", 'unless: [{words: "toy~"}]'))
    assert "r" in fired(judge, "They fired it.")
    assert "r" not in fired(judge, "They fired a drone.")
    assert "r" not in fired(judge, "They fired toys.")


def test_at_least_counts_parts(judge_of, fired):
    judge = judge_of(rule("{at_least: 2, of: [{words: red}, {words: green}, {words: blue}]}"))
    assert "r" in fired(judge, "Green and blue.")
    assert "r" not in fired(judge, "Only blue, blue, blue.")


def test_within_narrows_to_words_and_widens_to_paragraph_and_article(judge_of, fired):
    near = judge_of(rule("{within: 2 words, all: [{words: fire}, {words: ship}]}"))
    assert "r" in fired(near, "fire on the ship")
    assert "r" not in fired(near, "fire was seen far from the ship")
    paragraph = judge_of(rule("{within: paragraph, all: [{words: fire}, {words: ship}]}"))
    assert "r" in fired(paragraph, "A fire. A ship.")
    assert "r" not in fired(paragraph, "A fire.\nA ship.")
    article = judge_of(rule("{within: article, all: [{words: fire}, {words: ship}]}"))
    assert "r" in fired(article, "A fire.\nA ship.")


def test_a_part_may_widen_the_scope_for_itself(judge_of, fired):
    judge = judge_of(rule("{all: [{rule: launch}, {entity: dprk, within: article}]}"))
    assert "r" in fired(judge, "Pyongyang was calm.\nA missile was fired.")


def test_field_restricts_where(judge_of, fired):
    judge = judge_of(rule("{words: ship, field: title}"))
    assert "r" in fired(judge, "A ship\nIt sank.", title=True)
    assert "r" not in fired(judge, "It sank\nA ship.", title=True)


def test_the_title_wins_over_the_body_and_the_asserted_over_the_doubtful(judge_of, fired):
    cues = "\n---\nlanguage: en\ncues: [{class: hypothetical, words: [could]}]"
    judge = judge_of(BASE + cues)
    match = fired(judge, "They could fire a missile\nThey fired a missile.", title=True)["launch"]
    assert (match.grade, match.sentence.field) == ("event", "body")
    match = fired(judge, "They fired a missile\nThey fired a missile.", title=True)["launch"]
    assert match.sentence.field == "title"


def test_entities_in_names_all_that_stand_in_a_document(judge_of, doc):
    assert judge_of(BASE).entities_in(doc("Kim Jong Un left Seoul.")) == ("kim", "rok")


def test_a_text_outside_every_field_is_not_read(judge_of, doc):
    from dataclasses import replace

    judge = judge_of(BASE)
    document = doc("They fired a missile.")
    assert judge.matches(replace(document, fields=())) == ()


def test_a_term_in_a_not_wording_is_not_found(judge_of, fired):
    judge = judge_of(rule("{terms: launching}"))
    assert "r" not in fired(judge, "The product launch went well.")


def test_the_object_is_whom_it_hits(judge_of, fired):
    judge = judge_of(rule("{all: [{rule: launch}, {entity: rok, as: object}]}"))
    assert "r" in fired(judge, "North Korea fired a missile at South Korea.")
    assert "r" not in fired(judge, "South Korea fired a missile at North Korea.")


def test_a_missile_name_is_not_taken_for_the_actor(judge_of, fired):
    weapon = "\n---\nid: example-12\ntitle: E\nkind: missile\nnames: {en: [Example-12]}"
    assert "by-dprk" in fired(judge_of(BASE + weapon), "North Korea's Example-12 missile was launched.")


@pytest.mark.parametrize(
    "text",
    [
        "South Korea and North Korea fired missiles.",
        "North Korea and South Korea fired missiles.",
        "Missiles were fired by South Korea and North Korea.",
        "한국과 북한이 미사일을 발사했다.",
    ],
)
def test_joined_subjects_both_do_it(judge_of, fired, text):
    assert "by-dprk" in fired(judge_of(BASE), text)


def test_names_in_a_list_of_phrases_are_not_joined(judge_of, fired):
    assert "by-dprk" not in fired(judge_of(BASE), "According to North Korea, South Korea fired a missile.")


def test_a_thing_of_a_state_acts_for_its_state(judge_of, fired):
    site = "\n---\nid: pad\ntitle: Pad\nkind: launch-site\nof: dprk\nnames: {en: [Tongpad]}\n"
    loose = site.replace("of: dprk\n", "").replace("pad", "field").replace("Tongpad", "Tongfield")
    judge = judge_of(BASE + site + "---\n" + loose.removeprefix("\n---\n"))
    assert "by-dprk" in fired(judge, "Missiles were fired from Tongpad.")
    assert "by-dprk" not in fired(judge, "Missiles were fired from Tongfield.")


def test_a_weak_name_counts_beside_a_strong_name_of_a_sibling(judge_of, doc):
    more = """
---
id: navy
title: Navy
kind: force
of: dprk
names: {en: [North Korean Navy, {name: the navy, weak: true}]}
"""
    judge = judge_of(BASE + more)
    assert "navy" in judge.entities_in(doc("Kim Jong Un spoke, and the navy sailed."))
    assert "navy" not in judge.entities_in(doc("Seoul spoke, and the navy sailed."))


def test_a_strong_name_wins_over_a_weak_one_that_starts_before_it(judge_of, doc):
    more = (
        "\n---\nid: east\ntitle: East\nkind: state\nnames: {en: [Eastland Union, {name: the Eastland, weak: true}]}\n"
    )
    judge = judge_of(BASE + more)
    text = "Today the Eastland Union met."
    assert [text[hit.start : hit.end] for hit in judge.view(doc(text)).entity_hits] == ["Eastland Union"]
