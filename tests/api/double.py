"""A catalogue in memory with the questions of the real one, for tests that need no database."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from tests.api import shelf
from tests.api.lending_double import LendingDouble
from tests.api.onboarding_double import OnboardingDouble
from tests.api.people_double import PeopleDouble
from tests.api.review_double import ReviewDouble
from tests.api.upload_double import UploadDouble
from unioncat.domain.audience import Audience, Viewer
from unioncat.domain.credentials import Credentials, place_of
from unioncat.domain.hours import Hours
from unioncat.domain.library import Contact, Group, Library, Parent, Province
from unioncat.domain.licence import Licence
from unioncat.domain.search import FacetValue, Hit, SearchQuery, SearchResult, Sort
from unioncat.domain.source import Run, RunState, Source, SourceState
from unioncat.domain.union import Resolved, UnionRecord
from unioncat.flow.audience import Standing
from unioncat.flow.register import GroupIn, LibraryIn, SourceIn
from unioncat.index import BadCursor
from unioncat.store.errors import Conflict, Unknown
from unioncat.store.secrets import Kept
from unioncat.text import key_fold, sort_key
from unioncat_api.catalogue import Catalogue, Found, Health, Issue, Overview, SourceStatus
from unioncat_api.sharing import Sharing

RESOLVED = {
    "old-demen": Resolved("old-demen", "moved", ("demen",)),
    "old-both": Resolved("old-both", "split", ("demen", "kieu")),
    "old-gone": Resolved("old-gone", "gone"),
}


class SharingDouble(Sharing):
    """Libraries that keep everything for everybody."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, ...]] = []

    async def of_library(self, code: str) -> Standing:
        return Standing(0, {}, {}, [], [])


def texts(record: UnionRecord) -> str:
    """Everything of a record that a search looks at."""
    bib = record.bib
    parts = [
        bib.title.main,
        bib.title.remainder or "",
        *(a.name for a in bib.agents),
        *(s.text for s in bib.subjects),
    ]
    parts += [i.value for i in bib.identifiers] + [p.number or "" for p in bib.title.parts]
    return key_fold(" ".join(parts))


