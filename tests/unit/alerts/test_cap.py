"""CAP messages keep the standard's rules, written down by hand: order, how often, values, forms, what goes together.

The checks are checked too: each rule has a message that breaks it.
"""

import re
from dataclasses import replace
from datetime import datetime, timedelta
from urllib.parse import urlsplit
from xml.etree import ElementTree as ET

import pytest

from alerting import NOON, alert, match, report
from tocsin.alerts.health import Outage, OutageKind
from tocsin.alerts.outage import outage_alert
from tocsin.alerts.publish import cap
from tocsin.model import Reason, Severity

SPACE = "urn:oasis:names:tc:emergency:cap:1.2"
HOSTILE = 'North "Korea" <b>&amp;\x00\x1b\ud800\ufffe ]]> @everyone 발사 ' * 30
MANY = 10**6
ALERT = {  # name → (at least, at most)
    "identifier": (1, 1),
    "sender": (1, 1),
    "sent": (1, 1),
    "status": (1, 1),
    "msgType": (1, 1),
    "source": (0, 1),
    "scope": (1, 1),
    "restriction": (0, 1),
    "addresses": (0, 1),
    "code": (0, MANY),
    "note": (0, 1),
    "references": (0, 1),
    "incidents": (0, 1),
    "info": (0, MANY),
}
INFO = {
    "language": (0, 1),
    "category": (1, MANY),
    "event": (1, 1),
    "responseType": (0, MANY),
    "urgency": (1, 1),
    "severity": (1, 1),
    "certainty": (1, 1),
    "audience": (0, 1),
    "eventCode": (0, MANY),
    "effective": (0, 1),
    "onset": (0, 1),
    "expires": (0, 1),
    "senderName": (0, 1),
    "headline": (0, 1),
    "description": (0, 1),
    "instruction": (0, 1),
    "web": (0, 1),
    "contact": (0, 1),
    "parameter": (0, MANY),
    "resource": (0, MANY),
    "area": (0, MANY),
}
PAIR = {"valueName": (1, 1), "value": (1, 1)}
VALUES = {
    "status": "Actual Exercise System Test Draft",
    "msgType": "Alert Update Cancel Ack Error",
    "scope": "Public Restricted Private",
    "category": "Geo Met Safety Security Rescue Fire Health Env Transport Infra CBRNE Other",
    "responseType": "Shelter Evacuate Prepare Execute Avoid Monitor Assess AllClear None",
    "urgency": "Immediate Expected Future Past Unknown",
    "severity": "Extreme Severe Moderate Minor Unknown",
    "certainty": "Observed Likely Possible Unlikely Unknown",
}
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d")
NAME = re.compile(r"[^\s,<&]+")
REFERENCE = re.compile(rf"{NAME.pattern},{NAME.pattern},{MOMENT.pattern}")


def faults(document):
    """Every rule of the standard that the message breaks."""
    root = ET.fromstring(document)
    found = [f"<{child.tag}> is of another space" for child in root.iter() if not child.tag.startswith(f"{{{SPACE}}}")]
    found += [f"<{child.tag}> is empty" for child in root.iter() if not len(child) and not (child.text or "").strip()]
    found += [f"<{child.tag}> has attributes" for child in root.iter() if child.attrib]
    found += [*shape(root, ALERT), *forms(root), *together(root)]
    for info in root.findall(f"{{{SPACE}}}info"):
        found += shape(info, INFO)
        for name in ("eventCode", "parameter"):
            for pair in info.findall(f"{{{SPACE}}}{name}"):
                found += shape(pair, PAIR)
    return found


def names(element):
    return [child.tag.removeprefix(f"{{{SPACE}}}") for child in element]


def shape(element, children):
    """Which children stand there, how often, and in which order."""
    there, order = names(element), list(children)
    for name in set(there) - set(children):
        yield f"<{name}> is unknown"
    for name, (least, most) in children.items():
        if not least <= there.count(name) <= most:
            yield f"<{name}> stands there {there.count(name)} times"
    if [name for name in order for _ in range(there.count(name))] != [name for name in there if name in order]:
        yield f"<{'>, <'.join(there)}> is another order"


def forms(root):
    """Values and their forms."""
    for child in root.iter():
        name, text = child.tag.removeprefix(f"{{{SPACE}}}"), child.text or ""
        if name in VALUES and text not in VALUES[name].split():
            yield f"{name}: {text}"
        if name in {"sent", "effective", "onset", "expires"} and not is_moment(text):
            yield f"{name}: {text}"
        if name in {"identifier", "sender"} and not NAME.fullmatch(text):
            yield f"{name}: {text}"
        if name == "references" and not all(map(REFERENCE.fullmatch, text.split())):
            yield f"references: {text}"
        if name == "web" and not (urlsplit(text).scheme and urlsplit(text).netloc):
            yield f"web: {text}"


def is_moment(text):
    """An offset always, and never Z."""
    try:
        return bool(MOMENT.fullmatch(text)) and datetime.fromisoformat(text) is not None
    except ValueError:
        return False


def together(root):
    """What goes with what."""
    there = set(names(root))
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
        ("<status>Actual</status>", "", "<status> stands there 0 times"),
        ("<scope>Public</scope>", "<scope>Public</scope><scope>Public</scope>", "<scope> stands there 2 times"),
        ("<status>Actual</status>", "<status>actual</status>", "status: actual"),
        ("<certainty>Likely</certainty>", "<certainty>Sure</certainty>", "certainty: Sure"),
        ("-00:00</sent>", "Z</sent>", "sent: "),
        ("T12:00:00-00:00</sent>", "T25:00:00-00:00</sent>", "sent: "),
        ("<sender>desk", "<sender>the desk", "sender: "),
        ("-00:00</references>", "</references>", "references: "),
        ("<scope>Public</scope>", "<scope>Private</scope>", "Private without addresses"),
        ("<msgType>Update</msgType>", "<msgType>Update</msgType><origin>x</origin>", "<origin> is unknown"),
        ("<value>north-launch</value>", "", "<value> stands there 0 times"),
        ("<web>https://harbour.example/1</web>", "<web>here</web>", "web: here"),
        ("<senderName>tocsin</senderName>", "<senderName> </senderName>", "senderName> is empty"),
        ("cap:1.2", "cap:1.1", "is of another space"),
    ],
)
def test_a_message_that_breaks_a_rule_is_caught(old, new, says):
    assert old in GOOD
    assert any(says in fault for fault in faults(GOOD.replace(old, new, 1)))


def test_a_message_in_another_order_is_caught():
    swapped = re.sub(r"(<status>.*?</status>)(\s*)(<msgType>.*?</msgType>)", r"\3\2\1", GOOD)
    assert swapped != GOOD
    assert any("is another order" in fault for fault in faults(swapped))


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
