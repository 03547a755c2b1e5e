from dataclasses import replace
from datetime import timedelta

import pytest

from alerting import NOON, NORTH, RULES, alert, article, match, report, rule, source, story
from tocsin.alerts.decide import Decision, alert_id, decide, denied, lessened, origins, report_of, withdrawn
from tocsin.alerts.render import render
from tocsin.model import Assertion, Evidence, Grade, Held, HeldReason, Reason, Status, Story

TWO_ORIGINS = rule(
    "north-launch",
    severity="critical",
    when={"all": [{"rule": "launch"}, {"entity": "dprk"}]},
    alert={"corroborate": {"origins": 2, "within": "3h"}},
)
ASKING = RULES | {"north-launch": TWO_ORIGINS}


def judged(number=1, *, matches=None, told=None, reports=(), rules=RULES, outlet="harbour", after=timedelta(0)):
    return decide(
        article=article(number, source=outlet, url=f"https://{outlet}.example/{number}"),
        source=source(outlet),
        matches=[match()] if matches is None else matches,
        story=story(*reports, told=told or {}),
        rules=rules,
        now=NOON + after,
    )


def only(decision: Decision) -> Held:
    assert not decision.alerts
    assert len(decision.held) == 1
    return decision.held[0]


def test_first_event_of_a_story_is_told_with_its_evidence():
    decision = judged()
    (told,) = decision.alerts
    assert (told.rule, told.reason, told.confirmed, told.origins) == ("north-launch", Reason.FIRST, True, 1)
    assert told.article.publisher == "harbour.example"
    assert told.match.sentence.text.startswith("North Korea fired")
    assert not decision.held


def test_same_decision_has_the_same_id_and_another_reason_another():
    assert judged().alerts[0].id == judged().alerts[0].id == alert_id("north-launch", "5" * 16, Reason.FIRST)
    assert alert_id("a", "b", Reason.FIRST) != alert_id("a", "b", Reason.CORROBORATED)
    assert len(alert_id("a", "b", Reason.FIRST)) == 32


def test_mention_is_held_with_the_cue_that_decided_it():
    denied = match(
        grade=Grade.MENTION, assertion=Assertion.DENIED, cue=Evidence("body", 40, 46, "denied", "cue:denied")
    )
    held = only(judged(matches=[denied]))
    assert held.reason is HeldReason.MENTION
    assert held.detail == 'denied: "denied"'


def test_draft_is_held_and_a_rule_on_trial_is_left_to_the_routes():
    assert only(judged(matches=[match(status=Status.DRAFT)])).reason is HeldReason.DRAFT
    assert judged(matches=[match(status=Status.EXPERIMENTAL)]).alerts


def test_general_rule_is_covered_by_the_specific_one_that_fires_with_it():
    decision = judged(matches=[match("launch"), match()])
    assert [alert.rule for alert in decision.alerts] == ["north-launch"]
    assert [(held.rule, held.reason, held.detail) for held in decision.held] == [
        ("launch", HeldReason.COVERED, "north-launch")
    ]


@pytest.mark.parametrize("changes", [{"status": Status.DRAFT}, {"grade": Grade.MENTION}])
def test_general_rule_is_told_when_the_specific_one_is_not(changes):
    decision = judged(matches=[match("launch"), match(**changes)])
    assert [alert.rule for alert in decision.alerts] == ["launch"]


def test_general_rule_on_a_later_report_is_covered_by_what_was_told():
    held = only(judged(2, matches=[match("launch")], told={"north-launch": (Reason.FIRST,)}, reports=[report()]))
    assert (held.reason, held.detail) == (HeldReason.COVERED, "north-launch")


def test_second_report_of_a_told_story_is_held_and_names_the_first():
    held = only(judged(2, told={"north-launch": (Reason.FIRST,)}, reports=[report()], outlet="northern"))
    assert held.reason is HeldReason.SAME_STORY
    assert "Harbour Daily" in held.detail
    assert "North Korea fires missiles" in held.detail


