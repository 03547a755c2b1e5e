"""`tocsin alerts`: what was told, and what was not."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from cyclopts import Parameter

from tocsin.cli.common import JsonOption, LimitOption, WorkspaceOption, console, opened_store, print_json, print_table
from tocsin.errors import UsageError
from tocsin.workspace import find_root


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
        print_table(("rule", "grade", "held", "held_detail", "title"), rows)
    else:
        # An alert about the watch itself has no article: its own title says what happened.
        flat = [row | {"headline": row["headline"] or row["title"]} for row in rows]
        flat = [row | {"deliveries": ", ".join(f"{k}: {v}" for k, v in row["deliveries"].items())} for row in flat]
        print_table(("id", "created_at", "severity", "reason", "rule", "deliveries", "headline"), flat)
    return 0


def show(
    wanted: Annotated[str, Parameter(help="The alert's id, or its beginning.")],
    /,
    *,
    workspace: WorkspaceOption = None,
    json: JsonOption = False,
) -> int:
    """Print one alert as it was sent."""
    from tocsin.alerts.render import enough, render  # noqa: PLC0415
    from tocsin.store import ledger, outbox  # noqa: PLC0415

    with opened_store(find_root(workspace)) as store, store.writing() as connection:
        alert = ledger.find_alert(connection, wanted)
    if alert is None:
        raise _no_alert(wanted)
    if json:
        print(outbox.alert_type().dump_json(alert).decode())
    else:
        message = render(alert, stop=enough(alert))
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
