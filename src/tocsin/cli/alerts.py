"""`tocsin alerts`, `channels`, `deliveries`: what was told, to whom, and whether it arrived."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from secrets import token_hex
from typing import Annotated, Any

from cyclopts import Parameter

from tocsin.cli.common import JsonOption, WorkspaceOption, console, opened_store, print_json, table
from tocsin.errors import ChannelError, UsageError
from tocsin.model import DeliveryState, SendOutcome
from tocsin.workspace import find_root, load

LimitOption = Annotated[int, Parameter(name="--limit", help="At most so many.")]
IdsArgument = Annotated[str, Parameter(help="Ids of deliveries, as `tocsin deliveries list` shows them.")]


def list_(
    *,
    held: Annotated[bool, Parameter(negative=(), help="What matched and was not told, with the reason.")] = False,
    limit: LimitOption = 50,
    workspace: WorkspaceOption = None,
    json: JsonOption = False,
) -> int:
    """List alerts, newest first, with what became of their deliveries."""
    from tocsin.store import ledger  # noqa: PLC0415

    with opened_store(find_root(workspace)) as store, store.writing() as connection:
        rows = ledger.list_held(connection, limit) if held else ledger.list_alerts(connection, limit)
    if json:
        print_json(rows)
    elif held:
        _print_table(("rule", "grade", "held", "held_detail", "title"), rows)
    else:
        flat = [row | {"deliveries": ", ".join(f"{k}: {v}" for k, v in row["deliveries"].items())} for row in rows]
        _print_table(("id", "created_at", "severity", "reason", "rule", "deliveries", "headline"), flat)
    return 0


def show(
    wanted: Annotated[str, Parameter(help="The alert's id, or its beginning.")],
    /,
    *,
    workspace: WorkspaceOption = None,
    json: JsonOption = False,
) -> int:
    """Print one alert as it was sent."""
    from tocsin.alerts.render import render  # noqa: PLC0415
    from tocsin.store import ledger, outbox  # noqa: PLC0415

    with opened_store(find_root(workspace)) as store, store.writing() as connection:
        alert = ledger.find_alert(connection, wanted)
    if alert is None:
        raise _no_alert(wanted)
    if json:
        print(outbox.alert_type().dump_json(alert).decode())
    else:
        message = render(alert)
        console().print(message.subject, markup=False, style="bold")
        console().print(message.text, markup=False)
    return 0


def resend(
    wanted: Annotated[str, Parameter(help="The alert's id, or its beginning.")], /, *, workspace: WorkspaceOption = None
) -> int:
    """Send one alert again to the channels it went to; it goes out with the next pass."""
    from tocsin.store import ledger  # noqa: PLC0415

    with opened_store(find_root(workspace)) as store:
        with store.writing() as connection:
            alert = ledger.find_alert(connection, wanted)
        if alert is None:
            raise _no_alert(wanted)
        number = store.outbox.resend(alert.id, datetime.now(UTC))
    print(f"{number} {'delivery goes' if number == 1 else 'deliveries go'} out again with the next pass (tocsin run)")
    return 0


def _no_alert(wanted: str) -> UsageError:
    return UsageError(f"{wanted}: no such alert (or more than one begins so) — tocsin alerts list shows the ids")


def try_channels(
    *names: Annotated[str, Parameter(help="Channels to test; all when absent.")], workspace: WorkspaceOption = None
) -> int:
    """Send a test message to each channel. Ends with 1 when one does not take it."""
    from tocsin.alerts.channels import open_channel  # noqa: PLC0415
    from tocsin.alerts.render import Message  # noqa: PLC0415

    root = find_root(workspace)
    specs = load(root).channels.channels
    if unknown := set(names) - {spec.id for spec in specs}:
        raise UsageError(f"unknown channel {', '.join(sorted(unknown))} — rules/channels.yaml names them")
    message = Message(subject="tocsin: a test message", text="This channel works. Alerts will arrive here.")
    worst = 0
    for spec in specs:
        if names and spec.id not in names:
            continue
        try:
            # A new id each time: a receiver that drops what it has had before must not drop the second test.
            result = open_channel(spec, os.environ, root).send(message, f"test-{spec.id}-{token_hex(4)}")
        except ChannelError as error:
            print(f"{spec.id}: {error}")
            worst = 1
            continue
        arrived = result.outcome is SendOutcome.SENT
        print(f"{spec.id}: {'sent' if arrived else f'{result.outcome.value} — {result.detail}'}")
        worst = max(worst, int(not arrived))
    if not specs:
        print("no channels yet — rules/channels.yaml shows how to add one")
    return worst


def deliveries(
    *,
    state: Annotated[tuple[DeliveryState, ...], Parameter(help="Only these states.")] = (),
    limit: LimitOption = 50,
    workspace: WorkspaceOption = None,
    json: JsonOption = False,
) -> int:
    """List deliveries, newest first."""
    with opened_store(find_root(workspace)) as store:
        rows = store.outbox.listing([one.value for one in state], limit)
    if json:
        print_json(rows)
    else:
        _print_table(("id", "created_at", "channel", "state", "attempts", "headline", "last_error"), rows)
    return 0


def retry(
    *ids: IdsArgument,
    everything: Annotated[bool, Parameter(name="--all", negative=(), help="Every one that is not sent.")] = False,
    workspace: WorkspaceOption = None,
) -> int:
    """Try dead, failed or held deliveries again at the next pass."""
    if bool(ids) == everything:
        raise UsageError("deliveries retry: name deliveries, or say --all")
    with opened_store(find_root(workspace)) as store:
        number = store.outbox.retry(None if everything else ids, datetime.now(UTC))
    print(f"{number} go out with the next pass (tocsin run)")
    return int(number == 0)


def drop(*ids: IdsArgument, workspace: WorkspaceOption = None) -> int:
    """Give deliveries up: they are not tried again, and stay listed as dead."""
    if not ids:
        raise UsageError("deliveries drop: name deliveries — tocsin deliveries list shows the ids")
    with opened_store(find_root(workspace)) as store:
        number = store.outbox.drop(ids)
    print(f"{number} given up")
    return int(number == 0)


def _print_table(names: tuple[str, ...], rows: list[dict[str, Any]]) -> None:
    cells = ([_cell(row[name]) for name in names] for row in rows)
    console().print(table([name.replace("_", " ") for name in names], cells), soft_wrap=False)


def _cell(value: object) -> str:
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M UTC")
    return str(value if value is not None else "").replace("[", r"\[")
