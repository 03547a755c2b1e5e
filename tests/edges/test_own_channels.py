"""Webhook, Matrix, Slack, Discord, Telegram, ntfy: what each really sends, and what it makes of every answer."""

import base64
import hashlib
import hmac
import logging
from pathlib import Path

import pytest

from alerting import alert, report
from receivers import http_receiver, mail_receiver
from servers import Server, drip, endless
from tocsin.alerts.channels import open_channel
from tocsin.alerts.channels.failures import UNSURE
from tocsin.alerts.channels.webhook import signature
from tocsin.alerts.render import Message, render
from tocsin.errors import ChannelError
from tocsin.model import Reason, SendOutcome, Severity
from tocsin.specs.channels import ChannelSpec

SECRET = "s3cr3tT0KENmarked"
KEY = "whsec_" + base64.b64encode(b"k" * 24).decode()
MESSAGE = Message(subject="Something happened", text="It did.\n\nReally.", short="It did.")
TOLD = render(alert())

ADDRESSES = {
    "webhook": "http://HOST/hook/SECRET",
    "matrix": "matrix://SECRET@HOST/!room:example.org",
    "slack": "slack://xoxb-1-SECRET/#alerts?api=http://HOST",
    "discord": "discord://123456/SECRET?api=http://HOST",
    "telegram": "tgram://123:SECRET/-1001?api=http://HOST",
    "ntfy": "ntfy://SECRET@HOST/topic",
}
ANSWERS = {
    "matrix": {"event_id": "$event1"},
    "slack": {"ok": True, "ts": "1700000000.000100"},
    "discord": {"id": "77"},
    "telegram": {"ok": True, "result": {"message_id": 42}},
    "ntfy": {"id": "n1"},
}
RECEIPTS = {"webhook": "d1", "matrix": "$event1", "slack": "1700000000.000100", "discord": "77"}
RECEIPTS |= {"telegram": "42", "ntfy": "n1"}


@pytest.fixture
def web():
    with http_receiver() as receiver:
        yield receiver


def opened(kind, web, more="", **keys):
    web.body = ANSWERS.get(kind)
    url = ADDRESSES[kind].replace("HOST", web.host).replace("SECRET", SECRET) + more
    return open_channel(ChannelSpec(id="desk", kind=kind, url=url, **keys), {"KEY": KEY}, Path())


def one(web):
    (request,) = web.requests
    return request


# --- what each sends ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ADDRESSES)
def test_what_the_channel_calls_the_message_is_the_receipt(kind, web):
    result = opened(kind, web).send(TOLD, "d1")
    assert (result.outcome, result.receipt) == (SendOutcome.SENT, RECEIPTS[kind])
    assert one(web).header("Content-Type") == "application/json"


def test_webhook_posts_the_alert_signed_with_the_deliverys_id(web):
    assert opened("webhook", web, secret="${KEY}").send(TOLD, "d1").outcome is SendOutcome.SENT
    headers, body = {name.lower(): value for name, value in one(web).headers.items()}, one(web).body
    assert headers["webhook-id"] == headers["idempotency-key"] == "d1"
    signed = hmac.new(b"k" * 24, b"d1." + headers["webhook-timestamp"].encode() + b"." + body, hashlib.sha256)
    assert headers["webhook-signature"] == "v1," + base64.b64encode(signed.digest()).decode()
    posted = one(web).json
    assert (posted["type"], posted["timestamp"]) == ("alert.first", "2026-03-04T12:00:00+00:00")
    data = posted["data"]
    assert (data["severity"], data["rule"], data["confirmed"]) == ("critical", "north-launch", True)
    assert data["evidence"]["words"] == ["North Korea", "fired", "ballistic missiles"]
    assert data["article"]["url"] == "https://harbour.example/1"
    assert data["text"] == TOLD.text


def test_signature_is_that_of_the_standards_own_example():
    key = base64.b64decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    made = signature(key, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}')
    assert made == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_webhook_without_a_secret_is_not_signed_and_a_login_is_basic(web):
    web.body = None
    channel = open_channel(ChannelSpec(id="desk", kind="webhook", url=f"http://me:pw@{web.host}/x?a=1"), {}, Path())
    assert channel.send(MESSAGE, "d1").outcome is SendOutcome.SENT
    headers = {name.lower(): value for name, value in one(web).headers.items()}
    assert "webhook-signature" not in headers
    assert headers["authorization"] == "Basic " + base64.b64encode(b"me:pw").decode()
    assert (one(web).path, one(web).json["type"]) == ("/x?a=1", "test")


