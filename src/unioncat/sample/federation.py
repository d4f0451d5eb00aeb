"""The sample as domain objects, ready to be registered."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from unioncat.domain.audience import Audience
from unioncat.domain.library import Group, Library, Province
from unioncat.domain.source import Assertions, Protocol, Source
from unioncat.sample.facts import AUDIENCES, GROUPS, libraries, provinces
from unioncat.sample.generate import records, set_spec
from unioncat.sample.members import MEMBERS, Member
from unioncat.sample.style import System


@dataclass(frozen=True, slots=True)
class Federation:
    """Everything to register, in this order: successors and parents may come later in their own list."""

    provinces: tuple[Province, ...]
    groups: tuple[Group, ...]
    audiences: tuple[Audience, ...]
    libraries: tuple[Library, ...]
    sources: tuple[Source, ...]


def federation(endpoints: Mapping[str, str]) -> Federation:
    """Give the federation with a source for each member that has an endpoint: member code to address."""
    live = Counter(record.member for record in records() if not record.deleted)
    sources = tuple(
        _source(member, endpoints[member.code], live[member.code])
        for member in MEMBERS
        if member.code in endpoints
    )
    return Federation(provinces(), GROUPS, AUDIENCES, libraries(), sources)


def sets(member: Member) -> tuple[tuple[str, str], ...]:
    """Give the sets of a member as (spec, name) pairs."""
    if not member.sets:
        return ()
    if member.system is System.REPOSITORY:
        return (("publications", "Xuất bản phẩm"), ("theses", "Luận văn, luận án"))
    names = {library.code: library.name_vi for library in libraries()}
    return tuple((set_spec(branch.value), names[branch.library]) for branch in member.branches)


def _source(member: Member, address: str, live: int) -> Source:
    branches = tuple((f"branch:{branch.value}", branch.library) for branch in member.branches if branch.value)
    return Source(
        code=member.code,
        library=member.library,
        protocol=Protocol.OAI_PMH,
        address=address,
        format=member.format,
        profile=member.profile,
        options=branches,
        every_minutes=60,
        assertions=Assertions(min_records=live // 2),
        audience=member.audience,
        licence=member.licence,
    )
