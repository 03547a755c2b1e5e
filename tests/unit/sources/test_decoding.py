"""Content encodings: undone in any pieces, bounded whatever they unfold to, and never half a body."""

from __future__ import annotations

import gzip
import os
import zlib
from collections.abc import Callable

import brotli
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from tocsin.sources.decoding import ACCEPTED, Body, TooLargeError, UndecodableError

TEXT = "The ferry to Port Alder was late again. Паром опоздал. ".encode() * 40
ENCODERS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "deflate": zlib.compress,
    "br": brotli.compress,
    "zstd": zstandard.compress,
    "identity": bytes,
}
COMPRESSING = sorted(set(ENCODERS) - {"identity"})
LIMIT = 1_000_000


def decoded(encoding: str, data: bytes, *, step: int = 65_536, limit: int = LIMIT) -> bytes:
    body = Body(encoding=encoding, limit=limit)
    for start in range(0, len(data), step):
        body.add(data[start : start + step])
    return body.done()


def encoded(encoding: str, data: bytes) -> bytes:
    for name in encoding.split(", "):
        data = ENCODERS[name](data)
    return data


def test_what_is_asked_for_is_what_can_be_read() -> None:
    assert set(ACCEPTED.split(", ")) == set(COMPRESSING)


@pytest.mark.parametrize("first", ENCODERS)
@pytest.mark.parametrize("second", ENCODERS)
@pytest.mark.parametrize("step", [1, 65_536])
def test_encodings_on_top_of_each_other_are_undone_in_order(first: str, second: str, step: int) -> None:
    assert decoded(f"{first}, {second}", encoded(f"{first}, {second}", TEXT), step=step) == TEXT


@given(data=st.binary(max_size=5000), step=st.integers(1, 700), encoding=st.sampled_from(COMPRESSING))
def test_no_piece_of_any_size_is_lost(data: bytes, step: int, encoding: str) -> None:
    assert decoded(encoding, encoded(encoding, data), step=step) == data


@pytest.mark.parametrize("encoding", COMPRESSING)
def test_bytes_that_do_not_shrink_come_out_whole(encoding: str) -> None:
    data = os.urandom(900_000)
    assert decoded(encoding, encoded(encoding, data)) == data


@pytest.mark.parametrize(
    "encoding", ["GZIP", " gzip ", "x-gzip", "gzip, identity", "identity,gzip,", "gzip, none", "utf-8, gzip"]
)
def test_the_header_is_read_as_servers_write_it(encoding: str) -> None:
    assert decoded(encoding, gzip.compress(TEXT)) == TEXT


def test_members_and_frames_one_after_the_other_are_one_body() -> None:
    assert decoded("gzip", gzip.compress(TEXT) + gzip.compress(b"end"), step=7) == TEXT + b"end"
    assert decoded("zstd", zstandard.compress(TEXT) + zstandard.compress(b"end"), step=7) == TEXT + b"end"


def test_padding_behind_a_gzip_body_is_no_harm() -> None:
    assert decoded("gzip", gzip.compress(TEXT) + bytes(100)) == TEXT


def test_deflate_is_read_without_its_header_too() -> None:
    assert decoded("deflate", zlib.compress(TEXT)[2:-4]) == TEXT


@pytest.mark.parametrize("encoding", COMPRESSING)
@pytest.mark.parametrize("lost", [1, 5, 20])
def test_a_cut_off_body_is_refused(encoding: str, lost: int) -> None:
    with pytest.raises(UndecodableError, match="cut off"):
        decoded(encoding, encoded(encoding, TEXT)[:-lost])


@pytest.mark.parametrize("encoding", COMPRESSING)
@pytest.mark.parametrize("step", [1, 65_536])
def test_a_body_that_is_not_what_it_says_is_refused(encoding: str, step: int) -> None:
    with pytest.raises(UndecodableError, match=f"no {encoding} data"):
        decoded(encoding, b"<rss version='2.0'><channel/></rss>" * 9, step=step)


@pytest.mark.parametrize("encoding", [*COMPRESSING, "gzip, br", "gzip, zstd", "gzip, gzip"])
def test_a_bomb_ends_at_the_limit(encoding: str) -> None:
    bomb = encoded(encoding, bytes(30_000_000))
    assert len(bomb) < 40_000
    body = Body(encoding=encoding, limit=LIMIT)
    with pytest.raises(TooLargeError, match="1,000,000 bytes"):
        body.add(bomb)
    assert len(body._made) <= LIMIT


def test_what_unfolds_before_it_shrinks_again_is_a_bomb_too() -> None:
    """Inside the outer encoding is a huge gzip file of little: what lies between counts."""
    inner = gzip.compress(b"little") + bytes(30_000_000)
    with pytest.raises(TooLargeError):
        decoded("gzip, br", brotli.compress(inner, quality=1))


def test_endless_padding_ends_at_the_limit() -> None:
    with pytest.raises(TooLargeError):
        decoded("gzip", gzip.compress(b"little") + bytes(2_000_000))


def test_a_frame_that_wants_a_huge_window_is_refused() -> None:
    huge = zstandard.ZstdCompressionParameters(window_log=27)
    data = zstandard.ZstdCompressor(compression_params=huge).compress(os.urandom(9_000_000))
    with pytest.raises(UndecodableError):
        decoded("zstd", data, limit=20_000_000)


@pytest.mark.parametrize("encoding", ["compress", "gzip, sdch", "br\x00", "gzip; q=1"])
def test_what_was_not_asked_for_is_refused(encoding: str) -> None:
    with pytest.raises(UndecodableError, match="was not asked for"):
        Body(encoding=encoding, limit=LIMIT)


def test_three_encodings_on_top_of_each_other_are_refused() -> None:
    with pytest.raises(UndecodableError, match="3 content encodings"):
        Body(encoding="gzip, gzip, gzip", limit=LIMIT)


@pytest.mark.parametrize("encoding", ENCODERS)
def test_nothing_is_nothing_in_any_encoding(encoding: str) -> None:
    assert decoded(encoding, b"") == b""
