"""Pages for getting in: password, code, one-time links, a forgotten password; and for getting out.

None of them tells whether somebody has an account. Forms sent by other sites are refused at the door.
"""

import asyncio
from typing import Any

from fastapi import APIRouter, BackgroundTasks, Request
from fastapi.responses import RedirectResponse, Response

from unioncat.domain.audience import ANONYMOUS
from unioncat.domain.people import SHORTEST_PASSWORD, LinkKind, Role
from unioncat.flow.entry import Refused
from unioncat.flow.people import FIRST, SAMPLES
from unioncat.store.errors import StoreError, TooMany, Unknown
from unioncat_api import session
from unioncat_api.deps import CatalogueDep
from unioncat_api.pages import forms
from unioncat_api.pages.render import page
from unioncat_api.pages.review import PRIVATE, here, see_other
from unioncat_api.problems import ProblemError
from unioncat_api.rates import address_of
from unioncat_api.rights import SignInNeeded, base_url
from unioncat_api.session import BegunDep, PersonDep

router = APIRouter(include_in_schema=False)
HEADERS = {**PRIVATE, "X-Robots-Tag": "noindex"}
SECRET = {**HEADERS, "Referrer-Policy": "no-referrer"}
REFUSED_SECONDS = 0.3
LONGEST = 254


def later(error: TooMany | None) -> dict[str, str]:
    """Say in the head of an answer when it may be tried again (RFC 9110 §10.2.3)."""
    return {"Retry-After": str(error.seconds)} if error is not None and error.seconds is not None else {}


def sign_in_page(
    request: Request, *, status: int = 200, back: str = "", slow: TooMany | None = None, **context: Any
) -> Response:
    """Ask for address and password."""
    demo = is_demo(request)
    return page(
        request,
        "signin.html",
        status=status,
        headers={**HEADERS, **later(slow)},
        back=here(back),
        samples=SAMPLES if demo else (),
        provider=request.app.state.catalogue.people.provider,
        slip=slow.remedy if slow is not None else "",
        **{"refused": False, "refused_there": False, "email": "", "done": "", **context},
    )


def is_demo(request: Request) -> bool:
    """Tell whether sample people may sign in: in a demonstration, from this machine itself."""
    client = request.client
    return (
        bool(request.app.state.catalogue.people.demo)
        and client is not None
        and client.host in ("127.0.0.1", "::1")
    )


async def ask_to_sign_in(request: Request, error: Exception) -> Response:
    """Ask who it is where a page was asked for without a session."""
    return sign_in_page(request, status=403, back=error.back if isinstance(error, SignInNeeded) else "")


async def refuse(request: Request, error: Exception) -> Response:
    """Refuse what a person may not do to that person or at that place."""
    shown: Response = request.app.state.show_problem(
        request, ProblemError("forbidden", "Your role does not allow this.")
    )
    return shown


def device(request: Request) -> str:
    """Name the browser, for the list of one's sessions."""
    return request.headers.get("user-agent", "")[:200]


def address(request: Request) -> str | None:
    """Name the network that a request comes from; none for this machine itself."""
    return address_of(tuple(request.client)) if request.client else None


@router.get("/sign-in")
async def ask(request: Request, person: PersonDep) -> Response:
    """Ask for address and password."""
    back = request.query_params.get("back", "")
    if person:
        return see_other(here(back))
    done, email = session.told(request)
    response = sign_in_page(request, back=back, email=email, done=done)
    session.tell_no_more(request, response)
    return response


@router.post("/sign-in")
async def sign_in(request: Request, catalogue: CatalogueDep) -> Response:
    """Begin a session; with a second factor its code is asked for next."""
    form = await request.form()
    email, back = forms.text_of(form, "email", LONGEST), forms.text_of(form, "back")
    password = form.get("password")
    try:
        entered = await catalogue.people.sign_in(
            email,
            password[:1000] if isinstance(password, str) else "",
            address=address(request),
            device=device(request),
        )
    except Refused:
        await asyncio.sleep(REFUSED_SECONDS)
        return sign_in_page(request, status=403, refused=True, back=back, email=email)
    except TooMany as error:
        return sign_in_page(request, status=429, slow=error, back=back, email=email)
    response = see_other("/sign-in/code", back=here(back)) if entered.waiting else see_other(here(back))
    session.keep(request, response, entered.token)
    return response


def code_page(
    request: Request, *, status: int = 200, refused: bool = False, slow: TooMany | None = None
) -> Response:
    """Ask for the code of the second factor."""
    back = here(request.query_params.get("back", ""))
    return page(
        request,
        "code.html",
        status=status,
        headers={**HEADERS, **later(slow)},
        back=back,
        refused=refused,
        slip=slow.remedy if slow is not None else "",
    )


