"""A publisher changes an article: the new text is kept, and what it says for the first time is told."""

import shutil
from pathlib import Path

import pytest

from servers import Server, reply
from tocsin import pipeline
from tocsin.store import articles, open_store
from tocsin.workspace import load

ROOT = Path(__file__).parents[2]
QUIET = "Officers in Seoul said on Tuesday that they were looking into a sound heard near the coast before dawn. " * 3
NEWS = "North Korea fired a ballistic missile toward the East Sea on Tuesday, Seoul's military said. " + QUIET


@pytest.fixture
def desk(tmp_path):
    shutil.copytree(ROOT / "rules", tmp_path / "rules")
    (tmp_path / "sources").mkdir()
    with Server() as server:
        place = f"allow_private: ['{server.place}']"
        text = f"sources:\n  - {{id: wire, url: '{server.url('/feed')}', {place}, text: feed, alert_on_first: true}}\n"
        (tmp_path / "sources" / "wire.yaml").write_text(text)
        yield tmp_path, server


def tick(root, server, title, text):
    entry = (
        f"<item><guid>g</guid><link>{server.url('/1')}</link><title>{title}</title><description>{text}</description>"
    )
    server.routes["/feed"] = reply(f"<rss version='2.0'><channel><title>Wire</title>{entry}</item></channel></rss>")
    with open_store(f"sqlite:///{root}/t.db", root) as store:
        judged = pipeline.tick(load(root), store, everything=True).judged
        with store.writing() as connection:
            [first] = articles.every_article(connection)
            return judged, first, articles.revisions_of(connection, first)


def test_what_a_revision_says_for_the_first_time_is_told_once(desk):
    root, server = desk
    judged, first, revisions = tick(root, server, "Sound heard near the coast", QUIET)
    assert (judged.articles, judged.alerts, revisions) == (1, [], [])
    judged, again, revisions = tick(root, server, "North Korea fires missile", NEWS)
    assert [alert.rule for alert in judged.alerts] == ["dprk-missile-launch"]
    assert judged.alerts[0].article.article == first.id
    assert (again.title, [one.title for _, one in revisions]) == (first.title, ["North Korea fires missile"])
    judged, _, revisions = tick(root, server, "North Korea fires missile, more to follow", NEWS + "More follows. " * 5)
    assert (judged.alerts, len(revisions)) == ([], 2)
    assert judged.revisions == 1


def test_what_a_report_takes_back_is_told_to_those_who_were_told(desk):
    root, server = desk
    (root / "rules" / "channels.yaml").write_text(
        "channels:\n  - {id: desk, url: 'json://127.0.0.1:9/'}\n  - {id: press, url: 'json://127.0.0.1:9/p'}\n"
        "routes:\n  - {rule: dprk-missile-launch, to: [desk]}\n  - {to: [press]}\n"
    )
    tick(root, server, "North Korea fires missile", NEWS)
    judged, _, _ = tick(root, server, "Sound heard near the coast", QUIET + "No launch was seen. " * 5)
    assert [(alert.rule, alert.reason) for alert in judged.alerts] == [("dprk-missile-launch", "withdrawn")]
    with open_store(f"sqlite:///{root}/t.db", root) as store:
        assert [row["channel"] for row in store.outbox.listing()] == ["desk", "desk"]
    judged, _, _ = tick(root, server, "Sound heard near the coast", "Read more.")
    assert judged.alerts == [], "a scrap of text takes nothing back"


def test_a_teaser_takes_nothing_back(desk):
    root, server = desk
    tick(root, server, "North Korea fires missile", NEWS)
    judged, _, _ = tick(root, server, "Sound heard near the coast", "Officers in Seoul look into a sound…")
    assert judged.alerts == []


def test_a_headline_marked_as_retracted_takes_back_however_the_text_reads(desk):
    root, server = desk
    tick(root, server, "North Korea fires missile", NEWS)
    judged, _, _ = tick(root, server, "RETRACTED: North Korea fires missile", NEWS)
    told = [(alert.rule, alert.reason, alert.note) for alert in judged.alerts]
    assert told == [("dprk-missile-launch", "withdrawn", "wire has retracted its report; it was the only one")]
    judged, _, _ = tick(root, server, "RETRACTED: North Korea fires missile", "The report is withdrawn. " * 9)
    assert judged.alerts == []


def test_a_report_that_denies_now_what_it_said_corrects_it(desk):
    root, server = desk
    tick(root, server, "North Korea fires missile", NEWS)
    denial = "Seoul's military denied that North Korea fired a ballistic missile toward the East Sea. " + QUIET
    judged, _, _ = tick(root, server, "Seoul denies missile report", denial)
    [alert] = judged.alerts
    assert (alert.rule, alert.reason, alert.match.assertion) == ("dprk-missile-launch", "corrected", "denied")
