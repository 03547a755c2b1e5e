import feedparser

from tocsin.cli import run


def test_alerts_are_written_as_files_that_are_replaced_whole(workspace, capsys):
    run(["run", "--alert-on-first"])
    command = ["alerts", "export", "--atom", "out/alerts.atom", "--json-feed", "out/alerts.json", "--cap", "out/cap"]
    for _ in range(2):
        assert run(command) == 0
    feed = feedparser.parse((workspace / "out" / "alerts.atom").read_bytes())
    assert feed.entries
    messages = sorted(path.stem for path in (workspace / "out" / "cap").glob("*.xml"))
    assert messages == sorted(entry.id.rpartition(":")[2] for entry in feed.entries)
    assert not [path for path in (workspace / "out").rglob("*") if path.name.endswith(".new")]


def test_export_needs_to_know_what_and_where(workspace, capsys):
    assert run(["alerts", "export"]) == 2
    assert run(["alerts", "export", "--cap", "out", "--sender", "two words"]) == 2
    (workspace / "file").write_text("", "utf-8")
    assert run(["alerts", "export", "--atom", "file/alerts.atom"]) == 2
    assert "cannot be written" in capsys.readouterr().err
