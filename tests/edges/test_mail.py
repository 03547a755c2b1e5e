import ssl
from email.utils import parsedate_to_datetime
from pathlib import Path

import pytest

from alerting import NOON, alert, report
from certificates import self_signed
from receivers import mail_receiver
from tocsin.alerts.channels import open_channel
from tocsin.alerts.channels.failures import UNSURE
from tocsin.alerts.render import Message, render
from tocsin.errors import ChannelError
from tocsin.model import Reason, SendOutcome, Severity
from tocsin.specs.channels import ChannelSpec

MESSAGE = Message(subject="Something happened", text="It did.\n\nReally.", short="It did.")


@pytest.fixture
def server():
    with mail_receiver() as receiver:
        yield receiver


def letterbox(server, scheme="mailto", login="", **query):
    tail = "".join(f"&{name}={value}" for name, value in query.items())
    url = f"{scheme}://{login}127.0.0.1:{server.port}?from=tocsin@example.org&to=desk@example.org{tail}"
    return open_channel(ChannelSpec(id="desk", url=url), {}, Path())


def sent(server, message, delivery="d1", thread="", **query):
    result = letterbox(server, **query).send(message, delivery, thread)
    assert result.outcome is SendOutcome.SENT, result
    return server.mails[-1], result.receipt


def text_of(mail, kind="plain"):
    return mail.get_body((kind,)).get_content().replace("\r\n", "\n")


# --- what arrives -------------------------------------------------------------------------------------------------


def test_text_comes_first_and_says_all_and_html_beside_it_needs_no_image(server):
    message = render(alert(article=report(title="북한, 동해상으로 탄도미사일 발사", source_name="항구일보")))
    mail, _ = sent(server, message)
    assert mail["subject"] == message.subject
    assert mail.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in mail.iter_parts()] == ["text/plain", "text/html"]
    assert text_of(mail).strip() == message.text
    page = text_of(mail, "html")
    assert "북한, 동해상으로 탄도미사일 발사" in page
    assert '<strong class="hit">fired</strong>' in page
    assert "color-scheme" in page
    assert not any(word in page for word in ("<img", "<script", "url(", "src="))


def test_the_same_delivery_is_the_same_mail_byte_for_byte(server):
    message = render(alert())
    for _ in range(2):
        letterbox(server).send(message, "d1")
    letterbox(server).send(message, "d2")
    assert server.raw[0] == server.raw[1] != server.raw[2]
    assert server.mails[0]["message-id"] == "<d1@example.org>"
    assert parsedate_to_datetime(server.mails[0]["date"]) == NOON


def test_a_story_is_one_thread_even_when_its_first_mail_was_lost(server):
    first, receipt = sent(server, render(alert()))
    later, _ = sent(server, render(alert(id="b" * 32, reason=Reason.CORROBORATED)), "d2", receipt)
    alone, _ = sent(server, render(alert(id="c" * 32)), "d3")
    other, _ = sent(server, render(alert(id="d" * 32, story="6" * 16)), "d4")
    assert receipt == first["message-id"] == later["in-reply-to"]
    roots = [mail["references"].split()[0] for mail in (first, later, alone, other)]
    assert roots[0] == roots[1] == roots[2] != roots[3]
    assert later["references"].split()[1] == receipt


def test_manners_of_a_machine(server):
    mail, _ = sent(server, render(alert(severity=Severity.CRITICAL)))
    assert mail["auto-submitted"] == "auto-generated"
    assert "<desk.tocsin.example.org>" in mail["list-id"]
    assert mail["importance"] == "high"
    assert mail["list-unsubscribe"] is None
    leaving, _ = sent(server, MESSAGE, unsubscribe="https://example.org/leave")
    assert leaving["list-unsubscribe"] == "<https://example.org/leave>"
    assert leaving["list-unsubscribe-post"] == "List-Unsubscribe=One-Click"
    assert leaving["importance"] is None


def test_hostile_korean_title_of_10_000_characters_keeps_lines_short_and_adds_no_header(server):
    hostile = "발사\r\nBcc: all@example.org\r\n\r\n<script>@everyone\u202e\ud800" + "가" * 10_000
    mail, _ = sent(server, render(alert(article=report(title=hostile), title=hostile)))
    assert max(map(len, server.raw[0].split(b"\r\n"))) <= 78
    assert mail["bcc"] is None
    assert mail["to"] == "desk@example.org"
    assert "<script>" not in text_of(mail, "html")
    assert server.raw[0].isascii()


@pytest.mark.parametrize("words", [3, 7, 12, 19, 40])
@pytest.mark.parametrize("word", ["발사", "пуск", "ミサイル", "déjà", "a—b"])
def test_long_subject_keeps_every_space(server, word, words):
    for start in range(6):
        subject = "x" * start + f" {word}" * words
        assert sent(server, Message(subject=subject.strip(), text="x"))[0]["subject"] == subject.strip()
    assert max(map(len, server.raw[-1].split(b"\r\n"))) <= 78


