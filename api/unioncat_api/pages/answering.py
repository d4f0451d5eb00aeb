"""The page behind a one-time link in a letter: what is asked, and the few buttons that fit, without account.

It leaks nothing: no referrer, no other site, nothing kept by caches; false, used, ended links answer alike.
"""

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from unioncat.lending.filled import read_filled
from unioncat.lending.forms import FIELDS, NEEDED
from unioncat.store.errors import Conflict, Unknown
from unioncat_api.catalogue import Catalogue
from unioncat_api.deps import CatalogueDep
from unioncat_api.directory import Directory
from unioncat_api.pages import forms
from unioncat_api.pages.asking import today
from unioncat_api.pages.desk import Codes, given_of, step_of
from unioncat_api.pages.entry import SECRET
from unioncat_api.pages.render import page, tongue
from unioncat_api.problems import ProblemError
from unioncat_api.session import PageDirectoryDep

router = APIRouter(include_in_schema=False)
LONGEST = 64


def no_link() -> ProblemError:
    """Answer for a link that does not hold, whatever the reason."""
    return ProblemError(
        "not-found",
        "This link does not hold.",
        remedy="Links work once and for some time. A new letter brings a new one.",
        headers=SECRET,
    )


async def _page(
    request: Request, catalogue: Catalogue, names: Directory, token: str, *, slip: str = "", status: int = 200
) -> Response:
    try:
        found = await catalogue.lending.opened(token) if len(token) <= LONGEST else None
    except Unknown:
        found = None
    if found is None:
        raise no_link()
    return page(
        request,
        "answer.html",
        status=status,
        headers=SECRET,
        names=names,
        found=found,
        wanted=found.wanted,
        fields={one: FIELDS.get((found.side, one), ()) for one in found.steps},
        needed={one: NEEDED.get((found.side, one), ()) for one in found.steps},
        codes=Codes,
        today=today().date().isoformat(),
        slip=slip,
        done=request.query_params.get("done", ""),
    )


@router.get("/l/{token}")
async def look(request: Request, token: str, catalogue: CatalogueDep, names: PageDirectoryDep) -> Response:
    """Show what a link opens; looking does not use it up."""
    return await _page(request, catalogue, names, token)


@router.post("/l/{token}")
async def answer(request: Request, token: str, catalogue: CatalogueDep, names: PageDirectoryDep) -> Response:
    """Do one step; the link is used up, and leads to the next one where something is left to do."""
    form = await request.form()
    step = step_of(forms.text_of(form, "step", 40))
    words = tongue(request).words
    try:
        found = await catalogue.lending.opened(token[: LONGEST + 1])
    except Unknown:
        raise no_link() from None
    filled = read_filled(found.side, step, given_of(form), today().date())
    if filled.faults:
        slip = "; ".join(
            f"{words.t(f'step_field.{name}')}: {words.t(f'step_field.fault_{fault}')}"
            for name, fault in filled.faults.items()
        )
        return await _page(request, catalogue, names, token, slip=slip, status=422)
    try:
        after = await catalogue.lending.answer(token, step, filled.facts, filled.why)
    except Unknown:
        raise no_link() from None
    except Conflict as error:
        return await _page(request, catalogue, names, token, slip=f"{error}. {error.remedy}", status=409)
    if after is not None:
        return RedirectResponse(f"/l/{after}?done={step}", 303, SECRET)
    return page(request, "answered.html", headers=SECRET, done=step, side=found.side)
