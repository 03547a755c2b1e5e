import json
import sqlite3
from datetime import UTC, datetime, timedelta

import pytest

from tocsin import pipeline
from tocsin.cli import run
from tocsin.store import open_store
from tocsin.workspace import load_for_service

from .conftest import write

MORE = """
sources:
  - {id: wire, name: The Wire, kind: files, path: inbox, language: en}
  - {id: attic, kind: files, path: attic, language: ko}
  - {id: cellar, kind: files, path: cellar, enabled: false}
"""
KOREAN = """
---
id: rain
title: Rain
when: {all: [{words: rained}, {language: ko}]}
tests: [{event: It rained., language: ko}, {none: It snowed., language: ko}]
"""
MINUTE = timedelta(minutes=1)


@pytest.fixture
def passes(workspace):
    """Makes passes so many minutes ago."""

    def made(*ago):
        for minutes in ago:
            now = datetime.now(UTC) - minutes * MINUTE
            with open_store(f"sqlite:///{workspace}/data/tocsin.db", workspace / "data") as store:
                pipeline.tick(load_for_service(workspace), store, everything=True, now=lambda now=now: now)

    return made


@pytest.fixture
def status(workspace, capsys):
    """Asks for the status; the exit code and the object."""

    def asked(*more):
        capsys.readouterr()
        code = run(["status", "--json", *more])
        return code, json.loads(capsys.readouterr().out)

    return asked


def test_a_watch_that_is_well_says_so_and_ends_with_0(passes, status, capsys):
    passes(1)
    code, told = status()
    assert (code, told["ok"], told["ailments"]) == (0, True, [])
    assert told["sources"] == {"ok": 1, "unchanged": 0, "failed": 0, "never polled": 0, "off": 0}
    assert 60 <= told["lag"] < 600
    assert run(["status"]) == 0
    assert "All is well." in capsys.readouterr().out


def test_a_late_pass_stops_the_work(passes, status, capsys):
    passes(40)
    code, told = status()
    assert (code, told["late"]) == (1, True)
    (ailment,) = told["ailments"]
    assert ailment["text"].startswith("the last pass ended 40 min ")
    assert ailment["stops"] is True
    assert run(["status"]) == 1
    assert "this stops the work: the last pass ended 40 min " in capsys.readouterr().out


def test_a_failing_source_is_named_with_since_when_and_why(workspace, passes, status, capsys):
    write(workspace, {"sources/files.yaml": MORE})
    (workspace / "attic").mkdir()
    passes(30)
    (workspace / "attic").rmdir()
    passes(20, 2)
    code, told = status()
    assert code == 1
    (source,) = told["failing"]
    assert (source["id"], source["failures"]) == ("attic", 2)
    since = datetime.fromisoformat(source["since"])
    assert 29 < (datetime.now(UTC) - since) / MINUTE < 40
    assert told["sources"]["off"] == 1
    assert run(["status"]) == 1
    assert f"attic fails since {since:%Y-%m-%d %H:%M} UTC (3" in capsys.readouterr().out


def test_a_file_that_cannot_be_used_is_not_well(workspace, passes, status):
    passes(1)
    write(workspace, {"rules/more.yaml": "id: x\n"})
    code, told = status()
    assert code == 1
    assert told["problems"][0].startswith("rules/more.yaml")
    assert told["ailments"][0]["stops"] is False


def test_without_a_database_there_is_a_sentence_and_none_is_made(workspace, capsys):
    assert run(["status"]) == 1
    assert "there is no database yet — tocsin run makes it" in capsys.readouterr().err
    assert not (workspace / "data" / "tocsin.db").exists()


def test_a_database_that_another_process_holds_is_a_sentence(workspace, passes, capsys, monkeypatch):
    passes(1)
    monkeypatch.setattr("tocsin.store.view._PATIENCE", 0.1)
    other = sqlite3.connect(workspace / "data" / "tocsin.db", isolation_level=None)
    for pragma in ("locking_mode=EXCLUSIVE", "journal_mode=DELETE"):
        other.execute(f"PRAGMA {pragma}")
    other.execute("BEGIN EXCLUSIVE")
    assert run(["status"]) == 1
    assert "another process holds it" in capsys.readouterr().err
    other.close()


# --- blind spots --------------------------------------------------------------------------------------------------


def test_nothing_was_missed(workspace, passes, status, capsys):
    passes(3, 2, 1)
    assert status("--blind", "1h")[0] == 0
    assert run(["status", "--blind", "1h"]) == 0
    assert "None: every source was seen" in capsys.readouterr().out


def test_a_source_that_could_not_be_seen_blinds_the_rules_that_hear_only_it(workspace, passes, status, capsys):
    from .conftest import RULES

    write(workspace, {"sources/files.yaml": MORE, "rules/watch.yaml": RULES + KOREAN})
    (workspace / "attic").mkdir()
    passes(30)
    (workspace / "attic").rmdir()
    passes(22)
    (workspace / "attic").mkdir()
    passes(14)
    (workspace / "attic").rmdir()
    passes(6, 1)
    code, told = status("--blind", "25m")
    assert code == 1
    assert [(each["source"], each["state"]) for each in told["sources"]] == [
        ("attic", "caught up"),
        ("attic", "not over"),
    ]
    rules = {each["rule"]: each for each in told["rules"]}
    assert rules["rain"]["affected"] == "fully"
    assert (rules["rain"]["sources"], rules["rain"]["of"], len(rules["rain"]["fully"])) == (["attic"], 1, 1)
    assert (rules["flood"]["affected"], rules["flood"]["of"]) == ("in part", 2)
    assert "launch" not in rules  # its words are English, and the attic is Korean
    assert run(["status", "--blind", "25m"]) == 1
    shown = capsys.readouterr().out
    assert "caught up — attic: no such folder" in shown
    assert "1 rule: flood\n    heard less: 1 of 2 sources at times: attic" in shown
    assert "1 rule: rain\n    heard nothing" in shown


def test_when_nothing_ran_every_rule_was_blind(workspace, passes, status):
    passes(120, 60, 1)
    code, told = status("--blind", "3h")
    assert code == 1
    assert len(told["down"]) == 2
    assert {each["rule"] for each in told["rules"]} == {"launch", "by-dprk", "flood"}
    for each in told["rules"]:
        assert each["affected"] == "fully"
        (stretch,) = each["fully"]  # the pass between took no time at all
        since, until = (datetime.fromisoformat(stretch[name]) for name in ("since", "until"))
        assert 118 <= (until - since) / MINUTE <= 125


def test_a_stretch_that_makes_no_sense_is_a_wrong_call(passes, capsys):
    passes(1)
    assert run(["status", "--blind", "yesterday"]) == 2
    assert "write 90m, 24h, 7d or 2w" in capsys.readouterr().err
