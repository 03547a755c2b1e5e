"""Runs `watch` on its schedule until stopped: `python flows/serve.py [WORKSPACE]`, or `tocsin serve`.

With PREFECT_API_URL set, that server is used. Without, one is started here, as a child that ends with us; its data
stays in the workspace's data/prefect. One tick runs at a time: one that is late is cancelled, not queued.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path

from tocsin.errors import TocsinError
from tocsin.settings import read_settings
from tocsin.workspace import find_root, load_for_service

SERVER_READY_SECONDS = 120
"""The first start makes the server's database, which takes up to 40 s on a busy machine."""


def main(arguments: list[str]) -> int:
    """Serves until SIGTERM or Ctrl-C; the exit code."""
    # A shell that starts us in the background (`tocsin serve &`) has us ignore Ctrl-C, which is how we are stopped.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, _stop)
    try:
        root = find_root(Path(arguments[0]) if arguments else None)
        every = read_settings().every
        for problem in load_for_service(root).problems:
            say(str(problem))
        _environment(root)
        with _server(root) as ours:
            if ours:
                _forget_interrupted_runs()
            say(f"watching {root} every {every} s — Ctrl-C stops")
            _serve(root, every)
    except TocsinError as error:
        say(str(error))
        return 1
    except KeyboardInterrupt:
        pass
    say("stopped")
    return 0


def _stop(_number: int, _frame: object) -> None:
    raise KeyboardInterrupt


def _environment(root: Path) -> None:
    """Prefect reads these when it is imported, which is why it is imported late."""
    os.environ.setdefault("PREFECT_HOME", str(root / "data" / "prefect"))
    os.environ.setdefault("PREFECT_SERVER_ANALYTICS_ENABLED", "false")
    os.environ.setdefault("PREFECT_LOGGING_EXTRA_LOGGERS", "tocsin")
    os.environ.setdefault("PREFECT_RUNNER_POLL_FREQUENCY", "5")
    # Prefect's runner keeps flow code in a folder of this name below the temporary one, which users cannot share.
    temporary = root / "data" / "prefect" / "tmp"
    temporary.mkdir(parents=True, exist_ok=True)
    os.environ["TMPDIR"] = str(temporary)


def _serve(root: Path, every: int) -> None:
    from prefect import serve  # noqa: PLC0415
    from prefect.client.schemas.objects import ConcurrencyLimitConfig, ConcurrencyLimitStrategy  # noqa: PLC0415

    sys.path.insert(0, str(Path(__file__).parent))
    from watch import watch  # type: ignore[import-not-found]  # noqa: PLC0415 - stands beside this file

    deployment = watch.to_deployment(
        name=root.name or "tocsin",
        interval=timedelta(seconds=every),
        parameters={"workspace": str(root)},
        concurrency_limit=ConcurrencyLimitConfig(limit=1, collision_strategy=ConcurrencyLimitStrategy.CANCEL_NEW),
    )
    serve(deployment, print_starting_message=False, limit=1)


def _forget_interrupted_runs() -> None:
    """Ends the runs that an earlier stop or crash left as running: they would hold the only place for ever.

    The server keeps the leases of such places in memory, so after its own restart nothing else frees them. On a server
    of ours nobody else can be running; on a shared one the lease ends by itself after some minutes.
    """
    from prefect.client.orchestration import get_client  # noqa: PLC0415
    from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterState, FlowRunFilterStateType  # noqa: PLC0415
    from prefect.client.schemas.objects import StateType  # noqa: PLC0415
    from prefect.states import Crashed  # noqa: PLC0415

    unfinished = FlowRunFilterStateType(any_=[StateType.RUNNING, StateType.PENDING, StateType.CANCELLING])
    chosen = FlowRunFilter(state=FlowRunFilterState(type=unfinished))
    with get_client(sync_client=True) as client:
        for run in client.read_flow_runs(flow_run_filter=chosen):
            client.set_flow_run_state(run.id, Crashed(message="The service was stopped while this ran."))


@contextmanager
def _server(root: Path) -> Iterator[bool]:
    """A Prefect server for as long as we serve, unless one is configured; yields whether it is ours."""
    if os.environ.get("PREFECT_API_URL"):
        yield False
        return
    port = int(os.environ.get("TOCSIN_SERVER_PORT") or _free_port())
    os.environ["PREFECT_API_URL"] = f"http://127.0.0.1:{port}/api"
    log = root / "data" / "prefect" / "server.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    say(f"starting a Prefect server on http://127.0.0.1:{port} (10–40 s; its log is {log})")
    command = [sys.executable, "-m", "prefect", "server", "start", "--host", "127.0.0.1", "--port", str(port)]
    with log.open("ab") as output:
        # A session of its own: Ctrl-C must not stop the server before the flow that still talks to it.
        server = subprocess.Popen(command, stdout=output, stderr=output, start_new_session=True)  # noqa: S603
    try:
        _wait(server, port, log)
        yield True
    finally:
        _end(server)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait(server: subprocess.Popen[bytes], port: int, log: Path) -> None:
    deadline = time.monotonic() + SERVER_READY_SECONDS
    while time.monotonic() < deadline:
        if server.poll() is not None:
            raise TocsinError(f"the Prefect server ended at once — its log says why: {log}")
        with suppress(urllib.error.URLError, OSError):
            urllib.request.urlopen(f"http://127.0.0.1:{port}/api/health", timeout=2)
            return
        time.sleep(0.25)
    raise TocsinError(f"the Prefect server was not ready after {SERVER_READY_SECONDS} s — its log says why: {log}")


def _end(server: subprocess.Popen[bytes]) -> None:
    """Stops the server and everything it started."""
    for number, patience in ((signal.SIGINT, 10), (signal.SIGKILL, 5)):
        with suppress(ProcessLookupError):
            os.killpg(server.pid, number)
        with suppress(subprocess.TimeoutExpired):
            server.wait(patience)
            break
    with suppress(ProcessLookupError):
        os.killpg(server.pid, signal.SIGKILL)


def say(text: str) -> None:
    """One line for the person at the terminal."""
    print(f"tocsin: {text}", flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
