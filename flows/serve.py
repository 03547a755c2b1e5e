"""Watches on a schedule until stopped: `python flows/serve.py [WORKSPACE]`, or `tocsin serve`.

This process only looks after others: a Prefect server, unless PREFECT_API_URL names one, and the timetable
(`timetable.py`), which runs the flows. Whatever ends is started again; when this process ends, all of them end. The
server's data stays in the workspace's data/prefect.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tocsin.errors import TocsinError
from tocsin.settings import Keep, Settings, read_settings
from tocsin.workspace.root import find_root

READY_SECONDS = 120
"""The first start makes the server's database, which takes up to 40 s on a busy machine."""
_STEADY_SECONDS = 300  # a child that has lived so long had no trouble starting
_LONGEST_WAIT = 60.0  # seconds between two starts
_JUMP_SECONDS = 60.0  # a clock that is set by more than this makes the planned times worthless
_LOOK_SECONDS, _MISSES = 15.0, 4
_LOG_BYTES = 10 * 2**20
_HERE = Path(__file__).resolve().parent
_DIE_TOGETHER = (
    "import ctypes, os, signal, sys; ctypes.CDLL(None).prctl(1, signal.SIGTERM); os.execv(sys.argv[1], sys.argv[1:])"
)
"""On Linux a child is told when we are killed without a chance to end it."""


def main(arguments: list[str]) -> int:
    """Serves until SIGTERM or Ctrl-C; the exit code."""
    # A shell that starts us in the background (`tocsin serve &`) has us ignore Ctrl-C, which is how we are stopped.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, _stop)
    try:
        root = find_root(Path(arguments[0]) if arguments else None)
        settings = read_settings()
        prepare(root, settings.keep)
        ours = not os.environ.get("PREFECT_API_URL")
        server = Server(own_server(root, settings) if ours else None, os.environ["PREFECT_API_URL"])
        keep_running(server, companions(root, settings, ours=ours), started=f"watching {root} every {settings.every} s")
    except TocsinError as error:
        say(str(error))
        return 1
    except KeyboardInterrupt:
        pass
    say("stopped")
    return 0


def companions(root: Path, settings: Settings, *, ours: bool) -> list[Child]:
    """What runs beside the server for as long as we do. A further process is a further line here."""
    timetable = [sys.executable, str(_HERE / "timetable.py"), str(root), *(["ours"] if ours else [])]
    return [Child("the timetable", timetable), *_pages(root, settings.pages_port)]


def _pages(root: Path, port: int) -> list[Child]:
    """Health, metrics and alerts by HTTP; without them the watch goes on."""
    if not port:
        return []
    if _is_taken(port):
        say(f"port {port} is taken: no pages (/healthz, /metrics) — set TOCSIN_PAGES_PORT to another, or to 0")
        return []
    pages = [sys.executable, "-m", "tocsin", "pages", "--workspace", str(root), "--port", str(port)]
    return [Child("the pages", pages)]


