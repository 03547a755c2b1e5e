"""Our Matrix channel against a real homeserver: what a room holds afterwards, and who is rung."""

import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from html.parser import HTMLParser
from pathlib import Path
from random import Random
from urllib.error import HTTPError
from urllib.parse import quote

import pytest

from alerting import NOON, alert, match, report
from homeserver import Homeserver, interpreter
from tocsin.alerts.channels import open_channel
from tocsin.alerts.channels.failures import UNSURE
from tocsin.alerts.deliver import deliver
from tocsin.alerts.digest import render_digest
from tocsin.alerts.render import render
from tocsin.model import Reason, SendOutcome
from tocsin.specs.channels import ChannelSpec
from tocsin.store import open_store, outbox

SENT = SendOutcome.SENT
FIRST = alert()
QUIET = alert(id="c" * 32, reason=Reason.UPDATED, quiet=True, note="6 reports by 3 origins so far")


@pytest.fixture(scope="session")
def homeserver():
    """A server of our own, for as long as the tests run."""
    if not interpreter():
        pytest.skip(
            "no Matrix homeserver: `make servers` installs one (or name its environment in TOCSIN_TEST_SYNAPSE)"
        )
    server = Homeserver()
    try:
        server.start()
        yield server
    finally:
        server.close()


@pytest.fixture(scope="session")
def bot(homeserver):
    return homeserver.account("tocsin")


@pytest.fixture(scope="session")
def ada(homeserver):
    """Who reads the room."""
    return homeserver.account("ada")


@pytest.fixture
def room(bot, ada):
    """An empty room of the bot's, in which it may ping everybody."""
    return bot.make_room(ada)


@pytest.fixture
def store(tmp_path):
    with open_store(f"sqlite:///{tmp_path}/tocsin.db", tmp_path) as opened:
        yield opened


@pytest.fixture
def desk(homeserver):
    """Opens the channel of a room."""

    def opened(room, token, more=""):
        url = f"matrix://{token}@127.0.0.1:{homeserver.port}/{quote(room)}{more}"
        return open_channel(ChannelSpec(id="desk", url=url), {}, Path())

    return opened


def put(store, *alerts):
    with store.writing() as connection:
        for one in alerts:
            outbox.save_alert(connection, one)
            outbox.save_delivery(connection, one, "desk")


def run(store, channel, at=NOON):
    return deliver(store.outbox, {"desk": channel}, worker=store.worker, now=lambda: at, rng=Random(1))


def ids(events):
    return [event["event_id"] for event in events]


# --- arriving -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("version", ["10", "11", "12"])
def test_alert_arrives_as_text_and_markup_in_rooms_of_each_version(version, bot, ada, desk):
    room = bot.make_room(ada, room_version=version)  # rooms of version 12 have no server in their ids
    told = render(FIRST)
    result = desk(room, bot.token).send(told, "d1")
    (event,) = ada.messages(room)
    assert (result.outcome, result.receipt, event["sender"]) == (SENT, event["event_id"], bot.user)
    content = event["content"]
    assert (content["body"], content["msgtype"], content["m.mentions"]) == (told.text, "m.text", {})
    assert content["format"] == "org.matrix.custom.html"
    assert '<strong class="hit">' in content["formatted_body"]


def test_alert_rings_and_growth_of_its_story_does_not(room, bot, ada, desk):
    told = [desk(room, bot.token).send(render(one), one.id[:3]).receipt for one in (FIRST, QUIET)]
    assert ada.rung(room) & set(told) == {told[0]}


def test_long_digest_arrives_and_names_every_alert(room, bot, ada, desk):
    korean = report(title="북한, 동해상으로 탄도미사일 발사 " * 8, source_name="항구일보", language="ko")
    alerts = [alert(id=f"{at:032x}", article=korean, title=f"제{at}차 발사") for at in range(200)]
    assert desk(room, bot.token).send(render_digest(alerts, NOON), "d1").outcome is SENT
    (event,) = ada.messages(room)
    assert not [one.title for one in alerts if one.title not in event["content"]["body"]]


@pytest.mark.parametrize("letter", ["a", "가", '"', "🚀"])
def test_text_and_markup_of_any_length_and_letter_are_taken(letter, room, bot, desk):
    channel = desk(room, bot.token)
    for number, length in enumerate((4000, 8000, 12_000, 20_000, 40_000)):
        # A quiet message says the same in its text and in its markup, so that both are as large as can be.
        message = replace(render(QUIET), text=letter * length, short="")
        assert channel.send(message, f"d{number}").outcome is SENT


def test_larger_event_would_be_refused(room, bot):
    """Else the test above could not fail."""
    with pytest.raises(HTTPError, match=r"413.*M_TOO_LARGE"):
        bot.say(room, body="가" * 22_000)


