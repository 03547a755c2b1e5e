"""Settings of the process, from the environment (`TOCSIN_…`); what people watch for is YAML, not this."""

from __future__ import annotations

import math
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path

from tocsin import logs, urls
from tocsin.errors import UsageError
from tocsin.sources.answers import Limits

PREFIX = "TOCSIN_"
LIMIT = f"{PREFIX}LIMIT_"
"""In front of the name of each of the `Limits` of collecting, in capitals."""
KEEP = f"{PREFIX}KEEP_"
"""In front of the name of each of the ages of `Keep`, in capitals."""
_IN_MEMORY = re.compile(r"sqlite(\+\w+)?:/{0,3}(:memory:)?(\?.*)?", re.IGNORECASE)
_LAST_PORT = 65_535
_MAY_BE_NONE = frozenset({"gap", "crawl_delay"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Keep:
    """For how many days upkeep keeps what; 0 is for ever.

    `articles`: those in which no rule found anything. `stories`: stories with their reports and matches, and the
    articles that these are about. `alerts`: alerts with their deliveries, and silences that are over. `keys`: by which
    a deleted article is known when a feed still lists it. `ticks`: the figures of passes. `runs`: Prefect's own
    history, in the server that `tocsin serve` starts.
    """

    articles: int = 90
    stories: int = 365
    alerts: int = 730
    keys: int = 730
    ticks: int = 14
    runs: int = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What the environment decides.

    `workspace` is the folder to work in when no command says. `database_url`, which may hold a password, is an
    SQLAlchemy address; SQLite in the workspace's data/ folder when unset. `every` is the number of seconds between
    ticks under `tocsin serve`. `alert_on_first`: the first poll of a source tells too; off, it is the source's
    baseline. `limits`: what polling a source may cost. `deliver_every`: seconds between looks at the outbox beside the
    ticks, 0 for none. `keep`: what upkeep deletes, and when. `log` is how log lines look: text or json. `ping_url`, a
    secret, is asked after each good tick. `pages_port`: where `tocsin serve` hands out health, metrics and alerts on
    this machine; 0 for nowhere. `server_port`: where it starts its own Prefect server; 0 for any free port.
    """

    workspace: Path | None = None
    database_url: str | None = field(default=None, repr=False)
    user_agent: str | None = None
    log_level: str = "WARNING"
    every: int = 60
    alert_on_first: bool = False
    limits: Limits = field(default_factory=Limits)
    log: str = logs.TEXT
    ping_url: str | None = field(default=None, repr=False)
    deliver_every: int = 60
    pages_port: int = 8710
    server_port: int = 0
    keep: Keep = field(default_factory=Keep)

    def database(self, root: Path) -> str:
        """Address of the database of the workspace at `root`."""
        return self.database_url or f"sqlite:///{(root / 'data' / 'tocsin.db').as_posix()}"


def read_settings(environment: Mapping[str, str] | None = None) -> Settings:
    """Settings from the environment.

    Raises:
        UsageError: a value that cannot be used; the message names the variable.
    """
    env = os.environ if environment is None else environment
    level = env.get(PREFIX + "LOG_LEVEL", "WARNING").upper()
    if level not in {"DEBUG", "INFO", "WARNING", "ERROR"}:
        raise UsageError(f"TOCSIN_LOG_LEVEL={level}: unknown level — choose DEBUG, INFO, WARNING or ERROR")
    form = env.get(PREFIX + "LOG") or logs.TEXT
    if form not in logs.FORMS:
        raise UsageError(f"TOCSIN_LOG={form}: unknown form — choose {' or '.join(logs.FORMS)}")
    return Settings(
        workspace=Path(env[PREFIX + "WORKSPACE"]) if env.get(PREFIX + "WORKSPACE") else None,
        database_url=_database_url(env),
        user_agent=env.get(PREFIX + "USER_AGENT") or None,
        log_level=level,
        every=_seconds(env.get(PREFIX + "EVERY", "60")),
        alert_on_first=_switch(PREFIX + "ALERT_ON_FIRST", env.get(PREFIX + "ALERT_ON_FIRST") or "0"),
        limits=read_limits(env),
        log=form,
        ping_url=_ping_url(env),
        deliver_every=_whole(PREFIX + "DELIVER_EVERY", env.get(PREFIX + "DELIVER_EVERY") or "60", "seconds"),
        pages_port=_port(PREFIX + "PAGES_PORT", env.get(PREFIX + "PAGES_PORT") or "8710"),
        server_port=_port(PREFIX + "SERVER_PORT", env.get(PREFIX + "SERVER_PORT") or "0"),
        keep=read_keep(env),
    )


def read_limits(environment: Mapping[str, str]) -> Limits:
    """The limits of collecting: those that ship, but for what `TOCSIN_LIMIT_…` says.

    Raises:
        UsageError: a value that cannot be used, or a limit that does not exist.
    """
    kinds = {LIMIT + each.name.upper(): each for each in fields(Limits)}
    said = {name: text for name, text in environment.items() if name.startswith(LIMIT) and text}
    if unknown := sorted(said.keys() - kinds.keys()):
        raise UsageError(f"{unknown[0]}: there is no such limit — choose one of {', '.join(sorted(kinds))}")
    chosen = {kinds[name].name: _limit(name, text, whole=kinds[name].type == "int") for name, text in said.items()}
    return Limits(**chosen)  # type: ignore[arg-type]  # whole numbers where whole numbers are wanted


def _database_url(env: Mapping[str, str]) -> str | None:
    """The store's address, itself or in a file. The store reads it; only what would lose everything is refused here."""
    name, file = PREFIX + "DATABASE_URL", PREFIX + "DATABASE_URL_FILE"
    url = env.get(name) or _content(file, env.get(file))
    if url and _IN_MEMORY.fullmatch(url.strip()):
        raise UsageError(
            f"{name} names no file: everything would be forgotten at the end — write sqlite:////path/to/tocsin.db"
        )
    return url


def _ping_url(env: Mapping[str, str]) -> str | None:
    """The address to ask after a good tick, itself or in a file; never shown."""
    name, file = PREFIX + "PING_URL", PREFIX + "PING_URL_FILE"
    url = env.get(name) or _content(file, env.get(file))
    if url and not urls.is_web(url):
        raise UsageError(f"{name} is no web address — write https://…, or leave it out")
    return url


def _content(name: str, file: str | None) -> str | None:
    """What stands in a file that holds a secret."""
    if not file:
        return None
    try:
        return Path(file).read_text("utf-8").strip() or None
    except (OSError, UnicodeError) as error:
        why = (error.strerror if isinstance(error, OSError) else None) or "no UTF-8 text"
        raise UsageError(f"{name}={file}: cannot be read ({why})") from None


def read_keep(environment: Mapping[str, str]) -> Keep:
    """The ages at which upkeep deletes: those that ship, but for what `TOCSIN_KEEP_…` says.

    Raises:
        UsageError: a value that cannot be used, or something that is not kept by age.
    """
    names = {KEEP + each.name.upper(): each.name for each in fields(Keep)}
    said = {name: text for name, text in environment.items() if name.startswith(KEEP) and text}
    if unknown := sorted(said.keys() - names.keys()):
        raise UsageError(
            f"{unknown[0]}: nothing of that name is kept by age — choose one of {', '.join(sorted(names))}"
        )
    return Keep(**{names[name]: _whole(name, text, "days") for name, text in said.items()})


def _whole(name: str, text: str, unit: str) -> int:
    if not text.isdecimal():
        raise UsageError(f"{name}={text}: must be a whole number of {unit}, 0 or more")
    return int(text)


def _port(name: str, text: str) -> int:
    if not text.isdecimal() or int(text) > _LAST_PORT:
        raise UsageError(f"{name}={text}: must be a port, 0 to {_LAST_PORT}")
    return int(text)


def _limit(name: str, text: str, *, whole: bool) -> float:
    if whole:
        if not text.isdecimal() or int(text) < 1:
            raise UsageError(f"{name}={text}: must be a whole number, 1 or more")
        return int(text)
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    none = name.removeprefix(LIMIT).lower() in _MAY_BE_NONE
    if not math.isfinite(number) or number < 0 or not (number or none):
        raise UsageError(f"{name}={text}: must be a number of seconds, {'0 or' if none else 'and'} more than 0")
    return number


def _switch(name: str, text: str) -> bool:
    if text not in {"0", "1"}:
        raise UsageError(f"{name}={text}: must be 1 (on) or 0 (off)")
    return text == "1"


def _seconds(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise UsageError(f"TOCSIN_EVERY={text}: must be a whole number of seconds, 1 or more")
    return int(text)
