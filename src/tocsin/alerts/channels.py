"""Opens channels: Apprise behind our interface, with the settings under which it behaves.

Measured with Apprise 1.13 and 2.2: it answers only yes or no, keeps its reasons in its log, follows redirects (a
POST becomes an empty GET, and counts as sent), keeps state between sends, and splits long messages. So each channel is
one address with one target, opened anew for every send, without redirects, retries or splitting; lengths are cut here;
and the reason of a failure is read from its log, rid of every part of the address.
"""

from __future__ import annotations

import html
import inspect
import logging
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import apprise

from tocsin.alerts.clean import cut, plain
from tocsin.alerts.outbox import Channel
from tocsin.alerts.render import Message
from tocsin.errors import ChannelError
from tocsin.model import SendOutcome, SendResult, Severity
from tocsin.specs.channels import ChannelSpec

__all__ = ["AppriseChannel", "Channel", "WaitingChannel", "open_channel"]

TIMEOUT_SECONDS = 15.0
"""For connecting and for each read; an address may ask for less or more (`cto`, `rto`), up to twice as much."""

_VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
_STATUS = re.compile(r"\berror[= :]+(\d{3})\b|\bstatus(?: code)?[= :]+(\d{3})\b", re.IGNORECASE)
_SMTP = re.compile(r"\(([245]\d\d), b?['\"]")
_KNOWN = (
    (re.compile(r"timed? ?out", re.IGNORECASE), "timed out"),
    (re.compile(r"refused", re.IGNORECASE), "connection refused"),
    (re.compile(r"resol|name or service|nodename|getaddrinfo", re.IGNORECASE), "the receiver's host name is not known"),
    (re.compile(r"certificate|\bSSL|\bTLS", re.IGNORECASE), "TLS error: the receiver's certificate cannot be trusted"),
    (re.compile(r"unreachable|no route to host", re.IGNORECASE), "the receiver cannot be reached"),
    (re.compile(r"reset by peer|aborted|disconnected|closed|broken pipe", re.IGNORECASE), "the connection broke"),
)
_BETWEEN = re.compile(r"[/?&=:@#,;+|\s]+")
_DETAIL_LIMIT = 200
_SUBJECT_OCTETS = 960  # a mail server may refuse lines beyond 998, and Apprise folds no subject
_MAIL = frozenset({"mailto", "mailtos"})
_ENOUGH = 3  # characters: a shorter part of an address is no secret, and would blot out the whole reason
_HTTP_PERMANENT = frozenset({400, 404, 405, 406, 410, 411, 413, 414, 415, 422, 451})
"""What no repetition of the same message to the same address will change. 401 and 403 are not here: a token that is
renewed lets waiting messages through."""
_SMTP_PERMANENT = range(550, 560)
_TYPES = {Severity.CRITICAL: apprise.NotifyType.FAILURE, Severity.HIGH: apprise.NotifyType.WARNING}


@dataclass(frozen=True, slots=True, kw_only=True)
class AppriseChannel:
    """One target behind an Apprise address."""

    id: str
    address: str = field(repr=False)
    missing: str = ""

    def send(self, message: Message, delivery_id: str) -> SendResult:  # noqa: ARG002  # Apprise has no place for it
        """One attempt; a receiver that does not answer takes up to half a minute."""
        with _captured() as lines:
            box = _open(self.id, self.address)
            target = next(iter(box))
            title, body = _fitted(message, target)
            kind = _TYPES.get(message.severity, apprise.NotifyType.INFO)
            sent = box.notify(title=title, body=body, notify_type=kind, body_format=apprise.NotifyFormat.TEXT)
        if sent:
            return SendResult(outcome=SendOutcome.SENT)
        return _failure(lines, _secrets(self.address))


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingChannel:
    """A channel that has no address yet."""

    id: str
    missing: str

    def send(self, message: Message, delivery_id: str) -> SendResult:  # noqa: ARG002  # the interface's
        """Sends nothing, and says why."""
        return SendResult(outcome=SendOutcome.UNCONFIGURED, detail=self.missing)


