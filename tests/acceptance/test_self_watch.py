"""Days of a watch that ails, on a virtual clock: whole passes, a real database, real receivers on loopback."""

import json
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from receivers import http_receiver
from tocsin import pipeline
from tocsin.cli import run
from tocsin.model import Silence
from tocsin.store import open_store, silences
from tocsin.workspace import load_for_service

SOURCES = """
sources:
  - {id: inbox, kind: files, path: inbox}
  - {id: archive, kind: files, path: archive}
"""
RULES = """
id: fired
title: Something was fired
severity: high
when: {words: [fired]}
tests: [{event: The battery fired on Sunday.}, {none: A quiet Sunday.}]
"""
CHANNELS = """
channels:
  - {{id: desk, kind: webhook, url: "{desk}"}}
  - {{id: ops, kind: webhook, url: "{ops}"}}
  - {{id: deputy, kind: webhook, url: "{deputy}"}}
routes: [{{to: [desk]}}]
{health}
"""
HEALTH = "health: {to: [ops, deputy], failing: 3h, dead: 30m, late: 2d}"
NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
ARTICLE = "Shore battery fired\n\nThe shore battery fired twice on Sunday, the harbour master said."


class Desk:
    """A workspace, its receivers, and a clock that only `at` moves."""

    def __init__(self, root, receivers):
        self.root = root
        self.receivers = receivers
        self.database = f"sqlite:///{root}/t.db"

    def at(self, after):
        """One pass so long after noon; (channel, subject) of all that arrived by it."""
        before = {name: len(receiver.requests) for name, receiver in self.receivers.items()}
        with open_store(self.database, self.root) as store:
            now = NOON + after
            self.report = pipeline.tick(load_for_service(self.root), store, everything=True, now=lambda: now)
        return [(name, data["subject"]) for name, data in self.new(before) if name in self.answering]

    @property
    def answering(self):
        return {name for name, receiver in self.receivers.items() if receiver.answer == 200}

    def new(self, before):
        return [
            (name, request.json["data"])
            for name, receiver in sorted(self.receivers.items())
            for request in receiver.requests[before[name] :]
        ]

    def write(self, name, text):
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")


@pytest.fixture
def desk(tmp_path):
    with ExitStack() as stack:
        receivers = {name: stack.enter_context(http_receiver()) for name in ("desk", "ops", "deputy")}
        made = Desk(tmp_path, receivers)
        addresses = {name: receiver.address for name, receiver in receivers.items()}
        made.write("rules/channels.yaml", CHANNELS.format(health=HEALTH, **addresses))
        made.write("rules/watch.yaml", RULES)
        made.write("sources/a.yaml", SOURCES)
        for folder in ("inbox", "archive"):
            (tmp_path / folder).mkdir()
        yield made


def both(subject):
    return [("deputy", subject), ("ops", subject)]


def test_a_source_that_dies_and_recovers_is_told_twice_and_in_one_thread(desk):
    assert desk.at(0 * HOUR) == []
    (desk.root / "inbox").rmdir()
    assert [desk.at(hours * HOUR) for hours in (1, 2, 3)] == [[], [], []]
    assert desk.at(4 * HOUR) == both("TOCSIN — MEDIUM — Source inbox is failing")
    assert [desk.at(hours * HOUR) for hours in (5, 9, 20)] == [[], [], []]
    (desk.root / "inbox").mkdir()
    assert desk.at(21 * HOUR) == both("TOCSIN — INFO — Source inbox works again")
    assert desk.at(22 * HOUR) == []
    opened, over = (request.json["data"] for request in desk.receivers["ops"].requests)
    assert opened["story"] == over["story"]
    assert (opened["reason"], opened["rule"]) == ("health", "health")
    assert "Since 2026-11-22 13:00 UTC (3 h)." in opened["text"]
    assert "Last error: " in opened["text"]
    assert "tocsin sources check inbox" in opened["text"]
    assert "It lasted 20 h: from 2026-11-22 13:00 UTC to 2026-11-23 09:00 UTC." in over["text"]


def test_a_broken_rule_is_told_with_its_place_while_the_last_good_version_watches_on(desk):
    desk.at(0 * HOUR)
    desk.write("rules/watch.yaml", RULES.replace("high", "hihg"))
    (desk.root / "inbox" / "000_00000000000000a1.txt").write_text(ARTICLE, "utf-8")
    arrived = desk.at(1 * HOUR)
    assert arrived[1:2] + arrived[0:1] == [
        ("desk", "HIGH — Something was fired: Shore battery fired"),
        ("deputy", "TOCSIN — HIGH — Files of the workspace cannot be used"),
    ]
    assert (
        "Last error: rules/watch.yaml:4:11: severity: unknown value 'hihg'"
        in desk.receivers["ops"].requests[-1].json["data"]["text"]
    )
    assert desk.at(2 * HOUR) == []
    desk.write("rules/watch.yaml", RULES)
    assert desk.at(3 * HOUR) == both("TOCSIN — INFO — All files of the workspace can be used again")


