"""A launch night on a virtual clock, through real feeds, the shipped rules, real mail and real calls.

`golden/launch_night/` holds the night (`night.yaml`), what its desk has written (`workspace/`), and what arrives: a
file for every message, and `night.txt`, all of it to be read. Mails are compared header by header and part by part:
where lines are folded differs between versions of Python. `python tests/acceptance/test_launch_night.py` writes the
files anew (read the diff).
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
from email import message_from_bytes, policy
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
    told = text.get_content().replace("\r\n", "\n")
    channel = str(letter["To"]).split("@")[0]
    answers = str(letter["In-Reply-To"] or "")
    answers = "" if answers.startswith("<story.") else answers  # the made-up root, which no mail is
    return Sent(at, channel, mail.raw[number], str(letter["Subject"]), told, answers, rings=True)


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


def golden() -> list[Path]:
    return [path for kind in ("eml", "json", "txt") for path in GOLDEN.glob(f"*.{kind}")]


def write_anew() -> None:
    for old in golden():
        old.unlink()
    with scratch() as root:
        for name, content in files(play(root)).items():
            (GOLDEN / name).write_bytes(content)


def letter(content: bytes) -> list[object]:
    """A mail's headers and parts, decoded."""
    mail = message_from_bytes(content, policy=policy.default)
    kept = [(name, " ".join(str(value).split())) for name, value in mail.items() if name != "Content-Type"]
    return [*kept, *((part.get_content_type(), part.get_content()) for part in mail.iter_parts())]


def test_every_message_is_exactly_as_agreed(night):
    found = files(night)
    assert sorted(found) == sorted(path.name for path in golden())
    for name, content in found.items():
        read = letter if name.endswith(".eml") else bytes.decode
        assert read(content) == read((GOLDEN / name).read_bytes()), name


def test_twelve_reports_in_four_languages_are_one_story_of_three_origins(night):
    last = [json.loads(one.body)["data"] for one in night.sent if one.channel == "program"][-1]
    reports = [last["article"], *last["reports"]]
    assert (len(reports), last["origins"]) == (12, 3)
    assert {one["language"] for one in reports} == {"en", "ko", "ja", "ru"}
    assert Counter(one["origin"] for one in reports) == {"meridian-wire": 5, "rok": 6, "shima-shimbun": 1}
    assert {one["origin_why"] for one in reports if one["origin"] == "rok"} == {
        "quotes Joint Chiefs of Staff of South Korea",
        "quotes South Korea",
    }


def test_only_what_makes_it_surer_rings_again(night):
    launch = [one for one in night.sent if one.channel == "duty" and "launched" in one.subject]
    assert [(f"{one.at:%H:%M}", one.subject.split(" — ")[0]) for one in launch if one.rings] == [
        ("02:14", "CRITICAL"),
        ("02:41", "CONFIRMED"),
        ("03:05", "OFFICIAL"),
    ]
    quiet = [one.text.split("\n")[1] for one in launch if not one.rings]
    assert quiet == [
        "3 reports by 1 origin so far",
        "6 reports by 2 origins so far",
        "12 reports by 3 origins so far",
    ]
    first, *later = launch
    assert first.answers == ""
    assert len({one.answers for one in later}) == 1
    assert later[0].answers


def test_quiet_hours_hold_until_morning_and_then_each_story_is_one_message(night):
    assert [(time, subject.split(" — ")[0]) for time, subject in night.to("editor")] == [
        ("07:00", "OFFICIAL"),
        ("07:00", "WITHDRAWN"),
    ]
    duty = [one for one in night.sent if one.channel == "duty" and "pact" in one.subject]
    assert [f"{one.at:%H:%M}" for one in duty] == ["07:00"], "critical breaks through, high waits"


def test_the_digest_is_one_message_with_a_line_for_each_story(night):
    [(time, subject)] = night.to("chief")
    assert (time, subject) == ("08:00", "Digest: 2 alerts up to 2026-03-04 23:00 UTC")


def test_the_false_report_is_taken_back_wherever_it_went(night):
    told = {one.channel for one in night.sent if "WITHDRAWN — HIGH — Security pact" in one.text}
    assert told == {"program", "duty", "editor", "chief"}
    program = [(time, subject) for time, subject in night.to("program") if "Security pact" in subject]
    assert [(time, subject.split(" — ")[0]) for time, subject in program] == [
        ("04:10", "HIGH"),
        ("04:45", "DENIED"),  # in another language than the report
        ("05:02", "WITHDRAWN"),
    ]


def test_nothing_is_lost_what_was_not_sent_names_the_alert_that_tells_it(night):
    sent = {row["alert"]: row["channel"] for row in night.deliveries if row["state"] == "sent"}
    covered = [row for row in night.deliveries if row["state"] != "sent"]
    assert len(covered) == 10
    for row in covered:
        assert row["state"] == "covered"
        reason, _, alert = str(row["waits"]).removeprefix("told with ").partition(", alert ")
        assert reason in {"corroborated", "official", "corrected", "withdrawn"}
        assert alert in {*sent, *(one["alert"] for one in covered)}


@pytest.mark.parametrize("page", ["README.md", "rules/channels.md"])
def test_the_message_shown_in_the_docs_is_one_of_these(page):
    blocks = (TESTS.parent / page).read_text("utf-8").split("```")[1::2]
    [shown] = [block for block in blocks if "North Korea launched a missile" in block]
    sent = (GOLDEN / "night.txt").read_text("utf-8").splitlines()
    assert [line for line in shown.splitlines() if line not in sent and not line.startswith("- and ")] == []


if __name__ == "__main__":
    write_anew()
