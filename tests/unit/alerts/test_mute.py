from datetime import timedelta

import pytest

from alerting import NOON, alert, match
from tocsin.alerts.mute import Told, held_back
from tocsin.model import HeldReason, Reason, Silence
from tocsin.specs.timing import Inhibition

LAUNCH = alert(match=match(entities=("dprk", "rok"), tags=("dprk", "missile")))


def silence(**changes):
    values = {
        "number": 1,
        "author": "Mara",
        "reason": "drill week",
        "created_at": NOON - timedelta(hours=1),
        "until": NOON + timedelta(hours=1),
    }
    return Silence(**values | changes)


@pytest.mark.parametrize(
    ("changes", "silent"),
    [
        ({}, True),
        ({"rule": "north-launch"}, True),
        ({"rule": "pact"}, False),
        ({"story": "5" * 16}, True),
        ({"story": "6" * 16}, False),
        ({"entity": "rok"}, True),
        ({"entity": "japan"}, False),
        ({"tag": "missile"}, True),
        ({"tag": "troops"}, False),
        ({"source": "harbour"}, True),
        ({"source": "northern"}, False),
        ({"rule": "north-launch", "entity": "japan"}, False),
        ({"until": NOON}, False),
        ({"created_at": NOON + timedelta(seconds=1)}, False),
    ],
)
def test_silence_holds_what_fits_all_of_it_while_it_lasts(changes, silent):
    held = held_back(LAUNCH, [silence(**changes)], [], [])
    assert (held is not None) is silent
    if held:
        assert held.reason is HeldReason.SILENCED
        assert held.detail.startswith("by Mara until 2026-03-04")
        assert held.detail.endswith("drill week")


@pytest.mark.parametrize("reason", [Reason.CORRECTED, Reason.WITHDRAWN])
def test_no_silence_keeps_a_correction_back(reason):
    assert held_back(alert(reason=reason), [silence()], [], []) is None


MUTE_DRILLS = Inhibition.model_validate({"when": "pact", "mute": ["north-launch"], "within": "6h"})
PACT = Told(rule="pact", story="5" * 16, entities=frozenset({"dprk"}), at=NOON - timedelta(hours=2))


@pytest.mark.parametrize(
    ("told", "same", "muted"),
    [
        (PACT, "story", True),
        (Told(rule="pact", story="7" * 16, entities=frozenset({"dprk"}), at=NOON), "story", False),
        (Told(rule="pact", story="7" * 16, entities=frozenset({"dprk"}), at=NOON), "entity", True),
        (Told(rule="pact", story="7" * 16, entities=frozenset({"japan"}), at=NOON), "entity", False),
        (Told(rule="other", story="5" * 16, entities=frozenset(), at=NOON), "story", False),
        (Told(rule="pact", story="5" * 16, entities=frozenset(), at=NOON - timedelta(hours=7)), "story", False),
    ],
)
def test_fresh_alert_of_one_rule_mutes_another(told, same, muted):
    held = held_back(LAUNCH, [], [MUTE_DRILLS.model_copy(update={"same": same})], [told])
    assert (held is not None) is muted
    if held:
        assert (held.reason, held.detail) == (HeldReason.INHIBITED, f"pact was told at {told.at:%Y-%m-%d %H:%M} UTC")
