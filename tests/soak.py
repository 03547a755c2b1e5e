"""`make soak`: does anything grow for ever? Two weeks of one-minute ticks on a clock that runs ahead, then real runs.

python tests/soak.py [DAYS] [TICKS A DAY] [REAL TICKS]

First the library in one process: real HTTP from a loopback newsroom, real SQLite, every tick in its turn, upkeep once
a day. Two weeks are too short for ages of months, so all ages are scaled down with the time: articles 2 days instead of
90, and so on. In every feed stands one undated entry from the first minute to the last: deleted, it must not come back
as news. Then the service itself with its Prefect server makes real ticks, as fast as it can, for the bytes that a tick
leaves in Prefect's database; its history is made a month older, and the server clears it away.
"""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Self

from tocsin.pipeline import tick, upkeep
from tocsin.settings import Keep
from tocsin.store import open_store
from tocsin.workspace import load

BEGAN = datetime(2026, 3, 2, tzinfo=UTC)
KEEP = Keep(articles=2, stories=4, alerts=5, keys=1_000, ticks=2)
FEEDS, EVERY = 3, timedelta(minutes=10)
EVENT_EVERY = 97  # entries; one of so many makes an alert
ROOT = Path(__file__).parents[1]
RULE = """\
id: fired
title: Something was fired
severity: high
when: {words: [fired]}
tests:
  - event: The battery fired on Sunday.
  - none: A quiet Sunday.
"""
CHANNELS = "channels: [{id: desk, kind: webhook, url: 'http://127.0.0.1:PORT/told'}]\nroutes: [{to: [desk]}]\n"


@dataclass
class Day:
    """How things stood at the end of a virtual day."""

    size: int  # bytes of the database
    rss: int  # bytes of this process
    articles: int


@dataclass
class Soaked:
    """What came of the library's part."""

    ticks: int = 0
    seconds: float = 0.0
    brought: int = 0
    told: int = 0
    again: int = 0
    """Articles taken in beyond those that the feeds ever had: what upkeep deleted came back as new."""
    days: list[Day] = field(default_factory=list)


@dataclass
class Served:
    """What came of the service's part."""

    ready: float = 0.0  # seconds until the first tick had ended
    ticks: int = 0
    bytes_a_tick: float = 0.0
    before: int = 0  # bytes used in Prefect's database
    after: int = 0
    runs_before: int = 0
    runs_after: int = 0
    rss: dict[str, tuple[int, int]] = field(default_factory=dict)
    """Process → bytes early and late."""


