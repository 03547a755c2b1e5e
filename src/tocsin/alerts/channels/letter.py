"""A message as a mail: text first, HTML beside it, and the headers that make it a good citizen. Pure.

Message-ID comes from the delivery and Date from the alert, so that a mail sent twice is the same mail, byte for byte.
All mails of a story refer to one root that is made up from the story: readers thread them even when one never arrived.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from email.header import Header
from email.headerregistry import Address as MailAddress
from email.headerregistry import BaseHeader, HeaderRegistry, UniqueUnstructuredHeader
from email.message import EmailMessage
from email.policy import SMTP, Policy
from email.utils import format_datetime
from hashlib import sha256

from tocsin.alerts.markup import document
from tocsin.alerts.render import Message
from tocsin.model import Severity


class _Subject(UniqueUnstructuredHeader, BaseHeader):  # type: ignore[misc]  # typeshed: 1 is none of "1 or None"
    """A subject that keeps all its spaces: the library's own folding drops one where two encoded words meet."""

    def fold(self, *, policy: Policy) -> str:
        """The header's lines; `email.header` encodes what is not ASCII as a whole, spaces included."""
        if self.isascii():
            return super().fold(policy=policy)
        lines = Header(str(self), "utf-8", header_name=self.name).encode(linesep=policy.linesep)
        return f"{self.name}: {lines}{policy.linesep}"


_HEADERS = HeaderRegistry()
_HEADERS.map_to_type("subject", _Subject)
_POLICY = SMTP.clone(cte_type="7bit", header_factory=_HEADERS)  # not every server takes 8 bits
_URGENT = frozenset({Severity.CRITICAL, Severity.HIGH})


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """From whom, to whom, and how to get out of it."""

    channel: str
    sender: MailAddress
    to: MailAddress
    reply: MailAddress | None = None
    unsubscribe: str = ""
    """An https or mailto address; empty: the mail has no List-Unsubscribe."""

    @property
    def domain(self) -> str:
        """The sender's, under which ids are made."""
        return self.sender.domain


def message_id(envelope: Envelope, delivery_id: str) -> str:
    """The same for the same delivery."""
    return f"<{delivery_id}@{envelope.domain}>"


def letter(message: Message, envelope: Envelope, delivery_id: str, thread: str, now: datetime) -> EmailMessage:
    """The mail. `thread` is the Message-ID of the story's first mail on this channel, if there was one."""
    mail = EmailMessage(policy=_POLICY)
    mail["Date"] = format_datetime(message.at or now)
    mail["From"] = envelope.sender
    mail["To"] = envelope.to
    if envelope.reply:
        mail["Reply-To"] = envelope.reply
    mail["Subject"] = message.subject
    mail["Message-ID"] = message_id(envelope, delivery_id)
    _thread(mail, message, envelope, thread)
    _manners(mail, message, envelope)
    mail.set_content(message.text + "\n")
    mail.add_alternative(document(message), subtype="html")
    mail.set_boundary("tocsin-" + sha256(delivery_id.encode()).hexdigest()[:32])
    return mail


def _thread(mail: EmailMessage, message: Message, envelope: Envelope, thread: str) -> None:
    if message.alert is None:
        return
    root = f"<story.{message.alert.story}.{envelope.channel}@{envelope.domain}>"
    mail["In-Reply-To"] = thread or root
    mail["References"] = f"{root} {thread}" if thread else root


def _manners(mail: EmailMessage, message: Message, envelope: Envelope) -> None:
    mail["List-Id"] = f"tocsin {envelope.channel} <{envelope.channel}.tocsin.{envelope.domain}>"
    mail["Auto-Submitted"] = "auto-generated"  # RFC 3834: no out-of-office answers
    mail["X-Auto-Response-Suppress"] = "All"  # Exchange's word for it
    if message.severity in _URGENT and not message.quiet:
        mail["Importance"] = "high"
    if envelope.unsubscribe:
        mail["List-Unsubscribe"] = f"<{envelope.unsubscribe}>"
        if envelope.unsubscribe.startswith("https:"):
            mail["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"  # RFC 8058
