"""Alerts as documents that others read: an Atom feed, a JSON feed, and CAP 1.2 messages. Pure; newest alert first."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from xml.etree import ElementTree as ET

from tocsin.alerts.clean import cut, defused, safe_url
from tocsin.alerts.markup import fragment
from tocsin.alerts.render import render
from tocsin.model import Alert, Reason, Severity

_ATOM = "http://www.w3.org/2005/Atom"
_CAP = "urn:oasis:names:tc:emergency:cap:1.2"
_TITLE = "tocsin: alerts"
_EVENT_LIMIT = 120
_HEADLINE_LIMIT = 160
"""Characters that every display of CAP can show."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SEVERITIES = {
    Severity.CRITICAL: "Extreme",
    Severity.HIGH: "Severe",
    Severity.MEDIUM: "Moderate",
    Severity.LOW: "Minor",
    Severity.INFO: "Unknown",
}


def atom(alerts: Sequence[Alert]) -> bytes:
    """An Atom feed (RFC 4287) of the alerts."""
    feed = ET.Element("feed", xmlns=_ATOM)
    _text(feed, "id", "urn:tocsin:alerts")
    _text(feed, "title", _TITLE)
    _text(feed, "updated", max((alert.created_at for alert in alerts), default=_EPOCH).isoformat())
    _text(ET.SubElement(feed, "author"), "name", "tocsin")
    for alert in alerts:
        _entry(feed, alert)
    return _document(feed)


def json_feed(alerts: Sequence[Alert]) -> bytes:
    """A JSON feed (version 1.1) of the alerts."""
    feed = {"version": "https://jsonfeed.org/version/1.1", "title": _TITLE, "items": [_item(one) for one in alerts]}
    return json.dumps(feed, ensure_ascii=False, indent=1).encode() + b"\n"


def cap(alert: Alert, earlier: Sequence[Alert], sender: str) -> bytes:
    """A message of the Common Alerting Protocol 1.2; `earlier` are the alerts of its story that it goes on from.

    News is never first-hand: what is confirmed is 'Likely' here, anything else 'Possible'.
    """
    root = ET.Element("alert", xmlns=_CAP)
    message = "Update" if earlier else "Alert"
    status = "System" if alert.reason is Reason.HEALTH else "Actual"
    head = {"identifier": f"tocsin.{alert.id}", "sender": sender, "sent": _moment(alert.created_at), "status": status}
    head |= {"msgType": "Cancel" if earlier and alert.reason is Reason.WITHDRAWN else message, "scope": "Public"}
    for name, value in head.items():
        _text(root, name, value)
    if earlier:
        references = (f"{sender},tocsin.{one.id},{_moment(one.created_at)}" for one in earlier)
        _text(root, "references", " ".join(references))
    _text(root, "incidents", alert.story)
    _info(root, alert)
    return _document(root)


def _entry(feed: ET.Element, alert: Alert) -> None:
    entry = ET.SubElement(feed, "entry")
    message = render(alert)
    _text(entry, "id", f"urn:tocsin:alert:{alert.id}")
    _text(entry, "title", message.subject)
    _text(entry, "updated", alert.created_at.isoformat())
    _text(entry, "published", alert.created_at.isoformat())
    if url := safe_url(alert.article.url):
        ET.SubElement(entry, "link", rel="alternate", href=url)
    for term in (alert.rule, alert.severity.value):
        ET.SubElement(entry, "category", term=term)
    _text(entry, "summary", message.text)
    _text(entry, "content", fragment(message)).set("type", "html")


def _item(alert: Alert) -> dict[str, object]:
    message = render(alert)
    item: dict[str, object] = {
        "id": f"urn:tocsin:alert:{alert.id}",
        "title": message.subject,
        "content_text": message.text,
        "content_html": fragment(message),
        "date_published": alert.created_at.isoformat(),
        "tags": [alert.rule, alert.severity.value, *alert.match.tags],
    }
    url = safe_url(alert.article.url)
    return item | ({"external_url": url} if url else {})


def _info(root: ET.Element, alert: Alert) -> None:
    message = render(alert)
    info = ET.SubElement(root, "info")
    values = {
        "category": "Infra" if alert.reason is Reason.HEALTH else "Security",
        "event": defused(alert.title, _EVENT_LIMIT) or alert.rule,
        "urgency": "Unknown",
        "severity": _SEVERITIES[alert.severity],
        "certainty": _certainty(alert),
        "eventCode": alert.rule,
        "senderName": "tocsin",
        "headline": cut(message.subject, _HEADLINE_LIMIT),
        "description": message.text,
    }
    if url := safe_url(alert.article.url):
        values["web"] = url
    for name, value in values.items():
        if name == "eventCode":
            code = ET.SubElement(info, name)
            _text(code, "valueName", "tocsin:rule")
            _text(code, "value", value)
        else:
            _text(info, name, value)


def _certainty(alert: Alert) -> str:
    if alert.reason is Reason.CORRECTED:
        return "Unlikely"
    if alert.reason is Reason.WITHDRAWN:
        return "Unknown"  # nobody says so any more, and nobody denies it
    if alert.reason is Reason.HEALTH:
        return "Observed"
    return "Likely" if alert.confirmed else "Possible"


def _moment(moment: datetime) -> str:
    """CAP's own form: whole seconds, and UTC written as -00:00."""
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%S}-00:00"


def _text(parent: ET.Element, name: str, value: str) -> ET.Element:
    child = ET.SubElement(parent, name)
    child.text = value
    return child


def _document(root: ET.Element) -> bytes:
    ET.indent(root)
    written: bytes = ET.tostring(root, "utf-8", xml_declaration=True)
    return written + b"\n"
