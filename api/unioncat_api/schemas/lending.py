"""Requests and supplies on the wire. Who a reader is, is in no answer."""

from datetime import date, datetime
from typing import Any, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, model_validator

from unioncat.domain.lending import Attempt, Event, Loan, Request, Side, Step
from unioncat.lending.asking import LIMITS
from unioncat_api.lending import Line, Listed, Own
from unioncat_api.places import written_place
from unioncat_api.schemas.bodies import sound
from unioncat_api.schemas.common import Out


class Body(BaseModel):
    """Something sent: no unknown field, nothing that the store cannot hold."""

    model_config = ConfigDict(extra="forbid")

    @model_validator(mode="before")
    @classmethod
    def _sound(cls, value: object) -> object:
        return sound(value)


class AskingBody(Body):
    """What is asked for; fields as on the form. A reader's fields need the right `lend`."""

    home: str = Field(max_length=64, description="Code of the library of the reader's card.")
    title: str = Field(max_length=LIMITS["title"])
    author: str = Field("", max_length=LIMITS["author"])
    edition: str = Field("", max_length=LIMITS["edition"])
    volume: str = Field("", max_length=LIMITS["volume"])
    issue: str = Field("", max_length=LIMITS["issue"])
    year: str = Field("", max_length=LIMITS["year"])
    publisher: str = Field("", max_length=LIMITS["publisher"])
    place: str = Field("", max_length=LIMITS["place"])
    isbn: str = Field("", max_length=LIMITS["isbn"])
    issn: str = Field("", max_length=LIMITS["issn"])
    pages: str = Field("", max_length=LIMITS["pages"])
    component_title: str = Field("", max_length=LIMITS["component_title"])
    component_author: str = Field("", max_length=LIMITS["component_author"])
    union_id: str = Field("", max_length=LIMITS["union_id"], description="Public id of the union record.")
    service: str = Field("loan", description="loan, copy or either.")
    level: str = Field("standard", description="standard, express, rush or urgent.")
    edition_wish: str = Field("this", description="this, any or newest.")
    needed_by: str = Field("", description="A day, as 2026-11-30.")
    max_cost: str = Field("", description="In đồng.")
    pick_up: str = Field("", max_length=64, description="Code of the branch where it is collected.")
    note: str = Field("", max_length=LIMITS["note"])
    reader_name: str = Field("", max_length=LIMITS["reader_name"])
    reader_card: str = Field("", max_length=LIMITS["reader_card"])
    reader_email: str = Field("", max_length=LIMITS["reader_email"])
    reader_phone: str = Field("", max_length=LIMITS["reader_phone"])

    def fields(self) -> dict[str, str]:
        """Give the fields of the form."""
        return {name: value for name, value in self.model_dump().items() if name != "home"}

    @property
    def for_reader(self) -> bool:
        """Whether somebody asks for a reader without an account."""
        return bool(self.reader_name or self.reader_card)


class StepBody(Body):
    """A step, and the fields that it asks for."""

    step: str = Field(max_length=40, description="One of `steps`, or `undo`.")
    version: int | None = Field(None, ge=0, description="The version that was seen; a newer one is refused.")
    why: str = Field("", max_length=1000)
    fields: dict[str, str | list[str]] = Field(
        default_factory=dict,
        max_length=20,
        description="reason, retry, condition, due, cost, item, tracking, text, url, edition, after.",
    )

    def given(self) -> dict[str, list[str]]:
        """Give the fields as lists of texts."""
        found = {
            name: [value] if isinstance(value, str) else list(value)[:50]
            for name, value in self.fields.items()
        }
        return {**found, "why": [self.why]}


class LoanOut(Out):
    """What is known of the thing lent."""

    due: datetime | None = None
    items: tuple[str, ...] = ()
    conditions: tuple[str, ...] = ()
    cost: str | None = None
    currency: str | None = None
    tracking: str | None = None
    renewals: int = 0

    @classmethod
    def of(cls, source: object) -> Self:
        """Describe a loan."""
        if not isinstance(source, Loan):
            raise TypeError(source)
        return cls(
            due=source.due,
            items=source.items,
            conditions=source.conditions,
            cost=str(source.cost.amount) if source.cost else None,
            currency=source.cost.currency if source.cost else None,
            tracking=source.tracking,
            renewals=source.renewals,
        )