def test_matrix_sends_the_same_transaction_at_every_try_and_answers_in_the_thread(web):
    room = opened("matrix", web)
    room.send(TOLD, "d1")
    room.send(TOLD, "d1", "$root")
    first, again = web.requests
    assert (first.method, first.path) == ("PUT", again.path)
    assert first.path == "/_matrix/client/v3/rooms/%21room%3Aexample.org/send/m.room.message/d1"
    assert first.header("Authorization") == f"Bearer {SECRET}"
    assert "m.relates_to" not in first.json
    assert first.json["m.mentions"] == {}
    assert first.json["msgtype"] == "m.text"
    assert "<strong" in first.json["formatted_body"]
    assert again.json["m.relates_to"]["rel_type"] == "m.thread"
    assert again.json["m.relates_to"]["event_id"] == "$root"


def test_matrix_message_whose_thread_is_refused_stands_beside_it(web):
    room = opened("matrix", web)
    web.answers = [400]
    assert room.send(TOLD, "d1", "$gone").outcome is SendOutcome.SENT
    refused, again = web.requests
    assert (refused.path, refused.json["m.relates_to"]["event_id"]) == (again.path, "$gone")
    assert "m.relates_to" not in again.json


def test_slack_answers_in_the_thread_without_markup_or_previews(web):
    opened("slack", web).send(TOLD, "d1", "1.2")
    sent = one(web)
    assert (sent.path, sent.header("Authorization")) == ("/chat.postMessage", f"Bearer xoxb-1-{SECRET}")
    assert (sent.json["channel"], sent.json["thread_ts"], sent.json["mrkdwn"]) == ("#alerts", "1.2", False)
    assert (sent.json["link_names"], sent.json["unfurl_links"]) == (False, False)


def test_slack_text_is_escaped(web):
    opened("slack", web).send(Message(subject="x", text="a <!channel> & b"), "d1")
    assert one(web).json["text"] == "a &lt;!channel&gt; &amp; b"


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        ("channel_not_found", "permanent"),
        ("ratelimited", "transient"),
        ("invalid_auth", "transient"),
        (SECRET, "transient"),
    ],
)
def test_slack_says_200_to_refusals_too(web, error, outcome):
    channel = opened("slack", web)
    web.body = {"ok": False, "error": error}
    result = channel.send(TOLD, "d1")
    assert result.outcome == outcome
    assert SECRET not in result.detail


def test_slack_answer_that_breaks_off_leaves_us_unsure(web):
    channel = opened("slack", web)
    web.body = "cut"
    assert channel.send(TOLD, "d1").detail == UNSURE


def test_discord_pings_nobody_and_waits_for_the_id(web):
    opened("discord", web, "&thread=99").send(TOLD, "d1")
    sent = one(web)
    assert sent.path == f"/webhooks/123456/{SECRET}?wait=true&thread_id=99"
    assert (sent.json["allowed_mentions"], sent.json["flags"]) == ({"parse": []}, 4)


def test_address_that_discord_shows_is_understood():
    url = f"https://discord.com/api/webhooks/123456/{SECRET}"
    channel = open_channel(ChannelSpec(id="desk", url=url), {}, Path())
    assert channel.url == f"{url}?wait=true"


def test_telegram_answers_the_first_message_in_plain_text(web):
    opened("telegram", web).send(TOLD, "d1", "41")
    sent = one(web)
    assert sent.path == f"/bot123:{SECRET}/sendMessage"
    assert sent.json["reply_parameters"] == {"message_id": 41, "allow_sending_without_reply": True}
    assert "parse_mode" not in sent.json
    assert sent.json["link_preview_options"] == {"is_disabled": True}


def test_ntfy_message_that_comes_twice_replaces_itself(web):
    opened("ntfy", web).send(TOLD, "d1")
    sent = one(web)
    assert sent.header("Authorization") == f"Bearer {SECRET}"
    assert (sent.json["topic"], sent.json["sequence_id"], sent.json["priority"]) == ("topic", "d1", 5)
    assert sent.json["click"] == "https://harbour.example/1"


