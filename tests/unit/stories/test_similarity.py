from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from tocsin.model import Assertion, Document, Evidence, Field, Grade, Match, Severity
from tocsin.stories.days import days
from tocsin.stories.similarity import Features, features, same_story, similarity
from tocsin.stories.words import codes, numbers, resemblance, sketch, words

NOON = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)  # a Wednesday
KIN = {"leader": "dprk", "army": "dprk"}

FIRED_EN = "North Korea fired two ballistic missiles from its east coast on Wednesday, the joint staff in Seoul said."
AGAIN_EN = "Two ballistic missiles were fired by North Korea into waters off its east coast, Japan's coast guard said."
FIRED_KO = "북한이 4일 동해상으로 탄도미사일 2발을 발사했다고 합동참모본부가 밝혔다."


def match(
    sentence,
    *,
    grade=Grade.EVENT,
    assertion=Assertion.ASSERTED,
    entities=("dprk",),
    kinds=(),
    rule="missile-launch",
    builds_on=(),
):
    found = tuple(Evidence("body", 0, len(kind), kind, "terms:missile") for kind in kinds)
    return Match(
        rule=rule,
        title=rule,
        severity=Severity.HIGH,
        grade=grade,
        assertion=assertion,
        evidence=found,
        sentence=Evidence("body", 0, len(sentence), sentence),
        entities=tuple(entities),
        builds_on=tuple(builds_on),
    )


def told(title, text="", *, hours=0.0, language="en", event=True, entities=("dprk",), **keys):
    whole = f"{title}\n{text}"
    document = Document(
        id=f"{title}{hours}",
        text=whole,
        fields=(Field("title", 0, len(title)), Field("body", len(title) + 1, len(whole))),
        language=language,
        published=NOON + timedelta(hours=hours),
    )
    matches = [match(text or title, entities=entities, **keys)] if event else []
    return features(document, matches, tuple(entities), kin=KIN)


def test_same_event_in_other_words_is_one_story():
    left = told("North Korea fires ballistic missiles, Seoul says", FIRED_EN)
    right = told("Pyongyang launches two missiles off east coast", AGAIN_EN, hours=2)
    assert same_story(left, right).same


def test_same_event_in_another_language_is_one_story():
    left = told("North Korea fires ballistic missiles, Seoul says", FIRED_EN)
    right = told("북한, 동해상으로 탄도미사일 발사", FIRED_KO, language="ko", entities=("leader",), hours=1)
    verdict = same_story(left, right)
    assert verdict.same
    assert "the same event" in verdict.why


DENIED = {"grade": Grade.MENTION, "assertion": Assertion.DENIED}


@pytest.mark.parametrize(
    ("changes", "same"),
    [
        ({}, True),
        ({"hours": 20}, False),
        ({"entities": ("iran",)}, False),
        ({"rule": "pact"}, False),
        ({"assertion": Assertion.PLANNED}, False),
    ],
)
def test_denial_in_another_language_belongs_to_what_it_denies(changes, same):
    left = told("North Korea fires ballistic missiles, Seoul says", FIRED_EN, entities=("dprk",))
    keys = {"hours": 1, "entities": ("dprk", "rok")} | DENIED | changes
    right = told('당국 "사실 아니다"', "당국은 미사일을 발사했다는 보도를 부인했다.", language="ko", **keys)
    assert same_story(left, right).same is same
    assert same_story(right, left).same is same


def test_leader_and_army_count_as_their_state():
    assert told("x", entities=("leader", "army")).actors == ("dprk",)


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"hours": 40}, "40 hours apart"),
        ({"entities": ("israel",), "language": "ko"}, "0% of the actors"),
        ({"event": False, "language": "ko"}, "no shared event"),
        ({"rule": "pact", "language": "ko"}, "no shared event"),
    ],
)
def test_what_makes_another_story(changes, why):
    left = told("North Korea fires ballistic missiles, Seoul says", FIRED_EN)
    verdict = same_story(left, told("Missiles seen over the sea", "A second salvo, said the ministry.", **changes))
    assert not verdict.same
    assert why in verdict.why


def test_launch_of_another_day_is_another_story():
    first = told("North Korea fires missile off coast", "North Korea fired a missile on Monday, Seoul said.", hours=-30)
    second = told("North Korea fires missile off coast", "North Korea fired a missile on Wednesday, Tokyo said.")
    assert same_story(first, second).why == "other days are named"


def test_time_zones_do_not_make_another_day():
    seoul = told("Missiles fired off coast", "North Korea fired missiles on Thursday, Seoul's military said.", hours=14)
    home = told(
        "North Korean missiles fired", "North Korea fired missiles on Wednesday, an American official said.", hours=12
    )
    assert same_story(seoul, home).why != "other days are named"


def test_other_kind_of_missile_needs_more_than_the_usual_words():
    cruise = told(
        "North Korea fires cruise missiles", "North Korea fired cruise missiles from a ship.", kinds=["cruise missiles"]
    )
    ballistic = told(
        "North Korea launches ballistic missile",
        "A ballistic missile from North Korea flew east for 600 km.",
        hours=20,
        kinds=["ballistic missile"],
    )
    verdict = same_story(cruise, ballistic)
    assert not verdict.same
    assert "another kind" in verdict.why


