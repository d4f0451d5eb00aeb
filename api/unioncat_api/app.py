"""The web application: routes, pages, errors and the outer layer put together around one catalogue.

`create_app` takes everything as arguments; settings are read in `__main__` only.
"""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from importlib.metadata import version
from typing import Any

from fastapi import Depends, FastAPI
from fastapi.openapi.utils import get_openapi

from unioncat.flow.people import Forbidden
from unioncat_api import session
from unioncat_api.catalogue import Catalogue
from unioncat_api.directory import Directories
from unioncat_api.middleware import Door
from unioncat_api.pages import (
    account,
    answering,
    asking,
    audit,
    consignments,
    correspondence,
    desk,
    desk_file,
    entry,
    federation,
    home,
    join,
    lending_batch,
    lending_figures,
    libraries,
    members,
    openid,
    people,
    quality,
    record,
    requests,
    review,
    rota,
    search,
    sharing,
    site,
    sources,
    status,
    terms,
    uploads,
)
from unioncat_api.pages.errors import error_page
from unioncat_api.problems import MEDIA_TYPE, install
from unioncat_api.protocols.iso18626 import routes as iso18626_routes
from unioncat_api.rates import Rates
from unioncat_api.rights import SecondFactorNeeded, SignInNeeded, rights_of
from unioncat_api.routes import credentials, health, operate, records
from unioncat_api.routes import lending as lending_routes
from unioncat_api.routes import lending_terms as lending_term_routes
from unioncat_api.routes import libraries as library_routes
from unioncat_api.routes import onboarding as onboarding_routes
from unioncat_api.routes import people as people_routes
from unioncat_api.routes import review as review_routes
from unioncat_api.routes import search as search_routes
from unioncat_api.routes import sources as source_routes
from unioncat_api.routes import uploads as upload_routes

DESCRIPTION = """\
The union catalogue of the libraries of Viet Nam: one search over all member libraries, and who has what.

Errors are RFC 9457 problems with a `remedy`. Records carry an `ETag`; send it back in `If-None-Match`.
Some addresses need a key: `Authorization: Bearer KEY`. People make keys on their own page, /account;
`x-right` names the right that a key must have.
"""
PROBLEM = {
    "type": "object",
    "required": ["type", "title", "status", "detail", "remedy"],
    "properties": {
        "type": {"type": "string", "description": "Address of the explanation of this kind of problem."},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "What is wrong in this request."},
        "remedy": {"type": "string", "description": "What to do."},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {"field": {"type": "string"}, "reason": {"type": "string"}},
            },
        },
    },
    "examples": [
        {
            "type": "/api/v1/problems/not-found",
            "title": "There is nothing under this address",
            "status": 404,
            "detail": "There is no record with this id.",
            "remedy": "Check the id or code, or search for it.",
        }
    ],
}
READ_ERRORS = {"400": "bad request", "404": "not found", "503": "a part does not answer"}

Opening = Callable[[], AbstractAsyncContextManager[Catalogue]]


def create_app(
    opening: Opening,
    *,
    operator_token: str,
    base_url: str,
    file_bytes: int = 200 * 1024 * 1024,
    rates: Rates | None = None,
) -> FastAPI:
    """Make the application; `opening` gives the catalogue for as long as it runs.

    `file_bytes` is how large a request that brings a file may be.
    """

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with opening() as catalogue:
            app.state.catalogue = catalogue
            app.state.directories = Directories(catalogue)
            yield

    app = FastAPI(
        title="unioncat",
        version=version("unioncat"),
        description=DESCRIPTION,
        lifespan=lifespan,
        redirect_slashes=False,
        docs_url=None,
        redoc_url=None,
        openapi_url="/api/v1/openapi.json",
        generate_unique_id_function=lambda route: route.name,
    )
    app.state.operator_token = operator_token
    app.state.base_url = base_url
    # Routes are tried in this order: what machines ask most often stands first.
    for routes in (
        iso18626_routes,
        search_routes,
        review_routes,
        records,
        library_routes,
        source_routes,
        operate,
        credentials,
        upload_routes,
        onboarding_routes,
        lending_term_routes,
        lending_routes,
        people_routes,
        health,
    ):
        app.include_router(routes.router)
    known = [Depends(session.person)]
    for pages in (home, search, review, record, quality, sharing, libraries, sources):
        app.include_router(pages.router, dependencies=known)
    app.include_router(site.router)
    for pages in (join, federation, members, status, uploads, entry, openid, account, people, audit):
        app.include_router(pages.router, dependencies=known)
    for pages in (asking, requests, desk, desk_file, lending_batch):
        app.include_router(pages.router, dependencies=known)
    app.include_router(answering.router)
    for pages in (terms, lending_figures, consignments, correspondence, rota):
        app.include_router(pages.router, dependencies=known)
    app.mount("/static", site.static_files(), name="static")
    install(app, error_page)
    app.add_exception_handler(SignInNeeded, entry.ask_to_sign_in)
    app.add_exception_handler(SecondFactorNeeded, account.ask_for_second_factor)
    app.add_exception_handler(Forbidden, entry.refuse)
    app.add_middleware(
        Door,
        show=app.state.show_problem,
        file_bytes=file_bytes,
        rates=rates,
        secure=base_url.startswith("https://"),
    )
    app.openapi = lambda: describe(app)  # type: ignore[method-assign]
    return app


def describe(app: FastAPI) -> dict[str, Any]:
    """Describe the interface as OpenAPI, with problems as they are sent and the token where it is needed."""
    if app.openapi_schema:
        return app.openapi_schema
    tree = get_openapi(title=app.title, version=app.version, description=app.description, routes=app.routes)
    components = tree.setdefault("components", {})
    schemas = components.setdefault("schemas", {})
    schemas["Problem"] = PROBLEM
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    components["securitySchemes"] = {"key": {"type": "http", "scheme": "bearer"}}
    asked = rights_of(app)
    problem = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    for path, methods in tree["paths"].items():
        for operation in methods.values():
            responses = operation["responses"]
            if path.startswith("/api/"):
                for status, words in READ_ERRORS.items():
                    responses.setdefault(status, {"description": words.capitalize() + "."})
                responses["default"] = {"description": "A problem."}
            for status, response in responses.items():
                if (status.startswith(("4", "5")) or status == "default") and path != "/readyz":
                    response["content"] = problem
            if asks := asked.get(operation["operationId"]):
                operation["security"] = [{"key": []}]
                operation["x-right"] = str(asks.right)
    app.openapi_schema = tree
    return tree
