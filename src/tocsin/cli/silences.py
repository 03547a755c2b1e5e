"""`tocsin alerts silence`, `silences`, `unsilence`: what is not to be told for a while, by whom and why."""

from __future__ import annotations

import getpass
from datetime import UTC, datetime
from difflib import get_close_matches
from typing import Annotated

from cyclopts import Parameter

from tocsin.alerts.outage import RULE
from tocsin.cli.common import JsonOption, WorkspaceOption, console, length, opened_store, print_json, table
from tocsin.errors import UsageError
from tocsin.model import Silence
from tocsin.workspace import Workspace, find_root, load

_WHAT = ("rule", "story", "entity", "tag", "source", "channel")


def silence(
    *,
    for_: Annotated[str, Parameter(name="--for", help="How long: 90m, 2h, 3d.")],
    reason: Annotated[str, Parameter(help="Why; shown wherever something is held for it.")],
    rule: Annotated[str | None, Parameter(help="A rule's id, or health: what ails the watch itself.")] = None,
    story: str | None = None,
    entity: str | None = None,
    tag: str | None = None,
    source: str | None = None,
    channel: Annotated[str | None, Parameter(help="Of what ails the watch, the outages of this channel.")] = None,
    by: Annotated[str | None, Parameter(help="Who silences; the name of the user when absent.")] = None,
    workspace: WorkspaceOption = None,
) -> int:
    """Do not tell of alerts that fit everything given, for a while. They are kept and listed as held."""
    from tocsin.store import silences  # noqa: PLC0415

    wanted = {"rule": rule, "story": story, "entity": entity, "tag": tag, "source": source, "channel": channel}
    if not any(wanted.values()):
        raise UsageError(
            "alerts silence: say what — one or more of --rule, --story, --entity, --tag, --source, --channel"
        )
    lasts = length("--for", for_)
    root = find_root(workspace)
    _known(load(root), rule=rule, entity=entity, source=source, channel=channel)
    now = datetime.now(UTC)
    made = Silence(number=0, author=by or getpass.getuser(), reason=reason, created_at=now, until=now + lasts, **wanted)
    with opened_store(root) as store, store.writing() as connection:
        made = silences.add(connection, made)
    print(f"silence {made.number}: {_what(made)} until {made.until:%Y-%m-%d %H:%M} UTC")
    print(f"tocsin alerts unsilence {made.number} ends it; tocsin alerts list --held shows what it held")
    return 0


def list_(*, limit: int = 50, workspace: WorkspaceOption = None, json: JsonOption = False) -> int:
    """List the silences, newest first, ended ones too."""
    from tocsin.store import silences  # noqa: PLC0415

    with opened_store(find_root(workspace)) as store, store.writing() as connection:
        found = silences.newest(connection, limit)
    now = datetime.now(UTC)
    if json:
        print_json({name: getattr(one, name) for name in one.__dataclass_fields__} for one in found)
        return 0
    rows = (
        [
            str(one.number),
            _what(one),
            f"{one.until:%Y-%m-%d %H:%M} UTC" if one.until > now else "ended",
            one.author,
            one.reason,
        ]
        for one in found
    )
    console().print(table(["silence", "what", "until", "by", "reason"], rows))
    return 0


def end(
    number: Annotated[int, Parameter(help="As `tocsin alerts silences` shows it.")],
    /,
    *,
    workspace: WorkspaceOption = None,
) -> int:
    """End a silence before its time."""
    from tocsin.store import silences  # noqa: PLC0415

    with opened_store(find_root(workspace)) as store, store.writing() as connection:
        ended = silences.end(connection, number, datetime.now(UTC))
    print(f"silence {number}: ended" if ended else f"silence {number}: there is none that still holds")
    return int(not ended)


def _what(one: Silence) -> str:
    return ", ".join(f"{name} {getattr(one, name)}" for name in _WHAT if getattr(one, name))


def _known(
    workspace: Workspace, *, rule: str | None, entity: str | None, source: str | None, channel: str | None
) -> None:
    """A silence for something that does not exist would silence nothing, and nobody would notice."""
    judge = workspace.judge
    named = (
        ("rule", rule, {*judge.rules, *(one.spec.id for one in workspace.book.thresholds), RULE}),
        ("entity", entity, set(judge.entities)),
        ("source", source, {one.id for one in workspace.sources}),
        ("channel", channel, {one.id for one in workspace.channels.channels}),
    )
    for what, name, known in named:
        if name and name not in known:
            close = get_close_matches(name, known, n=1, cutoff=0.6)
            meant = f" — did you mean {close[0]!r}?" if close else ""
            raise UsageError(f"no {what} is called {name!r}{meant}")
