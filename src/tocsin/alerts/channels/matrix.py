"""A Matrix room. The transaction id is the delivery's: the homeserver itself drops what it has had before."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

from tocsin.alerts.channels import failures
from tocsin.alerts.channels.address import Address
from tocsin.alerts.channels.calls import Answer, Refusal, call, compact
from tocsin.alerts.channels.fit import fitted
from tocsin.alerts.markup import fragment
from tocsin.alerts.render import Message
from tocsin.model import SendResult

# An event holds 65,536 bytes at most, in UTF-8 and with its signatures; a larger one is refused for good.
_TEXT_LIMIT, _MARKUP_LIMIT = 24_000, 36_000  # bytes, as JSON writes them
_CODE = re.compile(r"M_[A-Z_]{1,40}")


@dataclass(frozen=True, slots=True, kw_only=True)
class MatrixChannel:
    """One room, written to with one access token."""

    id: str
    server: str = field(repr=False)
    room: str = field(repr=False)
    token: str = field(repr=False)
    seconds: float
    missing: str = ""

    def send(self, message: Message, delivery_id: str, thread: str = "") -> SendResult:
        """One PUT; the receipt is the event's id."""
        answer = self._put(message, delivery_id, thread)
        if thread and isinstance(answer, Refusal) and answer.status == HTTPStatus.BAD_REQUEST:
            # What it would answer is unknown there, in another room, or an answer itself: better beside it.
            answer = self._put(message, delivery_id, "")
        if isinstance(answer, Answer):
            return failures.sent(str(answer.data.get("event_id", "")))
        return answer.result(_code(answer)) if isinstance(answer, Refusal) else answer

    def _put(self, message: Message, delivery_id: str, thread: str) -> Answer | Refusal | SendResult:
        url = f"{self.server}/_matrix/client/v3/rooms/{quote(self.room, safe='')}/send/m.room.message/{delivery_id}"
        headers = {"authorization": f"Bearer {self.token}"}
        return call("PUT", url, body=compact(_event(message, thread)), headers=headers, seconds=self.seconds)


def matrix(address: Address, seconds: float) -> MatrixChannel:
    """A room of `matrix(s)://TOKEN@homeserver/!room:server`.

    Raises:
        ChannelError: there is no token, or no room id.
    """
    address.options()
    room = "/".join(address.path)
    if not room.startswith("!"):
        raise address.wrong("it needs a room id (!abc:example.org; room settings, advanced), no alias")
    return MatrixChannel(
        id=address.channel,
        server=address.base(secure=address.scheme == "matrixs"),
        room=room,
        token=address.token(address.user, "the access token"),
        seconds=seconds,
    )


def _event(message: Message, thread: str) -> dict[str, Any]:
    event: dict[str, Any] = {
        "msgtype": "m.notice" if message.quiet else "m.text",  # clients do not ring for notices
        "body": fitted(message, _TEXT_LIMIT, _weight),
        "m.mentions": {},  # nobody is pinged, whatever the text says
    }
    markup = fragment(message)
    if _weight(markup) <= _MARKUP_LIMIT:
        event |= {"format": "org.matrix.custom.html", "formatted_body": markup}
    if thread:
        answered = {"rel_type": "m.thread", "event_id": thread, "is_falling_back": True}
        event["m.relates_to"] = answered | {"m.in_reply_to": {"event_id": thread}}
    return event


def _weight(text: str) -> int:
    return len(compact(text))


def _code(refusal: Refusal) -> str:
    code = str(refusal.data.get("errcode", ""))
    return code if _CODE.fullmatch(code) else ""
