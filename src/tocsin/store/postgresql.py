"""What PostgreSQL needs: limits for every connection, and plain words for its errors."""

from __future__ import annotations

import re
from typing import Any

from sqlalchemy import Engine, event
from sqlalchemy.engine import URL

DRIVER = "postgresql+psycopg"

_CONNECT_SECONDS = 10
_SETTINGS = (
    "SET TIME ZONE 'UTC'",
    "SET lock_timeout = '30s'",
    # A machine that vanished in the middle of a transaction must not keep everyone else waiting.
    "SET idle_in_transaction_session_timeout = '5min'",
)
_AWAY = "the server went away: what was not written is done again by the next pass"
_HINTS = {
    r"password authentication failed|no password supplied": "check user and password in TOCSIN_DATABASE_URL",
    r'role ".*" does not exist': "make the user (CREATE ROLE … LOGIN), or name another in TOCSIN_DATABASE_URL",
    r'database ".*" does not exist': "make it (CREATE DATABASE …), or name another in TOCSIN_DATABASE_URL",
    r"permission denied": "the user must own the database, or be allowed to make tables in it",
    r"Connection refused|No such file or directory|timeout expired|timed out|No route to host": (
        "check that the server runs, and host and port in TOCSIN_DATABASE_URL"
    ),
    r"could not translate host name|failed to resolve host|Name or service not known": (
        "check the host in TOCSIN_DATABASE_URL"
    ),
    r"invalid connection option": "take it out of TOCSIN_DATABASE_URL",
    r"(relation|column) .* does not exist": "its tables are not those of its version — restore a backup",
    r"no pg_hba.conf entry": "the server lets nobody in from here: see its pg_hba.conf",
    r"too many (clients|connections)": "raise max_connections, or run fewer workers",
    r"lock timeout": "another process has held it for 30 s — stop it, or try again",
    r"No space left on device|could not extend file": "make room on the server's disk, then run again: nothing is lost",
    r"read-only transaction": "this is a standby server: name the one that takes writes in TOCSIN_DATABASE_URL",
    r"terminating connection|server closed the connection|connection is (lost|closed)": _AWAY,
    r"starting up|shutting down|in recovery mode": _AWAY,
    r"already exists": "there are tables without their version — name an empty database",
}


def address(url: URL) -> URL:
    """The address with the driver that is installed, and a limit on how long connecting may take (seconds)."""
    given = url.set(drivername=DRIVER)
    return (
        given if "connect_timeout" in url.query else given.update_query_dict({"connect_timeout": f"{_CONNECT_SECONDS}"})
    )


def set_up(engine: Engine) -> None:
    """Settings of every connection."""

    @event.listens_for(engine, "connect")
    def _connect(connection: Any, _record: Any) -> None:
        cursor = connection.cursor()
        for setting in _SETTINGS:
            cursor.execute(setting)
        cursor.close()
        connection.commit()

    @event.listens_for(engine, "before_cursor_execute", retval=True)
    def _before(_c: Any, _cursor: Any, statement: str, given: Any, _context: Any, many: bool) -> tuple[str, Any]:  # noqa: FBT001
        return statement, [without_nul(row) for row in given] if many else without_nul(given)


def without_nul(value: Any) -> Any:
    """The same without U+0000, which SQLite keeps and PostgreSQL refuses: an odd feed must not stop the others."""
    if isinstance(value, str):
        return value.replace("\0", "") if "\0" in value else value
    if isinstance(value, dict):
        return {name: without_nul(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(without_nul(one) for one in value)
    return value


def sentence(reason: str) -> str:
    """What the server says, in one line, and what to do about it."""
    said = _line(reason)
    hint = next((hint for pattern, hint in _HINTS.items() if re.search(pattern, reason)), None)
    return f"{said} — {hint}" if hint else f"the database refused ({said})"


def _line(reason: str) -> str:
    """The last thing the server said: the driver puts every address it has tried before it."""
    lines = [line.strip() for line in reason.splitlines() if line.strip()]
    wanted = next((line for line in lines if "FATAL:" in line), lines[0] if lines else "no reason given")
    return wanted.rpartition("FATAL:")[2].strip()
