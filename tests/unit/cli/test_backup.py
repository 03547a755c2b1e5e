"""The commands around a backup: what they say, and what they end with."""

import pytest

from tocsin.cli import run

ARTICLE = "Flood in the vale\n\nA flood came down the vale on Sunday."


@pytest.fixture
def desk(tmp_path, monkeypatch):
    monkeypatch.delenv("TOCSIN_DATABASE_URL", raising=False)
    for folder in ("rules", "sources", "inbox"):
        (tmp_path / "desk" / folder).mkdir(parents=True)
    (tmp_path / "desk" / "inbox" / "000_00000000000000a1.txt").write_text(ARTICLE, "utf-8")
    monkeypatch.chdir(tmp_path / "desk")
    assert run(["articles", "import", "inbox"]) == 0
    return tmp_path


def test_a_lost_database_comes_back_from_its_backup(desk, capsys):
    assert run(["backup", "../one.backup"]) == 0
    assert "../one.backup: 1 article, 0 stories, 0 alerts, 0 deliveries" in capsys.readouterr().out
    (desk / "desk" / "data" / "tocsin.db").unlink()
    assert run(["restore", "../one.backup"]) == 0
    assert capsys.readouterr().out.startswith("restored 1 article, 0 stories")
    assert run(["articles", "search", "vale"]) == 0
    assert "Flood in the vale" in capsys.readouterr().out


def test_a_restore_over_what_is_there_is_refused_with_a_sentence(desk, capsys):
    assert run(["backup", "one.backup"]) == 0
    assert run(["restore", "one.backup"]) == 1
    told = capsys.readouterr().err
    assert "nothing was restored — stop tocsin, move that file away, then restore again" in told


def test_there_is_nothing_to_back_up_before_the_first_pass(desk, capsys):
    (desk / "desk" / "data" / "tocsin.db").unlink()
    assert run(["backup", "one.backup"]) == 1
    assert "there is no database yet" in capsys.readouterr().err
