"""What libraries' systems said to each other, message by message, and what could not be delivered.

Staff see the messages of their own libraries only; each look at a whole message is logged.
"""

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from unioncat.domain.partner import Said
from unioncat.domain.people import Right
from unioncat.flow.letters import wording
from unioncat.lending.iso18626 import shown
from unioncat_api.deps import CatalogueDep
from unioncat_api.pages import forms
from unioncat_api.pages.asking import desk_of
from unioncat_api.pages.entry import HEADERS
from unioncat_api.pages.render import page, tongue
from unioncat_api.pages.review import see_other
from unioncat_api.problems import ProblemError
from unioncat_api.rights import LendDep, LendForm
from unioncat_api.session import PageDirectoryDep, Person

router = APIRouter(include_in_schema=False)
LISTED = 50
LARGEST = 2**62


def places(person: Person) -> frozenset[str] | None:
    """Name the libraries whose messages somebody may see; none stands for all."""
    return person.at_work.places(Right.LEND)


def looked_at(request: Request, person: Person, home: str) -> frozenset[str] | None:
    """Name the libraries whose messages are asked for: one's own desks', or the one desk that is named."""
    return frozenset({home}) if request.query_params.get("library") else places(person)


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
async def messages(
    request: Request, catalogue: CatalogueDep, person: LendDep, names: PageDirectoryDep
) -> Response:
    """List messages: all that one may see, or those about one request."""
    asked = request.query_params
    about, partner = asked.get("request", "").strip()[:200], asked.get("partner", "").strip()[:40]
    home = desk_of(asked.get("library", ""), person, names)
    found = await catalogue.exchange.said(
        looked_at(request, person, home),
        request=about,
        partner=partner,
        before=number_of(asked.get("before", "")),
    )
    return page(
        request,
        "messages.html",
        headers=HEADERS,
        person=person,
        names=names,
        home=home,
        said=found,
        about=about,
        partner=partner,
        older=found[-1].id if len(found) == LISTED else None,
    )


@router.get("/lending/messages/{number}")
async def message(
    request: Request, number: str, catalogue: CatalogueDep, person: LendDep, names: PageDirectoryDep
) -> Response:
    """Show one message: its lines, its answer, its bytes."""
    account = person.at_work.account
    said = await catalogue.exchange.message(needed(number), places(person), account.email)
    return page(
        request,
        "message.html",
        headers=HEADERS,
        person=person,
        names=names,
        home=desk_of("", person, names),
        said=said,
        **_parts(said),
    )


def _parts(said: Said) -> dict[str, Any]:
    return {
        "lines": shown.lines(said.body) if said.body else (),
        "source": shown.source(said.body) if said.body else "",
        "answer_lines": shown.lines(said.answer) if said.answer else (),
        "answer_source": shown.source(said.answer) if said.answer else "",
    }


@router.get("/lending/undelivered")
async def undelivered(
    request: Request, catalogue: CatalogueDep, person: LendDep, names: PageDirectoryDep
) -> Response:
    """List what is late, dead, or was answered with an error: messages and letters."""
    home = desk_of(request.query_params.get("library", ""), person, names)
    return page(
        request,
        "undelivered.html",
        headers=HEADERS,
        person=person,
        names=names,
        home=home,
        waiting=await catalogue.exchange.undelivered(looked_at(request, person, home)),
        desk=lambda one: next((id_ for code, id_ in one.about if person.may(Right.LEND, code)), None),
        letter=lambda one: wording.subject(tongue(request).words.language, one.to, one.kind),
        done=request.query_params.get("done") == "1",
    )


@router.post("/lending/undelivered/{number}/resend")
async def resend(number: str, request: Request, catalogue: CatalogueDep, person: LendForm) -> Response:
    """Have a message or a letter sent once more."""
    library = forms.text_of(await request.form(), "library", 64)
    account = person.at_work.account
    await catalogue.exchange.resend(needed(number), places(person), account.email)
    return see_other("/lending/undelivered", library=library, done=1)