def test_specific_severe_rule_escalates_what_a_general_one_told():
    (told,) = judged(2, matches=[match(), match("launch")], told={"launch": (Reason.FIRST,)}, reports=[report()]).alerts
    assert (told.rule, told.reason) == ("north-launch", Reason.ESCALATED)


def test_specific_rule_of_equal_severity_is_a_first_alert_of_its_own():
    mild = RULES | {"north-launch": NORTH.model_copy(update={"severity": RULES["launch"].severity})}
    (told,) = judged(
        2, matches=[match(severity=RULES["launch"].severity)], told={"launch": (Reason.FIRST,)}, rules=mild
    ).alerts
    assert told.reason is Reason.FIRST


def test_two_unrelated_rules_are_told_both_the_severest_first():
    pact = match("pact", title="Pact", severity=NORTH.severity.HIGH)
    assert [alert.rule for alert in judged(matches=[pact, match()]).alerts] == ["north-launch", "pact"]


# --- corroboration ------------------------------------------------------------------------------------------------


def test_first_alert_is_unconfirmed_until_a_second_origin_reports():
    (first,) = judged(rules=ASKING).alerts
    assert (first.reason, first.confirmed, first.origins) == (Reason.FIRST, False, 1)

    told = {"north-launch": (Reason.FIRST,)}
    (second,) = judged(
        2, rules=ASKING, told=told, reports=[report()], outlet="northern", after=timedelta(hours=1)
    ).alerts
    assert (second.reason, second.confirmed, second.origins) == (Reason.CORROBORATED, True, 2)
    assert [other.article for other in second.reports] == [report().article]


def test_confirmation_is_told_once():
    told = {"north-launch": (Reason.FIRST, Reason.CORROBORATED)}
    reports = [report(), report(2, publisher="northern")]
    assert only(judged(3, rules=ASKING, told=told, reports=reports, outlet="third")).reason is HeldReason.SAME_STORY


def test_story_confirmed_from_the_start_is_not_confirmed_again():
    reports = [report(events=("launch", "north-launch")), report(2, publisher="northern")]
    (first,) = judged(3, rules=ASKING, reports=reports, outlet="third").alerts
    assert (first.reason, first.confirmed, first.origins) == (Reason.FIRST, True, 3)
    told = {"north-launch": (Reason.FIRST,)}
    reports = [*reports, report(3, publisher="third")]
    assert only(judged(4, rules=ASKING, told=told, reports=reports, outlet="fourth")).reason is HeldReason.SAME_STORY


@pytest.mark.parametrize(
    "reports",
    [
        pytest.param([report(publisher="northern.example")], id="same publisher family"),
        pytest.param([report(publisher="")], id="unknown publisher"),
        pytest.param([report(events=())], id="only a mention"),
        pytest.param([report(seen_at=NOON - timedelta(hours=4))], id="too long ago"),
    ],
)
def test_report_that_is_no_independent_origin_confirms_nothing(reports):
    told = {"north-launch": (Reason.FIRST,)}
    decision = judged(2, rules=ASKING, told=told, reports=reports, outlet="northern")
    assert only(decision).reason is HeldReason.SAME_STORY


def test_origins_counts_families_inside_a_moving_stretch():
    spread = [report(n, publisher=f"p{n}", seen_at=NOON + timedelta(hours=2 * n)) for n in range(4)]
    assert origins(spread, "launch", timedelta(hours=3)) == 2
    assert origins(spread, "launch", timedelta(hours=6)) == 4
    assert origins(spread, "other", timedelta(hours=6)) == 0


# --- reports ------------------------------------------------------------------------------------------------------


def test_report_knows_its_publisher_family_and_its_events():
    made = report_of(article(), source(publisher="harbour-group", name="Harbour Daily"), [match()], NOON)
    assert (made.publisher, made.source_name, made.events) == (
        "harbour-group",
        "Harbour Daily",
        ("launch", "north-launch"),
    )
    assert report_of(article(), source(), [match(grade=Grade.MENTION)], NOON).events == ()