# --- once ---------------------------------------------------------------------------------------------------------


def test_same_delivery_sent_twice_is_one_message(room, bot, ada, desk):
    channel = desk(room, bot.token)
    results = [channel.send(render(FIRST), "d1") for _ in range(2)]
    other = desk(bot.make_room(ada), bot.token).send(render(FIRST), "d1")
    assert ids(ada.messages(room)) == [results[0].receipt] == [results[1].receipt]
    assert other.receipt != results[0].receipt


def test_delivery_that_several_senders_have_at_once_is_one_message(room, bot, ada, desk):
    channel = desk(room, bot.token)
    with ThreadPoolExecutor(8) as senders:
        results = list(senders.map(lambda _: channel.send(render(FIRST), "d1"), range(8)))
    (event,) = ada.messages(room)
    assert {(result.outcome, result.receipt) for result in results} == {(SENT, event["event_id"])}


def test_delivery_whose_answer_was_not_awaited_is_one_message(room, bot, ada, desk):
    hasty, patient = desk(room, bot.token, "?rto=0.002"), desk(room, bot.token)
    # Each says something else: an event's id is the hash of it, so that equal ones of one millisecond are one event.
    messages = {f"d{number}": render(alert(id=f"{number:032x}")) for number in range(10)}
    unsure = [hasty.send(message, name) for name, message in messages.items()]
    assert any(result.detail == UNSURE for result in unsure)
    told = [patient.send(message, name).receipt for name, message in messages.items()]
    assert len(set(told)) == len(messages)
    assert sorted(ids(ada.messages(room))) == sorted(told)


def test_delivery_repeated_after_the_server_was_killed_is_one_message(room, bot, ada, desk, homeserver):
    channel = desk(room, bot.token)
    before = channel.send(render(FIRST), "d1")
    homeserver.stop()
    homeserver.run_again()
    assert channel.send(render(FIRST), "d1") == before
    assert ids(ada.messages(room)) == [before.receipt]


# --- threads ------------------------------------------------------------------------------------------------------


def test_further_messages_of_a_story_stand_in_the_thread_of_its_first(room, bot, ada, desk, store):
    other = alert(id="d" * 32, story="6" * 16)
    for number, one in enumerate((FIRST, alert(id="b" * 32, reason=Reason.CORROBORATED), other, QUIET)):
        put(store, one)
        assert run(store, desk(room, bot.token), NOON + timedelta(minutes=number)).sent == 1
    first, second, elsewhere, third = ids(ada.messages(room))
    assert set(ada.thread(room, first)) == {second, third}
    assert ada.thread(room, elsewhere) == []


def first_message_in_another_room(bot, ada, room):
    return bot.say(bot.make_room(ada), body="first")


def first_message_that_the_server_has_never_seen(bot, ada, room):
    return "$" + "a" * 43


def first_message_that_is_an_answer_itself(bot, ada, room):
    root = bot.say(room, body="root")
    return bot.say(room, body="first", **{"m.relates_to": {"rel_type": "m.thread", "event_id": root}})


GONE = [
    first_message_in_another_room,
    first_message_that_the_server_has_never_seen,
    first_message_that_is_an_answer_itself,
]


@pytest.mark.parametrize("gone", GONE)
def test_message_whose_thread_cannot_be_answered_stands_by_itself(gone, room, bot, ada, desk):
    root = gone(bot, ada, room)
    results = [desk(room, bot.token).send(render(FIRST), "d1", root) for _ in range(2)]
    event = ada.messages(room)[-1]
    assert [result.outcome for result in results] == [SENT, SENT]
    assert {result.receipt for result in results} == {event["event_id"]}
    assert "m.relates_to" not in event["content"]


def test_thread_whose_first_message_was_redacted_goes_on(room, bot, ada, desk):
    channel = desk(room, bot.token)
    root = channel.send(render(FIRST), "d1").receipt
    bot.client("PUT", f"rooms/{quote(room)}/redact/{quote(root)}/r1", {})
    assert ada.thread(room, root) == []
    result = channel.send(render(QUIET), "d2", root)
    assert ada.thread(room, root) == [result.receipt]


# --- hostile titles -----------------------------------------------------------------------------------------------

HOSTILE = [
    "@room ada @ada @ada:desk.example look",
    '<a href="https://matrix.to/#/@ada:desk.example">ada</a> https://matrix.to/#/@ada:desk.example',
    "<script>alert(1)</script><img src=x onerror=1><font color=red>red</font>&lt;b&gt;",
    "[click](https://evil.example) **bold** `code` > quote # head",
    "title\r\n\r\nbody\x00\x1b[31m\u2028line\u2029line",
    "\u202eesrever\u2066 \u200b\u200f\ufeff\ud800 a\u0301\u0301\u0301\u0301\u0301\u0301",
    "@room " * 2000,
]
UNSEEN = set("\r\x00\x1b\u2028\u2029\u202e\u2066\u200b\u200f\ufeff\ud800")


