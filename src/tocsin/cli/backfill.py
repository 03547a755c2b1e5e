"""`tocsin backfill`: an archive is judged again with today's rules."""

from __future__ import annotations

import sys
import time
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter
from rich.text import Text

from tocsin.cli.common import (
    JsonOption,
    WorkspaceOption,
    console,
    count,
    moment,
    opened_store,
    print_json,
    tell_problems,
)
from tocsin.cli.cores import workbench
from tocsin.cli.progress import progress
from tocsin.times import utc_now
from tocsin.workspace import find_root, load_for_service

if TYPE_CHECKING:
    from tocsin.pipeline.archive import Found
    from tocsin.pipeline.backfill import Figures


def backfill(
    *paths: Annotated[Path, Parameter(help="Articles in the text format, folders of them, or .jsonl; else the store.")],
    since: Annotated[str | None, Parameter(help="Only what was published then or later: 2026-01-31, or 30d.")] = None,
    until: Annotated[str | None, Parameter(help="Only what was published before that.")] = None,
    source: Annotated[str, Parameter(help="The id of the source under which articles of files are stored.")] = "import",
    workspace: WorkspaceOption = None,
    json: JsonOption = False,
) -> int:
    """Judge an archive again with today's rules; what they find is kept with its stories, and nobody is told.

    Run it after rules have changed, or over articles from elsewhere: of these, those are stored on which a rule fires.
    Running it twice changes nothing; a run that was stopped goes on where it was. Ends with 1 when something cannot be
    read.
    """
    from tocsin.pipeline.archive import Bench, plan  # noqa: PLC0415 - the store, which --help must not pay
    from tocsin.pipeline.backfill import Bookmark, survey  # noqa: PLC0415
    from tocsin.pipeline.backfill import backfill as judge_again  # noqa: PLC0415

    started, now, out = time.perf_counter(), utc_now(), console()
    root = find_root(workspace)
    watch = load_for_service(root)
    tell_problems(watch)
    asked = plan(
        watch, source=source, since=moment("--since", since, now), until=moment("--until", until, now), now=now
    )
    with opened_store(root) as store:
        archive = survey(store, paths)
    bookmark = Bookmark(root, archive, str(since), str(until), source)
    bench, total, told = Bench(asked, watch.judge), archive.number, _Told()
    with (
        workbench(partial(Bench, asked), bench, total - bookmark.articles()) as judged,
        opened_store(root) as store,
        progress(out, "judging", total, quiet=json or not out.is_terminal) as advance,
    ):
        advance(bookmark.articles())
        figures = judge_again(
            watch, store, archive, judged, bookmark=bookmark, now=now, on_written=lambda one: advance(told.add(one))
        )
    seconds = time.perf_counter() - started
    if json:
        print_json([asdict(figures) | {"seconds": round(seconds, 2)}])
    else:
        out.print(Text(in_words(figures)))
        out.print(Text(f"{count(figures.judged, 'article')} judged in {seconds:.1f} s; nobody is told", style="dim"))
    return int(told.anything)


@dataclass(slots=True)
class _Told:
    """What could not be read or judged is said as it comes."""

    anything: bool = False

    def add(self, found: Found) -> int:
        """How far the run has come with it."""
        for sentence in (*map(str, found.problems), *found.notes):
            self.anything = True
            print(f"tocsin: {sentence}", file=sys.stderr)
        return found.read


def in_words(figures: Figures) -> str:
    """What a backfill did, in a line."""
    found = f"{count(figures.events, 'event')} and {count(figures.mentions, 'mention')}"
    parts = [f"{found} in {count(figures.articles, 'article')}"]
    parts += [f"{figures.new} new, {figures.changed} changed, {figures.gone} gone"]
    parts += [f"{count(figures.stored, 'article')} stored"] if figures.stored else []
    parts += [f"{figures.left_out} left out by date"] if figures.left_out else []
    parts += [f"{figures.unreadable} cannot be read"] if figures.unreadable else []
    return " · ".join(parts)
