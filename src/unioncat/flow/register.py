"""Registering libraries, groups and sources: one by one, or many out of a TOML file in one transaction."""

import asyncio
import tomllib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from unioncat.domain.audience import Audience, Viewer
from unioncat.domain.hours import Hours
from unioncat.domain.library import (
    Contact,
    Group,
    GroupMode,
    Level,
    Library,
    LibraryType,
    Parent,
    Province,
)
from unioncat.domain.licence import LONGEST_WORDS, Licence, LicenceCode
from unioncat.domain.source import Politeness, Protocol, Run, Source, SourceState
from unioncat.flow import audit
from unioncat.flow import uploads as flow_uploads
from unioncat.flow.profiles import known_profile
from unioncat.flow.services import Services
from unioncat.flow.vetting import vet
from unioncat.store import changes, jobs, libraries, publish, runs, sources, uploads
from unioncat.store.database import Connection
from unioncat.store.errors import Conflict

FILES_ADDRESS = "files:"
CODE = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$"


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)


class AudienceIn(_Strict):
    """[[audience]] of a file."""

    code: str = Field(pattern=CODE)
    name_vi: str
    name_en: str
    group: str | None = None


class GroupIn(_Strict):
    """[[group]] of a file."""

    code: str = Field(pattern=CODE)
    name_vi: str
    name_en: str
    mode: GroupMode = GroupMode.FUNCTION


class ProvinceIn(_Strict):
    """[[province]] of a file."""

    key: str = Field(pattern=CODE)
    code: str
    name_vi: str
    name_en: str
    valid_from: date | None = None
    valid_to: date | None = None
    successor: str | None = None
    lat: float | None = Field(None, ge=-90, le=90)
    lon: float | None = Field(None, ge=-180, le=180)


class ParentIn(_Strict):
    """A superior of a library in a file."""

    code: str
    valid_from: date | None = None
    valid_to: date | None = None


class ContactIn(_Strict):
    """How to reach a library."""

    email: str | None = None
    phone: str | None = None
    address: str | None = None
    website: str | None = None


class LibraryIn(_Strict):
    """[[library]] of a file, and the body of a registration; `audience` is a code."""

    code: str = Field(pattern=CODE)
    name_vi: str = Field(min_length=1)
    name_en: str = Field(min_length=1)
    type: LibraryType
    level: Level = Level.UNIT
    province: str | None = None
    parents: list[ParentIn] = []
    groups: list[str] = []
    lat: float | None = Field(None, ge=-90, le=90)
    lon: float | None = Field(None, ge=-180, le=180)
    contact: ContactIn = ContactIn()
    isil: str | None = None
    audience: str = "public"
    valid_from: date | None = None
    valid_to: date | None = None
    successor: str | None = None


class AssertionsIn(_Strict):
    """What must hold of a source's runs."""

    min_records: int = Field(0, ge=0)
    max_records: int | None = Field(None, ge=0)
    max_fall: float = Field(0.05, ge=0, le=1)
    fall_allowance: int = Field(50, ge=0)
    trust_list_size: bool = True


class PolitenessIn(_Strict):
    """How gently a source is asked."""

    pause: float = Field(0.0, ge=0, le=3600)
    timeout: float = Field(60.0, gt=0, le=3600)
    tries: int = Field(5, ge=1, le=20)
    max_wait: float = Field(300.0, ge=0, le=86400)
    max_page_bytes: int = Field(512 * 1024 * 1024, ge=1024)
    max_pages: int = Field(1_000_000, ge=1)
    max_seconds: float = Field(24 * 3600.0, gt=0)


class LicenceIn(_Strict):
    """What a library says of the use of its records: an SPDX identifier, or `stated` with its words."""

    code: LicenceCode = LicenceCode.UNKNOWN
    words: str = Field("", max_length=LONGEST_WORDS)

    @model_validator(mode="after")
    def _whole(self) -> Self:
        """Hold that words and licence belong together."""
        Licence(self.code, self.words)
        return self


class SourceIn(_Strict):
    """[[source]] of a file, and the body of a registration; `audience` is a code."""

    code: str = Field(pattern=CODE)
    library: str
    protocol: Protocol = Protocol.OAI_PMH
    address: str = Field(pattern=r"^((https?|z3950s?)://\S+|files:)$", max_length=2000)
    """Where it is asked; `files:` for a source whose files are brought."""
    format: str = "marc21"
    set: str | None = None
    every_minutes: int = Field(1440, ge=0)
    hours: str | None = Field(None, max_length=20, examples=["22:00-05:00"])
    overlap_seconds: int = Field(86400, ge=0)
    reconcile_days: int | None = Field(None, ge=0, le=3650)
    profile: str = "marc21"
    options: dict[str, str] = {}
    assertions: AssertionsIn = AssertionsIn()
    politeness: PolitenessIn = PolitenessIn()
    audience: str = "public"
    licence: LicenceIn = LicenceIn()

    @field_validator("hours")
    @classmethod
    def _hours(cls, value: str | None) -> str | None:
        return str(Hours.of(value)) if value else None

    @model_validator(mode="after")
    def _brought(self) -> Self:
        """Hold that files are brought and everything else is asked; where files are, nothing is due."""
        if (self.protocol is Protocol.FILES) != (self.address == FILES_ADDRESS):
            raise ValueError("the address `files:` belongs to protocol `files`, and to no other")
        if self.protocol is Protocol.FILES:
            self.every_minutes = 0
        return self


