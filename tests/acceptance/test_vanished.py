"""An article behind an alert vanishes, is rewritten or retracted where it stands: who was told is told so, once."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from random import Random
from threading import Event

import pytest

from servers import Server, conditional, redirect, reply
from tocsin import pipeline
from tocsin.alerts.deliver import deliver
from tocsin.cli import run
from tocsin.model import SendOutcome, SendResult
from tocsin.store import claims, ledger, looks, open_store
from tocsin.times import utc_now
from tocsin.workspace import load

START = datetime(2026, 11, 22, 6, 0, tzinfo=UTC)
RULES = """
id: sunk
title: A ship was sunk
severity: high
when: {words: [sunk]}
alert: {corroborate: {origins: 2, within: 6h}}
tests: [{event: The ferry was sunk on Sunday.}, {none: A quiet Sunday.}]
---
language: en
cues: [{class: denied, words: [denied that], reach: clause}]
"""
CHANNELS = """
channels:
  - {id: desk, url: json://127.0.0.1:9/desk}
  - {id: press, url: json://127.0.0.1:9/press}
  - {id: other, url: json://127.0.0.1:9/other}
routes:
  - {rule: sunk, reason: [first, corroborated, updated], to: [desk, press]}
  - {to: [other]}
"""
NEWS = (
    "The ferry Marigold was sunk off the cape on Sunday, the harbour master said.",
    "Forty passengers were brought ashore by fishing boats, and none of them was hurt, he told reporters at the gate.",
    "The wind had freshened before dawn, and two tugs were still searching the bay for wreckage in the afternoon.",
)
CALM = ("The ferry Marigold reached the cape late on Sunday, the harbour master said, and is in port.", *NEWS[1:])
DENIAL = ("The harbour master denied that the ferry Marigold was sunk off the cape on Sunday.", *NEWS[1:])
ELSEWHERE = (
    "The ferry Marigold was sunk near the cape at noon, two keepers of the lighthouse who had watched it said.",
    "They counted nine boats on their way to the wreck before fog closed in, and lit the lamp for those who came back.",
)
OTHER = ("Bakers on the hill opened an hour later than usual, and nobody in the town complained about that.",) * 3


def page(title, paragraphs):
    text = "".join(f"<p>{one}</p>" for one in paragraphs)
    return f"<html><head><title>{title}</title></head><body><article><h1>{title}</h1>{text}</article></body></html>"


class Tape:
    missing = ""

    def __init__(self, name):
        self.id = name
        self.sent = []

    def send(self, message, *_):
        self.sent.append(message)
        return SendResult(outcome=SendOutcome.SENT)


def slowly(answer, asked, go_on):
    """The answer, once it may go on; `asked` says that it was asked for."""

    def wait(exchange):
        asked.set()
        assert go_on.wait(30)
        answer(exchange)

    return wait


class Desk:
    """A workspace with outlets on one server, a clock that a test moves, and tapes for channels."""

    def __init__(self, root, server):
        self.root, self.server, self.now = root, server, START
        self.tapes = {name: Tape(name) for name in ("desk", "press", "other")}
        self.database = f"sqlite:///{root}/t.db"
        for name, text in {"rules/watch.yaml": RULES, "rules/channels.yaml": CHANNELS}.items():
            (root / name).parent.mkdir(exist_ok=True)
            (root / name).write_text(text)

    def outlets(self, *names, **keys):
        more = "".join(f", {key}: {value}" for key, value in keys.items())
        lines = [
            f"  - {{id: {name}, name: {name.title()}, publisher: {name}, url: '{self.server.url(f'/{name}/feed')}', "
            f"allow_private: ['{self.server.place}'], text: page, every: 5m, alert_on_first: true{more}}}\n"
            for name in names
        ]
        (self.root / "sources").mkdir(exist_ok=True)
        (self.root / "sources" / "all.yaml").write_text("sources:\n" + "".join(lines))
        for name in names:
            self.feed(name, ("old", "Bakers open late"))
            self.server.routes[f"/{name}/old"] = reply(page("Bakers open late", OTHER), content_type="text/html")

    def feed(self, name, *entries):
        items = "".join(
            f"<item><guid>{slug}</guid><link>{self.server.url(f'/{name}/{slug}')}</link><title>{title}</title></item>"
            for slug, title in entries
        )
        self.server.routes[f"/{name}/feed"] = reply(f"<rss version='2.0'><channel>{items}</channel></rss>")

    def reports(self, name, title="Ferry sunk off the cape", paragraphs=NEWS):
        self.feed(name, ("old", "Bakers open late"), ("ferry", title))
        self.server.routes[f"/{name}/ferry"] = reply(page(title, paragraphs), content_type="text/html")

    def tick(self, **later):
        """One pass after that time; what each channel then got."""
        self.now += timedelta(**later)
        before = {name: len(tape.sent) for name, tape in self.tapes.items()}
        with open_store(self.database, self.root) as store:
            workspace, clock = load(self.root), lambda: self.now
            judged = pipeline.judge(workspace, store, pipeline.collect(workspace, store, now=clock), now=clock)
            pipeline.look_again(workspace, store, judged, now=clock)
            assert not judged.notes
            deliver(store.outbox, self.tapes, worker=store.worker, now=lambda: self.now, rng=Random(1))
        return {name: tape.sent[before[name] :] for name, tape in self.tapes.items() if tape.sent[before[name] :]}

    def stored(self, ask):
        with open_store(self.database, self.root) as store, store.writing() as connection:
            return ask(connection)

    def told(self):
        return [(row["reason"], sorted(row["deliveries"])) for row in self.stored(lambda c: ledger.list_alerts(c, 20))][
            ::-1
        ]


@pytest.fixture
def desk(tmp_path):
    with Server() as server:
        yield Desk(tmp_path, server)


def subjects(got):
    return {name: [message.subject for message in messages] for name, messages in got.items()}


FIRST = "HIGH — A ship was sunk (unconfirmed): Ferry sunk off the cape"
GONE = reply("gone", status="404 Not Found")


def test_vanished_article_is_told_once_to_all_who_were_told(desk, monkeypatch, capsys):
    desk.outlets("harbour")
    desk.reports("harbour")
    assert subjects(desk.tick()) == {"desk": [FIRST], "press": [FIRST]}
    desk.server.routes["/harbour/ferry"] = GONE
    assert desk.tick(minutes=31) == {}, "one look proves nothing"
    told = desk.tick(minutes=31)
    taken_back = "WITHDRAWN — HIGH — A ship was sunk: Ferry sunk off the cape"
    assert subjects(told) == {"desk": [taken_back], "press": [taken_back]}
    assert "Harbour took its report down; it was the only one" in told["desk"][0].text
    for hours in (1, 6, 16, 24):
        assert desk.tick(hours=hours) == {}
    asked = len(desk.server.asked("/harbour/ferry"))
    desk.tick(hours=24)
    assert len(desk.server.asked("/harbour/ferry")) == asked, "two days later nobody looks any more"
    assert [reason for reason, _ in desk.told()] == ["first", "withdrawn"]
    monkeypatch.setenv("TOCSIN_DATABASE_URL", f"sqlite:///{desk.root}/t.db")
    article = told["desk"][0].alert.article.article
    assert run(["articles", "show", article, "--workspace", str(desk.root)]) == 0
    stands = "at 2026-11-24 06:02 UTC: taken down, found at 2026-11-22 07:02 UTC; there is no further look"
    assert f"looked at again: {stands}" in capsys.readouterr().err
    assert run(["explain", article, "--workspace", str(desk.root)]) == 0
    assert f"looked at again where it stands: {stands}" in " ".join(capsys.readouterr().out.replace("│", "").split())


def test_explain_and_status_say_what_the_second_look_showed_and_when_the_next_one_is(desk, monkeypatch, capsys):
    desk.outlets("harbour", "lighthouse")
    desk.reports("harbour")
    desk.now = utc_now()
    first = desk.tick()["desk"][0].alert.article.article
    monkeypatch.setenv("TOCSIN_DATABASE_URL", f"sqlite:///{desk.root}/t.db")

    def shown(*command):
        capsys.readouterr()
        run([*command, "--workspace", str(desk.root)])
        return " ".join(capsys.readouterr().out.replace("│", "").split())

    def at(moment):
        return f"{moment:%Y-%m-%d %H:%M} UTC"

    soon = desk.now + timedelta(minutes=30)
    assert f"looked at again where it stands: not yet; the next look is at {at(soon)}" in shown("explain", first)
    assert f"Looked after 1 article behind alerts, next at {at(soon)}" in shown("status")
    desk.server.routes["/harbour/ferry"] = GONE
    desk.tick(minutes=31)
    missing = f"at {at(desk.now)}: missing since {at(desk.now)}, not proven"
    assert missing in shown("explain", first)
    assert "1 missing, not proven" in shown("status")
    desk.tick(minutes=31)
    text = shown("explain", first)
    assert f"at {at(desk.now)}: taken down, found at {at(desk.now)}; the next look is at" in text
    assert "withdrawn, high" in text
    assert "Harbour took its report down; it was the only one" in text
    assert "1 article behind alerts, next at" in (status := shown("status"))
    assert "1 taken down since yesterday" in status
    told = json.loads(shown("status", "--json"))["looks"]
    assert (told["watched"], told["missing"], told["vanished"]) == (1, 0, 1)
    run(["explain", first, "--json", "--workspace", str(desk.root)])
    [look] = json.loads(capsys.readouterr().out.splitlines()[-1])["looks"]
    assert (look["article"], look["vanished_at"] is not None) == (first, True)


def test_two_workers_do_not_look_at_one_article_at_once(desk, database):
    desk.database = database
    desk.outlets("harbour")
    desk.reports("harbour")
    desk.tick()
    asked, go_on, judged = Event(), Event(), pipeline.Judged()
    missing = desk.server.routes["/harbour/ferry"] = slowly(GONE, asked, go_on)
    workspace, later = load(desk.root), desk.now + timedelta(minutes=31)

    def look(folder):
        with open_store(database, desk.root / folder) as store:
            pipeline.look_again(workspace, store, judged, now=lambda: later)

    looks_before = len(desk.server.asked("/harbour/ferry"))
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(look, "one")
        try:
            assert asked.wait(30)
            look("two")  # the host is the first one's: nothing to do, and nothing to wait for
            assert len(desk.server.asked("/harbour/ferry")) == looks_before + 1
        finally:
            go_on.set()
        first.result(30)
    look("two")
    assert len(desk.server.asked("/harbour/ferry")) == looks_before + 1, "it was looked at, and is not due"
    later += timedelta(minutes=31)
    desk.server.routes["/harbour/ferry"] = missing
    look("two")
    assert len(desk.server.asked("/harbour/ferry")) == looks_before + 2, "the host was given back"
    assert [one.reason for one in judged.alerts] == ["withdrawn"]


def test_a_worker_that_died_while_it_looked_keeps_nobody_from_looking(desk, database):
    desk.database = database
    desk.outlets("harbour")
    desk.reports("harbour")
    desk.tick()
    later = desk.now + timedelta(minutes=31)
    with open_store(database, desk.root) as dead, dead.claiming() as connection:
        assert claims.take(
            connection, [desk.server.place], dead.worker, later, later + timedelta(minutes=5), dead.is_gone
        )
    desk.tick(minutes=31)
    assert len(desk.server.asked("/harbour/ferry")) == 2


def test_article_that_comes_back_is_told_once_more(desk):
    desk.outlets("harbour")
    desk.reports("harbour")
    desk.tick()
    desk.server.routes["/harbour/ferry"] = GONE
    desk.tick(minutes=31)
    desk.tick(minutes=31)
    desk.reports("harbour")
    again = desk.tick(hours=8)
    assert subjects(again)["desk"] == ["UPDATE — " + FIRST]
    desk.server.routes["/harbour/ferry"] = GONE
    assert [desk.tick(hours=hours) for hours in (16, 1, 24, 1)] == [{}] * 4, "what comes and goes is told once each way"


def test_while_others_still_say_so_a_vanished_report_is_only_recorded_and_counts_no_more(desk):
    desk.outlets("harbour", "lighthouse", "wharf")
    desk.reports("harbour")
    desk.tick()
    desk.reports("lighthouse", "Marigold ferry sunk off the cape, keepers say", ELSEWHERE)
    assert subjects(desk.tick(minutes=10))["desk"][0].startswith("CONFIRMED")
    desk.server.routes["/harbour/ferry"] = GONE
    desk.tick(minutes=25)
    assert desk.tick(minutes=31) == {}
    assert desk.told()[-1] == ("updated", []), "kept for the record, told to nobody"
    [note] = [one.note for one in desk.stored(lambda c: ledger.alerts_since(c, START)) if one.quiet]
    assert note == "Harbour took its report down; 1 report by 1 origin still says so"
    desk.server.routes["/lighthouse/ferry"] = GONE
    desk.tick(hours=2)
    told = desk.tick(minutes=31)
    assert "Lighthouse took its report down; no report of the story says so any more" in told["press"][0].text
    assert [reason for reason, _ in desk.told()] == ["first", "corroborated", "updated", "withdrawn"]


@pytest.mark.parametrize(
    "answer",
    [
        reply("", status="500 Internal Server Error"),
        reply("x", status="503 Service Unavailable", retry_after="60"),
        reply("x", status="403 Forbidden"),
        reply("x", status="451 Unavailable For Legal Reasons"),
        reply("x", status="401 Unauthorized"),
        redirect("/"),
        redirect("/harbour"),
        reply(page("Page not found", OTHER), content_type="text/html"),
        reply(page("Ferry sunk off the cape", ["Subscribe to read on."]), content_type="text/html"),
        reply(b"%PDF", content_type="application/pdf"),
        lambda exchange: exchange.reset(),
    ],
    ids=["500", "503", "403", "451", "401", "front", "section", "soft-404", "wall", "pdf", "reset"],
)
def test_what_may_have_another_cause_takes_nothing_back(desk, answer):
    desk.outlets("harbour")
    desk.reports("harbour")
    desk.server.routes["/"] = desk.server.routes["/harbour"] = reply(
        page("Harbour Daily", OTHER), content_type="text/html"
    )
    desk.tick()
    desk.server.routes["/harbour/ferry"] = answer
    assert [desk.tick(hours=hours) for hours in (1, 2, 6, 16, 24)] == [{}] * 5


def test_a_site_that_answers_404_to_everything_is_ailing(desk):
    desk.outlets("harbour")
    desk.reports("harbour")
    desk.tick()
    desk.server.routes["/harbour/ferry"] = desk.server.routes["/harbour/old"] = GONE
    assert [desk.tick(hours=1) for _ in range(3)] == [{}] * 3
    desk.outlets("harbour")
    desk.server.routes["/harbour/ferry"] = GONE
    assert [len(desk.tick(hours=hours)) for hours in (6, 1, 8)] == [0, 2, 0], "once the rest is back, two looks count"


def test_a_page_that_was_never_seen_cannot_vanish(desk):
    desk.outlets("harbour")
    desk.feed("harbour", ("old", "Bakers open late"), ("ferry", "Ferry Marigold was sunk off the cape on Sunday"))
    desk.server.routes["/harbour/ferry"] = GONE  # a feed whose links are dead
    assert desk.tick().keys() == {"desk", "press"}
    assert [desk.tick(hours=hours) for hours in (1, 1, 8, 16, 24)] == [{}] * 5


@pytest.mark.parametrize(
    ("title", "paragraphs", "subject", "says"),
    [
        ("Ferry late", CALM, "WITHDRAWN — HIGH — A ship was sunk: Ferry late", "Harbour changed its report"),
        ("Ferry in port", DENIAL, "DENIED — HIGH — A ship was sunk: Ferry in port", "Denied in Harbour"),
        ("KILL NOTICE: Ferry sunk", NEWS, "WITHDRAWN — HIGH — A ship was sunk: KILL NOTICE: Ferry sunk", "retracted"),
        (
            "Ferry sunk off the cape",
            ["This story has been withdrawn."],
            "WITHDRAWN — HIGH — A ship was sunk: Ferry sunk off the cape",
            "Harbour has retracted its report",
        ),
    ],
    ids=["rewritten", "denied", "killed", "notice"],
)
def test_a_report_that_is_changed_where_it_stands_is_taken_back(desk, title, paragraphs, subject, says):
    desk.outlets("harbour")
    desk.reports("harbour")
    desk.tick()
    desk.tick(minutes=31)
    desk.server.routes["/harbour/ferry"] = reply(page(title, paragraphs), content_type="text/html")
    told = desk.tick(hours=2)
    assert subjects(told) == {"desk": [subject], "press": [subject]}
    assert says in told["desk"][0].text
    assert [desk.tick(hours=hours) for hours in (8, 16, 24)] == [{}] * 3


def test_an_unchanged_page_is_asked_for_with_its_validators_and_a_few_times_only(desk):
    desk.outlets("harbour")
    desk.reports("harbour")
    desk.server.routes["/harbour/ferry"] = conditional(
        page("Ferry sunk off the cape", NEWS), etag='"1"', content_type="text/html"
    )
    for _ in range(14):
        desk.tick(hours=4)
    asked = desk.server.asked("/harbour/ferry")
    assert [request.headers.get("if-none-match") for request in asked] == [None, None, '"1"', '"1"', '"1"']
    assert [reason for reason, _ in desk.told()] == ["first"]


def test_a_source_can_be_left_alone(desk):
    desk.outlets("harbour", look_again="false")
    desk.reports("harbour")
    desk.tick()
    desk.server.routes["/harbour/ferry"] = GONE
    assert [desk.tick(hours=hours) for hours in (1, 1, 8, 16, 24)] == [{}] * 5
    assert len(desk.server.asked("/harbour/ferry")) == 1


def test_robots_that_forbid_the_page_end_the_looks(desk):
    desk.outlets("harbour")
    desk.reports("harbour")
    desk.tick()
    desk.server.routes["/robots.txt"] = reply("User-agent: *\nDisallow: /harbour/ferry\n", content_type="text/plain")
    desk.server.routes["/harbour/ferry"] = GONE
    for hours in (1, 1, 8, 16):
        assert desk.tick(hours=hours) == {}
    assert len(desk.server.asked("/harbour/ferry")) == 1
    assert desk.stored(lambda c: looks.due(c, START + timedelta(days=9), 9)) == []


def test_a_text_that_still_stands_at_another_source_is_not_taken_back(desk):
    desk.outlets("harbour", "mirror")
    desk.reports("harbour")
    desk.tick()
    desk.reports("mirror")
    desk.tick(minutes=10)
    desk.server.routes["/harbour/ferry"] = GONE
    assert [desk.tick(hours=hours) for hours in (1, 1, 8, 16, 24)] == [{}] * 5


def test_a_rule_that_an_article_never_said_is_not_lessened_by_its_end(desk):
    watch = desk.root / "rules" / "watch.yaml"
    watch.write_text(
        RULES + "---\nid: fog\ntitle: Fog at the cape\nwhen: {words: [fog closed in]}\n"
        "tests: [{event: The fog closed in on Sunday.}, {none: A quiet Sunday.}]\n"
    )
    desk.outlets("harbour", "lighthouse")
    desk.reports("harbour")
    desk.tick()
    desk.reports("lighthouse", "Marigold ferry sunk off the cape, keepers say", ELSEWHERE)
    assert len(desk.tick(minutes=10)) == 3
    desk.server.routes["/harbour/ferry"] = GONE
    desk.tick(minutes=25)
    assert desk.tick(minutes=31) == {}
    rules = [one.rule for one in desk.stored(lambda c: ledger.alerts_since(c, START)) if one.quiet]
    assert rules == ["sunk"]