class Tags(HTMLParser):
    def __init__(self, page):
        super().__init__()
        self.seen = []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.seen.append((tag, dict(attrs)))


def hostile(title, **keys):
    said = f"North Korea fired {title} missiles"[:2000]
    told = report(title=title, source_name=title)
    return render(alert(article=told, match=match(text=said, words=("fired",)), **keys))


@pytest.mark.parametrize("title", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_title_pings_nobody_and_is_no_markup(title, room, bot, ada, desk):
    result = desk(room, bot.token).send(hostile(title), "d1")
    (event,) = ada.messages(room)
    assert event["event_id"] == result.receipt
    assert ada.rung(room, "highlight") == set()
    assert result.receipt in ada.rung(room)
    content = event["content"]
    assert content["m.mentions"] == {}
    assert "@" not in content["body"] + re.sub(r"<[^>]*>", "", content["formatted_body"])
    assert not UNSEEN & set(content["body"] + content["formatted_body"])
    tags = Tags(content["formatted_body"]).seen
    assert {tag for tag, _ in tags} <= {"p", "strong", "br", "a", "blockquote", "small"}
    assert {attrs["href"] for tag, attrs in tags if tag == "a"} == {"https://harbour.example/1"}


def test_what_the_channel_takes_care_of_is_a_ping_without_it(room, bot, ada):
    """The titles above would ring by name: else the test above could not fail."""
    pings = {bot.say(room, body=HOSTILE[0]), bot.say(room, body="all", **{"m.mentions": {"room": True}})}
    assert ada.rung(room, "highlight") == pings


# --- refusals -----------------------------------------------------------------------------------------------------


def test_wrong_token_is_told_and_the_message_waits_for_a_right_one(room, bot, ada, desk, store):
    put(store, FIRST)
    (refused,) = run(store, desk(room, "syt_wrong_token")).results
    assert (refused.state, refused.detail) == ("failed", "HTTP 401 Unauthorized (M_UNKNOWN_TOKEN)")
    assert run(store, desk(room, bot.token), NOON + timedelta(minutes=1)).sent == 1
    assert len(ada.messages(room)) == 1


def test_room_that_the_bot_is_not_in_is_told_and_the_message_waits_for_the_invitation(bot, ada, desk, store):
    room = ada.make_room()
    put(store, FIRST)
    (refused,) = run(store, desk(room, bot.token)).results
    assert (refused.state, refused.detail) == ("failed", "HTTP 403 Forbidden (M_FORBIDDEN)")
    ada.invite(room, bot)
    bot.join(room)
    assert run(store, desk(room, bot.token), NOON + timedelta(minutes=1)).sent == 1
    assert len(ada.messages(room)) == 1


def test_room_that_does_not_exist_is_told(bot, desk):
    result = desk("!nowhere:desk.example", bot.token).send(render(FIRST), "d1")
    assert (result.outcome, result.detail) == ("transient", "HTTP 403 Forbidden (M_FORBIDDEN)")


def test_server_that_asks_for_patience_is_heard_and_asked_again_later(homeserver, ada, desk, store):
    slow = homeserver.account("slow")
    room = slow.make_room(ada)
    homeserver.slow(slow)
    put(store, *(alert(id=f"{at:032x}", story=f"{at:016x}") for at in range(3)))
    passed = run(store, desk(room, slow.token))
    sent, refused = passed.results  # the third is not tried: the whole channel rests
    assert (sent.outcome, refused.state) == (SENT, "failed")
    assert refused.detail == "HTTP 429 Too Many Requests (M_LIMIT_EXCEEDED)"
    homeserver.hurry(slow)
    assert run(store, desk(room, slow.token), NOON + timedelta(minutes=14)).results == ()
    assert run(store, desk(room, slow.token), NOON + timedelta(minutes=18)).sent == 2
    assert len(ada.messages(room)) == 3


def test_message_waits_while_the_server_is_down_and_arrives_when_it_is_up_again(
    room, bot, ada, desk, store, homeserver
):
    channel = desk(room, bot.token)
    put(store, FIRST)
    homeserver.stop()
    try:
        (refused,) = run(store, channel).results
    finally:
        homeserver.run_again()
    assert (refused.state, refused.detail) == ("failed", "connection refused")
    assert run(store, channel, NOON + timedelta(minutes=1)).sent == 1
    assert len(ada.messages(room)) == 1
