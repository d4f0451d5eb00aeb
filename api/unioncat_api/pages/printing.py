"""What the desks print: facts of the chosen requests put on a sheet, as PDF. Whoever is named is logged."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from fastapi import Request
from fastapi.responses import Response

from unioncat.domain.bib import Holding
from unioncat.domain.hours import VIET_NAM
from unioncat.domain.lending import ReaderRef, Side, Step
from unioncat.flow.paper import (
    Label,
    Notice,
    PaperError,
    Slip,
    labels,
    notices,
    pressed,
    pull_list,
    slips,
)
from unioncat.store.errors import StoreError
from unioncat_api.catalogue import Catalogue
from unioncat_api.directory import Directory
from unioncat_api.lending import Line
from unioncat_api.pages import show
from unioncat_api.pages.asking import today
from unioncat_api.pages.messages import Words, load
from unioncat_api.pages.render import tongue
from unioncat_api.problems import ProblemError
from unioncat_api.rights import base_url
from unioncat_api.session import Person

PDF = "application/pdf"


async def printed(
    request: Request,
    catalogue: Catalogue,
    person: Person,
    names: Directory,
    home: str,
    side: Side,
    chosen: Mapping[UUID, int],
    sheet: str,
) -> Response:
    """Print for the chosen lines. Slips count as printed from then on."""
    words = tongue(request).words
    lines = await catalogue.lending.chosen(person.at_work, home, side, chosen)
    said = {
        key.removeprefix("paper."): words.t(key) for key in load(words.language) if key.startswith("paper.")
    }
    at = today().strftime("%d/%m/%Y %H:%M")
    if sheet in ("pull", "slips"):
        shelves = await catalogue.lending.shelves(person.at_work, home, lines)
        made = [_slip(one, shelves.get(str(one.wanted.get("union_id")), ()), names, words) for one in lines]
        data = (pull_list if sheet == "pull" else slips)(made, said, _called(home, names, words), at)
        await _note_printed(catalogue, person, lines, chosen)
    elif sheet in ("labels", "returns"):
        data = labels([_label(one, home, names, words, returns=sheet == "returns") for one in lines], said)
        sheet = "labels"
    else:
        readers = await catalogue.lending.readers(person.at_work, home, [one.id for one in lines], "notice")
        base = base_url(request)
        data = notices(
            [_notice(one, readers.get(one.id), home, names, words, base) for one in lines],
            said,
            _called(home, names, words),
        )
    try:
        body = await pressed(sheet, data)
    except PaperError as error:
        raise ProblemError("conflict", str(error), remedy=error.remedy) from None
    name = f"{sheet}-{today():%Y%m%d-%H%M}.pdf"
    headers = {"Content-Disposition": f'inline; filename="{name}"', "Cache-Control": "private, no-store"}
    return Response(body, media_type=PDF, headers=headers)


async def _note_printed(
    catalogue: Catalogue, person: Person, lines: Sequence[Line], chosen: Mapping[UUID, int]
) -> None:
    for one in lines:
        if one.side is Side.SUPPLIER and one.state == "to_pull":
            try:
                await catalogue.lending.step(person.at_work, one.id, Step.PRINT_SLIP, version=chosen[one.id])
            except StoreError:
                continue


def _called(code: str, names: Directory, words: Words) -> str:
    known = names.library(code)
    return show.called(known, words.language) if known else code


def _day(moment: datetime | None) -> str:
    return moment.astimezone(VIET_NAM).strftime("%d/%m/%Y") if moment else ""


def _slip(one: Line, held: tuple[Holding, ...], names: Directory, words: Words) -> Slip:
    wanted = one.wanted
    best = next((here for here in held if here.status == "available"), held[0] if held else Holding())
    imprint = (wanted.get("place"), wanted.get("publisher"), wanted.get("year"))
    volume = (wanted.get("volume"), wanted.get("issue"), wanted.get("pages"))
    return Slip(
        code=one.number,
        title=one.title,
        author=wanted.get("component_author") or wanted.get("author") or "",
        imprint=", ".join(filter(None, imprint)),
        volume=", ".join(filter(None, volume)),
        location=best.location or "",
        shelf_mark=best.shelf_mark or "",
        item=", ".join(best.items[:3]),
        borrower=_called(one.other, names, words),
        service=words.value("lend_service", one.service),
        needed_by=one.needed_by.strftime("%d/%m/%Y") if one.needed_by else "",
    )


def _label(one: Line, home: str, names: Directory, words: Words, *, returns: bool) -> Label:
    ours, theirs = names.library(home), names.library(one.other)
    return Label(
        code=one.number,
        sender=_called(home, names, words),
        sender_address=(ours.contact.address or "") if ours else "",
        receiver=_called(one.other, names, words),
        receiver_address=(theirs.contact.address or "") if theirs else "",
        receiver_phone=(theirs.contact.phone or "") if theirs else "",
        title=one.title,
        due="" if returns else _day(one.due),
        returns=returns,
    )


def _notice(
    one: Line, reader: ReaderRef | None, home: str, names: Directory, words: Words, base: str
) -> Notice:
    return Notice(
        code=one.number,
        reader=in_short(reader) or one.number,
        title=one.title,
        pick_up=_called(home, names, words),
        due=_day(one.due),
        owner=_called(one.other, names, words) if one.other else "",
        address=f"{base}/lending/r/{one.id}",
    )


def in_short(reader: ReaderRef | None) -> str:
    """Name a reader as one may on a shelf where everybody walks by: the end of the card, else nothing."""
    return f"…{reader.card[-4:]}" if reader is not None and reader.card else ""
