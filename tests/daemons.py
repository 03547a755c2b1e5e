"""Private servers for tests, from the programs that the machine has; each is gone when the tests are."""

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from pathlib import Path

_ADMIN_PATHS = ("/usr/local/sbin", "/usr/sbin", "/sbin")
_PORTS = 3
_READY_SECONDS = 20.0
# Ends the server with the tests, also when they were killed; then it cleans up behind them.
_KEEPER = """
folder=$1; shift
exec 3<&0
"$@" </dev/null >>"$folder/said" 2>&1 & child=$!
{ read -r word <&3 || gone=yes; kill -9 $child 2>/dev/null; [ -z "$gone" ] || rm -rf "$folder"; } &
wait $child
"""


def program(name):
    """Where a program is, also one that stands where only root looks; None when it is not installed."""
    return shutil.which(name, path=os.pathsep.join([os.environ.get("PATH", os.defpath), *_ADMIN_PATHS]))


class Account:
    """Whom a server runs as: servers refuse root or give its rights away, so root starts them as `nobody`."""

    def __init__(self):
        nobody = pwd.getpwnam("nobody") if os.geteuid() == 0 else None
        self.uid = nobody.pw_uid if nobody else os.geteuid()
        self.gid = nobody.pw_gid if nobody else os.getegid()
        self.options = {"user": self.uid, "group": self.gid, "extra_groups": []} if nobody else {}

    @property
    def named(self):
        """Whether the system has a name for it; containers run under bare numbers."""
        return any(entry.pw_uid == self.uid for entry in pwd.getpwall())

    def own(self, *paths):
        """Gives files and folders to the account."""
        for path in paths:
            os.chown(path, self.uid, self.gid)


class Daemon:
    """A server in a folder of its own on a free loopback port. A subclass says how it is started, and greets it."""

    name = "server"

    def __init__(self):
        self.root = Path(tempfile.mkdtemp(prefix=f"tocsin-{self.name}-"))
        self.account = Account()
        self.account.own(self.root)
        self.port = 0
        self._process = None

    def prepare(self):
        """Writes what the server reads; `self.port` is known."""

    def command(self):
        """What starts the server in the foreground."""
        raise NotImplementedError

    def greets(self, connection):
        """Whether it is our server that answers on a fresh connection; another may have been faster at the port."""
        raise NotImplementedError

    def start(self):
        """Runs the server until it answers; another port is tried where somebody else took the first one.

        Raises:
            RuntimeError: it does not, with what it said.
        """
        for _ in range(1 if self.port else _PORTS):
            chosen, self.port = self.port, self.port or _free_port()
            self.prepare()
            self._process = self._run()
            if self._answers():
                return
            self.stop()
            self.port = chosen
        raise RuntimeError(f"{self.name} does not start: {self._said()}")

    def stop(self):
        """Ends the server at once, as a power cut does; it may be started again, on the same port."""
        if self._process:
            self._process.communicate(b"stop\n", timeout=60)
            self._process = None

    def close(self):
        self.stop()
        shutil.rmtree(self.root, ignore_errors=True)

    def _run(self):
        return subprocess.Popen(
            ["sh", "-c", _KEEPER, "sh", str(self.root), *self.command()],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd=self.root,
            start_new_session=True,  # Ctrl-C is for the tests
            **self.account.options,
        )

    def _answers(self):
        until = time.monotonic() + _READY_SECONDS
        while time.monotonic() < until and self._process.poll() is None:
            try:
                with socket.create_connection(("127.0.0.1", self.port), timeout=5) as connection:
                    if self.greets(connection):
                        return True
            except OSError:
                pass
            time.sleep(0.02)
        return False

    def _said(self):
        said = self.root / "said"
        return said.read_text(errors="replace") if said.exists() else "it said nothing"


def _free_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]
