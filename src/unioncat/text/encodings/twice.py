"""UTF-8 that was read as Western text and written as UTF-8 again, once or several times.

Only sequences that are whole letters of UTF-8 are put together; what is left alone was never broken.
"""

import re
from typing import Final

from unioncat.text.encodings.surface import SIGNS, surface, to_bytes

_MOST_LAYERS: Final = 3


def _class(first: int, last: int) -> str:
    signs = {chr(code) for code in range(first, last + 1)} | set(SIGNS[first : last + 1])
    return "[" + "".join(map(re.escape, sorted(signs))) + "]"


_TAIL = _class(0x80, 0xBF)
SEQUENCE: Final = re.compile(
    f"{_class(0xC2, 0xDF)}{_TAIL}|{_class(0xE0, 0xEF)}{_TAIL}{{2}}|{_class(0xF0, 0xF4)}{_TAIL}{{3}}"
)
"""The surface of one letter in UTF-8, read as Latin-1 or as code page 1252."""


def read_twice(text: str) -> str:
    """Undo every layer there is."""
    for _ in range(_MOST_LAYERS):
        undone = SEQUENCE.sub(_letter, text)
        if undone == text:
            break
        text = undone
    return text


def _letter(match: re.Match[str]) -> str:
    try:
        return to_bytes(match[0]).decode()
    except UnicodeDecodeError:
        return match[0]


def write_twice(text: str) -> str:
    """Read the UTF-8 of a text as code page 1252, once."""
    return surface(text.encode("utf-8", "surrogatepass"))
