"""Letters leave here: facts are gathered when a letter is sent, a link is made for it, and it goes out.

A letter that nobody is there to read is not sent. What a lender is told names no reader.
"""

import asyncio
import secrets as chance
from collections.abc import Mapping
from contextlib import suppress
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from unioncat.domain.hours import VIET_NAM
from unioncat.domain.lending import Attempt, Loan, Money, Outgoing, Request, Side, Wanted
from unioncat.domain.lending_member import Party, Way
from unioncat.domain.library import Library
from unioncat.domain.people import Role
from unioncat.flow import post
from unioncat.flow.letters import wording
from unioncat.flow.letters.wording import Letter
from unioncat.flow.services import Services
from unioncat.lending.forms import BY_LINK
from unioncat.store import (
    deliveries,
    lending_desk,
    lending_links,
    lending_parties,
    lending_requests,
    lending_supplies,
    libraries,
    people,
)
from unioncat.store.database import Connection
from unioncat.store.errors import Unknown

LASTS = timedelta(days=30)
AFTER_DUE = timedelta(days=60)
"""A link that is given while a thing is away holds so long beyond the day it is due."""
OUTBOX = "lending-outbox/"
NOBODY = ".invalid"
"""End of addresses that nobody reads (RFC 2606): no server is troubled with them, the folder keeps them."""


async def carry(services: Services, out: Outgoing, now: datetime) -> None:
    """Write a letter of the outbox and send it. Raises OSError where it should be tried again."""
    letters = []
    async with services.db.as_service() as conn:
        with suppress(Unknown):
            letters.append(await written(services, conn, out, now))
            for address in await _above(conn, out) if out.body.get("again") else ():
                if address not in {one.to for one in letters if one}:
                    letters.append(await written(services, conn, out, now, to=address))
    for letter in filter(None, letters):
        await post.send(services.settings, letter.to, letter.subject, letter.text, about=f"{OUTBOX}{out.id}")


async def _above(conn: Connection, out: Outgoing) -> list[str]:
    """Give whom to write to as well where a desk does not react: the administrators of its library."""
    code: str | None = None
    if out.to == "home" and out.request is not None:
        code = (await lending_requests.read(conn, out.request)).home
    elif out.supply is not None:
        party = await lending_parties.of_symbol(
            conn, (await lending_supplies.read(conn, out.supply)).supplier
        )
        code = party.library if party else None
    if code is None:
        return []
    return [
        one.email
        for one in await people.listed(conn, {code})
        if one.active and one.holds(Role.LIBRARY_ADMIN, code)
    ]


async def came_back(services: Services) -> int:
    """Mark the letters dead that no mail server took, so that staff see them; give how many.

    The file goes: it holds a link, and whoever has the letter sent again gets a new one.
    """
    count = 0
    for about, path in (await asyncio.to_thread(post.laid_aside, services.settings)).items():
        number = about.removeprefix(OUTBOX)
        if number == about or not (number.isascii() and number.isdigit()):
            continue
        async with services.db.as_service() as conn:
            back = await deliveries.came_back(conn, int(number), "no mail server took the letter")
        if back:
            path.unlink(missing_ok=True)
            count += 1
    return count


async def written(
    services: Services, conn: Connection, out: Outgoing, now: datetime, *, to: str = ""
) -> Letter | None:
    """Write a letter, to a given address or its own; none where nobody reads it. Raises `Unknown`."""
    template = str(out.body.get("template", wording.FALLBACK))
    base = services.settings.base_url
    if out.to == "reader":
        found = await _to_reader(conn, out, base)
    elif out.to == "home":
        found = await _to_home(conn, out, base, now)
    else:
        found = await _to_supplier(conn, out, base, now)
    if found is None or not wording.has(out.to, template if out.to == "reader" else wording.FALLBACK):
        return None
    email, facts = to or found[0], found[1]
    if out.body.get("again"):
        facts["nth"] = str(out.body.get("times", ""))
    if not email or (services.settings.smtp_url and email.casefold().endswith(NOBODY)):
        return None
    given = {name: value for name, value in out.body.items() if name != "template" and value}
    subject, text = wording.written(out.to, template, {**facts, **given})
    return Letter(email, subject, text)


async def _to_reader(conn: Connection, out: Outgoing, base: str) -> tuple[str, dict[str, Any]] | None:
    if out.request is None:
        return None
    request = await lending_requests.read(conn, out.request)
    reader = await lending_requests.reader(conn, out.request)
    if reader is None:
        return None
    reader = await lending_desk.named(conn, reader)
    facts = await _facts_of_request(conn, request)
    if reader.account is not None:
        facts["page"] = f"{base}/requests/{request.id}"
    return reader.email, facts


async def _to_home(
    conn: Connection, out: Outgoing, base: str, now: datetime
) -> tuple[str, dict[str, Any]] | None:
    if out.request is None:
        return None
    request = await lending_requests.read(conn, out.request)
    home = await lending_parties.of_library(conn, request.home)
    facts = await _facts_of_request(conn, request)
    if home.way is Way.LETTER and (Side.REQUESTER, request.state) in BY_LINK:
        facts |= await _link(conn, out, home, base, now, request.loan.due)
    elif home.way is Way.DESK:
        facts["page"] = f"{base}/lending/r/{request.id}"
    return home.email, facts


