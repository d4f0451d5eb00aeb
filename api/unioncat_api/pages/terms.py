"""A library's terms of lending: what it lends to whom, when it is closed, whom it does not ask or serve.

Whoever lends there sees them; changing them takes the right to close requests, which the library's
administrator has. Agreements belong to the federation.
"""

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response
from pydantic import BaseModel, ValidationError
from starlette.datastructures import FormData

from unioncat.domain.bib import Material
from unioncat.domain.lending import Service, ServiceLevel
from unioncat.domain.lending_policy import Avoids, Delivery, OpenTo
from unioncat.domain.library import GroupMode, LibraryType
from unioncat.domain.people import Right
from unioncat.flow.reach import ReachIn
from unioncat.flow.terms import AgreementIn, AvoidanceIn, ClosureIn, ParticipantIn, PolicyIn
from unioncat.store.errors import StoreError
from unioncat_api.deps import CatalogueDep
from unioncat_api.pages import forms
from unioncat_api.pages.render import page
from unioncat_api.pages.review import PRIVATE, see_other
from unioncat_api.problems import ProblemError
from unioncat_api.rights import LenderDep, LendTermsForm, MembersDep, MembersForm
from unioncat_api.session import PageDirectoryDep, PageViewerDep, Person

router = APIRouter(include_in_schema=False)
NUMBERS = (
    *("loan_days", "renewals", "renewal_days", "max_open_lent", "max_open_each"),
    *("cost_loan", "cost_copy", "cost_page", "max_open_reader", "last_resort"),
)
TICKS = ("lends", "copies", "borrows", "reading_room_only", "mediated")
LISTS = ("types", "levels", "delivery", "materials_kept")
LINES = ("locations_kept", "conditions")
DONE = ("policy", "reach", "close", "open", "reopen", "avoid", "meet", "agreement", "end")


def policy_in(form: FormData) -> dict[str, Any]:
    """Read what the form of a policy says; numbers that are missing are left to the defaults."""
    values: dict[str, Any] = {name: bool(form.get(name)) for name in TICKS}
    values |= {name: list(forms.chosen(form, name)) for name in LISTS}
    for name in LINES:
        text = forms.text_of(form, name, 20_000)
        values[name] = [line.strip() for line in text.split("\n") if line.strip()]
    for name in NUMBERS:
        given = forms.text_of(form, name, 12).replace(".", "").replace(" ", "")
        if given:
            values[name] = given
    values["open_to"] = forms.text_of(form, "open_to", 20)
    values["restricted_to"] = forms.text_of(form, "restricted_to", 64) or None
    return values


def reach_in(form: FormData) -> ReachIn:
    """Read how a library wants to be reached. Raises ValidationError."""
    values: dict[str, Any] = {name: forms.text_of(form, name, 300) for name in ("way", "email")}
    days = forms.text_of(form, "answer_days", 4)
    values |= {"answer_days": days} if days else {}
    return ReachIn.model_validate(values | {"two_approvals": bool(form.get("two_approvals"))})


def slip_of(error: ValidationError | StoreError) -> str:
    """Say in one line what is wrong."""
    if isinstance(error, StoreError):
        return f"{error}. {error.remedy}"
    first = error.errors()[0]
    return f"{'.'.join(str(part) for part in first['loc'])}: {first['msg']}"


async def terms_page(
    request: Request,
    code: str,
    catalogue: CatalogueDep,
    person: Person,
    names: PageDirectoryDep,
    *,
    given: BaseModel | None = None,
    slip: str = "",
    status: int = 200,
) -> Response:
    """Show a library's terms."""
    found = await catalogue.terms.of(code)
    return page(
        request,
        "terms.html",
        status=status,
        headers=PRIVATE,
        person=person,
        names=names,
        code=code,
        terms=found,
        policy=given or PolicyIn.of(found.policy),
        reach=await catalogue.terms.reach(code),
        may=person.may(Right.LEND_CLOSE, code),
        places_last=person.may(Right.MEMBERS),
        types=list(LibraryType),
        levels=list(ServiceLevel),
        deliveries=list(Delivery),
        materials=list(Material),
        open_to=list(OpenTo),
        sides=list(Avoids),
        slip=slip,
        done=request.query_params.get("done"),
    )


@router.get("/lending/libraries/{code}/terms")
async def terms(
    request: Request, code: str, catalogue: CatalogueDep, person: LenderDep, names: PageDirectoryDep
) -> Response:
    """Show a library's terms of lending."""
    return await terms_page(request, code, catalogue, person, names)


