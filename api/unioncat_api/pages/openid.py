"""Signing in by a provider of identities: to it, and back from it with a code.

All that must be known again on the way back follows from one random token in a cookie of this browser:
an answer that somebody else has got is worth nothing here.
"""

import asyncio
import base64
import binascii
import hmac
import secrets as chance

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from unioncat.domain.openid import Attempt, NotBelieved
from unioncat.flow.entry import Refused
from unioncat.flow.fetching import FetchError
from unioncat.store.errors import TooMany
from unioncat.telemetry import logger
from unioncat_api import session
from unioncat_api.catalogue import Catalogue
from unioncat_api.deps import CatalogueDep
from unioncat_api.pages.entry import REFUSED_SECONDS, SECRET, address, device, sign_in_page
from unioncat_api.pages.review import here, see_other
from unioncat_api.problems import ProblemError
from unioncat_api.rights import base_url

router = APIRouter(include_in_schema=False)
LASTS_SECONDS = 600
LONGEST = 4000
log = logger(__name__)


def cookie_name(request: Request) -> str:
    """Name the cookie of an attempt."""
    return "__Host-openid" if session.is_secure(request) else "openid"


def back_address(request: Request) -> str:
    """Give the address to which the provider sends a browser back."""
    return f"{base_url(request)}/sign-in/openid/back"


def must_be_there(catalogue: Catalogue) -> None:
    """Refuse where no provider is named. Raises a problem."""
    if not catalogue.people.provider.is_there:
        raise ProblemError("not-found", "No provider of identities is set up here.")


@router.get("/sign-in/openid")
async def leave(request: Request, catalogue: CatalogueDep) -> Response:
    """Send the browser to the provider."""
    must_be_there(catalogue)
    token = chance.token_urlsafe(32)
    try:
        away = await catalogue.people.provider.address(Attempt(token), back_address(request))
    except (NotBelieved, FetchError) as error:
        log.error("the provider of identities cannot be used", why=str(error))
        raise ProblemError(
            "unavailable", "The provider of identities does not answer as it should."
        ) from None
    response = RedirectResponse(away, 303, SECRET)
    wanted = base64.urlsafe_b64encode(here(request.query_params.get("back", ""))[:1000].encode())
    response.set_cookie(
        cookie_name(request),
        f"{token}.{wanted.decode().rstrip('=')}",
        max_age=LASTS_SECONDS,
        httponly=True,
        samesite="lax",
        secure=session.is_secure(request),
    )
    return response


@router.get("/sign-in/openid/back")
async def arrive(request: Request, catalogue: CatalogueDep) -> Response:
    """Take the provider's answer and begin a session."""
    must_be_there(catalogue)
    token, _, wanted = request.cookies.get(cookie_name(request), "").partition(".")
    asked = request.query_params
    attempt, code, state = Attempt(token), asked.get("code", ""), asked.get("state", "")
    try:
        back = here(base64.urlsafe_b64decode(wanted.encode("ascii", "replace") + b"==").decode())
    except (binascii.Error, ValueError):
        back = here("")
    try:
        same = hmac.compare_digest(state.encode("utf-8", "replace"), attempt.state.encode())
        if not token or not same or not 0 < len(code) < LONGEST:
            raise Refused
        entered = await catalogue.people.sign_in_openid(
            attempt,
            code,
            back_address(request),
            asked.get("iss"),
            address=address(request),
            device=device(request),
        )
    except Refused:
        await asyncio.sleep(REFUSED_SECONDS)
        response = sign_in_page(request, status=403, refused_there=True, back=back)
    except TooMany as error:
        response = sign_in_page(request, status=429, slow=error, back=back)
    else:
        response = see_other("/sign-in/code", back=back) if entered.waiting else see_other(back)
        session.keep(request, response, entered.token)
    response.delete_cookie(
        cookie_name(request), httponly=True, samesite="lax", secure=session.is_secure(request)
    )
    return response
