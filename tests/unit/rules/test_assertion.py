import pytest

RULES = """
id: launching
words: {en: [launch~, fire~], ko: ["*발사"], ja: [発射], zh: [发射], ru: [запуст~, пуск~]}
---
id: r
title: R
status: draft
when: {terms: launching}
"""


@pytest.fixture(scope="module")
def shipped():
    from pathlib import Path

    return [
        path.read_text(encoding="utf-8")
        for path in sorted((Path(__file__).parents[3] / "rules" / "cues").glob("*.yaml"))
    ]


@pytest.mark.parametrize(
    ("text", "assertion"),
    [
        ("They fired a missile.", "asserted"),
        ("They denied reports that, after talks at dawn, a missile had been launched.", "denied"),
        ("They fired a missile and denied reports of losses.", "asserted"),
        ("Launching a missile over the island would be a mistake.", "hypothetical"),
        ("They launched a missile in what would be a record.", "asserted"),
        ("They launched a missile last June.", "historical"),
        ("Any launch is a breach.", "hypothetical"),
        ("They are ready to launch a missile.", "hypothetical"),
        ("The council voted to launch a missile.", "asserted"),
        ("Армия опровергла сообщения о том, что утром, до рассвета, запустили ракету.", "denied"),
        ("Ракету запустят.", "planned"),
        ("미사일을 발사했다는 보도를 부인했다.", "denied"),
        ("미사일 발사는 결의 위반”이라고 말했다.", "opinion"),
        ("ミサイルを発射したとの報道を否定した。", "denied"),
        ("一九九八年にミサイルを発射した。", "historical"),
        ("军方否认有关凌晨，在湖边发射导弹的说法。", "denied"),
        ("They did not fire a missile.", "denied"),
        ("They denied firing a missile.", "denied"),
        ("They could fire a missile.", "hypothetical"),
        ("If attacked they launch missiles.", "hypothetical"),
        ("They threatened to launch a missile.", "hypothetical"),
        ("Did they fire a missile?", "hypothetical"),
        ("They will launch a missile.", "planned"),
        ("They plan to launch a missile.", "planned"),
        ("They launched a missile in 2017.", "historical"),
        ("They launched a missile on March 3.", "asserted"),
        ("They launched a missile on January 3.", "historical"),
        ("They launched a missile 10 years ago.", "historical"),
        ("They marked the anniversary of the launch.", "historical"),
        ("This week's launch, the first since 2019, failed.", "asserted"),
        ("No casualties were reported after they fired missiles.", "asserted"),
        ("미사일을 발사했다.", "asserted"),
        ("미사일을 발사하지 않았다.", "denied"),
        ("미사일을 발사할 가능성이 있다.", "hypothetical"),
        ("미사일을 발사할 예정이다.", "planned"),
        ("2017년 미사일을 발사했다.", "historical"),
        ("ミサイルを発射した。", "asserted"),
        ("ミサイルを発射していない。", "denied"),
        ("ミサイルを発射する可能性がある。", "hypothetical"),
        ("ミサイルを発射する予定だ。", "planned"),
        ("昨年ミサイルを発射した。", "historical"),
        ("军方发射了导弹。", "asserted"),
        ("军方没有发射导弹。", "denied"),
        ("军方可能发射导弹。", "hypothetical"),
        ("军方计划发射导弹。", "planned"),
        ("去年军方发射了导弹。", "historical"),
        ("Армия запустила ракету.", "asserted"),
        ("Армия не запускала, но запустит.", "planned"),
        ("Армия не запустила ракету.", "denied"),
        ("Армия может запустить ракету.", "hypothetical"),
        ("Армия планирует запустить ракету.", "planned"),
        ("В 2017 году армия запустила ракету.", "historical"),
        ("The spokesman said a missile would not be fired.", "denied"),
        ("Officials dismissed as fabricated a report that a missile was launched.", "denied"),
        ("The agency has again pushed back the launch of its rocket.", "planned"),
        ("Satellite pictures hint at a launch.", "hypothetical"),
        ("They launched a missile in a drill last year.", "historical"),
        ("미사일을 쏘지 않았고 발사설은 근거가 없다고 밝혔다.", "denied"),
        ("ロケットの発射は、強風のため延期された。", "denied"),
        ("ミサイル発射から28年となる。", "historical"),
        ("ミサイル発射の事実なし。", "denied"),
        ("Пуск ракеты, намеченный на среду, не состоится.", "planned"),
        ("Власти назвали вымыслом сообщения о пуске ракеты.", "denied"),
        ("武装组织扬言发射导弹。", "hypothetical"),
        ("该国或发射导弹。", "hypothetical"),
    ],
)
def test_how_it_is_said(judge_of, fired, shipped, text, assertion):
    judge = judge_of("\n---\n".join([RULES, *shipped]))
    match = fired(judge, text, published="2026-03-04")["r"]
    assert match.assertion == assertion
    assert (match.cue is None) == (assertion == "asserted")


def test_the_cue_is_evidence_and_tells_its_class(judge_of, fired):
    judge = judge_of(RULES + "\n---\nlanguage: en\ncues: [{class: denied, words: [never]}]")
    match = fired(judge, "They never fired.")["r"]
    assert (match.cue.text, match.cue.because) == ("never", "cue:denied")
    assert match.cue in match.evidence


def test_a_cue_reaches_only_so_many_content_words_and_no_further_than_its_clause(judge_of, fired):
    cues = "\n---\nlanguage: en\ncues: [{class: denied, words: [no], reach: 2}]\nstops: [but]\nsmall: [the, of]"
    judge = judge_of(RULES + cues)
    assert fired(judge, "no sign of the fire")["r"].assertion == "denied"
    assert fired(judge, "no sign anywhere near the fire")["r"].assertion == "asserted"
    assert fired(judge, "no, they fire")["r"].assertion == "asserted"
    assert fired(judge, "no but fire")["r"].assertion == "asserted"


def test_a_longer_protecting_cue_hides_the_shorter(judge_of, fired):
    cues = "\n---\nlanguage: en\ncues: [{class: denied, words: [no]}, {class: asserted, words: [no doubt]}]"
    assert fired(judge_of(RULES + cues), "no doubt they fired")["r"].assertion == "asserted"


def test_a_longer_cue_that_looks_the_other_way_hides_nothing(judge_of, fired):
    behind = "{class: planned, direction: after, words: [no more]}"
    cues = f"\n---\nlanguage: en\ncues: [{{class: denied, words: [no]}}, {behind}]"
    assert fired(judge_of(RULES + cues), "no more fire")["r"].assertion == "denied"


def test_old_drills_are_history_not_drills(judge_of, fired):
    formerly = "{class: historical, direction: both, words: [formerly]}"
    cues = f"\n---\nlanguage: en\ncues: [{{class: drill, words: [mock]}}, {formerly}]"
    assert fired(judge_of(RULES + cues), "mock launches formerly")["r"].assertion == "historical"


def test_a_rule_may_ask_for_planned_things(judge_of, fired):
    rule = RULES.replace("status: draft", "status: draft\nassertion: [planned]")
    judge = judge_of(rule + "\n---\nlanguage: en\ncues: [{class: planned, words: [will]}]")
    assert fired(judge, "They will fire.")["r"].grade == "event"
    assert fired(judge, "They fired.")["r"].grade == "mention"


def test_a_number_in_a_rocket_name_is_no_date(judge_of, fired):
    rule = RULES.replace("fire~]", "fire~, Long March*]")
    assert fired(judge_of(rule), "They launched a Long March 12.", published="2026-08-14")["r"].assertion == "asserted"
