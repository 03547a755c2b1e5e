"""A Telegram chat, by a bot. Plain text without parse_mode: nothing in it is markup."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from tocsin.alerts.channels import failures
from tocsin.alerts.channels.address import Address
from tocsin.alerts.channels.calls import Answer, Refusal, call, compact
from tocsin.alerts.channels.fit import fitted, utf16
from tocsin.alerts.render import Message
from tocsin.model import SendResult

API = "https://api.telegram.org"

_LIMIT = 4096
_TOKEN = re.compile(r"\d+:[A-Za-z0-9_-]+")
_CHAT = re.compile(r"-?\d+|@?[A-Za-z]\w+", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class TelegramChannel:
    """One chat."""

    id: str
    api: str = field(default=API, repr=False)
    token: str = field(repr=False)
    chat: str = field(repr=False)
    seconds: float
    missing: str = ""

    def send(self, message: Message, delivery_id: str, thread: str = "") -> SendResult:  # noqa: ARG002  # no key there
        """One message; the receipt is its number."""
        body: dict[str, object] = {"chat_id": self.chat, "text": fitted(message, _LIMIT, utf16)}
        body |= {"link_preview_options": {"is_disabled": True}}
        body |= {"disable_notification": True} if message.quiet else {}
        if thread.isdecimal():
            body["reply_parameters"] = {"message_id": int(thread), "allow_sending_without_reply": True}
        url = f"{self.api}/bot{self.token}/sendMessage"
        answer = call("POST", url, body=compact(body), seconds=self.seconds)
        if isinstance(answer, Answer):
            result = answer.data.get("result")
            return failures.sent(str(result.get("message_id", "")) if isinstance(result, dict) else "")
        return answer.result() if isinstance(answer, Refusal) else answer


def telegram(address: Address, seconds: float) -> TelegramChannel:
    """A chat of `tgram://TOKEN/CHAT`.

    Raises:
        ChannelError: token or chat is none, or there are several.
    """
    options = address.options("api")
    if len(address.path) != 1 or not _TOKEN.fullmatch(address.place) or not _CHAT.fullmatch(address.path[0]):
        raise address.wrong("it needs a bot's token and one chat: tgram://TOKEN/CHAT")
    chat = address.path[0]
    return TelegramChannel(
        id=address.channel,
        api=options.get("api", API).rstrip("/"),
        token=address.place,
        chat=f"@{chat}" if chat[0].isalpha() else chat,
        seconds=seconds,
    )
