"""One's own account: password, second factor, sessions, keys.

A key's secret is shown once, in the answer to the form that made it, and never again.
"""

import base64
import binascii
import json
import secrets as chance
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from fastapi import APIRouter, Request
from fastapi.responses import Response
from markupsafe import Markup

from unioncat.domain import totp
from unioncat.domain.people import SHORTEST_PASSWORD, Right
from unioncat.domain.source import Protocol
from unioncat.flow.entry import Refused
from unioncat.flow.paper.bars import qr
from unioncat.store.errors import Conflict, TooMany
from unioncat_api import session
from unioncat_api.catalogue import Catalogue
from unioncat_api.deps import CatalogueDep
from unioncat_api.pages import browsers, forms
from unioncat_api.pages.entry import HEADERS
from unioncat_api.pages.render import page, tongue
from unioncat_api.pages.review import see_other
from unioncat_api.problems import ProblemError
from unioncat_api.rights import MineDep, MineForm, SecondFactorNeeded
from unioncat_api.session import Person

router = APIRouter(include_in_schema=False)
DAYS = (30, 90, 365)


async def ask_for_second_factor(request: Request, error: Exception) -> Response:
    """Lead somebody whose role counts only with a second factor to the page where it is set up."""
    return see_other("/account/second-factor", why="needed")


async def account_page(
    request: Request,
    catalogue: Catalogue,
    person: Person,
    *,
    status: int = 200,
    complaint: str = "",
    slip: str = "",
    made: str = "",
) -> Response:
    """Show the account."""
    return page(
        request,
        "account.html",
        status=status,
        headers=HEADERS,
        person=person,
        account=person.at_work.account,
        names=await request.app.state.directories.of(person.at_work.viewer),
        counting=person.at_work.grants(),
        sessions=await catalogue.people.sessions(person.at_work),
        browser=browsers.called,
        keys=await catalogue.people.keys(person.at_work),
        identities=await catalogue.people.identities(person.at_work),
        codes_left=await catalogue.people.codes_left(person.at_work),
        scopes=[one for one in Right if person.may_somewhere(one)],
        days=DAYS,
        present=datetime.now(UTC),
        shortest=SHORTEST_PASSWORD,
        complaint=complaint,
        slip=slip,
        made=made,
        brings=[
            one
            for one in await catalogue.sources(person.at_work.viewer)
            if one.source.protocol is Protocol.FILES and person.may(Right.FILES, one.source.library)
        ],
        done=request.query_params.get("done"),
    )


@router.get("/account")
async def account(request: Request, catalogue: CatalogueDep, person: MineDep) -> Response:
    """Show one's own account."""
    return await account_page(request, catalogue, person)


@router.post("/account")
async def change(request: Request, catalogue: CatalogueDep, person: MineForm) -> Response:
    """Change the password, end other sessions, part from a provider, make or remove a key."""
    form = await request.form()
    people = catalogue.people
    word = forms.text_of(form, "word", 20)
    match word:
        case "password":
            old, new = form.get("old"), form.get("new")
            if not isinstance(old, str) or not isinstance(new, str):
                raise ProblemError("bad-request", "The form is not whole.")
            try:
                complaint = await people.change_password(person.at_work, person.token, old, new)
            except TooMany as error:
                return await account_page(request, catalogue, person, status=429, slip=error.remedy)
            if complaint:
                return await account_page(request, catalogue, person, status=422, complaint=complaint)
        case "recovery":
            try:
                codes = await people.renew_codes(person.at_work)
            except Refused:
                raise SecondFactorNeeded from None
            return codes_page(request, person, codes)
        case "end-others":
            await people.end_others(person.at_work, person.token)
        case "part":
            await people.part(person.at_work, forms.text_of(form, "issuer", 1000))
        case "key":
            days = forms.text_of(form, "days", 4)
            scopes = [Right(one) for one in form.getlist("scope") if one in list(Right)]
            lasts = timedelta(days=int(days)) if days in [str(one) for one in DAYS] else timedelta()
            try:
                made = await people.make_key(person.at_work, forms.text_of(form, "name", 80), scopes, lasts)
            except Conflict as error:
                slip = f"{error}. {error.remedy}"
                return await account_page(request, catalogue, person, status=422, slip=slip)
            return await account_page(request, catalogue, person, made=made)
        case "forget":
            password = form.get("password")
            try:
                await people.forget(person.at_work, password if isinstance(password, str) else "")
            except Conflict as error:
                slip = f"{error}. {error.remedy}"
                return await account_page(request, catalogue, person, status=409, slip=slip)
            gone = see_other("/")
            session.drop(request, gone)
            return gone
        case "remove-key":
            number = forms.text_of(form, "key", 9)
            if not (number.isascii() and number.isdigit()):
                raise ProblemError("bad-request", "The form names no key.")
            await people.remove_key(person.at_work, int(number))
        case _:
            raise ProblemError("bad-request", "The form says not what to do.")
    return see_other("/account", done=word)


@router.get("/account/data")
async def data(request: Request, catalogue: CatalogueDep, person: MineDep) -> Response:
    """Give somebody everything that is kept of him or her, as a file."""
    found = await catalogue.people.copy_of(person.at_work)
    text = json.dumps(found, ensure_ascii=False, indent=1, default=str)
    named = {"Content-Disposition": 'attachment; filename="unioncat-account.json"'}
    return Response(text, media_type="application/json", headers={**HEADERS, **named})


def factor_page(request: Request, person: Person, secret: bytes, *, refused: bool = False) -> Response:
    """Show a new secret and ask for its first code."""
    issuer = tongue(request).words.t("site.name")
    link = totp.link(secret, person.at_work.account.email, issuer)
    return page(
        request,
        "second_factor.html",
        status=422 if refused else 200,
        headers=HEADERS,
        person=person,
        account=person.at_work.account,
        secret=base64.b32encode(secret).decode(),
        typed=totp.shown(secret),
        link=link,
        code=Markup(qr(link, for_screen=True)),  # noqa: S704 - drawn here: it holds no text
        refused=refused,
        needed=request.query_params.get("why") == "needed",
    )


@router.get("/account/second-factor")
async def second_factor(request: Request, person: MineDep) -> Response:
    """Offer a new secret for the second factor; whoever has one already sees that."""
    return factor_page(request, person, chance.token_bytes(totp.SECRET_BYTES))


@router.post("/account/second-factor")
async def set_second_factor(request: Request, catalogue: CatalogueDep, person: MineForm) -> Response:
    """Keep the second factor when its first code is right; the session gets a new token."""
    form = await request.form()
    try:
        secret = base64.b32decode(forms.text_of(form, "secret", 40))
    except (binascii.Error, ValueError):
        secret = b""
    if len(secret) != totp.SECRET_BYTES:
        raise ProblemError("bad-request", "The form holds no secret.", remedy="Open the page again.")
    try:
        token, codes = await catalogue.people.set_second_factor(
            person.at_work, person.token, secret, forms.text_of(form, "code", 12)
        )
    except Refused:
        return factor_page(request, person, secret, refused=True)
    # the forms of the page belong to the session under its new token
    person = request.state.person = replace(person, csrf=session.csrf_of(token), token=token)
    response = codes_page(request, person, codes, new=True)
    session.keep(request, response, token)
    return response


def codes_page(request: Request, person: Person, codes: Sequence[str], *, new: bool = False) -> Response:
    """Show recovery codes, this once; `new` when the second factor was set up with them."""
    return page(request, "recovery.html", headers=HEADERS, person=person, codes=codes, new=new)