def test_a_dead_channel_is_told_to_the_others_and_loses_nothing(desk):
    desk.receivers["ops"].answer = 503
    (desk.root / "inbox").rmdir()
    told = [desk.at(minutes * HOUR / 60) for minutes in range(0, 480, 20)]
    assert [one for arrived in told for one in arrived] == [
        ("deputy", "TOCSIN — MEDIUM — Source inbox is failing"),
        ("deputy", "TOCSIN — HIGH — Channel ops is dead"),
    ]
    desk.receivers["ops"].answer = 200
    assert desk.at(9 * HOUR) == [("ops", "TOCSIN — MEDIUM — Source inbox is failing")]
    assert desk.at(10 * HOUR) == [("deputy", "TOCSIN — INFO — Channel ops takes messages again")]


def test_a_message_given_up_is_told_at_once(desk):
    desk.receivers["desk"].answer = 404
    (desk.root / "inbox" / "000_00000000000000a1.txt").write_text(ARTICLE, "utf-8")
    assert desk.at(0 * HOUR) == []
    assert desk.at(HOUR / 60) == both("TOCSIN — HIGH — Channel desk is dead")
    text = desk.receivers["ops"].requests[-1].json["data"]["text"]
    assert "1 given up" in text
    assert desk.at(HOUR / 30) == []


def test_a_watch_that_slept_says_so_when_it_wakes(desk):
    desk.at(0 * HOUR)
    assert desk.at(72 * HOUR) == both("TOCSIN — HIGH — No pass was made for too long")
    assert desk.at(73 * HOUR) == both("TOCSIN — INFO — Passes are made in time again")


def test_without_the_key_nobody_is_told_but_the_status_knows(desk, capsys, monkeypatch):
    channels = (desk.root / "rules" / "channels.yaml").read_text("utf-8")
    desk.write("rules/channels.yaml", channels.replace("to: [ops, deputy], ", ""))
    (desk.root / "inbox").rmdir()
    assert [desk.at(hours * HOUR) for hours in range(6)] == [[]] * 6
    monkeypatch.setenv("TOCSIN_DATABASE_URL", desk.database)
    assert run(["status", "--json", "--workspace", str(desk.root)]) == 1
    (outage,) = json.loads(capsys.readouterr().out)["outages"]
    assert (outage["kind"], outage["name"], outage["since"]) == ("source failing", "inbox", NOON.isoformat())
    assert run(["status", "--workspace", str(desk.root)]) == 1
    assert "source failing inbox, since 2026-11-22 12:00 UTC: " in capsys.readouterr().out
    assert run(["alerts", "list", "--workspace", str(desk.root)]) == 0
    assert "Source inbox" not in capsys.readouterr().out


@pytest.mark.parametrize(
    ("what", "told"),
    [
        (["--rule", "health"], []),
        (["--channel", "ops"], ["TOCSIN — MEDIUM — Source inbox is failing"]),
        (["--rule", "health", "--channel", "ops"], ["TOCSIN — MEDIUM — Source inbox is failing"]),
        (["--rule", "health", "--source", "inbox"], []),  # nothing is sent, so nothing shows that ops is dead
        (["--source", "archive"], ["TOCSIN — MEDIUM — Source inbox is failing", "TOCSIN — HIGH — Channel ops is dead"]),
    ],
    ids=" ".join,
)
def test_what_ails_can_be_silenced_by_what_it_is(desk, what, told, monkeypatch, capsys):
    monkeypatch.setenv("TOCSIN_DATABASE_URL", desk.database)
    command = ["alerts", "silence", *what, "--for", "9999d", "--reason", "rebuilt", "--workspace", str(desk.root)]
    assert run(command) == 0
    assert f"silence 1: {what[0].removeprefix('--')} {what[1]}" in capsys.readouterr().out
    with open_store(desk.database, desk.root) as store, store.writing() as connection:
        made = silences.newest(connection, 1)[0]
        silences.end(connection, made.number, NOON - HOUR)
        silences.add(connection, replace(made, created_at=NOON - HOUR, until=NOON + 99 * HOUR))
    desk.receivers["ops"].answer = 503
    (desk.root / "inbox").rmdir()
    arrived = [desk.at(minutes * HOUR / 60) for minutes in range(0, 480, 20)]
    assert [subject for passed in arrived for _, subject in passed] == told


def test_a_silenced_source_dies_in_silence(desk, monkeypatch, capsys):
    monkeypatch.setenv("TOCSIN_DATABASE_URL", desk.database)
    with open_store(desk.database, desk.root) as store, store.writing() as connection:
        quiet = Silence(
            number=0, author="eve", reason="rebuilt", created_at=NOON, until=NOON + 9 * HOUR, source="inbox"
        )
        silences.add(connection, quiet)
    (desk.root / "inbox").rmdir()
    assert [desk.at(hours * HOUR) for hours in range(6)] == [[]] * 6
    (desk.root / "inbox").mkdir()
    assert desk.at(6 * HOUR) == []
    assert run(["alerts", "list", "--workspace", str(desk.root)]) == 0
    assert "Source inbox is failing" in " ".join(capsys.readouterr().out.split())
