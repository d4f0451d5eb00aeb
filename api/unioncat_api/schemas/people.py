"""People, roles, invitations and keys on the wire. A secret goes out once, in the answer that makes it."""

from collections.abc import Iterable
from datetime import datetime
from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from unioncat.domain.people import Account, Right, Role
from unioncat.flow.register import CODE
from unioncat.store.people import Link
from unioncat.store.sessions import Key
from unioncat_api.schemas.bodies import sound
from unioncat_api.schemas.common import Out, example

GRANT = {"role": "cataloguer", "library": "truong"}
KEY = {
    "id": 3,
    "name": "scanner",
    "beginning": "uck_Yk3dPq",
    "scopes": ["files"],
    "made": "2026-03-01T02:00:00Z",
    "expires": "2026-05-30T02:00:00Z",
}
INVITATION = {
    "id": 8,
    "email": "thu@example.vn",
    **GRANT,
    "hands_over": False,
    "expires": "2026-03-08T02:00:00Z",
}


class Body(BaseModel):
    """Something that is sent; a field that is not known is an error."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    @model_validator(mode="before")
    @classmethod
    def _sound(cls, value: object) -> object:
        return sound(value)


class GrantBody(Body):
    """A role at a library; without a library for the federation."""

    role: Role
    library: Annotated[str, Field(pattern=CODE)] | None = None


class InvitationBody(GrantBody):
    """Whom to invite to which role."""

    email: Annotated[str, Field(min_length=3, max_length=254)]
    hands_over: bool = False
    """Whether one's own role there goes over to whoever takes it up."""


class KeyBody(Body):
    """A key for a program: its name, what it may, how long."""

    name: Annotated[str, Field(min_length=1, max_length=80)]
    scopes: Annotated[list[Right], Field(max_length=len(Right))] = []
    days: Annotated[int, Field(ge=1, le=366)] = 90


class GrantOut(Out):
    """A role that somebody holds."""

    model_config = example(GRANT)
    role: Role
    library: str | None = None


class PersonOut(Out):
    """Somebody who takes part."""

    model_config = example(
        {
            "id": 5,
            "email": "thu@example.vn",
            "name": "Thu",
            "active": True,
            "second_factor": True,
            "roles": [GRANT],
            "signed_in": "2026-03-01T02:00:00Z",
        }
    )
    id: int
    email: str
    name: str
    active: bool
    second_factor: bool
    roles: tuple[GrantOut, ...] = ()
    signed_in: datetime | None = None

    @classmethod
    def build(cls, account: Account, seen: Iterable[str] | None) -> Self:
        """Make it of an account; of roles only those at places that the caller may see (none: all)."""
        places = None if seen is None else set(seen)
        held = [one for one in account.grants if places is None or one.library in places]
        return cls(
            id=account.id,
            email=account.email,
            name=account.name,
            active=account.active,
            second_factor=account.second_factor,
            roles=tuple(GrantOut(role=one.role, library=one.library) for one in held),
            signed_in=account.signed_in,
        )


class PeopleOut(Out):
    """People of a place."""

    items: tuple[PersonOut, ...]


class InvitedOut(Out):
    """An invitation that nobody has taken up yet."""

    model_config = example(INVITATION)
    id: int
    email: str
    role: Role | None = None
    library: str | None = None
    hands_over: bool = False
    expires: datetime


class InvitedListOut(Out):
    """Invitations to a place."""

    items: tuple[InvitedOut, ...]

    @classmethod
    def build(cls, found: Iterable[Link]) -> Self:
        """Make it of what the store gives."""
        return cls(items=tuple(InvitedOut.of(one) for one in found))


class LinkOut(Out):
    """A one-time link; it is shown only now, and sent to the person."""

    model_config = example({"link": "https://catalogue.example.vn/link/…"})
    link: str


class KeyOut(Out):
    """A key, without its secret."""

    model_config = example(KEY)
    id: int
    name: str
    beginning: str
    scopes: tuple[Right, ...]
    made: datetime
    expires: datetime
    used: datetime | None = None

    @classmethod
    def build(cls, key: Key) -> Self:
        """Make it of a key."""
        fields: dict[str, Any] = {name: getattr(key, name) for name in cls.model_fields if name != "scopes"}
        return cls(scopes=tuple(sorted(key.scopes)), **fields)


class KeysOut(Out):
    """One's own keys."""

    items: tuple[KeyOut, ...]


class NewKeyOut(Out):
    """A new key; it is shown only now."""

    model_config = example({"key": "uck_…"})
    key: str
