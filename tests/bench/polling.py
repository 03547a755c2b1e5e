"""What collecting costs: a whole `tocsin run --all` over 2,000 feeds of 20 entries, beside the `reader` package.

Both poll the same loopback server (feedserver.py, a process of its own), each run in a process of its own; counted are
the CPU seconds of that process from start to end. `TOCSIN_BENCH_FEEDS=200` makes it quick.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from urllib.request import urlopen

HERE = Path(__file__).resolve().parent
ROUNDS = (
    # name, how the server answers, what ours may cost at most for each second of reader's
    ("first poll", "etag=1", 0.5),
    ("unchanged, ETag", "etag=1", 0.7),
    ("5 % changed", "etag=1&changed=5", 0.6),
    ("unchanged, no ETag", "etag=0&changed=5", 0.15),
)
_RULE = """\
id: launch
title: A launch
severity: low
when:
  all:
    - words: ["launch*", "fire*"]
    - words: ["missile~"]
tests:
  - event: "The island fired two missiles on Tuesday, the ministry said."
  - none: "The company launched a channel for drama."
"""
_READER = """\
import sys
from reader import make_reader
reader = make_reader(sys.argv[1])
for url in sys.argv[4:]:
    base, _, number = url.partition("#")
    for feed in range(int(number)):
        reader.add_feed(f"{base}/feed/{feed}")
if not sys.argv[4:]:
    reader.update_feeds(scheduled=False, workers=int(sys.argv[3]))
reader.close()
"""
Row = tuple[str, str, str, str]


@dataclass(frozen=True, slots=True)
class Cost:
    """What a process took: seconds of CPU and of the clock, and its peak memory in MB."""

    cpu: float
    wall: float
    memory: float


def polling() -> Iterator[Row]:
    """The four rounds with a small rule set and with the shipped rules, then a first poll of a slow server."""
    number = int(os.environ.get("TOCSIN_BENCH_FEEDS", "2000"))
    theirs: list[Cost] | None = None
    with tempfile.TemporaryDirectory() as folder, served(number) as base:
        if find_spec("reader"):
            theirs = list(_reader(Path(folder), base, number))
        else:
            yield "polling: no floor", "–", "the package `reader` is not installed: pip install 'reader>=3'", "–"
        for rules in ("one rule", "shipped rules"):
            ours = list(_rounds(_workspace(Path(folder), base, number, rules), base))
            for at, (name, _, limit) in enumerate(ROUNDS):
                what = f"{number} feeds, {rules}: {name} (≤ {limit})"
                yield _row(what, ours[at], theirs[at] if theirs else None)
            memory = max(cost.memory for cost in ours)
            yield f"{number} feeds, {rules}: peak memory (≤ 200 MB)", f"{memory:.0f} MB", "", ""
        control(base, "latency=0.2")
        slow = measured(_run(_workspace(Path(folder), base, number, "slow")))
        yield f"{number} feeds, 200 ms latency: wall (≤ 60 s)", f"{slow.wall:.1f} s", "", ""


def _row(what: str, ours: Cost, theirs: Cost | None) -> Row:
    if theirs is None:
        return what, f"{ours.cpu:.2f} CPU s", "–", "–"
    return what, f"{ours.cpu:.2f} CPU s", f"{theirs.cpu:.2f} CPU s", f"{ours.cpu / theirs.cpu:.2f}"


@contextmanager
def served(number: int, hosts: int = 1) -> Iterator[str]:
    """The server, and its (first) address."""
    command = [sys.executable, str(HERE / "feedserver.py"), str(number), str(hosts)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        try:
            port = server.stdout.readline().strip() if server.stdout else ""
            yield f"http://127.0.0.1:{port}"
        finally:
            server.kill()


def control(base: str, how: str) -> None:
    """Sets how the server answers from now on."""
    with urlopen(f"{base}/control?{how}") as answer:
        answer.read()


def _rounds(command: tuple[list[str], dict[str, str]] | Path, base: str) -> Iterator[Cost]:
    for _, how, _ in ROUNDS:
        control(base, how)
        yield measured(_run(command) if isinstance(command, Path) else command)


def _reader(folder: Path, base: str, number: int) -> Iterator[Cost]:
    """reader with one worker, the cheapest of its settings; its feeds are added before anything is counted."""
    command = [sys.executable, "-c", _READER, str(folder / "reader.db"), "-", "1"]
    subprocess.run([*command, f"{base}#{number}"], check=True)
    yield from _rounds((command, dict(os.environ)), base)


def _workspace(folder: Path, base: str, number: int, rules: str) -> Path:
    """A fresh workspace with these sources."""
    root = folder / rules.replace(" ", "-")
    subprocess.run([sys.executable, "-m", "tocsin", "init", str(root)], check=True, capture_output=True)
    for path in (root / "sources").glob("*.yaml"):
        path.unlink()
    place = f'    text: feed\n    allow_private: ["{base.removeprefix("http://")}"]\n'
    sources = "".join(f"  - id: paper-{feed}\n    url: {base}/feed/{feed}\n{place}" for feed in range(number))
    (root / "sources" / "papers.yaml").write_text(f"sources:\n{sources}", "utf-8")
    if rules != "shipped rules":
        for path in (root / "rules").rglob("*.yaml"):
            path.unlink()
        (root / "rules" / "launch.yaml").write_text(_RULE, "utf-8")
    return root


def _run(root: Path) -> tuple[list[str], dict[str, str]]:
    env = {name: value for name, value in os.environ.items() if not name.startswith("TOCSIN_")}
    return [sys.executable, "-m", "tocsin", "run", "--all", "--json", "--workspace", str(root)], env


def measured(command: tuple[list[str], dict[str, str]]) -> Cost:
    """Runs the command to its end."""
    words, env = command
    start = time.perf_counter()
    with tempfile.TemporaryFile() as said:
        child = subprocess.Popen(words, env=env, stdout=said, stderr=subprocess.STDOUT)
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        said.seek(0)
        if child.returncode:
            raise SystemExit(f"{' '.join(words)[:200]} ended with {child.returncode}:\n{said.read()[-2000:].decode()}")
    wall = time.perf_counter() - start
    return Cost(cpu=usage.ru_utime + usage.ru_stime, wall=wall, memory=usage.ru_maxrss / 1024)
