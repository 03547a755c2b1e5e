from dataclasses import replace
from datetime import UTC, datetime, timedelta

from alerting import article
from tocsin.stories.assign import OpenStory, assign, new_story_id
from tocsin.stories.similarity import Features
from tocsin.stories.words import words

NOON = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)


def made(name, title, *, hours=0.0, **keys):
    hashed = tuple(sorted(words(title)))
    return Features(article=name, at=NOON + timedelta(hours=hours), language="en", title=hashed, lead=hashed, **keys)


LAUNCH = made("a1", "North Korea fires ballistic missiles eastward", events=("launch",), actors=("dprk",))
FERRY = made("a2", "Ferry reaches island harbour before noon")


def test_article_joins_the_story_it_belongs_to():
    stories = [OpenStory(id="ferry", features=(FERRY,)), OpenStory(id="launch", features=(LAUNCH,))]
    later = made("a3", "North Korea ballistic missiles land in sea", hours=1, events=("launch",), actors=("dprk",))
    assert assign(later, stories) == "launch"


def test_article_like_no_story_begins_one():
    stories = [OpenStory(id="ferry", features=(FERRY,)), OpenStory(id="launch", features=(LAUNCH,))]
    assert assign(made("a4", "Parliament votes budget after long night"), stories) is None
    assert assign(FERRY, []) is None


def test_one_lookalike_in_a_story_is_not_enough():
    others = tuple(replace(FERRY, article=f"f{n}") for n in range(4))
    assert assign(replace(LAUNCH, article="a5"), [OpenStory(id="mixed", features=(*others, LAUNCH))]) is None


def test_nearer_story_wins_and_a_told_one_between_equals():
    near = OpenStory(id="near", features=(LAUNCH,))
    far = OpenStory(
        id="far", features=(made("a6", "North Korea fires artillery in drill", events=("launch",), actors=("dprk",)),)
    )
    again = replace(LAUNCH, article="a7")
    assert assign(again, [far, near]) == "near"
    assert assign(again, [replace(near, id="z"), replace(near, id="a", told=("launch",))]) == "a"


def test_words_of_every_story_do_not_join_any():
    stories = [
        OpenStory(id=f"s{n}", features=(made(f"s{n}", f"President visits Harbour Capital for topic{n}word{n}"),))
        for n in range(12)
    ]
    assert assign(made("new", "President visits Harbour Capital about flooding"), stories) is None


def test_story_id_is_stable_and_belongs_to_the_first_article():
    assert new_story_id(article()) == new_story_id(article(title="changed"))
    assert new_story_id(article(1)) != new_story_id(article(2))
    assert len(new_story_id(article())) == 16


def test_the_same_parties_within_a_day_join_texts_of_two_languages_that_report_no_event():
    first = made("a8", "Two neighbours agree on nothing", entities=("north", "south"))
    other = replace(made("a9", "두 이웃", hours=3, entities=("north", "south")), language="ko")
    assert assign(other, [OpenStory(id="talks", features=(first,))]) == "talks"
    late = replace(other, at=NOON + timedelta(hours=30))
    assert assign(late, [OpenStory(id="talks", features=(first,))]) is None
    third = replace(other, entities=("north", "south", "west", "east"))
    assert assign(third, [OpenStory(id="talks", features=(first,))]) is None
