"""Mail by SMTP. What the server has taken is sent; what it was given without an answer may have been.

Every phase fails in its own way: a connection and a login may come right, a refused sender, recipient or message tells
by its code, and silence after the message was handed over leaves us unsure. Then the same mail goes out again.
"""

from __future__ import annotations

import re
import smtplib
import socket
import ssl
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from email.errors import HeaderParseError
from email.headerregistry import Address as MailAddress
from email.message import EmailMessage
from enum import Enum
from itertools import chain
from typing import Final

from tocsin.alerts.channels import failures
from tocsin.alerts.channels.address import Address
from tocsin.alerts.channels.letter import Envelope, letter
from tocsin.alerts.render import Message
from tocsin.model import SendResult
from tocsin.times import utc_now

_OPTIONS = ("from", "to", "name", "reply", "smtp", "mode", "user", "pass", "unsubscribe")
_QUIT_SECONDS = 2.0
_OK: Final = 250
_FORWARDED: Final = 251
_LOCAL = re.compile(r"[A-Za-z0-9.-]{1,63}")
_UNSUBSCRIBE = re.compile(r"(https://|mailto:)[!-;=?-~]+")
_KNOWN_SERVERS = {
    "gmail.com": "smtp.gmail.com",
    "googlemail.com": "smtp.gmail.com",
    "outlook.com": "smtp-mail.outlook.com",
    "hotmail.com": "smtp-mail.outlook.com",
    "yahoo.com": "smtp.mail.yahoo.com",
    "icloud.com": "smtp.mail.me.com",
    "fastmail.com": "smtp.fastmail.com",
    "naver.com": "smtp.naver.com",
    "yandex.ru": "smtp.yandex.ru",
    "mail.ru": "smtp.mail.ru",
}
"""Where a mailbox of these domains is written from; any other domain is its own server unless `smtp=` names one."""


class Security(Enum):
    """How the line is protected."""

    INSECURE = "insecure"
    STARTTLS = "starttls"
    SSL = "ssl"


_PORTS = {Security.INSECURE: 25, Security.STARTTLS: 587, Security.SSL: 465}


@dataclass(frozen=True, slots=True, kw_only=True)
class MailChannel:
    """One recipient, through one mail server."""

    id: str
    host: str = field(repr=False)
    port: int
    security: Security
    user: str = field(repr=False)
    password: str = field(repr=False)
    envelope: Envelope = field(repr=False)
    seconds: float
    now: Callable[[], datetime] = utc_now
    missing: str = ""

    def send(self, message: Message, delivery_id: str, thread: str = "") -> SendResult:
        """One mail; the receipt is its Message-ID."""
        mail = letter(message, self.envelope, delivery_id, thread, self.now())
        try:
            server = self._connected()
        except (OSError, smtplib.SMTPException) as error:
            return _not_connected(error)
        try:
            return self._handed_over(server, mail)
        finally:
            _leave(server)

    def _connected(self) -> smtplib.SMTP:
        """A server that is ready for the mail; nothing goes over an unprotected line unless the address says so."""
        own, context = _own_name(), ssl.create_default_context()
        if self.security is Security.SSL:
            server: smtplib.SMTP = smtplib.SMTP_SSL(self.host, self.port, own, timeout=self.seconds, context=context)
        else:
            server = smtplib.SMTP(self.host, self.port, own, timeout=self.seconds)
        try:
            if self.security is Security.STARTTLS:
                server.starttls(context=context)
            if self.user:
                server.login(self.user, self.password)
            server.ehlo_or_helo_if_needed()
        except BaseException:
            server.close()
            raise
        return server

    def _handed_over(self, server: smtplib.SMTP, mail: EmailMessage) -> SendResult:
        try:
            code, _ = server.mail(self.envelope.sender.addr_spec)
            if code != _OK:
                return failures.smtp(code, "the sender")
            code, _ = server.rcpt(self.envelope.to.addr_spec)
            if code not in {_OK, _FORWARDED}:
                return failures.smtp(code, "the recipient")
        except (OSError, smtplib.SMTPException) as error:
            return _not_connected(error)
        try:
            code, _ = server.data(mail.as_bytes())
        except smtplib.SMTPDataError as error:
            return failures.smtp(error.smtp_code, "the message")
        except (OSError, smtplib.SMTPException):
            return failures.transient(failures.UNSURE)
        return failures.sent(str(mail["Message-ID"])) if code == _OK else failures.smtp(code, "the message")


