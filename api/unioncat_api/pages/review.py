"""The operators' pages for joining: pairs in doubt, decisions and their undo, identifiers, one union record.

Every page asks for the right, every form for its token; a person's decision is stored, the catalogue follows.
"""

import unicodedata
from collections.abc import Collection
from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from unioncat.domain.audience import Viewer
from unioncat.domain.match import Verdict
from unioncat.domain.search import SearchQuery
from unioncat.domain.union import Resolved, UnionRecord
from unioncat.flow.explain import Explanation, read_name
from unioncat.index import parse
from unioncat.store.errors import Conflict, StoreError
from unioncat_api.catalogue import Catalogue
from unioncat_api.deps import CatalogueDep
from unioncat_api.directory import Directory
from unioncat_api.pages import side
from unioncat_api.pages.render import page, tongue
from unioncat_api.problems import ProblemError
from unioncat_api.rights import IdentifiersDep, IdentifiersForm, JudgeDep, JudgeForm
from unioncat_api.routes.records import is_public_id
from unioncat_api.session import PageDirectoryDep, PageViewerDep, Person

router = APIRouter(include_in_schema=False)
PRIVATE = {"Cache-Control": "private, no-store"}
PLACES = (
    *("/review", "/federation", "/sources", "/libraries", "/status"),
    *("/account", "/people", "/audit", "/requests", "/lending"),
)
"""Where pages for people who have signed in are."""
HOME = "/account"
RECENT = 3
LISTED = 50
FOUND = 8
WORDS = {"join": Verdict.SAME, "apart": Verdict.DIFFERENT, "skip": Verdict.UNSURE}


async def field(request: Request, name: str, longest: int = 1000) -> str:
    """Give a field of the form without control characters; empty where it is missing."""
    given = (await request.form()).get(name)
    text = given if isinstance(given, str) else ""
    return "".join(one for one in text if one == "\n" or unicodedata.category(one) != "Cc").strip()[:longest]


def see_other(path: str, **query: object) -> Response:
    """Send the browser to a page after a form."""
    return RedirectResponse(f"{path}?{urlencode(query)}" if query else path, 303, PRIVATE)


def here(text: str) -> str:
    """Keep an address to go back to, if it is one of ours."""
    ours = text.startswith(PLACES) and text.isprintable() and "//" not in text and "\\" not in text
    return text if ours else HOME


def shown(request: Request, template: str, person: Person, **context: Any) -> Response:
    """Render a page for an operator."""
    return page(request, template, headers=PRIVATE, person=person, side=side, **context)


@router.get("/review")
async def review(
    request: Request,
    catalogue: CatalogueDep,
    person: JudgeDep,
    viewer: PageViewerDep,
    names: PageDirectoryDep,
) -> Response:
    """Show the next pair that waits for a person, or the one whose decision was just undone."""
    waiting = await catalogue.review.queue(viewer, 1)
    pair = await _asked(request, catalogue, viewer)
    if pair is None and waiting.pairs:
        first = waiting.pairs[0]
        pair = await catalogue.review.explain(viewer, first.left, first.right)
    recent = side.acts(await catalogue.review.decisions(viewer, LISTED, None))
    standing = [act for act in recent if act.first.undone_at is None][:RECENT]
    return shown(
        request,
        "review.html",
        person,
        waiting=waiting,
        pair=pair,
        names=names,
        rows=side.rows(pair.left.bib, pair.right.bib, tongue(request).words) if pair else [],
        recent=standing,
        mine=next((act for act in standing if act.first.by == person.name), None),
        done=request.query_params.get("done"),
    )


async def _asked(request: Request, catalogue: Catalogue, viewer: Viewer) -> Explanation | None:
    """Give the pair that the address names, if it names one that there is."""
    left, right = (request.query_params.get(name, "") for name in ("left", "right"))
    if not left or not right:
        return None
    try:
        return await catalogue.review.explain(viewer, read_name(left), read_name(right))
    except StoreError:
        return None


@router.get("/review/pair")
async def pair_page(
    request: Request,
    catalogue: CatalogueDep,
    person: JudgeDep,
    viewer: PageViewerDep,
    names: PageDirectoryDep,
    left: str = "",
    right: str = "",
) -> Response:
    """Explain any two records, and let the operator decide."""
    address = f"/review/pair?{urlencode({'left': left, 'right': right})}"
    pair: Explanation | None = None
    slip = ""
    if left or right:
        try:
            pair = await catalogue.review.explain(viewer, read_name(left), read_name(right))
        except StoreError as error:
            slip = f"{error}. {error.remedy}"
    return shown(
        request,
        "pair.html",
        person,
        pair=pair,
        slip=slip,
        left=left,
        right=right,
        address=address,
        names=names,
        rows=side.rows(pair.left.bib, pair.right.bib, tongue(request).words) if pair else [],
        done=request.query_params.get("done"),
    )


@router.post("/review/decide")
async def decide(
    request: Request, catalogue: CatalogueDep, person: JudgeForm, viewer: PageViewerDep
) -> Response:
    """Write a decision on the pair that was shown, and go on."""
    word = await field(request, "word")
    if word not in WORDS:
        raise ProblemError("bad-request", "The form says neither join nor keep apart nor skip.")
    pair = (read_name(await field(request, "left")), read_name(await field(request, "right")))
    reason = await field(request, "reason")
    known = await field(request, "latest")
    if known and known != side.latest(await catalogue.review.explain(viewer, *pair)):
        return see_other("/review/pair", left=pair[0], right=pair[1], done="meanwhile")
    await catalogue.review.decide(viewer, [pair], WORDS[word], reason=reason, by=person.name)
    back = here(await field(request, "back"))
    return (
        see_other(back, done=word)
        if "?" not in back
        else RedirectResponse(f"{back}&done={word}", 303, PRIVATE)
    )


