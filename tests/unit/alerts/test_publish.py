"""What others read of us is valid, whatever the titles hold."""

import json
from dataclasses import replace
from datetime import timedelta
from xml.etree import ElementTree as ET

import feedparser
import pytest

from alerting import NOON, alert, report
from tocsin.alerts.publish import atom, cap, json_feed
from tocsin.model import Severity

HOSTILE = 'North "Korea" <b>&amp;\x00\x1b\ud800\ufffe ]]> @everyone 발사'
ALERTS = [
    alert(id="b" * 32, article=report(title=HOSTILE), created_at=NOON + timedelta(hours=1)),
    alert(),
    alert(id="c" * 32, article=replace(report(), url="javascript:alert(1)"), created_at=NOON - timedelta(hours=1)),
]
CAP = "{urn:oasis:names:tc:emergency:cap:1.2}"


def test_feed_reader_reads_the_atom_feed():
    feed = feedparser.parse(atom(ALERTS))
    assert not feed.bozo
    assert feed.version == "atom10"
    assert [entry.id for entry in feed.entries] == [f"urn:tocsin:alert:{one.id}" for one in ALERTS]
    assert feed.entries[1].title.startswith("CRITICAL — Missile launch by North Korea")
    assert feed.entries[1].link == "https://harbour.example/1"
    assert feed.feed.updated == feed.entries[0].updated == "2026-03-04T13:00:00+00:00"
    assert feed.entries[2].link == feed.entries[2].id, "no address that is none"
    assert not feedparser.parse(atom([])).bozo


def test_json_feed_has_what_its_version_asks():
    feed = json.loads(json_feed(ALERTS))
    assert feed["version"] == "https://jsonfeed.org/version/1.1"
    assert len({item["id"] for item in feed["items"]}) == 3
    assert feed["items"][1]["tags"] == ["north-launch", "critical", "dprk"]
    assert all(item["content_text"] and item["content_html"] for item in feed["items"])
    assert "external_url" not in feed["items"][2]


@pytest.mark.parametrize("told", ALERTS, ids=lambda one: one.id[0])
def test_cap_message_has_its_parts_in_the_order_of_the_standard(told):
    root = ET.fromstring(cap(told, [ALERTS[1]], "desk.example.org"))
    head = ["identifier", "sender", "sent", "status", "msgType", "scope", "references", "incidents", "info"]
    assert [child.tag for child in root] == [f"{CAP}{name}" for name in head]
    info = ["category", "event", "urgency", "severity", "certainty", "eventCode"]
    info += ["senderName", "headline", "description", "web"]
    there = [child.tag.removeprefix(CAP) for child in root.find(f"{CAP}info")]
    assert there in (info, info[:-1])
    assert root.findtext(f"{CAP}sent")[-6:] == "-00:00"
    assert root.findtext(f"{CAP}references") == f"desk.example.org,tocsin.{'a' * 32},2026-03-04T12:00:00-00:00"


@pytest.mark.parametrize(
    ("changes", "severity", "certainty"),
    [
        ({}, "Extreme", "Likely"),
        ({"confirmed": False}, "Extreme", "Possible"),
        ({"severity": Severity.INFO}, "Unknown", "Likely"),
    ],
)
def test_cap_says_how_bad_and_how_sure_in_its_own_words(changes, severity, certainty):
    info = ET.fromstring(cap(alert(**changes), [], "tocsin")).find(f"{CAP}info")
    assert (info.findtext(f"{CAP}severity"), info.findtext(f"{CAP}certainty")) == (severity, certainty)


def test_first_message_of_a_story_is_an_alert_and_the_next_an_update():
    kinds = [ET.fromstring(cap(alert(), earlier, "x")).findtext(f"{CAP}msgType") for earlier in ([], [alert()])]
    assert kinds == ["Alert", "Update"]
