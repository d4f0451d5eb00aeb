"""From the parameters of a request to a search query, and back to an address; shared by JSON and pages.

Text is read by `unioncat.index.parse`, nowhere else, so that both ways of asking mean the same.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from urllib.parse import urlencode

from unioncat.domain.search import FACETS, Clause, SearchQuery, Sort
from unioncat.index import parse

USUAL_SIZE = 20
"""Records on a page when nothing else is asked."""
FILTER_PARAMS = {"heading" if name == "subject" else name: name for name in FACETS}
"""Parameter -> facet. `subject` asks for words of a heading, `heading` for one heading as it stands."""
PARAM_OF_FACET = {facet: param for param, facet in FILTER_PARAMS.items()}
MAX_TEXT = 1000
"""Characters of one text that is asked for."""
MAX_VALUES = 50
"""Values of one filter."""
YEARS = (-3000, 9999)


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody asked for, close to the address it came by."""

    q: str = ""
    fields: Mapping[str, str] = field(default_factory=dict)
    filters: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Filter parameter -> values."""
    year_from: int | None = None
    year_to: int | None = None
    sort: Sort = Sort.RELEVANCE
    size: int = USUAL_SIZE
    cursor: str | None = None

    @property
    def empty(self) -> bool:
        """Tell whether nothing at all was asked for."""
        return not (self.q or self.fields or self.filters or self.year_from or self.year_to)

    def query(self, facets: Sequence[str] = (), facet_size: int = 12) -> SearchQuery:
        """Give the search query."""
        clauses: list[Clause] = list(parse(self.q)) if self.q else []
        for name, text in self.fields.items():
            clauses += [replace(clause, field=name) for clause in parse(text)]
        low, high = self.year_from, self.year_to
        if low is not None and high is not None and low > high:  # a slip, not a question
            low, high = high, low
        return SearchQuery(
            clauses=tuple(clauses),
            filters=tuple((FILTER_PARAMS[param], values) for param, values in self.filters.items()),
            year_from=low,
            year_to=high,
            sort=self.sort,
            size=self.size,
            cursor=self.cursor,
            facets=tuple(facets),
            facet_size=facet_size,
        )

    def pairs(self) -> list[tuple[str, str]]:
        """Give the parameters that ask the same, without the cursor and without what is usual."""
        pairs = [("q", self.q)] if self.q else []
        pairs += list(self.fields.items())
        pairs += [(param, value) for param, values in self.filters.items() for value in values]
        if self.year_from is not None:
            pairs.append(("year_from", str(self.year_from)))
        if self.year_to is not None:
            pairs.append(("year_to", str(self.year_to)))
        if self.sort is not Sort.RELEVANCE:
            pairs.append(("sort", self.sort.value))
        if self.size != USUAL_SIZE:
            pairs.append(("size", str(self.size)))
        return pairs

    def address(self, path: str, extra: Iterable[tuple[str, str]] = ()) -> str:
        """Give an address that asks the same."""
        pairs = [*self.pairs(), *extra]
        return f"{path}?{urlencode(pairs)}" if pairs else path

    def toggled(self, param: str, value: str) -> "Asked":
        """Ask the same with a filter value put in or taken out; the list begins anew."""
        values = self.filters.get(param, ())
        changed = tuple(v for v in values if v != value) if value in values else (*values, value)
        filters = {name: given for name, given in {**self.filters, param: changed}.items() if given}
        return replace(self, filters=filters, cursor=None)

    def without(self, name: str) -> "Asked":
        """Ask the same without a field, the text, or the years."""
        if name == "q":
            return replace(self, q="", cursor=None)
        if name == "year":
            return replace(self, year_from=None, year_to=None, cursor=None)
        return replace(self, fields={k: v for k, v in self.fields.items() if k != name}, cursor=None)
