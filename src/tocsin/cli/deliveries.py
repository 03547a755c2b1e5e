"""`tocsin deliveries`: the outbox."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Any

from cyclopts import Parameter

from tocsin.cli.common import JsonOption, LimitOption, WorkspaceOption, opened_store, print_json, print_table
from tocsin.errors import UsageError
from tocsin.model import DeliveryState
from tocsin.workspace import find_root

IdsArgument = Annotated[str, Parameter(help="Ids of deliveries, as `tocsin deliveries list` shows them.")]


def list_(
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
        # An alert about the watch itself has no article: its own title says what happened.
        now = datetime.now(UTC)
        flat = [row | {"headline": row["headline"] or row["title"], "why": _why(row, now)} for row in rows]
        print_table(("id", "created_at", "channel", "state", "attempts", "headline", "why"), flat)
    return 0


def _why(row: Mapping[str, Any], now: datetime) -> str:
    why = waiting(row["state"], row["waits"], row["due_at"], row["rest_until"], now)
    return "; ".join(part for part in (why, row["last_error"]) if part)


def waiting(state: str, waits: str, due_at: datetime, rest_until: datetime | None, now: datetime) -> str:
    """Why a delivery is not sent yet and until when, in words; empty for one that is not to be sent, or is due."""
    if state == DeliveryState.COVERED:
        return waits
    if state not in {DeliveryState.PENDING, DeliveryState.FAILED}:
        return ""
    if rest_until and rest_until > max(now, due_at):
        return f"its channel rests after failures until {rest_until:%Y-%m-%d %H:%M} UTC"
    if due_at <= now:
        return "goes out with the next pass"
    return waits if state == DeliveryState.PENDING and waits else f"next try {due_at:%Y-%m-%d %H:%M} UTC"


def show(
    wanted: Annotated[str, Parameter(help="The delivery's id, or its beginning.")],
    /,
    *,
    workspace: WorkspaceOption = None,
    json: JsonOption = False,
) -> int:
    """Print one delivery and every attempt at it, with its outcome and its reason."""
    with opened_store(find_root(workspace)) as store:
        row = store.outbox.find(wanted)
        if row is None:
            message = "no such delivery (or more than one begins so) — tocsin deliveries list shows the ids"
            raise UsageError(f"{wanted}: {message}")
        tries = store.outbox.attempts(str(row["id"]))
    if json:
        print_json([row | {"tries": tries}])
        return 0
    print_table(("id", "alert", "channel", "state", "waits", "due_at", "sent_at", "receipt"), [row])
    print_table(("started_at", "ended_at", "outcome", "detail"), tries)
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
