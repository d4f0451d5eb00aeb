"""The packing list of a consignment, as data for typst: what is in the box, its way, room to sign; pure."""

from collections.abc import Mapping
from typing import Any

from unioncat.domain.consignment import Consignment, Kind
from unioncat.flow.paper.bars import code128
from unioncat.flow.paper.sheets import plain
from unioncat.lending.consignment import Tally

MOST_LINES = 2000


def packing_list(
    one: Consignment, tallies: tuple[Tally, ...], words: Mapping[str, str], owner: str, printed: str
) -> dict[str, Any]:
    """Write what stands on the sheet; words come from the caller, in the language of the sheet."""
    return {
        "words": dict(words),
        "number": one.number,
        "bars": list(code128(one.number)),
        "title": plain(one.title),
        "owner": plain(owner),
        "donor": plain(one.donor),
        "gift": one.kind is Kind.GIFT,
        "term": " – ".join(f"{day:%d/%m/%Y}" for day in (one.first, one.last) if day),
        "note": plain(one.note, 1000),
        "printed": printed,
        "copies": one.copies,
        "value": _dots(sum(item.copies * item.value for item in one.items)),
        "stops": [
            {"name": plain(stop.name), "until": f"{stop.leave_by:%d/%m/%Y}" if stop.leave_by else ""}
            for stop in one.stops
        ],
        "items": [
            {
                "title": plain(item.title),
                "author": plain(item.author),
                "barcode": plain(item.barcode, 40),
                "copies": item.copies,
                "value": _dots(item.value),
                "missing": tally.missing,
                "damaged": tally.damaged,
            }
            for item, tally in zip(one.items[:MOST_LINES], tallies, strict=False)
        ],
    }


def _dots(amount: int) -> str:
    """Write đồng as they are written in Viet Nam; nothing for nothing."""
    return f"{amount:,}".replace(",", ".") if amount else ""
