"""Undoing one content encoding, a piece at a time: gzip and deflate by zlib, br by brotli, zstd by zstandard.

However much a few bytes unfold to, no decoder makes more than about `PIECE` bytes before they are taken away.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator, Mapping
from typing import Protocol

import brotli
import zstandard

PIECE = 256 * 1024
"""Bytes made at a time."""
_ZSTD_BITE = 128
"""Bytes given to zstandard at a time: it makes all it can of them, and four can be a block of 128 KiB."""
_ZSTD_WINDOW = 8 * 1024 * 1024
"""Bytes that a decoder has to keep, at most (RFC 9659)."""


class UndecodableError(Exception):
    """The bytes are not what the header says."""


class Decoder(Protocol):
    """Bytes in one encoding to the bytes they stand for."""

    def add(self, data: bytes) -> Iterator[bytes]:
        """What the next bytes stand for, in pieces.

        Raises:
            UndecodableError: they are not in this encoding.
        """
        ...

    @property
    def complete(self) -> bool:
        """Whether the stream has come to its end."""
        ...


class _Gzip:
    """Members one after the other; what follows them is padding."""

    def __init__(self) -> None:
        self._inflate = zlib.decompressobj(16 + zlib.MAX_WBITS)
        self.complete = False

    def add(self, data: bytes) -> Iterator[bytes]:
        while data:
            if self._inflate.eof:
                if not data.startswith(b"\x1f"):
                    return
                self._inflate = zlib.decompressobj(16 + zlib.MAX_WBITS)
            yield _inflated(self._inflate, data, "gzip")
            data = self._inflate.unused_data if self._inflate.eof else self._inflate.unconsumed_tail
            self.complete = self._inflate.eof


class _Deflate:
    """With the zlib header, as the standard has it, or without, as some servers send it."""

    def __init__(self) -> None:
        self._inflate = zlib.decompressobj()
        self._begun = False

    @property
    def complete(self) -> bool:
        return self._inflate.eof

    def add(self, data: bytes) -> Iterator[bytes]:
        while data and not self._inflate.eof:
            try:
                piece = _inflated(self._inflate, data, "deflate")
            except UndecodableError:
                if self._begun:
                    raise
                self._inflate = zlib.decompressobj(-zlib.MAX_WBITS)
                piece = _inflated(self._inflate, data, "deflate")
            self._begun = True
            yield piece
            data = self._inflate.unconsumed_tail


def _inflated(inflate: zlib._Decompress, data: bytes, name: str) -> bytes:
    try:
        return inflate.decompress(data, PIECE)
    except zlib.error as error:
        raise UndecodableError(f"the body is no {name} data") from error


class _Brotli:
    def __init__(self) -> None:
        self._inflate = brotli.Decompressor()

    @property
    def complete(self) -> bool:
        return bool(self._inflate.is_finished())

    def add(self, data: bytes) -> Iterator[bytes]:
        if self.complete:
            return  # what follows the end is padding
        try:
            # It may hold back what is made, also when it says that it can take more: all is out when nothing comes.
            while piece := self._inflate.process(data, output_buffer_limit=PIECE):
                yield piece
                data = b""
        except brotli.error as error:
            raise UndecodableError("the body is no br data") from error


class _Zstd:
    """Frames one after the other."""

    def __init__(self) -> None:
        self._maker = zstandard.ZstdDecompressor(max_window_size=_ZSTD_WINDOW)
        self._inflate = self._maker.decompressobj()

    @property
    def complete(self) -> bool:
        return self._inflate.eof

    def add(self, data: bytes) -> Iterator[bytes]:
        for start in range(0, len(data), _ZSTD_BITE):
            rest = data[start : start + _ZSTD_BITE]
            while rest:
                if self._inflate.eof:
                    self._inflate = self._maker.decompressobj()
                try:
                    yield self._inflate.decompress(rest)
                except zstandard.ZstdError as error:
                    raise UndecodableError("the body is no zstd data") from error
                rest = self._inflate.unused_data if self._inflate.eof else b""


DECODERS: Mapping[str, Callable[[], Decoder]] = {
    "gzip": _Gzip,
    "x-gzip": _Gzip,
    "deflate": _Deflate,
    "br": _Brotli,
    "zstd": _Zstd,
}
