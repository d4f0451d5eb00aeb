"""People's work on the joining by JSON: explanations for everybody, decisions for operators."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Response

from unioncat.flow.explain import read_name
from unioncat_api.deps import CallerDep, CatalogueDep, ViewerDep
from unioncat_api.rights import Key, Right
from unioncat_api.routes.operate import REFUSALS
from unioncat_api.schemas.common import answer
from unioncat_api.schemas.review import (
    LARGEST,
    DecisionBody,
    DecisionOut,
    DecisionsOut,
    DistrustBody,
    DistrustedListOut,
    DistrustedOut,
    ExplanationOut,
    PairOut,
    QueueOut,
    UndoBody,
)

router = APIRouter(prefix="/api/v1")
private = APIRouter(prefix="/review", tags=["operators"], responses=REFUSALS)
JUDGE = [Depends(Key(Right.JUDGE))]
IDENTIFIERS = [Depends(Key(Right.IDENTIFIERS))]
Named = Annotated[str, Query(min_length=1, max_length=1000, description="Number, or source:local id.")]
Number = Annotated[int, Path(ge=1, le=LARGEST)]


@router.get(
    "/records/explain",
    tags=["records"],
    response_model=ExplanationOut,
    responses={409: {"description": "The two do not name two records."}},
)
async def explain(
    left: Named, right: Named, catalogue: CatalogueDep, viewer: ViewerDep, caller: CallerDep
) -> Response:
    """Say why two records are one union record, or why not: evidence, rules, and the way between them."""
    found = await catalogue.review.explain(viewer, read_name(left), read_name(right))
    return answer(ExplanationOut.build(found, private=caller.may(Right.JUDGE)))


@private.get("/pairs", dependencies=JUDGE, response_model=QueueOut)
async def review_pairs(
    catalogue: CatalogueDep, viewer: ViewerDep, limit: Annotated[int, Query(ge=1, le=100)] = 20
) -> Response:
    """List the pairs that wait for a person, the likeliest first."""
    found = await catalogue.review.queue(viewer, limit)
    items = tuple(
        PairOut(left=str(one.left), right=str(one.right), score=one.score, rules=one.rules)
        for one in found.pairs
    )
    return answer(QueueOut(total=found.total, more=found.more, items=items))


@private.get("/decisions", dependencies=JUDGE, response_model=DecisionsOut)
async def review_decisions(
    catalogue: CatalogueDep,
    viewer: ViewerDep,
    limit: Annotated[int, Query(ge=1, le=1000)] = 50,
    before: Annotated[int | None, Query(ge=1, le=LARGEST)] = None,
) -> Response:
    """List decisions, newest first, undone ones included; `before` is the number of the last one seen."""
    found = await catalogue.review.decisions(viewer, limit, before)
    return answer(DecisionsOut(items=tuple(DecisionOut.of(one) for one in found)))


@private.post("/decisions", dependencies=JUDGE, response_model=DecisionOut, status_code=201)
async def add_decision(
    body: DecisionBody, catalogue: CatalogueDep, viewer: ViewerDep, caller: CallerDep
) -> Response:
    """Join two records, keep them apart, or take the pair off the list; the clusters follow in a minute."""
    pair = (read_name(body.left), read_name(body.right))
    (made,) = await catalogue.review.decide(
        viewer, [pair], body.verdict, reason=body.reason, by=caller.signs(body.by)
    )
    return answer(DecisionOut.of(made), 201)


@private.post("/decisions/{number}/undo", dependencies=JUDGE, response_model=DecisionsOut)
async def undo_decision(
    number: Number, body: UndoBody, catalogue: CatalogueDep, viewer: ViewerDep, caller: CallerDep
) -> Response:
    """Take a decision back, with all that was decided in the same act."""
    undone = await catalogue.review.undo(viewer, number, by=caller.signs(body.by))
    return answer(DecisionsOut(items=tuple(DecisionOut.of(one) for one in undone)))


@private.get("/distrusted", dependencies=IDENTIFIERS, response_model=DistrustedListOut)
async def distrusted_identifiers(catalogue: CatalogueDep) -> Response:
    """List the identifiers that are not believed."""
    found = await catalogue.review.distrusted()
    return answer(DistrustedListOut(items=tuple(DistrustedOut.of(one) for one in found)))


@private.post("/distrusted", dependencies=IDENTIFIERS, response_model=DistrustedListOut, status_code=201)
async def distrust_identifier(body: DistrustBody, catalogue: CatalogueDep, caller: CallerDep) -> Response:
    """Believe an identifier no more: its records are joined without it."""
    await catalogue.review.distrust(body.scheme, body.value, reason=body.reason, by=caller.signs(body.by))
    found = await catalogue.review.distrusted()
    return answer(DistrustedListOut(items=tuple(DistrustedOut.of(one) for one in found)), 201)


@private.delete("/distrusted/{scheme}/{value:path}", dependencies=IDENTIFIERS, status_code=204)
async def trust_identifier(
    scheme: Annotated[str, Path(pattern=r"^[A-Za-z]{2,20}$")],
    value: Annotated[str, Path(min_length=1, max_length=200)],
    catalogue: CatalogueDep,
) -> Response:
    """Believe an identifier again."""
    await catalogue.review.trust(scheme, value)
    return Response(status_code=204)


router.include_router(private)
