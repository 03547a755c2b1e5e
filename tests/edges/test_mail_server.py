"""Our mail through a real server: STARTTLS, a login, its checks, its refusals; read back from a Maildir."""

from pathlib import Path

import pytest

from alerting import alert, report
from mailserver import LOGIN, MailServer
from one_delivery import ID, one_delivery
from tocsin.alerts.channels import open_channel
from tocsin.alerts.render import render
from tocsin.model import Reason, SendOutcome
from tocsin.specs.channels import ChannelSpec

SERVERS_OWN = {"return-path", "envelope-to", "delivery-date", "received"}


@pytest.fixture(scope="session")
def exim():
    if reason := MailServer.missing():
        pytest.skip(reason)
    server = MailServer()
    try:
        server.start()
        yield server
    finally:
        server.close()


@pytest.fixture
def server(exim, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(exim.certificate))
    exim.empty()
    return exim


def letterbox(server, to="desk", password=LOGIN[1]):
    url = f"mailtos://{LOGIN[0]}:{password}@127.0.0.1:{server.port}?from=tocsin@example.org&to={to}@example.org"
    return open_channel(ChannelSpec(id="desk", url=url), {}, Path())


def sent(server, message, delivery="d1", thread=""):
    result = letterbox(server).send(message, delivery, thread)
    assert result.outcome is SendOutcome.SENT, result
    return result.receipt


def text_of(mail):
    return mail.get_body(("plain",)).get_content().replace("\r\n", "\n").strip()


# --- what arrives -------------------------------------------------------------------------------------------------


def test_alert_arrives_over_tls_and_a_login_as_it_was_rendered(server):
    message = render(alert(article=report(title="북한, 동해상으로 탄도미사일 발사", source_name="항구일보")))
    receipt = sent(server, message)
    (mail,) = server.arrived()
    assert "with esmtpsa" in " ".join(mail["received"].split()), "TLS and a login"
    assert (mail["message-id"], mail["subject"]) == (receipt, message.subject) == ("<d1@example.org>", message.subject)
    assert (mail["to"], mail["envelope-to"], mail["return-path"]) == (
        "desk@example.org", "desk@example.org", "<tocsin@example.org>",
    )  # fmt: skip
    assert (mail.get_content_type(), mail["auto-submitted"]) == ("multipart/alternative", "auto-generated")
    assert text_of(mail) == message.text
    assert [part.get_content_type() for part in mail.iter_parts()] == ["text/plain", "text/html"]


def test_long_korean_subject_passes_a_real_server_whole(server):
    message = render(alert(title="동해상으로 미사일을 쏘았다고 합동참모본부가 밝혔다 " * 6))
    sent(server, message)
    (mail,) = server.arrived()
    assert len(message.subject.encode()) > 200
    assert mail["subject"] == message.subject


def test_mails_of_a_story_are_one_thread_in_the_mailbox(server):
    first = sent(server, render(alert()))
    sent(server, render(alert(id="b" * 32, reason=Reason.CORROBORATED)), "d2", first)
    sent(server, render(alert(id="c" * 32, story="6" * 16)), "d3")
    root, answer, other = sorted(server.arrived(), key=lambda mail: mail["message-id"])
    assert answer["in-reply-to"] == root["message-id"] == first
    assert answer["references"].split() == [root["references"].split()[0], first]
    assert other["references"].split()[0] != root["references"].split()[0]
    assert other["in-reply-to"] != first


@pytest.mark.parametrize(
    "hostile",
    [
        "launch\r\nBcc: all@example.org\r\n\r\n<script>@everyone",
        "launch\nTo: all@example.org\n.\nMAIL FROM:<x@example.org>\nRCPT TO:<all@example.org>\nDATA\n",
        "launch =?utf-8?q?=0D=0ABcc:_all=40example.org?= \u202e\ud800\x00",
        "발사\r\n.\r\n" + "가" * 10_000,
    ],
    ids=["header", "commands", "encoded", "long"],
)
def test_hostile_title_gains_no_header_and_no_recipient(server, hostile):
    sent(server, render(alert()), "d1")
    sent(server, render(alert(article=report(title=hostile), title=hostile)), "d2")
    boxes = server.boxes()
    assert set(boxes) == {"desk"}
    tame, mail = sorted(boxes["desk"], key=lambda mail: mail["message-id"])
    assert mail.keys() == tame.keys()
    assert (mail["to"], mail["from"]) == (tame["to"], tame["from"])


def test_same_delivery_sent_twice_is_one_mail_to_whoever_knows_its_id(server):
    for _ in range(2):
        sent(server, render(alert()))
    first, second = server.arrived()
    assert first["message-id"] == second["message-id"] == "<d1@example.org>"
    for mail in (first, second):
        for name in SERVERS_OWN:
            del mail[name]
    assert first.as_bytes() == second.as_bytes()


# --- what does not, or later --------------------------------------------------------------------------------------


@pytest.fixture
def told(tmp_path):
    """One alert, to be told by mail."""
    with one_delivery(tmp_path) as waiting:
        yield waiting


def test_greylisted_mail_comes_again_and_is_delivered_once(server, told):
    with server.greylisting():
        refused = told.passed(letterbox(server))
    assert (refused["state"], refused["attempts"]) == ("failed", 1)
    assert refused["last_error"] == "the mail server refused the recipient with 451"
    assert server.arrived() == []
    again = [told.passed(letterbox(server), minutes) for minutes in (10, 20, 30)]
    assert [(row["state"], row["attempts"]) for row in again] == [("sent", 2)] * 3
    (mail,) = server.arrived()
    assert mail["message-id"] == f"<{ID}@example.org>"


def test_mail_to_nobody_is_given_up_at_once(server, told):
    rows = [told.passed(letterbox(server, to="gone"), minutes) for minutes in (0, 60)]
    assert [(row["state"], row["attempts"]) for row in rows] == [("dead", 1)] * 2
    assert rows[0]["last_error"] == "the mail server refused the recipient with 550"
    assert server.boxes() == {}


def test_mail_waits_while_the_password_is_wrong(server, told):
    refused = told.passed(letterbox(server, password="wrong"))
    assert (refused["state"], refused["last_error"]) == (
        "failed",
        "the mail server refused the user or the password with 535",
    )
    assert told.passed(letterbox(server), 10)["state"] == "sent"
    assert len(server.arrived()) == 1


def test_mail_waits_while_the_server_is_down(server, told):
    server.stop()
    try:
        refused = told.passed(letterbox(server))
    finally:
        server.start()
    assert (refused["state"], refused["last_error"]) == ("failed", "connection refused")
    assert told.passed(letterbox(server), 10)["state"] == "sent"
    assert len(server.arrived()) == 1
