"""A launch night on a virtual clock, through real feeds, the shipped rules, real mail and real calls.

`golden/launch_night/` holds the night (`night.yaml`), what its desk has written (`workspace/`), and what arrives: a file
for every message, byte for byte, and `night.txt`, all of it to be read. `python tests/acceptance/test_launch_night.py`
writes them anew (read the diff).
"""

from __future__ import annotations

import json
import shutil
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import format_datetime
from html import escape
from pathlib import Path
from tempfile import TemporaryDirectory
from zoneinfo import ZoneInfo

import pytest
import yaml

TESTS = Path(__file__).parents[1]
sys.path.insert(0, str(TESTS))  # when it is run to write the messages anew

from receivers import HttpReceiver, MailReceiver, Received, http_receiver, mail_receiver  # noqa: E402
from servers import Server, reply  # noqa: E402
from tocsin import pipeline  # noqa: E402
from tocsin.store import Store, open_store  # noqa: E402
from tocsin.workspace import load  # noqa: E402

GOLDEN = TESTS / "golden" / "launch_night"
NIGHT = yaml.safe_load((GOLDEN / "night.yaml").read_text("utf-8"))
SEOUL = ZoneInfo("Asia/Seoul")
THURSDAY = datetime(2026, 3, 5, tzinfo=SEOUL)
EVENING, MORNING, DIGEST = THURSDAY - timedelta(hours=1), THURSDAY.replace(hour=7), THURSDAY.replace(hour=8)


@dataclass(frozen=True)
class Sent:
    """A message as it arrived. `body` is that of the request, or the mail."""

    at: datetime
    channel: str
    body: bytes
    subject: str
    text: str
    answers: str
    """What it answers: a message of the same channel; empty where it opens a thread."""
    rings: bool


@dataclass(frozen=True)
class Night:
    """What arrived, and what is listed in the morning."""

    sent: tuple[Sent, ...]
    deliveries: tuple[dict[str, object], ...]

    def to(self, channel: str) -> list[tuple[str, str]]:
        """When and with which subject a channel was told."""
        return [(f"{one.at:%H:%M}", one.subject) for one in self.sent if one.channel == channel]


def clock(text: str) -> datetime:
    hour, minute = map(int, text.split(":"))
    return THURSDAY.replace(hour=hour, minute=minute)


def feed(outlet: str, now: datetime) -> str:
    """The outlet's feed as it is at a time; an entry with a known guid takes the place of the earlier one."""
    quiet = {"at": "00:00", "title": "Timetables change on Sunday", "text": ["Ferries leave ten minutes later."]}
    shown = {f"{outlet}-timetable": quiet}
    shown |= {one["guid"]: one for one in NIGHT["entries"] if one["outlet"] == outlet and clock(one["at"]) <= now}
    items = "".join(
        f"<item><guid isPermaLink='false'>{guid}</guid><link>https://{outlet}.example/{guid}</link>"
        f"<title>{escape(one['title'])}</title><pubDate>{format_datetime(clock(one['at']))}</pubDate>"
        f"<description>{escape(''.join(f'<p>{part}</p>' for part in one['text']))}</description></item>"
        for guid, one in shown.items()
    )
    return f"<rss version='2.0'><channel><title>{outlet}</title>{items}</channel></rss>"


def sources(server: Server) -> str:
    known = {
        outlet: about | {"id": outlet, "url": server.url(f"/{outlet}"), "publisher": outlet, "text": "feed"}
        for outlet, about in NIGHT["outlets"].items()
    }
    return yaml.safe_dump(
        {"sources": [one | {"allow_private": [server.place]} for one in known.values()]}, allow_unicode=True
    )


def desk(root: Path, server: Server, mail: MailReceiver, web: HttpReceiver) -> None:
    """The shipped rules, and on top of them what this desk has written."""
    shutil.copytree(TESTS.parent / "rules", root / "rules")
    shutil.copytree(GOLDEN / "workspace", root, dirs_exist_ok=True)
    (root / "sources").mkdir(exist_ok=True)
    (root / "sources" / "outlets.yaml").write_text(sources(server), "utf-8")
    (root / "secrets").mkdir()
    for name, address in {
        "program": f"{web.address}/program",
        "duty": f"matrix://TOKEN@{web.host}/!night:desk.example",
        "editor": f"mailto://127.0.0.1:{mail.port}?from=tocsin@desk.example&to=editor@desk.example",
        "chief": f"mailto://127.0.0.1:{mail.port}?from=tocsin@desk.example&to=chief@desk.example",
    }.items():
        (root / "secrets" / name).write_text(address)


