"""An archive judged again with today's rules, on a Dask cluster: many cores, or many machines. Run on request.

`prefect deployment run backfill/backfill -p since=30d`, or without a deployment `python flows/backfill.py [PATH…]`.
`tocsin backfill` does the same without Prefect, and finds the same. One task judges thousands of articles; only what
was found comes back, and this process alone writes it, in the order of the archive.
"""

from __future__ import annotations

import logging
import os
import sys
from argparse import ArgumentParser
from collections import deque
from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import Any, cast
from uuid import UUID

from prefect import flow, get_run_logger, task
from prefect.artifacts import create_progress_artifact, update_progress_artifact
from prefect.cache_policies import NO_CACHE
from prefect.futures import PrefectFuture
from prefect.runtime import flow_run
from prefect.server.api.server import SubprocessASGIServer
from prefect.settings import PREFECT_API_URL, temporary_settings
from prefect.task_runners import TaskRunner, ThreadPoolTaskRunner

from hush import hush
from tocsin.cli.backfill import in_words
from tocsin.cli.common import moment
from tocsin.errors import TocsinError
from tocsin.pipeline.archive import Chunk, Found, judged_chunk, packed, plan
from tocsin.pipeline.backfill import Bookmark, Figures, survey
from tocsin.pipeline.backfill import backfill as judge_again
from tocsin.settings import read_settings
from tocsin.store import open_store
from tocsin.times import utc_now
from tocsin.workspace import find_root, load_for_service

AHEAD = 32
"""Chunks that are given out before the first of them is back: enough for a few machines, and little to keep."""

STARTING = 120  # seconds; a first start makes the server's database


def cluster() -> TaskRunner[Any]:
    """The cluster at TOCSIN_DASK_SCHEDULER, or one of a process for each core here; this process without the extra."""
    os.environ.setdefault("DASK_LOGGING__DISTRIBUTED", "warning")  # here and in the processes begun from here
    try:
        from prefect_dask.task_runners import DaskTaskRunner  # noqa: PLC0415 - an extra: pip install 'tocsin[dask]'
    except ImportError:
        return ThreadPoolTaskRunner(max_workers=1)
    address = os.environ.get("TOCSIN_DASK_SCHEDULER")
    local = {"threads_per_worker": 1, "processes": True, "dashboard_address": None}
    made: TaskRunner[Any] = DaskTaskRunner(address=address) if address else DaskTaskRunner(cluster_kwargs=local)
    return made


@task(name="judge", cache_policy=NO_CACHE, persist_result=False)
def judge(plan: bytes, chunk: Chunk) -> Found:
    """Judge some thousand articles; the rules are compiled once in each process."""
    return judged_chunk(plan, chunk)


def backfill_name() -> str:
    """`backfill 2026-11-22 23:50`."""
    return f"backfill {flow_run.scheduled_start_time:%Y-%m-%d %H:%M}"


@flow(name="backfill", flow_run_name=backfill_name, task_runner=cluster())
def backfill(
    workspace: str = ".",
    *,
    paths: list[str] | None = None,
    since: str | None = None,
    until: str | None = None,
    source: str = "import",
) -> Figures:
    """Judge articles again: those in `paths`, or else those that the store of the workspace in that folder holds.

    `since` and `until` (2026-01-31, or 30d) bound when they were published; `source` is the id under which articles
    of files are stored. Workers must see the same files, and the same store by TOCSIN_DATABASE_URL.
    """
    root, now, log = Path(workspace).resolve(), utc_now(), get_run_logger()
    logging.getLogger("tocsin").setLevel(logging.INFO)
    hush()
    watch = load_for_service(root)
    for problem in watch.problems:
        log.error("%s — the last good version of this file is in use, or none", problem)
    first, end = moment("since", since, now), moment("until", until, now)
    asked = packed(plan(watch, source=source, since=first, until=end, now=now))
    with open_store(read_settings().database(root), root / "data") as store:
        archive = survey(store, [Path(path) for path in paths or ()])
        bookmark = Bookmark(root, archive, str(since), str(until), source)
        shown = _Progress(archive.number, bookmark.articles())
        figures = judge_again(
            watch, store, archive, partial(_judged, asked), bookmark=bookmark, now=now, on_written=shown.add
        )
    shown.end(figures)
    log.info(in_words(figures))
    return figures


def _judged(plan: bytes, chunks: Iterable[Chunk]) -> Iterator[Found]:
    """What stands in the chunks, in their order, with few of them under way at a time."""
    under_way: deque[PrefectFuture[Found]] = deque()
    for chunk in chunks:
        under_way.append(judge.submit(plan, chunk))
        if len(under_way) >= AHEAD:
            yield under_way.popleft().result()
    while under_way:
        yield under_way.popleft().result()


class _Progress:
    """How far the run has come, in Prefect's pages and in its log."""

    def __init__(self, number: int, done: int) -> None:
        self._number, self._done = max(number, 1), min(done, number)
        made = create_progress_artifact(self._share, key="backfill", description=backfill_name())
        self._artifact = cast("UUID", made)  # a coroutine only inside another one

    @property
    def _share(self) -> float:
        return min(100.0, round(100 * self._done / self._number, 1))

    def add(self, found: Found) -> None:
        """Shows a chunk that is written, and says what could not be read or judged in it."""
        log = get_run_logger()
        for sentence in (*map(str, found.problems), *found.notes):
            log.warning(sentence)
        self._done += found.read
        update_progress_artifact(self._artifact, self._share)
        log.info("%d of about %d articles", self._done, self._number)

    def end(self, figures: Figures) -> None:
        """Shows what the whole run did."""
        update_progress_artifact(self._artifact, 100.0, f"{backfill_name()}: {in_words(figures)}")


def one_server() -> str:
    """Address of the Prefect server: the one that is set, or a new one that ends with this process.

    Without it every process of the cluster would start its own.
    """
    if said := PREFECT_API_URL.value():
        return str(said)
    server = SubprocessASGIServer()
    server.start(timeout=STARTING)
    return str(server.api_url)


def main(arguments: list[str]) -> int:
    """Runs the flow here, without a deployment; the exit code."""
    parser = ArgumentParser(description="Judge an archive again with today's rules, on a Dask cluster.")
    parser.add_argument("paths", nargs="*", metavar="PATH", help="articles, folders of them, .jsonl; else the store")
    parser.add_argument("--workspace", type=Path, help="found at or above the current folder when absent")
    for option in ("--since", "--until"):
        parser.add_argument(option, help="2026-01-31, or 30d")
    parser.add_argument("--source", default="import", help="the id under which articles of files are stored")
    given = parser.parse_args(arguments)
    try:
        root = find_root(given.workspace)
        with temporary_settings({PREFECT_API_URL: one_server()}):
            figures = backfill(str(root), paths=given.paths, since=given.since, until=given.until, source=given.source)
    except (TocsinError, RuntimeError) as error:  # RuntimeError: the server did not start
        print(f"tocsin: {error}", file=sys.stderr)
        return 1
    print(in_words(figures))
    return int(bool(figures.unreadable))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
