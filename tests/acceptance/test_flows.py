"""The flows as people run them: the demo, and the service until Ctrl-C."""

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

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
    with Newsroom() as room, Receiver() as receiver:
        room.write_sources(workspace / "sources")
        mark = f"TOCSIN_TEST_MARK={tmp_path.name}-{os.getpid()}"
        env = clean_environment(TOCSIN_DESK_URL=receiver.apprise_url, TOCSIN_EVERY="5")
        env |= dict([mark.split("=", 1)])
        command = [sys.executable, "-m", "tocsin", "serve", "--workspace", str(workspace)]
        log = (tmp_path / "serve.log").open("w+b")
        with log, subprocess.Popen(command, env=env, stdout=log, stderr=log, start_new_session=True) as service:
            arrived = receiver.wait_for(3, STARTING)
            service.send_signal(signal.SIGINT)
            code = service.wait(timeout=60)
            log.seek(0)
            told = log.read().decode()
        assert arrived, told
        assert code == 0, told
        assert "stopped" in told
        assert "Traceback" not in told
        assert processes_with(mark) == set()
