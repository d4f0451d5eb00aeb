"""Searching and completing, as JSON.

A parameter that is not known is refused: passed over in silence it would widen an answer unseen. So is a
value that no record can have: it would empty one.
"""

import re
from typing import Annotated

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator

from unioncat.domain.bib import Material
from unioncat.domain.library import LibraryType
from unioncat.domain.search import FACETS, FIELDS, SearchResult, Sort
from unioncat_api.asking import FILTER_PARAMS, MAX_TEXT, MAX_VALUES, PARAM_OF_FACET, USUAL_SIZE, YEARS, Asked
from unioncat_api.deps import CatalogueDep, DirectoryDep, ViewerDep
from unioncat_api.directory import Directory
from unioncat_api.schemas.common import answer
from unioncat_api.schemas.record import RecordBrief
from unioncat_api.schemas.search import FacetOut, FacetValueOut, SearchOut, SuggestOut

router = APIRouter(prefix="/api/v1", tags=["search"])

_CLOSED = {"type": LibraryType, "format": Material}
_DECADE = re.compile(r"\d{3}0")

Text = Annotated[str, Field(max_length=MAX_TEXT)]
Values = Annotated[list[Text], Field(max_length=MAX_VALUES)]
Year = Annotated[int, Field(ge=YEARS[0], le=YEARS[1])]


class SearchParams(BaseModel):
    """The parameters of a search."""

    model_config = ConfigDict(extra="forbid")

    q: Text = Field("", description='Words, with or without tone marks; "a phrase"; -word leaves out.')
    title: Text = Field("", description="Words of a title.")
    author: Text = Field("", description="Words of the name of a person or body.")
    subject: Text = Field("", description="Words of a subject heading.")
    publisher: Text = Field("", description="Words of a publisher's name.")
    series: Text = Field("", description="Words of a series title.")
    isbn: Text = Field("", description="ISBN with 10 or 13 digits, with or without hyphens.")
    issn: Text = Field("", description="ISSN.")
    identifier: Text = Field("", description="Any other standard number.")
    shelf_mark: Text = Field("", description="Shelf mark at any library.")
    year_from: Year | None = Field(None, description="Published in this year or later.")
    year_to: Year | None = Field(None, description="Published in this year or earlier.")
    library: Values = Field([], description="Codes of libraries; several are alternatives.")
    province: Values = Field([], description="Keys of provinces.")
    group: Values = Field([], description="Codes of groups of libraries.")
    type: Values = Field([], description="Kinds of library.")
    format: Values = Field([], description="Kinds of material.")
    language: Values = Field([], description="Languages (ISO 639-2/B).")
    year: Values = Field([], description="Decades, as `1990`.")
    heading: Values = Field([], description="Subject headings as the facet `subject` gives them.")
    sort: Sort = Field(Sort.RELEVANCE, description="Order of the results.")
    size: int = Field(USUAL_SIZE, ge=1, le=100, description="Records on a page.")
    cursor: Text | None = Field(None, description="`next_cursor` of the page before.")
    facets: list[str] = Field(
        [], description=f"Facets to count, repeated or with commas: {', '.join(FACETS)}."
    )
    facet_size: int = Field(12, ge=1, le=200, description="Values of each facet.")

    @field_validator("facets")
    @classmethod
    def _known(cls, given: list[str]) -> list[str]:
        names = [name.strip() for item in given for name in item.split(",") if name.strip()]
        for name in names:
            if name not in FACETS:
                raise ValueError(f"there is no such facet; choose from {', '.join(FACETS)}")
        return list(dict.fromkeys(names))

    @field_validator("type", "format")
    @classmethod
    def _one_of(cls, given: list[str], info: ValidationInfo) -> list[str]:
        values = tuple(_CLOSED[info.field_name or ""])
        for value in given:
            if value not in values:
                raise ValueError(f"there is no {value!r}; choose from {', '.join(values)}")
        return given

    @field_validator("year")
    @classmethod
    def _decades(cls, given: list[str]) -> list[str]:
        for value in given:
            if not _DECADE.fullmatch(value):
                raise ValueError(f"{value!r} is no decade; write 1990, or ask with year_from and year_to")
        return given

    def asked(self) -> Asked:
        """Give what was asked for."""
        return Asked(
            q=self.q.strip(),
            fields={name: text for name in FIELDS if (text := getattr(self, name).strip())},
            filters={name: tuple(values) for name in FILTER_PARAMS if (values := getattr(self, name))},
            year_from=self.year_from,
            year_to=self.year_to,
            sort=self.sort,
            size=self.size,
            cursor=self.cursor,
        )


def facets_out(result: SearchResult, directory: Directory) -> tuple[FacetOut, ...]:
    """Describe the facets with the names of libraries, places and groups."""
    facets = []
    for name, values in result.facets:
        described = []
        for value in values:
            named = directory.name(name, value.value) or (None, None)
            described.append(
                FacetValueOut(
                    value=value.value,
                    count=value.count,
                    selected=value.selected,
                    name_vi=named[0],
                    name_en=named[1],
                )
            )
        facets.append(FacetOut(name=name, param=PARAM_OF_FACET[name], values=tuple(described)))
    return tuple(facets)


@router.get("/search", response_model=SearchOut)
async def search(
    params: Annotated[SearchParams, Query()], catalogue: CatalogueDep, viewer: ViewerDep, names: DirectoryDep
) -> Response:
    """Search the union catalogue."""
    asked = params.asked()
    found = await catalogue.find(viewer, asked.query(params.facets, params.facet_size))
    result = found.result
    extra = [("facets", ",".join(params.facets))] if params.facets else []
    extra += [("facet_size", str(params.facet_size))] if params.facet_size != 12 else []
    following = None
    if result.next_cursor:
        following = asked.address("/api/v1/search", [*extra, ("cursor", result.next_cursor)])
    shown = SearchOut(
        total=result.total,
        total_exact=result.total_exact,
        sort=asked.sort,
        items=tuple(RecordBrief.of(record) for record in found.records),
        facets=facets_out(result, names),
        next_cursor=result.next_cursor,
        next=following,
        did_you_mean=result.did_you_mean,
    )
    return answer(shown, headers={"Cache-Control": "public, max-age=10"})


@router.get("/suggest", response_model=SuggestOut)
async def suggest(
    catalogue: CatalogueDep,
    viewer: ViewerDep,
    q: Annotated[str, Query(max_length=200, description="What was typed so far.")],
    limit: Annotated[int, Query(ge=1, le=20)] = 8,
) -> Response:
    """Complete what a reader types."""
    items = await catalogue.suggest(viewer, q, limit) if q.strip() else ()
    return answer(SuggestOut(q=q, items=tuple(items)), headers={"Cache-Control": "public, max-age=30"})
