"""Codes that scanners read: Code 128 for those that see lines only, QR for telephones; pure.

Many desks have a scanner of the old kind, so whatever is scanned at a desk bears lines first.
"""

import io

import segno

_WIDTHS = (
    "212222 222122 222221 121223 121322 131222 122213 122312 132212 221213 221312 231212 112232 122132 "
    "122231 113222 123122 123221 223211 221132 221231 213212 223112 312131 311222 321122 321221 312212 "
    "322112 322211 212123 212321 232121 111323 131123 131321 112313 132113 132311 211313 231113 231311 "
    "112133 112331 132131 113123 113321 133121 313121 211331 231131 213113 213311 213131 311123 311321 "
    "331121 312113 312311 332111 314111 221411 431111 111224 111422 121124 121421 141122 141221 112214 "
    "112412 122114 122411 142112 142211 241211 221114 413111 241112 134111 111242 121142 121241 114212 "
    "124112 124211 411212 421112 421211 212141 214121 412121 111143 111341 131141 114113 114311 411113 "
    "411311 113141 114131 311141 411131 211412 211214 211232 2331112"
)
PATTERNS = tuple(_WIDTHS.split())
"""Widths of bar and gap by turns of each value (ISO/IEC 15417)."""
_START_B, _STOP = 104, 106
LONGEST = 40
"""Signs of a code in lines: longer ones would not fit on a slip."""


def code128(text: str) -> tuple[int, ...]:
    """Give the widths of bars and gaps, beginning with a bar, in modules (ISO/IEC 15417, code set B).

    Raises ValueError for signs outside of ASCII, or a text that is too long.
    """
    if not text or len(text) > LONGEST or any(not " " <= one <= "~" for one in text):
        raise ValueError(f"{text!r} cannot be written in lines")
    values = [ord(one) - 32 for one in text]
    check = (_START_B + sum(place * value for place, value in enumerate(values, 1))) % 103
    return tuple(int(width) for value in (_START_B, *values, check, _STOP) for width in PATTERNS[value])


def qr(text: str, *, for_screen: bool = False) -> str:
    """Draw a QR code as SVG; a sixth of it may be soiled (level M).

    On a screen it has the quiet zone of four modules (ISO/IEC 18004) on white, and the size of its place.
    """
    memory = io.BytesIO()
    more = {"border": 4, "omitsize": True, "light": "white"} if for_screen else {"border": 0}
    segno.make(text, error="m", micro=False).save(memory, kind="svg", xmldecl=False, **more)
    return memory.getvalue().decode("ascii")
