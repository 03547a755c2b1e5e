from dataclasses import replace

import pytest

from alerting import LAUNCH, NORTH, alert, match, rule
from tocsin.alerts.route import Asked, problems, routes_for
from tocsin.model import Reason, Severity, Status
from tocsin.specs.base import Located
from tocsin.specs.channels import ChannelsFile


def channels(*routes, names=("desk", "night", "asia")):
    spec = {"channels": [{"id": name, "url": "json://localhost"} for name in names]}
    return ChannelsFile.model_validate(spec if routes == (None,) else {**spec, "routes": list(routes)})


def routed(*routes, told=None, of=NORTH, language="en", **keys):
    asked = replace(Asked.of(told or alert(), of, **keys), language=language)
    return routes_for(asked, channels(*routes))


def test_without_routes_every_channel_gets_everything():
    assert routed(None) == ("desk", "night", "asia")


def test_rules_own_channels_win_over_the_routes():
    assert routed({"to": ["desk"]}, of=rule("north-launch", alert={"to": ["night"]})) == ("night",)


def test_routes_by_entity_tier_and_reason():
    assert routed({"entity": "dprk", "to": ["desk"]}, entities=frozenset({"dprk"})) == ("desk",)
    assert routed({"entity": ["japan", "rok"], "to": ["desk"]}, entities=frozenset({"dprk"})) == ()
    assert routed({"tier": 2, "to": ["desk"]}, tier=2) == routed({"tier": 2, "to": ["desk"]}, tier=1) == ("desk",)
    assert routed({"tier": 2, "to": ["desk"]}, tier=3) == ()
    assert routed({"reason": ["corrected", "withdrawn"], "to": ["desk"]}) == ()
    assert routed({"reason": "corrected", "to": ["desk"]}, told=alert(reason=Reason.CORRECTED)) == ("desk",)


def test_rule_on_trial_is_told_in_digests_only():
    trial = alert(match=match(status=Status.EXPERIMENTAL))
    assert routed(None, told=trial) == ()
    spec = {
        "channels": [{"id": "desk", "url": "json://a"}, {"id": "daily", "url": "json://b", "digest": {"at": "08:00"}}]
    }
    assert routes_for(Asked.of(trial, NORTH), ChannelsFile.model_validate(spec)) == ("daily",)


def test_first_route_that_matches_wins():
    assert routed({"severity": "high", "to": ["desk"]}, {"to": ["night"]}) == ("desk",)


def test_continue_goes_on_and_a_channel_is_told_once():
    routes = ({"to": ["desk"], "continue": True}, {"tag": "dprk", "to": ["night", "desk"]}, {"to": ["asia"]})
    assert routed(*routes) == ("desk", "night")


def test_all_conditions_of_a_route_must_hold():
    assert routed({"severity": "high", "language": "ko", "to": ["desk"]}) == ()
    assert routed({"severity": "high", "language": "ko", "to": ["desk"]}, language="ko") == ("desk",)
    assert routed({"rule": ["launch", "north-launch"], "tag": "dprk", "to": ["desk"]}) == ("desk",)


def test_severity_means_this_or_higher():
    medium = alert(rule="launch", severity=Severity.MEDIUM, match=match("launch"))
    assert routed({"severity": "medium", "to": ["desk"]}, told=medium, of=LAUNCH) == ("desk",)
    assert routed({"severity": "high", "to": ["desk"]}, told=medium, of=LAUNCH) == ()


def test_children_inherit_to_and_are_tried_first():
    tree = {"tag": "dprk", "to": ["desk"], "routes": [{"language": "ko", "to": ["asia"]}, {"language": "en"}]}
    assert routed(tree, language="ko") == ("asia",)
    assert routed(tree, language="en") == ("desk",)
    assert routed(tree, language="ru") == ("desk",)


def test_empty_to_tells_nobody_on_purpose():
    assert routed({"tag": "dprk", "to": []}, {"to": ["desk"]}) == ()


# --- problems -----------------------------------------------------------------------------------------------------


def found(*routes, names=("desk", "night")):
    spec = channels(*routes, names=names)
    positions = {(): (1, 1)}
    for index in range(len(routes)):
        positions[("routes", index)] = (10 + index, 3)
        positions[("routes", index, "to", 0)] = (10 + index, 9)
    located = Located(spec, "rules/channels.yaml", positions)
    return [str(problem) for problem in problems(located, {"launch", "north-launch"}, {"dprk", "missile"})]


def test_a_good_file_has_no_problems():
    assert (
        found({"severity": "critical", "to": ["desk"]}, {"severity": "high", "to": ["night"]}, {"to": ["desk"]}) == []
    )


def test_dangling_channel_is_named_at_its_place_with_what_was_meant():
    assert found({"to": ["dsek"]}) == ["rules/channels.yaml:10:9: no channel is called 'dsek' — did you mean 'desk'?"]


def test_unknown_rule_and_tag_are_problems():
    assert found({"rule": "lanch", "tag": ["dprk", "navy"], "to": ["desk"]}) == [
        "rules/channels.yaml:10:3: no rule is called 'lanch' — did you mean 'launch'?",
        "rules/channels.yaml:10:3: no tag is called 'navy' — there are: dprk, missile",
    ]


def test_duplicate_channel_is_a_problem():
    (only,) = found({"to": ["desk"]}, names=("desk", "desk"))
    assert "'desk' stands here twice" in only


@pytest.mark.parametrize(
    "routes",
    [
        ({"to": ["desk"]}, {"severity": "high", "to": ["night"]}),
        ({"severity": "high", "to": ["desk"]}, {"severity": "critical", "to": ["night"]}),
        ({"tag": ["dprk", "missile"], "to": ["desk"]}, {"tag": "dprk", "language": "ko", "to": ["night"]}),
    ],
)
def test_route_that_nothing_can_reach_is_a_problem(routes):
    (only,) = found(*routes)
    assert only.startswith("rules/channels.yaml:11:3: no alert can reach this route")
    assert found({**routes[0], "continue": True}, routes[1]) == []


def test_route_without_a_channel_is_a_problem_unless_on_purpose():
    (only,) = found({"tag": "dprk"})
    assert "leads nowhere" in only
    assert found({"tag": "dprk", "to": []}) == []
    assert found({"tag": "dprk", "routes": [{"to": ["desk"]}]}) == []
    assert found({"to": ["desk"], "routes": [{"language": "ko"}]}) == []


def test_problems_of_inner_routes_are_found():
    (only,) = found({"routes": [{"to": ["nobody"]}]})
    assert "'nobody'" in only


def test_password_in_the_file_is_warned_about_without_printing_it():
    spec = ChannelsFile.model_validate({"channels": [{"id": "mail", "url": "mailto://me:hunter22@mail.example"}]})
    (warning,) = problems(Located(spec, "rules/channels.yaml", {}), set(), set())
    assert warning.warning
    assert "hunter22" not in str(warning)
    named = ChannelsFile.model_validate({"channels": [{"id": "mail", "url": "mailto://${USER}:${PASS}@mail.example"}]})
    assert problems(Located(named, "rules/channels.yaml", {}), set(), set()) == ()
