"""The federation's side of joining: who waits, everything about one applicant, and the decision.

What approval makes is shown before, field by field, and can be put right.
"""

from typing import Any
from urllib.parse import urlsplit

from fastapi import APIRouter, Request
from fastapi.responses import Response
from pydantic import ValidationError
from starlette.datastructures import FormData

from unioncat.domain.library import Level, LibraryType
from unioncat.domain.licence import LONGEST_WORDS, LicenceCode
from unioncat.domain.quality import group_of
from unioncat.domain.registration import Registration
from unioncat.domain.registration import RegistrationState as State
from unioncat.domain.software import BY_CODE
from unioncat.domain.source import Protocol
from unioncat.flow.approval import Proposal
from unioncat.flow.register import ContactIn, LibraryIn, ParentIn, SourceIn
from unioncat.flow.registration import Shown
from unioncat.normalise import PROFILES
from unioncat.store.errors import StoreError, Unknown
from unioncat_api.deps import CatalogueDep, DirectoriesDep
from unioncat_api.directory import Directory
from unioncat_api.pages import forms
from unioncat_api.pages.join import places
from unioncat_api.pages.render import page
from unioncat_api.pages.review import PRIVATE, see_other
from unioncat_api.problems import ProblemError
from unioncat_api.rights import RegistrarDep, RegistrarForm
from unioncat_api.session import PageDirectoryDep, Person

router = APIRouter(include_in_schema=False)
SHOWN = 200
ENDED = (State.APPROVED, State.REFUSED, State.WITHDRAWN)


@router.get("/federation")
async def home() -> Response:
    """Lead to the registrations."""
    return see_other("/federation/registrations")


@router.get("/federation/registrations")
async def registrations(
    request: Request, catalogue: CatalogueDep, person: RegistrarDep, names: PageDirectoryDep
) -> Response:
    """List who waits for the federation, who was asked back, and the latest decisions."""
    joining = catalogue.onboarding
    return page(
        request,
        "registrations.html",
        headers=PRIVATE,
        person=person,
        names=names,
        software=BY_CODE,
        counts=await joining.counts(),
        waiting=await joining.listed((State.WAITING,), SHOWN),
        returned=await joining.listed((State.RETURNED,), SHOWN),
        ended=await joining.listed(ENDED, 20),
        State=State,
        done=request.query_params.get("done"),
    )


async def one_page(
    request: Request,
    catalogue: CatalogueDep,
    person: Person,
    names: Directory,
    found: Shown,
    *,
    wanted: Proposal | None = None,
    fault: str = "",
    status: int = 200,
) -> Response:
    """Show one registration with what approval would make of it."""
    registration = found.registration
    known = await catalogue.sources(await catalogue.operator())
    decidable = registration.state in (State.WAITING, State.RETURNED)
    if wanted is None and decidable and registration.facts is not None:
        wanted = await catalogue.onboarding.propose(registration.id)
    return page(
        request,
        "registration.html",
        status=status,
        headers=PRIVATE,
        person=person,
        shown=found,
        one=registration,
        found=registration.appraisal,
        software=BY_CODE.get(registration.software),
        wanted=wanted,
        decidable=decidable,
        fault=fault,
        names=names,
        places=places(names),
        types=list(LibraryType),
        levels=list(Level),
        audiences=await catalogue.audiences(),
        profiles=sorted(PROFILES),
        protocols=list(Protocol),
        licences=tuple(LicenceCode),
        longest_words=LONGEST_WORDS,
        twins=[one.source.code for one in known if same_host(one.source.address, registration)],
        group_of=group_of,
        State=State,
        done=request.query_params.get("done"),
    )


@router.get("/federation/registrations/{number}")
async def one(
    request: Request, number: int, catalogue: CatalogueDep, person: RegistrarDep, names: PageDirectoryDep
) -> Response:
    """Show one registration."""
    return await one_page(request, catalogue, person, names, await read(catalogue, number))


def same_host(address: str, registration: Registration) -> bool:
    """Tell whether a source is at the host that an applicant named."""
    named = registration.appraisal.address if registration.appraisal else registration.address
    mine = urlsplit(named if "://" in named else f"//{named}").hostname if named else None
    return mine is not None and urlsplit(address).hostname == mine


async def read(catalogue: CatalogueDep, number: int) -> Shown:
    """Give a registration. Raises a problem where there is none."""
    if not 0 < number < 2**31:
        raise ProblemError("not-found", "There is no such registration.")
    return await catalogue.onboarding.read(number)


