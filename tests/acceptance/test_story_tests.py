"""Story tests run the real path on a virtual clock, and fail for what is missing and for what nobody expected."""

import pytest

from tocsin.pipeline.rehearsal import rehearse
from tocsin.workspace import load_rules

RULES = """
id: launching
words: {en: [launch~, fire~]}
---
language: en
cues: [{class: denied, words: [denied that], reach: clause}]
---
id: coast
title: The coast
kind: state
names: {en: [Westmark]}
---
id: adel
title: Adel
kind: place
names: {en: [Adel]}
---
id: brock
title: Brock
kind: place
names: {en: [Brock]}
---
id: colm
title: Colm
kind: place
names: {en: [Colm]}
---
id: dunmore
title: Dunmore
kind: place
names: {en: [Dunmore]}
---
id: esk
title: Esk
kind: place
names: {en: [Esk]}
---
id: farrow
title: Farrow
kind: place
names: {en: [Farrow]}
---
id: glen
title: Glen
kind: place
names: {en: [Glen]}
---
id: hale
title: Hale
kind: place
names: {en: [Hale]}
---
id: ivel
title: Ivel
kind: place
names: {en: [Ivel]}
---
id: jarrow
title: Jarrow
kind: place
names: {en: [Jarrow]}
---
id: fired
title: Something was fired
when: {all: [{terms: launching}, {words: [rocket~]}]}
alert: {corroborate: {origins: 2, within: 3h}}
tests: [{event: They fired a rocket.}, {none: It rained.}]
---
id: wave
title: Wave of launches
severity: high
threshold: {count: 3, rule: fired, within: 1d}
---
id: surge
title: Many more launches than usual
status: stable
threshold: {spike: 2, rule: fired, of: articles, within: 1d, least: 3, history: 10d}
---
id: hush
title: No launches any more
threshold: {silence: 2d, rule: fired, history: 6d}
---
id: new-actor
title: A launch by someone new
threshold: {first_seen: entity, rule: fired, within: 1d, history: 3d}
"""
TEXTS = (
    ("Rocket fired over Adel harbour", "Dock workers in Adel hid in a cold store when a rocket was fired at dawn."),
    (
        "Brock farmers: rocket fired into barley",
        "A driver near Brock found the crater after gunners fired a rocket.",
    ),
    (
        "Colm observatory hit as rocket fired",
        "Astronomers at Colm lost a mirror when militants fired a rocket.",
    ),
    (
        "Sawmill burns: rocket fired at Dunmore",
        "Timber stacks in Dunmore burned, for someone fired a rocket.",
    ),
    (
        "Esk brewery shut after rocket fired",
        "Barrels rolled through Esk once a patrol fired a rocket at the malt.",
    ),
    ("Rocket fired above Farrow orchards", "Pickers left the Farrow plum trees when a rocket was fired from a lorry."),
    ("Quarry at Glen: rocket fired", "Stone cutters of Glen heard that a deserter fired a rocket into the pit."),
    (
        "Rocket fired at Hale library",
        "Readers in Hale hid; a gang fired a rocket through a window.",
    ),
    (
        "Ivel foundry: rocket fired at night",
        "Molten iron spilled at Ivel as a crew fired a rocket at the furnace.",
    ),
    (
        "Jarrow mint guards: rocket fired",
        "Coins lay in the streets of Jarrow where robbers fired a rocket.",
    ),
)


def article(place, at, more="", source="harbour", alerts="[fired]"):
    """A step; each place is another happening."""
    title, text = TEXTS[place]
    return (
        f"  - at: {at}\n    source: {source}\n    title: '{title}'\n"
        f"    text: '{text[:-1]}{more}.'\n    alerts: {alerts}\n"
    )


def clock(at, alerts="[]"):
    return f"  - at: {at}\n    alerts: {alerts}\n"


@pytest.fixture
def play(tmp_path):
    def run(steps, without=()):
        documents = [one for one in RULES.split("---\n") if not any(f"id: {name}\n" in one for name in without)]
        text = "---\n".join([*documents, "story: Test\narticles:\n" + "".join(steps)])
        (tmp_path / "x.yaml").write_text(text, "utf-8")
        (result,) = rehearse(*load_rules(tmp_path))
        return result.differences

    return run


