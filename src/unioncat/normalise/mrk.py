r"""MARC as lines of text: `=245  10$aTitle`, as editors of records write them.

A backslash stands for a blank, `{dollar}` for a dollar sign. A line without a tag belongs to the one before.
"""

import re
from collections.abc import Iterator

from unioncat.normalise.record import DataField, MarcRecord, Unreadable, tidy_leader

_START = re.compile(r"=([0-9A-Za-z]{3})(?: {1,2}|\t|$)")
_MNEMONIC = re.compile(r"\{([A-Za-z0-9]{2,12})\}")
_SIGNS = {
    "dollar": "$",
    "lcub": "{",
    "rcub": "}",
    "bsol": "\\",
    "Dstrok": "Đ",
    "dstrok": "đ",
    "Ohorn": "Ơ",
    "ohorn": "ơ",
    "Uhorn": "Ư",
    "uhorn": "ư",
}
# Marks stand before their letter, as in MARC-8.
_MARKS = {
    "acute": "\u0301",
    "grave": "\u0300",
    "hooka": "\u0309",
    "hook": "\u0309",
    "tilde": "\u0303",
    "dotb": "\u0323",
    "circ": "\u0302",
    "breve": "\u0306",
    "macr": "\u0304",
    "uml": "\u0308",
    "caron": "\u030c",
    "hacek": "\u030c",
    "ring": "\u030a",
    "cedil": "\u0327",
}


def decode_lines(payload: bytes) -> MarcRecord:
    """Decode one record. Raises `Unreadable` where there is no field."""
    text, flags = text_of(payload)
    leader = ""
    controls: list[tuple[str, str]] = []
    fields: list[DataField] = []
    for tag, rest in lines(text):
        if tag in ("LDR", "000"):
            leader = rest.replace("\\", " ")
        elif tag < "010" and "$" not in rest:
            controls.append((tag, _plain(rest.replace("\\", " "))))
        else:
            head, *parts = rest.split("$")
            ind = head.replace("\\", " ").ljust(2)
            subfields = tuple([(part[0], _plain(part[1:])) for part in parts if part])
            if subfields:
                fields.append((tag, ind[0], ind[1], subfields))
    if not controls and not fields:
        raise Unreadable(
            "lines-no-fields",
            "No line of the record begins with a tag (=245). Ask the library for the record again.",
        )
    leader, mended = tidy_leader(leader)
    if mended:
        flags += ("leader-repaired",)
    return MarcRecord(leader, tuple(controls), tuple(fields), flags)


def text_of(payload: bytes) -> tuple[str, tuple[str, ...]]:
    """Decode the bytes of lines, and say what was odd; bytes of another encoding stay one character each."""
    try:
        return payload.decode("utf-8-sig"), ()
    except UnicodeDecodeError:
        return payload.decode("latin-1"), ("encoding-invalid",)


def lines(text: str) -> Iterator[tuple[str, str]]:
    """Give tag and content of each field; lines without a tag are joined to the one before."""
    tag = ""
    content: list[str] = []
    for line in text.replace("\r", "\n").split("\n"):
        if start := _START.match(line):
            if tag:
                yield tag, " ".join(content)
            tag, content = start[1].upper(), [line[start.end() :]]
        elif line.strip():
            content.append(line.strip())
    if tag:
        yield tag, " ".join(content)


def _plain(text: str) -> str:
    """Put characters for mnemonics; a mark that stands before no letter, and what is not known, stays."""
    if "{" not in text:
        return text
    found: list[str] = []
    marks: list[str] = []
    for at, piece in enumerate(_MNEMONIC.split(text)):
        if at % 2 and piece in _MARKS:
            marks.append(piece)
            continue
        sign = _SIGNS.get(piece, f"{{{piece}}}") if at % 2 else piece
        if marks and sign:
            if sign[0].isalpha():
                sign = sign[0] + "".join([_MARKS[name] for name in marks]) + sign[1:]
            else:
                found += [f"{{{name}}}" for name in marks]
            marks = []
        found.append(sign)
    return "".join([*found, *[f"{{{name}}}" for name in marks]])
