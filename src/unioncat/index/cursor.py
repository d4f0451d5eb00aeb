"""Where the next page of one search begins, as an opaque text.

A cursor is good for the very search that gave it; with any other it is refused, never guessed at.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NotBase64
from hashlib import blake2b

import msgspec

from unioncat.index.prepare import Asked, BadQuery

LONGEST_CURSOR = 2_000


class BadCursor(BadQuery):
    """The cursor is damaged, or belongs to another search."""


class Place(msgspec.Struct, frozen=True, array_like=True):
    """Where a page begins.

    `offset`: hits before it. `group`: place of the first hit that has the score of the last one before.
    `score`: that score, where the group is too long to be put in order. `anchor`: the engine's own mark.
    `loose`: slips of the pen are forgiven in this list.
    """

    offset: int = 0
    group: int = 0
    score: float | None = None
    anchor: str = ""
    loose: bool = False


class _Cursor(msgspec.Struct, frozen=True, array_like=True):
    print: bytes
    place: Place


def encode(asked: Asked, place: Place) -> str:
    """Write `place` in the answer to `asked`."""
    data = msgspec.msgpack.encode(_Cursor(fingerprint(asked), place))
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def decode(asked: Asked, cursor: str | None) -> Place:
    """Read the place; no cursor is the beginning. Raises `BadCursor`."""
    if not cursor:
        return Place()
    if len(cursor) > LONGEST_CURSOR:
        raise BadCursor("the cursor is damaged: search again from the first page")
    try:
        read = msgspec.msgpack.decode(urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)), type=_Cursor)
    except (msgspec.MsgspecError, NotBase64, ValueError) as error:
        raise BadCursor("the cursor is damaged: search again from the first page") from error
    place = read.place
    if read.print != fingerprint(asked):
        raise BadCursor("the cursor belongs to another search: search again from the first page")
    if not 0 <= place.group <= place.offset:
        raise BadCursor("the cursor is damaged: search again from the first page")
    return place


def fingerprint(asked: Asked) -> bytes:
    """Tell searches apart: everything but the size of the page counts, the viewer's audiences too."""
    return blake2b(repr(asked).encode(), digest_size=8).digest()