def _is_taken(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def prepare(root: Path, keep: Keep) -> None:
    """Sets what Prefect, in the children, reads from the environment."""
    home = root / "data" / "prefect"
    wanted = {
        "PREFECT_HOME": str(home),
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "PREFECT_LOGGING_EXTRA_LOGGERS": "tocsin",
        "PREFECT_RUNNER_POLL_FREQUENCY": "5",
    }
    if keep.runs:
        wanted |= {
            "PREFECT_SERVER_SERVICES_DB_VACUUM_ENABLED": "true",
            "PREFECT_SERVER_SERVICES_DB_VACUUM_RETENTION_PERIOD": str(keep.runs * 86_400),
            "PREFECT_SERVER_EVENTS_RETENTION_PERIOD": "P1D",  # the larger half, and read by nobody later
        }
    for name, value in wanted.items():
        os.environ.setdefault(name, value)
    # Prefect's runner keeps flow code in a folder of this name below the temporary one, which users cannot share.
    temporary = home / "tmp"
    shutil.rmtree(temporary, ignore_errors=True)  # what killed runs left behind
    try:
        temporary.mkdir(parents=True)
    except OSError as error:
        raise TocsinError(f"{temporary}: cannot be made ({error.strerror}) — let this user write to data/") from None
    os.environ["TMPDIR"] = str(temporary)


def own_server(root: Path, settings: Settings) -> Child:
    """A Prefect server for this workspace alone; sets PREFECT_API_URL to it."""
    port = settings.server_port or _free_port()
    os.environ["PREFECT_API_URL"] = f"http://127.0.0.1:{port}/api"
    command = [sys.executable, "-m", "prefect", "server", "start", "--host", "127.0.0.1", "--port", str(port)]
    return Child("the Prefect server", command, log=root / "data" / "prefect" / "server.log")


@dataclass(slots=True)
class Child:
    """A process that is kept running; what it prints goes where ours goes, or to `log`."""

    name: str
    command: list[str]
    log: Path | None = None
    _process: subprocess.Popen[bytes] | None = None
    _started: float = 0.0
    _wait: float = 1.0
    _next: float = 0.0

    @property
    def runs(self) -> bool:
        """Whether it runs now."""
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        """Starts it in a session of its own: Ctrl-C reaches us alone, and we end the children in order."""
        leash = [sys.executable, "-c", _DIE_TOGETHER] if sys.platform == "linux" else []
        command = [*leash, *self.command]
        if self.log is None:
            self._process = subprocess.Popen(command, start_new_session=True)  # noqa: S603 - programs of ours
        else:
            self.log.parent.mkdir(parents=True, exist_ok=True)
            with self.log.open("ab") as output:
                self._process = subprocess.Popen(command, stdout=output, stderr=output, start_new_session=True)  # noqa: S603
        self._started = time.monotonic()

    def has_ended(self) -> bool:
        """True once after each time that it ended by itself; says so, and when it is started again."""
        if self._process is None or self._process.poll() is None:
            return False
        code, lived = self._process.returncode, time.monotonic() - self._started
        self.end()  # what it may have left running
        self._wait = 1.0 if lived > _STEADY_SECONDS else min(self._wait * 2, _LONGEST_WAIT)
        self._next = time.monotonic() + self._wait
        where = f" — its log says why: {self.log}" if self.log else ""
        say(f"{self.name} ended (exit code {code}); it is started again in {self._wait:.0f} s{where}")
        return True

    def is_due(self) -> bool:
        """Whether it does not run and may be started now."""
        return self._process is None and time.monotonic() >= self._next

    def end(self, *, at_once: bool = False) -> None:
        """Stops it and everything it started; `at_once`: without time for last words to a server that is gone."""
        process, self._process = self._process, None
        if process is None:
            return
        for number, patience in ((signal.SIGKILL, 5),) if at_once else ((signal.SIGINT, 15), (signal.SIGKILL, 5)):
            process.send_signal(number)  # to it alone: it ends what it started in its own way
            try:
                process.wait(patience)
                break
            except subprocess.TimeoutExpired:
                continue
        _signal_group(process, signal.SIGKILL)

    def cut_log(self) -> None:
        """Keeps the log small: the last full one stays beside it."""
        if self.log and self.log.exists() and self.log.stat().st_size > _LOG_BYTES:
            shutil.copyfile(self.log, self.log.with_suffix(".log.1"))
            os.truncate(self.log, 0)  # the process goes on writing at its end


@dataclass(slots=True)
class Server:
    """The Prefect server: a child of ours, or one that is there already."""

    child: Child | None
    api: str
    _told: float = float("-inf")
    _look: float = 0.0
    _misses: int = 0

    def is_lost(self) -> bool:
        """True when it has not answered for about a minute; looks every fifteen seconds, however often it is asked."""
        if time.monotonic() < self._look:
            return False
        self._look = time.monotonic() + _LOOK_SECONDS
        self._misses = 0 if self.answers() else self._misses + 1
        return self._misses >= _MISSES

    def answers(self) -> bool:
        """Whether it can be used now."""
        try:
            with urllib.request.urlopen(f"{self.api.rstrip('/')}/health", timeout=5) as answer:  # noqa: S310 - the operator's
                return bool(answer.status == 200)  # noqa: PLR2004 - OK
        except (urllib.error.URLError, OSError, ValueError):
            return False

    def wait(self) -> None:
        """Returns when it answers. One of ours is started first; another one is waited for as long as it takes.

        Raises:
            TocsinError: ours cannot be started.
        """
        if self.child is None:
            self._wait_for_another()
        else:
            self._wait_for_ours(self.child)

    def _wait_for_ours(self, child: Child) -> None:
        say(f"starting a Prefect server on {self.api.removesuffix('/api')} (10–40 s; its log is {child.log})")
        child.start()
        deadline = time.monotonic() + READY_SECONDS
        while not self.answers():
            if not child.runs:
                raise TocsinError(f"the Prefect server ended at once — its log says why: {child.log}")
            if time.monotonic() > deadline:
                raise TocsinError(f"the Prefect server was not ready after {READY_SECONDS} s — see {child.log}")
            time.sleep(0.25)

    def _wait_for_another(self) -> None:
        while not self.answers():
            if time.monotonic() - self._told > _LONGEST_WAIT:
                self._told = time.monotonic()
                shown = self.api.rpartition("@")[2]  # no password
                say(f"the Prefect server {shown} (PREFECT_API_URL) does not answer — waiting for it; Ctrl-C stops")
            time.sleep(2)


def keep_running(server: Server, children: list[Child], *, started: str) -> None:
    """Starts the server and then the children, and again whatever ends; returns only by an exception."""
    ours = [server.child] if server.child else []
    jumped = clock()
    try:
        server.wait()
        say(f"{started} — Ctrl-C stops")
        while True:
            _look_after_server(server, children)
            for child in children if server.child is None or server.child.runs else ():
                _look_after(child, server)
            if seconds := jumped():
                say(f"the clock was set by {seconds:+.0f} s: the timetable starts anew")
                _end(children)
            for child in (*ours, *children):
                child.cut_log()
            time.sleep(1)
    finally:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # asked once is enough
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        _end([*children, *ours])


def _look_after_server(server: Server, children: list[Child]) -> None:
    """Starts ours again when it has ended or hangs. The children end with it: it forgets who holds the only place."""
    if server.child and server.child.has_ended():
        _end(children, at_once=True)
    elif any(child.runs for child in children) and server.is_lost():
        say("the Prefect server has not answered for a minute")
        _end(children, at_once=True)
        if server.child:
            server.child.end()
    if server.child and server.child.is_due():
        try:
            server.wait()
        except TocsinError as error:
            say(str(error))  # it worked before: it is tried again, later each time


def _look_after(child: Child, server: Server) -> None:
    child.has_ended()
    if child.is_due():
        if server.child is None:
            server.wait()
        child.start()


def clock() -> Callable[[], float]:
    """A function that tells by how many seconds the wall clock was set since it was last asked; 0 for a few."""
    before = time.time() - time.monotonic()

    def jump() -> float:
        nonlocal before
        now = time.time() - time.monotonic()
        seconds = now - before
        if abs(seconds) < _JUMP_SECONDS:
            return 0.0
        before = now
        return seconds

    return jump


def say(text: str) -> None:
    """One line for the person at the terminal."""
    print(f"tocsin: {text}", flush=True)


def _end(children: list[Child], *, at_once: bool = False) -> None:
    for child in children:
        child.end(at_once=at_once)


def _signal_group(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    try:
        os.killpg(process.pid, number)
    except ProcessLookupError:
        return  # all gone, the usual case


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _stop(_number: int, _frame: object) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
