"""A private PostgreSQL for tests, from the binaries that the machine has; it is gone when the tests are."""

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from pathlib import Path

from sqlalchemy import create_engine, text

_TEMPLATE = "tocsin_template"
_OPTIONS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "shared_buffers": "16MB",
    "max_connections": "60",
    "autovacuum": "off",
    "listen_addresses": "127.0.0.1",
}
# Keeps the server for as long as the tests hold the other end of its input, and cleans up after tests that were killed.
_KEEPER = """
"$0" start -w -s -D "$1/data" -l "$1/log" -o "$2" && echo up
read word
"$0" stop -w -s -m immediate -D "$1/data"
[ "$word" = stop ] || rm -rf "$1"
"""


def binaries():
    """The folder with initdb and pg_ctl, or None."""
    named = shutil.which("initdb")
    places = [Path(named).resolve().parent] if named else []
    places += sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: float(path.parent.name), reverse=True)
    return next((place for place in places if (place / "initdb").exists() and (place / "pg_ctl").exists()), None)


class Cluster:
    """A running server with the user `tocsin`: whoever comes by the socket is let in, by TCP the password is asked."""

    password = "hush-hush"

    def __init__(self):
        self._bin = binaries()
        self.root = Path(tempfile.mkdtemp(prefix="tocsin-pg-"))  # a socket's path must be short
        # The server refuses to be run by root.
        self._user = {"user": "nobody", "group": pwd.getpwnam("nobody").pw_gid} if os.geteuid() == 0 else {}
        self._user |= {"extra_groups": []} if self._user else {}
        if self._user:
            shutil.chown(self.root, "nobody")
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self._made = 0
        self._keeper = None

    def start(self):
        secret = self.root / "password"
        secret.write_text(self.password)
        secret.chmod(0o644)
        self._run("initdb", "-U", "tocsin", "-E", "UTF8", "--locale=C.UTF-8", "-A", "scram-sha-256",
                  "--auth-local=trust", f"--pwfile={secret}", "--no-sync")  # fmt: skip
        self.run_again()
        self._do(f"CREATE DATABASE {_TEMPLATE}")
        from tocsin.store.engine import open_engine

        open_engine(self.address(_TEMPLATE)).dispose()

    def run_again(self):
        """Starts the server, for the first time or after `stop`."""
        options = {**_OPTIONS, "port": str(self.port), "unix_socket_directories": str(self.root)}
        given = " ".join(f"-c {name}={value}" for name, value in options.items())
        self._keeper = subprocess.Popen(
            ["sh", "-c", _KEEPER, str(self._bin / "pg_ctl"), str(self.root), given],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=self.root,
            start_new_session=True,  # Ctrl-C is for the tests
            **self._user,
        )
        if self._keeper.stdout.readline() != b"up\n":
            raise RuntimeError((self.root / "log").read_text())

    def stop(self):
        """Ends the server at once, as a power cut does."""
        self._end(b"stop\n")

    def close(self):
        if self._keeper:
            self._end(b"")
        shutil.rmtree(self.root, ignore_errors=True)

    def _end(self, word):
        self._keeper.communicate(word, timeout=60)
        self._keeper = None

    def database(self, *, empty=False):
        """The address of a new database, with tables or without."""
        self._made += 1
        name = f"t{self._made}"
        self._do(f"CREATE DATABASE {name}" + ("" if empty else f" TEMPLATE {_TEMPLATE}"))
        return self.address(name)

    def drop(self, address):
        self._do(f"DROP DATABASE IF EXISTS {address.partition('?')[0].rpartition('/')[2]} WITH (FORCE)")

    def address(self, name):
        return f"postgresql://tocsin@/{name}?host={self.root}&port={self.port}"

    def by_network(self, name, password=password):
        return f"postgresql://tocsin:{password}@127.0.0.1:{self.port}/{name}"

    def _do(self, sql):
        engine = create_engine(
            self.address("postgres").replace("postgresql:", "postgresql+psycopg:"), isolation_level="AUTOCOMMIT"
        )
        with engine.connect() as connection:
            connection.execute(text(sql))
        engine.dispose()

    def _run(self, name, *given):
        command = [str(self._bin / name), "-D", str(self.root / "data"), *given]
        quiet = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        subprocess.run(command, check=True, cwd=self.root, timeout=120, **self._user, **quiet)
