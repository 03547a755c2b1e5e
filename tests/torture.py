"""`make torture`: alerts to a flaky mail server and webhook while the senders are killed at random moments.

python tests/torture.py [ALERTS] [KILLS]

A fifth of all sends fails: refusals, connections that break, and, worst of all, silence after the receiver has taken
the message. Two senders work on one outbox; one of them is killed with SIGKILL, again and again. In the end every
alert must have arrived on both channels, and a receiver that knows an id again must have seen each once.
"""

from __future__ import annotations

import asyncio
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

SPEED = 200
"""The senders' clock runs so many times faster: a back-off of 30 seconds is over in 0.15."""
BEGAN = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
CHANNELS = """\
channels:
  - {id: mail, url: "${TORTURE_MAIL}"}
  - {id: hook, kind: webhook, url: "${TORTURE_HOOK}"}
"""


@dataclass(frozen=True)
class Figures:
    """What came of it."""

    deliveries: int
    lost: int
    """Deliveries that no receiver holds, or that the outbox does not call sent."""
    copies: int
    """Further copies of an id, which a receiver that knows ids drops."""
    duplicates: int
    """What such a receiver would take for something new: ids that no delivery has, copies that differ."""
    kills: int
    faults: int
    seconds: float
    differing: tuple[tuple[bytes, ...], ...] = ()
    """The copies of each id that are not all the same."""


@dataclass
class Receivers:
    """Both flaky receivers: what arrived, by id, and how often they failed."""

    rng: random.Random
    calm: bool = False
    arrived: dict[str, list[bytes]] = field(default_factory=lambda: defaultdict(list))
    faults: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def fate(self) -> str:
        """What becomes of the next message: 80 in 100 are taken."""
        with self.lock:
            fate = "taken" if self.calm or self.rng.random() < 0.8 else self.rng.choice(["refused", "silent", "broken"])
            self.faults += fate != "taken"
            return fate

    def take(self, name: str, content: bytes) -> None:
        with self.lock:
            self.arrived[name].append(content)


