"""The terms of lending as people write them: agreements, policies, closed days, do-not-route lists.

One by one by a page or a program, or many out of a TOML file in one transaction; each change is logged.
"""

import asyncio
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from unioncat.domain.audience import Viewer
from unioncat.domain.bib import Material
from unioncat.domain.hours import VIET_NAM
from unioncat.domain.lending import Money, Service, ServiceLevel
from unioncat.domain.lending_policy import (
    Agreement,
    Avoidance,
    Avoids,
    Closure,
    Delivery,
    OpenTo,
    Participant,
    Policy,
)
from unioncat.domain.library import GroupMode, LibraryType
from unioncat.flow import audit
from unioncat.flow.register import CODE, explain
from unioncat.flow.services import Services
from unioncat.lending import policy as rules
from unioncat.store import agreements as store
from unioncat.store import libraries
from unioncat.store.database import Connection
from unioncat.store.errors import Conflict, Unknown

Dong = Annotated[int, Field(ge=0, le=100_000_000)]
Line = Annotated[str, Field(max_length=200)]
MOST = 200
"""Words in a list, parties of an agreement."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)


class ParticipantIn(_Strict):
    """A library or a group as part of an agreement."""

    library: str | None = None
    group: str | None = None
    lends: bool = True
    borrows: bool = True

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.library is None) == (self.group is None):
            raise ValueError("name either a library or a group")
        return self


class AgreementIn(_Strict):
    """[[agreement]] of a file, and the body of a change; `audience` is a code, `cost` in đồng."""

    code: str = Field(pattern=CODE)
    name_vi: str = Field(min_length=1, max_length=300)
    name_en: str = Field("", max_length=300)
    form: GroupMode
    participants: list[ParticipantIn] = Field(min_length=1, max_length=MOST)
    valid_from: date
    valid_to: date | None = None
    services: list[Service] = [Service.LOAN, Service.COPY]
    cost: Dong | None = None
    document: str = Field("", max_length=200)
    note: str = Field("", max_length=2000)
    audience: str = "public"

    @model_validator(mode="after")
    def _order(self) -> Self:
        if self.valid_to is not None and self.valid_to < self.valid_from:
            raise ValueError("valid_to is before valid_from")
        if Service.EITHER in self.services or not self.services:
            raise ValueError("services are loan and copy")
        return self


class PolicyIn(_Strict):
    """[[policy]] of a file without its library, and the body of a change; costs in đồng."""

    lends: bool = True
    copies: bool = True
    borrows: bool = True
    open_to: OpenTo = OpenTo.AGREEMENT
    types: list[LibraryType] = []
    restricted_to: str | None = None
    levels: list[ServiceLevel] = []
    loan_days: int = Field(14, ge=1, le=366)
    renewals: int = Field(1, ge=0, le=20)
    renewal_days: int = Field(7, ge=1, le=366)
    max_open_lent: int | None = Field(None, ge=0, le=100_000)
    max_open_each: int | None = Field(None, ge=0, le=100_000)
    cost_loan: Dong | None = None
    cost_copy: Dong | None = None
    cost_page: Dong | None = None
    delivery: list[Delivery] = [Delivery.MAIL, Delivery.COURIER, Delivery.EMAIL]
    reading_room_only: bool = False
    materials_kept: list[Material] = []
    locations_kept: list[Line] = Field([], max_length=MOST)
    conditions: list[Line] = Field([], max_length=MOST)
    mediated: bool = True
    max_open_reader: int = Field(3, ge=0, le=1000)
    last_resort: int | None = Field(None, ge=1, le=100_000)

    @classmethod
    def of(cls, one: Policy) -> Self:
        """Write a policy as it is given."""
        costs = ("cost_loan", "cost_copy", "cost_page")
        values = {name: getattr(one, name) for name in cls.model_fields}
        values |= {name: None if values[name] is None else rules.dong(values[name]) for name in costs}
        lists = ("types", "levels", "delivery", "materials_kept", "locations_kept")
        return cls.model_validate(values | {name: sorted(values[name]) for name in lists})


class LibraryPolicyIn(PolicyIn):
    """[[policy]] of a file."""

    library: str


class ClosureIn(_Strict):
    """[[closure]] of a file; without a library it holds for all, `open` says that all or it work then."""

    start: date
    end: date
    library: str | None = None
    why: str = Field("", max_length=300)
    open: bool = False


class AvoidanceIn(_Strict):
    """[[avoid]] of a file: a line of a do-not-route list."""

    library: str
    other: str
    side: Avoids
    reason: str = Field(min_length=1, max_length=500)
    valid_from: date | None = None
    valid_to: date | None = None


class TermsFile(_Strict):
    """A file of terms."""

    agreement: list[AgreementIn] = []
    policy: list[LibraryPolicyIn] = []
    closure: list[ClosureIn] = []
    avoid: list[AvoidanceIn] = []


@dataclass(frozen=True, slots=True)
class Terms:
    """All that holds for one library: what it shows to its own people."""

    policy: Policy
    closures: Sequence[Closure]
    avoidances: Sequence[Avoidance]
    agreements: Sequence[Agreement]
    """Those that it is part of, ended ones not."""


def today(now: datetime) -> date:
    """Give the day in Viet Nam."""
    return now.astimezone(VIET_NAM).date()


def read_terms(text: str) -> TermsFile:
    """Read a TOML file of terms. Raises `Conflict`."""
    try:
        return TermsFile.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise Conflict(f"the file is not TOML: {error}", "Correct it at that place.") from error
    except ValidationError as error:
        raise Conflict(explain(error), "Correct the file; nothing of it was saved.") from error


async def load_file(services: Services, path: Path, by: str, now: datetime) -> TermsFile:
    """Save everything in a file, all or nothing. Raises `Conflict`, `Unknown`."""
    try:
        wanted = read_terms(await asyncio.to_thread(path.read_text, "utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise Conflict(f"{path} cannot be read: {error}", "Check the path; the file is UTF-8.") from error
    await save(services, wanted, by, now)
    return wanted


async def save(
    services: Services, wanted: TermsFile, by: str, now: datetime, *, viewer: Viewer | None = None
) -> None:
    """Save terms in one transaction. Raises `Conflict`, `Unknown`.

    For a viewer a library is unknown that this viewer may not see.
    """
    async with services.db.as_service() as conn:
        if viewer is not None:
            await libraries.must_know(conn, viewer, [one.other for one in wanted.avoid])
        await enter(services, conn, wanted, by, now)


async def enter(services: Services, conn: Connection, wanted: TermsFile, by: str, now: datetime) -> None:
    """Save terms in a transaction of the caller's, and log each. Raises `Conflict`, `Unknown`."""
    circles = {one.code: one.id for one in await libraries.audiences(conn)}
    for agreement in wanted.agreement:
        if agreement.audience not in circles:
            raise Unknown(
                f"there is no audience {agreement.audience!r}", "`unioncat audience list` shows them."
            )
        await store.save_agreement(conn, _agreement(agreement, circles[agreement.audience]))
        await audit.write(services, conn, by, "lending.agreement", agreement.code)
    for policy in wanted.policy:
        await _save_policy(services, conn, policy.library, policy, by)
    for closure in wanted.closure:
        await store.add_closure(conn, Closure(**closure.model_dump()))
        await audit.write(services, conn, by, "lending.closure", closure.library or "*", _days(closure))
    for avoid in wanted.avoid:
        first = avoid.valid_from or today(now)
        await store.add_avoidance(conn, Avoidance(**(avoid.model_dump() | {"valid_from": first})))
        detail = {"other": avoid.other, "side": str(avoid.side)}
        await audit.write(services, conn, by, "lending.avoid", avoid.library, detail)


