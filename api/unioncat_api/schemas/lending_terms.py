"""Terms, figures and consignments of lending on the wire."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field

from unioncat.domain.consignment import Item, Kind, State, Step, Stop
from unioncat.domain.lending_member import Way
from unioncat.domain.lending_policy import Agreement, Avoids
from unioncat.domain.library import GroupMode
from unioncat.flow.consign import MOST_ITEMS, MOST_STOPS, Plan, Shown
from unioncat.flow.lending_figures import Figures
from unioncat.flow.reach import Reach, ReachIn
from unioncat.flow.terms import PolicyIn, Terms
from unioncat.lending.policy import dong
from unioncat_api.schemas.common import Out


class ParticipantOut(Out):
    """A library or a group as part of an agreement."""

    library: str | None = None
    group: str | None = None
    lends: bool
    borrows: bool


class AgreementOut(Out):
    """An agreement on lending; `cost` in đồng."""

    code: str
    name_vi: str
    name_en: str
    form: GroupMode
    participants: tuple[ParticipantOut, ...]
    services: tuple[str, ...]
    valid_from: date
    valid_to: date | None = None
    cost: int | None = None
    document: str
    note: str

    @classmethod
    def build(cls, one: Agreement) -> Self:
        """Make the answer from an agreement."""
        return cls(
            code=one.code,
            name_vi=one.name_vi,
            name_en=one.name_en,
            form=one.form,
            participants=tuple(ParticipantOut.of(part) for part in one.participants),
            services=tuple(sorted(one.services)),
            valid_from=one.valid_from,
            valid_to=one.valid_to,
            cost=None if one.cost is None else dong(one.cost),
            document=one.document,
            note=one.note,
        )


class AgreementsOut(Out):
    """Agreements, by code."""

    items: tuple[AgreementOut, ...]


class ClosureOut(Out):
    """Days on which a library (none: all) is closed, or works although others do not (`open`)."""

    id: int
    library: str | None = None
    start: date
    end: date
    open: bool
    why: str


class AvoidanceOut(Out):
    """A line of a do-not-route list."""

    id: int
    other: str
    side: Avoids
    reason: str
    valid_from: date
    valid_to: date | None = None


class TermsOut(Out):
    """All that holds for one library."""

    policy: PolicyIn
    agreements: tuple[AgreementOut, ...]
    closures: tuple[ClosureOut, ...]
    avoidances: tuple[AvoidanceOut, ...]

    @classmethod
    def build(cls, one: Terms) -> Self:
        """Make the answer from a library's terms."""
        return cls(
            policy=PolicyIn.of(one.policy),
            agreements=tuple(AgreementOut.build(each) for each in one.agreements),
            closures=tuple(ClosureOut.of(each) for each in one.closures),
            avoidances=tuple(AvoidanceOut.of(each) for each in one.avoidances),
        )


class ReachOut(Out):
    """How a library is reached."""

    way: Way
    """What holds today: a library without accounts gets letters, one with a system of its own messages."""
    email: str
    """Where letters go."""
    can_answer: bool
    """Whether anybody there can answer: it has a system, an account or an address."""
    set: ReachIn

    @classmethod
    def build(cls, one: Reach) -> Self:
        """Make the answer."""
        kept = {name: getattr(one.set, name) for name in ReachIn.model_fields}
        return cls(
            way=one.party.way,
            email=one.party.email,
            can_answer=not one.party.silent,
            set=ReachIn.model_validate(kept),
        )


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)


class DaysBody(_Body):
    """Closed days of a library, or days on which it works although others do not."""

    start: date
    end: date
    why: str = Field("", max_length=300)
    open: bool = False


class AvoidBody(_Body):
    """A line of a library's do-not-route list."""

    other: str = Field(max_length=64)
    side: Avoids
    reason: str = Field(min_length=1, max_length=500)
    valid_from: date | None = None
    valid_to: date | None = None


class CountOut(Out):
    """How often something was."""

    what: str
    count: int