@router.post("/review/undo")
async def undo(
    request: Request, catalogue: CatalogueDep, person: JudgeForm, viewer: PageViewerDep
) -> Response:
    """Take a decision back."""
    number = await field(request, "decision", 18)
    if not (number.isascii() and number.isdigit()):
        raise ProblemError("bad-request", "The form names no decision.")
    undone = (await catalogue.review.undo(viewer, int(number), by=person.name))[0]
    back = here(await field(request, "back")).partition("?")[0]
    pair = {"left": undone.left, "right": undone.right} if back == "/review" else {}
    return see_other(back, done="undo", **pair)


@router.get("/review/decisions")
async def decisions(
    request: Request, catalogue: CatalogueDep, person: JudgeDep, viewer: PageViewerDep
) -> Response:
    """List who decided what, when and why."""
    asked = request.query_params.get("before", "")
    before = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 19 else None
    found = await catalogue.review.decisions(viewer, LISTED, before or None)
    return shown(
        request,
        "decisions.html",
        person,
        acts=side.acts(found),
        older=found[-1].id if len(found) == LISTED else None,
        done=request.query_params.get("done"),
    )


@router.get("/review/identifiers")
async def identifiers(request: Request, catalogue: CatalogueDep, person: IdentifiersDep) -> Response:
    """List the identifiers that are not to be believed."""
    listed = await catalogue.review.distrusted()
    return shown(
        request, "identifiers.html", person, listed=listed, slip="", done=request.query_params.get("done")
    )


@router.post("/review/identifiers")
async def change_identifiers(request: Request, catalogue: CatalogueDep, person: IdentifiersForm) -> Response:
    """Put an identifier on the list, or take it off."""
    scheme, value = await field(request, "scheme", 20), await field(request, "value", 200)
    try:
        if await field(request, "word") == "trust":
            await catalogue.review.trust(scheme, value)
        else:
            reason = await field(request, "reason")
            await catalogue.review.distrust(scheme, value, reason=reason, by=person.name)
    except StoreError as error:
        listed = await catalogue.review.distrusted()
        return shown(
            request, "identifiers.html", person, listed=listed, slip=f"{error}. {error.remedy}", done=None
        )
    return see_other("/review/identifiers", done="list")


@router.get("/review/records/{id}")
async def members(
    request: Request,
    id: str,
    catalogue: CatalogueDep,
    person: JudgeDep,
    viewer: PageViewerDep,
    names: PageDirectoryDep,
) -> Response:
    """Show the members of a union record: to take some out, or to merge it with another."""
    return await _members(request, id, catalogue, person, viewer, names)


async def _members(
    request: Request,
    id: str,
    catalogue: Catalogue,
    person: Person,
    viewer: Viewer,
    names: Directory,
    *,
    slip: str = "",
    chosen: Collection[int] = (),
    reason: str = "",
) -> Response:
    """Render the members; `slip` with what was chosen and written before."""
    record = await catalogue.record(viewer, id) if is_public_id(id) else None
    if isinstance(record, Resolved) and len(record.successors) == 1:
        return RedirectResponse(f"/review/records/{record.successors[0]}", 303, PRIVATE)
    if not isinstance(record, UnionRecord):
        raise ProblemError("not-found", "There is no such union record today.")
    asked = request.query_params.get("q", "").strip()[:1000]
    others: tuple[UnionRecord, ...] = ()
    if asked:
        named = await catalogue.record(viewer, asked) if is_public_id(asked) else None
        found = await catalogue.find(viewer, SearchQuery(clauses=parse(asked), size=FOUND))
        others = (named,) if isinstance(named, UnionRecord) else found.records
    return shown(
        request,
        "members.html",
        person,
        record=record,
        names=names,
        asked=asked,
        others=[one for one in others if one.id != id],
        slip=slip,
        chosen=chosen,
        reason=reason,
        status=409 if slip else 200,
        done=request.query_params.get("done"),
    )


@router.post("/review/records/{id}")
async def change_members(
    request: Request,
    id: str,
    catalogue: CatalogueDep,
    person: JudgeForm,
    viewer: PageViewerDep,
    names: PageDirectoryDep,
) -> Response:
    """Take members out of a union record, or merge it with another."""
    reason = await field(request, "reason")
    other = await field(request, "other", 64)
    if other:
        await catalogue.review.unite(viewer, id, other, reason=reason, by=person.name)
    else:
        chosen = (await request.form()).getlist("record")
        records = [int(one) for one in chosen if isinstance(one, str) and one.isascii() and one.isdigit()]
        try:
            await catalogue.review.take_out(viewer, id, records, reason=reason, by=person.name)
        except Conflict as error:
            slip = f"{error}. {error.remedy}"
            return await _members(
                request, id, catalogue, person, viewer, names, slip=slip, chosen=records, reason=reason
            )
    return see_other(f"/review/records/{id}", done="join" if other else "apart")
