"""Search answers on the wire."""

from unioncat.domain.search import Sort
from unioncat_api.schemas.common import Out, example
from unioncat_api.schemas.record import RecordBrief


class FacetValueOut(Out):
    """One value of a facet with the number of records it would leave."""

    value: str
    count: int
    selected: bool = False
    name_vi: str | None = None
    name_en: str | None = None


class FacetOut(Out):
    """A facet; send one of its values back in the parameter `param` to narrow the search."""

    name: str
    param: str
    values: tuple[FacetValueOut, ...]


class SearchOut(Out):
    """A page of results; `next` is the address of the following page."""

    model_config = example(
        {
            "total": 1,
            "total_exact": True,
            "sort": "relevance",
            "items": [
                {
                    "id": "01hzx3k9q2m7",
                    "title": {"main": "Dế Mèn phiêu lưu ký", "parts": [], "kind": "proper"},
                    "agents": [{"name": "Tô Hoài", "kind": "person", "roles": [], "main": True}],
                    "year": 2020,
                    "isbn": ["9786042189606"],
                    "languages": ["vie"],
                    "material": "book",
                    "carrier": "print",
                    "libraries": 2,
                    "copies": 5,
                    "full_text": False,
                }
            ],
            "facets": [
                {
                    "name": "type",
                    "param": "type",
                    "values": [{"value": "public", "count": 1, "selected": False}],
                }
            ],
        }
    )

    total: int
    total_exact: bool
    sort: Sort
    items: tuple[RecordBrief, ...]
    facets: tuple[FacetOut, ...] = ()
    next_cursor: str | None = None
    next: str | None = None
    did_you_mean: str | None = None


class SuggestOut(Out):
    """Completions of what was typed."""

    model_config = example({"q": "de men", "items": ["Dế Mèn phiêu lưu ký"]})

    q: str
    items: tuple[str, ...]
