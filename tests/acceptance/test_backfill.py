"""An archive judged again on a cluster: the same as in one process, with the same outcome in the store."""

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
STARTING = 300  # seconds; a Prefect server and a cluster, on a busy machine
TABLES = {
    "articles": "id, source, title, published_at, paragraphs, language, content_hash",
    "matches": "article, rule, grade, severity, story, match_json, held, held_detail",
    "stories": "id, title, first_seen, last_seen",
    "story_reports": "story, article, report_json, features_json, seen_at",
    "alerts": "id",
    "deliveries": "id",
}
PLACES = ("off the northern coast", "near the old port", "over the eastern bay", "from a site inland")
REST = "A duty officer read the notice out on the radio, and the weather stayed as it had been all week."


def records(number):
    """Of fifty articles one is on the subject of the shipped rules, and another reports the same some hours later."""
    first = datetime(2025, 1, 6, tzinfo=UTC)
    for at in range(number):
        title, text = f"Notice {at} of the harbour office", f"Ferry {at} runs late. {REST}"
        if at % 50 in {0, 1}:
            where = PLACES[at // 50 % len(PLACES)]
            title = f"North Korea fires ballistic missile {where}, says {('ministry', 'navy')[at % 50]}"
            text = f"North Korea fired a ballistic missile {where} at dawn, number {at // 50} of the year. {REST}"
        yield {"id": f"n{at}", "title": title, "text": text, "date": (first + at * timedelta(hours=2)).isoformat()}


def workspace(folder):
    for name in ("rules", "flows"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "sources").mkdir()
    return folder


def rows(folder, table):
    with closing(sqlite3.connect(folder / "data" / "tocsin.db")) as database:
        return sorted(map(repr, database.execute(f"SELECT {TABLES[table]} FROM {table}")))


def run(folder, *command):
    env = {name: value for name, value in os.environ.items() if not name.startswith(("TOCSIN_", "PREFECT_"))}
    env |= {"PREFECT_HOME": str(folder / "prefect"), "PREFECT_SERVER_ANALYTICS_ENABLED": "false"}
    done = subprocess.run(
        [sys.executable, *command], cwd=folder, env=env, capture_output=True, text=True, timeout=STARTING, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def test_a_cluster_finds_the_same_as_one_process_and_shows_how_far_it_is(tmp_path):
    pytest.importorskip("prefect_dask", reason="prefect-dask is not installed: uv sync --extra dask brings it")
    alone, spread = workspace(tmp_path / "alone"), workspace(tmp_path / "spread")
    archive = tmp_path / "archive.jsonl"
    archive.write_text("".join(json.dumps(record) + "\n" for record in records(4500)), "utf-8")
    run(alone, "-m", "tocsin", "backfill", str(archive))
    told = run(spread, "flows/backfill.py", str(archive))
    assert "Creating a new Dask cluster" in told
    assert "4500 of about 4500 articles" in told
    for table in TABLES:
        assert rows(spread, table) == rows(alone, table), table
    assert len(rows(alone, "articles")) == 180
    assert len(rows(alone, "matches")) > 180
    assert 4 < len(rows(alone, "stories")) < 180
    assert rows(alone, "alerts") == rows(alone, "deliveries") == []
    with closing(sqlite3.connect(spread / "prefect" / "prefect.db")) as server:
        shown = server.execute("SELECT type, data, description FROM artifact WHERE key = 'backfill'").fetchall()
    assert [(kind, float(share)) for kind, share, _ in shown] == [("progress", 100.0)]
    assert "180 articles stored" in shown[0][2]
