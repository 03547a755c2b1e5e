"""What sharing brings: a first poll of 1,000 feeds at 40 hosts into one PostgreSQL, by one worker and by two.

Each worker is a `tocsin run` of its own; counted are sources a minute by the clock. The server answers after 200 ms, as
publishers do. With fewer than three processors to themselves the workers, the database and the server wait for each
other: read the rows with the number of processors beside them.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from polling import control, served

from postgres import Cluster, binaries

HOSTS = 40
_LATENCY = 0.2
_RULE = """\
id: launch
title: A launch
severity: low
when: {all: [{words: ["launch*", "fire*"]}, {words: ["missile~"]}]}
tests:
  - event: "The island fired two missiles on Tuesday, the ministry said."
  - none: "The company launched a channel for drama."
"""
Row = tuple[str, str, str, str]


@dataclass(frozen=True, slots=True)
class Pace:
    """Sources a minute by the clock, and what all workers together took of the processors (seconds)."""

    rate: float
    cpu: float


def workers() -> Iterator[Row]:
    """SQLite with one worker, PostgreSQL with one and with two; the floor of each is one worker on SQLite."""
    number = int(os.environ.get("TOCSIN_BENCH_FEEDS", "1000"))
    what = f"{number} feeds, {HOSTS} hosts, {os.cpu_count()} processors"
    with tempfile.TemporaryDirectory() as folder, served(number, HOSTS) as base:
        control(base, f"latency={_LATENCY}")
        root = _workspace(Path(folder), base, number)
        alone = _pace(root, f"sqlite:///{folder}/t.db", number, 1)
        yield _row(f"{what}: SQLite, one worker", alone, alone)
        if not binaries():
            yield f"{what}: PostgreSQL", "–", "no PostgreSQL on this machine", "–"
            return
        cluster = Cluster()
        try:
            cluster.start()
            yield _row(f"{what}: PostgreSQL, one worker", _pace(root, cluster.database(), number, 1), alone)
            yield _row(f"{what}: PostgreSQL, two workers", _pace(root, cluster.database(), number, 2), alone)
        finally:
            cluster.close()


def _row(what: str, ours: Pace, alone: Pace) -> Row:
    return (
        what,
        f"{ours.rate:,.0f}/min, {ours.cpu:.1f} CPU s",
        f"{alone.rate:,.0f}/min",
        f"{ours.rate / alone.rate:.2f}",
    )


def _workspace(folder: Path, base: str, number: int) -> Path:
    root = folder / "desk"
    (root / "sources").mkdir(parents=True)
    (root / "rules").mkdir()
    (root / "rules" / "launch.yaml").write_text(_RULE, "utf-8")
    port = base.rpartition(":")[2]
    lines = []
    for feed in range(number):
        host = f"127.0.0.{feed % HOSTS + 1}:{port}"
        lines.append(f"  - {{id: p{feed}, url: 'http://{host}/feed/{feed}', text: feed, allow_private: ['{host}']}}\n")
    (root / "sources" / "papers.yaml").write_text("sources:\n" + "".join(lines), "utf-8")
    return root


def _pace(root: Path, database: str, number: int, count: int) -> Pace:
    """A first poll of everything by so many workers at once."""
    env = {name: value for name, value in os.environ.items() if not name.startswith("TOCSIN_")}
    env["TOCSIN_DATABASE_URL"] = database
    command = [sys.executable, "-m", "tocsin", "run", "--workspace", str(root)]
    before, start = _cpu(), time.perf_counter()
    working = [subprocess.Popen(command, env=env, stdout=subprocess.DEVNULL) for _ in range(count)]
    ended = [process.wait() for process in working]
    if any(ended):
        raise SystemExit(f"{' '.join(command)} failed")
    return Pace(60 * number / (time.perf_counter() - start), _cpu() - before)


def _cpu() -> float:
    """CPU seconds of the children that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
