"""Rendering: the templates, the language of a page, addresses of static files.

A template sees a closed set of helpers and escapes all text; scripts and styles are files of our own.
"""

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from importlib.resources import files
from typing import Any
from urllib.parse import urlencode

from fastapi import Request
from fastapi.responses import HTMLResponse, Response
from jinja2 import Environment, PackageLoader, StrictUndefined

from unioncat_api.pages import ranking, show
from unioncat_api.pages.messages import LANGUAGES, Words, short_code, words
from unioncat_api.pages.phrases import told

COOKIE = "lang"
YEAR_SECONDS = 365 * 24 * 3600


@cache
def static_version(name: str) -> str:
    """Give the short hash of a static file: its address changes with its content."""
    content = files("unioncat_api.pages").joinpath(f"static/{name}").read_bytes()
    return hashlib.blake2b(content, digest_size=5).hexdigest()


def static(name: str) -> str:
    """Give the address of a static file."""
    return f"/static/{name}?v={static_version(name)}"


def lang_of(code: str) -> str | None:
    """Give the value of a `lang` attribute for a catalogue language code."""
    return short_code(code)


def environment() -> Environment:
    """Make the template environment; a name that is missing is an error, not an empty place."""
    env = Environment(
        loader=PackageLoader("unioncat_api.pages"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    env.globals.update(show=show, ranking=ranking, static=static, lang_of=lang_of, told=told)
    return env


ENV = environment()


@dataclass(frozen=True, slots=True)
class Tongue:
    """The language of a page, and whether the address asked for it."""

    words: Words
    chosen: bool


def tongue(request: Request) -> Tongue:
    """Choose the language: the address, else the cookie, else Vietnamese."""
    asked = request.query_params.get("lang")
    if asked in LANGUAGES:
        return Tongue(words(asked), True)
    return Tongue(words(request.cookies.get(COOKIE, "vi")), False)


def switch_address(request: Request, language: str) -> str:
    """Give the address of the same page in the other language."""
    pairs = [(k, v) for k, v in request.query_params.multi_items() if k != "lang"]
    return f"{request.url.path}?{urlencode([*pairs, ('lang', language)])}"


def signed_in(request: Request) -> bool:
    """Tell whether the browser brings a session: what it is shown is for nobody else."""
    return any(name.endswith("session") for name in request.cookies)


def page(
    request: Request,
    template: str,
    *,
    status: int = 200,
    headers: dict[str, str] | None = None,
    **context: Any,
) -> Response:
    """Render a page."""
    spoken = tongue(request)
    said = spoken.words
    other = "en" if said.language == "vi" else "vi"
    me = getattr(request.state, "person", None)
    html = ENV.get_template(template).render(
        me=me,
        t=said.t,
        w=said,
        lang=said.language,
        other=other,
        switch=switch_address(request, other),
        path=request.url.path,
        base_url=request.app.state.base_url,
        now=datetime.now(UTC),
        **context,
    )
    kept = "private, no-store" if me else "no-cache"
    response = HTMLResponse(html, status, {"Vary": "Cookie", "Cache-Control": kept, **(headers or {})})
    if spoken.chosen:
        response.set_cookie(
            COOKIE,
            said.language,
            max_age=YEAR_SECONDS,
            samesite="lax",
            httponly=True,
            secure=request.url.scheme == "https",
        )
    return response