def mail(address: Address, seconds: float) -> MailChannel:
    """A mailbox of `mailto(s)://user:password@server?from=…&to=…`, as Apprise writes it.

    Raises:
        ChannelError: the address cannot work, or names several recipients.
    """
    options = address.options(*_OPTIONS)
    host, port = address.host()
    security = _security(address, options.get("mode", ""))
    user = options.get("user") or address.user
    sender = _mailbox(address, options.get("from") or (user if "@" in user else f"{user or 'tocsin'}@{host}"))
    sender = MailAddress(options.get("name") or sender.display_name or "tocsin", sender.username, sender.domain)
    to = [one for one in chain(options.get("to", "").split(","), address.path) if one.strip()]
    if len(to) > 1:
        raise address.wrong("it has several recipients, and half of them could fail — write one channel for each")
    password = options.get("pass") or address.password
    if not (user + password).isascii():
        raise address.wrong("its user or password is not plain ASCII, and no mail server's login takes that")
    unsubscribe = options.get("unsubscribe", "")
    if unsubscribe and not _UNSUBSCRIBE.fullmatch(unsubscribe):
        raise address.wrong("unsubscribe is neither an https nor a mailto address")
    return MailChannel(
        id=address.channel,
        host=(options.get("smtp") or _KNOWN_SERVERS.get(host, host)).strip("[]"),
        port=port or _PORTS[security],
        security=security,
        user=user if password else "",
        password=password,
        envelope=Envelope(
            channel=address.channel,
            sender=sender,
            to=_mailbox(address, to[0]) if to else sender,
            reply=_mailbox(address, options["reply"]) if options.get("reply") else None,
            unsubscribe=unsubscribe,
        ),
        seconds=seconds,
    )


def _security(address: Address, mode: str) -> Security:
    usual = Security.STARTTLS if address.scheme == "mailtos" else Security.INSECURE
    try:
        return Security(mode) if mode else usual
    except ValueError:
        raise address.wrong("its mode is none — write insecure, starttls or ssl") from None


def _mailbox(address: Address, text: str) -> MailAddress:
    try:
        found = MailAddress(addr_spec=text.strip())
    except (HeaderParseError, ValueError, IndexError):
        raise address.wrong("a mail address in it is none") from None
    if not found.addr_spec.isascii() or not found.domain:
        raise address.wrong("a mail address in it is none that every server takes — write its domain as xn--…")
    return found


def _not_connected(error: Exception) -> SendResult:
    """Failures before the message was handed over."""
    if isinstance(error, smtplib.SMTPAuthenticationError):
        return failures.transient(f"the mail server refused the user or the password with {error.smtp_code}")
    if isinstance(error, smtplib.SMTPNotSupportedError):
        return failures.transient("the mail server offers no such protection or login — mode=ssl or mode=insecure?")
    if isinstance(error, smtplib.SMTPResponseException):
        return failures.transient(f"the mail server greeted with {error.smtp_code}")
    known = failures.sentence(f"{type(error).__name__} {error}")
    return failures.transient(known or f"no connection to the mail server ({type(error).__name__})")


def _leave(server: smtplib.SMTP) -> None:
    """Goes politely, and fast: what became of the mail is known already."""
    with suppress(OSError, smtplib.SMTPException):
        if server.sock:
            server.sock.settimeout(_QUIT_SECONDS)
            server.quit()
    server.close()


def _own_name() -> str:
    """This machine's name for the greeting; `getfqdn`, which smtplib would ask, can hang for seconds."""
    name = socket.gethostname()
    return name if _LOCAL.fullmatch(name) else "localhost"
