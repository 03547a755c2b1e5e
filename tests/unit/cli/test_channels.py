"""`tocsin channels` and `tocsin deliveries` over a real outbox and a real receiver."""

import json

import pytest

from receivers import http_receiver
from tocsin.cli import run

ROOM = 'channels: [{id: room, kind: webhook, url: "${ROOM}"}, {id: post, url: "${POST}"}]\n'


@pytest.fixture
def room(workspace, monkeypatch):
    """The workspace with a channel that works and one without an address."""
    (workspace / "rules" / "channels.yaml").write_text(ROOM, "utf-8")
    with http_receiver() as receiver:
        monkeypatch.setenv("ROOM", f"{receiver.address}/SECRET")
        monkeypatch.delenv("POST", raising=False)
        yield receiver


def rows(capsys, *command):
    capsys.readouterr()
    code = run([*command, "--json"])
    return code, [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_channels_say_who_sends_and_what_they_wait_for(room, capsys):
    code, listed = rows(capsys, "channels", "list")
    assert code == 1, "one of them cannot send"
    assert [(row["id"], row["sender"], row["state"]) for row in listed] == [
        ("room", "webhook", "ready"),
        ("post", "", "waiting"),
    ]
    assert "POST not set" in listed[1]["detail"]
    assert "SECRET" not in str(listed)


def test_test_message_is_another_one_each_time(room, capsys):
    for _ in range(2):
        assert run(["channels", "test", "room"]) == 0
    ids = [request.json["data"]["delivery"] for request in room.requests]
    assert len(set(ids)) == 2
    assert room.requests[0].json["type"] == "test"
    assert run(["channels", "test"]) == 1
    assert "POST not set" in capsys.readouterr().out


def test_way_of_a_delivery_can_be_followed_to_its_end(room, capsys):
    room.answer = 503
    run(["run", "--alert-on-first"])
    code, listed = rows(capsys, "channels", "list")
    assert listed[0]["deliveries"].get("failed")
    _, (failed, *_) = rows(capsys, "deliveries", "list", "--state", "failed")
    code, (shown,) = rows(capsys, "deliveries", "show", failed["id"][:12])
    assert code == 0
    assert [one["detail"] for one in shown["tries"]] == ["HTTP 503 Service Unavailable"]
    room.answer = 200
    assert run(["deliveries", "retry", failed["id"]]) == 0
    run(["run"])
    _, (shown,) = rows(capsys, "deliveries", "show", failed["id"])
    assert (shown["state"], [one["outcome"] for one in shown["tries"]]) == ("sent", ["transient", "sent"])
    assert shown["receipt"] == failed["id"]
    assert run(["deliveries", "show", failed["id"]]) == 0
    assert "503" in capsys.readouterr().out


def test_channel_that_rests_says_until_when(room, capsys):
    room.answer, room.headers = 429, {"Retry-After": "600"}
    run(["run", "--alert-on-first"])
    _, listed = rows(capsys, "channels", "list")
    assert listed[0]["state"] == "resting"
    room.answer = 200
    before = len(room.requests)
    run(["run"])
    assert len(room.requests) == before
    assert run(["deliveries", "retry", "--all"]) == 0
    run(["run"])
    assert len(room.requests) > before


def test_unknown_delivery_is_a_sentence(room, capsys):
    assert run(["deliveries", "show", "nonesuch"]) == 2
    assert "no such delivery" in capsys.readouterr().err
