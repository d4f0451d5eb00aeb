"""Union records on the wire: whole with holdings and provenance, or brief in a list.

Record numbers are 64 bits wide and travel as text: JSON numbers of that size lose digits in many readers.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Self

from unioncat.domain.bib import BibRecord, Carrier, Holding, Material
from unioncat.domain.library import Library, LibraryType, Province
from unioncat.domain.union import Member, Resolved, UnionRecord
from unioncat_api.directory import Directory
from unioncat_api.schemas.bib import AgentOut, BibOut, ImprintOut, TitleOut
from unioncat_api.schemas.common import LicenceOut, Out, example


class PlaceOut(Out):
    """The province that a library lies in."""

    key: str
    name_vi: str
    name_en: str


class HolderOut(Out):
    """The library that has something, in few words."""

    code: str
    name_vi: str
    name_en: str
    type: LibraryType | None = None
    province: PlaceOut | None = None
    lat: float | None = None
    lon: float | None = None

    @classmethod
    def named(cls, code: str, library: Library | None, province: Province | None) -> Self:
        """Describe a library; one that is not (or no longer) registered goes by its code."""
        if library is None:
            return cls(code=code, name_vi=code, name_en=code)
        return cls(
            code=code,
            name_vi=library.name_vi,
            name_en=library.name_en,
            type=library.type,
            province=PlaceOut.of(province) if province else None,
            lat=library.lat,
            lon=library.lon,
        )


class HoldingOut(Out):
    """What one library has, as one member's record says."""

    library: HolderOut
    record: str
    location: str | None = None
    shelf_mark: str | None = None
    items: tuple[str, ...] = ()
    copies: int = 1
    volume: str | None = None
    status: str = "unknown"
    note: str | None = None
    url: str | None = None

    @classmethod
    def at(cls, holding: Holding, member: Member, holder: HolderOut) -> Self:
        """Describe a holding of a member's record."""
        return cls(
            library=holder,
            record=str(member.record_id),
            location=holding.location,
            shelf_mark=holding.shelf_mark,
            items=holding.items,
            copies=holding.copies,
            volume=holding.volume,
            status=holding.status,
            note=holding.note,
            url=holding.url,
        )


class MemberOut(Out):
    """A member's own record, as it was understood."""

    record: str
    source: str
    library: str
    local_id: str
    updated: datetime | None = None
    licence: LicenceOut
    bib: BibOut

    @classmethod
    def of(cls, source: object) -> Self:
        """Describe a member."""
        if not isinstance(source, Member):
            raise TypeError(source)
        return cls(
            record=str(source.record_id),
            source=source.source,
            library=source.library,
            local_id=source.local_id,
            updated=source.updated,
            licence=LicenceOut.of(source.licence),
            bib=BibOut.of(source.bib),
        )


class ProvenanceOut(Out):
    """Which members gave a field, and why they were preferred."""

    field: str
    records: tuple[str, ...]
    why: str


def holdings_of(member: Member) -> tuple[Holding, ...]:
    """Give a member's holdings; a record without any still says that its own library has the thing."""
    return member.holdings or (Holding(copies=0),)


def holder_codes(record: UnionRecord) -> list[str]:
    """Give the codes of the libraries that have a record, each once, in the order of the members."""
    return list(dict.fromkeys(h.library or m.library for m in record.members for h in holdings_of(m)))


def holders(record: UnionRecord, directory: Directory) -> Mapping[str, HolderOut]:
    """Describe every library that has this record, by its code."""
    return {
        code: HolderOut.named(code, directory.library(code), directory.place_of(code))
        for code in holder_codes(record)
    }


