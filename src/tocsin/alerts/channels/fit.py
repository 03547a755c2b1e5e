"""Makes a message as long as a service takes it, before any markup is made of it."""

from __future__ import annotations

from collections.abc import Callable

from tocsin.alerts.clean import cut
from tocsin.alerts.render import Message


def fitted(message: Message, limit: int, length: Callable[[str], int] = len) -> str:
    """The text if it fits, else the short form, else its beginning; `length` counts as the service does."""
    for body in (message.text, message.short):
        if body and length(body) <= limit:
            return body
    return shortened(message.short or message.text, limit, length)


def shortened(text: str, limit: int, length: Callable[[str], int] = len) -> str:
    """The text's beginning, at most `limit` long."""
    while text and length(text) > limit:
        text = cut(text, max(1, len(text) * 9 // 10)) if len(text) > 1 else ""
    return text


def utf16(text: str) -> int:
    """Length in UTF-16 units, as Telegram and Discord count."""
    return len(text.encode("utf-16-le")) // 2


def octets(text: str) -> int:
    """Length in UTF-8 bytes."""
    return len(text.encode())
