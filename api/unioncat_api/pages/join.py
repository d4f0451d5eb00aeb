"""A library joins: it says what software it uses, sees what was found, tells what it is, and follows its way.

An applicant has no account: who holds the private link may see and say what belongs to it. No cache and no
search engine keeps these pages.
"""

import hmac
from ipaddress import IPv6Address, ip_address
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from unioncat.domain.audience import ANONYMOUS
from unioncat.domain.library import Level, LibraryType
from unioncat.domain.onboarding import Expected
from unioncat.domain.quality import group_of
from unioncat.domain.registration import OPEN, RegistrationState, Wish
from unioncat.domain.software import ALL, BY_CODE, AddressError, Software, Way
from unioncat.domain.source import RunState
from unioncat.flow.quality import MemberReport
from unioncat.flow.registration import Shown
from unioncat.store.errors import Conflict, StoreError, TooMany, Unknown
from unioncat_api.deps import CatalogueDep, DirectoryDep
from unioncat_api.directory import Directory, filed
from unioncat_api.pages import forms
from unioncat_api.pages.forms import Sent
from unioncat_api.pages.render import page
from unioncat_api.pages.review import see_other
from unioncat_api.problems import ProblemError

router = APIRouter(include_in_schema=False)
PRIVATE = {"Cache-Control": "private, no-store", "Referrer-Policy": "no-referrer", "X-Robots-Tag": "noindex"}
REFRESH = 3
"""Seconds between looks at a look that is under way."""
LEVELS = tuple(level for level in Level if level is not Level.DISTRICT)
"""Levels that a library can have today; the district level ended on 2025-07-01."""


def origin(request: Request) -> bytes | None:
    """Hash the network that a request comes from, with a key of ours; of IPv6 the first half names it."""
    if request.client is None:
        return None
    try:
        address = ip_address(request.client.host)
    except ValueError:
        network = request.client.host
    else:
        network = str(int(address) >> 64) if isinstance(address, IPv6Address) else str(address)
    key = hmac.digest(request.app.state.operator_token.encode(), b"unioncat origin", "sha256")
    return hmac.digest(key, network.encode(), "sha256")[:16]


def places(names: Directory) -> dict[str, Any]:
    """Give the provinces of today by key, in the order of their names."""
    today = [one for one in names.provinces.values() if one.valid_to is None or one.valid_to >= names.day]
    return {one.key: one for one in sorted(today, key=lambda one: filed(one.name_vi))}


@router.get("/join")
async def start(request: Request, catalogue: CatalogueDep) -> Response:
    """Ask what software the library uses."""
    secret = request.query_params.get("invite", "")[:100]
    invited = await catalogue.onboarding.invited(secret) if secret else None
    return page(
        request,
        "join_start.html",
        headers=PRIVATE if secret else None,
        software=ALL,
        invited=invited,
        secret=secret if invited else "",
        stale=bool(secret) and invited is None,
    )


def ask(
    request: Request,
    software: Software,
    *,
    address: str = "",
    fault: str = "",
    status: int = 200,
    secret: str = "",
    invited: Expected | None = None,
) -> Response:
    """Ask for the address of the catalogue, or say how files come."""
    return page(
        request,
        "join_address.html",
        status=status,
        headers=PRIVATE if secret else None,
        software=software,
        address=address,
        fault=fault,
        secret=secret,
        invited=invited,
        Way=Way,
    )


@router.get("/join/new")
async def new(request: Request, catalogue: CatalogueDep) -> Response:
    """Ask for what this software needs."""
    software = BY_CODE.get(request.query_params.get("software", ""))
    if software is None:
        return see_other("/join")
    secret = request.query_params.get("invite", "")[:100]
    invited = await catalogue.onboarding.invited(secret) if secret else None
    return ask(request, software, secret=secret if invited else "", invited=invited)


@router.post("/join/new")
async def begin(request: Request, catalogue: CatalogueDep) -> Response:
    """Begin a registration and have the catalogue looked at."""
    form = await request.form()
    software = BY_CODE.get(forms.text_of(form, "software", 40))
    if software is None:
        raise ProblemError("bad-request", "The form names no software.")
    address, secret = forms.text_of(form, "address", 600), forms.text_of(form, "invite", 100)
    if forms.text_of(form, "without", 10):
        address = ""
    try:
        if not address and software.way is Way.WEB:
            raise AddressError("missing")
        token = await catalogue.onboarding.begin(
            software.code, address, origin=origin(request), invitation=secret
        )
    except AddressError as error:
        return ask(
            request, software, address=address, fault=f"join.address_{error.code}", status=422, secret=secret
        )
    except TooMany:
        return ask(request, software, address=address, fault="join.too_many", status=429, secret=secret)
    return see_other(f"/join/r/{token}")


async def mine(catalogue: CatalogueDep, token: str) -> Shown:
    """Give the registration of a link. Raises a problem where there is none."""
    found = await catalogue.onboarding.shown(token) if 20 <= len(token) <= 60 else None
    if found is None:
        raise ProblemError("not-found", "There is no registration behind this link.")
    return found


