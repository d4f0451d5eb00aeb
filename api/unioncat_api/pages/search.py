"""The search page. A reader's slip in an address is passed over with a word, never met with an error."""

from dataclasses import dataclass, replace
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response
from pydantic import ValidationError

from unioncat.domain.search import FacetValue, Sort
from unioncat.index import BadCursor
from unioncat_api.asking import FILTER_PARAMS, MAX_TEXT, PARAM_OF_FACET, Asked
from unioncat_api.deps import CatalogueDep
from unioncat_api.directory import Directory
from unioncat_api.pages.messages import Words
from unioncat_api.pages.render import page, tongue
from unioncat_api.problems import ProblemError
from unioncat_api.routes.search import SearchParams
from unioncat_api.session import PageDirectoryDep, PageViewerDep

router = APIRouter(include_in_schema=False)

SHOWN_FACETS = ("format", "year", "language", "subject", "library", "province", "type", "group")
FACET_SIZE = 12
OPEN_VALUES = 6
"""Values of a facet shown before “more”."""
SEVERAL = {*FILTER_PARAMS}
FORM_FIELDS = ("title", "author", "subject", "publisher", "series", "isbn", "shelf_mark")


@dataclass(frozen=True, slots=True)
class Choice:
    """A facet value on the page: its name, its count, and the address that puts it in or takes it out."""

    name: str
    count: int
    selected: bool
    address: str


@dataclass(frozen=True, slots=True)
class FacetBox:
    """A facet on the page."""

    name: str
    open: tuple[Choice, ...]
    more: tuple[Choice, ...]


@dataclass(frozen=True, slots=True)
class Chip:
    """A part of the search that can be taken out."""

    label: str
    address: str


@dataclass(frozen=True, slots=True)
class Reading:
    """What an address asks for, whether a part of it was passed over, and the number of the page."""

    asked: Asked
    slip: bool
    page: int


def reading(request: Request) -> Reading:
    """Read the address; what is not valid in it is left out."""
    given: dict[str, Any] = {}
    for name, value in request.query_params.multi_items():
        if name in SearchParams.model_fields and value.strip():
            if name in SEVERAL:
                given.setdefault(name, []).append(value)
            else:
                given[name] = value
    given.pop("facets", None)
    slip = False
    try:
        params = SearchParams.model_validate(given)
    except ValidationError as error:
        slip = True
        for name in {str(item["loc"][0]) for item in error.errors()}:
            given.pop(name, None)
        params = SearchParams.model_validate(given)
    number = request.query_params.get("page", "1")
    valid = number.isascii() and number.isdigit() and len(number) < 7
    # A page is found by its cursor alone: without one it is the first, whatever the address says.
    return Reading(params.asked(), slip, max(1, int(number)) if valid and params.cursor else 1)


def value_name(words: Words, names: Directory, facet: str, value: str) -> str:
    """Name a facet value."""
    if found := names.name(facet, value):
        return found[1] if words.language == "en" and found[1] else found[0]
    if facet == "type":
        return words.value("type", value)
    if facet == "format":
        return words.value("material", value)
    if facet == "language":
        return words.spoken(value)
    if facet == "year" and value.isdigit():
        return words.t("facet.decade", **{"from": value, "to": str(int(value) + 9)})
    return value


def boxes(
    facets: tuple[tuple[str, tuple[FacetValue, ...]], ...], asked: Asked, words: Words, names: Directory
) -> list[FacetBox]:
    """Make the facets of a page, in the order in which readers use them."""
    found = dict(facets)
    made = []
    for facet in SHOWN_FACETS:
        param = PARAM_OF_FACET[facet]
        chosen = asked.filters.get(param, ())
        choices = [
            Choice(
                name=value_name(words, names, facet, value.value),
                count=value.count,
                selected=value.value in chosen,
                address=asked.toggled(param, value.value).address("/search"),
            )
            for value in found.get(facet, ())
        ]
        if choices and (len(choices) > 1 or choices[0].selected):
            made.append(FacetBox(facet, tuple(choices[:OPEN_VALUES]), tuple(choices[OPEN_VALUES:])))
    return made


def chips(asked: Asked, words: Words, names: Directory) -> list[Chip]:
    """Make the parts of the search that can be taken out one by one."""
    made = [
        Chip(f"{words.t(f'search.field_{name}')}: {text}", asked.without(name).address("/search"))
        for name, text in asked.fields.items()
    ]
    if asked.year_from is not None or asked.year_to is not None:
        span = "–".join("" if year is None else str(year) for year in (asked.year_from, asked.year_to))
        made.append(Chip(f"{words.t('facet.year')}: {span}", asked.without("year").address("/search")))
    for param, values in asked.filters.items():
        facet = FILTER_PARAMS[param]
        made += [
            Chip(
                f"{words.t(f'facet.{facet}')}: {value_name(words, names, facet, value)}",
                asked.toggled(param, value).address("/search"),
            )
            for value in values
        ]
    return made


def started(request: Request) -> Reading:
    """Give the reading of an address, as a dependency."""
    if any(len(value) > MAX_TEXT for _, value in request.query_params.multi_items()):
        raise ProblemError("bad-request", f"A text may have {MAX_TEXT} characters.")
    return reading(request)


@router.get("/search")
async def search(
    request: Request,
    read: Annotated[Reading, Depends(started)],
    catalogue: CatalogueDep,
    viewer: PageViewerDep,
    names: PageDirectoryDep,
) -> Response:
    """Show the search form, and the results of what was asked."""
    words = tongue(request).words
    asked, expired, number = read.asked, False, read.page
    try:
        found = await catalogue.find(viewer, asked.query(SHOWN_FACETS, FACET_SIZE))
    except BadCursor:
        asked, expired, number = replace(asked, cursor=None), True, 1
        found = await catalogue.find(viewer, asked.query(SHOWN_FACETS, FACET_SIZE))
    result = found.result
    first = (number - 1) * asked.size + 1
    following = None
    if result.next_cursor:
        following = asked.address("/search", [("cursor", result.next_cursor), ("page", str(number + 1))])
    correction = None
    if result.did_you_mean:
        correction = replace(asked, q=result.did_you_mean, fields={}, cursor=None).address("/search")
    return page(
        request,
        "search.html",
        asked=asked,
        result=result,
        records=found.records,
        names=names,
        boxes=boxes(result.facets, asked, words, names),
        chips=chips(asked, words, names),
        clear=Asked(q=asked.q, sort=asked.sort).address("/search"),
        hidden=[pair for pair in asked.pairs() if pair[0] in FILTER_PARAMS],
        form_fields=FORM_FIELDS,
        other_fields=[(k, v) for k, v in asked.fields.items() if k not in FORM_FIELDS],
        advanced=bool(asked.fields or asked.year_from is not None or asked.year_to is not None),
        sorts=list(Sort),
        kept_for_sort=[pair for pair in asked.pairs() if pair[0] != "sort"],
        first=first,
        last=first + len(found.records) - 1,
        number=number,
        following=following,
        beginning=asked.address("/search"),
        correction=correction,
        slip=read.slip,
        expired=expired,
    )
