"""POST /iso18626: messages in, confirmations out; the answer policy is `lending.iso18626.answer`."""

from fastapi import APIRouter, Request
from fastapi.responses import Response

from unioncat.lending.iso18626.read import MAX_BYTES
from unioncat_api.deps import CatalogueDep
from unioncat_api.problems import ProblemError
from unioncat_api.protocols.iso18626.sender import sender_of

router = APIRouter(include_in_schema=False)


@router.post("/iso18626", name="iso18626")
async def iso18626(request: Request, catalogue: CatalogueDep) -> Response:
    """Answer one message of a partner."""
    sender = await sender_of(request, catalogue.exchange)
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_BYTES:
            raise ProblemError("too-large", f"A message may have {MAX_BYTES} bytes.")
    content_type = request.headers.get("content-type", "")
    answer = await catalogue.exchange.answer(bytes(body), content_type, sender)
    return Response(answer.body, answer.status, {"Cache-Control": "no-store"}, answer.type)
