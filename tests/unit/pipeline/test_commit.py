from dataclasses import replace
from datetime import UTC, datetime

import pytest

from tocsin.articles.build import build
from tocsin.articles.document import document, running_text
from tocsin.model import Collected, DeliveryState, FetchOutcome, FetchState, HeldReason
from tocsin.pipeline import judge
from tocsin.store import articles, ledger, open_store
from tocsin.workspace import load

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
RULE = """
id: fired
title: Something was fired
severity: high
when: {words: [fired]}
tests:
  - event: The battery fired on Sunday.
  - none: A quiet Sunday.
"""


@pytest.fixture
def desk(tmp_path):
    (tmp_path / "rules").mkdir()
    (tmp_path / "sources").mkdir()
    (tmp_path / "rules" / "fired.yaml").write_text(RULE)
    (tmp_path / "sources" / "a.yaml").write_text(
        "sources:\n  - {id: one, url: 'https://one.example/feed'}\n  - {id: two, url: 'https://two.example/feed'}\n"
    )
    return tmp_path


@pytest.fixture
def store(database, tmp_path):
    with open_store(database, tmp_path) as opened:
        yield opened


def channels(desk, text):
    (desk / "rules" / "channels.yaml").write_text(text)


def brought(source, *titles):
    made = [
        build(
            title=title,
            paragraphs=[f"{title}. The harbour office confirmed it in a notice on Sunday morning, and gave no detail."],
            source=source,
            url=f"https://{source}.example/{number}",
            published=NOW,
            fetched_at=NOW,
        )
        for number, title in enumerate(titles)
    ]
    return Collected(state=FetchState(source=source, outcome=FetchOutcome.OK, polled_at=NOW), articles=tuple(made))


def test_a_match_becomes_an_alert_and_a_delivery_for_each_channel(desk, store):
    channels(
        desk, "channels:\n  - {id: desk, url: 'json://127.0.0.1:9/'}\n  - {id: mail, url: 'json://127.0.0.1:9/m'}\n"
    )
    judged = judge(load(desk), store, [brought("one", "The battery fired at dawn")], now=lambda: NOW)
    assert [alert.rule for alert in judged.alerts] == ["fired"]
    rows = store.outbox.listing()
    assert sorted((row["channel"], row["state"]) for row in rows) == [("desk", "pending"), ("mail", "pending")]
    assert {DeliveryState(row["state"]) for row in rows} == {DeliveryState.PENDING}


def test_judging_again_tells_nothing_twice(desk, store):
    channels(desk, "channels:\n  - {id: desk, url: 'json://127.0.0.1:9/'}\n")
    for _ in range(2):
        judged = judge(load(desk), store, [brought("one", "The battery fired at dawn")], now=lambda: NOW)
    assert judged.articles == 0
    assert len(store.outbox.listing()) == 1


def test_the_same_text_at_another_source_is_seen_not_told(desk, store):
    first = brought("one", "The battery fired at dawn")
    second = brought("two", "The battery fired at dawn")
    judged = judge(load(desk), store, [first, second], now=lambda: NOW)
    assert (judged.articles, len(judged.alerts)) == (1, 1)
    assert store.known(["url:two.example/0"]) == {"url:two.example/0"}


def test_what_no_route_wants_is_kept_with_its_reason(desk, store):
    channels(
        desk,
        "channels:\n  - {id: desk, url: 'json://127.0.0.1:9/'}\nroutes:\n  - {severity: critical, to: [desk]}\n",
    )
    judged = judge(load(desk), store, [brought("one", "The battery fired at dawn")], now=lambda: NOW)
    assert judged.alerts == []
    with store.writing() as connection:
        assert [row["held"] for row in ledger.list_held(connection, 10)] == [HeldReason.NO_ROUTE.value]