@pytest.mark.parametrize(
    ("kind", "field", "limit", "length"),
    [
        ("slack", "text", 4000, len),
        ("discord", "content", 2000, lambda text: len(text.encode("utf-16-le")) // 2),
        ("telegram", "text", 4096, lambda text: len(text.encode("utf-16-le")) // 2),
        ("ntfy", "message", 4096, lambda text: len(text.encode())),
        ("matrix", "body", 16000, len),
    ],
)
@pytest.mark.parametrize("short", ["", "short", "🚀" * 9000])
def test_long_message_is_one_message_that_fits(kind, field, limit, length, short, web):
    assert opened(kind, web).send(Message(subject="🚀" * 900, text="🚀 " * 9000, short=short), "d1")
    assert 0 < length(one(web).json[field]) <= limit


# --- what each makes of an answer ---------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ADDRESSES)
@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (302, "transient"),
        (400, "permanent"),
        (401, "transient"),
        (403, "transient"),
        (404, "permanent"),
        (410, "permanent"),
        (413, "permanent"),
        (429, "transient"),
        (500, "transient"),
        (503, "transient"),
    ],
)
def test_refusals_are_told_apart_tried_once_and_followed_nowhere(kind, status, outcome, web):
    channel = opened(kind, web)
    web.answer, web.headers = status, {"Location": f"{web.address}/elsewhere"}
    result = channel.send(TOLD, "d1")
    assert (result.outcome, result.detail[:8]) == (outcome, f"HTTP {status}")
    assert len(web.requests) == 1


@pytest.mark.parametrize(
    ("headers", "body", "seconds"),
    [
        ({"Retry-After": "7"}, None, 7),
        ({"Retry-After": "Wed, 21 Oct 2099 07:28:00 GMT"}, None, 10**9),
        ({"Retry-After": "Wed, 21 Oct 2015 07:28:00 GMT"}, None, 0),
        ({"Retry-After": "soon"}, None, None),
        ({}, {"retry_after_ms": 1500}, 1.5),
        ({}, {"retry_after": 2.5}, 2.5),
        ({}, {"parameters": {"retry_after": 3}}, 3),
        ({}, {"parameters": 3, "retry_after": "x"}, None),
        ({}, [1], None),
    ],
)
def test_time_that_a_receiver_asks_for_is_kept(headers, body, seconds, web):
    channel = opened("webhook", web)
    web.answer, web.headers, web.body = 429, headers, body
    asked = channel.send(TOLD, "d1").retry_after
    assert asked is None if seconds is None else asked >= min(seconds, 10**9) and (seconds > 10 or asked == seconds)


def test_matrix_error_code_is_told(web):
    channel = opened("matrix", web)
    web.answer, web.body = 403, {"errcode": "M_FORBIDDEN", "error": SECRET}
    assert channel.send(TOLD, "d1").detail == "HTTP 403 Forbidden (M_FORBIDDEN)"


@pytest.mark.parametrize("kind", ADDRESSES)
def test_receiver_that_takes_and_never_answers_leaves_us_unsure(kind, web):
    channel = opened(kind, web, ("&" if "?" in ADDRESSES[kind] else "?") + "rto=0.2")
    web.answer = "hang"
    result = channel.send(TOLD, "d1")
    assert (result.outcome, result.detail) == (SendOutcome.TRANSIENT, UNSURE)


@pytest.mark.parametrize("kind", ADDRESSES)
def test_nobody_listening_is_transient(kind):
    with http_receiver() as gone:
        channel = opened(kind, gone)
    result = channel.send(TOLD, "d1")
    assert (result.outcome, result.detail) == (SendOutcome.TRANSIENT, "connection refused")


@pytest.mark.parametrize("body", ["text", [1], {"event_id": None}, {}])
def test_odd_answer_to_a_send_is_still_sent(body, web):
    channel = opened("matrix", web)
    web.body = body
    assert channel.send(TOLD, "d1").outcome is SendOutcome.SENT


@pytest.mark.parametrize("route", [endless, drip])
def test_answer_without_an_end_is_taken_and_not_read_to_it(route):
    with Server() as server:
        spec = ChannelSpec(id="desk", kind="webhook", url=server.url("/hook?rto=0.1"))
        server.routes["/hook?rto=0.1"] = route
        assert open_channel(spec, {}, Path()).send(TOLD, "d1").outcome is SendOutcome.SENT


# --- hostile titles -----------------------------------------------------------------------------------------------

