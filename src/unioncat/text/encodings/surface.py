"""How bytes of an old encoding look when a program reads them as Western text: the surface of a text.

Every byte has exactly one sign here (code page 1252, its five gaps and the control bytes as Latin-1), so
bytes and surface can be turned into each other without loss.
"""

import re
from typing import Final


def _sign(code: int) -> str:
    try:
        return bytes((code,)).decode("cp1252")
    except UnicodeDecodeError:
        return chr(code)


SIGNS: Final = "".join(map(_sign, range(256)))
"""The sign of each byte."""

_CODES: Final = {chr(code): code for code in range(256)} | {sign: code for code, sign in enumerate(SIGNS)}
_TO_LATIN1: Final = {ord(sign): code for code, sign in enumerate(SIGNS) if ord(sign) != code}


def surface(data: bytes) -> str:
    """Read bytes as Western text; never fails."""
    return data.decode("latin-1").translate(_TO_SIGNS)


_TO_SIGNS: Final = {code: sign for code, sign in enumerate(SIGNS) if ord(sign) != code}


def to_bytes(text: str) -> bytes:
    """Give the bytes behind a surface; raises UnicodeEncodeError for a sign that no byte has."""
    return text.translate(_TO_LATIN1).encode("latin-1")


def both_views(table: dict[int, str]) -> dict[int, str]:
    """Make a table of bytes one for `str.translate`, whichever way the bytes were read."""
    return {ord(sign): letter for code, letter in table.items() for sign in (chr(code), SIGNS[code])}


def code(sign: str) -> int | None:
    """Give the byte behind a sign, if there is one."""
    return _CODES.get(sign)


_BEYOND: Final = re.compile(
    "[^" + re.escape("".join(sorted(set(SIGNS) | set(map(chr, range(256)))))) + "\u2212]"
)


def beyond(text: str) -> bool:
    """Tell whether a text holds a sign that no byte leaves: it is Unicode, at least in part."""
    return _BEYOND.search(text) is not None
