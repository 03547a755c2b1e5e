"""Deliveries to a webhook on loopback, from the outbox to 'sent'; the floor is a bare POST each, by http.client."""

from __future__ import annotations

import random
import tempfile
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

NUMBER = 400
Row = tuple[str, str, str, str]


class Taker(BaseHTTPRequestHandler):
    """Takes every POST."""

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["content-length"]))
        self.send_response(204)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Says nothing."""


def deliveries() -> Iterator[Row]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Taker)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    ours, floor = _ours(server.server_port), _bare(server.server_port)
    server.shutdown()
    server.server_close()
    yield "webhook, deliveries", f"{NUMBER / ours:,.0f}/s", f"{NUMBER / floor:,.0f}/s", f"{ours / floor:.1f}"


def _ours(port: int) -> float:
    from alerting import alert
    from tocsin.alerts.channels import open_channel
    from tocsin.alerts.deliver import deliver
    from tocsin.specs.channels import ChannelSpec
    from tocsin.store import open_store, outbox

    later = datetime.now(UTC) + timedelta(days=3650)
    spec = ChannelSpec(id="hook", kind="webhook", url=f"http://127.0.0.1:{port}/x")
    channels = {"hook": open_channel(spec, {}, Path())}
    with tempfile.TemporaryDirectory() as folder, open_store(f"sqlite:///{folder}/t.db", Path(folder)) as store:
        with store.writing() as connection:
            for at in range(NUMBER):
                one = alert(id=f"{at:032x}", story=f"{at:016x}")
                outbox.save_alert(connection, one)
                outbox.save_delivery(connection, one, "hook")
        start = time.perf_counter()
        done = deliver(store.outbox, channels, worker=store.worker, now=lambda: later, rng=random.Random(1))
        taken = time.perf_counter() - start
    assert done.sent == NUMBER
    return taken


def _bare(port: int) -> float:
    start = time.perf_counter()
    for _ in range(NUMBER):
        connection = HTTPConnection("127.0.0.1", port)
        connection.request("POST", "/x", body=b"x" * 2000)
        connection.getresponse().read()
        connection.close()
    return time.perf_counter() - start
