"""`tocsin status`: whether the watch is well, for a person and for scripts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter
from rich.console import Console
from rich.text import Text

from tocsin.cli.common import JsonOption, WorkspaceOption, console, count, megabytes, print_json, settings
from tocsin.model import Health
from tocsin.times import lasting, utc_now
from tocsin.workspace import find_root, load_for_service

if TYPE_CHECKING:
    from tocsin.pipeline.condition import Condition
    from tocsin.store.looks import Standing
    from tocsin.store.view import Facts

_INDENT = 13
_OUTAGE = ("kind", "name", "since", "detail", "id")
_MOST = 20
"""Lines of one kind; the rest is a number."""

BlindOption = Annotated[
    str | None, Parameter(name="--blind", help="Instead: what could not be seen for so long back, such as 24h or 7d.")
]


def status(*, blind: BlindOption = None, workspace: WorkspaceOption = None, json: JsonOption = False) -> int:
    """Whether the watch is well: passes, sources, channels, the outbox. Nothing is written.

    Ends with 0 when all is well and with 1 when anything is not: no pass yet or a late one, a failing source, a
    resting channel, a delivery that failed or was given up, an outage, a ping that did not arrive, a file with
    problems, a database that cannot be read. With --blind: 1 when any source could not be seen at any time.
    """
    from tocsin.store.view import open_view  # noqa: PLC0415 - half a second, which --help must not pay

    root = find_root(workspace)
    known = settings()
    every = timedelta(seconds=known.every)
    loaded = load_for_service(root, keep=False)
    with open_view(known.database(root)) as view, view.reading() as connection:
        if blind is not None:
            from tocsin.cli.blind import tell_blindness  # noqa: PLC0415 - asked for rarely

            return tell_blindness(loaded, connection, blind, every=every, json=json)
        from tocsin.pipeline.condition import condition  # noqa: PLC0415 - as heavy as the store

        found, facts = condition(loaded, connection, every=every, now=utc_now()), view.facts(connection)
    if json:
        print_json([{"workspace": root, **as_json(found, facts)}])
    else:
        _print(console(), str(root), found, facts)
    return int(bool(found.ailments))


def as_json(found: Condition, facts: Facts) -> dict[str, Any]:
    """The condition as one object; also what the health page hands out."""
    return {
        "ok": not found.ailments,
        "ailments": [asdict(each) for each in found.ailments],
        "last_tick": found.last,
        "lag": found.lag,
        "late": found.is_late,
        "sources": dict(found.sources),
        "failing": [asdict(each) for each in found.failing],
        "health": found.health,
        "channels": [asdict(each) | {"state": each.state} for each in found.channels],
        "deliveries": dict(found.deliveries),
        "oldest_waiting": found.oldest,
        "outages": [{name: getattr(each, name) for name in _OUTAGE} for each in found.outages],
        "problems": [str(problem) for problem in found.problems],
        "articles": found.articles,
        "looks": asdict(found.looks),
        "database": asdict(facts),
    }


def _print(out: Console, root: str, found: Condition, facts: Facts) -> None:
    _head(out, found)
    _line(out, "Workspace", root)
    _line(out, "Database", _database(facts))
    _passes(out, found)
    _sources(out, found)
    _channels(out, found)
    _outbox(out, found)
    for number, outage in enumerate(found.outages):
        what = f"{outage.kind} {outage.name}".strip()
        detail = f": {outage.detail}" if outage.detail else ""
        _line(out, "" if number else "Outages", f"{what}, since {_moment(outage.since)}{detail}", "red")
    for number, problem in enumerate(found.problems):
        _line(out, "" if number else "Files", str(problem), "red")
    if found.problems:
        _line(out, "", "these files are used as they last were good, or not at all")


def _head(out: Console, found: Condition) -> None:
    number = len(found.ailments)
    if not number:
        out.print(Text("All is well.", "bold green"))
        return
    said = f"Not well: {number} thing{'' if number == 1 else 's'}"
    if stopped := [each.text for each in found.ailments if each.stops]:
        said += f", of which this stops the work: {'; '.join(stopped)}"
    out.print(Text(f"{said}.", "bold red"))


def _database(facts: Facts) -> str:
    size = f", {megabytes(facts.size)}" if facts.size is not None else ""
    return f"{facts.place} ({facts.kind}, schema {facts.schema}{size})"


def _passes(out: Console, found: Condition) -> None:
    if not found.last or found.lag is None:
        _line(out, "Last pass", "never — tocsin run makes one", "yellow")
        return
    last = found.last
    took = lasting(last["ended_at"] - last["started_at"])
    late = " — late: is tocsin serve running?" if found.is_late else ""
    _line(out, "Last pass", f"{lasting(found.lag)} ago, took {took}{late}", "red" if found.is_late else "")
    names = ("ok", "unchanged", "failed", "articles", "matches", "alerts", "sent")
    _line(out, "", ", ".join(f"{name} {last[name]}" for name in names if name in last))
    if "ping" in last:
        well = last["ping"] == "ok"
        _line(out, "Ping", "arrived" if well else f"did not arrive: {last['ping']}", "" if well else "red")


def _sources(out: Console, found: Condition) -> None:
    counts = found.sources
    watched = sum(counts.values()) - counts["off"]
    parts = (f"{number} {name}" for name, number in counts.items() if number)
    _line(out, "Sources", f"{watched}: {', '.join(parts) or 'none'}")
    for source in found.failing[:_MOST]:
        since = f"since {_moment(source.since)} ({lasting(found.now - source.since)})" if source.since else ""
        _line(out, "", f"{source.id} fails {since}: {source.detail}", "red")
    _more(out, len(found.failing))
    for wrong, names in _by_health(found.health).items():
        _line(out, "", f"{wrong}: {', '.join(names[:_MOST])}{' …' if len(names) > _MOST else ''}", "yellow")
    _line(out, "Articles", f"{found.articles:,}")
    _looks(out, found.looks)


def _looks(out: Console, looks: Standing) -> None:
    """What stands behind alerts, at its sources; nothing where nothing was told of late."""
    if not (looks.watched or looks.vanished):
        return
    due = f"{looks.due} due" if looks.due else ""
    coming = f"next at {_moment(looks.next_at)}" if looks.next_at and not looks.due else ""
    lacking = f"{looks.missing} missing, not proven" if looks.missing else ""
    gone = f"{looks.vanished} taken down since yesterday" if looks.vanished else ""
    parts = [f"{count(looks.watched, 'article')} behind alerts", *filter(None, (due, coming, lacking, gone))]
    _line(out, "Looked after", ", ".join(parts), "yellow" if lacking or gone else "")


def _by_health(health: Mapping[str, tuple[Health, ...]]) -> dict[Health, list[str]]:
    others = (each for each in Health if each is not Health.FAILING)
    found = {each: [source for source, wrong in health.items() if each in wrong] for each in others}
    return {each: names for each, names in found.items() if names}


def _channels(out: Console, found: Condition) -> None:
    for number, channel in enumerate(found.channels):
        parts = [channel.state]
        if channel.resting_until:
            parts = [f"rests until {_moment(channel.resting_until)} after {channel.failures} failures"]
        parts.append(f"last sent {lasting(found.now - channel.last_sent)} ago" if channel.last_sent else "nothing sent")
        waiting = (f"{channel.deliveries[state]} {state}" for state in _WAITING if channel.deliveries.get(state))
        said = f"{channel.id}: {', '.join([*parts, *waiting])}"
        said += f" — {channel.last_error}" if channel.last_error else ""
        _line(out, "" if number else "Channels", said, "" if channel.state == "ready" else "yellow")
    if not found.channels:
        _line(out, "Channels", "none — alerts are kept, and told to nobody", "yellow")


_WAITING = ("pending", "held", "failed", "dead")


def _outbox(out: Console, found: Condition) -> None:
    told = ", ".join(f"{number} {state}" for state, number in sorted(found.deliveries.items())) or "none"
    age = f"; the oldest waits for {lasting(found.now - found.oldest)}" if found.oldest else ""
    _line(out, "Deliveries", told + age)


def _more(out: Console, number: int) -> None:
    if number > _MOST:
        _line(out, "", f"and {number - _MOST} more — tocsin sources list")


def _line(out: Console, name: str, text: str, style: str = "") -> None:
    out.print(Text.assemble(f"{name:<{_INDENT}}", (text, style)))


def _moment(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"