class MembersFile(_Strict):
    """A whole TOML file."""

    audience: list[AudienceIn] = []
    group: list[GroupIn] = []
    province: list[ProvinceIn] = []
    library: list[LibraryIn] = []
    source: list[SourceIn] = []


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a file brought."""

    libraries: int
    sources: int


async def load_toml(services: Services, path: Path) -> Loaded:
    """Register everything in a TOML file, all or nothing. Raises `Conflict` naming the line of thought."""
    try:
        content = MembersFile.model_validate(tomllib.loads(await asyncio.to_thread(path.read_text, "utf-8")))
    except OSError as error:
        raise Conflict(f"{path} cannot be read: {error.strerror}", "Check the path.") from error
    except tomllib.TOMLDecodeError as error:
        raise Conflict(f"{path} is not TOML: {error}", "Correct the file at that place.") from error
    except ValidationError as error:
        raise Conflict(f"{path}: {explain(error)}", "Correct the file; nothing of it was saved.") from error
    return await load(services, content)


def explain(error: ValidationError) -> str:
    """Put pydantic's complaints into one line."""
    return "; ".join(".".join(str(step) for step in one["loc"]) + ": " + one["msg"] for one in error.errors())


async def load(services: Services, content: MembersFile) -> Loaded:
    """Register audiences, groups, provinces, libraries and sources in one transaction."""
    async with services.db.as_service() as conn:
        await enter(services, conn, content)
    return Loaded(len(content.library), len(content.source))


async def enter(services: Services, conn: Connection, content: MembersFile) -> None:
    """Register the same inside a transaction of the caller's. Raises `Unknown`, `Conflict`."""
    before = await changes.audiences_now(conn)
    for group in content.group:
        await libraries.save_group(conn, Group(**group.model_dump()))
    for circle in content.audience:
        await libraries.save_audience(conn, Audience(0, **circle.model_dump()))
    for place in content.province:
        await libraries.save_province(conn, Province(**place.model_dump()))
    circles = {one.code: one.id for one in await libraries.audiences(conn)}
    await _save_libraries(conn, [_library(circles, one) for one in content.library])
    for endpoint in content.source:
        vet(services.settings, endpoint.code, endpoint.protocol, endpoint.address, endpoint.options)
        await sources.save_source(conn, await _source(conn, endpoint))
    await _follow(conn, before)


async def _follow(conn: Connection, before: dict[str, dict[str, int]]) -> None:
    """Let records follow where an audience has changed: the rows hide them now, the worker does the rest."""
    if await changes.note_registered(conn, before, "registration"):
        await jobs.enqueue(conn, flow_uploads.PROCESS, "all")


async def _save_libraries(conn: Connection, wanted: Sequence[Library]) -> None:
    """Save libraries that may name each other: those that are named first bare, then all with their facts."""
    known = {one.code for one in await libraries.all_libraries(conn)}
    named = {parent.code for one in wanted for parent in one.parents} | {one.successor for one in wanted}
    for one in wanted:
        if one.code not in known and one.code in named:
            await libraries.save_library(conn, _bare(one))
    for one in wanted:
        await libraries.save_library(conn, one)
    await publish.mark_libraries(conn, [one.code for one in wanted if one.code in known])


def _bare(library: Library) -> Library:
    return Library(library.code, library.name_vi, library.name_en, library.type, library.level)


def _audience(circles: Mapping[str, int], code: str) -> int:
    if code not in circles:
        raise Conflict(f"there is no audience {code!r}", "Add the audience first, or use `public`.")
    return circles[code]


def _library(circles: Mapping[str, int], one: LibraryIn) -> Library:
    fields = one.model_dump()
    fields["audience"] = _audience(circles, one.audience)
    fields["parents"] = tuple(Parent(**parent) for parent in fields["parents"])
    fields["groups"] = tuple(fields["groups"])
    fields["contact"] = Contact(**fields["contact"])
    return Library(**fields)


async def _source(conn: Connection, one: SourceIn) -> Source:
    expected = (await known_profile(conn, one.profile)).assertions
    owners = await libraries.owners(conn)
    for name, code in one.options.items():
        if name.startswith("branch:") and code not in owners:
            raise Conflict(f"option {name!r} names no library: {code!r}", "Register that library first.")
    fields = one.model_dump()
    circles = {circle.code: circle.id for circle in await libraries.audiences(conn)}
    fields["audience"] = _audience(circles, one.audience)
    fields["options"] = tuple(sorted(one.options.items()))
    fields["assertions"] = replace(expected, **one.assertions.model_dump(exclude_unset=True))
    fields["politeness"] = Politeness(**fields["politeness"])
    fields["hours"] = Hours.of(one.hours) if one.hours else None
    fields["licence"] = Licence(one.licence.code, one.licence.words)
    return Source(**fields)


