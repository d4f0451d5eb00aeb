"""Pages on which a library brings a file: choose it, watch it being read, look at the preview, decide.

They work without scripts; a script adds dropping of files and progress. Everything needs a session.
"""

from collections.abc import Callable
from urllib.parse import quote, urlencode
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from starlette.datastructures import UploadFile

from unioncat.domain.column import Column
from unioncat.domain.source import Protocol, RunMode
from unioncat.domain.upload import Correction, Upload, UploadState
from unioncat.flow.preview import unused
from unioncat.flow.uploads import Standing
from unioncat.store.errors import StoreError, Unknown
from unioncat_api.deps import CatalogueDep
from unioncat_api.pages.messages import Words
from unioncat_api.pages.phrases import vietnamese
from unioncat_api.pages.render import page, tongue
from unioncat_api.problems import ProblemError
from unioncat_api.rights import FilesDep, FilesForm
from unioncat_api.routes.sources import standing as source_standing
from unioncat_api.session import PageViewerDep
from unioncat_api.uploading import ENCODING_NAMES, FIELDS

router = APIRouter(include_in_schema=False)
PRIVATE = {"Cache-Control": "private, no-store"}
WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
LINES_SHOWN = 50
MODES = {"full": RunMode.FULL, "addition": RunMode.INCREMENTAL}
DELIMITERS = {"comma": ",", "semicolon": ";", "tab": "\t", "bar": "|"}
NONE = "-"
"""Value of a choice that means: none of them."""


def say(words: Words) -> Callable[[str, str], str]:
    """Put complaints into words of one language."""

    def said(code: str, detail: str) -> str:
        key = f"upload_problem.{code}"
        if not words.has(key):
            return (vietnamese(detail) if words.language == "vi" else None) or detail or code
        return f"{words.t(key)}: {detail}" if detail and _is_value(detail) else words.t(key)

    return said


def _is_value(detail: str) -> bool:
    """Tell whether a detail is a value out of the record, not a sentence about it."""
    return not detail.rstrip().endswith(".") or len(detail) < 20


def attachment(upload: Upload) -> dict[str, str]:
    """Name the workbook of a file's complaints after the file."""
    stem = upload.name.rpartition(".")[0] or upload.name
    name = f"{quote(stem, safe='')}-errors.xlsx"
    return {
        "Content-Disposition": f"attachment; filename=errors.xlsx; filename*=UTF-8''{name}",
        **PRIVATE,
    }


def address(code: str, number: UUID | None = None) -> str:
    """Give the address of a source's uploads, or of one of them."""
    base = f"/sources/{quote(code, safe='')}"
    return f"{base}/uploads/{number}" if number else f"{base}/upload"


@router.get("/sources/{code}/upload")
async def choose(
    request: Request, code: str, catalogue: CatalogueDep, person: FilesDep, viewer: PageViewerDep
) -> Response:
    """Let a person choose a file, and show what was brought before."""
    return await _choose(request, code, catalogue, person.csrf, viewer)


async def _choose(
    request: Request,
    code: str,
    catalogue: CatalogueDep,
    csrf: str,
    viewer: PageViewerDep,
    slip: StoreError | None = None,
) -> Response:
    status = await source_standing(catalogue, viewer, code)
    if status.source.protocol is not Protocol.FILES:
        raise ProblemError("not-found", "This source takes no files.")
    return page(
        request,
        "upload.html",
        status=200 if slip is None else 409,
        headers=PRIVATE,
        source=status.source,
        library=status.library,
        live=status.live,
        listed=await catalogue.uploads.listed(code),
        limit=catalogue.uploads.limit_mb,
        csrf=csrf,
        slip=slip,
        address=address,
        done=request.query_params.get("done"),
    )


@router.post("/sources/{code}/upload")
async def bring(
    request: Request, code: str, catalogue: CatalogueDep, person: FilesForm, viewer: PageViewerDep
) -> Response:
    """Take in a file."""
    form = await request.form()
    given, mode = form.get("file"), MODES.get(str(form.get("mode")))
    if not isinstance(given, UploadFile) or mode is None:
        raise ProblemError("bad-request", "The form holds no file, or does not say what it is.")
    await source_standing(catalogue, viewer, code)
    try:
        made = await catalogue.uploads.receive(code, given.filename or "", mode, person.name, given.file)
    except StoreError as slip:
        return await _choose(request, code, catalogue, person.csrf, viewer, slip)
    return RedirectResponse(address(code, made.id), 303, PRIVATE)


