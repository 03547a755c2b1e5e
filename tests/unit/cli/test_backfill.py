"""`tocsin backfill` keeps what today's rules find in an archive, and tells nobody."""

import json
import sqlite3
from contextlib import closing

import pytest

from tocsin.articles import document
from tocsin.cli import cores, run
from tocsin.pipeline import archive


@pytest.fixture
def told(workspace, capsys):
    def of(*arguments, code=0):
        assert run(["backfill", *map(str, arguments)]) == code
        return capsys.readouterr()

    return of


@pytest.fixture
def figures(told):
    return lambda *arguments: json.loads(told(*arguments, "--json").out)


def stored(workspace, query):
    with closing(sqlite3.connect(workspace / "data" / "tocsin.db")) as database:
        return database.execute(query).fetchall()


def test_a_folder_is_judged_and_what_fires_is_kept(workspace, told):
    out = told("inbox").out
    assert "4 events and 1 mention in 3 articles · 5 new, 0 changed, 0 gone · 3 articles stored" in out
    assert "4 articles judged in " in out
    assert "nobody is told" in out
    assert stored(workspace, "SELECT count(*) FROM alerts") == [(0,)]


def test_the_store_is_judged_when_no_file_is_named(workspace, figures, capsys):
    assert run(["articles", "import", "inbox"]) == 0
    capsys.readouterr()
    found = figures()
    assert (found["judged"], found["new"], found["stored"]) == (4, 5, 0)
    assert figures()["new"] == 0


def test_articles_of_files_are_stored_under_the_source_that_is_named(workspace, told):
    told("inbox", "--source", "archive-2025")
    assert stored(workspace, "SELECT DISTINCT source FROM articles") == [("archive-2025",)]


def test_an_imported_file_comes_out_byte_for_byte(workspace, told, capsys):
    told("inbox")
    assert run(["articles", "export", "out"]) == 0
    names = sorted(path.name for path in (workspace / "out").iterdir())
    assert names == [f"{name}.txt" for name in ("000_00000000000000a1", "001_00000000000000b2", "002_00000000000000c3")]
    assert all((workspace / "out" / name).read_bytes() == (workspace / "inbox" / name).read_bytes() for name in names)


def test_days_and_lengths_bound_what_is_judged(figures):
    assert figures("inbox", "--since", "2025-11-10")["judged"] == 2
    assert figures("inbox", "--until", "2025-11-10")["judged"] == 2
    assert figures("inbox", "--since", "500w", "--until", "2025-11-04")["left_out"] == 2


@pytest.mark.parametrize("given", ["soon", "2025-13-01", "-3d"])
def test_what_is_no_day_and_no_length_is_refused(told, given):
    assert "no day and no duration — write it like 2026-01-31 or 30d" in told("inbox", f"--since={given}", code=2).err


def test_what_cannot_be_read_is_named_and_ends_with_1(workspace, told):
    (workspace / "bad.jsonl").write_text('{"title": "Missile", "text": "They fired a missile."}\n{"title": 3}\n')
    found = told("bad.jsonl", "nothing.txt", code=1)
    assert '/bad.jsonl:2:1: "title" is int, not text' in found.err
    assert "/nothing.txt: cannot be read" in found.err
    assert "1 new" in found.out


def test_all_cores_find_the_same_as_one(workspace, told, monkeypatch):
    rows = [{"title": f"Missile {at}", "text": f"They fired missile {at}.", "date": "2025-10-06"} for at in range(300)]
    (workspace / "many.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    tables = ("SELECT article, rule, story, match_json FROM matches", "SELECT * FROM stories")
    monkeypatch.setattr(document, "_LINES_AT_A_TIME", 2_000)
    monkeypatch.setattr(archive, "TOGETHER", 50)
    found = []
    for number in (2, 1):
        monkeypatch.setattr(cores, "cores", lambda number=number: number)
        told("many.jsonl")
        found.append([sorted(stored(workspace, query)) for query in tables])
        for path in (workspace / "data").glob("tocsin.db*"):
            path.unlink()
    assert found[0] == found[1]
    assert len(found[0][0]) == 300


def test_a_source_id_that_no_source_may_have_is_refused(told):
    assert "--source: 'No Good' is no id" in told("inbox", "--source", "No Good", code=2).err
