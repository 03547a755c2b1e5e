"""The long tail through a real MQTT broker, heard by the broker's own client."""

import socket
import threading
from pathlib import Path

import pytest

from alerting import alert, report
from broker import LOGIN, Broker
from one_delivery import one_delivery
from tocsin.alerts.channels import open_channel
from tocsin.alerts.render import Message, render
from tocsin.model import SendOutcome
from tocsin.specs.channels import ChannelSpec

MESSAGE = Message(subject="Something happened", text="It did.\n\nReally.", short="It did.")


@pytest.fixture(scope="session")
def mosquitto():
    if reason := Broker.missing():
        pytest.skip(reason)
    server = Broker()
    try:
        server.start()
        yield server
    finally:
        server.close()


def topic(broker, path, password=LOGIN[1], query="qos=1"):
    url = f"mqtt://{LOGIN[0]}:{password}@127.0.0.1:{broker.port}/{path}?{query}"
    return open_channel(ChannelSpec(id="desk", url=url), {}, Path())


def left_running():
    return [thread for thread in threading.enumerate() if "paho" in thread.name]


def test_alert_arrives_whole_at_whoever_listens(mosquitto):
    message = render(alert(article=report(title="북한, 동해상으로 탄도미사일 발사\r\n<@everyone>" + "가" * 10_000)))
    with mosquitto.listener("news/launch") as listener:
        assert topic(mosquitto, "news/launch").send(message, "d1").outcome is SendOutcome.SENT
        (heard,) = listener.heard()
    assert heard.strip() == message.text


@pytest.mark.parametrize("query", ["qos=0", "qos=2", "retain=yes"])
def test_what_counts_as_sent_has_arrived_whatever_the_address_says(mosquitto, query):
    with mosquitto.listener("news/asked") as listener:
        channel = topic(mosquitto, "news/asked", query=query)
        assert [channel.send(MESSAGE, f"d{at}").outcome for at in range(3)] == [SendOutcome.SENT] * 3
        assert listener.heard() == [MESSAGE.text] * 3


def test_broker_that_says_nothing_has_taken_nothing():
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"mqtt://127.0.0.1:{silent.getsockname()[1]}/news?qos=0&rto=0.5"
        channel = open_channel(ChannelSpec(id="desk", url=url), {}, Path())
        assert channel.send(MESSAGE, "d1").outcome is SendOutcome.TRANSIENT
    assert left_running() == []


def test_nothing_is_left_running_after_a_send(mosquitto):
    topic(mosquitto, "news/left").send(MESSAGE, "d1")
    refused = topic(mosquitto, "news/left", password="wrong", query="qos=1&rto=0.5").send(MESSAGE, "d2")
    assert refused.outcome is SendOutcome.TRANSIENT
    assert left_running() == []


def test_alert_waits_while_the_broker_is_down_and_arrives_once(mosquitto, tmp_path):
    channel = topic(mosquitto, "news/down")
    with one_delivery(tmp_path) as told:
        mosquitto.stop()
        try:
            refused = told.passed(channel)
        finally:
            mosquitto.start()
        assert (refused["state"], refused["last_error"]) == ("failed", "connection refused")
        assert left_running() == [], "it would send the message besides the outbox"
        with mosquitto.listener("news/down") as listener:
            again = [told.passed(channel, minutes) for minutes in (10, 20)]
            assert [(row["state"], row["attempts"]) for row in again] == [("sent", 2)] * 2
            assert len(listener.heard()) == 1


@pytest.mark.parametrize("query", ["qos=0&rto=0.5", "qos=1&rto=0.5"])
def test_wrong_password_is_no_delivery_and_is_not_printed(mosquitto, query):
    with mosquitto.listener("news/login") as listener:
        refused = topic(mosquitto, "news/login", password="s3cr3t-wrong", query=query).send(MESSAGE, "d1")
        assert listener.heard() == []
    assert refused.outcome is SendOutcome.TRANSIENT
    assert "s3cr3t" not in refused.detail
    assert "MQTT" in refused.detail
