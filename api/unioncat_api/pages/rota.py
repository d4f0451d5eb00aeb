"""Putting the list of whom to ask into another order, from the page of a request."""

from collections.abc import Sequence
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import Response
from starlette.datastructures import FormData

from unioncat.store.errors import Conflict, Unknown
from unioncat_api.deps import CatalogueDep
from unioncat_api.pages import forms
from unioncat_api.pages.desk_file import file_page
from unioncat_api.pages.review import see_other
from unioncat_api.rights import LendForm
from unioncat_api.session import PageDirectoryDep

router = APIRouter(include_in_schema=False)
MOST = 500


def order_of(form: FormData) -> Sequence[str]:
    """Read an order: each library with its place, and one more behind. Raises `Conflict`."""
    found: list[tuple[int, int, str]] = []
    for line, code in enumerate(forms.chosen(form, "library")[:MOST]):
        given = forms.text_of(form, f"place-{code}", 4)
        if given and not (given.isascii() and given.isdigit()):
            raise Conflict(f"{given!r} is no place", "Number the libraries; leave out those not to be asked.")
        if given:
            found.append((int(given), line, code))
    added = forms.text_of(form, "add", 64)
    return [code for _, _, code in sorted(found)] + ([added] if added else [])


@router.post("/lending/r/{number}/rota")
async def reorder(
    request: Request, number: UUID, catalogue: CatalogueDep, person: LendForm, names: PageDirectoryDep
) -> Response:
    """Put the list of a request into another order, for a reason."""
    form = await request.form()
    try:
        await catalogue.terms.reorder(person.at_work, number, order_of(form), forms.text_of(form, "why", 500))
    except (Conflict, Unknown) as error:
        slip = f"{error}. {error.remedy}"
        return await file_page(request, catalogue, person, names, number, slip=slip, status=422)
    return see_other(f"/lending/r/{number}", done="reordered")
