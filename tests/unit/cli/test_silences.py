import json

import pytest

from tocsin.cli import run


@pytest.fixture
def on(workspace):
    return workspace


def held(capsys):
    capsys.readouterr()
    assert run(["alerts", "list", "--held", "--json"]) == 0
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_what_is_silenced_is_kept_with_who_and_why_and_told_no_more_until_it_ends(on, capsys):
    assert run(["alerts", "silence", "--rule", "by-dprk", "--for", "2h", "--reason", "drill week", "--by", "Mara"]) == 0
    assert "silence 1: rule by-dprk until" in capsys.readouterr().out
    run(["run"])
    silenced = [row for row in held(capsys) if row["held"] == "silenced"]
    assert {row["rule"] for row in silenced} == {"by-dprk"}
    assert all("by Mara until" in row["held_detail"] and "drill week" in row["held_detail"] for row in silenced)
    assert run(["alerts", "list", "--json"]) == 0
    assert "by-dprk" not in capsys.readouterr().out
    assert run(["alerts", "unsilence", "1"]) == 0
    assert run(["alerts", "unsilence", "1"]) == 1
    assert run(["alerts", "silences", "--json"]) == 0
    assert '"author": "Mara"' in capsys.readouterr().out.splitlines()[-1]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--for", "2h", "--reason", "x"], "say what"),
        (["--rule", "by-dprk", "--for", "soon", "--reason", "x"], "no length of time"),
        (["--rule", "by-dprk", "--for", "99999999999w", "--reason", "x"], "longer than 1000 years"),
        (["--rule", "by-dpkr", "--for", "2h", "--reason", "x"], "did you mean 'by-dprk'?"),
        (["--entity", "dprkk", "--for", "2h", "--reason", "x"], "did you mean 'dprk'?"),
        (["--source", "nowhere", "--for", "2h", "--reason", "x"], "no source is called 'nowhere'"),
        (["--channel", "nowhere", "--for", "2h", "--reason", "x"], "no channel is called 'nowhere'"),
        (["--rule", "helth", "--for", "2h", "--reason", "x"], "did you mean 'health'?"),
    ],
)
def test_silence_that_would_silence_nothing_is_refused(on, arguments, says, capsys):
    assert run(["alerts", "silence", *arguments]) == 2
    assert says in capsys.readouterr().err