def called(at: datetime, request: Received) -> Sent:
    """A call of the webhook or of the Matrix server."""
    data = request.json
    if request.path == "/program":
        told = data["data"]
        return Sent(at, "program", request.body, told["subject"], told["text"], "", not told["quiet"])
    answers = data.get("m.relates_to", {}).get("event_id", "")
    return Sent(
        at, "duty", request.body, data["body"].split("\n")[0], data["body"], answers, data["msgtype"] == "m.text"
    )


def mailed(at: datetime, mail: MailReceiver, number: int) -> Sent:
    letter = mail.mails[number]
    text = letter.get_body(("plain",))
    assert text is not None
    channel = str(letter["To"]).split("@")[0]
    answers = str(letter["In-Reply-To"] or "")
    answers = "" if answers.startswith("<story.") else answers  # the made-up root, which no mail is
    return Sent(at, channel, mail.raw[number], str(letter["Subject"]), text.get_content(), answers, rings=True)


def event_id(request: Received) -> object:
    """What a homeserver answers: an id for each transaction."""
    return {"event_id": f"$event-of-{request.path.rsplit('/', 1)[-1]}"}


def play(root: Path) -> Night:
    """The night, and the morning after it."""
    with Server() as server, mail_receiver() as mail, http_receiver() as web:
        web.body = event_id
        desk(root, server, mail, web)
        workspace = load(root)
        with open_store(f"sqlite:///{root}/night.db", root) as store:
            sent = tuple(_arrivals(store, workspace, server, mail, web))
            return Night(sent, tuple(store.outbox.listing()))


def _arrivals(store: Store, workspace, server: Server, mail: MailReceiver, web: HttpReceiver) -> Iterator[Sent]:
    times = {clock(one["at"]) for one in NIGHT["entries"]}
    for now in sorted({EVENING, MORNING - timedelta(minutes=1), MORNING, DIGEST, DIGEST + timedelta(days=1), *times}):
        for outlet in NIGHT["outlets"]:
            server.routes[f"/{outlet}"] = reply(feed(outlet, now), content_type="application/rss+xml")
        calls, mails = len(web.requests), len(mail.mails)
        report = pipeline.tick(workspace, store, everything=True, now=lambda now=now: now)
        assert not report.failures
        yield from sorted((called(now, one) for one in web.requests[calls:]), key=lambda one: one.channel)
        yield from (mailed(now, mail, number) for number in range(mails, len(mail.mails)))


def files(night: Night) -> dict[str, bytes]:
    """The golden files by name."""
    found = {"night.txt": transcript(night).encode()}
    numbers: Counter[str] = Counter()
    for one in night.sent:
        numbers[one.channel] += 1
        mail = one.channel in {"editor", "chief"}
        name = f"{one.channel}-{numbers[one.channel]}-{one.at:%H%M}.{'eml' if mail else 'json'}"
        pretty = one.body if mail else json.dumps(json.loads(one.body), ensure_ascii=False, indent=1).encode() + b"\n"
        found[name] = pretty.replace(b"\r\n", b"\n")
    return found


def transcript(night: Night) -> str:
    """All messages, to be read as those read them who are told."""
    rule = "=" * 100
    return "\n".join(
        f"{rule}\n{one.at:%a %H:%M} Seoul → {one.channel}{'' if one.rings else ', without a ping'}"
        f"{', in the thread' if one.answers else ''}\nSubject: {one.subject}\n\n{one.text.rstrip()}\n"
        for one in night.sent
    )


@contextmanager
def scratch() -> Iterator[Path]:
    with TemporaryDirectory() as folder:
        yield Path(folder)


@pytest.fixture(scope="module")
def night() -> Iterator[Night]:
    with scratch() as root:
        yield play(root)


def write_anew() -> None:
    for old in [*GOLDEN.glob("*.eml"), *GOLDEN.glob("*.json"), *GOLDEN.glob("*.txt")]:
        old.unlink()
    with scratch() as root:
        for name, content in files(play(root)).items():
            (GOLDEN / name).write_bytes(content)


if __name__ == "__main__":
    write_anew()
