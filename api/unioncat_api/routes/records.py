"""Union records, as JSON. A public id never dies: it answers, points on, or says that the record is gone."""

import hashlib
import re
from typing import Annotated, Any

from fastapi import APIRouter, Header, Path, Response
from pydantic import BaseModel

from unioncat.domain.union import Resolved
from unioncat_api.deps import CallerDep, CatalogueDep, DirectoryDep, ViewerDep
from unioncat_api.problems import ProblemError
from unioncat_api.rights import note_view
from unioncat_api.schemas.common import JSON, answer, to_json
from unioncat_api.schemas.record import RecordOut, SuccessorsOut

router = APIRouter(prefix="/api/v1", tags=["records"])

PUBLIC_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
KEEP = "public, max-age=30"
"""What a member withdraws is gone within a minute, from caches on the way too."""
RESPONSES: dict[int | str, dict[str, Any]] = {
    300: {"model": SuccessorsOut, "description": "The record was divided; choose one of its successors."},
    304: {"description": "Unchanged since the ETag that was sent."},
    308: {"description": "The record was joined with another; its address is in Location."},
}


def tagged(body: bytes, if_none_match: str | None) -> Response:
    """Answer with an ETag, and without the body for one who has it."""
    tag = f'"{hashlib.blake2b(body, digest_size=12).hexdigest()}"'
    headers = {"ETag": tag, "Cache-Control": KEEP}
    known = {item.strip().removeprefix("W/") for item in (if_none_match or "").split(",")}
    if tag in known or "*" in known:
        return Response(status_code=304, headers=headers)
    return Response(body, headers=headers, media_type=JSON)


def is_public_id(text: str) -> bool:
    """Tell whether a text has the form of a public id; nothing else is worth a question to the store."""
    return PUBLIC_ID.fullmatch(text) is not None


def elsewhere(resolved: Resolved, path: str) -> Response:
    """Answer for an id that is no longer a record's: moved, split or gone."""
    if resolved.state == "gone" or not resolved.successors:
        raise ProblemError("gone", "No member library has this record any more.", id=resolved.id)
    if len(resolved.successors) == 1:
        return Response(
            status_code=308, headers={"Location": path + resolved.successors[0], "Cache-Control": KEEP}
        )
    links = ", ".join(f'<{path}{successor}>; rel="alternate"' for successor in resolved.successors)
    return answer(SuccessorsOut.of(resolved), 300, {"Link": links, "Cache-Control": KEEP})


@router.get("/records/{id}", response_model=RecordOut, responses=RESPONSES)
async def record(
    id: Annotated[str, Path(description="Public id.", max_length=200)],
    catalogue: CatalogueDep,
    viewer: ViewerDep,
    names: DirectoryDep,
    caller: CallerDep,
    if_none_match: Annotated[str | None, Header()] = None,
) -> Response:
    """Give a union record with its holdings, where each field came from, and the members' own records."""
    found = await catalogue.record(viewer, id) if is_public_id(id) else None
    if found is None:
        raise ProblemError("not-found", "There is no record with this id.")
    if isinstance(found, Resolved):
        return elsewhere(found, "/api/v1/records/")
    await note_view(catalogue, caller.actor, viewer, found)
    shown: BaseModel = RecordOut.build(found, names, await catalogue.successors(viewer, id))
    return tagged(to_json(shown), if_none_match)