# --- what does not ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("phase", ["refuse_sender", "refuse_recipient", "refuse"])
@pytest.mark.parametrize(
    ("answer", "outcome"), [("550 no", "permanent"), ("552 full", "permanent"), ("451 later", "transient")]
)
def test_refusals_of_every_phase_are_told_apart(server, phase, answer, outcome):
    setattr(server, phase, answer)
    result = letterbox(server).send(MESSAGE, "d1")
    assert (result.outcome, result.detail[-3:]) == (outcome, answer[:3])
    assert server.mails == []


def test_silence_after_the_mail_was_handed_over_is_unsure_and_the_next_try_is_the_same_mail(server):
    server.silent = True
    result = letterbox(server, rto="0.3").send(MESSAGE, "d1")
    assert (result.outcome, result.detail) == (SendOutcome.TRANSIENT, UNSURE)
    server.silent = False
    sent(server, MESSAGE)
    assert server.mails[0]["message-id"] == server.mails[1]["message-id"]


def test_nobody_listening_is_transient():
    with mail_receiver() as gone:
        pass
    result = letterbox(gone).send(MESSAGE, "d1")
    assert (result.outcome, result.detail) == (SendOutcome.TRANSIENT, "connection refused")


def test_no_password_goes_over_an_open_line(server):
    for login, scheme in (("me:secret@", "mailto"), ("", "mailtos")):
        result = letterbox(server, scheme, login).send(MESSAGE, "d1")
        assert result.outcome is SendOutcome.TRANSIENT
        assert "no such protection or login" in result.detail
    assert server.mails == []


# --- protection ---------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """The file of a self-made certificate, and a server's context with it."""
    file = self_signed(tmp_path_factory.mktemp("tls"))
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(file)
    return file, context


def allowed(_server, _session, _envelope, mechanism, data):
    from aiosmtpd.smtp import AuthResult

    return AuthResult(success=data.password == b"right", handled=False)


@pytest.fixture
def guarded(certificate):
    with mail_receiver(tls_context=certificate[1], authenticator=allowed, auth_required=True) as receiver:
        yield receiver


def test_login_over_starttls(guarded, certificate, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate[0]))
    assert letterbox(guarded, "mailtos", "me:right@").send(MESSAGE, "d1").outcome is SendOutcome.SENT
    refused = letterbox(guarded, "mailtos", "me:wrong@").send(MESSAGE, "d2")
    assert refused.outcome is SendOutcome.TRANSIENT, "a password can be put right while the alert waits"
    assert "535" in refused.detail
    assert len(guarded.mails) == 1


def test_a_server_that_nobody_vouches_for_gets_nothing(guarded):
    result = letterbox(guarded, "mailtos", "me:right@").send(MESSAGE, "d1")
    assert result.outcome is SendOutcome.TRANSIENT
    assert result.detail.startswith("TLS error")
    assert guarded.mails == []


# --- the address --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "url",
    [
        "mailto://SECRET@mail.example/a@mail.example/b@mail.example",
        "mailto://me:SECRET@mail.example?to=a@mail.example,b@mail.example",
        "mailto://me:SECRET@mail.example?to=no-address",
        "mailto://me:SECRET@mail.example?to=a@mail.example%0d%0aBcc:b@mail.example",
        "mailto://me:SECRET@mail.example?to=ä@mail.example",
        "mailto://me:SECRET@mail.example:99999",
        "mailto://me:SECRETä@mail.example",
        "mailto://me:SECRET@mail.example?mode=plain",
        "mailto://me:SECRET@mail.example?subjekt=SECRET",
        "mailto://me:SECRET@mail.example?unsubscribe=javascript:1",
        "mailto://me:SECRET@mail.example?rto=SECRET",
        "mailto://me:SECRET@",
    ],
)
def test_address_that_cannot_work_is_refused_without_being_printed(url):
    with pytest.raises(ChannelError, match=r"^channel desk: ") as refused:
        open_channel(ChannelSpec(id="desk", url=url), {}, Path())
    assert "SECRET" not in str(refused.value)


def test_well_known_mailboxes_know_their_server_and_ports_follow_the_mode():
    def channel(url):
        return open_channel(ChannelSpec(id="desk", url=url), {}, Path())

    gmail = channel("mailtos://me:pw@gmail.com")
    assert (gmail.host, gmail.port) == ("smtp.gmail.com", 587)
    assert gmail.envelope.to.addr_spec == gmail.envelope.sender.addr_spec == "me@gmail.com"
    assert channel("mailtos://me:pw@mail.example?mode=ssl").port == 465
    assert channel("mailto://mail.example/desk@mail.example").port == 25
    assert channel("mailtos://me:pw@mail.example?smtp=out.mail.example").host == "out.mail.example"
    assert "pw" not in repr(gmail)
