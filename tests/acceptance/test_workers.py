"""Two workers share 500 sources, and one of them is killed in the middle."""

import asyncio
import os
import random
import signal
import subprocess
import sys
from collections import Counter, defaultdict
from itertools import pairwise
from threading import Event, Thread

import pytest
from sqlalchemy import func, select

from newsroom.receiver import Receiver
from tocsin.model import FetchOutcome
from tocsin.store import open_store
from tocsin.store.schema import alerts, article_keys, articles, deliveries, hosts

HOSTS, EACH = 50, 10
KILLED_AFTER = 150  # polls
RULE = """\
id: launch
title: A launch
severity: high
when: {all: [{words: ["fired"]}, {words: ["missile~"]}]}
alert: {to: [desk]}
tests:
  - event: "The island fired two missiles on Tuesday, the ministry said."
  - none: "The company launched a channel for drama."
"""


class Papers:
    """Feeds of two entries at many hosts (ports), one in ten of which tells an event; every poll is noted."""

    def __init__(self):
        self.polls = defaultdict(list)  # port → (feed, worker)
        self.many = Event()
        self.ports = []
        self._loop = asyncio.new_event_loop()
        self._thread = Thread(target=self._loop.run_forever)

    def __enter__(self):
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._open(), self._loop).result(30)
        return self

    def __exit__(self, *_):
        asyncio.run_coroutine_threadsafe(self._close(), self._loop).result(30)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _open(self):
        self._servers = [await asyncio.start_server(self._serve, "127.0.0.1", 0) for _ in range(HOSTS)]
        self.ports = [server.sockets[0].getsockname()[1] for server in self._servers]

    async def _close(self):
        for server in self._servers:
            server.close()
        for task in asyncio.all_tasks() - {asyncio.current_task()}:
            task.cancel()

    async def _serve(self, reader, writer):
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                lines = head.decode().split("\r\n")
                port, path = writer.get_extra_info("sockname")[1], lines[0].split(" ")[1]
                worker = next(line.split()[1] for line in lines if line.lower().startswith("user-agent"))
                body = self._answer(port, path, worker)
                await asyncio.sleep(0.02)  # so that both workers are at it for a while
                status = "200 OK" if body else "404 Not Found"
                kind = "application/rss+xml"
                head = f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n"
                writer.write(head.encode() + body)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass  # a killed worker
        finally:
            writer.close()

    def _answer(self, port, path, worker):
        if not path.startswith("/feed/"):
            return b""
        self.polls[port].append((path, worker))
        if sum(map(len, self.polls.values())) >= KILLED_AFTER:
            self.many.set()
        place, feed = self.ports.index(port), int(path.removeprefix("/feed/"))
        dice = random.Random(place * EACH + feed)
        items = "".join(_item(place * EACH + feed, number, dice) for number in range(2))
        return f'<rss version="2.0"><channel><title>Paper {place}</title>{items}</channel></rss>'.encode()


def _word(dice):
    return "".join(dice.choice("bdfgklmnprstv") + dice.choice("aeiou") for _ in range(4))


def _item(feed, number, dice):
    town, name, *rest = (_word(dice) for _ in range(16))
    told = f"The army of {town.title()} fired a missile at {name.title()}" if feed % 10 == number == 0 else "A fair"
    url = f"https://paper{feed}.example/{feed}/{number}"
    return (
        f"<item><title>{told} {' '.join(rest[:5])}</title><link>{url}</link><guid>{url}</guid>"
        f"<description>{' '.join(rest)}.</description></item>"
    )


@pytest.fixture
def desk(tmp_path):
    root = tmp_path / "desk"
    (root / "rules").mkdir(parents=True)
    (root / "sources").mkdir()
    (root / "rules" / "launch.yaml").write_text(RULE)
    (root / "rules" / "channels.yaml").write_text('channels: [{id: desk, url: "${TOCSIN_DESK_URL}"}]\n')
    return root


def write_sources(desk, ports):
    lines = [
        f"  - {{id: p{place}-{feed}, url: 'http://127.0.0.1:{port}/feed/{feed}', text: feed, "
        f"allow_private: ['127.0.0.1:{port}']}}\n"
        for place, port in enumerate(ports)
        for feed in range(EACH)
    ]
    (desk / "sources" / "papers.yaml").write_text("sources:\n" + "".join(lines))


def work(desk, database, receiver, name):
    env = os.environ | {
        "TOCSIN_DESK_URL": receiver.apprise_url,
        "TOCSIN_DATABASE_URL": database,
        "TOCSIN_USER_AGENT": name,
        "TOCSIN_LIMIT_SOURCES": "16",
    }
    command = [sys.executable, "-m", "tocsin", "run", "--alert-on-first", "--workspace", str(desk)]
    log = (desk / f"{name}.log").open("wb")
    with log:
        return subprocess.Popen(command, env=env, stdout=log, stderr=subprocess.STDOUT)


def test_two_workers_one_of_them_killed_poll_everything_and_tell_everything_once(desk, database, tmp_path):
    with Papers() as papers, Receiver(log=tmp_path / "arrived.jsonl") as receiver:
        write_sources(desk, papers.ports)
        first, second = (work(desk, database, receiver, name) for name in ("first", "second"))
        try:
            assert papers.many.wait(120)
            first.send_signal(signal.SIGKILL)
            first.wait(30)
            assert second.wait(240) == 0, (desk / "second.log").read_text()
            third = work(desk, database, receiver, "third")  # the next pass; often there is nothing left for it
            assert third.wait(240) == 0, (desk / "third.log").read_text()
        finally:
            for process in (first, second):
                process.kill()
                process.wait()
        arrived = Counter(message.title for message in receiver.messages)

    with open_store(database, desk / "data") as store, store.writing() as connection:
        states = store.states()
        stored = connection.execute(select(func.count(), func.count(articles.c.url.distinct()))).one()
        keys = connection.execute(select(func.count(article_keys.c.article.distinct()))).scalar_one()
        told = connection.execute(select(func.count()).select_from(alerts)).scalar_one()
        sent = connection.execute(select(deliveries.c.state, func.count()).group_by(deliveries.c.state)).tuples().all()
        leases = connection.execute(select(hosts.c.lease_owner)).scalars().all()
    assert len(states) == HOSTS * EACH
    assert {state.outcome for state in states.values()} == {FetchOutcome.OK}
    assert stored == (2 * HOSTS * EACH, 2 * HOSTS * EACH)
    assert keys == 2 * HOSTS * EACH
    assert told == HOSTS * EACH // 10
    assert sent == [("sent", told)]
    assert len(arrived) == told
    assert sum(arrived.values()) == told, "the killed one had not begun to send: that comes at the end of its pass"
    assert leases == [], "nobody holds what nobody polls"

    assert len({(port, path) for port, polls in papers.polls.items() for path, _ in polls}) == HOSTS * EACH
    seen = [[worker for _, worker in polls] for polls in papers.polls.values()]
    assert {worker for workers in seen for worker in workers} >= {"first", "second"}, "they shared the work"
    changes = [sum(a != b for a, b in pairwise(workers)) for workers in seen]
    assert max(changes) <= 1, "no two workers were at one host at the same time"