async def register_library(services: Services, wanted: LibraryIn) -> Library:
    """Add a library or put its facts right. Raises `Unknown`, `Conflict`; then nothing has changed."""
    async with services.db.as_service() as conn:
        circles = {one.code: one.id for one in await libraries.audiences(conn)}
        library = _library(circles, wanted)
        before = await changes.audiences_now(conn)
        await _save_libraries(conn, [library])
        await _follow(conn, before)
        saved = {one.code: one for one in await libraries.all_libraries(conn)}
        return saved[library.code]


async def register_group(services: Services, wanted: GroupIn) -> Group:
    """Add a group or put its names right."""
    group = Group(**wanted.model_dump())
    async with services.db.as_service() as conn:
        await libraries.save_group(conn, group)
    return group


async def register_source(services: Services, wanted: SourceIn) -> Source:
    """Add a source or change how it is read. Raises `Unknown`, `Conflict`; then nothing has changed."""
    vet(services.settings, wanted.code, wanted.protocol, wanted.address, wanted.options)
    async with services.db.as_service() as conn:
        before = await changes.audiences_now(conn)
        saved = await sources.save_source(conn, await _source(conn, wanted))
        await _follow(conn, before)
        return replace(saved, audience=(await changes.audiences_now(conn))["source"][saved.code])


async def pause(services: Services, code: str) -> None:
    """Let the schedule leave a source alone. Raises `Unknown`."""
    async with services.db.as_service() as conn:
        await sources.set_state(conn, code, SourceState.PAUSED)


async def resume(services: Services, code: str) -> None:
    """Let the schedule take a paused source up again. Raises `Unknown`, `Conflict`."""
    async with services.db.as_service() as conn:
        held = [run for run in await runs.runs(conn, code, limit=1) if run.state == "held"]
        if held:
            raise Conflict(
                f"run {held[0].id} of source {code!r} is held: {held[0].error}",
                "Accept or reject that run; then the source goes on.",
            )
        await sources.set_state(conn, code, SourceState.ACTIVE)


async def set_schedule(services: Services, code: str, every_minutes: int, hours: Hours | None) -> None:
    """Say how often (minutes; 0 by hand only) and in which hours a source is harvested. Raises `Unknown`."""
    async with services.db.as_service() as conn:
        await sources.set_schedule(conn, code, every_minutes, hours)


async def set_licence(services: Services, code: str, licence: Licence, *, by: str) -> None:
    """Say under which licence a source gives its records away; pages say so at once. Raises `Unknown`."""
    async with services.db.as_service() as conn:
        await sources.set_licence(conn, code, licence)
        await audit.write(services, conn, by, "source.licence", code, {"licence": licence.code})


async def decide(services: Services, run_id: int, *, accept: bool) -> Run:
    """Accept or reject a held run; its source goes on. Raises `Unknown`, `Conflict`."""
    async with services.db.as_service() as conn:
        brought = await uploads.of_run(conn, run_id)
    if brought is None:
        async with services.db.as_service() as conn:
            return await runs.decide(conn, run_id, accept=accept)
    if accept:
        await flow_uploads.accept(services, brought.id, brought.by, despite=True)
    else:
        await flow_uploads.reject(services, brought.id)
    async with services.db.as_service() as conn:
        return await runs.read_run(conn, run_id)


async def list_libraries(services: Services, viewer: Viewer, *, include_ended: bool = False) -> list[Library]:
    """Give the libraries that this viewer may know of."""
    async with services.db.begin(viewer) as conn:
        return await libraries.libraries(conn, viewer, include_ended=include_ended)


async def own_libraries(services: Services, codes: Collection[str]) -> list[Library]:
    """Give libraries to those who have a role there, who know of them whoever else may."""
    async with services.db.as_service() as conn:
        return [one for one in await libraries.all_libraries(conn) if one.code in codes]


async def list_groups(services: Services) -> list[Group]:
    """Give all groups."""
    async with services.db.begin() as conn:
        return await libraries.groups(conn)


async def list_provinces(services: Services) -> list[Province]:
    """Give all provinces of all periods."""
    async with services.db.begin() as conn:
        return await libraries.provinces(conn)


async def list_audiences(services: Services) -> list[Audience]:
    """Give all audiences; for operators only."""
    async with services.db.begin() as conn:
        return await libraries.audiences(conn)


async def show_source(services: Services, viewer: Viewer, code: str) -> Source | None:
    """Give one source, or none where it is not there for this viewer."""
    async with services.db.begin(viewer) as conn:
        return await sources.source(conn, viewer, code)
