"""An ntfy topic. The sequence id is the delivery's: a message that arrives twice replaces itself on the phone."""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass, field

from tocsin.alerts.channels import failures
from tocsin.alerts.channels.address import Address
from tocsin.alerts.channels.calls import Answer, Refusal, call, compact
from tocsin.alerts.channels.fit import fitted, octets, shortened
from tocsin.alerts.clean import safe_url
from tocsin.alerts.render import Message
from tocsin.model import SendResult, Severity

_TITLE_LIMIT, _LIMIT = 250, 4000  # bytes
_TOPIC = re.compile(r"[A-Za-z0-9_-]{1,64}")
_PRIORITY = {Severity.CRITICAL: 5, Severity.HIGH: 4, Severity.MEDIUM: 3, Severity.LOW: 2, Severity.INFO: 1}
_SILENT = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class NtfyChannel:
    """One topic."""

    id: str
    server: str = field(repr=False)
    topic: str = field(repr=False)
    authorization: str = field(default="", repr=False)
    seconds: float
    missing: str = ""

    def send(self, message: Message, delivery_id: str, thread: str = "") -> SendResult:  # noqa: ARG002  # no threads
        """One message; the receipt is its id."""
        body: dict[str, object] = {
            "topic": self.topic,
            "title": shortened(message.subject, _TITLE_LIMIT, octets),
            "message": fitted(message, _LIMIT, octets),
            "priority": _SILENT if message.quiet else _PRIORITY[message.severity],
            "sequence_id": delivery_id,
        }
        if message.alert and (url := safe_url(message.alert.article.url)):
            body["click"] = url
        headers = {"authorization": self.authorization} if self.authorization else {}
        answer = call("POST", self.server, body=compact(body), headers=headers, seconds=self.seconds)
        if isinstance(answer, Answer):
            return failures.sent(str(answer.data.get("id", "")))
        return answer.result() if isinstance(answer, Refusal) else answer


def ntfy(address: Address, seconds: float) -> NtfyChannel:
    """A topic of `ntfy(s)://[TOKEN@ or user:password@]server/topic`; without a server it is ntfy.sh.

    Raises:
        ChannelError: the topic is none, or there are several.
    """
    address.options("auth", "mode")
    topics = address.path or (address.place,)
    if len(topics) != 1 or not _TOPIC.fullmatch(topics[0]):
        raise address.wrong("it needs one topic: ntfys://server/topic")
    server = address.base(secure=address.scheme == "ntfys") if address.path else "https://ntfy.sh"
    return NtfyChannel(
        id=address.channel, server=server, topic=topics[0], authorization=_authorization(address), seconds=seconds
    )


def _authorization(address: Address) -> str:
    if address.user and address.password:
        return "Basic " + base64.b64encode(f"{address.user}:{address.password}".encode()).decode()
    return f"Bearer {address.token(address.user, 'the token')}" if address.user else ""
