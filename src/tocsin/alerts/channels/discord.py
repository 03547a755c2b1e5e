"""A Discord channel, by its webhook. `allowed_mentions` is empty: no text pings anybody."""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import quote

from tocsin.alerts.channels import failures
from tocsin.alerts.channels.address import Address
from tocsin.alerts.channels.calls import Answer, Refusal, call, compact
from tocsin.alerts.channels.fit import fitted, utf16
from tocsin.alerts.render import Message
from tocsin.model import SendResult

API = "https://discord.com/api"

_LIMIT = 2000
_NO_PREVIEWS = 4  # the flag SUPPRESS_EMBEDS
_NO_PING = 4096  # the flag SUPPRESS_NOTIFICATIONS
_ID_AND_TOKEN = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class DiscordChannel:
    """One webhook."""

    id: str
    url: str = field(repr=False)
    seconds: float
    missing: str = ""

    def send(self, message: Message, delivery_id: str, thread: str = "") -> SendResult:  # noqa: ARG002  # has neither
        """One message; the receipt is its id."""
        flags = _NO_PREVIEWS | (_NO_PING if message.quiet else 0)
        body = {"content": fitted(message, _LIMIT, utf16), "allowed_mentions": {"parse": []}, "flags": flags}
        answer = call("POST", self.url, body=compact(body), seconds=self.seconds)
        if isinstance(answer, Answer):
            return failures.sent(str(answer.data.get("id", "")))
        return answer.result() if isinstance(answer, Refusal) else answer


def discord(address: Address, seconds: float) -> DiscordChannel:
    """The webhook of `discord://ID/TOKEN`, or as Discord shows it: `https://discord.com/api/webhooks/ID/TOKEN`.

    Raises:
        ChannelError: id or token is missing, or there is more.
    """
    options = address.options("api", "thread")
    native = address.scheme in {"http", "https"}
    parts = address.path[-2:] if native else (address.place, *address.path)
    if len(parts) != _ID_AND_TOKEN:
        raise address.wrong("it needs a webhook's id and token: discord://ID/TOKEN")
    number, token = (quote(address.token(part, "the webhook's id or token"), safe="") for part in parts)
    forum = options.get("thread", "")
    if forum and not forum.isdecimal():
        raise address.wrong("thread is no thread's number")
    api = options.get("api", API).rstrip("/")
    query = "?wait=true" + (f"&thread_id={forum}" if forum else "")
    return DiscordChannel(id=address.channel, url=f"{api}/webhooks/{number}/{token}{query}", seconds=seconds)
