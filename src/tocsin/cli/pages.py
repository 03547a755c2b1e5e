"""`tocsin pages`."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from cyclopts import Parameter

from tocsin.cli.common import LogOption, WorkspaceOption, settings
from tocsin.workspace import find_root


def pages(
    *,
    host: Annotated[str, Parameter(help="The address to listen on; by the default only this machine can ask.")] = (
        "127.0.0.1"
    ),
    port: Annotated[int, Parameter(help="The port; 0 for any that is free.")] = 8710,
    log: LogOption = None,
    workspace: WorkspaceOption = None,
) -> int:
    """Hand out health, metrics and alerts by HTTP until Ctrl-C or SIGTERM. Nothing is written.

    /healthz: 200 while tocsin does its work, else 503 and why. /metrics: for Prometheus. /alerts.atom, /alerts.json:
    the newest alerts as feeds. /alerts/ID.cap: one as a CAP 1.2 message. There is no password: do not put them where
    strangers can ask.
    """
    from tocsin.store.engine import parse  # noqa: PLC0415 - half a second, which --help must not pay
    from tocsin.web.answers import Pages  # noqa: PLC0415 - brings FastAPI, a second
    from tocsin.web.latest import Latest  # noqa: PLC0415
    from tocsin.web.server import serve  # noqa: PLC0415

    root = find_root(workspace)
    known = settings(log)
    parse(known.database(root))  # a database that is away is waited for; an address that can never work is not
    served = Pages(workspace=Latest(root), database=known.database(root), every=timedelta(seconds=known.every))
    serve(served, host, port, say=lambda address: print(f"tocsin: pages at {address} — Ctrl-C stops", flush=True))
    return 0