@router.post("/federation/registrations/{number}")
async def decide(
    request: Request,
    number: int,
    catalogue: CatalogueDep,
    person: RegistrarForm,
    names: PageDirectoryDep,
    directories: DirectoriesDep,
) -> Response:
    """Approve, ask back, or refuse."""
    found = await read(catalogue, number)
    form = await request.form()
    word, text = forms.text_of(form, "word", 20), forms.text_of(form, "text", 4000)
    wanted: Proposal | None = None
    try:
        if word == "ask":
            await catalogue.onboarding.ask_back(number, text, by=person.name)
        elif word == "refuse":
            await catalogue.onboarding.refuse(number, text, by=person.name)
        elif word == "approve":
            wanted = proposal(form, found)
            await catalogue.onboarding.approve(number, wanted, by=person.name)
            directories.forget()
        else:
            raise ProblemError("bad-request", "The form names no decision.")
    except ValidationError as error:
        first = error.errors()[0]
        slip = f"{'.'.join(str(part) for part in first['loc'])}: {first['msg']}"
        return await one_page(request, catalogue, person, names, found, fault=slip, status=422)
    except Unknown as error:
        return await one_page(
            request,
            catalogue,
            person,
            names,
            found,
            wanted=wanted,
            fault=f"{error}. {error.remedy}",
            status=422,
        )
    except StoreError as error:
        slip = f"{error}. {error.remedy}"
        return await one_page(request, catalogue, person, names, found, wanted=wanted, fault=slip, status=409)
    said = {"ask": "asked", "refuse": "refused", "approve": "approved"}[word]
    if wanted is not None and (wanted.source is None or wanted.source.protocol is Protocol.FILES):
        said = "approved_files"
    return see_other("/federation/registrations", done=said)


def proposal(form: FormData, found: Shown) -> Proposal:
    """Read what shall be made of an applicant. Raises ValidationError."""

    def text(name: str, longest: int = 500) -> str:
        return forms.text_of(form, name, longest)

    audience = text("audience", 64)
    facts = found.registration.facts
    contact = facts.contact if facts else None
    library = LibraryIn(
        code=text("code", 64),
        name_vi=text("name_vi"),
        name_en=text("name_en") or text("name_vi"),
        type=LibraryType(text("type")) if text("type") in list(LibraryType) else LibraryType.PUBLIC,
        level=Level(text("level")) if text("level") in list(Level) else Level.UNIT,
        province=text("province") or None,
        parents=[ParentIn(code=text("parent"))] if text("parent") else [],
        groups=[part for part in text("groups").replace(",", " ").split() if part],
        contact=ContactIn(
            email=contact.email if contact else None,
            phone=contact.phone if contact else None,
            address=contact.address if contact else None,
            website=contact.website if contact else None,
        ),
        audience=audience,
    )
    return Proposal(library, _source(form, library), _branches(form, library), _suggestions(form, found))


def _source(form: FormData, library: LibraryIn) -> SourceIn | None:
    address = forms.text_of(form, "source_address", 600)
    if not address:
        return None
    every = forms.text_of(form, "every", 8)
    least = forms.text_of(form, "min_records", 10)
    values: dict[str, Any] = {
        "code": library.code,
        "library": library.code,
        "protocol": forms.text_of(form, "protocol", 20) or Protocol.OAI_PMH,
        "address": address,
        "format": forms.text_of(form, "format", 64) or "auto",
        "set": forms.text_of(form, "set", 300) or None,
        "every_minutes": int(every) if every.isascii() and every.isdigit() else 1440,
        "hours": forms.text_of(form, "hours", 20) or None,
        "profile": forms.text_of(form, "profile", 64) or "marc21",
        "audience": library.audience,
        "licence": {
            "code": forms.text_of(form, "licence", 20) or LicenceCode.UNKNOWN,
            "words": forms.text_of(form, "licence_words", LONGEST_WORDS),
        },
    }
    if least.isascii() and least.isdigit():
        values["assertions"] = {"min_records": int(least)}
    return SourceIn(**values)


def _branches(form: FormData, library: LibraryIn) -> tuple[tuple[str, LibraryIn], ...]:
    """Read the branches: three fields for each, as they stand on the page."""
    columns = [forms.chosen(form, f"branch_{name}") for name in ("value", "code", "name")]
    return tuple(
        (
            value,
            library.model_copy(
                update={
                    "code": LibraryIn.model_validate({**library.model_dump(), "code": code.strip()}).code,
                    "name_vi": name.strip() or code,
                    "name_en": name.strip() or code,
                    "parents": [ParentIn(code=library.code)],
                    "contact": ContactIn(),
                }
            ),
        )
        for value, code, name in zip(*columns, strict=False)
        if code.strip()
    )


def _suggestions(form: FormData, found: Shown) -> tuple[Any, ...]:
    seen = found.registration.appraisal
    wanted = set(forms.chosen(form, "suggestion"))
    return tuple(one for place, one in enumerate(seen.suggestions if seen else ()) if str(place) in wanted)