class EventOut(Out):
    """A step that was done."""

    at: datetime
    step: str
    before: str
    after: str

    @classmethod
    def of(cls, source: object) -> Self:
        """Describe an event."""
        if not isinstance(source, Event):
            raise TypeError(source)
        return cls(at=source.at, step=source.step, before=source.before, after=source.after)


class LendingOut(Out):
    """A request (side requester) or a supply (side supplier)."""

    id: UUID
    number: str
    side: Side
    state: str
    flags: tuple[str, ...] = ()
    title: str
    wanted: dict[str, Any]
    service: str
    level: str
    other: str = Field("", description="Code of the other library, or the symbol of an agency outside.")
    needed_by: date | None = None
    answer_due: datetime | None = None
    due: datetime | None = None
    created: datetime | None = None
    changed: datetime | None = None
    version: int = 0
    steps: tuple[str, ...] = Field((), description="What the caller may do now.")
    loan: LoanOut | None = None
    events: tuple[EventOut, ...] = ()

    @classmethod
    def line(cls, one: Line, steps: tuple[Step, ...] = (), **more: Any) -> Self:
        """Describe a line of a list."""
        wanted = {name: value for name, value in one.wanted.items() if value}
        return cls(
            id=one.id,
            number=one.number,
            side=one.side,
            state=one.state,
            flags=tuple(sorted(one.flags)),
            title=one.title,
            wanted=wanted,
            service=one.service,
            level=one.level,
            other=one.other,
            needed_by=one.needed_by,
            answer_due=one.answer_due,
            due=one.due,
            created=one.created,
            changed=one.changed,
            version=one.version,
            steps=tuple(map(str, steps)),
            **more,
        )

    @classmethod
    def own(cls, found: Own) -> Self:
        """Describe one's own request."""
        steps = (*(("cancel",) if found.may_cancel else ()), *(("renew",) if found.may_renew else ()))
        return cls.request(found.request, steps, tuple(map(EventOut.of, found.events)))

    @classmethod
    def request(cls, one: Request, steps: tuple[str, ...] = (), events: tuple[EventOut, ...] = ()) -> Self:
        """Describe a request."""
        wanted = {name: getattr(one.wanted, name, None) for name in LIMITS}
        return cls(
            id=one.id,
            number=one.number,
            side=Side.REQUESTER,
            state=one.state,
            flags=tuple(sorted(one.flags)),
            title=one.wanted.component_title or one.wanted.title,
            wanted={name: value for name, value in wanted.items() if value},
            service=one.service,
            level=one.level,
            needed_by=one.needed_by,
            answer_due=one.answer_due,
            due=one.loan.due,
            created=one.created,
            changed=one.changed,
            version=one.version,
            steps=steps,
            loan=LoanOut.of(one.loan),
            events=events,
        )


class StandingOut(Out):
    """How a request or supply stands after a step."""

    id: UUID
    state: str
    flags: tuple[str, ...] = ()
    version: int

    @classmethod
    def of(cls, source: object) -> Self:
        """Describe what a step gave."""
        if isinstance(source, Request):
            return cls(id=source.id, state=source.state, flags=tuple(source.flags), version=source.version)
        if isinstance(source, Attempt):
            flags = tuple(source.supplier_flags)
            return cls(id=source.id, state=source.supplier_state or "", flags=flags, version=source.version)
        raise TypeError(source)


class LendingPageOut(Out):
    """A page of requests or supplies."""

    items: tuple[LendingOut, ...]
    next: str | None = Field(None, description="Cursor of the next page.")

    @classmethod
    def listed(cls, found: Listed) -> Self:
        """Describe a page of a list."""
        return cls(
            items=tuple(LendingOut.line(one) for one in found.lines), next=written_place(found.after) or None
        )


class CountsOut(Out):
    """How much lies in each list of a library's desks."""

    lists: dict[str, int]