def open_channel(spec: ChannelSpec, env: Mapping[str, str], root: Path) -> Channel:
    """A channel ready to send, or one that says which variable or file is missing. Sends nothing.

    Raises:
        ChannelError: the address is none that Apprise knows, or it has several targets.
    """
    address, missing = _address(spec, env, root)
    if missing:
        return WaitingChannel(id=spec.id, missing=missing)
    with _captured():
        _open(spec.id, address)
    return AppriseChannel(id=spec.id, address=address)


# --- the address --------------------------------------------------------------------------------------------------


def _address(spec: ChannelSpec, env: Mapping[str, str], root: Path) -> tuple[str, str]:
    """The address with its variables put in, or why there is none yet."""
    if spec.url_file is not None:
        return _from_file(spec.url_file, root)
    template = spec.url or ""
    unset = [name for name in dict.fromkeys(_VARIABLE.findall(template)) if not env.get(name, "").strip()]
    if unset:
        return "", f"{' and '.join(unset)} not set — put the channel's address into the environment"
    address = _VARIABLE.sub(lambda found: env[found[1]].strip(), template).strip()
    if "${" in template and _VARIABLE.sub("", template).count("${"):
        raise ChannelError(f"channel {spec.id}: a ${{…}} in url is not closed or not a name — write ${{NAME}}")
    return address, ""


def _from_file(name: str, root: Path) -> tuple[str, str]:
    try:
        address = (root / name).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not UTF-8 text"
        return "", f"url_file {name}: {reason} — write the channel's address into it"
    return address, "" if address else f"url_file {name} is empty — write the channel's address into it"


def _open(channel: str, address: str) -> apprise.Apprise:
    """A fresh Apprise object with exactly one target.

    Raises:
        ChannelError: it has none, or several.
    """
    box = apprise.Apprise(asset=_asset())
    if "://" not in address or not box.add(address):
        raise ChannelError(f"channel {channel}: its address is none that Apprise understands — see rules/channels.md")
    for target in box:
        _tamed(target)
    if len(box) != 1 or any(len(target) != 1 for target in box):
        raise ChannelError(f"channel {channel}: its address has several targets or none — write one channel for each")
    return box


def _asset() -> apprise.AppriseAsset:
    wanted: dict[str, Any] = {
        "app_id": "tocsin",
        "app_desc": "tocsin",
        "app_url": "",
        "image_url_mask": "",
        "image_url_logo": "",
        "async_mode": False,  # in our own thread, where its log lines are told apart
        "http_redirects": False,
        "service_timeout": 0,  # 2.x: no shared pool, in which hanging targets delay the others
        "interpret_escapes": False,
        "interpret_emojis": False,
    }
    takes = inspect.signature(apprise.AppriseAsset.__init__).parameters
    known = {name: value for name, value in wanted.items() if name in takes or hasattr(apprise.AppriseAsset, name)}
    return apprise.AppriseAsset(storage_mode=apprise.PersistentStoreMode.MEMORY, **known)


def _tamed(target: apprise.NotifyBase) -> None:
    """What an address may ask for, but must not get."""
    target.redirects = False
    target.retry = 0
    target.overflow_mode = apprise.OverflowMode.UPSTREAM
    target.interpret_emojis = False
    if target.schema in _MAIL:
        target.notify_format = apprise.NotifyFormat.TEXT  # its HTML makes every space unbreakable
    for name in ("socket_connect_timeout", "socket_read_timeout"):
        given = getattr(target, name)
        usual = given == getattr(type(target), name)
        setattr(target, name, TIMEOUT_SECONDS if usual else min(given, 2 * TIMEOUT_SECONDS))


# --- lengths ------------------------------------------------------------------------------------------------------


