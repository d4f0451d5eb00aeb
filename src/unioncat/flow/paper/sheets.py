"""What stands on each sheet, as data for typst: bounded, cleaned of signs that change how text runs; pure.

Words come from the caller, in the language of the sheet; facts of catalogues and people are cut to fit.
"""

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from unioncat.flow.paper.bars import code128, qr
from unioncat.text import sort_key

MOST = 500
"""Requests on one print."""
_LONG, _SHORT = 240, 90


@dataclass(frozen=True, slots=True)
class Slip:
    """One item to be fetched from its shelf."""

    code: str
    """What a scanner gives back: the number of the request."""
    title: str
    author: str = ""
    imprint: str = ""
    volume: str = ""
    location: str = ""
    shelf_mark: str = ""
    item: str = ""
    borrower: str = ""
    service: str = ""
    needed_by: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Label:
    """An address on a parcel."""

    code: str
    sender: str
    sender_address: str
    receiver: str
    receiver_address: str
    receiver_phone: str = ""
    title: str = ""
    due: str = ""
    returns: bool = False
    """Whether it goes home."""


@dataclass(frozen=True, slots=True)
class Notice:
    """What lies in an item on the shelf for collection: nobody is named in full where all walk by."""

    code: str
    reader: str
    title: str
    pick_up: str
    until: str = ""
    due: str = ""
    owner: str = ""
    conditions: str = ""
    address: str = ""
    """Of the request's own page, for the QR code."""


def plain(text: str, longest: int = _LONG) -> str:
    """Give text for paper: composed, in one line, without signs that are not seen or turn its direction."""
    kept = "".join(
        " " if one in "\n\r\t\u2028\u2029" else one
        for one in unicodedata.normalize("NFC", text)
        if one in "\n\r\t\u2028\u2029" or unicodedata.category(one)[0] != "C"
    )
    words = " ".join(kept.split())
    return words if len(words) <= longest else words[: longest - 1].rstrip() + "…"


def lines(text: str) -> list[str]:
    """Give an address line by line."""
    return [plain(one, _SHORT) for one in text.split("\n") if one.strip()][:8]


def _bars(code: str) -> list[int]:
    try:
        return list(code128(code))
    except ValueError:
        return []


def _slip(one: Slip) -> dict[str, Any]:
    return {
        "code": plain(one.code, 40),
        "bars": _bars(one.code),
        "title": plain(one.title),
        "author": plain(one.author, _SHORT),
        "imprint": plain(one.imprint, _SHORT),
        "volume": plain(one.volume, _SHORT),
        "location": plain(one.location, _SHORT),
        "shelf_mark": plain(one.shelf_mark, _SHORT),
        "item": plain(one.item, _SHORT),
        "borrower": plain(one.borrower, _SHORT),
        "service": plain(one.service, _SHORT),
        "needed_by": plain(one.needed_by, 30),
        "note": plain(one.note),
    }


def in_order(given: Iterable[Slip]) -> list[Slip]:
    """Order slips as one walks: by location, then along the shelf."""
    return sorted(given, key=lambda one: (sort_key(one.location), sort_key(one.shelf_mark), one.code))


def pull_list(given: Sequence[Slip], words: Mapping[str, str], library: str, printed: str) -> dict[str, Any]:
    """List what is to be fetched, by location."""
    walk = in_order(given[:MOST])
    return {
        "words": dict(words),
        "library": plain(library, _SHORT),
        "printed": printed,
        "places": [
            {"name": plain(place, _SHORT), "slips": [_slip(one) for one in there]}
            for place, there in groupby(walk, key=lambda one: one.location)
        ],
    }


def slips(given: Sequence[Slip], words: Mapping[str, str], library: str, printed: str) -> dict[str, Any]:
    """Make the slips that go along with the items, in the order of the walk."""
    return {
        "words": dict(words),
        "library": plain(library, _SHORT),
        "printed": printed,
        "slips": [_slip(one) for one in in_order(given[:MOST])],
    }


def labels(given: Sequence[Label], words: Mapping[str, str]) -> dict[str, Any]:
    """Make labels for parcels."""
    return {
        "words": dict(words),
        "labels": [
            {
                "code": plain(one.code, 40),
                "bars": _bars(one.code),
                "sender": plain(one.sender, _SHORT),
                "sender_address": lines(one.sender_address),
                "receiver": plain(one.receiver, _SHORT),
                "receiver_address": lines(one.receiver_address),
                "receiver_phone": plain(one.receiver_phone, 40),
                "title": plain(one.title, _SHORT),
                "due": plain(one.due, 30),
                "returns": one.returns,
            }
            for one in given[:MOST]
        ],
    }


def notices(given: Sequence[Notice], words: Mapping[str, str], library: str) -> dict[str, Any]:
    """Make what lies in items that wait for their readers."""
    return {
        "words": dict(words),
        "library": plain(library, _SHORT),
        "notices": [
            {
                "code": plain(one.code, 40),
                "bars": _bars(one.code),
                "qr": qr(one.address or one.code),
                "reader": plain(one.reader, 40),
                "title": plain(one.title),
                "pick_up": plain(one.pick_up, _SHORT),
                "until": plain(one.until, 30),
                "due": plain(one.due, 30),
                "owner": plain(one.owner, _SHORT),
                "conditions": plain(one.conditions),
            }
            for one in given[:MOST]
        ],
    }