@router.post("/lending/libraries/{code}/terms")
async def change_terms(
    request: Request,
    code: str,
    catalogue: CatalogueDep,
    person: LendTermsForm,
    names: PageDirectoryDep,
    viewer: PageViewerDep,
) -> Response:
    """Change a library's policy, its closed days, or its do-not-route list."""
    form = await request.form()
    word, by = forms.text_of(form, "word", 20), person.at_work.account.email
    asked = catalogue.terms
    try:
        if word == "policy":
            places_last = person.may(Right.MEMBERS)
            await asked.set_policy(code, PolicyIn(**policy_in(form)), by, places_last=places_last)
        elif word == "reach":
            await asked.set_reach(code, reach_in(form), by)
        elif word in ("close", "open"):
            await asked.save(by, closure=closure_in(form, code, opens=word == "open"))
        elif word == "reopen":
            await asked.reopen(code, number_of(form), by)
        elif word == "avoid":
            line = {name: forms.text_of(form, name, 500) for name in ("other", "side", "reason")}
            days = {name: forms.text_of(form, name, 10) or None for name in ("valid_from", "valid_to")}
            wanted = AvoidanceIn.model_validate({"library": code} | line | days)
            await asked.save(by, avoid=wanted, viewer=viewer)
        elif word == "meet":
            await asked.meet_again(code, number_of(form), by)
        else:
            raise ProblemError("bad-request", "The form says not what to do.")
    except (ValidationError, StoreError) as error:
        slip = slip_of(error)
        return await terms_page(request, code, catalogue, person, names, slip=slip, status=422)
    return see_other(f"/lending/libraries/{code}/terms", done=word)


def closure_in(form: FormData, library: str | None, *, opens: bool) -> ClosureIn:
    """Read closed days out of a form. Raises ValidationError."""
    start = forms.text_of(form, "start", 10)
    end = forms.text_of(form, "end", 10) or start
    values = {"start": start, "end": end, "library": library, "open": opens}
    return ClosureIn.model_validate(values | {"why": forms.text_of(form, "why", 300)})


def number_of(form: FormData) -> int:
    """Read the number of a row. Raises a problem."""
    given = forms.text_of(form, "number", 9)
    if not (given.isascii() and given.isdigit()):
        raise ProblemError("bad-request", "The form names no row.")
    return int(given)


async def agreements_page(
    request: Request,
    catalogue: CatalogueDep,
    person: Person,
    names: PageDirectoryDep,
    viewer: PageViewerDep,
    *,
    slip: str = "",
    status: int = 200,
) -> Response:
    """Show all agreements, and the days that hold for all."""
    return page(
        request,
        "agreements.html",
        status=status,
        headers=PRIVATE,
        person=person,
        names=names,
        agreements=await catalogue.terms.agreements(viewer),
        closures_list=[one for one in await catalogue.terms.closures() if one.library is None],
        forms=list(GroupMode),
        audiences=await catalogue.audiences(),
        slip=slip,
        done=request.query_params.get("done"),
    )


@router.get("/lending/agreements")
async def agreements(
    request: Request,
    catalogue: CatalogueDep,
    person: MembersDep,
    names: PageDirectoryDep,
    viewer: PageViewerDep,
) -> Response:
    """Show the agreements between libraries and groups."""
    return await agreements_page(request, catalogue, person, names, viewer)


@router.post("/lending/agreements")
async def change_agreements(
    request: Request,
    catalogue: CatalogueDep,
    person: MembersForm,
    names: PageDirectoryDep,
    viewer: PageViewerDep,
) -> Response:
    """Save an agreement or end one; close or open all libraries on some days."""
    form = await request.form()
    word, by = forms.text_of(form, "word", 20), person.at_work.account.email
    asked = catalogue.terms
    try:
        if word == "agreement":
            await asked.save(by, agreement=agreement_in(form))
        elif word == "end":
            last = ClosureIn.model_validate(
                {name: forms.text_of(form, "last", 10) for name in ("start", "end")}
            )
            await asked.end_agreement(forms.text_of(form, "code", 64), last.end, by)
        elif word in ("close", "open"):
            await asked.save(by, closure=closure_in(form, None, opens=word == "open"))
        elif word == "reopen":
            await asked.reopen(None, number_of(form), by)
        else:
            raise ProblemError("bad-request", "The form says not what to do.")
    except (ValidationError, StoreError) as error:
        slip = slip_of(error)
        return await agreements_page(request, catalogue, person, names, viewer, slip=slip, status=422)
    return see_other("/lending/agreements", done=word)


def agreement_in(form: FormData) -> AgreementIn:
    """Read an agreement out of a form. Raises ValidationError."""
    texts = {
        name: forms.text_of(form, name, 2000) for name in ("code", "name_vi", "form", "document", "note")
    }
    parts = [one for one in forms.text_of(form, "parties", 20_000).replace(",", " ").split() if one]
    values: dict[str, Any] = {
        **texts,
        "name_en": forms.text_of(form, "name_en", 300) or texts["name_vi"],
        "participants": [
            ParticipantIn(group=one[1:-1]) if one.startswith("[") else ParticipantIn(library=one)
            for one in parts
        ],
        "valid_from": forms.text_of(form, "valid_from", 10),
        "valid_to": forms.text_of(form, "valid_to", 10) or None,
        "services": [one for one in (Service.LOAN, Service.COPY) if form.get(one)],
        "cost": forms.text_of(form, "cost", 12).replace(".", "") or None,
        "audience": forms.text_of(form, "audience", 64) or "public",
    }
    return AgreementIn.model_validate(values)
