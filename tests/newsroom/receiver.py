"""A real receiver of alerts: takes JSON by POST, as Apprise's `json://` sends it, and remembers what came when.

With `log` every arrival is one line of JSON in that file, safely on disk before the sender gets its answer: what a
sender that is killed at any moment did deliver can be counted afterwards.

    python tests/newsroom/receiver.py --port 8901 --log arrivals.jsonl
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from threading import Condition
from typing import Any

if not __package__:  # run as a file: the package's folder is not on the path then
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from newsroom.loopback import Handler, Loopback, stop_asked


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One arrival."""

    at: datetime
    path: str
    payload: dict[str, Any]

    @property
    def title(self) -> str:
        return str(self.payload.get("title", ""))

    @property
    def body(self) -> str:
        return str(self.payload.get("message", ""))


class _Intake(Handler):
    def do_POST(self) -> None:  # noqa: N802 - the standard library's name
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        try:
            payload = json.loads(body)
        except ValueError:
            payload = None
        if not isinstance(payload, dict):
            self.answer(400, {"Content-Type": "text/plain"}, b"a JSON object is expected")
            return
        self.server.owner.take(Message(at=datetime.now(UTC), path=self.path, payload=payload))  # type: ignore[attr-defined]
        self.answer(200, {"Content-Type": "application/json"}, b"{}")

    def do_GET(self) -> None:  # noqa: N802 - the standard library's name
        self.answer(405, {"Allow": "POST", "Content-Type": "text/plain"}, b"send alerts by POST")


class Receiver(Loopback):
    """`with Receiver() as receiver: …`; `receiver.messages` holds what arrived, in order."""

    handler = _Intake

    def __init__(self, *, port: int = 0, log: Path | None = None, show: bool = False) -> None:
        self._messages: list[Message] = []
        self._guard = Condition()
        self._show = show
        super().__init__(port=port)
        self._log = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644) if log else None

    @property
    def apprise_url(self) -> str:
        """Address for a channel."""
        return f"json://127.0.0.1:{self.port}/"

    @property
    def messages(self) -> list[Message]:
        """What has arrived up to now."""
        with self._guard:
            return list(self._messages)

    def wait_for(self, number: int, seconds: float) -> bool:
        """Waits until so many have arrived; False when they have not within `seconds`."""
        with self._guard:
            return self._guard.wait_for(lambda: len(self._messages) >= number, seconds)

    def take(self, message: Message) -> None:
        """Remember one arrival; returns when it is on disk."""
        line = json.dumps(
            {"at": message.at.isoformat(), "path": message.path, "payload": message.payload}, ensure_ascii=False
        )
        with self._guard:
            self._messages.append(message)
            if self._log is not None:
                os.write(self._log, line.encode() + b"\n")
                os.fsync(self._log)
            self._guard.notify_all()
        if self._show:
            print(f"{message.at:%H:%M:%S}  {message.title}", flush=True)

    def close(self) -> None:
        super().close()
        if self._log is not None:
            os.close(self._log)
            self._log = None


def main() -> None:
    parser = argparse.ArgumentParser(description="Receive alerts sent to json://127.0.0.1:PORT and list them.")
    parser.add_argument("--port", type=int, default=8901)
    parser.add_argument("--log", type=Path, help="file that gets one line of JSON per arrival")
    asked = parser.parse_args()
    stop = stop_asked()
    with Receiver(port=asked.port, log=asked.log, show=True) as receiver:
        print(f"Receiving on {receiver.apprise_url} (Ctrl-C stops it)", flush=True)
        stop.wait()


if __name__ == "__main__":
    main()