class RecordOut(Out):
    """A union record: one edition as all members together describe it."""

    model_config = example(
        {
            "id": "01hzx3k9q2m7",
            "updated": "2025-11-02T03:04:05Z",
            "libraries": 2,
            "bib": {
                "title": {"main": "Dế Mèn phiêu lưu ký", "parts": [], "kind": "proper"},
                "agents": [{"name": "Tô Hoài", "kind": "person", "roles": [], "main": True}],
                "imprints": [{"places": ["Hà Nội"], "publishers": ["Kim Đồng"], "date": "2020"}],
                "year": 2020,
                "identifiers": [{"scheme": "isbn", "value": "9786042189606", "valid": True}],
                "languages": ["vie"],
                "material": "book",
                "carrier": "print",
            },
            "holdings": [
                {
                    "library": {
                        "code": "tv-ha-noi",
                        "name_vi": "Thư viện Hà Nội",
                        "name_en": "Hanoi Library",
                    },
                    "record": "7213450981234",
                    "shelf_mark": "895.922 T450H",
                    "items": [],
                    "copies": 2,
                    "status": "available",
                }
            ],
            "provenance": [{"field": "title", "records": ["7213450981234"], "why": "preferred library"}],
            "members": [],
        }
    )

    id: str
    updated: datetime | None = None
    successors: tuple[str, ...] = ()
    """Records that parted from this one, which lives on in its largest part."""
    libraries: int
    bib: BibOut
    holdings: tuple[HoldingOut, ...]
    provenance: tuple[ProvenanceOut, ...]
    members: tuple[MemberOut, ...]

    @classmethod
    def build(cls, record: UnionRecord, directory: Directory, successors: tuple[str, ...] = ()) -> Self:
        """Describe a union record with the names of its libraries."""
        known = holders(record, directory)
        return cls(
            id=record.id,
            updated=record.updated,
            successors=successors,
            libraries=len(known),
            bib=BibOut.of(record.bib),
            holdings=tuple(
                HoldingOut.at(holding, member, known[holding.library or member.library])
                for member in record.members
                for holding in holdings_of(member)
            ),
            provenance=tuple(
                ProvenanceOut(field=p.field, records=tuple(map(str, p.members)), why=p.why)
                for p in record.provenance
            ),
            members=tuple(MemberOut.of(member) for member in record.members),
        )


class RecordBrief(Out):
    """A union record in a result list."""

    id: str
    title: TitleOut
    responsibility: str | None = None
    agents: tuple[AgentOut, ...] = ()
    edition: str | None = None
    imprints: tuple[ImprintOut, ...] = ()
    year: int | None = None
    extent: str | None = None
    isbn: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    material: Material
    carrier: Carrier
    libraries: int
    copies: int
    full_text: bool
    updated: datetime | None = None

    @classmethod
    def of(cls, source: object) -> Self:
        """Describe a union record in few words."""
        if not isinstance(source, UnionRecord):
            raise TypeError(source)
        bib: BibRecord = source.bib
        return cls(
            id=source.id,
            title=TitleOut.of(bib.title),
            responsibility=bib.responsibility,
            agents=tuple(AgentOut.of(agent) for agent in bib.agents),
            edition=bib.edition,
            imprints=tuple(ImprintOut.of(imprint) for imprint in bib.imprints),
            year=bib.year,
            extent=bib.extent.text if bib.extent else None,
            isbn=tuple(i.value for i in bib.identifiers if i.scheme == "isbn" and i.valid),
            languages=bib.languages,
            material=bib.material,
            carrier=bib.carrier,
            libraries=len(holder_codes(source)),
            copies=sum(h.copies for m in source.members for h in m.holdings),
            full_text=any(link.full_text for link in bib.links),
            updated=source.updated,
        )


class SuccessorsOut(Out):
    """What a retired id stands for today."""

    model_config = example(
        {"id": "01hzx3k9q2m7", "state": "split", "successors": ["01hzx3k9q2m8", "01hzx3k9q2m9"]}
    )

    id: str
    state: str
    successors: tuple[str, ...]

    @classmethod
    def of(cls, source: object) -> Self:
        """Describe a resolved id."""
        if not isinstance(source, Resolved):
            raise TypeError(source)
        return cls(id=source.id, state=source.state, successors=source.successors)
