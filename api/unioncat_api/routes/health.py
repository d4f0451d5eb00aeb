"""Addresses for machines that watch the service, and the explanations of problems."""

from typing import Annotated

import orjson
from fastapi import APIRouter, Path, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from unioncat_api.deps import CatalogueDep
from unioncat_api.problems import KINDS, ProblemError
from unioncat_api.schemas.common import JSON

router = APIRouter()


@router.get("/healthz", tags=["health"], response_class=Response)
async def healthz() -> Response:
    """Tell that this process lives."""
    return Response(b'{"ok":true}', media_type=JSON, headers={"Cache-Control": "no-store"})


@router.get(
    "/readyz", tags=["health"], response_class=Response, responses={503: {"description": "Not ready."}}
)
async def readyz(catalogue: CatalogueDep) -> Response:
    """Tell whether store and index answer and agree."""
    parts = await catalogue.health()
    ok = all(part.ok for part in parts)
    body = {"ok": ok, "parts": [{"part": p.part, "ok": p.ok, "detail": p.detail} for p in parts]}
    return Response(orjson.dumps(body), 200 if ok else 503, {"Cache-Control": "no-store"}, JSON)


@router.get("/metrics", tags=["health"], response_class=Response)
async def metrics() -> Response:
    """Give measurements in Prometheus's text format."""
    return Response(
        generate_latest(), headers={"Content-Type": CONTENT_TYPE_LATEST, "Cache-Control": "no-store"}
    )


@router.get("/api/v1/problems/{kind}", tags=["health"], response_class=Response)
async def problem(kind: Annotated[str, Path(max_length=64)]) -> Response:
    """Explain one kind of problem."""
    known = KINDS.get(kind)
    if known is None:
        raise ProblemError("not-found", "There is no such kind of problem.")
    body = {
        "type": f"/api/v1/problems/{kind}",
        "status": known.status,
        "title": known.title,
        "remedy": known.remedy,
    }
    return Response(orjson.dumps(body), media_type=JSON)
