"""Marked secrets go in by every way there is; then everything that comes out is searched for the marks."""

import os
import re
import socket
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import httpx
import pytest

from receivers import http_receiver

MARK = re.compile(rb"mark-?[0-9]{2}-?secret", re.IGNORECASE)
CHANNELS = """
channels:
  - {{id: hook, kind: webhook, url: "{receiver}/${{HOOK_PATH}}", secret: "${{HOOK_SECRET}}"}}
  - {{id: closed, kind: webhook, url: "http://127.0.0.1:{closed}/${{HOOK_PATH}}"}}
  - {{id: long, url: "json://${{LONG_USER}}:${{LONG_PASSWORD}}@127.0.0.1:{closed}/x?+X-Key=${{LONG_KEY}}"}}
  - {{id: mail, url: "mailto://eve:${{MAIL_PASSWORD}}@127.0.0.1:{closed}?from=a@example.org&to=b@example.org"}}
  - {{id: room, url: "matrix://${{MATRIX_TOKEN}}@127.0.0.1:{closed}/!a:example.org"}}
  - {{id: phone, url: "ntfy://${{NTFY_TOKEN}}@127.0.0.1:{closed}/topic"}}
  - {{id: mounted, kind: webhook, url_file: secrets/address}}
"""
SOURCES = """
sources:
  - {{id: paper, url: "{press}/feed", headers: {{X-Api-Key: Mark10secret}}, allow_private: ["{at}"]}}
  - {{id: inbox, kind: files, path: inbox, alert_on_first: true}}
"""
RULES = """
id: flood
title: Flood
severity: critical
when: {words: flood}
tests: [{event: A flood came.}, {none: It rained.}]
"""
ENVIRONMENT = {
    "HOOK_PATH": "Mark01secret",
    "HOOK_SECRET": "whsec_TWFyazAyc2VjcmV0TWFyazAyc2VjcmV0",  # Mark02secret, twice
    "LONG_USER": "Mark03secret",
    "LONG_PASSWORD": "Mark04secret",
    "LONG_KEY": "Mark05secret",
    "MAIL_PASSWORD": "Mark06secret",
    "MATRIX_TOKEN": "Mark07secret",
    "NTFY_TOKEN": "Mark08secret",
}
COMMANDS = (
    ("run", "--all", "--json"),
    ("run", "--all", "--log", "json"),
    ("status",),
    ("status", "--json"),
    ("status", "--blind", "24h"),
    ("sources", "list", "--json"),
    ("channels", "list", "--json"),
    ("channels", "test"),
    ("deliveries", "list", "--json"),
    ("alerts", "list", "--json"),
    ("explain", "inbox/000_00000000000000a1.txt"),
    ("alerts", "export", "--atom", "out/alerts.atom", "--json-feed", "out/alerts.json", "--cap", "out/cap"),
    ("upkeep",),
    ("backup", "out/backup.db"),
    ("articles", "export", "out/articles"),
    ("sources", "check"),
    ("sources", "export-opml"),
    ("status", "--blind", "24h", "--json"),
    ("deliveries", "list"),
    ("alerts", "list", "--held"),
    ("check",),
)


@pytest.fixture
def desk(tmp_path):
    """A workspace, and `tocsin` in it with secrets everywhere; its channels are there, away, or refuse."""
    with socket.create_server(("127.0.0.1", 0)) as one:
        closed = one.getsockname()[1]
    with http_receiver(500) as receiver, http_receiver(503) as press:
        files = {
            "sources/s.yaml": SOURCES.format(press=press.address, at=press.host),
            "rules/r.yaml": RULES,
            "rules/channels.yaml": CHANNELS.format(receiver=receiver.address, closed=closed),
            "secrets/address": f"http://127.0.0.1:{closed}/Mark09secret",
            "secrets/ping": f"{receiver.address}/Mark11secret",
            "inbox/000_00000000000000a1.txt": "Flood in the vale\n\nA flood came down the vale on Sunday.",
        }
        root = tmp_path / "desk"
        for name, text in files.items():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_text(text, "utf-8")
        settings = {"TOCSIN_PING_URL_FILE": str(root / "secrets" / "ping"), "TOCSIN_LOG_LEVEL": "DEBUG"}
        yield root, {**clean(), **ENVIRONMENT, **settings}, receiver


def clean():
    return {name: value for name, value in os.environ.items() if not name.startswith("TOCSIN_")}


def tocsin(root, environment, *arguments):
    command = [sys.executable, "-m", "tocsin", *arguments]
    return subprocess.run(command, cwd=root, env=environment, capture_output=True, timeout=120, check=False)


def marked(data):
    """Where a mark stands, with what is around it."""
    hit = MARK.search(data)
    return data[max(0, hit.start() - 80) : hit.end() + 20] if hit else None


