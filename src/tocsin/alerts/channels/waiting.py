"""A channel that cannot send yet."""

from __future__ import annotations

from dataclasses import dataclass

from tocsin.alerts.render import Message
from tocsin.model import SendOutcome, SendResult


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingChannel:
    """A channel that has no address yet."""

    id: str
    missing: str

    def send(self, message: Message, delivery_id: str, thread: str = "") -> SendResult:  # noqa: ARG002  # the interface's
        """Sends nothing, and says why."""
        return SendResult(outcome=SendOutcome.UNCONFIGURED, detail=self.missing)
