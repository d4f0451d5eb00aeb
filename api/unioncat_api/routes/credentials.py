"""Credentials of sources by JSON: they can be written and removed; no answer ever holds them."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Response

from unioncat.flow.register import CODE
from unioncat_api.deps import CatalogueDep
from unioncat_api.rights import Key, Right
from unioncat_api.routes.operate import REFUSALS
from unioncat_api.schemas.common import answer
from unioncat_api.schemas.credentials import CredentialsBody, CredentialsOut

router = APIRouter(
    prefix="/api/v1/sources/{code}/credentials",
    tags=["operators"],
    dependencies=[Depends(Key(Right.CREDENTIALS, "source"))],
    responses=REFUSALS,
)
CodePath = Annotated[str, Path(pattern=CODE)]


@router.get("", response_model=CredentialsOut)
async def show_credentials(code: CodePath, catalogue: CatalogueDep) -> Response:
    """Tell whether a source has credentials, for which server and since when."""
    return answer(CredentialsOut.standing(await catalogue.credentials(code)))


@router.put("", response_model=CredentialsOut)
async def put_credentials(code: CodePath, body: CredentialsBody, catalogue: CatalogueDep) -> Response:
    """Keep the credentials of a source, encrypted, in place of those that it had.

    They go to the scheme, host and port that the source's address has now; when that changes, set them anew.
    """
    await catalogue.save_credentials(code, body.plain())
    return answer(CredentialsOut.standing(await catalogue.credentials(code)))


@router.delete("", response_model=CredentialsOut)
async def delete_credentials(code: CodePath, catalogue: CatalogueDep) -> Response:
    """Forget the credentials of a source."""
    await catalogue.forget_credentials(code)
    return answer(CredentialsOut.standing(await catalogue.credentials(code)))