def test_decision_is_the_same_with_the_report_already_in_the_story():
    own = report_of(article(), source(), [match()], NOON)
    empty = Story(id="5" * 16, title="", first_seen=NOON, last_seen=NOON)
    with_it = decide(article=article(), source=source(), matches=[match()], story=story(own), rules=RULES, now=NOON)
    without = decide(article=article(), source=source(), matches=[match()], story=empty, rules=RULES, now=NOON)
    assert with_it == without


# --- who said it first, who says so officially, who takes it back --------------------------------------------------


def test_two_outlets_that_quote_one_agency_are_one_origin():
    quoting = [report(n, publisher=f"p{n}", origin="kcna") for n in (1, 2, 3)]
    assert origins(quoting, "launch", timedelta(hours=3)) == 1
    assert origins([*quoting, report(4, publisher="p4", origin="rok")], "launch", timedelta(hours=3)) == 2


def test_word_of_an_official_body_promotes_an_unconfirmed_story_once():
    told = {"north-launch": (Reason.FIRST,)}
    said = report(2, publisher="northern", origin="rok", official=True, events=("launch", "north-launch"))
    alone = report(events=("launch", "north-launch"))
    (second,) = judged(2, rules=ASKING, told=told, reports=[alone, said]).alerts
    assert (second.reason, second.confirmed, second.official) == (Reason.OFFICIAL, True, True)
    again = {"north-launch": (Reason.FIRST, Reason.OFFICIAL)}
    more = report(3, publisher="third", origin="japan", official=True, events=("launch", "north-launch"))
    assert only(judged(3, rules=ASKING, told=again, reports=[alone, said, more])).reason is HeldReason.SAME_STORY


DENIAL = match(grade=Grade.MENTION, assertion=Assertion.DENIED)
TOLD = {"north-launch": (Reason.FIRST,)}


def test_denial_of_a_told_story_is_told_once():
    (correction,) = judged(2, matches=[DENIAL], told=TOLD, reports=[report(events=("north-launch",))]).alerts
    assert correction.reason is Reason.CORRECTED
    told = {"north-launch": (Reason.FIRST, Reason.CORRECTED)}
    assert only(judged(3, matches=[DENIAL], told=told, reports=[report()])).reason is HeldReason.MENTION


@pytest.mark.parametrize(
    ("told", "earlier"),
    [
        pytest.param({}, report(events=("north-launch",)), id="nobody was told"),
        pytest.param(TOLD, report(events=("north-launch",), published=NOON + timedelta(hours=1)), id="it is older"),
        pytest.param(TOLD, report(events=()), id="no report says so"),
    ],
)
def test_denial_corrects_nothing_where_there_is_nothing_to_correct(told, earlier):
    assert only(judged(2, matches=[DENIAL], told=told, reports=[earlier])).reason is HeldReason.MENTION


def test_what_no_report_says_any_more_is_withdrawn_and_told_again_if_it_comes_back():
    (first,) = judged().alerts
    gone = report(events=())
    taken_back = withdrawn(first, story(gone, told=TOLD), gone, NOON)
    assert (taken_back.reason, taken_back.confirmed, taken_back.match) == (Reason.WITHDRAWN, False, first.match)
    assert withdrawn(first, story(gone, report(2, events=("north-launch",)), told=TOLD), gone, NOON) is None
    told = {"north-launch": (Reason.FIRST, Reason.WITHDRAWN)}
    assert withdrawn(first, story(gone, told=told), gone, NOON) is None
    (back,) = judged(3, told=told, reports=[gone]).alerts
    assert back.reason is Reason.UPDATED


@pytest.mark.parametrize(("number", "grows"), [(2, False), (3, True), (4, False), (6, True), (9, False), (12, True)])
def test_told_story_that_grows_says_so_at_three_reports_and_each_doubling(number, grows):
    reports = [report(n, publisher=f"paper-{n}") for n in range(1, number)]
    decision = judged(number, told={"north-launch": (Reason.FIRST,)}, reports=reports, outlet="last")
    assert only(decision).reason is HeldReason.SAME_STORY, "the report itself is held all the same"
    assert [(a.reason, a.quiet, a.note) for a in decision.grown] == (
        [(Reason.UPDATED, True, f"{number} reports by {number} origins so far")] if grows else []
    )