@contextmanager
def hook(receivers: Receivers) -> Iterator[str]:
    """The webhook; its address."""
    ended = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers["content-length"])
            body = self.rfile.read(length)
            self.close_connection = True
            if len(body) < length:
                return  # killed in the middle: no receiver takes half a message
            fate = receivers.fate()
            if fate == "refused":
                self._answer(503)
                return
            receivers.take(str(self.headers["webhook-id"]), body)
            if fate == "taken":
                self._answer(204)
            elif fate == "silent":
                ended.wait(1)

        def _answer(self, status: int) -> None:
            with suppress(OSError):  # the sender was killed
                self.send_response(status)
                self.send_header("Content-Length", "0")
                self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            """Says nothing."""

    class Server(ThreadingHTTPServer):
        request_queue_size = 64
        daemon_threads = True

        def handle_error(self, request: Any, client_address: Any) -> None:
            """A sender that was killed in the middle of a request is what this is about."""

    with Server(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/hook?rto=0.25"
        finally:
            ended.set()
            server.shutdown()
            thread.join()


@contextmanager
def postbox(receivers: Receivers) -> Iterator[str]:
    """The mail server; its address."""
    from receivers import Controller0

    class Handler:
        async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
            fate = receivers.fate()
            if fate == "refused":
                return "451 try later"
            content = envelope.original_content
            receivers.take(str(message_from_bytes(content)["message-id"]), content)
            if fate == "silent":
                await asyncio.sleep(1)
            return "250 taken" if fate == "taken" else "421 closing"

    controller = Controller0(Handler(), hostname="127.0.0.1", port=0)
    controller.start()
    try:
        yield f"mailto://127.0.0.1:{controller.port}?from=tocsin@example.org&to=desk@example.org&rto=0.25"
    finally:
        controller.stop()


def torture(root: Path, alerts: int, kills: int, seed: int) -> Figures:
    """The whole of it, in a fresh workspace at `root`."""
    rng = random.Random(seed)
    receivers = Receivers(random.Random(seed + 1))
    expected = fill(root, alerts)
    start = time.monotonic()
    with hook(receivers) as hook_address, postbox(receivers) as mail_address:
        env = os.environ | {"TORTURE_MAIL": mail_address, "TORTURE_HOOK": hook_address}
        env |= {"TORTURE_BEGAN": str(time.time()), "PYTHONDONTWRITEBYTECODE": ""}
        killed = harass(root, env, kills, rng)
        with sender(root, env) as last:
            try:
                last.communicate(timeout=600)
            finally:
                last.kill()
        assert last.returncode == 0, "the last sender failed"
    found = receivers.arrived
    differing = tuple(tuple(set(copies)) for copies in found.values() if len(set(copies)) > 1)
    return Figures(
        deliveries=len(expected),
        lost=len(expected - found.keys()) + unsent(root),
        copies=sum(map(len, found.values())) - len(found),
        duplicates=len(found.keys() - expected) + len(differing),
        differing=differing,
        kills=killed,
        faults=receivers.faults,
        seconds=time.monotonic() - start,
    )


def harass(root: Path, env: dict[str, str], kills: int, rng: random.Random) -> int:
    """Keeps two senders at work and kills the older one at random moments; answers how many it killed at work."""
    senders = [sender(root, env), sender(root, env)]
    killed = 0
    for _ in range(kills):
        victim = senders.pop(0)
        assert victim.stdout
        victim.stdout.readline()  # it is at work now
        time.sleep(rng.uniform(0, 0.3))
        if victim.poll() is None:
            os.kill(victim.pid, signal.SIGKILL)
            killed += 1
        victim.wait()
        victim.stdout.close()
        senders.append(sender(root, env))
    for one in senders:
        one.kill()
        one.communicate()
    return killed


def sender(root: Path, env: dict[str, str]) -> subprocess.Popen[bytes]:
    command = [sys.executable, str(Path(__file__)), "--sender", str(root)]
    return subprocess.Popen(command, env=env, stdout=subprocess.PIPE)


def send_all(root: Path) -> None:
    """What a sender does: passes over the outbox until everything is sent."""
    from tocsin.alerts.channels import mail, webhook  # noqa: F401  # before the work begins
    from tocsin.pipeline.passes import send
    from tocsin.store import open_store
    from tocsin.workspace import load

    began = float(os.environ["TORTURE_BEGAN"])

    def clock() -> datetime:
        return BEGAN + timedelta(seconds=(time.time() - began) * SPEED)

    workspace = load(root)
    with open_store(f"sqlite:///{root}/data/tocsin.db", root / "data") as store:
        print("at work", flush=True)
        while store.outbox.listing(["pending", "failed"], 1):
            if not send(workspace, store, now=clock).results:
                time.sleep(0.02)


def fill(root: Path, number: int) -> set[str]:
    """A workspace with two channels, and an outbox with so many alerts for both; the ids that must arrive."""
    from alerting import alert
    from tocsin.store import open_store, outbox

    (root / "rules").mkdir(parents=True)
    (root / "sources").mkdir()
    (root / "rules" / "channels.yaml").write_text(CHANNELS, encoding="utf-8")
    names = [f"{at:032x}" for at in range(number)]
    with open_store(f"sqlite:///{root}/data/tocsin.db", root / "data") as store, store.writing() as connection:
        for at, name in enumerate(names):
            one = alert(id=name, story=f"{at:016x}", created_at=BEGAN)
            outbox.save_alert(connection, one)
            for channel in ("mail", "hook"):
                outbox.save_delivery(connection, one, channel)
    hooks = {outbox.delivery_id(name, "hook") for name in names}
    return hooks | {f"<{outbox.delivery_id(name, 'mail')}@example.org>" for name in names}


def unsent(root: Path) -> int:
    from tocsin.store import open_store

    with open_store(f"sqlite:///{root}/data/tocsin.db", root / "data") as store:
        return sum(row["state"] != "sent" for row in store.outbox.listing(limit=1_000_000))


def main(alerts: int = 1000, kills: int = 100) -> int:
    seed = random.randrange(10**6)
    with tempfile.TemporaryDirectory() as folder:
        found = torture(Path(folder) / "desk", alerts, kills, seed)
    print(f"{alerts} alerts to a mail server and a webhook, seed {seed}, {found.seconds:.0f} s")
    print(f"senders killed          {found.kills}")
    print(f"sends that failed       {found.faults}")
    print(f"deliveries              {found.deliveries}")
    print(f"lost                    {found.lost}")
    print(f"copies under a known id {found.copies}")
    print(f"duplicates              {found.duplicates}")
    for copies in found.differing:
        print("\ncopies that differ:", *(copy.decode(errors="replace") for copy in copies), sep="\n---\n")
    return int(bool(found.lost or found.duplicates))


if __name__ == "__main__":
    if sys.argv[1:2] == ["--sender"]:
        send_all(Path(sys.argv[2]))
    else:
        sys.exit(main(*map(int, sys.argv[1:])))
