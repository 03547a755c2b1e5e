"""The first poll of a source is its stock; what follows is news. The newsroom through the whole pass."""

import json
import shutil
from pathlib import Path

import pytest

from newsroom.server import Newsroom
from tocsin import pipeline
from tocsin.cli import run
from tocsin.model import HeldReason
from tocsin.store import open_store
from tocsin.workspace import load

ROOT = Path(__file__).parents[2]


@pytest.fixture
def desk(tmp_path):
    shutil.copytree(ROOT / "rules", tmp_path / "rules")
    (tmp_path / "sources").mkdir()
    with Newsroom() as room:
        room.write_sources(tmp_path / "sources")
        yield tmp_path


def tick(root, **options):
    with open_store(f"sqlite:///{root}/t.db", root) as store:
        return pipeline.tick(load(root), store, everything=True, **options)


def test_the_first_poll_stores_and_judges_everything_and_tells_nobody(desk):
    first = tick(desk)
    assert first.judged.articles == 25
    assert first.judged.alerts == []
    assert sum(one.held.reason is HeldReason.BASELINE for one in first.judged.not_told) >= 3
    assert tick(desk, alert_on_first=True).judged.alerts == [], "its second poll brings nothing new"


def test_the_first_poll_tells_when_asked_to(desk):
    told = {alert.rule for alert in tick(desk, alert_on_first=True).judged.alerts}
    assert told == {"dprk-missile-launch", "dprk-russia-pact", "dprk-troops-russia"}


@pytest.mark.parametrize(("asked", "told"), [((), 0), (("--alert-on-first",), 3)])
def test_run_says_how_much_of_the_stock_it_kept_back_and_how_to_be_told(desk, asked, told, capsys, monkeypatch):
    monkeypatch.setenv("TOCSIN_DATABASE_URL", f"sqlite:///{desk}/t.db")
    run(["run", "--workspace", str(desk), *asked])
    out = " ".join(capsys.readouterr().out.split())
    assert f"{told} alert" in out
    assert ("--alert-on-first" in out) is (told == 0)


def test_a_folder_has_no_baseline(desk):
    (desk / "inbox").mkdir()
    text = "Pyongyang fires missile\n\nNorth Korea fired a ballistic missile into the sea, Seoul's military said.\n"
    (desk / "inbox" / "a.txt").write_text(text, "utf-8")
    (desk / "sources" / "newsroom.yaml").write_text("sources:\n  - id: inbox\n    kind: files\n    path: inbox\n")
    assert [alert.rule for alert in tick(desk).judged.alerts] == ["dprk-missile-launch"]


def test_the_list_of_sources_says_how_each_one_does(desk, capsys):
    tick(desk)
    database = f"sqlite:///{desk}/t.db"
    environment = pytest.MonkeyPatch()
    environment.setenv("TOCSIN_DATABASE_URL", database)
    try:
        assert run(["sources", "list", "--json", "--workspace", str(desk)]) == 0
        rows = {row["id"]: row for row in map(json.loads, capsys.readouterr().out.splitlines())}
        assert run(["sources", "list", "--workspace", str(desk)]) == 0
        assert "failing" in capsys.readouterr().out
        assert run(["status", "--json", "--workspace", str(desk)]) == 1
        status = json.loads(capsys.readouterr().out)
        assert run(["status", "--workspace", str(desk)]) == 1
    finally:
        environment.undo()
    keys = {"id", "outcome", "reason", "articles", "last_success", "next_due", "last_new", "rhythm", "health"}
    assert all(keys <= row.keys() for row in rows.values())
    assert (rows["silent-gazette"]["health"], rows["silent-gazette"]["last_new"]) == (["failing"], None)
    larkmoor = rows["larkmoor"]
    assert (larkmoor["health"], larkmoor["outcome"], larkmoor["articles"] > 0) == ([], "ok", True)
    assert larkmoor["last_new"]
    assert larkmoor["rhythm"] > 0
    assert status["health"] == {"silent-gazette": ["failing"]}