async def lay_down(
    services: Services,
    agreements: Sequence[Agreement],
    policies: Sequence[Policy],
    closures: Sequence[Closure],
    avoidances: Sequence[Avoidance],
    by: str,
) -> bool:
    """Save terms that were made elsewhere, unless there are agreements already; false then."""
    async with services.db.as_service() as conn:
        everybody = Viewer(frozenset(one.id for one in await libraries.audiences(conn)))
        if await store.agreements(conn, everybody):
            return False
        for agreement in agreements:
            await store.save_agreement(conn, agreement)
        for policy in policies:
            await store.save_policy(conn, policy, by)
        for closure in closures:
            await store.add_closure(conn, closure)
        for avoidance in avoidances:
            await store.add_avoidance(conn, avoidance)
        await audit.write(services, conn, by, "lending.terms", str(len(agreements)))
        return True


def _days(one: ClosureIn) -> dict[str, str]:
    return {"start": one.start.isoformat(), "end": one.end.isoformat(), "open": str(one.open)}


def _agreement(one: AgreementIn, audience: int) -> Agreement:
    values = one.model_dump(exclude={"participants", "services", "cost", "audience"})
    return Agreement(
        **values | {"name_en": one.name_en or one.name_vi},
        participants=tuple(Participant(**part.model_dump()) for part in one.participants),
        services=frozenset(one.services),
        cost=_money(one.cost),
        audience=audience,
    )


