"""People and keys by JSON, for programs whose key may `people`; who may do what is judged in the flow.

The operator's token is nobody: it invites no one and has no keys.
"""

from datetime import UTC, datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Response

from unioncat.domain.people import Right, SignedIn
from unioncat.flow.register import CODE
from unioncat_api.deps import Caller, CatalogueDep
from unioncat_api.problems import ProblemError
from unioncat_api.rights import BaseUrlDep, Key
from unioncat_api.routes.operate import REFUSALS
from unioncat_api.schemas.bodies import LARGEST
from unioncat_api.schemas.common import answer
from unioncat_api.schemas.people import (
    GrantBody,
    InvitationBody,
    InvitedListOut,
    KeyBody,
    KeyOut,
    KeysOut,
    LinkOut,
    NewKeyOut,
    PeopleOut,
    PersonOut,
)

router = APIRouter(prefix="/api/v1", tags=["people"], responses=REFUSALS)
Number = Annotated[int, Path(ge=1, le=LARGEST)]
Place = Annotated[str | None, Query(pattern=CODE, description="A library; without one, the federation.")]


async def somebody(caller: Annotated[Caller, Depends(Key(Right.PEOPLE, "anywhere"))]) -> SignedIn:
    """Give the person whose key it is. Raises a problem."""
    if caller.person is None:
        raise ProblemError(
            "forbidden",
            "The operator's token is nobody's.",
            remedy="Use a key that somebody made at /account.",
        )
    return caller.person


SomebodyDep = Annotated[SignedIn, Depends(somebody)]


@router.get("/people", response_model=PeopleOut)
async def people(catalogue: CatalogueDep, person: SomebodyDep, library: Place = None) -> Response:
    """List the people of a library, or of the whole federation."""
    found = await catalogue.people.listed(person, library)
    seen = person.places(Right.PEOPLE)
    return answer(PeopleOut(items=tuple(PersonOut.build(one, seen) for one in found)))


@router.get("/people/invitations", response_model=InvitedListOut)
async def invitations(catalogue: CatalogueDep, person: SomebodyDep, library: Place = None) -> Response:
    """List the invitations that nobody has taken up yet."""
    return answer(InvitedListOut.build(await catalogue.people.invitations(person, library)))


@router.post("/people/invitations", response_model=LinkOut, status_code=201)
async def invite_person(
    body: InvitationBody, catalogue: CatalogueDep, person: SomebodyDep, address: BaseUrlDep
) -> Response:
    """Invite somebody to a role by a one-time link, which is sent and given back."""
    link = await catalogue.people.invite(
        person, body.email, body.role, body.library, address, hands_over=body.hands_over
    )
    return answer(LinkOut(link=link), 201)


@router.delete("/people/invitations/{number}", status_code=204)
async def end_invitation(number: Number, catalogue: CatalogueDep, person: SomebodyDep) -> Response:
    """Take an invitation back."""
    await catalogue.people.end_invitation(person, number)
    return Response(status_code=204)


@router.put("/people/{number}/roles", status_code=204)
async def give_role(
    number: Number, body: GrantBody, catalogue: CatalogueDep, person: SomebodyDep
) -> Response:
    """Give somebody who is known one more role."""
    await catalogue.people.give_role(person, number, body.role, body.library)
    return Response(status_code=204)


@router.post("/people/{number}/roles/take", status_code=204)
async def take_role(
    number: Number, body: GrantBody, catalogue: CatalogueDep, person: SomebodyDep
) -> Response:
    """Take a role from somebody."""
    await catalogue.people.take_role(person, number, body.role, body.library)
    return Response(status_code=204)


@router.post("/people/{number}/let-go", status_code=204)
async def let_person_go(number: Number, catalogue: CatalogueDep, person: SomebodyDep) -> Response:
    """Let somebody go: sessions and keys end at once."""
    await catalogue.people.let_go(person, number)
    return Response(status_code=204)


@router.post("/people/{number}/bring-back", status_code=204)
async def bring_person_back(number: Number, catalogue: CatalogueDep, person: SomebodyDep) -> Response:
    """Let somebody in again who was let go."""
    await catalogue.people.bring_back(person, number)
    return Response(status_code=204)


@router.post("/people/{number}/forget-second-factor", status_code=204)
async def forget_second_factor(number: Number, catalogue: CatalogueDep, person: SomebodyDep) -> Response:
    """Take the second factor from somebody who has lost it."""
    await catalogue.people.forget_second_factor(person, number)
    return Response(status_code=204)


@router.get("/keys", response_model=KeysOut)
async def keys(catalogue: CatalogueDep, person: SomebodyDep) -> Response:
    """List one's own keys, without their secrets."""
    found = await catalogue.people.keys(person)
    return answer(KeysOut(items=tuple(KeyOut.build(one) for one in found)))


@router.post("/keys", response_model=NewKeyOut, status_code=201)
async def make_key(body: KeyBody, catalogue: CatalogueDep, person: SomebodyDep) -> Response:
    """Make a key; it never may more, nor lives longer, than the one that makes it."""
    lasts = timedelta(days=body.days)
    if person.until is not None and datetime.now(UTC) + lasts > person.until:
        raise ProblemError(
            "conflict", "The new key would outlive the one that makes it.", remedy="Give it fewer days."
        )
    made = await catalogue.people.make_key(person, body.name, body.scopes, lasts)
    return answer(NewKeyOut(key=made), 201, {"Cache-Control": "no-store"})


@router.delete("/keys/{number}", status_code=204)
async def remove_key(number: Number, catalogue: CatalogueDep, person: SomebodyDep) -> Response:
    """Remove one's own key; one that is not there, or is somebody else's, is gone as well."""
    await catalogue.people.remove_key(person, number)
    return Response(status_code=204)
