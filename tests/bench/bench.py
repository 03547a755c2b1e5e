"""`make bench`: what things cost here, each beside a floor in the same run. Read the ratios: machines are noisy.

python tests/bench/bench.py [judge | backtest | backfill | outbox | deliveries | run | polling | workers]
"""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median

from rich.console import Console
from rich.table import Table

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests"))

from deliveries import deliveries  # noqa: E402  # beside this file
from polling import polling  # noqa: E402
from workers import workers  # noqa: E402

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
Row = tuple[str, str, str, str]


def main(wanted: list[str]) -> int:
    rows = {"judge": judge, "backtest": backtest, "backfill": backfill, "outbox": outbox, "deliveries": deliveries}
    rows |= {"run": run, "polling": polling, "workers": workers}
    table = Table("what", "ours", "floor", "ours ÷ floor", box=None)
    for name in wanted or rows:
        for row in rows[name]():
            table.add_row(*row)
    Console().print(table)
    return 0


def timed(work: Callable[[], object], times: int = 3) -> float:
    """Median CPU seconds of this process."""
    work()
    taken = []
    for _ in range(times):
        start = time.process_time()
        work()
        taken.append(time.process_time() - start)
    return median(taken)


def judge() -> Iterator[Row]:
    """Articles under invented and shipped rules; the floor is the automaton alone, over the same words."""
    import judging

    return judging.rows()


def backtest() -> Iterator[Row]:
    """`tocsin backtest` from end to end over an invented archive; the floor is reading its lines as JSON."""
    import archive

    return archive.rows()


def backfill() -> Iterator[Row]:
    """`flows/backfill.py` from end to end on a Dask cluster; the floor is `tocsin backfill` in one process."""
    import backfilling

    return backfilling.rows()


def outbox() -> Iterator[Row]:
    """Deliveries through claim, start and settle; the floor is one durable UPDATE each, by sqlite3 alone."""
    from alerting import alert as make_alert
    from tocsin.model import DeliveryState, SendOutcome, SendResult
    from tocsin.store import open_store
    from tocsin.store import outbox as room

    number, lease = 300, timedelta(minutes=10)
    with tempfile.TemporaryDirectory() as folder, open_store(f"sqlite:///{folder}/t.db", Path(folder)) as store:
        with store.writing() as connection:
            for at in range(number):
                one = make_alert(id=f"a{at}")
                room.save_alert(connection, one)
                room.save_delivery(connection, one, "desk")
        start = time.perf_counter()
        later = datetime.now(UTC) + timedelta(days=3650)
        while claimed := store.outbox.claim("desk", store.worker, later, 10, lease):
            for one in claimed:
                store.outbox.start(one.id, store.worker, later)
                sent = SendResult(outcome=SendOutcome.SENT)
                store.outbox.settle(one.id, store.worker, sent, later, None, DeliveryState.SENT)
        ours = time.perf_counter() - start
        floor = _plain_updates(Path(folder) / "plain.db", number)
    yield "outbox, deliveries", f"{number / ours:,.0f}/s", f"{number / floor:,.0f}/s", f"{ours / floor:.1f}"


def _plain_updates(path: Path, number: int) -> float:
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, state TEXT)")
    connection.executemany("INSERT INTO t VALUES (?, 'pending')", [(at,) for at in range(number)])
    start = time.perf_counter()
    for at in range(number):
        connection.execute("UPDATE t SET state = 'sent' WHERE id = ?", (at,))
    taken = time.perf_counter() - start
    connection.close()
    return taken


def run() -> Iterator[Row]:
    """A whole `tocsin run` with nothing due; the floor is Python with the libraries that such a pass imports."""
    with tempfile.TemporaryDirectory() as folder:
        env = {name: value for name, value in os.environ.items() if not name.startswith("TOCSIN_")}
        tocsin = [sys.executable, "-m", "tocsin"]
        subprocess.run([*tocsin, "init", folder], check=True, env=env, capture_output=True)
        for path in (Path(folder) / "sources").glob("*.yaml"):
            path.unlink()
        libraries = "import sqlalchemy, pydantic, httpx, trafilatura, feedparser, bs4"
        ours = _wall([*tocsin, "run", "--workspace", folder], env)
        floor = _wall([sys.executable, "-c", libraries], env)
    yield "run, nothing due", f"{ours:.2f} s", f"{floor:.2f} s", f"{ours / floor:.1f}"


def _wall(command: list[str], env: dict[str, str]) -> float:
    taken = []
    for _ in range(4):
        start = time.perf_counter()
        subprocess.run(command, check=True, env=env, capture_output=True)
        taken.append(time.perf_counter() - start)
    return median(taken[1:])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
