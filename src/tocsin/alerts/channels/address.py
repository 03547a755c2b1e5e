"""A channel's address: its variables put in, taken apart, and wrong ones refused without printing any of it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

from tocsin.errors import ChannelError
from tocsin.specs.channels import ChannelSpec

_VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
_HOST = re.compile(r"[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\]")
_HEADER_SAFE = re.compile(r"[!-~]+")
_SECONDS = re.compile(r"\d{1,4}(\.\d+)?")
_LONGEST_WAIT = 60.0
_PORTS = range(1, 65536)


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """A secret as the spec names it: its value, or why there is none yet."""

    value: str = field(default="", repr=False)
    missing: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """`scheme://user:password@place/path…?query`, percent-decoded. `place` is the host and port, case kept."""

    channel: str
    scheme: str
    user: str = field(repr=False)
    password: str = field(repr=False)
    place: str = field(repr=False)
    path: tuple[str, ...] = field(repr=False)
    text: str = field(repr=False)
    """The whole of it, as it was written, without its login."""
    secret: str = field(default="", repr=False)
    query: Mapping[str, str] = field(repr=False)

    def host(self) -> tuple[str, int | None]:
        """Host and port.

        Raises:
            ChannelError: there is no host, or no such port.
        """
        host, colon, port = self.place.rpartition(":") if not self.place.endswith("]") else (self.place, "", "")
        if not colon:
            host, port = self.place, ""
        if not _HOST.fullmatch(host) or (port and not (port.isdecimal() and int(port) in _PORTS)):
            raise self.wrong("its host or port is none")
        return host, int(port) if port else None

    def base(self, *, secure: bool) -> str:
        """`https://host:port` of the address."""
        host, port = self.host()
        return f"http{'s' if secure else ''}://{host}" + (f":{port}" if port else "")

    def options(self, *names: str) -> dict[str, str]:
        """The query, when it holds none but these options and the two time-outs.

        Raises:
            ChannelError: it holds others.
        """
        known = {*names, "cto", "rto"}
        if not known.issuperset(self.query):
            raise self.wrong(f"an option in it is unknown — known are {', '.join(sorted(known))}")
        return {name: value for name, value in self.query.items() if name in names}

    def seconds(self, usual: float) -> float:
        """How long to wait for a receiver: `rto` (or `cto`) of the address, at most a minute."""
        given = self.query.get("rto") or self.query.get("cto")
        if not given:
            return usual
        if not _SECONDS.fullmatch(given) or not float(given):
            raise self.wrong("rto is no number of seconds")
        return min(float(given), _LONGEST_WAIT)

    def token(self, value: str, what: str) -> str:
        """`value`, when it can stand in a header.

        Raises:
            ChannelError: it is empty, or holds spaces, control or other characters that no token has.
        """
        if not _HEADER_SAFE.fullmatch(value):
            raise self.wrong(f"{what} is missing, or holds characters that none has")
        return value

    def wrong(self, why: str) -> ChannelError:
        """The error to raise about this address."""
        return ChannelError(f"channel {self.channel}: {why} — see rules/channels.md")


def parse(channel: str, text: str, secret: str = "") -> Address:
    """Takes an address apart.

    Raises:
        ChannelError: it has no scheme, or cannot be read.
    """
    scheme, found, _ = text.partition("://")
    if not found or not scheme.isalnum():
        raise ChannelError(f"channel {channel}: its address is none — see rules/channels.md")
    try:
        # `#` belongs to rooms and chats here, and to passwords; nothing of an address is a fragment.
        parts = urlsplit(text.replace("#", "%23"))
    except ValueError:
        raise ChannelError(f"channel {channel}: its address cannot be read — see rules/channels.md") from None
    login, _, place = parts.netloc.rpartition("@")
    user, _, password = login.partition(":")
    return Address(
        channel=channel,
        scheme=scheme.lower(),
        user=unquote(user),
        password=unquote(password),
        place=unquote(place),
        path=tuple(unquote(part) for part in parts.path.split("/") if part),
        query=dict(parse_qsl(parts.query, keep_blank_values=True)),
        text=f"{scheme}://{text[len(scheme) + 3 + len(login) + bool(login) :]}",
        secret=secret,
    )


def address_of(spec: ChannelSpec, env: Mapping[str, str], root: Path) -> Setting:
    """The channel's address.

    Raises:
        ChannelError: a variable in it is not closed.
    """
    return _setting(spec.id, "url", spec.url, spec.url_file, env, root)


def secret_of(spec: ChannelSpec, env: Mapping[str, str], root: Path) -> Setting:
    """The channel's signing secret; empty when it has none.

    Raises:
        ChannelError: a variable in it is not closed.
    """
    if spec.secret is None and spec.secret_file is None:
        return Setting()
    return _setting(spec.id, "secret", spec.secret, spec.secret_file, env, root)


def _setting(
    channel: str, key: str, template: str | None, file: str | None, env: Mapping[str, str], root: Path
) -> Setting:
    what = "the channel's address" if key == "url" else "the channel's secret"
    if file is not None:
        return _from_file(f"{key}_file {file}", root / file, what)
    template = template or ""
    unset = [name for name in dict.fromkeys(_VARIABLE.findall(template)) if not env.get(name, "").strip()]
    if unset:
        return Setting(missing=f"{' and '.join(unset)} not set — put {what} into the environment")
    if "${" in _VARIABLE.sub("", template):
        raise ChannelError(f"channel {channel}: a ${{…}} in {key} is not closed or not a name — write ${{NAME}}")
    return Setting(value=_VARIABLE.sub(lambda found: env[found[1]].strip(), template).strip())


def _from_file(name: str, path: Path, what: str) -> Setting:
    try:
        value = path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not UTF-8 text"
        return Setting(missing=f"{name}: {reason} — write {what} into it")
    return Setting(value=value, missing="" if value else f"{name} is empty — write {what} into it")
