"""CAP messages are valid by a schema of the standard, and keep what no schema can say: what goes together.

The checks are checked too: each rule has a message that breaks it.
"""

import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from lxml import etree

from alerting import NOON, alert, match, report
from tocsin.alerts.health import Outage, OutageKind
from tocsin.alerts.outage import outage_alert
from tocsin.alerts.publish import cap
from tocsin.model import Reason, Severity

SPACE = "urn:oasis:names:tc:emergency:cap:1.2"
SCHEMA = etree.XMLSchema(file=Path(__file__).parents[2] / "golden" / "cap" / "cap-1.2.xsd")
HOSTILE = 'North "Korea" <b>&amp;\x00\x1b\ud800\ufffe ]]> @everyone 발사 ' * 30


def faults(document):
    """Everything of the standard that the message breaks."""
    root = etree.fromstring(document.encode() if isinstance(document, str) else document)
    SCHEMA.validate(root)
    return [*(error.message.replace(f"{{{SPACE}}}", "") for error in SCHEMA.error_log), *together(root)]


def together(root):
    """What goes with what."""
    there = {etree.QName(child).localname for child in root}
    kind, scope = (root.findtext(f"{{{SPACE}}}{name}") for name in ("msgType", "scope"))
    if kind in {"Update", "Cancel", "Ack", "Error"} and "references" not in there:
        yield f"{kind} without references"
    if scope == "Restricted" and "restriction" not in there:
        yield "Restricted without restriction"
    if scope == "Private" and "addresses" not in there:
        yield "Private without addresses"


FIRST = alert()
OUTAGE = Outage(kind=OutageKind.SOURCE, name="harbour", id="7" * 16, since=NOON, detail="timed out", opened_at=NOON)
LATER = NOON + timedelta(hours=3)


@pytest.mark.parametrize(
    "told",
    [
        *(alert(id="b" * 32, reason=reason, created_at=LATER) for reason in Reason if reason is not Reason.HEALTH),
        *(alert(severity=severity) for severity in Severity),
        alert(confirmed=False, official=True, origins=4),
        alert(quiet=True, note="6 reports by 3 origins so far", reason=Reason.UPDATED),
        alert(title=HOSTILE, article=report(title=HOSTILE, source_name=HOSTILE), match=match(text=HOSTILE, words=())),
        alert(article=replace(report(), url="javascript:alert(1)")),
        alert(article=replace(report(), url="https://harbour.example/발사?a=1&b=<2>")),
        alert(article=replace(report(), url=None, published=None)),
        outage_alert(OUTAGE, LATER),
        outage_alert(replace(OUTAGE, ended_at=LATER), LATER),
    ],
    ids=lambda one: f"{one.reason} {one.severity}",
)
@pytest.mark.parametrize("earlier", [[], [FIRST], [FIRST, replace(FIRST, id="d" * 32)]], ids=len)
def test_every_message_keeps_the_rules(told, earlier):
    assert faults(cap(told, earlier, "desk.example.org")) == []


GOOD = cap(alert(id="b" * 32, reason=Reason.UPDATED), [FIRST], "desk.example.org").decode()


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("<status>Actual</status>", "", "Element 'msgType': This element is not expected. Expected is ( status )"),
        ("<scope>Public</scope>", "<scope>Public</scope>" * 2, "Element 'scope': This element is not expected"),
        ("<status>Actual</status>", "<status>actual</status>", "'actual' is not an element of the set"),
        ("<certainty>Likely</certainty>", "<certainty>Sure</certainty>", "'Sure' is not an element of the set"),
        ("-00:00</sent>", "Z</sent>", "Element 'sent': [facet 'pattern']"),
        ("T12:00:00-00:00</sent>", "T25:00:00-00:00</sent>", "is not a valid value of the atomic type 'moment'"),
        ("<sender>desk", "<sender>the desk", "Element 'sender': [facet 'pattern']"),
        ("-00:00</references>", "</references>", "Element 'references'"),
        ("<scope>Public</scope>", "<scope>Private</scope>", "Private without addresses"),
        ("<scope>Public</scope>", "<scope>Restricted</scope>", "Restricted without restriction"),
        ("<msgType>Update</msgType>", "<msgType>Update</msgType><origin>x</origin>", "Element 'origin'"),
        ("<value>north-launch</value>", "", "Element 'eventCode': Missing child element(s). Expected is ( value )"),
        ("<web>https://harbour.example/1</web>", "<web>here</web>", "Element 'web': [facet 'pattern']"),
        ("<senderName>tocsin</senderName>", "<senderName> </senderName>", "Element 'senderName': [facet 'pattern']"),
        ("<event>", '<event lang="en">', "The attribute 'lang' is not allowed"),
        ("cap:1.2", "cap:1.1", "No matching global declaration"),
    ],
)
def test_a_message_that_breaks_a_rule_is_caught(old, new, says):
    assert old in GOOD
    assert any(says in fault for fault in faults(GOOD.replace(old, new, 1)))


def test_a_message_in_another_order_is_caught():
    swapped = re.sub(r"(<status>.*?</status>)(\s*)(<msgType>.*?</msgType>)", r"\3\2\1", GOOD)
    assert swapped != GOOD
    assert any("Element 'msgType': This element is not expected" in fault for fault in faults(swapped))


def test_a_message_without_what_it_refers_to_is_caught():
    orphan = re.sub(r"<references>.*?</references>", "", GOOD)
    assert faults(orphan) == ["Update without references"]


@pytest.mark.parametrize(
    ("changes", "kind", "certainty", "status"),
    [
        ({"reason": Reason.FIRST, "confirmed": False}, "Update", "Possible", "Actual"),
        ({"reason": Reason.CORROBORATED}, "Update", "Likely", "Actual"),
        ({"reason": Reason.CORRECTED}, "Update", "Unlikely", "Actual"),
        ({"reason": Reason.WITHDRAWN, "confirmed": False}, "Cancel", "Unknown", "Actual"),
        ({"reason": Reason.HEALTH}, "Update", "Observed", "System"),
    ],
)
def test_what_became_of_an_alert_is_said_in_words_of_the_standard(changes, kind, certainty, status):
    root = ET.fromstring(cap(alert(**changes), [FIRST], "desk.example.org"))
    said = [root.findtext(f".//{{{SPACE}}}{name}") for name in ("msgType", "certainty", "status")]
    assert said == [kind, certainty, status]


def test_people_read_what_happened_and_programs_the_rule():
    info = ET.fromstring(cap(alert(title=HOSTILE), [], "x")).find(f"{{{SPACE}}}info")
    assert info.findtext(f"{{{SPACE}}}event").startswith("North")
    assert info.findtext(f"{{{SPACE}}}eventCode/{{{SPACE}}}value") == "north-launch"
    assert len(info.findtext(f"{{{SPACE}}}headline")) <= 160