class Poisoned:
    """The real judge, but for one text that it cannot bear."""

    def __init__(self, judge):
        self._judge = judge

    def __getattr__(self, name):
        return getattr(self._judge, name)

    def matches_and_entities(self, document):
        if "unbearable" in document.text:
            raise ZeroDivisionError
        return self._judge.matches_and_entities(document)


def test_an_article_that_cannot_be_judged_is_stored_and_the_others_go_on(desk, store):
    workspace = load(desk)
    workspace = replace(workspace, judge=Poisoned(workspace.judge))
    found = brought("one", "The unbearable battery fired at noon", "The battery fired at dawn")
    judged = judge(workspace, store, [found], now=lambda: NOW)
    assert [alert.article.title for alert in judged.alerts] == ["The battery fired at dawn"]
    assert judged.notes == ["one: https://one.example/0: stored, but not judged: internal error (ZeroDivisionError)"]
    with store.writing() as connection:
        assert len(list(articles.every_article(connection))) == 2


GROWING = """
channels:
  - {id: desk, url: 'json://127.0.0.1:9/desk'}
  - {id: thread, url: 'json://127.0.0.1:9/thread', updates: true}
  - {id: other, url: 'json://127.0.0.1:9/other', updates: true}
routes: [{to: [desk, thread]}]
"""


def test_growth_of_a_story_goes_to_channels_that_were_told_and_want_to_know(desk, store):
    channels(desk, GROWING)
    first = brought("one", "Shore battery fired at the northern cape")
    later = brought("two", *(f"Shore battery fired at the northern cape, part {number}" for number in range(2, 8)))
    for one, told in ((first, 1), (later, 0)):
        assert len(judge(load(desk), store, [one], now=lambda: NOW).alerts) == told
    with store.writing() as connection:
        rows = ledger.list_alerts(connection, 10)
    deliveries = sorted((row["reason"], sorted(row["deliveries"])) for row in rows)
    assert deliveries == [("first", ["desk", "thread"]), ("updated", ["thread"]), ("updated", ["thread"])]


def test_growth_is_not_even_stored_where_nobody_wants_to_know(desk, store):
    channels(desk, GROWING.replace(", updates: true", ""))
    titles = [f"Shore battery fired at the northern cape, part {number}" for number in range(6)]
    judge(load(desk), store, [brought("one", *titles)], now=lambda: NOW)
    with store.writing() as connection:
        assert [row["reason"] for row in ledger.list_alerts(connection, 10)] == ["first"]


def test_quiet_sources_are_written_together_and_their_common_text_is_stored_once(desk, store):
    quiet = [brought("one", "The ferry was late", "The bridge is closed"), brought("two", "The ferry was late")]
    judged = judge(load(desk), store, quiet, now=lambda: NOW)
    assert judged.articles == 2
    assert set(store.states()) == {"one", "two"}
    with store.writing() as connection:
        assert [each.source for each in articles.every_article(connection)] == ["one", "one"]


def test_a_quiet_source_that_came_first_keeps_its_text_before_one_that_tells(desk, store):
    found = [brought("one", "The ferry was late"), brought("two", "The ferry was late", "The battery fired at dawn")]
    judge(load(desk), store, found, now=lambda: NOW)
    with store.writing() as connection:
        assert [each.source for each in articles.every_article(connection)] == ["one", "two"]


@pytest.mark.parametrize(
    "said",
    [
        {"title": "Fired"},
        {"deck": "Two were fired"},
        {"paragraphs": ["One.", "It was fired"]},
        {"byline": "By A. Fired"},
    ],
    ids=["title", "deck", "paragraph", "byline"],
)
def test_the_first_look_passes_over_nothing_that_a_rule_finds(desk, said):
    article = build(**{"title": "A notice", "byline": "By A. Clerk", "paragraphs": ["Fine."], "published": NOW} | said)
    look = load(desk).judge
    found = bool(look.matches(document(article)))
    assert found is ("byline" not in said)
    assert look.may_match(running_text(article)) is found
