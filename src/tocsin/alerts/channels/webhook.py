"""A webhook: the alert as JSON, signed as https://www.standardwebhooks.com asks (HMAC-SHA256, `v1`).

The three signing headers are ten lines, so no package is needed for them. The id is the delivery's and the same at
every try: a receiver that keeps the ids it has seen gets each alert once.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from tocsin.alerts.channels import failures
from tocsin.alerts.channels.address import Address
from tocsin.alerts.channels.calls import Answer, Refusal, call, compact
from tocsin.alerts.clean import defused, safe_url
from tocsin.alerts.render import HEADLINE_LIMIT, Message, defused_piece, pieces
from tocsin.model import Alert, Report, SendResult

_PREFIX = "whsec_"
_KEY_BYTES = range(16, 129)
_NAME_LIMIT = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookChannel:
    """One address that takes POSTs."""

    id: str
    url: str = field(repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    key: bytes = field(default=b"", repr=False)
    """The signing key; without one nothing is signed."""
    seconds: float
    clock: Callable[[], float] = time.time
    missing: str = ""

    def send(self, message: Message, delivery_id: str, thread: str = "") -> SendResult:  # noqa: ARG002  # no threads
        """One POST; 2xx is taken, and nothing else."""
        body = compact(payload(message, delivery_id))
        now = int(self.clock())
        own = {"idempotency-key": delivery_id, "webhook-id": delivery_id, "webhook-timestamp": str(now)}
        if self.key:
            own["webhook-signature"] = signature(self.key, delivery_id, now, body)
        answer = call("POST", self.url, body=body, headers={**self.headers, **own}, seconds=self.seconds)
        if isinstance(answer, Answer):
            return failures.sent(delivery_id)
        return answer.result() if isinstance(answer, Refusal) else answer


def webhook(address: Address, seconds: float) -> WebhookChannel:
    """A webhook at any http(s) address; a login in it becomes basic authentication.

    Raises:
        ChannelError: the address or the secret cannot work.
    """
    address.host()
    url = address.token(address.text, "its address")
    headers = {}
    if address.user:
        login = base64.b64encode(f"{address.user}:{address.password}".encode()).decode()
        headers = {"authorization": f"Basic {login}"}
    return WebhookChannel(id=address.channel, url=url, headers=headers, key=_key(address), seconds=seconds)


def signature(key: bytes, message_id: str, timestamp: int, body: bytes) -> str:
    """The `webhook-signature` header: `v1,` and the base64 of HMAC-SHA256 over `id.timestamp.body`."""
    signed = hmac.new(key, f"{message_id}.{timestamp}.".encode() + body, sha256).digest()
    return "v1," + base64.b64encode(signed).decode()


def payload(message: Message, delivery_id: str) -> dict[str, Any]:
    """What is posted. Texts of others are defused: they may be passed on to a chat as they are."""
    alert = message.alert
    base: dict[str, Any] = {"delivery": delivery_id, "subject": message.subject, "text": message.text}
    if alert is None:
        return {"type": "test", "data": base}
    kind = f"alert.{alert.reason.value}"
    return {
        "type": kind,
        "timestamp": alert.created_at.isoformat(),
        "data": base | _told(alert) | {"unheard": bool(message.aside)},
    }


def _told(alert: Alert) -> dict[str, Any]:
    evidence = pieces(alert.match)
    return {
        "alert": alert.id,
        "story": alert.story,
        "rule": alert.rule,
        "title": defused(alert.title, HEADLINE_LIMIT),
        "reason": alert.reason.value,
        "severity": alert.severity.value,
        "confirmed": alert.confirmed,
        "quiet": alert.quiet,
        "origins": alert.origins,
        "assertion": alert.match.assertion.value,
        "evidence": {
            "sentence": "".join(map(defused_piece, evidence)).strip(),
            "words": [defused_piece(piece).strip() for piece in evidence if piece.marked],
        },
        "article": _report(alert.article),
        "reports": [_report(report) for report in alert.reports],
    }


def _report(report: Report) -> dict[str, Any]:
    published = report.published
    return {
        "article": report.article,
        "source": report.source,
        "source_name": defused(report.source_name, _NAME_LIMIT),
        "title": defused(report.title, HEADLINE_LIMIT),
        "url": safe_url(report.url),
        "published": (published.date() if report.day_only else published).isoformat() if published else None,
        "language": report.language,
        "origin": report.origin or report.publisher,
        "origin_why": defused(report.origin_why, _NAME_LIMIT),
        "official": report.official,
    }


def _key(address: Address) -> bytes:
    """The signing key of a `whsec_…` secret."""
    secret = address.secret
    if not secret:
        return b""
    try:
        key = base64.b64decode(secret.removeprefix(_PREFIX), validate=True)
    except binascii.Error:
        key = b""
    if not secret.startswith(_PREFIX) or len(key) not in _KEY_BYTES:
        raise address.wrong("its secret is none — write whsec_ and 24 to 64 random bytes in base64")
    return key