async def _found(catalogue: CatalogueDep, viewer: PageViewerDep, code: str, number: UUID) -> Standing:
    """Find an upload of a source that this viewer may see."""
    await source_standing(catalogue, viewer, code)
    standing = await catalogue.uploads.show(number)
    if standing.upload.source != code:
        raise Unknown(f"there is no upload {number}")
    return standing


@router.get("/sources/{code}/uploads/{number}")
async def look(
    request: Request,
    code: str,
    number: UUID,
    catalogue: CatalogueDep,
    person: FilesDep,
    viewer: PageViewerDep,
) -> Response:
    """Show a file: being read, to be decided on, or decided."""
    return await _look(request, code, number, catalogue, person.csrf, viewer)


async def _look(
    request: Request,
    code: str,
    number: UUID,
    catalogue: CatalogueDep,
    csrf: str,
    viewer: PageViewerDep,
    slip: StoreError | None = None,
) -> Response:
    standing = await _found(catalogue, viewer, code, number)
    status = await source_standing(catalogue, viewer, code)
    upload = standing.upload
    read = standing.errand.progress.get("records") if standing.errand else None
    return page(
        request,
        "preview.html",
        status=200 if slip is None else 409,
        headers=PRIVATE,
        upload=upload,
        standing=standing,
        run=standing.run,
        library=status.library,
        read=read if isinstance(read, int) else 0,
        reading=upload.state in (UploadState.WAITING, UploadState.READING),
        columns=catalogue.uploads.columns(upload),
        unused=unused(upload),
        fields=[field for field in FIELDS if field is not Column.IGNORE],
        encodings=ENCODING_NAMES,
        delimiters=DELIMITERS,
        lines=await catalogue.uploads.lines(number, limit=LINES_SHOWN),
        say=say(tongue(request).words),
        csrf=csrf,
        slip=slip,
        none=NONE,
        address=address,
        done=request.query_params.get("done"),
    )


@router.post("/sources/{code}/uploads/{number}")
async def decide(
    request: Request,
    code: str,
    number: UUID,
    catalogue: CatalogueDep,
    person: FilesForm,
    viewer: PageViewerDep,
) -> Response:
    """Accept, reject, undo, or read again with corrections."""
    standing = await _found(catalogue, viewer, code, number)
    form = await request.form()
    word = str(form.get("word"))
    done, back = word, address(code, number)
    try:
        if word == "accept":
            await catalogue.uploads.accept(number, person.name, despite=form.get("despite") == "yes")
        elif word == "reject":
            await catalogue.uploads.reject(number)
            back = address(code)
        elif word == "undo":
            await catalogue.uploads.undo(number, person.name)
        elif word == "again":
            mode = MODES.get(str(form.get("mode")))
            await catalogue.uploads.correct(number, correction(form, standing.upload), mode)
        else:
            raise ProblemError("bad-request", "The form says neither accept nor reject nor read again.")
    except StoreError as slip:
        if isinstance(slip, Unknown):
            raise
        return await _look(request, code, number, catalogue, person.csrf, viewer, slip)
    return RedirectResponse(f"{back}?{urlencode({'done': done})}", 303, PRIVATE)


def correction(form: object, upload: Upload) -> Correction:
    """Read what a person corrected: columns by their number, and the ways of reading.

    A column without a meaning stays open; one that seemed to have a meaning, and now has none, is left out.
    """
    guessed = {one.heading: one.column for one in upload.look.columns} if upload.look else {}
    values = {key: value for key, value in form.multi_items() if isinstance(value, str)}  # type: ignore[attr-defined]
    columns = {}
    for key, heading in values.items():
        if key.startswith("heading-"):
            chosen = values.get("column-" + key.removeprefix("heading-"), "")
            if chosen or guessed.get(heading) is not None:
                columns[heading[:200]] = chosen or Column.IGNORE
    row = values.get("heading_row", "")
    numbers = values.get("id_column", "")
    return Correction(
        columns=columns,
        encoding=values.get("encoding") or None,
        id_column=None if not numbers else "" if numbers == NONE else numbers[:200],
        heading_row=int(row) if row.isascii() and row.isdigit() and len(row) < 4 else None,
        sheet=values.get("sheet") or None,
        delimiter=DELIMITERS.get(values.get("delimiter", "")),
    )


@router.get("/sources/{code}/uploads/{number}/errors.xlsx")
async def errors(
    request: Request,
    code: str,
    number: UUID,
    catalogue: CatalogueDep,
    person: FilesDep,
    viewer: PageViewerDep,
) -> Response:
    """Give what should be mended as a workbook."""
    standing = await _found(catalogue, viewer, code, number)
    content = await catalogue.uploads.errors(number, say(tongue(request).words))
    return Response(content, headers=attachment(standing.upload), media_type=WORKBOOK)
