"""What is said of an outage of the watch itself, on every way out."""

import io
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.headerregistry import Address
from pathlib import Path

import pytest
from rich.console import Console

from tocsin.alerts.channels.letter import Envelope, letter
from tocsin.alerts.channels.webhook import payload
from tocsin.alerts.digest import render_digest
from tocsin.alerts.health import Outage, OutageKind
from tocsin.alerts.markup import fragment
from tocsin.alerts.outage import outage_alert, title
from tocsin.alerts.render import render
from tocsin.alerts.terminal import print_alert
from tocsin.model import Severity
from tocsin.store.outbox import alert_type

GOLDEN = Path(__file__).parents[2] / "golden" / "alerts"
NOON = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)
HOSTILE = "HTTP 503 @everyone <!channel> **down** [mend](https://evil.example/x)\r\nBcc: all@example.org"
OPEN = Outage(
    kind=OutageKind.SOURCE,
    name="harbour",
    id="5" * 16,
    since=NOON - timedelta(hours=3, minutes=20),
    detail=HOSTILE,
    opened_at=NOON,
)
OVER = replace(OPEN, ended_at=NOON + timedelta(hours=2))
ALERTS = {"outage": outage_alert(OPEN, NOON), "outage-over": outage_alert(OVER, NOON + timedelta(hours=2))}


@pytest.mark.parametrize("name", ALERTS)
def test_message_about_an_outage_is_as_agreed(name):
    message = render(ALERTS[name])
    shown = f"Subject: {message.subject}\n\n{message.text}\n\n-- short --\n{message.short}\n"
    assert shown == (GOLDEN / f"{name}.txt").read_text("utf-8")


def test_what_a_server_said_can_neither_ping_nor_spoof():
    message = render(ALERTS["outage"])
    for text in (
        message.subject,
        message.text,
        message.short,
        fragment(message).replace("<p>", "").replace("</p>", ""),
    ):
        assert not set(text.replace("<br>", "")) & set("@<>*\r")
        assert "evil.example" not in text
    assert "Bcc: " in message.text, "on the line of the error, not on one of its own"
    assert not any(line.startswith("Bcc") for line in message.text.splitlines())


@pytest.mark.parametrize("kind", OutageKind)
def test_every_kind_of_outage_says_what_it_is_what_to_do_and_when_it_is_over(kind):
    outage = Outage(kind=kind, name="harbour", id="5" * 16, since=NOON, opened_at=NOON)
    over = replace(outage, ended_at=NOON + timedelta(minutes=90))
    opened, ended = outage_alert(outage, NOON), outage_alert(over, NOON + timedelta(minutes=90))
    assert "What to do: " in opened.note
    assert "It lasted 1 h 30 min" in ended.note
    assert title(outage) != title(over)
    assert "{" not in opened.note + opened.title + ended.title
    assert (opened.story, ended.severity) == (ended.story, Severity.INFO)
    assert opened.id != ended.id
    assert ("harbour" in opened.title) is (kind in {OutageKind.SOURCE, OutageKind.SILENT, OutageKind.CHANNEL})


def test_the_same_outage_told_again_is_another_alert_and_the_same_story():
    again = outage_alert(OPEN, NOON + timedelta(hours=9))
    assert again.id != ALERTS["outage"].id
    assert again.story == ALERTS["outage"].story


def test_mail_terminal_digest_and_webhook_say_it_too():
    message = render(ALERTS["outage"])
    here = Address("tocsin", "tocsin", "example.org")
    mail = letter(message, Envelope(channel="ops", sender=here, to=here), "1" * 32, "", NOON)
    assert mail["Subject"] == "TOCSIN — MEDIUM — Source harbour is failing"
    assert mail.get_body(("html",)).get_content().count("Since 2026-03-04 08:40 UTC") == 1
    screen = io.StringIO()
    print_alert(Console(file=screen, width=200), ALERTS["outage"])
    digest = render_digest(list(ALERTS.values()), NOON).text
    for text in (screen.getvalue(), digest):
        assert "Source harbour is failing" in text
        assert "Since 2026-03-04 08:40 UTC (3 h 20 min)." in text
        assert "“”" not in text, "no empty quotation where no article stands behind it"
    sent = payload(message, "1" * 32)
    assert (sent["type"], sent["data"]["evidence"]["sentence"]) == ("alert.health", "")
    assert sent["data"]["article"]["source"] == "harbour"


def test_an_alert_about_an_outage_comes_back_from_its_json_as_it_was():
    kept = alert_type().dump_json(ALERTS["outage"])
    assert alert_type().validate_json(kept) == ALERTS["outage"]
