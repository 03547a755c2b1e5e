"""What a backtest costs: `tocsin backtest` on all cores, as people run it, over an invented archive.

Articles of about 3 KB, nineteen of twenty quiet, one of twenty on the subject of the shipped rules, over a year.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from judging import ROOT, Row, World, on_subject

ARTICLES = 20_000
_ON_SUBJECT = 20
"""Every so many articles one is on the subject."""
_SAID = 800
"""Characters of an article that are on the subject; the rest is as quiet as the others."""


def rows() -> Iterator[Row]:
    """Articles a second of the wall's clock, start-up included, and how many of them some rule tells."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "archive.jsonl"
        with path.open("w", encoding="utf-8") as file:
            file.writelines(json.dumps(record) + "\n" for record in records(ARTICLES))
        start = time.perf_counter()
        with path.open("rb") as file:
            for line in file:
                json.loads(line)
        floor = time.perf_counter() - start
        before = cpu_of_children()
        figures, told = _backtested(path)
        cpu = cpu_of_children() - before
    name = f"backtest, {ARTICLES:,} articles, {told:.1%} told, {figures['cores']} cores, {cpu:.1f} CPU s"
    ours = figures["seconds"]
    yield name, f"{ARTICLES / ours:,.0f}/s", f"{ARTICLES / floor:,.0f}/s", f"{ours / floor:.0f}"


def cpu_of_children() -> float:
    """CPU seconds of the processes that have ended: what the wall's clock hides on a machine that does other work."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def records(number: int) -> Iterator[dict[str, str]]:
    """So many articles over a year."""
    world, said = World.made(), on_subject()
    first = datetime(2025, 11, 22, tzinfo=UTC)
    for at in range(number):
        record = world.record(at) | {"id": f"a{at}", "date": (first + at * timedelta(days=365) / number).isoformat()}
        if at % _ON_SUBJECT == 0:
            subject = said[at // _ON_SUBJECT % len(said)]
            record |= {"title": subject["title"], "text": f"{subject['text'][:_SAID]}\n{record['text'][_SAID:]}"}
            del record["language"]
        yield record


def _backtested(path: Path) -> tuple[dict[str, float], float]:
    """The figures, and the share of the articles in which the commonest rule found an event."""
    command = [sys.executable, "-m", "tocsin", "backtest", str(path), "--rules", str(ROOT / "rules"), "--json"]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    printed = [json.loads(line) for line in done.stdout.splitlines()]
    return printed[-1], max(row["events"] for row in printed if "events" in row) / ARTICLES
