"""Killed at any moment, nothing is lost: at-least-once, with a second copy only where none can tell."""

import os
import random
import shutil
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path

from sqlalchemy import text

from newsroom.receiver import Receiver
from newsroom.server import Newsroom
from tocsin.store.engine import open_engine

ROOT = Path(__file__).parents[2]
KILLS = 10


def start(workspace, database, receiver, *options):
    env = os.environ | {"TOCSIN_DESK_URL": receiver.apprise_url, "TOCSIN_DATABASE_URL": database}
    command = [sys.executable, "-m", "tocsin", "run", "--alert-on-first", "--workspace", str(workspace), *options]
    return subprocess.Popen(command, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def ask(database, query):
    engine = open_engine(database)
    with engine.connect() as connection:
        rows = connection.execute(text(query)).tuples().all()
    engine.dispose()
    return rows


def test_ten_kills_lose_nothing(database, tmp_path):
    seed = random.randrange(10**6)
    rng = random.Random(seed)
    print(f"seed {seed}")
    workspace = tmp_path / "desk"
    shutil.copytree(ROOT / "rules", workspace / "rules")
    (workspace / "sources").mkdir()
    unsure = set()
    with Newsroom() as room, Receiver(log=tmp_path / "arrived.jsonl") as receiver:
        room.write_sources(workspace / "sources")
        for _ in range(KILLS):
            process = start(workspace, database, receiver)
            try:
                process.wait(timeout=rng.uniform(0.2, 3.0))
            except subprocess.TimeoutExpired:
                os.kill(process.pid, signal.SIGKILL)
                process.wait()
            # Begun and not noted as sent: it may have arrived, nobody can know.
            unsure |= {row[0] for row in ask(database, "SELECT id FROM deliveries WHERE started_at IS NOT NULL")}
        last = start(workspace, database, receiver, "--all")
        assert last.wait(timeout=120) == 1, "one outlet is dead on purpose; everything else is done"
        deliveries = ask(database, "SELECT d.id, d.state, a.title FROM deliveries d JOIN alerts a ON a.id = d.alert")
        assert deliveries
        arrived = Counter(message.title for message in receiver.messages)
    assert {state for _, state, _ in deliveries} == {"sent"}
    assert sum(arrived.values()) >= len(deliveries)
    assert len(arrived) == len(deliveries), "every alert arrived, and no other"
    assert sum(arrived.values()) - len(deliveries) <= len(unsure)
