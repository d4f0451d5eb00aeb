"""What browsers and robots ask for beside pages: static files, icons, the search description."""

from importlib.resources import files
from xml.sax.saxutils import escape

import orjson
from fastapi import APIRouter, Request
from fastapi.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from unioncat_api.pages.messages import VI

router = APIRouter(include_in_schema=False)


class Static(StaticFiles):
    """Static files that browsers keep for a year: an address carries the hash of its content."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        """Answer with a file."""
        response = await super().get_response(path, scope)
        if response.status_code == 200:
            versioned = b"v=" in scope["query_string"]
            response.headers["Cache-Control"] = (
                "public, max-age=31536000, immutable" if versioned else "public, max-age=3600"
            )
        return response


def static_files() -> Static:
    """Give the application for static files."""
    return Static(directory=str(files("unioncat_api.pages").joinpath("static")))


@router.get("/favicon.ico")
async def favicon() -> Response:
    """Give the mark; every browser that asks here takes SVG."""
    mark = files("unioncat_api.pages").joinpath("static/mark.svg").read_bytes()
    return Response(mark, media_type="image/svg+xml", headers={"Cache-Control": "public, max-age=86400"})


@router.get("/robots.txt")
async def robots() -> Response:
    """Let robots read records and libraries, and keep them out of endless lists of results."""
    text = "User-agent: *\nDisallow: /search\nDisallow: /api/\nDisallow: /sources\n"
    return Response(text, media_type="text/plain", headers={"Cache-Control": "public, max-age=86400"})


@router.get("/manifest.webmanifest")
async def manifest() -> Response:
    """Describe the site to telephones that put it on their first screen."""
    body = {
        "name": f"{VI.t('site.name')} – {VI.t('site.tagline')}",
        "short_name": VI.t("site.name"),
        "description": VI.t("site.description"),
        "lang": "vi",
        "start_url": "/",
        "display": "browser",
        "background_color": "#faf6ee",
        "theme_color": "#8a1c1c",
        "icons": [{"src": "/static/mark.svg", "sizes": "any", "type": "image/svg+xml"}],
    }
    return Response(orjson.dumps(body), media_type="application/manifest+json")


@router.get("/opensearch.xml")
async def opensearch(request: Request) -> Response:
    """Let browsers add the catalogue to their search box (OpenSearch 1.1)."""
    base = escape(request.app.state.base_url, {'"': "&quot;"})
    xml = (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<OpenSearchDescription xmlns="http://a9.com/-/spec/opensearch/1.1/">'
        f"<ShortName>{VI.t('site.name')[:16]}</ShortName>"
        f"<Description>{escape(VI.t('site.description'))}</Description>"
        "<InputEncoding>UTF-8</InputEncoding>"
        f'<Image type="image/svg+xml">{base}/static/mark.svg</Image>'
        f'<Url type="text/html" template="{base}/search?q={{searchTerms}}"/>'
        "</OpenSearchDescription>"
    )
    return Response(xml, media_type="application/opensearchdescription+xml")
