"""Packing of domain objects and payloads into bytea columns: JSON by field names, compressed by zstd.

A record is small: what it is made of (names of fields, tags, frequent words) stands in a dictionary beside
this module. What was written with it can be read with nothing else, so it never changes; what was written
before there was one is read as well. `tests.support.dictionary` made it out of the sample records (decision
0011).
"""

import hashlib
import threading
from collections.abc import Sequence
from importlib.resources import files
from typing import Any, Final, TypeVar

import msgspec
import zstandard

T = TypeVar("T")
DICTIONARY: Final = zstandard.ZstdCompressionDict(
    files("unioncat.store").joinpath("codec.zdict").read_bytes()
)


class _Own(threading.local):
    """Each thread's own: one of these may not be used by two at a time."""

    def __init__(self) -> None:
        self.compressor = zstandard.ZstdCompressor(level=3, dict_data=DICTIONARY)
        self.compress = self.compressor.compress
        self.decompress = zstandard.ZstdDecompressor(dict_data=DICTIONARY).decompress


_own = _Own()
_encode = msgspec.json.Encoder().encode
_decoders: dict[type, msgspec.json.Decoder[object]] = {}

MAX_UNPACKED = 512 * 1024 * 1024


def pack(value: object) -> bytes:
    """Turn a domain object into compressed JSON."""
    return _own.compress(_encode(value))


def unpack(data: bytes, kind: type[T]) -> T:
    """Turn bytes made by `pack` back into a `kind`; raises msgspec.ValidationError on another shape."""
    decoder = _decoders.get(kind)
    if decoder is None:
        decoder = _decoders[kind] = msgspec.json.Decoder(kind)
    return decoder.decode(_own.decompress(data, max_output_size=MAX_UNPACKED))  # type: ignore[return-value]


def squeeze(payload: bytes) -> bytes:
    """Compress bytes as received."""
    return _own.compress(payload)


def squeeze_all(payloads: Sequence[bytes]) -> list[bytes]:
    """Do what `squeeze` does to many payloads; other threads of Python go on meanwhile."""
    if not any(payloads):
        return [squeeze(payload) for payload in payloads]
    made = _own.compressor.multi_compress_to_buffer([*payloads])
    return [made[place].tobytes() for place in range(len(made))]


def expand(data: bytes) -> bytes:
    """Give back the bytes as received."""
    return _own.decompress(data, max_output_size=MAX_UNPACKED)


def digest(payload: bytes) -> bytes:
    """Hash of a payload, 16 bytes."""
    return hashlib.blake2b(payload, digest_size=16).digest()


def record_number(source_code: str, local_id: str) -> int:
    """Number of a record: 63 bits out of its source's code and local id, the same on every machine."""
    raw = hashlib.blake2b(f"{source_code}\0{local_id}".encode(), digest_size=8).digest()
    return int.from_bytes(raw, "big") >> 1


def plain(value: object) -> Any:
    """Turn dataclasses, moments and bytes inside into JSON that PostgreSQL can keep."""
    return _sound(msgspec.to_builtins(value))


def _sound(value: Any) -> Any:
    """Cut NUL out of all text, and halves of signs that UTF-8 cannot write."""
    if isinstance(value, str):
        return value.replace("\0", "").encode("utf-8", "replace").decode("utf-8")
    if isinstance(value, dict):
        return {_sound(key): _sound(item) for key, item in value.items()}
    return [_sound(item) for item in value] if isinstance(value, (list, tuple)) else value
