"""What libraries' systems said to each other, message by message, and what could not be delivered.

Staff see the messages of their own libraries only; each look at a whole message is logged.
"""

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from unioncat.domain.partner import Said
from unioncat.domain.people import Right
from unioncat.lending.iso18626 import shown
from unioncat_api.deps import CatalogueDep
from unioncat_api.pages.entry import HEADERS
from unioncat_api.pages.render import page
from unioncat_api.pages.review import see_other
from unioncat_api.problems import ProblemError
from unioncat_api.rights import LendDep, LendForm
from unioncat_api.session import Person

router = APIRouter(include_in_schema=False)
LISTED = 50
LARGEST = 2**62


def places(person: Person) -> frozenset[str] | None:
    """Name the libraries whose messages somebody may see; none stands for all."""
    return person.at_work.places(Right.LEND)


def number_of(text: str) -> int | None:
    """Read a number out of an address."""
    return int(text) if text.isascii() and text.isdigit() and int(text[:19]) < LARGEST else None


def needed(text: str) -> int:
    """Read a number that an address must have. Raises a problem."""
    number = number_of(text)
    if number is None:
        raise ProblemError("not-found", "There is no such message.")
    return number


@router.get("/lending/messages")
async def messages(request: Request, catalogue: CatalogueDep, person: LendDep) -> Response:
    """List messages: all that one may see, or those about one request."""
    asked = request.query_params
    about, partner = asked.get("request", "").strip()[:200], asked.get("partner", "").strip()[:40]
    found = await catalogue.exchange.said(
        places(person), request=about, partner=partner, before=number_of(asked.get("before", ""))
    )
    return page(
        request,
        "messages.html",
        headers=HEADERS,
        person=person,
        said=found,
        about=about,
        partner=partner,
        older=found[-1].id if len(found) == LISTED else None,
    )


@router.get("/lending/messages/{number}")
async def message(request: Request, number: str, catalogue: CatalogueDep, person: LendDep) -> Response:
    """Show one message: its lines, its answer, its bytes."""
    account = person.at_work.account
    said = await catalogue.exchange.message(needed(number), places(person), account.email)
    return page(request, "message.html", headers=HEADERS, person=person, said=said, **_parts(said))


def _parts(said: Said) -> dict[str, Any]:
    return {
        "lines": shown.lines(said.body) if said.body else (),
        "source": shown.source(said.body) if said.body else "",
        "answer_lines": shown.lines(said.answer) if said.answer else (),
        "answer_source": shown.source(said.answer) if said.answer else "",
    }


@router.get("/lending/undelivered")
async def undelivered(request: Request, catalogue: CatalogueDep, person: LendDep) -> Response:
    """List what is late, dead, or was answered with an error."""
    return page(
        request,
        "undelivered.html",
        headers=HEADERS,
        person=person,
        waiting=await catalogue.exchange.undelivered(places(person)),
        done=request.query_params.get("done") == "1",
    )


@router.post("/lending/undelivered/{number}/resend")
async def resend(number: str, catalogue: CatalogueDep, person: LendForm) -> Response:
    """Have a message sent once more."""
    account = person.at_work.account
    await catalogue.exchange.resend(needed(number), places(person), account.email)
    return see_other("/lending/undelivered?done=1")
