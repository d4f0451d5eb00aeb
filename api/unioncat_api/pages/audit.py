"""The log of who did what, for auditors: newest first, by person and action. Nothing is changed here."""

from fastapi import APIRouter, Request
from fastapi.responses import Response

from unioncat_api.deps import CatalogueDep
from unioncat_api.pages.entry import HEADERS
from unioncat_api.pages.render import page
from unioncat_api.rights import AuditDep

router = APIRouter(include_in_schema=False)
LISTED = 100


@router.get("/audit")
async def audit(request: Request, catalogue: CatalogueDep, person: AuditDep) -> Response:
    """Show the log."""
    asked = request.query_params
    before = asked.get("before", "")
    action, actor = asked.get("action", "").strip()[:80], asked.get("actor", "").strip()[:254]
    number = int(before) if before.isascii() and before.isdigit() and len(before) < 19 else None
    entries = await catalogue.people.log(before=number, action=action, actor=actor)
    return page(
        request,
        "audit.html",
        headers=HEADERS,
        person=person,
        entries=entries,
        action=action,
        actor=actor,
        older=entries[-1].number if len(entries) == LISTED else None,
    )
