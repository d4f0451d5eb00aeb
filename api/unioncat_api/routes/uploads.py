"""Files that libraries bring, as JSON: bring one, look at its preview, correct, accept, reject, undo.

The body of the request is the file itself; what it is, is told by its content.
"""

import tempfile
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Query, Request, Response

from unioncat.domain.source import RunMode
from unioncat.flow.register import CODE
from unioncat_api.deps import CallerDep, CatalogueDep
from unioncat_api.pages.messages import words
from unioncat_api.pages.uploads import WORKBOOK, attachment, say
from unioncat_api.problems import ProblemError
from unioncat_api.rights import Key, Right
from unioncat_api.routes.operate import REFUSALS
from unioncat_api.schemas.common import answer
from unioncat_api.schemas.upload import CorrectionBody, LineOut, LinesOut, UploadOut
from unioncat_api.uploading import Uploading

router = APIRouter(prefix="/api/v1", tags=["operators"], responses=REFUSALS)
OF_SOURCE = [Depends(Key(Right.FILES, "source"))]
OF_UPLOAD = [Depends(Key(Right.FILES, "upload"))]
CodePath = Annotated[str, Path(pattern=CODE)]
NumberPath = Annotated[UUID, Path(description="Number of the upload.")]
BY = "operator"
IN_MEMORY = 1024 * 1024
FILE_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    }
}


async def described(
    uploads: Uploading, number: UUID, status: int = 200, headers: dict[str, str] | None = None
) -> Response:
    """Answer with an upload as it stands."""
    standing = await uploads.show(number)
    return answer(UploadOut.standing(standing, uploads.columns(standing.upload)), status, headers)


def steered(mode: RunMode | None) -> RunMode | None:
    """Refuse a mode that no file can have."""
    if mode is RunMode.RECONCILE:
        raise ProblemError("invalid-parameter", "mode: a file is `full` or `incremental`.")
    return mode


@router.post(
    "/sources/{code}/uploads",
    dependencies=OF_SOURCE,
    response_model=UploadOut,
    status_code=202,
    openapi_extra=FILE_BODY,
)
async def upload_file(
    request: Request,
    code: CodePath,
    catalogue: CatalogueDep,
    caller: CallerDep,
    name: Annotated[str, Query(max_length=200, description="Name of the file, for people.")] = "file",
    mode: Annotated[
        RunMode, Query(description="`full`: the file holds everything; `incremental`: it adds and changes.")
    ] = RunMode.FULL,
) -> Response:
    """Bring a file of a source; it is read in the background, and waits for its preview to be accepted."""
    with tempfile.SpooledTemporaryFile(max_size=IN_MEMORY) as body:
        async for piece in request.stream():
            body.write(piece)
        made = await catalogue.uploads.receive(code, name, steered(mode) or mode, caller.signs(BY), body)
    return await described(catalogue.uploads, made.id, 202, {"Location": f"/api/v1/uploads/{made.id}"})


@router.get("/uploads/{id}", dependencies=OF_UPLOAD, response_model=UploadOut)
async def upload(id: NumberPath, catalogue: CatalogueDep) -> Response:
    """Give an upload: how far it is, and its preview."""
    return await described(catalogue.uploads, id, headers={"Cache-Control": "no-store"})


@router.put("/uploads/{id}/correction", dependencies=OF_UPLOAD, response_model=UploadOut, status_code=202)
async def correct_upload(id: NumberPath, body: CorrectionBody, catalogue: CatalogueDep) -> Response:
    """Read a file again with what you know better than the guess."""
    await catalogue.uploads.correct(id, body.correction(), steered(body.mode))
    return await described(catalogue.uploads, id, 202)


@router.get("/uploads/{id}/lines", dependencies=OF_UPLOAD, response_model=LinesOut)
async def upload_lines(
    id: NumberPath,
    catalogue: CatalogueDep,
    after: Annotated[int, Query(ge=-1, le=2**31 - 1)] = -1,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> Response:
    """List what should be mended, record by record."""
    await catalogue.uploads.show(id)
    found = await catalogue.uploads.lines(id, limit=limit, after=after)
    return answer(LinesOut(items=tuple(LineOut.numbered(position, line) for position, line in found)))


@router.get(
    "/uploads/{id}/errors.xlsx",
    dependencies=OF_UPLOAD,
    response_class=Response,
    responses={200: {"content": {WORKBOOK: {"schema": {"type": "string", "format": "binary"}}}}},
)
async def upload_errors(
    id: NumberPath,
    catalogue: CatalogueDep,
    lang: Annotated[str, Query(pattern="^(vi|en)$", description="Language of the reasons.")] = "vi",
) -> Response:
    """Give what should be mended as a workbook: correct it and bring it back as an addition."""
    standing = await catalogue.uploads.show(id)
    content = await catalogue.uploads.errors(id, say(words(lang)))
    return Response(content, headers=attachment(standing.upload), media_type=WORKBOOK)


@router.post("/uploads/{id}/accept", dependencies=OF_UPLOAD, response_model=UploadOut)
async def accept_upload(
    id: NumberPath,
    catalogue: CatalogueDep,
    caller: CallerDep,
    despite: Annotated[
        bool, Query(description="Accept although the source's assertions are broken.")
    ] = False,
) -> Response:
    """Publish what a file brought."""
    await catalogue.uploads.accept(id, caller.signs(BY), despite=despite)
    return await described(catalogue.uploads, id)


@router.post("/uploads/{id}/reject", dependencies=OF_UPLOAD, status_code=204, response_class=Response)
async def reject_upload(id: NumberPath, catalogue: CatalogueDep) -> Response:
    """Take a file away with all that was read of it."""
    await catalogue.uploads.reject(id)
    return Response(status_code=204)


@router.post("/uploads/{id}/undo", dependencies=OF_UPLOAD, response_model=UploadOut)
async def undo_upload(id: NumberPath, catalogue: CatalogueDep, caller: CallerDep) -> Response:
    """Bring back what stood before the last accepted file of a source."""
    await catalogue.uploads.undo(id, caller.signs(BY))
    return await described(catalogue.uploads, id)
