"""The rules in the repository: each one's own tests, and what they must never take for an event."""

from pathlib import Path

import pytest

from tocsin.rules.compile import compile_rules
from tocsin.rules.testing import ProofResult, run_proofs
from tocsin.workspace.load import load_rules

ROOT = Path(__file__).parents[3]
MISSION = {
    "missile-launch",
    "troop-deployment",
    "pact",
    "dprk-missile-launch",
    "dprk-troops-russia",
    "dprk-russia-pact",
    "nuclear-test",
    "dprk-nuclear-test",
    "arms-transfer",
    "dprk-russia-arms",
    "sanctions",
    "dprk-sanctions",
    "joint-exercise",
    "rok-us-exercise",
    "dprk-russia-exercise",
    "detained-nationals",
    "dprk-detained-nationals",
    "inter-korean-agreement",
    "leadership-change",
    "dprk-leadership",
}


@pytest.fixture(scope="module")
def shipped():
    return load_rules(ROOT / "rules")


def test_every_proof_of_every_rule_holds(shipped):
    failed = [result for result in run_proofs(*shipped) if not result.passed]
    assert not failed, "\n".join(f"{one.file}:{one.line} {one.rule}: {one.explanation}" for one in failed)


def test_the_rules_of_the_mission_are_there_with_proofs_in_five_scripts(shipped):
    judge, book = shipped
    assert set(judge.rules) >= MISSION
    for one in book.rules:
        if one.spec.id in MISSION:
            events = " ".join(proof.event or "" for proof in one.spec.tests)
            for low, high in (("a", "z"), ("가", "힣"), ("ぁ", "ん"), ("а", "я"), ("一", "鿿")):
                assert any(low <= char <= high for char in events), (one.spec.id, low)


def test_a_result_tells_what_was_expected_what_came_and_where(shipped):
    judge, book = shipped
    result = next(one for one in run_proofs(judge, book) if one.rule == "missile-launch" and "could" in one.text)
    assert isinstance(result, ProofResult)
    assert (result.got, result.passed, result.file) == ("mention", True, "missile-launch.yaml")
    assert result.line > 1
    assert "could" in result.explanation


def test_compiling_the_shipped_book_twice_gives_the_same_judgements(shipped, doc):
    judge, book = shipped
    again, problems = compile_rules(book)
    assert again is not None
    assert not problems
    text = "North Korea fired a missile on Tuesday."
    assert again.matches(doc(text)) == judge.matches(doc(text))


@pytest.mark.parametrize(
    "text",
    [
        "The start-up celebrates its product launch in the capital.",
        "The ministry launches a probe into the missile purchase.",
        "The party launches its campaign under a rocket-red banner.",
        "South Korea tests its missile-warning app next month.",
        "Seoul condemns the launch of the website.",
        "The actor rocketed to fame after firing his agent.",
        "The film 'Missile Night' launches in cinemas on Friday.",
        "The rockets beat the kings after a late fire in the arena.",
        "Нападающий подписал контракт с новым клубом.",
        "회사는 새 앱을 출시했다.",
        "新作映画『ミサイル』が公開された。",
        "新款跑车像火箭一样快。",
    ],
)
def test_figures_of_speech_and_business_raise_no_alarm(shipped, fired, text):
    events = {rule for rule, match in fired(shipped[0], text).items() if match.grade == "event"}
    assert not events


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("Seoul condemns North Korea's missile launch.", "dprk-missile-launch"),
        (
            "South Korea's military detected a ballistic missile launched by North Korea on Monday.",
            "dprk-missile-launch",
        ),
        ("KCNA said Kim Jong Un watched as troops test-fired a cruise missile.", "dprk-missile-launch"),
        ("합참은 북한이 탄도미사일을 발사했다고 밝혔다.", "dprk-missile-launch"),
        ("韓国軍は、北朝鮮が弾道ミサイルを発射したと発表した。", "dprk-missile-launch"),
        ("韩国军方称朝鲜发射了一枚弹道导弹。", "dprk-missile-launch"),
    ],
)
def test_who_did_it_is_found_behind_who_reports_it(shipped, fired, text, rule):
    assert fired(shipped[0], text)[rule].grade == "event"


@pytest.mark.parametrize(
    "text",
    [
        "North Korea condemned the missile launch by South Korea.",
        "South Korea fired a missile after talks with North Korea failed.",
        "Russia fired missiles at the port; North Korea was silent.",
        "한국이 북한을 겨냥해 미사일을 발사했다.",
    ],
)
def test_another_ones_launch_is_not_north_koreas(shipped, fired, text):
    assert "dprk-missile-launch" not in fired(shipped[0], text)
