"""Threshold rules go the way of all alerts: routes, outbox, status, and each key once."""

from datetime import UTC, datetime, timedelta

import pytest

from tocsin.alerts.render import render
from tocsin.articles.build import build
from tocsin.model import Collected, FetchOutcome, FetchState, HeldReason, Reason
from tocsin.pipeline import judge
from tocsin.store import ledger, open_store
from tocsin.workspace import load

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
RULES = """
id: fired
title: Something was fired
status: draft
when: {words: [fired]}
---
id: wave
title: Wave
severity: high
threshold: {count: 2, KEYS}
"""


DESK = "channels: [{id: desk, url: 'json://127.0.0.1:9/'}]\n"


@pytest.fixture
def store(database, tmp_path):
    with open_store(database, tmp_path) as opened:
        yield opened


@pytest.fixture
def desk(tmp_path):
    def make(keys="rule: fired, of: articles", channels="", more=""):
        for name, text in {
            "rules/x.yaml": RULES.replace("KEYS", keys).replace("severity: high", f"severity: high\n{more}"),
            "rules/channels.yaml": channels or "channels: []\n",
            "sources/x.yaml": "sources:\n"
            + "".join(f"  - {{id: {name}, url: 'https://{name}.example/'}}\n" for name in ("one", "two")),
        }.items():
            (tmp_path / name).parent.mkdir(exist_ok=True)
            (tmp_path / name).write_text(text, "utf-8")
        return load(tmp_path)

    return make


def brought(source, *titles, at=NOW, held=None):
    made = [
        build(
            title=title,
            paragraphs=[f"{title}. The harbour office of the town wrote so in a notice that named no names at all."],
            source=source,
            url=f"https://{source}.example/{title.replace(' ', '-')}",
            published=at,
            fetched_at=at,
        )
        for title in titles
    ]
    holds = {article.id: held for article in made} if held else {}
    state = FetchState(source=source, outcome=FetchOutcome.OK, polled_at=at)
    return Collected(state=state, articles=tuple(made), held=holds)


def told(workspace, store, *found, at=NOW):
    return [(alert.rule, alert.title, alert.note) for alert in judge(workspace, store, found, now=lambda: at).alerts]


def test_an_alert_goes_to_the_channels_of_its_route(desk, store):
    channels = (
        "channels: [{id: desk, url: 'json://127.0.0.1:9/'}]\nroutes: [{severity: high, rule: wave, to: [desk]}]\n"
    )
    judged = judge(desk(channels=channels), store, [brought("one", "A gun fired", "A mortar fired")], now=lambda: NOW)
    (alert,) = judged.alerts
    assert alert.reason is Reason.THRESHOLD
    assert [row["channel"] for row in store.outbox.listing()] == ["desk"]
    message = render(alert)
    assert message.subject == f"HIGH — Wave: {alert.article.title}"
    assert "2 articles within 1d, 2 asked" in message.text


@pytest.mark.parametrize(
    ("channels", "more", "reason"),
    [
        (
            "channels: [{id: desk, url: 'json://127.0.0.1:9/'}]\nroutes: [{severity: critical, to: [desk]}]\n",
            "",
            "NO_ROUTE",
        ),
        ("", "status: draft", "DRAFT"),
        ("", "status: experimental", "EXPERIMENTAL"),
    ],
)
def test_what_is_not_told_is_held_once_with_its_reason(desk, store, channels, more, reason):
    workspace = desk(channels=channels, more=more)
    assert told(workspace, store, brought("one", "A gun fired", "A mortar fired")) == []
    assert told(workspace, store, at=NOW + timedelta(minutes=5)) == []
    with store.writing() as connection:
        held = [(row["rule"], row["held"]) for row in ledger.list_held(connection, 10) if row["rule"] == "wave"]
    assert held == [("wave", HeldReason[reason].value)]


def test_without_a_rule_articles_are_counted(desk, store):
    workspace = desk("within: 1h")
    assert told(workspace, store, brought("one", "Rain", "Snow")) == [("wave", "Wave", "2 articles within 1h, 2 asked")]


def test_each_source_is_counted_by_itself(desk, store):
    workspace = desk("per: source")
    assert told(workspace, store, brought("one", "Rain"), brought("two", "Snow")) == []
    late = NOW + timedelta(minutes=5)
    assert told(workspace, store, brought("two", "Hail", at=late), at=late) == [
        ("wave", "Wave (two)", "two: 2 articles within 1d, 2 asked")
    ]


def test_stories_count_once_however_many_report_them(desk, store):
    workspace = desk("rule: fired")
    assert (
        told(workspace, store, brought("one", "A gun fired at dawn"), brought("two", "A gun fired at dawn, they say"))
        == []
    )


def test_stock_and_stale_articles_are_no_wave(desk, store):
    old = (HeldReason.BASELINE, "in the feed when its source was first polled")
    assert told(desk(), store, brought("one", "A gun fired", "A mortar fired", held=old)) == []


def test_nothing_is_raised_twice_for_the_same_articles(desk, store):
    workspace = desk()
    assert len(told(workspace, store, brought("one", "A gun fired", "A mortar fired"))) == 1
    assert told(workspace, store) == []
    assert told(workspace, store, at=NOW + timedelta(hours=23)) == []