def _fitted(message: Message, target: apprise.NotifyBase) -> tuple[str, str]:
    """Title and body as long as the target takes, cut before any markup is made of them."""
    title = message.subject if target.title_maxlen > 0 else ""
    title = cut(title, target.title_maxlen) if title else ""
    while target.schema in _MAIL and _quoted_printable(title) > _SUBJECT_OCTETS:
        title = cut(title, len(title) - 1)
    for body in (message.text, message.short):
        if body and _length(body, target) <= target.body_maxlen:
            return title, body
    body = message.short or message.text
    while body and _length(body, target) > target.body_maxlen:
        body = cut(body, max(1, len(body) * 9 // 10)) if len(body) > 1 else ""
    return title, body


def _quoted_printable(title: str) -> int:
    """Octets of a subject as Apprise encodes it: one line, three octets for each byte that is not plain ASCII."""
    return sum(1 if char.isascii() and (char.isalnum() or char == " ") else 3 * len(char.encode()) for char in title)


def _length(body: str, target: apprise.NotifyBase) -> int:
    """Characters of the body once the target's markup is around it."""
    if target.notify_format == apprise.NotifyFormat.HTML:
        return len(html.escape(body)) + body.count("\n") * len("<br/>") + body.count(" ") * len("&nbsp;")
    return len(body)


# --- what became of it --------------------------------------------------------------------------------------------


def _failure(lines: list[str], secrets: list[str]) -> SendResult:
    said = "\n".join(lines)
    if found := _STATUS.search(said):
        return _http(int(found[1] or found[2]))
    if found := _SMTP.search(said):
        code = int(found[1])
        outcome = SendOutcome.PERMANENT if code in _SMTP_PERMANENT else SendOutcome.TRANSIENT
        return SendResult(outcome=outcome, detail=f"the mail server refused with {code}")
    known = next((sentence for pattern, sentence in _KNOWN if pattern.search(said)), None)
    return SendResult(outcome=SendOutcome.TRANSIENT, detail=known or _reason(lines, secrets))


def _http(status: int) -> SendResult:
    try:
        detail = f"HTTP {status} {HTTPStatus(status).phrase}"
    except ValueError:
        detail = f"HTTP {status}"
    if 300 <= status < 400:  # noqa: PLR2004  # the redirects
        detail += ": the receiver has moved — write its new address"
    permanent = status in _HTTP_PERMANENT
    return SendResult(outcome=SendOutcome.PERMANENT if permanent else SendOutcome.TRANSIENT, detail=detail)


def _reason(lines: list[str], secrets: list[str]) -> str:
    """The last thing that Apprise said, without any part of the address."""
    said = plain(lines[-1]) if lines else "Apprise gave no reason"
    for secret in secrets:
        said = re.sub(re.escape(secret), "***", said, flags=re.IGNORECASE)
    return cut(said, _DETAIL_LIMIT)


def _secrets(address: str) -> list[str]:
    """Every part of the address that may be one, longest first; only the scheme is none."""
    _, _, rest = address.partition("://")
    parts = {rest, *_BETWEEN.split(rest), *re.split(r"[/?&]", rest)}
    every = {form for part in parts for form in (part, unquote(part), plain(unquote(part)))}
    return sorted((part for part in every if len(part) >= _ENOUGH), key=len, reverse=True)


# --- Apprise's log ------------------------------------------------------------------------------------------------


_HEARD: ContextVar[list[str] | None] = ContextVar("_HEARD", default=None)
"""Where this send's log lines go; other channels send at the same time."""


class _Ears(logging.Filter):
    """Keeps what Apprise logs for the send it belongs to, and lets nothing through.

    Its debug lines print whole addresses, and only they hold the reason of a failure: nobody else may hear them.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        """Keeps the line if it may hold a reason."""
        lines = _HEARD.get()
        if lines is not None:
            text = record.getMessage()
            if record.levelno >= logging.WARNING or text.startswith("Socket Exception"):
                lines.append(text)
        return False


def _listen() -> None:
    logger = logging.getLogger("apprise")
    logger.addFilter(_Ears())
    logger.setLevel(logging.DEBUG)
    logging.getLogger("urllib3").setLevel(logging.WARNING)  # prints the paths it asks for, and they hold tokens


_listen()


@contextmanager
def _captured() -> Iterator[list[str]]:
    lines: list[str] = []
    token = _HEARD.set(lines)
    try:
        yield lines
    finally:
        _HEARD.reset(token)
