"""`tocsin explain` answers 'why did (didn't) I get this?' from the rule to the delivery."""

import json

import pytest

from tocsin.cli import run
from tocsin.model import Article
from tocsin.store import open_store
from tocsin.store.articles import save_article

FIRST, SECOND, DENIAL, RAIN = "00000000000000a1", "00000000000000b2", "00000000000000c3", "00000000000000d4"


@pytest.fixture
def watched(workspace, capsys):
    """The workspace after one pass."""
    run(["run"])
    capsys.readouterr()
    return workspace


@pytest.fixture
def told(capsys):
    """The lines that a command prints."""

    def of(*arguments, code=0):
        assert run(["explain", *arguments]) == code
        out, err = capsys.readouterr()
        return out + err

    return of


def rows(text):
    return [json.loads(line) for line in text.splitlines()]


def test_a_told_article_shows_rule_story_alert_and_delivery(watched, told):
    text = told(FIRST)
    assert text.index("event  by-dprk") < text.index("event  launch") < text.index("Nothing of 1 rule")
    assert "✓ entity: dprk as actor — “North Korea” (body, " in text
    assert "by-dprk: event, told" in text
    assert "launch: event, not told: told by a more specific rule — by-dprk" in text
    assert "2 reports" in text
    assert "by this article" in text
    assert "room: held, 0 attempts, last error: NO_SUCH_ROOM not set" in text


def test_a_second_report_says_that_the_story_was_told_by_another(watched, told):
    text = told(SECOND, "--rule", "by-dprk")
    assert "not told: story already told" in text
    assert "by another report of the story" in text
    assert "launch: event" not in text


def test_a_mention_shows_the_cue_and_that_it_was_held(watched, told):
    text = told(DENIAL)
    assert "said as denied by “denied that”" in text
    assert 'launch: mention, not told — denied: "denied that"' in text


def test_an_article_on_which_nothing_fired_says_so(watched, told):
    text = told(RAIN)
    assert "Nothing of 3 rules stands in it: by-dprk, launch, flood" in text
    assert "no rule fired when it came" in text


def test_a_rule_changed_since_is_said(watched, told):
    path = watched / "rules" / "watch.yaml"
    path.write_text(path.read_text("utf-8").replace("fire~", "shoot~").replace("They fired", "They launched"), "utf-8")
    path.write_text(path.read_text("utf-8").replace("Korea fired", "Korea launched"), "utf-8")
    assert "by-dprk: event, told; the rules have changed since: now no match" in told(FIRST)


def test_json_is_one_object_a_rule_and_one_for_what_became_of_it(watched, told):
    *rules, fate = rows(told(FIRST, "--json"))
    assert [one["rule"] for one in rules] == ["by-dprk", "launch", "flood"]
    assert [one["fired"] for one in rules] == [True, True, False]
    assert [one["condition"] for one in rules[0]["when"]["conditions"]] == ["rule: launch", "entity: dprk as actor"]
    assert fate["alerts"][0]["deliveries"][0]["channel"] == "room"
    assert {one["rule"]: one["held"] for one in fate["matches"]} == {
        "by-dprk": None,
        "launch": "told by a more specific rule",
    }


def test_the_beginning_of_an_id_or_a_known_address_is_enough(workspace, told):
    url = "https://example.org/a?utm_source=feed"
    article = Article(id="ab" * 8, title="They fired a missile", url=url, content_hash="0" * 64, source="web")
    with open_store(f"sqlite:///{workspace}/data/tocsin.db", workspace / "data") as store, store.writing() as write:
        save_article(write, article)
    for what in ("abab", "https://example.org/a", "http://example.org/a#top"):
        assert "abababababababab · web" in told(what)


def test_a_file_is_explained_without_any_store(workspace, told):
    text = told("inbox/002_00000000000000c3.txt")
    assert "said as denied" in text
    assert "What became of it" not in text
    assert not (workspace / "data" / "tocsin.db").exists()


def test_spans_of_a_file_are_places_in_it(workspace, told):
    path = workspace / "inbox" / "000_00000000000000a1.txt"
    first = rows(told(str(path), "--json"))[0]
    text = path.read_text("utf-8")
    for span in first["when"]["conditions"][0]["spans"]:
        assert text[span["start"] : span["end"]] == span["text"]


@pytest.mark.parametrize(
    ("what", "code", "sentence"),
    [
        (["ffffffff"], 2, "tocsin articles search WORDS"),
        (["https://example.org/none"], 2, "tocsin articles search WORDS"),
        (["nowhere.txt"], 1, "nowhere.txt: cannot be read"),
        (["bad.txt"], 1, "bad.txt:1:1: "),
        (["inbox", "--rule", "lunch"], 2, "did you mean 'launch'?"),
    ],
)
def test_what_cannot_be_explained_gets_a_sentence(workspace, told, what, code, sentence):
    (workspace / "bad.txt").write_bytes(b"")
    assert sentence in told(*what, code=code)


def test_a_broken_source_file_does_not_hide_the_answer(watched, told):
    (watched / "sources" / "typo.yaml").write_text("sources: 1\n")
    assert "by-dprk: event, told" in told(FIRST)


def test_hostile_text_reaches_no_terminal(workspace, told):
    text = "Red\x1b[31m alert\n\nThey fired a \x1b[0m missile.\u202e\n"
    (workspace / "hostile.txt").write_text(text, "utf-8")
    out = told("hostile.txt")
    assert "\x1b" not in out
    assert "\u202e" not in out


def test_it_says_where_an_alert_goes_and_by_which_route(watched, told):
    channels = watched / "rules" / "channels.yaml"
    assert "by-dprk: where an alert goes: without routes, to every channel: room" in told(FIRST)
    routes = "routes:\n  - {rule: flood, to: [room]}\n  - {severity: critical, to: [room]}\n"
    channels.write_text(channels.read_text("utf-8") + routes, "utf-8")
    text = told(FIRST)
    assert "by-dprk: where an alert goes: by route 2: room" in text
    assert "launch: where an alert goes: no route matches; nobody is told" in text
    *_, fate = rows(told(FIRST, "--json"))
    assert fate["routes"]["by-dprk"] == "by route 2: room"


FILTER = """
id: no-noon
filter: {words: [noon]}
rules: [launch]
reason: the noon gun
tests: [{suppresses: They fired a missile at noon.}, {keeps: They fired a missile.}]
"""


def test_a_filtered_match_is_held_with_its_filter_and_reason(workspace, told, capsys):
    (workspace / "rules" / "filter.yaml").write_text(FILTER, "utf-8")
    run(["run"])
    capsys.readouterr()
    text = told(SECOND)
    assert "mention  by-dprk" in text
    assert "found, but filtered by no-noon: the noon gun" in text
    assert "by-dprk: mention, not told: filtered — no-noon: the noon gun" in text
    assert run(["alerts", "list", "--held", "--json"]) == 0
    held = {(row["article"], row["rule"]): row["held"] for row in rows(capsys.readouterr().out)}
    assert held[SECOND, "by-dprk"] == "filtered"
