import json

import pytest

from tocsin.cli import run

CHANNELS = """
channels:
  - {id: room, url: json://127.0.0.1:9/a, quiet: {from: "22:00", to: "07:00", unless: {origins: 3}}}
  - {id: daily, url: json://127.0.0.1:9/b, digest: {at: "08:00"}}
  - {id: busy, url: json://127.0.0.1:9/c, throttle: {per: story, at_most: 3, within: 1h, unless: {origins: 2}}}
routes:
  - {severity: critical, to: [room, daily]}
  - {language: ko, to: [daily]}
  - {language: ja, to: [busy]}
"""


@pytest.fixture
def tried(workspace, capsys):
    (workspace / "rules" / "channels.yaml").write_text(CHANNELS)

    def rows(*arguments):
        code = run(["alerts", "routes", "--json", "--at", "2026-11-22T23:30+00:00", "--try", *arguments])
        return code, [json.loads(line) for line in capsys.readouterr().out.splitlines()]

    return rows


def test_timeline_says_who_is_told_when_and_why_not_at_once(tried):
    code, rows = tried("by-dprk")
    assert code == 0
    assert [(row["channel"], row["due_at"], row["why"]) for row in rows] == [
        ("room", "2026-11-23T07:00:00+00:00", "quiet hours until 2026-11-23 07:00 UTC"),
        ("daily", "2026-11-23T08:00:00+00:00", "digest at 2026-11-23 08:00 UTC"),
    ]
    assert tried("by-dprk", "--origins", "3")[1][0]["why"] == "at once"


def test_what_nobody_would_get_is_said(tried):
    code, rows = tried("flood")
    assert (code, rows[0]["why"]) == (1, "no route leads to a channel: kept, listed as held")
    assert tried("flood", "--language", "ko")[1][0]["channel"] == "daily"


def test_a_throttle_is_named_because_what_it_does_depends_on_what_is_told_by_then(tried):
    assert tried("flood", "--language", "ja")[1][0]["why"] == (
        "at once, up to 3 of a story within 1 h; what is more comes together"
    )
    assert tried("flood", "--language", "ja", "--origins", "2")[1][0]["why"] == "at once"
    assert tried("flood", "--language", "ja", "--reason", "withdrawn")[1][0]["why"] == "at once"


def test_an_articles_own_events_are_tried(tried, workspace):
    code, rows = tried(str(workspace / "inbox" / "000_00000000000000a1.txt"))
    assert (code, {row["rule"] for row in rows}) == (0, {"by-dprk", "launch"})


def whys(rows):
    return {row["rule"]: row["why"] for row in rows if not row["channel"]}


def test_what_an_article_would_not_be_told_of_is_said_with_the_reason(tried, workspace):
    _, rows = tried(str(workspace / "inbox" / "000_00000000000000a1.txt"))
    assert whys(rows) == {"launch": "told by a more specific rule: by-dprk"}
    code, rows = tried(str(workspace / "inbox" / "002_00000000000000c3.txt"))
    assert (code, whys(rows)) == (1, {"launch": 'mention: denied: "denied that"'})


def test_silences_and_stronger_alerts_count(tried, workspace, capsys):
    rules = workspace / "rules"
    rules.joinpath("more.yaml").write_text(
        "id: dawn\ntitle: Dawn\nseverity: low\nwhen: {words: dawn}\n"
        "tests: [{event: It came at dawn.}, {none: It rained.}]\n"
    )
    both = "inhibit:\n  - {when: by-dprk, mute: [dawn], within: 6h}\n"
    rules.joinpath("channels.yaml").write_text(CHANNELS.replace("severity: critical", "severity: low", 1) + both)
    article = workspace / "inbox" / "000_00000000000000a1.txt"
    assert whys(tried(str(article))[1])["dawn"].startswith("inhibited: by-dprk was told at 2026-11-22 23:30 UTC")
    assert (
        run(["alerts", "silence", "--rule", "by-dprk", "--for", "999d", "--reason", "drill week", "--by", "Kim"]) == 0
    )
    capsys.readouterr()
    code = run(["alerts", "routes", "--json", "--try", str(article)])
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert code == 0, "what was muted by the silenced one is told"
    assert [row["why"].split(" until ")[0] for row in rows if row["rule"] == "by-dprk"] == ["silenced: by Kim"]
    assert [row["channel"] for row in rows if row["rule"] == "dawn"] == ["room", "daily"]


@pytest.mark.parametrize(
    ("arguments", "says"), [(["no-such-rule"], "neither a rule nor a file"), (["flood", "--at", "soon"], "no time")]
)
def test_what_cannot_be_tried_is_said_in_a_sentence(workspace, capsys, arguments, says):
    assert run(["alerts", "routes", "--try", *arguments]) == 2
    assert says in capsys.readouterr().err
