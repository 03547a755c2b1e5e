"""`tocsin alerts export`: alerts as files for feed readers and warning systems."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from tocsin.cli.common import LimitOption, WorkspaceOption, count, opened_store
from tocsin.errors import UsageError
from tocsin.files import write_whole
from tocsin.model import Alert
from tocsin.workspace import find_root

_SENDER = re.compile(r"[^\s,<>&]+")


def export(
    *,
    atom: Annotated[Path | None, Parameter(help="Write an Atom feed to this file.")] = None,
    json_feed: Annotated[Path | None, Parameter(help="Write a JSON feed to this file.")] = None,
    cap: Annotated[Path | None, Parameter(help="Write a CAP 1.2 message for each alert into this folder.")] = None,
    sender: Annotated[str, Parameter(help="Who sends the CAP messages: a name that is yours, such as a domain.")] = (
        "tocsin"
    ),
    limit: LimitOption = 100,
    workspace: WorkspaceOption = None,
) -> int:
    """Write the newest alerts as files: an Atom feed, a JSON feed, CAP messages. A file is replaced whole.

    Run it after each pass and let a web server hand the files out.
    """
    from tocsin.alerts import publish  # noqa: PLC0415

    if not (atom or json_feed or cap):
        raise UsageError("alerts export: say what to write — --atom FILE, --json-feed FILE or --cap FOLDER")
    if not _SENDER.fullmatch(sender):
        raise UsageError("alerts export: a CAP sender has no spaces, commas, <, > or & — such as desk.example.org")
    with opened_store(find_root(workspace)) as store:
        alerts = store.outbox.told(limit)
    if atom:
        _write(atom, publish.atom(alerts))
    if json_feed:
        _write(json_feed, publish.json_feed(alerts))
    for alert, earlier in _with_earlier(alerts) if cap else ():
        _write((cap or Path()) / f"{alert.id}.xml", publish.cap(alert, earlier, sender))
    print(count(len(alerts), "alert"))
    return 0


def _with_earlier(alerts: Sequence[Alert]) -> list[tuple[Alert, list[Alert]]]:
    """Each alert, and those of its rule and story that came before it."""
    told: dict[tuple[str, str], list[Alert]] = defaultdict(list)
    found = []
    for alert in reversed(alerts):
        earlier = told[alert.rule, alert.story]
        found.append((alert, list(earlier)))
        earlier.append(alert)
    return found


def _write(path: Path, content: bytes) -> None:
    """Replaces a file at once: whoever reads it sees the old one or the new one."""
    try:
        write_whole(path, content)
    except OSError as error:
        raise UsageError(f"{path}: cannot be written ({error.strerror}) — choose another place") from error
