"""Registrations, sheets of members, the list of libraries to be won and reports on the wire."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Annotated, Any, Self

import msgspec
from pydantic import BaseModel, ConfigDict, Field, model_validator

from unioncat.domain.hours import Hours
from unioncat.domain.library import Level, LibraryType
from unioncat.domain.onboarding import Goal, Stage, Standing
from unioncat.domain.quality import Report, group_of
from unioncat.domain.registration import Appraisal, Registration, RegistrationState
from unioncat.flow.approval import Proposal
from unioncat.flow.checking import Checked
from unioncat.flow.lines import COLUMNS, Line
from unioncat.flow.onboarding import Tracker
from unioncat.flow.quality import MemberReport
from unioncat.flow.register import CODE, LibraryIn, SourceIn
from unioncat.flow.status import Federation
from unioncat_api.schemas.bodies import LARGEST, LibraryBody, SourceBody, sound
from unioncat_api.schemas.common import Out, example

MOST_LINES = 5000
Name = Annotated[str, Field(min_length=1, max_length=80, description="Who decides.")]


class Body(BaseModel):
    """Something that an operator sends; a field that is not known is an error."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    @model_validator(mode="before")
    @classmethod
    def _sound(cls, value: object) -> object:
        return sound(value)


class RegistrationOut(Out):
    """A library that asks to join; samples of its records are on its page only."""

    model_config = example(
        {
            "id": 12,
            "state": "waiting",
            "software": "koha",
            "address": "https://thuvien.example.vn",
            "created": "2026-03-01T02:00:00Z",
            "touched": "2026-03-01T02:10:00Z",
            "facts": {"name_vi": "Thư viện tỉnh Lào Cai", "type": "public"},
        }
    )

    id: int
    state: RegistrationState
    software: str
    address: str
    created: datetime
    touched: datetime
    submitted: datetime | None = None
    decided: datetime | None = None
    decided_by: str | None = None
    reason: str | None = None
    expected: str | None = None
    library: str | None = None
    source: str | None = None
    facts: dict[str, Any] | None = None
    letters: tuple[dict[str, Any], ...] = ()
    found: dict[str, Any] | None = None

    @classmethod
    def build(cls, one: Registration) -> Self:
        """Describe a registration."""
        return cls(
            id=one.id,
            state=one.state,
            software=one.software,
            address=one.address,
            created=one.created,
            touched=one.touched,
            submitted=one.submitted,
            decided=one.decided,
            decided_by=one.decided_by,
            reason=one.reason,
            expected=one.expected,
            library=one.library,
            source=one.source,
            facts=msgspec.to_builtins(one.facts) if one.facts else None,
            letters=tuple(msgspec.to_builtins(letter) for letter in one.letters),
            found=_found(one.appraisal) if one.appraisal else None,
        )


def _found(seen: Appraisal) -> dict[str, Any]:
    return {
        "protocol": seen.protocol,
        "address": seen.address,
        "name": seen.name,
        "format": seen.format,
        "profile": seen.profile,
        "size": seen.size,
        "seen": seen.seen,
        "readable": seen.readable,
        "quality": dict(seen.quality),
        "branches": dict(seen.branches),
        "suggestions": {one.name: one.value for one in seen.suggestions},
        "advice": list(seen.advice),
    }


class RegistrationsOut(Out):
    """Registrations."""

    items: tuple[RegistrationOut, ...]


class ProposalOut(Out):
    """What approval would make; send it back, put right, to approve."""

    library: LibraryIn
    source: SourceIn | None = None
    branches: dict[str, LibraryIn]

    @classmethod
    def build(cls, wanted: Proposal) -> Self:
        """Describe a proposal."""
        return cls(library=wanted.library, source=wanted.source, branches=dict(wanted.branches))


class ApproveBody(Body):
    """Approval: library, source and branches (value in the records -> library) as they shall be."""

    library: LibraryBody
    source: SourceBody | None = None
    branches: dict[Annotated[str, Field(max_length=200)], LibraryBody] = {}
    by: Name


class LetterBody(Body):
    """A question to the applicant, or the reason of a refusal."""

    text: str = Field(min_length=1, max_length=4000)
    by: Name


class LinesBody(Body):
    """Lines of libraries; the names of their fields are those of a sheet's columns."""

    lines: list[dict[str, Annotated[str, Field(max_length=2000)]]] = Field(
        min_length=1, max_length=MOST_LINES, description=f"Fields: {', '.join(COLUMNS)}."
    )
    dry_run: bool = Field(False, description="Check only.")

    def numbered(self) -> list[Line]:
        """Give the lines as those of a sheet, from 1."""
        return [
            Line(number, {name: value for name, value in line.items() if name in COLUMNS and value})
            for number, line in enumerate(self.lines, 1)
        ]


class FaultOut(Out):
    """One thing wrong with one line."""

    line: int
    field: str
    code: str
    value: str
    detail: str


