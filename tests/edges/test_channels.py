import logging
from pathlib import Path
from random import Random

import pytest

from alerting import NOON, alert, report
from memory_outbox import MemoryOutbox
from receivers import HttpReceiver, MailReceiver, http_receiver, mail_receiver
from tocsin.alerts.channels import WaitingChannel, longtail, open_channel
from tocsin.alerts.deliver import deliver
from tocsin.alerts.render import Message, render
from tocsin.errors import ChannelError
from tocsin.model import Delivery, SendOutcome, Severity
from tocsin.specs.channels import ChannelSpec

SECRET = "s3cr3t-T0KEN-marked"
MESSAGE = Message(subject="Something happened", text="It did.\n\nReally.", short="It did.")


@pytest.fixture
def web():
    with http_receiver() as receiver:
        yield receiver


@pytest.fixture
def mail():
    with mail_receiver() as receiver:
        yield receiver


def opened(url, **env):
    return open_channel(ChannelSpec(id="desk", url=url), env, Path())


def hook(web: HttpReceiver, **query: str):
    tail = "&".join(f"{key}={value}" for key, value in query.items())
    return opened("${HOOK}", HOOK=f"json://{web.host}/hook/{SECRET}" + (f"?{tail}" if tail else ""))


def letterbox(mail: MailReceiver):
    """Mail through Apprise; without `kind` it would be our own channel."""
    url = f"mailto://127.0.0.1:{mail.port}?from=tocsin@example.org&to=desk@example.org"
    return open_channel(ChannelSpec(id="desk", kind="apprise", url=url), {}, Path())


# --- arriving -----------------------------------------------------------------------------------------------------


def test_message_arrives_by_webhook_as_it_was_rendered(web):
    assert hook(web).send(MESSAGE, "d1").outcome is SendOutcome.SENT
    (request,) = web.requests
    assert (request.method, request.path) == ("POST", f"/hook/{SECRET}")
    assert (request.json["title"], request.json["message"]) == (MESSAGE.subject, MESSAGE.text)


def test_alert_in_korean_arrives_by_mail_with_a_readable_subject_and_text(mail):
    told = alert(article=report(title="북한, 동해상으로 탄도미사일 발사", source_name="항구일보", language="ko"))
    assert letterbox(mail).send(render(told), "d1").outcome is SendOutcome.SENT
    (arrived,) = mail.mails
    assert arrived["subject"] == render(told).subject
    assert arrived["to"] == "desk@example.org"
    assert arrived.get_content_type() == "text/plain"
    assert arrived.get_content().replace("\r\n", "\n").strip() == render(told).text


def test_subject_of_109_korean_characters_arrives_by_mail(mail):
    subject = "북" * 109
    assert letterbox(mail).send(Message(subject=subject, text="x"), "d1").outcome is SendOutcome.SENT
    arrived = mail.mails[0]["subject"]
    assert len(arrived) >= 100
    assert subject.startswith(arrived.rstrip("…"))


def test_hostile_title_arrives_defused(web, mail):
    hostile = "@everyone <!channel> [x](https://evil.example)\r\nBcc: all@example.org \u202e\ud800\x00" + "가" * 10_000
    message = render(alert(article=report(title=hostile)))
    assert hook(web).send(message, "d1").outcome is SendOutcome.SENT
    assert letterbox(mail).send(message, "d2").outcome is SendOutcome.SENT
    body = web.requests[0].json
    assert not set(body["title"] + body["message"]) & set("@<>\r\u202e\x00")
    (arrived,) = mail.mails
    assert arrived["bcc"] is None
    assert "@everyone" not in arrived["subject"] + arrived.get_content()


def test_severity_is_passed_on(web):
    hook(web).send(Message(subject="a", text="b", severity=Severity.CRITICAL), "d1")
    hook(web).send(MESSAGE, "d2")
    assert [request.json["type"] for request in web.requests] == ["failure", "info"]


def test_long_message_is_one_message_cut_by_us(web):
    long = Message(subject="s" * 5000, text="word " * 20_000, short="short " * 3)
    assert hook(web).send(long, "d1").outcome is SendOutcome.SENT
    assert len(web.requests) == 1
    assert web.requests[0].json["message"] == long.short.rstrip()


# --- not arriving -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (400, SendOutcome.PERMANENT),
        (401, SendOutcome.TRANSIENT),
        (404, SendOutcome.PERMANENT),
        (410, SendOutcome.PERMANENT),
        (429, SendOutcome.TRANSIENT),
        (500, SendOutcome.TRANSIENT),
        (503, SendOutcome.TRANSIENT),
    ],
)
def test_refusals_are_told_apart_and_tried_once(web, status, outcome):
    web.answer = status
    result = hook(web, retry="3").send(MESSAGE, "d1")
    assert result.outcome is outcome
    assert result.detail.startswith(f"HTTP {status}")
    assert len(web.requests) == 1


@pytest.mark.parametrize("status", [301, 302, 303, 307])
def test_redirect_is_not_sent_and_not_followed(web, status):
    web.answer, web.headers = status, {"Location": f"{web.address}/elsewhere"}
    result = hook(web, redirect="yes").send(MESSAGE, "d1")
    assert result.outcome is SendOutcome.TRANSIENT
    assert "moved" in result.detail
    assert [request.path for request in web.requests] == [f"/hook/{SECRET}"]


@pytest.mark.parametrize(("answer", "outcome"), [("550 no such user", "permanent"), ("451 try later", "transient")])
def test_mail_servers_refusals_are_told_apart(mail, answer, outcome):
    mail.refuse = answer
    result = letterbox(mail).send(MESSAGE, "d1")
    assert result.outcome == outcome
    assert answer[:3] in result.detail


