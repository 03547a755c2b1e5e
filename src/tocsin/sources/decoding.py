"""Undoing an answer's content encodings piece by piece, never making more than was asked for. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from tocsin.sources.decoders import DECODERS, Decoder, UndecodableError

__all__ = ["ACCEPTED", "Body", "TooLargeError", "UndecodableError"]

ACCEPTED = "gzip, deflate, br, zstd"
_NONE = frozenset({"", "identity", "none", "binary", "utf-8"})
"""No encoding: as the standard has it, and as servers write it that mean something else by the header."""
_DEEPEST = 2
"""Encodings on top of each other; more of them are no publisher's."""


class TooLargeError(Exception):
    """More bytes than allowed."""


class Body:
    """An answer's body as it arrives.

    `limit` is the number of bytes that it may have, on the wire and after each encoding that is undone.

    Raises (all methods):
        TooLargeError: it would become longer than `limit`.
        UndecodableError: it is not in the encodings that `encoding` names, in the order of the header.
    """

    def __init__(self, *, encoding: str, limit: int) -> None:
        self._limit = limit
        self._decoders = _opened(encoding)
        self._sizes = [0] * (len(self._decoders) + 1)
        self._made = bytearray()

    def add(self, data: bytes) -> None:
        """Take the next bytes from the wire."""
        for piece in self._through(data, 0):
            self._made += piece

    def done(self) -> bytes:
        """The whole body."""
        if self._sizes[0] and not all(decoder.complete for decoder in self._decoders):
            raise UndecodableError("the compressed body is cut off")
        return bytes(self._made)

    def _through(self, data: bytes, stage: int) -> Iterator[bytes]:
        """What the bytes become after the decoders from `stage` on."""
        self._sizes[stage] += len(data)
        if self._sizes[stage] > self._limit:
            raise TooLargeError(f"the body is larger than {self._limit:,} bytes, the limit (TOCSIN_LIMIT_BODY)")
        if stage == len(self._decoders):
            yield data
            return
        for piece in self._decoders[stage].add(data):
            yield from self._through(piece, stage + 1)


def _opened(encoding: str) -> list[Decoder]:
    """The decoders for a header, in the order in which they undo it: what was applied last comes first."""
    names = [name for each in encoding.lower().split(",") if (name := each.strip()) not in _NONE]
    for name in names:
        if name not in DECODERS:
            raise UndecodableError(f"content encoding {name[:40]!r} was not asked for")
    if len(names) > _DEEPEST:
        raise UndecodableError(f"{len(names)} content encodings on top of each other are refused")
    return [DECODERS[name]() for name in reversed(names)]
