"""The long tail of channels: Apprise behind our interface, with the settings under which it behaves.

Measured with Apprise 1.13 and 2.2: it answers only yes or no, keeps its reasons in its log, follows redirects (a
POST becomes an empty GET, and counts as sent), keeps state between sends, splits long messages, and leaves behind each
MQTT message a connection and a thread, which may still send what was counted as failed. So each channel is
one address with one target, opened anew for every send, without redirects, retries or splitting; lengths are cut here;
and the reason of a failure is read from its log, rid of every part of the address.
"""

from __future__ import annotations

import html
import inspect
import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

import apprise

from tocsin.alerts.channels import failures
from tocsin.alerts.channels.fit import fitted
from tocsin.alerts.clean import cut, plain
from tocsin.alerts.render import Message
from tocsin.errors import ChannelError
from tocsin.model import SendOutcome, SendResult, Severity

TIMEOUT_SECONDS = 15.0
"""For connecting and for each read; an address may ask for less or more (`cto`, `rto`), up to twice as much."""

_STATUS = re.compile(r"\berror[= :]+(\d{3})\b|\bstatus(?: code)?[= :]+(\d{3})\b", re.IGNORECASE)
_SMTP = re.compile(r"\(([245]\d\d), b?['\"]")
_BETWEEN = re.compile(r"[/?&=:@#,;+|\s]+")
_DETAIL_LIMIT = 200
_SUBJECT_OCTETS = 960  # a mail server may refuse lines beyond 998, and Apprise folds no subject
_MAIL = frozenset({"mailto", "mailtos"})
_MQTT = frozenset({"mqtt", "mqtts"})
_ENOUGH = 3  # characters: a shorter part of an address is no secret, and would blot out the whole reason
_TYPES = {Severity.CRITICAL: apprise.NotifyType.FAILURE, Severity.HIGH: apprise.NotifyType.WARNING}


@dataclass(frozen=True, slots=True, kw_only=True)
class AppriseChannel:
    """One target behind an Apprise address."""

    id: str
    address: str = field(repr=False)
    missing: str = ""

    def send(self, message: Message, delivery_id: str, thread: str = "") -> SendResult:  # noqa: ARG002  # it takes none
        """One attempt; a receiver that does not answer takes up to half a minute."""
        with _captured() as lines:
            box = _open(self.id, self.address)
            target = next(iter(box))
            title, body = _fitted(message, target)
            kind = _TYPES.get(message.severity, apprise.NotifyType.INFO)
            try:
                sent = box.notify(title=title, body=body, notify_type=kind, body_format=apprise.NotifyFormat.TEXT)
            finally:
                _hung_up(target)
        if sent:
            return SendResult(outcome=SendOutcome.SENT)
        return _failure(lines, _secrets(self.address))


def longtail(channel: str, address: str) -> AppriseChannel:
    """A channel behind any Apprise address. Sends nothing.

    Raises:
        ChannelError: the address is none that Apprise knows, or it has several targets.
    """
    with _captured():
        _open(channel, address)
    return AppriseChannel(id=channel, address=address)


def _open(channel: str, address: str) -> apprise.Apprise:
    """A fresh Apprise object with exactly one target.

    Raises:
        ChannelError: it has none, or several.
    """
    box = apprise.Apprise(asset=_asset())
    if "://" not in address or not box.add(address):
        raise ChannelError(f"channel {channel}: {_not_understood(address.partition('://')[0].lower())}")
    for target in box:
        _tamed(target)
    if len(box) != 1 or any(len(target) != 1 for target in box):
        raise ChannelError(f"channel {channel}: its address has several targets or none — write one channel for each")
    return box


def _not_understood(scheme: str) -> str:
    """Why Apprise takes no address of this scheme: often it lacks a package that it asks for nowhere."""
    for service in apprise.Apprise().details(show_requirements=True, show_disabled=True)["schemas"]:
        schemes = {*(service["protocols"] or ()), *(service["secure_protocols"] or ())}
        packages = service["requirements"]["packages_required"]
        if scheme in schemes and packages and not service["enabled"]:
            return f"Apprise needs {', '.join(packages)} for {scheme}:// — install it beside tocsin"
    return "its address is none that Apprise understands — see rules/channels.md"


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


def _tamed(target: Any) -> None:
    """What an address may ask for, but must not get."""
    target.redirects = False
    target.retry = 0
    target.overflow_mode = apprise.OverflowMode.UPSTREAM
    target.interpret_emojis = False
    if target.schema in _MAIL:
        target.notify_format = apprise.NotifyFormat.TEXT  # its HTML makes every space unbreakable
    if target.schema in _MQTT:
        target.qos = max(1, target.qos)  # with 0 it counts as sent what never left
    for name in ("socket_connect_timeout", "socket_read_timeout"):
        given = getattr(target, name)
        usual = given == getattr(type(target), name)
        setattr(target, name, TIMEOUT_SECONDS if usual else min(given, 2 * TIMEOUT_SECONDS))


def _hung_up(target: Any) -> None:
    """Ends what Apprise leaves open."""
    if target.schema in _MQTT:
        target.client.disconnect()
        target.client.loop_stop()


# --- lengths ------------------------------------------------------------------------------------------------------


def _fitted(message: Message, target: apprise.NotifyBase) -> tuple[str, str]:
    """Title and body as long as the target takes, cut before any markup is made of them."""
    title = message.subject if target.title_maxlen > 0 else ""
    title = cut(title, target.title_maxlen) if title else ""
    while target.schema in _MAIL and _quoted_printable(title) > _SUBJECT_OCTETS:
        title = cut(title, len(title) - 1)
    return title, fitted(message, target.body_maxlen, lambda body: _length(body, target))


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
        return failures.http(int(found[1] or found[2]))
    if found := _SMTP.search(said):
        return failures.smtp(int(found[1]), "the mail")
    return failures.transient(failures.sentence(said) or _reason(lines, secrets))


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