ONLY_RULES = ("wave", "surge", "hush", "new-actor")


OWN_WORDS = (
    ", people in the market square heard two loud bangs soon after sunrise. Ferries were held in port until noon, and "
    "the school on the hill sent its pupils home. A fisherman found a piece of grey metal as long as his boat. "
    "The mayor asked everybody to stay indoors and to leave such pieces where they lie"
)
"""Enough of its own to be no copy: a copied report is no second origin."""


def test_a_story_with_exactly_the_expected_alerts_passes(play):
    steps = [
        article(0, "2026-03-04 06:10"),
        article(0, "2026-03-04 06:40", OWN_WORDS, source="valley", alerts="[{rule: fired, reason: corroborated}]"),
        article(0, "2026-03-04 07:40", ", officials said", source="third", alerts="[]"),
    ]
    assert play(steps, ONLY_RULES) == ()


def test_an_alert_that_nobody_expected_fails_with_its_place_and_its_words(play):
    (told,) = play([article(0, "2026-03-04 06:10", alerts="[]")], ONLY_RULES)
    assert told.startswith("x.yaml:")
    assert "step 1, 2026-03-04 06:10, harbour: “Rocket fired over Adel harbour”" in told
    assert "unexpected: alert fired (first) — event: found 'fired'" in told.replace("'Rocket' (words), ", "")


def test_a_missing_alert_fails_and_says_what_became_of_it(play):
    steps = [article(0, "2026-03-04 06:10"), article(0, "2026-03-04 06:20", ", they said")]
    (told,) = play(steps, ONLY_RULES)
    assert "missing: alert fired (first) — held: story already told" in told
    quiet = "  - {at: 2026-03-04 06:10, title: Rain over the hills, text: It rained all day., alerts: [fired]}\n"
    (told,) = play([quiet], ONLY_RULES)
    assert "missing: alert fired (first) — the rule did not fire" in told


def test_a_count_is_told_once_when_it_is_reached(play):
    steps = [
        article(0, "2026-03-04 06:00"),
        article(1, "2026-03-04 09:00"),
        article(2, "2026-03-04 12:00", alerts="[fired, {rule: wave, reason: threshold}]"),
        article(3, "2026-03-04 15:00"),
        clock("2026-03-05 08:00"),
    ]
    assert play(steps, ("surge", "hush", "new-actor")) == ()


def test_what_is_too_long_ago_is_not_counted(play):
    steps = [
        article(0, "2026-03-04 06:00"),
        article(1, "2026-03-05 05:00"),
        article(2, "2026-03-05 07:00"),
    ]
    assert play(steps, ("surge", "hush", "new-actor")) == ()


def test_a_spike_is_measured_against_what_is_usual(play):
    steps = [article(day, f"2026-03-0{day + 1} 06:00") for day in range(5)]
    steps += [article(5, "2026-03-06 18:00"), article(6, "2026-03-06 19:00")]
    steps += [article(7, "2026-03-06 20:00", alerts="[fired, {rule: surge, reason: threshold}]")]
    assert play(steps, ("wave", "hush", "new-actor")) == ()


def test_a_young_store_knows_nothing_usual(play):
    steps = [article(place, f"2026-03-04 0{place + 1}:00") for place in range(5)]
    assert play(steps, ("wave", "hush", "new-actor")) == ()


def test_a_silence_is_told_once_until_something_comes_again(play):
    steps = [article(day, f"2026-03-0{day + 1} 06:00") for day in range(8)]
    steps += [clock("2026-03-09 06:00"), clock("2026-03-10 07:00", "[{rule: hush, reason: threshold}]")]
    steps += [clock("2026-03-11 07:00"), article(8, "2026-03-11 09:00"), clock("2026-03-12 09:00")]
    assert play(steps, ("wave", "surge", "new-actor")) == ()


def test_an_entity_is_new_only_when_the_history_is_long_enough_to_say_so(play):
    new = "{rule: new-actor, reason: threshold}"
    steps = [
        article(0, "2026-03-01 06:00", " in Westmark"),
        article(1, "2026-03-04 06:00", " in Westmark"),
        article(2, "2026-03-06 06:00", " in Westmark", alerts=f"[fired, {new}]"),
        clock("2026-03-06 09:00"),
    ]
    assert play(steps, ("wave", "surge", "hush")) == ()