def _money(amount: int | None) -> Money | None:
    return None if amount is None else Money(Decimal(amount))


def policy_of(library: str, one: PolicyIn) -> Policy:
    """Make a library's policy out of what was given."""
    values = one.model_dump(exclude={"library"})
    for name in ("types", "levels", "delivery", "materials_kept", "locations_kept"):
        values[name] = frozenset(values[name])
    for name in ("cost_loan", "cost_copy", "cost_page"):
        values[name] = _money(values[name])
    return Policy(library, **values | {"conditions": tuple(one.conditions)})


async def _save_policy(services: Services, conn: Connection, code: str, one: PolicyIn, by: str) -> Policy:
    before, made = await store.policy(conn, code), policy_of(code, one)
    await store.save_policy(conn, made, by)
    changed = [name for name in PolicyIn.model_fields if getattr(before, name) != getattr(made, name)]
    await audit.write(services, conn, by, "lending.policy", code, {"changed": " ".join(changed)})
    return made


async def set_policy(
    services: Services, code: str, one: PolicyIn, by: str, *, places_last: bool = False
) -> Policy:
    """Write a library's policy. Raises `Unknown`.

    Only who keeps the members may say that a library is asked last (`places_last`): it spares it work.
    """
    async with services.db.as_service() as conn:
        if not places_last:
            before = await store.policy(conn, code)
            one = one.model_copy(update={"last_resort": before.last_resort})
        return await _save_policy(services, conn, code, one, by)


async def terms_of(services: Services, code: str, now: datetime) -> Terms:
    """Give all that holds for a library, for its own people. Raises `Unknown`."""
    day = today(now)
    async with services.db.as_service() as conn:
        every = {one.code: one for one in await libraries.all_libraries(conn)}
        mine = every.get(code)
        if mine is None:
            raise Unknown(f"there is no library {code!r}", "Add the library first, or correct its code.")
        circles = frozenset(one.id for one in await libraries.audiences(conn))
        known = await store.agreements(conn, Viewer(circles))
        bound = [
            one
            for one in known
            if (one.valid_to is None or one.valid_to >= day)
            and any(rules.takes_in(part, mine) for part in one.participants)
        ]
        return Terms(
            policy=await store.policy(conn, code),
            closures=await store.closures(conn, day, [code]),
            avoidances=await store.avoidances(conn, code, day),
            agreements=bound,
        )


async def agreements(services: Services, viewer: Viewer) -> Sequence[Agreement]:
    """List the agreements that a viewer may know of, those that have ended included."""
    async with services.db.as_service() as conn:
        return await store.agreements(conn, viewer)


async def end_agreement(services: Services, code: str, last: date, by: str) -> None:
    """Say on which day an agreement ends. Raises `Unknown`, `Conflict`."""
    async with services.db.as_service() as conn:
        await store.end_agreement(conn, code, last)
        await audit.write(services, conn, by, "lending.agreement-end", code, {"last": last.isoformat()})


async def closures(services: Services, since: date) -> Sequence[Closure]:
    """List closed and worked days of all libraries that end on a day or later."""
    async with services.db.as_service() as conn:
        return await store.closures(conn, since)


async def reopen(services: Services, library: str | None, number: int, by: str) -> None:
    """Take closed days back. Raises `Unknown`."""
    async with services.db.as_service() as conn:
        await store.remove_closure(conn, number, library)
        await audit.write(services, conn, by, "lending.closure-removed", library or "*", {"id": str(number)})


async def meet_again(services: Services, library: str, number: int, by: str, now: datetime) -> None:
    """End a line of a do-not-route list, so that it holds no more today. Raises `Unknown`."""
    async with services.db.as_service() as conn:
        await store.end_avoidance(conn, number, library, today(now) - timedelta(days=1))
        await audit.write(services, conn, by, "lending.avoid-end", library, {"id": str(number)})
