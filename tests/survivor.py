"""A process that polls sources as told on its standard input and says how it went: its memory is its own to measure.

Input, JSON: `sources` (lists of sources, each list is one pass), `root`, `forget` (what was seen in the pass before),
`seconds` (how long an answer may take in all).
Output, JSON: for each pass `states`, source → [outcome, reason, detail, number of articles, notes, seconds till due],
and `extra`, the most memory over idle in MB.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Collection
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tocsin.articles.identity import keys
from tocsin.model import Collected, FetchState
from tocsin.sources.answers import Limits
from tocsin.sources.collect import collect
from tocsin.sources.pages import read_page
from tocsin.specs.sources import SourceSpec

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


class Desk:
    """What is remembered between passes."""

    def __init__(self, root: Path, limits: Limits) -> None:
        self.limits = limits
        self.root, self.keys, self.states = root, set[str](), dict[str, FetchState]()

    def known(self, asked: Collection[str]) -> frozenset[str]:
        return frozenset(self.keys.intersection(asked))

    async def poll(self, sources: list[SourceSpec]) -> list[Collected]:
        passing = collect(sources, self.states, known=self.known, root=self.root, now=lambda: NOW, limits=self.limits)
        return [self.kept(each) async for each in passing]

    def kept(self, found: Collected) -> Collected:
        self.states[found.state.source] = found.state
        self.keys.update(key for one in found.articles + found.sightings for key in keys(one))
        return found


def memory(name: str) -> float:
    """VmRSS (now) or VmHWM (the most since the last reset) in MB."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith(name + ":"))


def said(found: Collected) -> list[Any]:
    state = found.state
    due = (state.due_at - NOW).total_seconds() if state.due_at else 0
    return [state.outcome, state.reason, state.detail, len(found.articles), list(found.notes), due]


def main() -> None:
    asked = json.load(sys.stdin)
    # Sizes are those that ship; a slow server need not be waited for that long.
    limits = Limits(connect=asked["seconds"], read=asked["seconds"] - 1, total=asked["seconds"])
    desk = Desk(Path(asked["root"]), limits)
    read_page(b"<html><body><p>" + b"A line of text. " * 99, None)  # so that nothing is imported later
    done = []
    for passing in asked["sources"]:
        if asked["forget"]:
            desk = Desk(desk.root, limits)
        Path("/proc/self/clear_refs").write_text("5")
        idle = memory("VmRSS")
        found = asyncio.run(desk.poll([SourceSpec(**each) for each in passing]))
        done.append({"states": {each.state.source: said(each) for each in found}, "extra": memory("VmHWM") - idle})
    json.dump(done, sys.stdout)


if __name__ == "__main__":
    main()