def test_nobody_listening_is_transient(web):
    with http_receiver() as gone:
        host = gone.host
    result = opened(f"json://{host}/{SECRET}").send(MESSAGE, "d1")
    assert (result.outcome, result.detail) == (SendOutcome.TRANSIENT, "connection refused")


def test_hanging_receiver_times_out_and_the_other_channel_is_served(web):
    with http_receiver("hang") as hanging:
        both = {
            "slow": open_channel(ChannelSpec(id="slow", url=f"json://{hanging.host}/?rto=0.3"), {}, Path()),
            "desk": hook(web),
        }
        outbox = MemoryOutbox(
            *(Delivery(id=f"{name}{n}", alert=alert(), channel=name) for n in range(4) for name in both),
            created_at=NOON,
        )
        done = deliver(outbox, both, worker="w", now=lambda: NOON, rng=Random(1))
    assert (done.sent, done.failed, done.resting) == (4, 3, ("slow",))
    assert outbox["slow0"].delivery.last_error == "timed out"
    assert len(web.posts()) == 4


# --- secrets ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "url",
    [
        f"json://user:{SECRET}@HOST/hook",
        f"json://HOST/{SECRET}/x",
        f"json://HOST/x?+X-Token={SECRET}",
        f"json://HOST/x?:field={SECRET}",
        f"form://user:{SECRET}@HOST/{SECRET}",
        f"xml://HOST/{SECRET}",
        f"ntfy://{SECRET}@HOST/topic",
        f"gotify://HOST/{SECRET}",
        f"mattermost://HOST/{SECRET}",
        f"rocket://user:{SECRET}@HOST/#channel",
        f"slack://T1JJ3T3L2/A1BRTD4JD/{SECRET}x/#general",
    ],
)
def test_no_failure_prints_a_part_of_the_address(web, url, caplog, capfd):
    caplog.set_level(logging.DEBUG)
    for status in (403, 500, "hang"):
        web.answer = status
        try:
            channel = opened(url.replace("HOST", web.host) + ("&" if "?" in url else "?") + "rto=0.2&cto=0.2")
            shown = repr(channel) + str(channel.send(MESSAGE, "d1"))
        except ChannelError as error:
            shown = str(error)
        assert SECRET not in shown
    out, err = capfd.readouterr()
    assert SECRET not in caplog.text + out + err


# --- opening ------------------------------------------------------------------------------------------------------


def test_unset_variable_is_named_and_nothing_is_sent():
    channel = opened("mailto://${MAIL_USER}:${MAIL_PASS}@mail.example", MAIL_USER="me")
    assert isinstance(channel, WaitingChannel)
    assert "MAIL_PASS not set" in channel.missing
    assert "MAIL_USER" not in channel.missing
    result = channel.send(MESSAGE, "d1")
    assert (result.outcome, result.detail) == (SendOutcome.UNCONFIGURED, channel.missing)
    assert opened("${A}", A="  ").missing.startswith("A not set")


@pytest.mark.parametrize(
    "url",
    [
        f"nosuch://{SECRET}",
        SECRET,
        f"/etc/{SECRET}",
        f"json://{SECRET}.example,json://two.example",
        f"mailto://me:{SECRET}@mail.example?to=a@mail.example,b@mail.example",
    ],
)
def test_address_that_cannot_work_is_refused_without_being_printed(url, caplog):
    with pytest.raises(ChannelError, match=r"^channel desk: ") as refused:
        opened("${URL}", URL=url)
    assert SECRET not in str(refused.value) + caplog.text


def test_unclosed_variable_is_refused():
    with pytest.raises(ChannelError, match="not closed"):
        opened("json://${HOST/x")


def test_address_from_a_file(web, tmp_path):
    (tmp_path / "hook").write_text(f"json://{web.host}/x\n", encoding="utf-8")
    channel = open_channel(ChannelSpec(id="desk", url_file="hook"), {}, tmp_path)
    assert isinstance(channel, longtail.AppriseChannel)
    assert channel.send(MESSAGE, "d1").outcome is SendOutcome.SENT


@pytest.mark.parametrize("content", [None, b"", b"\xff\xfe"])
def test_missing_empty_or_broken_address_file_waits_with_a_reason(tmp_path, content):
    if content is not None:
        (tmp_path / "hook").write_bytes(content)
    channel = open_channel(ChannelSpec(id="desk", url_file="hook"), {}, tmp_path)
    assert channel.missing.startswith("url_file hook")


def test_address_that_lacks_a_package_names_it():
    with pytest.raises(ChannelError, match=r"^channel desk: Apprise needs gntp for growl:// — install it"):
        opened(f"growl://{SECRET}")


def test_a_channel_has_one_address():
    for both in ({"url": "json://x", "url_file": "y"}, {}):
        with pytest.raises(ValueError, match="a channel needs url"):
            ChannelSpec(id="desk", **both)


@pytest.mark.parametrize("said", [f"odd token {SECRET}", f"ODD {SECRET.upper()}!", f"odd {SECRET.replace('-', '%2D')}"])
def test_reason_in_apprises_own_words_is_rid_of_the_address(said):
    secrets = longtail._secrets(f"json://me:{SECRET.replace('-', '%2D')}@host.example/hook?key={SECRET}")
    assert "***" in longtail._reason([said], secrets)
    assert SECRET not in longtail._reason([said], secrets).lower()
