"""`tocsin channels`: who can be told."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from secrets import token_hex
from typing import Annotated, Any

from cyclopts import Parameter

from tocsin.cli.common import JsonOption, WorkspaceOption, opened_store, print_json, print_table
from tocsin.errors import ChannelError, UsageError
from tocsin.model import SendOutcome
from tocsin.specs.channels import ChannelSpec
from tocsin.workspace import find_root, load


def list_(*, workspace: WorkspaceOption = None, json: JsonOption = False) -> int:
    """List the channels: who sends, whether they can, what waits for them. Ends with 1 when one cannot.

    A channel rests after failures in a row; `tocsin deliveries retry --all` tries it at once.
    """
    root = find_root(workspace)
    with opened_store(root) as store:
        resting, tally = store.outbox.resting(datetime.now(UTC)), store.outbox.tally()
    rows = list(_rows(load(root).channels.channels, root, resting, tally))
    if json:
        print_json(rows)
    else:
        flat = [row | {"deliveries": ", ".join(f"{k}: {v}" for k, v in row["deliveries"].items())} for row in rows]
        print_table(("id", "sender", "state", "deliveries", "detail"), flat)
    return int(any(row["state"] != "ready" for row in rows))


def _rows(
    specs: tuple[ChannelSpec, ...],
    root: Path,
    resting: Mapping[str, datetime],
    tally: Mapping[str, Mapping[str, int]],
) -> Iterator[dict[str, Any]]:
    for spec in specs:
        sender, state, detail = _condition(spec, root)
        if state == "ready" and spec.id in resting:
            state, detail = "resting", f"failed too often; tried again at {resting[spec.id]:%H:%M:%S} UTC"
        told = dict(sorted(tally.get(spec.id, {}).items()))
        yield {"id": spec.id, "sender": sender, "state": state, "deliveries": told, "detail": detail}


def _condition(spec: ChannelSpec, root: Path) -> tuple[str, str, str]:
    """Who sends, and whether it can: ready, waiting (for a variable or file) or broken."""
    from tocsin.alerts.channels import kind_of, open_channel  # noqa: PLC0415

    try:
        kind = kind_of(spec, os.environ, root)
        missing = open_channel(spec, os.environ, root).missing
    except ChannelError as error:
        return spec.kind or "", "broken", str(error)
    return kind.value if kind else "", "waiting" if missing else "ready", missing


def try_(
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
