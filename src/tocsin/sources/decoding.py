"""Undoing an answer's content encoding piece by piece, never making more than was asked for."""

from __future__ import annotations

import zlib

ACCEPTED = "gzip, deflate"
_PIECE = 256 * 1024
"""Bytes made at a time."""


class TooLargeError(Exception):
    """More bytes than allowed."""


class UndecodableError(Exception):
    """The bytes are not what the header says."""


class Body:
    """An answer's body as it arrives.

    Raises (both methods):
        TooLargeError: it would become longer than `limit`.
        UndecodableError: it is not in the encoding that `encoding` names.
    """

    def __init__(self, *, encoding: str, limit: int) -> None:
        self._limit = limit
        self._size = 0
        self._pieces: list[bytes] = []
        self._encoding = encoding.strip().lower()
        self._inflate = self._opened(self._encoding)

    def add(self, data: bytes) -> None:
        """Take the next bytes from the wire."""
        if self._inflate is None:
            self._keep(data)
            return
        while data:
            data = self._inflated(data)

    def done(self) -> bytes:
        """The whole body."""
        if self._inflate is not None and self._size and not self._inflate.eof:
            raise UndecodableError("the compressed body is cut off")
        return b"".join(self._pieces)

    @staticmethod
    def _opened(encoding: str) -> zlib._Decompress | None:
        if encoding in {"", "identity"}:
            return None
        if encoding in {"gzip", "x-gzip"}:
            return zlib.decompressobj(16 + zlib.MAX_WBITS)
        if encoding == "deflate":
            return zlib.decompressobj()
        raise UndecodableError(f"content encoding {encoding[:40]!r} was not asked for")

    def _inflated(self, data: bytes) -> bytes:
        """One piece made; what remains to be read of `data`."""
        if self._inflate is None or self._inflate.eof:
            return b""  # what follows the end of the stream is padding
        try:
            self._keep(self._inflate.decompress(data, _PIECE))
        except zlib.error as error:
            if self._encoding == "deflate" and not self._size:
                self._inflate = zlib.decompressobj(-zlib.MAX_WBITS)  # some servers send it without the zlib header
                self._encoding = "raw deflate"
                return data
            raise UndecodableError(f"the body is no {self._encoding} data") from error
        return self._inflate.unconsumed_tail

    def _keep(self, data: bytes) -> None:
        self._size += len(data)
        if self._size > self._limit:
            raise TooLargeError(f"the body is larger than {self._limit:,} bytes")
        if data:
            self._pieces.append(data)