class Press:
    """Feeds that grow with a clock, and a receiver that takes everything."""

    def __init__(self) -> None:
        self.now = BEGAN
        self.told = 0
        press = self

        class Answer(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self._send(press.feed(int(self.path.rpartition("/")[2])).encode())

            def do_POST(self) -> None:
                self.rfile.read(int(self.headers["Content-Length"]))
                press.told += 1
                self._send(b"")

            def _send(self, body: bytes) -> None:
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
        self.port = self._server.server_address[1]

    def feed(self, number: int) -> str:
        """The last twenty entries, and the one that always stands there."""
        newest = self.entries()
        items = "".join(self._entry(number, which) for which in range(max(0, newest - 20), newest))
        always = _item(f"About us at harbour {_word(number)}", "always")
        return f"<rss version='2.0'><channel><title>Feed {number}</title>{items}{always}</channel></rss>"

    def entries(self) -> int:
        """How many a feed has had so far, beside the one that always stands there."""
        return int((self.now - BEGAN) / EVERY)

    def _entry(self, feed: int, which: int) -> str:
        place = f"{_word(which)} of harbour {_word(feed)}"  # articles that differ in figures alone are the same text
        if (which * FEEDS + feed) % EVENT_EVERY:
            return _item(f"The ferry {place} sails", str(which), BEGAN + which * EVERY)
        others = " ".join(_word(which * prime) for prime in (7, 13, 31, 57, 91, 113))  # or it would be one long story
        return _item(f"{others}: a battery fired", str(which), BEGAN + which * EVERY, f"{others} {place}. " * 5)

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()


def _word(number: int) -> str:
    return "".join("bdfgklmnpr"[int(digit)] + "a" for digit in str(number))


def _item(title: str, guid: str, published: datetime | None = None, text: str = "") -> str:
    date = f"<pubDate>{format_datetime(published)}</pubDate>" if published else ""
    text = text or "The office gave no detail beyond a short notice of no importance. " * 20
    head = f"<title>{title}</title><guid isPermaLink='false'>{guid}</guid>{date}"
    return f"<item>{head}<description>{title}. {text}</description></item>"


def soak(folder: Path, *, days: int, ticks_a_day: int) -> Soaked:
    """The library's part in `folder`: so many virtual days."""
    found, step = Soaked(), timedelta(days=1) / ticks_a_day
    with Press() as press:
        _write(folder, press.port)
        workspace, began = load(folder), time.monotonic()
        for number in range(days * ticks_a_day):
            press.now = BEGAN + number * step
            with open_store(f"sqlite:///{folder}/t.db", folder / "data") as store:
                report = tick(workspace, store, now=lambda: press.now, every=step)
                found.brought += report.judged.articles
                if (number + 1) % ticks_a_day == 0:
                    upkeep(workspace, store, keep=KEEP, now=press.now)
            if (number + 1) % ticks_a_day == 0:
                found.days.append(_day(folder))
        found.ticks, found.seconds, found.told = days * ticks_a_day, time.monotonic() - began, press.told
        found.again = found.brought - FEEDS * (press.entries() + 1)
    return found


def serve(folder: Path, *, ticks: int) -> Served:
    """The service's part in `folder`: so many real ticks."""
    found = Served()
    with Press() as press:
        press.now = BEGAN + timedelta(days=1)
        _write(folder, press.port)
        home = folder / "data" / "prefect"
        with _service(folder) as service:
            began = time.monotonic()
            _until(lambda: _finished(folder) >= 1, service)
            found.ready = time.monotonic() - began
            _until(lambda: _finished(folder) >= 4, service)
            early, size, done = _memory(service), _used(home), _finished(folder)
            _until(lambda: _finished(folder) >= done + ticks, service)
            late, found.before, found.ticks = _memory(service), _used(home), _finished(folder)
            found.rss = {name: (early[name], late[name]) for name in early.keys() & late.keys()}
            found.bytes_a_tick = (found.before - size) / (found.ticks - done)
        found.runs_before = _count(home)
        _age(home)
        with _service(folder, PREFECT_SERVER_SERVICES_DB_VACUUM_LOOP_SECONDS="5", TOCSIN_EVERY="3600") as service:
            _until(lambda: _count(home, "end_time < datetime('now', '-20 days')") == 0, service)
            time.sleep(10)  # the events and logs of the last runs follow
            found.after, found.runs_after = _used(home), _count(home)
    return found


def _write(folder: Path, port: int) -> None:
    (folder / "rules").mkdir(parents=True)
    (folder / "sources").mkdir()
    (folder / "rules" / "fired.yaml").write_text(RULE)
    (folder / "rules" / "channels.yaml").write_text(CHANNELS.replace("PORT", str(port)))
    lines = (
        f"  - {{id: f{number}, url: 'http://127.0.0.1:{port}/feed/{number}', every: 10m, text: feed, "
        f"allow_private: ['127.0.0.1:{port}']}}\n"
        for number in range(FEEDS)
    )
    (folder / "sources" / "feeds.yaml").write_text("sources:\n" + "".join(lines))


def _day(folder: Path) -> Day:
    with closing(sqlite3.connect(folder / "t.db")) as connection:
        (articles,) = connection.execute("SELECT count(*) FROM articles").fetchone()
        size = _pragma(connection, "page_count") * _pragma(connection, "page_size")
    return Day(size=size, rss=_rss(os.getpid()), articles=articles)


def _rss(process: int) -> int:
    return int(Path(f"/proc/{process}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def _pragma(connection: sqlite3.Connection, name: str) -> int:
    return int(connection.execute(f"PRAGMA {name}").fetchone()[0])


class _service:  # noqa: N801 - read as a word
    """`flows/serve.py` over a folder, for as long as the block lasts."""

    def __init__(self, folder: Path, **more: str) -> None:
        env = {name: value for name, value in os.environ.items() if not name.startswith(("TOCSIN_", "PREFECT_"))}
        env |= {"TOCSIN_EVERY": "5", "TOCSIN_DELIVER_EVERY": "0", "TOCSIN_PAGES_PORT": "0", **more}
        self._log = (folder / "serve.log").open("ab")
        command = [sys.executable, str(ROOT / "flows" / "serve.py"), str(folder)]
        self._process = subprocess.Popen(command, env=env, stdout=self._log, stderr=self._log, cwd=folder)

    def __enter__(self) -> subprocess.Popen[bytes]:
        return self._process

    def __exit__(self, *_: object) -> None:
        self._process.send_signal(signal.SIGINT)
        self._process.wait(60)
        self._log.close()


def _until(holds, service: subprocess.Popen[bytes], patience: float = 3_600) -> None:
    deadline = time.monotonic() + patience
    while not holds():
        if service.poll() is not None or time.monotonic() > deadline:
            raise SystemExit("soak: the service ended, or is stuck — its log is serve.log in the folder")
        time.sleep(0.5)


def _finished(folder: Path) -> int:
    path = folder / "data" / "tocsin.db"
    if not path.exists():
        return 0
    with closing(sqlite3.connect(path, timeout=30)) as connection:
        try:
            return int(connection.execute("SELECT count(*) FROM ticks WHERE ended_at IS NOT NULL").fetchone()[0])
        except sqlite3.OperationalError:
            return 0  # the tables are being made


def _used(home: Path) -> int:
    """Bytes in use in Prefect's database; pages that are free again do not count."""
    with closing(sqlite3.connect(home / "prefect.db", timeout=30)) as connection:
        return (_pragma(connection, "page_count") - _pragma(connection, "freelist_count")) * _pragma(
            connection, "page_size"
        )


def _count(home: Path, which: str = "1") -> int:
    with closing(sqlite3.connect(home / "prefect.db", timeout=30)) as connection:
        return int(connection.execute(f"SELECT count(*) FROM flow_run WHERE {which}").fetchone()[0])


def _age(home: Path) -> None:
    """Makes Prefect's history a month older."""
    with closing(sqlite3.connect(home / "prefect.db", timeout=30)) as connection, connection:
        for table, columns in {
            "flow_run": ("start_time", "end_time", "expected_start_time"),
            "events": ("occurred", "received"),
            "event_resources": ("occurred",),
        }.items():
            values = ", ".join(f"{name} = datetime({name}, '-30 days') || '.000000'" for name in columns)
            connection.execute(f"UPDATE {table} SET {values}")


def _memory(service: subprocess.Popen[bytes]) -> dict[str, int]:
    """Bytes of the service's processes that last."""
    found = {"serve.py": _rss(service.pid)}
    for name in Path(f"/proc/{service.pid}/task/{service.pid}/children").read_text().split():
        line = Path(f"/proc/{name}/cmdline").read_bytes().decode()
        found["Prefect server" if "server" in line and "timetable" not in line else "timetable.py"] = _rss(int(name))
    return found


def main(arguments: list[str]) -> int:
    """Both parts, in a folder that is gone afterwards; prints the figures."""
    days, ticks_a_day, real = (*map(int, arguments), *(14, 288, 40)[len(arguments) :])
    with tempfile.TemporaryDirectory(prefix="soak-") as folder:
        _tell_soaked(soak(Path(folder) / "library", days=days, ticks_a_day=ticks_a_day))
        if real:
            _tell_served(serve(Path(folder) / "service", ticks=real))
    return 0


def _tell_soaked(found: Soaked) -> None:
    each = found.seconds / found.ticks * 1000
    print(f"{found.ticks:,} ticks of {len(found.days)} virtual days in {found.seconds:.0f} s ({each:.0f} ms each):")
    print(f"{found.brought:,} articles taken in, {found.again} of them twice; {found.told} alerts sent")
    print("day   articles   database MB   process MB")
    for number, day in enumerate(found.days, 1):
        print(f"{number:>3} {day.articles:>10,} {day.size / 2**20:>13.1f} {day.rss / 2**20:>12.1f}")


def _tell_served(found: Served) -> None:
    print(f"service: first tick done after {found.ready:.0f} s; {found.ticks} real ticks")
    print(f"Prefect's database grows by {found.bytes_a_tick / 1024:.1f} KB a tick; once its history is a month old:")
    before, after = found.before / 2**20, found.after / 2**20
    print(f"  {found.runs_before} runs, {before:.2f} MB in use → {found.runs_after} runs, {after:.2f} MB")
    for name, (early, late) in found.rss.items():
        print(f"  {name}: {early / 2**20:.0f} MB, at the end {late / 2**20:.0f} MB")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