def facet_values(record: UnionRecord, libraries: dict[str, Library]) -> dict[str, list[str]]:
    """The facet values of a record."""
    codes = list(dict.fromkeys(h.library or m.library for m in record.members for h in m.holdings))
    known = [libraries[code] for code in codes if code in libraries]
    bib = record.bib
    return {
        "library": codes,
        "province": list({one.province for one in known if one.province}),
        "type": list({one.type.value for one in known}),
        "group": list({group for one in known for group in one.groups}),
        "format": [bib.material.value],
        "language": list(bib.languages),
        "year": [str(bib.year // 10 * 10)] if bib.year else [],
        "subject": [subject.text for subject in bib.subjects],
    }


class Double(Catalogue):
    """The catalogue of `shelf`, changed by what operators do."""

    def __init__(self) -> None:
        self.by_code = {one.code: one for one in shelf.LIBRARIES}
        self.all_groups = {one.code: one for one in shelf.GROUPS}
        self.all_sources = {one.code: one for one in shelf.SOURCES}
        self.kept: dict[str, Kept] = {}
        self.all_runs = list(shelf.RUNS)
        self.asked_harvests: list[str] = []
        self.all_records = list(shelf.RECORDS)
        self.healthy = True
        self.broken: Exception | None = None
        self.sharing = SharingDouble()
        self.queries: list[SearchQuery] = []
        self.review = ReviewDouble(self.all_records)
        self.uploads = UploadDouble(self.all_sources)
        self.onboarding = OnboardingDouble()
        self.lending = LendingDouble()
        self.people = PeopleDouble(self._owner, Viewer(frozenset({0, shelf.RESTRICTED})))

    async def find(self, viewer: Viewer, query: SearchQuery) -> Found:
        if self.broken:
            raise self.broken
        self.queries.append(query)
        filters = dict(query.filters)
        found = []
        for record in self.all_records:
            values = facet_values(record, self.by_code)
            text = texts(record)
            if all((key_fold(c.text) in text) != c.negated for c in query.clauses) and all(
                set(wanted) & set(values[name]) for name, wanted in filters.items()
            ):
                year = record.bib.year or 0
                if (query.year_from or -9999) <= year <= (query.year_to or 9999):
                    found.append(record)
        if query.sort is Sort.TITLE:
            found.sort(key=lambda one: sort_key(one.bib.title.main))
        elif query.sort in (Sort.NEWEST, Sort.OLDEST):
            found.sort(key=lambda one: one.bib.year or 0, reverse=query.sort is Sort.NEWEST)
        if query.cursor is not None and not query.cursor.startswith("at-"):
            raise BadCursor("the cursor is damaged: search again from the first page")
        start = int(query.cursor[3:]) if query.cursor else 0
        page = found[start : start + query.size]
        facets = []
        for name in query.facets:
            counts = Counter(v for one in found for v in facet_values(one, self.by_code)[name])
            chosen = filters.get(name, ())
            facets.append(
                (name, tuple(FacetValue(v, n, v in chosen) for v, n in counts.most_common(query.facet_size)))
            )
        end = start + len(page)
        asked = " ".join(clause.text for clause in query.clauses)
        result = SearchResult(
            total=len(found),
            hits=tuple(Hit(one.id, 1.0) for one in page),
            facets=tuple(facets),
            next_cursor=f"at-{end}" if end < len(found) else None,
            did_you_mean="dế mèn" if asked == "de mem" else None,
        )
        return Found(result, tuple(page))

    async def suggest(self, viewer: Viewer, text: str, limit: int) -> Sequence[str]:
        titles = dict.fromkeys(one.bib.title.main for one in self.all_records)
        return [title for title in titles if key_fold(title).startswith(key_fold(text))][:limit]

    async def record(self, viewer: Viewer, public_id: str) -> UnionRecord | Resolved | None:
        if self.broken:
            raise self.broken
        for one in self.all_records:
            if one.id == public_id:
                return one
        return RESOLVED.get(public_id)

    async def successors(self, viewer: Viewer, public_id: str) -> tuple[str, ...]:
        return ("demen",) if public_id == "kieu" else ()

    async def overview(self, viewer: Viewer) -> Overview:
        holdings = sum(len(m.holdings) for one in self.all_records for m in one.members)
        members = sum(len(one.members) for one in self.all_records)
        return Overview(
            len(await self.libraries(viewer)),
            len(await self.sources(viewer)),
            members,
            len(self.all_records),
            holdings,
            len(self.all_records),
            3,
            tuple(await self.runs(viewer, None, 10)),
        )

    async def sources(self, viewer: Viewer) -> Sequence[SourceStatus]:
        last = {run.source_code: run for run in reversed(self.all_runs)}
        return [
            SourceStatus(one, self.by_code[one.library], last.get(one.code), 1200, 3, 14)
            for one in self.all_sources.values()
            if viewer.may_see(one.audience)
        ]

    def _owner(self, code: str) -> str | None:
        return self.all_sources[code].library if code in self.all_sources else None

    def _source(self, code: str) -> Source:
        if code not in self.all_sources:
            raise Unknown(f"there is no source {code!r}")
        return self.all_sources[code]

    async def problems(self, viewer: Viewer, source: str, limit: int) -> Sequence[Issue]:
        return [
            Issue("title-missing", f"The record has no title. {shelf.HOSTILE}", "001234", 2, shelf.NOW),
            Issue("isbn-wrong", "ISBN 9786042189600 has a wrong check digit.", "001235", 2, shelf.NOW),
        ][:limit]

    async def runs(self, viewer: Viewer, source: str | None, limit: int) -> Sequence[Run]:
        if source is not None and not viewer.may_see(self._source(source).audience):
            raise Unknown(f"there is no source {source!r}")
        return [
            run
            for run in self.all_runs
            if source in (None, run.source_code)
            and viewer.may_see(self.all_sources[run.source_code].audience)
        ][:limit]

    async def run(self, viewer: Viewer, run_id: int) -> Run | None:
        return next((run for run in await self.runs(viewer, None, 99) if run.id == run_id), None)

    async def libraries(self, viewer: Viewer) -> Sequence[Library]:
        return [one for one in self.by_code.values() if viewer.may_see(one.audience)]

    async def own_libraries(self, codes: Collection[str]) -> Sequence[Library]:
        return [one for one in self.by_code.values() if one.code in codes]

    async def provinces(self) -> Sequence[Province]:
        return shelf.PROVINCES

    async def groups(self) -> Sequence[Group]:
        return list(self.all_groups.values())

    async def audiences(self) -> Sequence[Audience]:
        circles = ((0, "public", "Công khai", "Public"), (shelf.RESTRICTED, "nhom", "Nhóm", "Group"))
        return [Audience(*one) for one in circles]

    async def set_schedule(self, source: str, every_minutes: int, hours: Hours | None) -> None:
        self.all_sources[source] = replace(self._source(source), every_minutes=every_minutes, hours=hours)

    async def set_licence(self, source: str, licence: Licence, *, by: str) -> None:
        self.all_sources[source] = replace(self._source(source), licence=licence)

    async def operator(self) -> Viewer:
        return Viewer(frozenset({0, shelf.RESTRICTED}))

    async def save_library(self, library: LibraryIn) -> Library:
        for group in library.groups:
            if group not in self.all_groups:
                raise Unknown(f"there is no group {group!r}")
        fields = library.model_dump()
        fields["audience"] = 0
        fields["parents"] = tuple(Parent(**parent) for parent in fields["parents"])
        fields["groups"] = tuple(fields["groups"])
        fields["contact"] = Contact(**fields["contact"])
        saved = Library(**fields)
        self.by_code[saved.code] = saved
        return saved

    async def save_group(self, group: GroupIn) -> Group:
        saved = Group(**group.model_dump())
        self.all_groups[saved.code] = saved
        return saved

    async def save_source(self, source: SourceIn) -> Source:
        if source.library not in self.by_code:
            raise Unknown(
                f"there is no library {source.library!r}", "Add the library first, or correct its code."
            )
        saved = Source(
            source.code, source.library, source.protocol, source.address, source.format, source.set
        )
        saved = replace(saved, licence=Licence(source.licence.code, source.licence.words))
        self.all_sources[saved.code] = saved
        return saved

    async def credentials(self, source: str) -> Kept | None:
        self._source(source)
        return self.kept.get(source)

    async def save_credentials(self, source: str, given: Credentials) -> None:
        complaint = given.complaint()
        if complaint:
            raise Conflict(f"credentials of source {source!r}: {complaint}", "Give others.")
        self.kept[source] = Kept(
            place_of(self._source(source).address), datetime(2025, 11, 2, tzinfo=UTC), True
        )

    async def forget_credentials(self, source: str) -> None:
        self._source(source)
        self.kept.pop(source, None)

    async def pause(self, source: str) -> None:
        self.all_sources[source] = replace(self._source(source), state=SourceState.PAUSED)

    async def resume(self, source: str) -> None:
        if self._source(source).state is SourceState.HELD:
            raise Conflict("run 3 is held", "Accept or reject that run; then the source goes on.")
        self.all_sources[source] = replace(self._source(source), state=SourceState.ACTIVE)

    async def harvest(self, source: str) -> None:
        if source in self.asked_harvests:
            raise Conflict(f"a harvest of {source!r} waits or runs already", "Wait for it to end.")
        self.asked_harvests.append(source)

    async def decide(self, viewer: Viewer, source: str, *, accept: bool) -> None:
        held = [run for run in self.all_runs if run.source_code == source and run.state is RunState.HELD]
        if not held:
            raise Conflict(f"source {source!r} has no held run", "Only a held run waits for a decision.")
        place = self.all_runs.index(held[0])
        self.all_runs[place] = replace(held[0], state=RunState.PUBLISHED if accept else RunState.REJECTED)
        self.all_sources[source] = replace(self._source(source), state=SourceState.ACTIVE)

    async def health(self) -> Sequence[Health]:
        return [
            Health(
                "catalogue", self.healthy, "the index is whole" if self.healthy else "the index is not whole"
            )
        ]