HOSTILE = [
    "@everyone @here @room <!channel> <!here> <@U123> <#C1>",
    "[click](https://evil.example) ![x](https://evil.example/x.png) <https://evil.example|bank>",
    "**bold** __under__ ~~gone~~ ||spoiler|| `code` ```block``` > quote # head",
    "<script>alert(1)</script><img src=x onerror=1>&lt;b&gt;",
    "title\r\nBcc: all@example.org\r\n\r\nbody\x00\x1b[31m\u2028line",
    "\u202eesrever\u2066 \u200b\u200f\ufeff\ud800 a\u0301\u0301\u0301\u0301\u0301\u0301",
    "evil.example www.evil.example tg://user?id=1 https://evil.example/a",
    "가" * 10_000,
]
TABOO = (
    "@everyone",
    "@here",
    "@room",
    "<!",
    "<@",
    "](",
    "**",
    "||",
    "~~",
    "```",
    "<script",
    "<img",
    "://evil",
    "evil.example",
)
UNSEEN = set("\r\x00\x1b\u2028\u202e\u2066\u200b\u200f\ufeff\ud800")
FIELDS = {
    "webhook": lambda sent: [sent["data"]["subject"], sent["data"]["text"], sent["data"]["article"]["title"],
                             sent["data"]["evidence"]["sentence"], sent["data"]["article"]["source_name"]],
    "matrix": lambda sent: [sent["body"]],
    "slack": lambda sent: [sent["text"]],
    "discord": lambda sent: [sent["content"]],
    "telegram": lambda sent: [sent["text"]],
    "ntfy": lambda sent: [sent["title"], sent["message"]],
}  # fmt: skip


def hostile_message(title):
    from alerting import match

    sentence = f"North Korea fired {title} missiles"[:2000]
    return render(alert(article=report(title=title, source_name=title), match=match(text=sentence, words=("fired",))))


