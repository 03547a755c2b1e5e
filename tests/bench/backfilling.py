"""What a backfill costs: 100,000 invented articles on a Dask cluster of this machine; the floor is one process.

Both write what they find to an SQLite store, 10,200 matches in 4,400 articles; both have their start in the figure: on
the cluster that is a Prefect server and a process for each core, 10 to 40 seconds.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

from archive import cpu_of_children, records
from judging import ROOT, Row

ARTICLES = 100_000
_WORKERS = 2


def rows() -> Iterator[Row]:
    """Articles a second of the wall's clock, on the cluster and in one process."""
    if find_spec("prefect_dask") is None:
        print("bench: no prefect-dask: its row is left out (uv sync --extra dask brings it)", file=sys.stderr)
        return
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "archive.jsonl"
        with path.open("w", encoding="utf-8") as file:
            file.writelines(json.dumps(record) + "\n" for record in records(ARTICLES))
        alone, cpu_alone = _timed(Path(folder) / "alone", 1, "-m", "tocsin", "backfill", str(path))
        spread, cpu_spread = _timed(Path(folder) / "spread", _WORKERS, "flows/backfill.py", str(path))
    used = f"{cpu_spread:.0f} CPU s (one process: {cpu_alone:.0f})"
    name = f"backfill, {ARTICLES:,} articles, {_WORKERS} Dask workers, {used}"
    yield name, f"{ARTICLES / spread:,.0f}/s", f"{ARTICLES / alone:,.0f}/s", f"{spread / alone:.2f}"


def _timed(workspace: Path, cores: int, *command: str) -> tuple[float, float]:
    """Seconds of the wall's clock and of the processors on so many cores."""
    for name in ("rules", "flows"):
        shutil.copytree(ROOT / name, workspace / name)
    (workspace / "sources").mkdir()
    env = {name: value for name, value in os.environ.items() if not name.startswith(("TOCSIN_", "PREFECT_"))}
    env |= {"PREFECT_HOME": str(workspace / "prefect"), "PREFECT_SERVER_ANALYTICS_ENABLED": "false"}
    start, before, mine = time.perf_counter(), cpu_of_children(), os.sched_getaffinity(0)
    os.sched_setaffinity(0, sorted(mine)[:cores])  # which the process inherits
    try:
        subprocess.run([sys.executable, *command], check=True, cwd=workspace, env=env, capture_output=True)
    finally:
        os.sched_setaffinity(0, mine)
    return time.perf_counter() - start, cpu_of_children() - before
