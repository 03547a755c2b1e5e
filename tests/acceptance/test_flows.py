"""The flows as people run them: the demo, and the service until Ctrl-C."""

import json
import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from contextlib import closing, suppress
from pathlib import Path

import httpx
import pytest

from newsroom.receiver import Receiver
from newsroom.server import Newsroom

ROOT = Path(__file__).parents[2]
STARTING = 120  # seconds; Prefect's server takes 10–40 of them


def clean_environment(**more):
    return {k: v for k, v in os.environ.items() if not k.startswith(("TOCSIN_", "PREFECT_"))} | more


def processes_with(mark):
    """Ids of the living processes that carry this mark in their environment."""
    found = set()
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            state = (folder / "stat").read_text().rpartition(")")[2].split()[0]
            if state != "Z" and mark.encode() in (folder / "environ").read_bytes():
                found.add(folder.name)
        except OSError:
            continue  # gone, or another user's
    return found


def test_the_demo_tells_what_happened_and_ends_with_0(tmp_path):
    demo = [sys.executable, str(ROOT / "tests" / "newsroom" / "demo.py"), str(tmp_path)]
    done = subprocess.run(
        demo, cwd=tmp_path, env=clean_environment(), capture_output=True, text=True, check=False, timeout=3 * STARTING
    )
    assert done.returncode == 0, done.stdout + done.stderr
    for part in ("What arrived at the receiver", "3 messages for 3 alerts", "Not told", "denied", "silent-gazette"):
        assert part in done.stdout
    assert f"{tmp_path}/demo/articles" in done.stdout
    assert len(list((tmp_path / "demo" / "articles").glob("*.txt"))) == 25


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="no /proc here: left-over processes cannot be told")
def test_the_service_watches_until_ctrl_c_and_leaves_nothing_behind(tmp_path):
    workspace = tmp_path / "desk"
    for folder in ("rules", "flows"):
        shutil.copytree(ROOT / folder, workspace / folder, ignore=shutil.ignore_patterns("__pycache__"))
    (workspace / "sources").mkdir()
    mark = f"{tmp_path.name}-{os.getpid()}"
    with Newsroom() as room, Receiver() as receiver:
        room.write_sources(workspace / "sources")
        env = clean_environment(TOCSIN_DESK_URL=receiver.apprise_url, TOCSIN_EVERY="5", TOCSIN_TEST_MARK=mark)
        port = free_port()
        env |= {"TOCSIN_ALERT_ON_FIRST": "1", "TOCSIN_DELIVER_EVERY": "10", "TOCSIN_PAGES_PORT": str(port)}
        told = serve(workspace, env, until=lambda: len(receiver.messages) >= 3 and is_well(port))
        assert len(receiver.messages) >= 3, told
        assert "the pages" not in told, told  # they were started once and lived
    before = ticks(workspace)
    # The first service may have been stopped in the middle of a tick: that must not keep the next one from working.
    # And it goes on by itself after its Prefect server was killed.
    killed = []

    def ticks_after_the_server_was_killed():
        if not killed and ticks(workspace) > before:
            killed.extend(prefect_server(mark))
            os.kill(killed[0], signal.SIGKILL)
            killed.append(ticks(workspace))
        return (
            bool(killed) and ticks(workspace) > killed[1] + 1 and kinds(finished_runs(workspace)) >= {"tick", "deliver"}
        )

    again = serve(workspace, env, until=ticks_after_the_server_was_killed)
    assert killed, again
    assert ticks(workspace) > killed[1] + 1, again
    assert "the Prefect server ended (exit code -9); it is started again" in again
    assert processes_with(f"TOCSIN_TEST_MARK={mark}") == set()
    assert kinds(finished_runs(workspace)) >= {"tick", "deliver"}, again
    assert json.loads(tick_tables(workspace)[0])[0]["sources"] == 7


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def is_well(port):
    """Whether the service's own pages say so."""
    try:
        return httpx.get(f"http://127.0.0.1:{port}/healthz", timeout=5).status_code == 200
    except httpx.TransportError:
        return False


def prefect_server(mark):
    """Id of the Prefect server's process, in a list."""
    return [
        int(process)
        for process in processes_with(f"TOCSIN_TEST_MARK={mark}")
        if b"prefect\0server\0start" in Path(f"/proc/{process}/cmdline").read_bytes()
    ]


def finished_runs(workspace):
    """Names of the runs in Prefect's pages that have ended well."""
    return ask_prefect(workspace, "SELECT name FROM flow_run WHERE state_type = 'COMPLETED' AND name LIKE '% 20__-%:%'")


def kinds(runs):
    """What runs of these names do."""
    return {name.split()[0] for name in runs}


def tick_tables(workspace):
    """The tables of ticks in Prefect's pages, as JSON."""
    return ask_prefect(workspace, "SELECT json_extract(data, '$') FROM artifact WHERE key = 'tick' ORDER BY created")


def ask_prefect(workspace, query):
    with closing(sqlite3.connect(workspace / "data" / "prefect" / "prefect.db", timeout=30)) as connection:
        return [row[0] for row in connection.execute(query)]


def serve(workspace, env, until):
    """Runs the service until that holds, then Ctrl-C; what it printed."""
    command = [sys.executable, "-m", "tocsin", "serve", "--workspace", str(workspace)]
    deadline = time.monotonic() + 2 * STARTING
    with (workspace.parent / "serve.log").open("w+b") as log:
        with subprocess.Popen(command, env=env, stdout=log, stderr=log, start_new_session=True) as service:
            while not until() and time.monotonic() < deadline and service.poll() is None:
                with suppress(subprocess.TimeoutExpired):
                    service.wait(timeout=0.3)
            service.send_signal(signal.SIGINT)
            code = service.wait(timeout=60)
        log.seek(0)
        told = log.read().decode()
    assert code == 0, told
    assert "stopped" in told
    assert "Traceback" not in told
    return told


def ticks(workspace):
    """How many passes have ended."""
    with closing(sqlite3.connect(workspace / "data" / "tocsin.db", timeout=30)) as connection:
        return connection.execute("SELECT count(*) FROM ticks WHERE ended_at IS NOT NULL").fetchone()[0]