def made(root):
    """Every file that tocsin wrote, but for its copies of the files that people wrote themselves."""
    found = [path for folder in ("data", "out") for path in (root / folder).rglob("*") if path.is_file()]
    return [path for path in found if "last-good" not in path.parts]


def test_no_secret_comes_out_anywhere(desk):
    root, environment, receiver = desk
    for command in COMMANDS:
        done = tocsin(root, environment, *command)
        assert done.returncode in {0, 1}, (command, done.stderr.decode())
        assert b"Traceback" not in done.stderr, (command, done.stderr.decode())
        assert marked(done.stdout + done.stderr) is None, command
    files = made(root)
    assert {"tocsin.db", "backup.db", "alerts.atom", "alerts.json", "000_00000000000000a1.txt"} <= {
        path.name for path in files
    }
    assert {path: found for path in files if (found := marked(path.read_bytes()))} == {}
    assert {"/Mark01secret", "/Mark11secret"} <= {request.path for request in receiver.requests}  # they were used


FLOWS = """
import sys
sys.path.insert(0, sys.argv[1])
from deliver import deliver
from upkeep import upkeep
from watch import watch
watch(sys.argv[2], everything=True)
deliver(sys.argv[2])
upkeep(sys.argv[2])
"""
PREFECT = {
    "PREFECT_LOGGING_EXTRA_LOGGERS": "tocsin",
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "120",
}
PREFECT_KEEPS = ("flow_run", "task_run", "flow_run_state", "artifact", "log")
"""Tables of Prefect's database that a run leaves rows in."""


def test_prefect_learns_of_none(desk):
    """Neither its parameters, states, logs, tables and events, nor what it prints: all of that is in its database."""
    root, environment, receiver = desk
    home = root / "data" / "prefect"
    home.mkdir(parents=True)
    flows = [sys.executable, "-c", FLOWS, str(Path(__file__).parents[2] / "flows"), str(root)]
    environment = {name: value for name, value in environment.items() if not name.startswith("PREFECT_")} | PREFECT
    done = subprocess.run(
        flows, cwd=root, env=environment | {"PREFECT_HOME": str(home)}, capture_output=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stderr.decode()
    assert {"/Mark01secret", "/Mark11secret"} <= {request.path for request in receiver.requests}  # they were used
    assert b"paper: " in done.stderr  # a failing source and a failing delivery are told
    with closing(sqlite3.connect(home / "prefect.db")) as connection:
        kept = {table: connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in PREFECT_KEEPS}
    assert min(kept.values()) > 0, kept
    assert marked(done.stdout + done.stderr) is None
    assert {path: found for path in made(root) if (found := marked(path.read_bytes()))} == {}


def test_the_pages_hold_none_either(desk):
    root, environment, _ = desk
    tocsin(root, environment, "run")
    command = [sys.executable, "-m", "tocsin", "pages", "--port", "0"]
    with subprocess.Popen(command, cwd=root, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as child:
        address = re.search(rb"http://\S+", child.stdout.readline())[0].decode()
        said = {path: httpx.get(address + path) for path in ("/healthz", "/metrics", "/alerts.atom", "/alerts.json")}
        child.terminate()
        out, errors = child.communicate(timeout=60)
    assert said["/healthz"].json()["ailments"]  # which is where a secret could stand
    assert 'tocsin_deliveries_total{channel="hook",outcome="transient"}' in said["/metrics"].text
    for path, answer in said.items():
        assert marked(answer.content) is None, path
    assert marked(out + errors) is None


@pytest.mark.parametrize(
    "setting",
    [
        {"TOCSIN_DATABASE_URL": "postgresql+psycopg://tocsin:Mark12secret@127.0.0.1:1/tocsin"},
        {"TOCSIN_DATABASE_URL": "nosuch://tocsin:Mark12secret@127.0.0.1:1/tocsin"},
        {"TOCSIN_DATABASE_URL": "postgresql://tocsin:half@Mark12secret@127.0.0.1:1/tocsin"},
        {"TOCSIN_DATABASE_URL": "postgresql://tocsin@127.0.0.1:1/tocsin?password=Mark12secret"},
        {"TOCSIN_DATABASE_URL": "Mark12secret"},
        {"TOCSIN_PING_URL": "Mark12secret"},
        {"TOCSIN_PING_URL": "ftp://example.org/Mark12secret"},
        {"HOOK_SECRET": "Mark12secret"},
    ],
    ids=lambda setting: " ".join(f"{name}={value.partition(':')[0]}" for name, value in setting.items()),
)
def test_a_secret_that_cannot_work_is_refused_without_being_shown(desk, setting):
    root, environment, _ = desk
    done = tocsin(root, environment | setting, *(("run",) if "HOOK_SECRET" in setting else ("status",)))
    assert done.returncode in {1, 2}
    assert marked(done.stdout + done.stderr) is None
    assert b"Traceback" not in done.stderr, done.stderr.decode()