async def _to_supplier(
    conn: Connection, out: Outgoing, base: str, now: datetime
) -> tuple[str, dict[str, Any]] | None:
    if out.supply is None:
        return None
    supply = await lending_supplies.read(conn, out.supply)
    lender = await lending_parties.of_symbol(conn, supply.supplier)
    if lender is None or lender.library_id is None or supply.supplier_state is None:
        return None
    facts = await _facts_of_supply(conn, supply, lender)
    if lender.way is Way.LETTER and (Side.SUPPLIER, supply.supplier_state) in BY_LINK:
        facts |= await _link(conn, out, lender, base, now, supply.loan.due)
    elif lender.way is Way.DESK:
        facts["page"] = f"{base}/lending/r/{supply.id}"
    return lender.email, facts


async def _link(
    conn: Connection, out: Outgoing, to: Party, base: str, now: datetime, due: datetime | None
) -> dict[str, str]:
    token, until = await new_link(conn, to, now, due, request=out.request, supply=out.supply)
    return {"link": f"{base}/l/{token}", "until": day(until)}


async def new_link(
    conn: Connection,
    to: Party,
    now: datetime,
    due: datetime | None,
    *,
    request: UUID | None = None,
    supply: UUID | None = None,
) -> tuple[str, datetime]:
    """Make a one-time link to a request or a supply for a library; give its secret and its end."""
    token = chance.token_urlsafe(24)
    until = max(now + LASTS, due + AFTER_DUE) if due else now + LASTS
    if supply is not None:
        request = None
    await lending_links.add(
        conn, token, "answer", until, request=request, supply=supply, library=to.library_id
    )
    return token, until


async def _library(conn: Connection, code: str | None) -> Library | None:
    if code is None:
        return None
    return next((one for one in await libraries.all_libraries(conn) if one.code == code), None)


def _called(library: Library | None, fallback: str) -> dict[str, str]:
    if library is None:
        return {"vi": fallback, "en": fallback}
    return {"vi": library.name_vi, "en": library.name_en or library.name_vi}


async def _facts_of_request(conn: Connection, request: Request) -> dict[str, Any]:
    home = await _library(conn, request.home)
    pick_up = await _library(conn, request.pick_up) if request.pick_up else home
    attempts = await lending_supplies.of_request(conn, request.id)
    asked = await lending_parties.of_symbol(conn, attempts[-1].supplier) if attempts else None
    lender = await _library(conn, asked.library) if asked and asked.library else None
    offer = next((one.offer for one in reversed(attempts) if one.open and one.offer), None)
    return {
        **_of_wanted(request.wanted),
        **_of_loan(request.loan),
        **({"conditions": codes(offer.conditions), "cost": money(offer.cost)} if offer else {}),
        "number": request.number,
        "home": _called(home, request.home),
        "pick_up": _called(pick_up, request.home),
        "supplier": _called(lender, asked.name if asked else ""),
        "service": {one: wording.service(one, request.service) for one in wording.LANGUAGES},
        "reason": codes((request.reason,)) if request.reason else "",
        "needed_by": day(request.needed_by),
    }


async def _facts_of_supply(conn: Connection, supply: Attempt, lender: Party) -> dict[str, Any]:
    borrower = await lending_parties.of_symbol(conn, supply.requester)
    home = await _library(conn, borrower.library) if borrower and borrower.library else None
    asked = await lending_requests.read(conn, supply.request) if supply.request else None
    shelf: list[str] = []
    if supply.wanted.union_id and lender.library_id is not None:
        held = await lending_desk.shelves(conn, lender.library_id, [supply.wanted.union_id])
        shelf += [
            ", ".join(filter(None, (one.location, one.shelf_mark, *one.items[:3])))
            for one in held.get(supply.wanted.union_id, ())[:3]
        ]
    name = _called(home, borrower.name if borrower else supply.requester)
    address = home.contact.address if home else None
    return {
        **_of_wanted(supply.wanted),
        **_of_loan(supply.loan),
        "number": asked.number if asked else supply.protocol_id,
        "home": name,
        "service": {one: wording.service(one, supply.service) for one in wording.LANGUAGES},
        "needed_by": day(supply.needed_by),
        "answer_due": day(supply.answer_due),
        "note": supply.requester_note,
        "shelf": "; ".join(filter(None, shelf)),
        "address": f"{name['vi']}\n{address}" if address else name["vi"],
    }


def _of_wanted(wanted: Wanted) -> dict[str, str]:
    title = f"{wanted.component_title} // {wanted.title}" if wanted.component_title else wanted.title
    imprint = ", ".join(filter(None, (wanted.place, wanted.publisher, wanted.year, wanted.edition)))
    return {
        "title": title,
        "author": wanted.component_author or wanted.author or "",
        "imprint": imprint,
        "isbn": wanted.isbn or wanted.issn or "",
        "volume": ", ".join(filter(None, (wanted.volume, wanted.issue))),
        "pages": wanted.pages or "",
    }


def _of_loan(loan: Loan) -> dict[str, Any]:
    return {"due": day(loan.due), "cost": money(loan.cost), "conditions": codes(loan.conditions)}


def day(moment: datetime | date | None) -> str:
    """Write a day as people in Viet Nam do."""
    if moment is None:
        return ""
    local = moment.astimezone(VIET_NAM) if isinstance(moment, datetime) else moment
    return local.strftime("%d/%m/%Y")


def money(cost: Money | None) -> str:
    """Write an amount."""
    if cost is None:
        return ""
    whole, _, part = f"{cost.amount:,.2f}".partition(".")
    unit = "đ" if cost.currency == "VND" else cost.currency
    return f"{whole.replace(',', '.')}{f',{part}' if int(part) else ''} {unit}"


def codes(given: tuple[str, ...]) -> Mapping[str, str]:
    """Name codes of reasons and conditions; one without a name stands for itself."""
    return {one: ", ".join(wording.code(one, code) for code in given) for one in wording.LANGUAGES}