def test_growth_of_many_reports_by_one_origin_is_told_as_that():
    told = {"north-launch": (Reason.FIRST,)}
    reports = [report(n, publisher="harbour.example") for n in range(1, 6)]
    (three,), (six,) = (judged(n, told=told, reports=reports[: n - 1]).grown for n in (3, 6))
    assert three.note == "3 reports by 1 origin so far"
    assert three.id != six.id


@pytest.mark.parametrize("last", [Reason.CORRECTED, Reason.WITHDRAWN])
def test_what_was_taken_back_does_not_grow(last):
    reports = [report(n) for n in (1, 2)]
    told = {"north-launch": (Reason.FIRST, last, Reason.UPDATED)}
    assert judged(3, told=told, reports=reports).grown == ()


def test_what_is_promoted_is_told_as_that_and_not_as_growth_too():
    told = {"north-launch": (Reason.FIRST,)}
    reports = [report(1), report(2)]
    decision = judged(3, rules=ASKING, told=told, reports=reports, outlet="northern")
    assert [alert.reason for alert in decision.alerts] == [Reason.CORROBORATED]
    assert decision.grown == ()


# --- what is said no longer ---------------------------------------------------------------------------------------

SAID = {"north-launch": (Reason.FIRST,)}
SILENT = report(events=(), source_name="Harbour Daily")


def test_the_only_report_that_is_taken_down_withdraws_what_was_told():
    told = withdrawn(alert(), story(SILENT, told=SAID), SILENT, NOON, "took its report down")
    assert (told.reason, told.note) == (Reason.WITHDRAWN, "Harbour Daily took its report down; it was the only one")
    message = render(told)
    assert message.text.splitlines()[1] == told.note
    assert message.short.splitlines()[1] == told.note
    last = withdrawn(alert(), story(SILENT, report(2, events=()), told=SAID), SILENT, NOON, "took its report down")
    assert last.note == "Harbour Daily took its report down; no report of the story says so any more"


def test_a_link_to_a_page_that_is_gone_is_not_offered_for_reading():
    gone = replace(SILENT, vanished_at=NOON)
    text = render(withdrawn(alert(), story(gone, told=SAID), gone, NOON, "took its report down")).text
    assert "It stood at: https://harbour.example/1" in text
    assert "Read:" not in text


@pytest.mark.parametrize("reason", [Reason.WITHDRAWN, Reason.CORRECTED])
def test_what_was_taken_back_is_neither_denied_nor_lessened_again(reason):
    told = {"north-launch": (Reason.FIRST, reason)}
    assert denied(alert(), story(SILENT, told=told), SILENT, match(), NOON) is None
    assert lessened(alert(), story(SILENT, report(2), told=told), SILENT, NOON, RULES) is None


def test_a_report_less_is_noted_without_a_ping_and_counted_anew():
    rules = RULES | {"north-launch": rule("north-launch", alert={"corroborate": {"origins": 2, "within": "3h"}})}
    others = [report(number, publisher=f"outlet{number}", source_name=f"Outlet {number}") for number in (2, 3)]
    both = lessened(alert(), story(SILENT, *others, told=SAID), SILENT, NOON, rules)
    assert (both.quiet, both.reason, both.origins, both.confirmed) == (True, Reason.UPDATED, 2, True)
    assert both.note == "Harbour Daily changed its report; 2 reports by 2 origins still say so"
    one = lessened(alert(), story(SILENT, others[0], told=SAID), SILENT, NOON, rules)
    assert (one.origins, one.confirmed) == (1, False)
    assert one.id == both.id != alert().id, "the same article is lost once"
    assert lessened(alert(), story(SILENT, others[0], told=SAID), SILENT, NOON, RULES).confirmed
    assert withdrawn(alert(), story(SILENT, *others, told=SAID), SILENT, NOON) is None
    assert lessened(alert(), story(SILENT, told=SAID), SILENT, NOON, rules) is None