def test_near_copies_are_one_story_without_any_event():
    text = "The harbour master said the ferry left on time and reached the island with forty passengers aboard."
    left = told("Ferry reaches island", text, event=False)
    right = told("Ferry reaches island", text + " Updated.", event=False, hours=50)
    assert same_story(left, right).why == "nearly the same text"
    assert not same_story(left, told("Ferry reaches island", text, event=False, hours=80)).same


def test_two_stories_that_share_a_few_names_stay_apart():
    left = told("Minister meets envoy in the capital over grain", "Talks about grain prices went on.", event=False)
    right = told(
        "Minister visits flooded capital districts", "Rain fell for days along the river.", event=False, hours=1
    )
    assert not same_story(left, right).same


@pytest.mark.parametrize(("hours", "same"), [(6, True), (25, False)])
def test_the_next_days_report_on_the_same_people_needs_more_than_their_background(hours, same):
    first = "Minister Ada Holm inspects the harbour works before flying to the summit in Riga with her delegation"
    then = "Before flying to the summit in Riga, Ada Holm opens a new school and meets young teachers"
    left, right = told(first, event=False, entities=()), told(then, event=False, entities=(), hours=hours)
    verdict = same_story(left, right)
    assert 0.36 <= verdict.score < 0.42, verdict
    assert verdict.same is same


def test_common_words_tell_nothing():
    left = told("Envoy visits harbour capital minister", event=False)
    right = told("Envoy leaves harbour capital minister", event=False)
    assert same_story(left, right).same
    assert not same_story(left, right, words("envoy harbour capital minister")).same


def test_day_without_time_is_near_any_time_of_that_day():
    left = told("North Korea fires ballistic missiles", FIRED_EN, hours=-11)
    whole_day = features(
        Document(id="d", text="x", fields=(Field("title", 0, 1),), published=NOON.replace(hour=0), language="ko"),
        [match(FIRED_KO)],
        ("dprk",),
        day_only=True,
    )
    assert same_story(left, whole_day).same


TEXT = st.text(max_size=120)


@given(TEXT, TEXT, st.sampled_from(["en", "ko", "ja", None]), st.booleans(), st.floats(-60, 60))
def test_any_two_texts_can_be_compared_and_order_does_not_matter(one, other, language, event, hours):
    left, right = told(one, event=event), told(other, language=language, hours=hours)
    assert same_story(left, right) == same_story(right, left)
    assert 0 <= similarity(left, right) <= 1


@given(TEXT)
def test_features_survive_being_stored(text):
    kept = TypeAdapter(Features)
    made = told(text, "Fired on Tuesday.")
    assert kept.validate_json(kept.dump_json(made)) == made


# --- parts --------------------------------------------------------------------------------------------------------


def test_days_are_read_in_five_languages():
    wednesday, tuesday = date(2026, 3, 4), date(2026, 3, 3)
    assert days("It flew on Wednesday.", wednesday) == {wednesday}
    assert days("It flew on March 3, officials said.", wednesday) == {tuesday}
    assert days("북한이 3일 오전 발사했다.", wednesday) == {tuesday}
    assert days("北朝鮮は3日、発射した。", wednesday) == {tuesday}
    assert days("Ракета запущена 3 марта.", wednesday) == {tuesday}
    assert days("Пуск прошёл во вторник.", wednesday) == {tuesday}
    assert days("朝鲜3日发射导弹。", wednesday) == {tuesday}


def test_old_dates_months_and_years_are_no_day_of_the_event():
    assert days("It flew in 2017, and in March, and on January 3.", date(2026, 3, 4)) == frozenset()
    assert days("on Tuesday", None) == frozenset()


def test_numbers_and_codes_that_tell_happenings_apart():
    assert numbers("In 2026 two of 1,200 men went 600 km, 3 by sea, 4.5 tons") == {"1200", "600", "4.5"}
    assert codes("The H3 and KN-23 and F-16s, 화성-20 2026-03-04") == {"H3", "KN-23", "F-16S"}


def test_words_meet_across_inflection():
    assert words("missiles launched") & words("missile launches")
    assert words("미사일을 발사했다") & words("미사일 발사")
    assert not words("said that with from 2026 12")


def test_sketches_of_unlike_texts_do_not_resemble():
    left, right = sketch(FIRED_EN), sketch("A quite different sentence about a ferry that reached the island in time.")
    assert resemblance(left, left) == 1
    assert resemblance(left, right) == 0
    assert resemblance((), ()) == 0


def test_same_text_is_one_story_for_a_week():
    left = told("Ferry reaches island", event=False)
    copies = [
        replace(told("Ferry on its way", event=False, hours=24 * days), content_hash="c" * 64) for days in (0, 7, 8)
    ]
    left = replace(left, content_hash="c" * 64)
    assert [same_story(left, copy).same for copy in copies] == [True, True, False]
