"""Every misbehaviour we know of: how it ends, what it costs, and that nothing else suffers and nothing is lost.

Each one is polled beside an honest source by a process of its own, and again once its server is well.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from misbehaviour import ALL, ANSWERS, FEED, FEEDS, REDIRECTS, Case, item, only_first, rss
from servers import Server, redirect, reply
from tocsin.model import FetchReason

MOST = 150
"""MB over idle."""
DAY = 24 * 3600
SURVIVOR = Path(__file__).parents[1] / "survivor.py"


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as running:
        running.routes |= {f"/chain/{n}": redirect(f"/chain/{n + 1}", "301 Moved") for n in range(1, 99)}
        running.routes["/login"] = reply("<!doctype html><html><body>Log in</body></html>", content_type="text/html")
        running.routes["/secret"] = reply(FEED)
        yield running


def source(server: Server, name: str) -> dict[str, Any]:
    return {"id": name, "url": server.url(f"/{name}"), "allow_private": [server.place], "text": "feed"}


def slug(name: str) -> str:
    return "".join(c if c.isalnum() else "-" for c in name).strip("-")


def serve(server: Server, cases: Mapping[str, Case]) -> dict[str, Case]:
    """The cases at paths of their own, by the ids of their sources."""
    for name, case in cases.items():
        server.routes[f"/{slug(name)}"] = only_first(
            case.on(server), reply(rss(item(f"Well again {name}"))), case.times
        )
    return {slug(name): case for name, case in cases.items()}


def survive(root: Path, *passes: list[dict[str, Any]], forget: bool = False, seconds: int = 4) -> list[dict[str, Any]]:
    done = subprocess.run(
        [sys.executable, str(SURVIVOR)],
        input=json.dumps({"sources": passes, "root": str(root), "forget": forget, "seconds": seconds}),
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
        env=os.environ | {"PYTHONWARNINGS": "error"},
    )
    assert done.returncode == 0, done.stderr[-3000:]
    assert "Traceback" not in done.stderr, done.stderr[-3000:]
    return json.loads(done.stdout)


@pytest.mark.parametrize("cases", [FEEDS, ANSWERS, REDIRECTS], ids=["feeds", "answers", "redirects"])
def test_each_misbehaviour_ends_as_it_should_and_harms_nobody(
    server: Server, tmp_path: Path, cases: dict[str, Case]
) -> None:
    named = serve(server, cases)
    for name in named:
        server.routes[f"/beside-{name}"] = reply(rss(item(f"Beside {name}")))
    found = survive(
        tmp_path, *([source(server, name), source(server, f"beside-{name}")] for name in named), forget=True
    )
    states = {name: one["states"][name] for name, one in zip(named, found, strict=True)}
    ends = {name: (state[1], state[3]) for name, state in states.items()}
    assert ends == {name: (case.reason, case.articles) for name, case in named.items()}
    assert {name: state[2] for name, state in states.items() if state[0] == "failed" and not state[2]} == {}
    beside = [one["states"][f"beside-{name}"] for name, one in zip(named, found, strict=True)]
    assert [(state[1], state[3]) for state in beside] == [(FetchReason.NEW_CONTENT, 1)] * len(named)
    assert {name: one["extra"] for name, one in zip(named, found, strict=True) if one["extra"] > MOST} == {}
    assert {name: state[5] for name, state in states.items() if state[5] > 1.2 * DAY} == {}
    assert server.asked("/secret") == []


def test_all_of_them_in_one_pass_and_all_well_in_the_next(server: Server, tmp_path: Path) -> None:
    named = serve(server, ALL)
    everybody = [source(server, name) for name in named]
    first, second = survive(
        tmp_path, everybody, everybody, seconds=15
    )  # a hundred at once, on a machine that has other work
    ends = {name: state[1] for name, state in first["states"].items()}
    # With a hundred others beside it, which limit ends an endless answer first is a matter of the machine.
    endless = {name for name, case in named.items() if case.reason is FetchReason.TOO_LARGE}
    late = {name for name in endless if ends[name] == FetchReason.TIMEOUT}
    assert ends == {name: FetchReason.TIMEOUT if name in late else case.reason for name, case in named.items()}
    assert first["extra"] <= MOST
    recovered = {name: (state[1], state[3]) for name, state in second["states"].items()}
    assert recovered == dict.fromkeys(named, (FetchReason.NEW_CONTENT, 1))


def test_what_is_beyond_the_limit_of_entries_is_said(server: Server, tmp_path: Path) -> None:
    server.routes["/many"] = reply(rss(*(item(f"Ferry {n}") for n in range(2_500))))
    [found] = survive(tmp_path, [source(server, "many")])
    assert found["states"]["many"][3:5] == [2_000, ["many: 500 entries beyond the first 2000 were left out"]]