@router.get("/sign-in/code")
async def ask_code(request: Request, given: BegunDep) -> Response:
    """Ask for the code of the second factor."""
    waits = given is not None and given.at_work.waiting
    return code_page(request) if waits else see_other("/sign-in")


@router.post("/sign-in/code")
async def give_code(request: Request, catalogue: CatalogueDep, given: BegunDep) -> Response:
    """Finish signing in; the session gets a new token."""
    if given is None or not given.at_work.waiting:
        return see_other("/sign-in")
    try:
        entered = await catalogue.people.give_code(
            given.token, forms.text_of(await request.form(), "code", 40), address=address(request)
        )
    except Refused:
        await asyncio.sleep(REFUSED_SECONDS)
        return code_page(request, status=403, refused=True)
    except TooMany as error:
        return code_page(request, status=429, slow=error)
    response = see_other(here(request.query_params.get("back", "")))
    session.keep(request, response, entered.token)
    return response


@router.post("/sign-in/sample")
async def sign_in_sample(request: Request, catalogue: CatalogueDep) -> Response:
    """Begin a session of a sample person: in a demonstration on this machine only."""
    form = await request.form()
    role = forms.text_of(form, "role", 40)
    if not is_demo(request) or role not in list(SAMPLES):
        raise ProblemError("not-found", "There are no sample people here.")
    token = await catalogue.people.sign_in_sample(Role(role), device(request))
    response = see_other(here(forms.text_of(form, "back", 500)))
    session.keep(request, response, token)
    return response


@router.post("/sign-out")
async def sign_out(request: Request, catalogue: CatalogueDep, given: BegunDep) -> Response:
    """End the session."""
    if given is None:
        raise ProblemError("forbidden", "Nobody has signed in.")
    await session.check_form(request, given)
    await catalogue.people.sign_out(given.token)
    response = see_other("/")
    session.drop(request, response)
    return response


@router.get("/forgotten")
async def forgotten(request: Request) -> Response:
    """Ask where to send a link for a new password."""
    return page(request, "forgotten.html", headers=HEADERS, sent=False)


@router.post("/forgotten")
async def send_link(request: Request, catalogue: CatalogueDep, tasks: BackgroundTasks) -> Response:
    """Send a link, after the answer, which is the same and takes as long for everybody."""
    email = forms.text_of(await request.form(), "email", LONGEST)
    tasks.add_task(catalogue.people.ask_reset, email, base_url(request))
    response = page(request, "forgotten.html", headers=HEADERS, sent=True)
    response.background = tasks
    return response


async def link_page(
    request: Request,
    catalogue: CatalogueDep,
    token: str,
    *,
    complaint: str = "",
    email: str = "",
    name: str = "",
) -> Response:
    """Show what a one-time link is for."""
    found = await catalogue.people.link(token)
    if found is None:
        raise ProblemError("not-found", "This link does not hold.")
    link, account = found
    return page(
        request,
        "link.html",
        status=422 if complaint else 200,
        headers=SECRET,
        link=link,
        names=await request.app.state.directories.of(ANONYMOUS),
        known=account is not None and link.kind is LinkKind.INVITATION,
        reset=link.kind is LinkKind.RESET,
        first=link.email == FIRST,
        complaint=complaint,
        email=email,
        name=name,
        shortest=SHORTEST_PASSWORD,
        provider=catalogue.people.provider,
    )


@router.get("/link/{token}")
async def link(request: Request, token: str, catalogue: CatalogueDep) -> Response:
    """Show what a one-time link is for; looking does not use it up."""
    return await link_page(request, catalogue, token)


@router.post("/link/{token}")
async def take_up(request: Request, token: str, catalogue: CatalogueDep) -> Response:
    """Use a one-time link; then the person signs in with what was chosen."""
    form = await request.form()
    email, name = forms.text_of(form, "email", LONGEST), forms.text_of(form, "name", 80)
    password = form.get("password")
    typed = password if isinstance(password, str) else ""
    try:
        shown = await catalogue.people.link(token)
        complaint = await catalogue.people.take_up(token, email=email, name=name, password=typed)
    except Unknown:
        raise ProblemError("not-found", "This link does not hold.") from None
    except StoreError as error:
        raise ProblemError("conflict", str(error), remedy=error.remedy) from None
    if complaint:
        return await link_page(request, catalogue, token, complaint=complaint, email=email, name=name)
    response = RedirectResponse("/sign-in?back=/account", 303, SECRET)
    if shown is not None:
        used, account = shown
        done = "reset" if used.kind is LinkKind.RESET else "opened" if account is None else "role"
        session.tell(request, response, done, email if used.email == FIRST else used.email)
    return response