class CheckedOut(Out):
    """What registering lines would make, or has made."""

    registered: bool
    libraries: tuple[str, ...]
    sources: tuple[str, ...]
    faults: tuple[FaultOut, ...]

    @classmethod
    def build(cls, checked: Checked, *, registered: bool) -> Self:
        """Describe a check."""
        return cls(
            registered=registered,
            libraries=tuple(one.code for one in checked.libraries),
            sources=tuple(one.code for one in checked.sources),
            faults=tuple(
                FaultOut(line=line.number, field=one.field, code=one.code, value=one.value, detail=str(one))
                for line in checked.faulty
                for one in line.faults
            ),
        )


class GoalOut(Out):
    """So many libraries live by a day."""

    due: date
    count: int

    @classmethod
    def many(cls, goals: Iterable[Goal]) -> tuple[Self, ...]:
        """Describe goals."""
        return tuple(cls(due=one.due, count=one.count) for one in goals)


class StandingOut(Out):
    """How a group stands (without a group: the federation); `reached` counts each stage and those beyond."""

    group: str | None = None
    total: int
    reached: dict[Stage, int]
    goals: tuple[GoalOut, ...] = ()

    @classmethod
    def build(cls, one: Standing) -> Self:
        """Describe a standing."""
        return cls(group=one.group, total=one.total, reached=dict(one.reached), goals=GoalOut.many(one.goals))


class ProgressOut(Out):
    """One library and its stage."""

    code: str
    name_vi: str
    name_en: str
    group: str | None = None
    province: str | None = None
    stage: Stage
    invited: datetime | None = None
    records: int


class TrackerOut(Out):
    """How far everybody has come; a library of two groups has two items."""

    standings: tuple[StandingOut, ...]
    items: tuple[ProgressOut, ...]

    @classmethod
    def build(cls, found: Tracker) -> Self:
        """Describe the tracker."""
        return cls(
            standings=tuple(StandingOut.build(one) for one in found.standings),
            items=tuple(ProgressOut.of(one) for one in found.lines),
        )


class ExpectedBody(Body):
    """A library to be won."""

    code: str = Field(pattern=CODE)
    name_vi: str = Field(min_length=1, max_length=300)
    name_en: str = Field("", max_length=300)
    type: LibraryType
    level: Level = Level.UNIT
    province: str | None = Field(None, max_length=64)
    group: str | None = Field(None, max_length=64)
    email: str | None = Field(None, max_length=200)


class InvitationOut(Out):
    """An invitation; its link is told this once."""

    code: str
    link: str


class GoalBody(Body):
    """A goal of a group, or without one of the federation; a count of 0 takes it away."""

    group: str | None = Field(None, max_length=64)
    due: date
    count: int = Field(ge=0, le=LARGEST)


class FindingOut(Out):
    """How many records have one finding."""

    code: str
    group: str
    count: int


class ReportOut(Out):
    """The report on one source's records, with the moment it was made."""

    source: str
    at: datetime
    records: int
    measured: int
    sound: int
    findings: tuple[FindingOut, ...]

    @classmethod
    def build(cls, one: Report) -> Self:
        """Describe a report."""
        return cls(
            source=one.source,
            at=one.at,
            records=one.records,
            measured=one.measured,
            sound=one.sound,
            findings=tuple(FindingOut(code=code, group=group_of(code), count=n) for code, n in one.counts),
        )


class MemberReportOut(Out):
    """The reports on a member's sources; `waiting` have none yet."""

    library: str
    reports: tuple[ReportOut, ...]
    waiting: tuple[str, ...]

    @classmethod
    def build(cls, found: MemberReport) -> Self:
        """Describe a member's report."""
        return cls(
            library=found.library.code,
            reports=tuple(ReportOut.build(one) for one in found.reports),
            waiting=found.waiting,
        )


class ScheduleBody(Body):
    """How often a source is harvested (minutes; 0 by hand only), and in which hours of Viet Nam."""

    every_minutes: int = Field(ge=0, le=LARGEST)
    hours: str | None = Field(None, max_length=20, examples=["22:00-05:00"])

    @model_validator(mode="after")
    def _readable(self) -> Self:
        self.read_hours()
        return self

    def read_hours(self) -> Hours | None:
        """Give the hours; none is the whole day."""
        return Hours.of(self.hours) if self.hours else None


class FederationOut(Out):
    """How the harvests of the federation stand, and what its operators need to act on."""

    active: int
    paused: int
    held: int
    failing: int
    harvested_day: int
    harvested_week: int
    fresh_records: int
    last: datetime | None = None
    healthy: bool
    late: tuple[str, ...]
    troubles: tuple[str, ...]
    registrations: int

    @classmethod
    def build(cls, one: Federation) -> Self:
        """Describe the state of the federation."""
        counts = one.harvests
        return cls(
            active=counts.active,
            paused=counts.paused,
            held=counts.held,
            failing=counts.failing,
            harvested_day=counts.day,
            harvested_week=counts.week,
            fresh_records=counts.fresh_records,
            last=counts.last,
            healthy=one.health.ok,
            late=one.late or (),
            troubles=one.troubles or (),
            registrations=one.registrations or 0,
        )