@pytest.mark.parametrize("kind", ADDRESSES)
@pytest.mark.parametrize("title", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_title_pings_links_and_formats_nothing(kind, title, web):
    assert opened(kind, web).send(hostile_message(title), "d1").outcome is SendOutcome.SENT
    for text in FIELDS[kind](one(web).json):
        assert text
        assert not [word for word in TABOO if word in text]
        assert not UNSEEN & set(text)


@pytest.mark.parametrize("title", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_title_is_no_markup_in_a_matrix_room_or_a_mail(title, web):
    from html.parser import HTMLParser

    class Tags(HTMLParser):
        def __init__(self):
            super().__init__()
            self.seen = []

        def handle_starttag(self, tag, attrs):
            self.seen.append((tag, dict(attrs)))

    opened("matrix", web).send(hostile_message(title), "d1")
    pages = [one(web).json["formatted_body"]]
    with mail_receiver() as server:
        url = f"mailto://127.0.0.1:{server.port}?from=tocsin@example.org&to=desk@example.org"
        channel = open_channel(ChannelSpec(id="desk", url=url), {}, Path())
        assert channel.send(hostile_message(title), "d1").outcome is SendOutcome.SENT
        pages.append(server.mails[0].get_body(("html",)).get_content())
    for page in pages:
        tags = Tags()
        tags.feed(page)
        allowed = {"p", "strong", "br", "a", "blockquote", "small", "html", "head", "meta", "title", "style", "body"}
        assert {tag for tag, _ in tags.seen} <= allowed
        assert {attrs["href"] for tag, attrs in tags.seen if tag == "a"} == {"https://harbour.example/1"}


# --- secrets and addresses ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ADDRESSES)
def test_no_failure_prints_a_part_of_the_address(kind, web, caplog, capfd):
    caplog.set_level(logging.DEBUG, logger="tocsin")
    channel = opened(kind, web, ("&" if "?" in ADDRESSES[kind] else "?") + "rto=0.2")
    shown = repr(channel)
    for answer in (403, 404, 500, 302, "hang"):
        web.answer, web.body = answer, {"errcode": SECRET, "error": SECRET, "description": SECRET}
        shown += str(channel.send(TOLD, "d1"))
    out, err = capfd.readouterr()
    assert SECRET not in shown + caplog.text + out + err


@pytest.mark.parametrize(
    ("kind", "url"),
    [
        ("webhook", "ftp://host.example/SECRET"),
        ("webhook", "https://host.example:bad/SECRET"),
        ("webhook", "https://host.example/SECRET with space"),
        ("webhook", "https:///SECRET"),
        ("matrix", "matrixs://SECRET@host.example/#alias:host.example"),
        ("matrix", "matrixs://host.example/!room:host.example"),
        ("matrix", "matrixs://SECRET@host.example/!room:host.example?txn=SECRET"),
        ("slack", "slack://xoxb-SECRET"),
        ("slack", "slack://xoxb-SECRET/#one/#two"),
        ("discord", "discord://123"),
        ("discord", "discord://123/SECRET/more"),
        ("discord", "discord://123/SECRET?thread=SECRET"),
        ("telegram", "tgram://SECRET/-100"),
        ("telegram", "tgram://123:SECRET"),
        ("telegram", "tgram://123:SECRET/1/2"),
        ("ntfy", "ntfys://SECRET@host.example/one/two"),
        ("ntfy", "ntfys://SECRET@host.example/to pic"),
        ("mail", "https://SECRET.example"),
        (None, "https://SECRET.example/hook"),
    ],
)
def test_address_that_cannot_work_is_refused_without_being_printed(kind, url):
    with pytest.raises(ChannelError, match=r"^channel desk: ") as refused:
        open_channel(ChannelSpec(id="desk", kind=kind, url=url), {}, Path())
    assert "SECRET" not in str(refused.value)


@pytest.mark.parametrize("secret", ["plain", "whsec_", "whsec_!!!", "whsec_c2hvcnQ="])
def test_secret_that_signs_nothing_is_refused(secret):
    spec = ChannelSpec(id="desk", kind="webhook", url="https://host.example/x", secret="${KEY}")
    with pytest.raises(ChannelError, match="its secret is none"):
        open_channel(spec, {"KEY": secret}, Path())


def test_missing_secret_holds_the_channel_and_a_secret_may_stand_in_a_file(tmp_path):
    keys = {"id": "desk", "kind": "webhook", "url": "https://host.example/x"}
    assert open_channel(ChannelSpec(**keys, secret="${KEY}"), {}, tmp_path).missing.startswith("KEY not set")
    by_file = ChannelSpec(**keys, secret_file="key")
    assert open_channel(by_file, {}, tmp_path).missing.startswith("secret_file key")
    (tmp_path / "key").write_text(KEY, encoding="utf-8")
    assert open_channel(by_file, {}, tmp_path).key == b"k" * 24


def test_secret_in_the_file_and_odd_rates_are_refused_by_the_spec():
    keys = {"id": "desk", "kind": "webhook", "url": "https://host.example/x"}
    for wrong in (
        {"kind": "ntfy", "secret": "${A}"},
        {"secret": KEY},
        {"secret": "${A}", "secret_file": "b"},
        {"rate": "often"},
        {"rate": "0/min"},
    ):
        with pytest.raises(ValueError, match=r"secret|rate"):
            ChannelSpec(**keys | wrong)


def test_severity_decides_how_loud_a_phone_is(web):
    phone = opened("ntfy", web)
    for severity in (Severity.INFO, Severity.HIGH):
        phone.send(Message(subject="a", text="b", severity=severity), "d1")
    assert [request.json["priority"] for request in web.requests] == [1, 4]


@pytest.mark.parametrize(
    ("url", "module"),
    [
        ("mailto://mail.example/desk@mail.example", "mail"),
        ("matrixs://TOKEN@host.example/!room:host.example", "matrix"),
        ("matrixs://user:password@host.example/!room:host.example", "longtail"),
        ("slack://xoxb-1-abc/#alerts", "slack"),
        ("slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ/#general", "longtail"),
        ("discord://123456/abcdef", "discord"),
        ("tgram://123456:ABC_def/-100", "telegram"),
        ("ntfys://host.example/topic", "ntfy"),
        ("ntfy://topic", "ntfy"),
        ("jsons://host.example/hook", "longtail"),
    ],
)
def test_address_tells_who_sends(url, module):
    channel = open_channel(ChannelSpec(id="desk", url=url), {}, Path())
    assert type(channel).__module__ == f"tocsin.alerts.channels.{module}"


QUIET = render(alert(reason=Reason.UPDATED, quiet=True, note="6 reports by 3 origins so far"))


@pytest.mark.parametrize(
    ("kind", "says"),
    [
        ("matrix", {"msgtype": "m.notice"}),
        ("discord", {"flags": 4100}),
        ("telegram", {"disable_notification": True}),
        ("ntfy", {"priority": 1}),
    ],
)
def test_growth_of_a_story_rings_nowhere_and_an_alert_does(kind, says, web):
    channel = opened(kind, web)
    for message in (QUIET, TOLD):
        channel.send(message, "d1")
    quiet, loud = (request.json for request in web.requests)
    assert {name: quiet.get(name) for name in says} == says
    assert {name: loud.get(name) for name in says} != says


def test_webhook_says_that_growth_is_quiet(web):
    opened("webhook", web).send(QUIET, "d1")
    sent = one(web).json
    assert (sent["type"], sent["data"]["quiet"]) == ("alert.updated", True)
    assert "6 reports by 3 origins so far" in sent["data"]["text"]