async def way(
    request: Request,
    catalogue: CatalogueDep,
    names: Directory,
    token: str,
    *,
    sent: Sent | None = None,
    fault: str = "",
    status: int = 200,
) -> Response:
    """Show how far a registration is, and what comes next."""
    found = await mine(catalogue, token)
    registration = found.registration
    report: MemberReport | None = None
    run = None
    library = names.library(registration.library) if registration.library else None
    comes = bool(registration.source and registration.address)
    if library is not None:
        report = await catalogue.onboarding.report(ANONYMOUS, library.code)
        known = {one.source.code: one for one in await catalogue.sources(ANONYMOUS)}
        run = known[registration.source].last if registration.source in known else None
        comes = comes and (run is None or run.state is RunState.RUNNING)
    return page(
        request,
        "join.html",
        status=status,
        headers=PRIVATE,
        shown=found,
        one=registration,
        found=registration.appraisal,
        software=BY_CODE.get(registration.software),
        token=token,
        all_software=ALL,
        sent=sent or forms.written(registration.facts),
        fault=fault,
        fresh=sent is not None,
        places=places(names),
        names=names,
        types=list(LibraryType),
        levels=LEVELS,
        wishes=list(Wish),
        open=registration.state in OPEN,
        State=RegistrationState,
        step=step(found),
        library=library,
        run=run,
        report=report,
        group_of=group_of,
        refresh=REFRESH if found.looking or comes else 0,
        access=await catalogue.onboarding.access(registration),
        done=request.query_params.get("done"),
    )


def step(found: Shown) -> int:
    """Give the step at which a registration stands: 2 the look, 3 the facts, 4 waiting, 5 a member."""
    state = found.registration.state
    if state is RegistrationState.DRAFT:
        return 2 if found.looking else 3
    return 5 if state is RegistrationState.APPROVED else 4


@router.get("/join/r/{token}")
async def follow(request: Request, token: str, catalogue: CatalogueDep, names: DirectoryDep) -> Response:
    """Show a registration to who holds its link."""
    return await way(request, catalogue, names, token)


@router.post("/join/r/{token}/look")
async def look(request: Request, token: str, catalogue: CatalogueDep, names: DirectoryDep) -> Response:
    """Look at another place, another set, or once more."""
    form = await request.form()
    try:
        await catalogue.onboarding.look_again(
            token,
            software=forms.text_of(form, "software", 40),
            address=forms.text_of(form, "address", 600),
            part=forms.text_of(form, "set", 300),
        )
    except AddressError as error:
        return await way(request, catalogue, names, token, fault=f"join.address_{error.code}", status=422)
    except TooMany:
        return await way(request, catalogue, names, token, fault="join.too_many", status=429)
    except (Unknown, Conflict) as error:
        raise closed(error) from error
    return see_other(f"/join/r/{token}")


def closed(error: StoreError) -> ProblemError:
    """Say that a registration takes nothing more; nothing about any other."""
    if isinstance(error, Unknown):
        return ProblemError("not-found", "There is no registration behind this link.")
    return ProblemError("conflict", str(error), remedy=error.remedy)


@router.post("/join/r/{token}/send")
async def send(request: Request, token: str, catalogue: CatalogueDep, names: DirectoryDep) -> Response:
    """Hand the registration in."""
    facts, sent = forms.read_facts(await request.form(), places(names))
    if facts is None:
        return await way(request, catalogue, names, token, sent=sent, status=422)
    try:
        await catalogue.onboarding.send(token, facts)
    except TooMany:
        return await way(request, catalogue, names, token, sent=sent, fault="join.too_many", status=429)
    except (Unknown, Conflict) as error:
        raise closed(error) from error
    return see_other(f"/join/r/{token}", done="sent")


@router.post("/join/r/{token}/reply")
async def reply(request: Request, token: str, catalogue: CatalogueDep) -> Response:
    """Answer the federation."""
    text = forms.text_of(await request.form(), "text", 4000)
    try:
        if text:
            await catalogue.onboarding.reply(token, text)
    except (Unknown, Conflict) as error:
        raise closed(error) from error
    return see_other(f"/join/r/{token}", done="replied" if text else "empty")


@router.post("/join/r/{token}/account")
async def account(request: Request, token: str, catalogue: CatalogueDep, names: DirectoryDep) -> Response:
    """Open the account of a library that was admitted: by letter, or where there is none at once."""
    email = forms.text_of(await request.form(), "email", 254)
    try:
        link = await catalogue.onboarding.ask_account(token, email)
    except TooMany:
        return await way(request, catalogue, names, token, fault="join.letter_just_sent", status=429)
    except Conflict:
        return await way(request, catalogue, names, token, fault="join.address_wrong_mail", status=409)
    except Unknown as error:
        raise closed(error) from error
    return see_other(f"/link/{link}") if link else see_other(f"/join/r/{token}", done="letter")


@router.post("/join/r/{token}/withdraw")
async def withdraw(token: str, catalogue: CatalogueDep) -> Response:
    """Take the registration back."""
    try:
        await catalogue.onboarding.withdraw(token)
    except (Unknown, Conflict) as error:
        raise closed(error) from error
    return see_other(f"/join/r/{token}")