class LendingFiguresOut(Out):
    """Figures of lending in a period; money in đồng."""

    first: date
    last: date
    asked: dict[str, Any]
    answered: dict[str, Any]
    fill_rate: float | None = None
    unfilled: tuple[CountOut, ...]
    refused: tuple[CountOut, ...]
    forms: tuple[CountOut, ...]
    months: tuple[dict[str, Any], ...]
    balances: tuple[dict[str, Any], ...]
    pairs: tuple[dict[str, Any], ...]
    consignments: tuple[dict[str, Any], ...]
    """Sent out."""
    consignments_received: tuple[dict[str, Any], ...] = ()

    @classmethod
    def build(cls, found: Figures) -> Self:
        """Make the answer from figures."""

        def plain(one: Any) -> dict[str, Any]:
            return {name: getattr(one, name) for name in one.__slots__}

        def counts(rows: Any) -> tuple[CountOut, ...]:
            return tuple(CountOut(what=what, count=count) for what, count in rows)

        return cls(
            first=found.wish.first,
            last=found.wish.last,
            asked=plain(found.asked),
            answered=plain(found.answered),
            fill_rate=found.fill_rate,
            unfilled=counts(found.unfilled),
            refused=counts(found.refused),
            forms=counts(found.forms),
            months=tuple(plain(one) for one in found.months),
            balances=tuple(plain(one) | {"balance": one.balance} for one in found.balances),
            pairs=tuple(plain(one) for one in found.pairs),
            consignments=tuple(plain(one) for one in found.moved),
            consignments_received=tuple(plain(one) for one in found.received),
        )


class ItemBody(_Body):
    """A title of a consignment; `value` of one copy in đồng."""

    title: str = Field(min_length=1, max_length=500)
    copies: int = Field(1, ge=1, le=10_000)
    author: str = Field("", max_length=300)
    barcode: str = Field("", max_length=100)
    value: int = Field(0, ge=0, le=2_000_000_000)


class StopBody(_Body):
    """A stop: a library by its code, or a place by its name."""

    name: str = Field("", max_length=300)
    library: str | None = Field(None, max_length=64)
    leave_by: date | None = None


class ConsignmentBody(_Body):
    """A new consignment."""

    kind: Kind = Kind.ROTATION
    title: str = Field(min_length=1, max_length=300)
    items: list[ItemBody] = Field(min_length=1, max_length=MOST_ITEMS)
    stops: list[StopBody] = Field(min_length=1, max_length=MOST_STOPS)
    donor: str = Field("", max_length=300)
    first: date | None = None
    last: date | None = None
    note: str = Field("", max_length=2000)

    def plan(self, known: Mapping[str, str]) -> Plan:
        """Make the plan; stops that are libraries get their names."""
        return Plan(
            self.kind,
            self.title,
            [Item(**one.model_dump()) for one in self.items],
            [
                Stop(
                    one.name or known.get(one.library or "", one.library or "?"),
                    one.library,
                    leave_by=one.leave_by,
                )
                for one in self.stops
            ],
            self.donor,
            self.first,
            self.last,
            self.note,
        )


class DifferenceBody(_Body):
    """What is not as it was, of an item by its place in the list (from 0)."""

    item: int = Field(ge=0, le=MOST_ITEMS)
    missing: int = Field(0, ge=0, le=10_000)
    damaged: int = Field(0, ge=0, le=10_000)
    found: int = Field(0, ge=0, le=10_000)
    note: str = Field("", max_length=300)


class StepBody(_Body):
    """A step of a consignment."""

    step: Step
    differences: list[DifferenceBody] = Field([], max_length=MOST_ITEMS)
    why: str = Field("", max_length=1000)


class ConsignmentLineOut(Out):
    """A consignment in a list."""

    number: str
    kind: Kind
    state: State
    owner: str
    title: str
    changed: datetime
    copies: int


class ConsignmentsOut(Out):
    """Consignments, the newest first."""

    items: tuple[ConsignmentLineOut, ...]


class ConsignmentItemOut(Out):
    """A title, and how its copies stand now."""

    title: str
    author: str
    barcode: str
    copies: int
    value: int
    good: int
    damaged: int
    missing: int


class ConsignmentStopOut(Out):
    """A stop."""

    name: str
    library: str | None = None
    leave_by: date | None = None
    received: datetime | None = None
    left: datetime | None = None


class ConsignmentOut(Out):
    """A consignment; `place` is the stop (from 1) at which it is or whither it goes, 0 the owner."""

    number: str
    kind: Kind
    state: State
    place: int
    owner: str
    title: str
    donor: str
    items: tuple[ConsignmentItemOut, ...]
    stops: tuple[ConsignmentStopOut, ...]
    steps: tuple[Step, ...]
    """What may be done with it now."""

    @classmethod
    def build(cls, found: Shown) -> Self:
        """Make the answer from a consignment."""
        one = found.one
        return cls(
            number=one.number,
            kind=one.kind,
            state=one.state,
            place=one.place,
            owner=one.owner,
            title=one.title,
            donor=one.donor,
            items=tuple(
                ConsignmentItemOut(
                    title=item.title,
                    author=item.author,
                    barcode=item.barcode,
                    copies=item.copies,
                    value=item.value,
                    good=tally.good,
                    damaged=tally.damaged,
                    missing=tally.missing,
                )
                for item, tally in zip(one.items, found.tallies, strict=True)
            ),
            stops=tuple(ConsignmentStopOut.of(stop) for stop in one.stops),
            steps=found.steps,
        )
