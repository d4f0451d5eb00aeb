"""How a library is reached by those who ask it, as its administrator sets it: the desk here, or letters.

A library's own system is entered among the partners, and outranks what is said here.
"""

from dataclasses import dataclass, replace
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from unioncat.domain.lending_member import LendingMember, Party, Way
from unioncat.flow import audit
from unioncat.flow.services import Services
from unioncat.store import lending_parties
from unioncat.store.errors import Conflict

Address = Annotated[
    str, StringConstraints(strip_whitespace=True, max_length=254, pattern=r"^([^@\s]+@[^@\s]+\.[^@\s]+)?$")
]


class ReachIn(BaseModel):
    """How a library wants to be reached; an empty `email` is the library's own."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    way: Literal[Way.DESK, Way.LETTER] = Way.DESK
    email: Address = ""
    two_approvals: bool = False
    answer_days: int = Field(3, ge=1, le=60)


@dataclass(frozen=True, slots=True)
class Reach:
    """How a library is reached today, and what was set."""

    party: Party
    set: LendingMember


async def reach_of(services: Services, code: str) -> Reach:
    """Tell how a library is reached. Raises `Unknown`."""
    async with services.db.as_service() as conn:
        return Reach(await lending_parties.of_library(conn, code), await lending_parties.member(conn, code))


async def set_reach(services: Services, code: str, one: ReachIn, by: str) -> Reach:
    """Say how a library is reached. Raises `Unknown`, and `Conflict` for letters without an address."""
    async with services.db.as_service() as conn:
        before = await lending_parties.member(conn, code)
        await lending_parties.save_member(conn, replace(before, **one.model_dump()))
        after = Reach(await lending_parties.of_library(conn, code), await lending_parties.member(conn, code))
        if one.way is Way.LETTER and not after.party.email:
            raise Conflict(
                "there is no address for letters", "Give one; the library's own contact names none."
            )
        names = ("way", "email", "two_approvals", "answer_days")
        changed = " ".join(name for name in names if getattr(before, name) != getattr(after.set, name))
        await audit.write(services, conn, by, "lending.reach", code, {"way": one.way, "changed": changed})
        return after
