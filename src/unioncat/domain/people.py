"""Who takes part: roles at a library or for the federation, and the one table of what each role may do.

A right that is not in the table is nobody's. Whatever asks for a right asks `SignedIn.may`, nothing else.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from unioncat.domain.audience import ANONYMOUS, Viewer


class Role(StrEnum):
    """What somebody is, at one library or for the whole federation."""

    READER = "reader"
    LENDING = "lending"
    CATALOGUER = "cataloguer"
    LIBRARY_ADMIN = "library-admin"
    FEDERATION_ADMIN = "federation-admin"
    AUDITOR = "auditor"


class Right(StrEnum):
    """Something that not everybody may do."""

    REGISTRATIONS = "registrations"
    """See who asks to join, and decide."""
    MEMBERS = "members"
    """Bring sheets of members, keep the list of libraries to be won, invite, set goals."""
    REGISTRY = "registry"
    """Enter and change libraries, groups and sources by JSON."""
    IDENTIFIERS = "identifiers"
    """Keep the list of identifiers that are not to be believed."""
    AUDIT = "audit"
    """Read the log of who did what."""
    HARVESTS = "harvests"
    """Start, pause and time harvests, decide on held runs."""
    CREDENTIALS = "credentials"
    """Set and remove the credentials of sources."""
    FILES = "files"
    """Bring files of a library, look at their previews, accept, reject and undo them."""
    REPORTS = "reports"
    """See the reports on members' records and the state of the service."""
    AUDIENCES = "audiences"
    """Say who may see what a library has, take records back, let the library leave."""
    JUDGE = "judge"
    """Say which records are one edition and which are not."""
    PEOPLE = "people"
    """Invite people, give and take roles, let people go."""
    BORROW = "borrow"
    """Ask for something from another library, and follow one's own requests."""
    LEND = "lend"
    """Work at a library's two lending desks: what it asks for, and what it is asked for."""
    LEND_CLOSE = "lend-close"
    """Close a request by hand, whatever its state."""


SHARED = frozenset({Right.JUDGE})
"""Rights over what belongs to all: whoever has one at any library has it wherever he or she may look."""

_CATALOGUER = frozenset({Right.FILES, Right.REPORTS, Right.JUDGE})
_LENDING = frozenset({Right.BORROW, Right.LEND})
_LIBRARY_ADMIN = (
    _CATALOGUER
    | _LENDING
    | {Right.HARVESTS, Right.CREDENTIALS, Right.AUDIENCES, Right.PEOPLE, Right.LEND_CLOSE}
)
MAY: Mapping[Role, frozenset[Right]] = {
    Role.READER: frozenset({Right.BORROW}),
    Role.LENDING: _LENDING,
    Role.CATALOGUER: _CATALOGUER,
    Role.LIBRARY_ADMIN: _LIBRARY_ADMIN,
    Role.FEDERATION_ADMIN: frozenset(Right),
    Role.AUDITOR: frozenset({Right.AUDIT, Right.REPORTS}),
}
"""The table: what each role may do, where it is held."""

AT_LIBRARY = (Role.READER, Role.LENDING, Role.CATALOGUER, Role.LIBRARY_ADMIN)
"""Roles that are held at a library; it covers the library's branches."""
AT_FEDERATION = (Role.CATALOGUER, Role.FEDERATION_ADMIN, Role.AUDITOR)
"""Roles that are held for the whole federation."""
SECOND_FACTOR = frozenset({Role.LIBRARY_ADMIN, Role.FEDERATION_ADMIN, Role.AUDITOR})
"""Roles that count only for somebody who has signed in with a second factor."""
ALL_AUDIENCES = frozenset({Role.FEDERATION_ADMIN, Role.CATALOGUER})
"""Roles that, held for the federation, see what is kept from the public."""


class LinkKind(StrEnum):
    """What a one-time link is for."""

    INVITATION = "invitation"
    RESET = "reset"


@dataclass(frozen=True, slots=True)
class Grant:
    """A role that somebody holds; without a library it holds for the federation."""

    role: Role
    library: str | None = None
    covers: frozenset[str] = frozenset()
    """The library and its branches of today."""

    def reaches(self, library: str | None) -> bool:
        """Tell whether the role holds at a library (none: for the federation)."""
        return self.library is None or (library is not None and library in (self.covers | {self.library}))


@dataclass(frozen=True, slots=True)
class Account:
    """A person as the service knows him or her; the password is nobody's to read."""

    id: int
    email: str
    name: str
    active: bool
    grants: tuple[Grant, ...] = ()
    second_factor: bool = False
    """Whether a second factor has been set up."""
    demo: bool = False
    created: datetime | None = None
    signed_in: datetime | None = None

    def holds(self, role: Role, library: str | None = None) -> bool:
        """Tell whether this very role is held at this very place."""
        return any(one.role is role and one.library == library for one in self.grants)


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Somebody at work, by a session or by a key: the account, and what counts of its roles now."""

    account: Account
    second: bool = False
    """Whether the second factor was given; a key counts as one, because only who gave it can make one."""
    viewer: Viewer = ANONYMOUS
    scopes: frozenset[Right] = frozenset(Right)
    """What a key was limited to; a session is not limited."""
    until: datetime | None = None
    """When the key ends by which the person works; none for a session."""
    waiting: bool = False
    """Whether the code of the second factor is still to come: until then nothing may be done."""

    @property
    def name(self) -> str:
        """The person's name, as it stands in logs and beside decisions."""
        return self.account.name

    def grants(self) -> tuple[Grant, ...]:
        """The roles that count now."""
        if self.waiting or not self.account.active:
            return ()
        return tuple(one for one in self.account.grants if self.second or one.role not in SECOND_FACTOR)

    def may(self, right: Right, library: str | None = None) -> bool:
        """Tell whether the person may do something at a library (none: for the federation)."""
        return right in self.scopes and any(
            right in MAY[one.role] and (right in SHARED or one.reaches(library)) for one in self.grants()
        )

    def may_somewhere(self, right: Right) -> bool:
        """Tell whether there is a place at all where the person may do something."""
        return right in self.scopes and any(right in MAY[one.role] for one in self.grants())

    def needs_second(self, right: Right, library: str | None = None) -> bool:
        """Tell whether nothing but the second factor is missing."""
        return not self.second and any(
            right in MAY[one.role] and (right in SHARED or one.reaches(library))
            for one in self.account.grants
        )

    def needs_second_somewhere(self, right: Right) -> bool:
        """Tell whether nothing but the second factor is missing, at some place."""
        return not self.second and any(right in MAY[one.role] for one in self.account.grants)

    def places(self, right: Right) -> frozenset[str] | None:
        """Name the libraries at which something may be done; none stands for all."""
        held = [one for one in self.grants() if right in self.scopes and right in MAY[one.role]]
        if any(one.library is None for one in held):
            return None
        return frozenset(code for one in held for code in one.covers | {one.library or ""})

    def may_grant(self, role: Role, library: str | None) -> bool:
        """Tell whether the person may give or take a role: one that exists there, at a place of one's own."""
        fitting = AT_FEDERATION if library is None else AT_LIBRARY
        return role in fitting and self.may(Right.PEOPLE, library)


def email_key(email: str) -> str:
    """Write an e-mail address so that two spellings of it are one."""
    return email.strip().casefold()


def email_complaint(email: str) -> str:
    """Say what is wrong with an e-mail address; empty where nothing is."""
    local, mark, domain = email.strip().partition("@")
    sound = mark and local and "." in domain and not domain.startswith(".") and not domain.endswith(".")
    if (
        not sound
        or "@" in domain
        or not email.strip().isprintable()
        or " " in email.strip()
        or len(email) > 254
    ):
        return "it is no e-mail address"
    return "" if not set(email) & set('<>",;:\\()[]') else "it has signs that addresses have not"


SHORTEST_PASSWORD = 10
LONGEST_PASSWORD = 200
_COMMON = (
    *("password", "passw0rd", "matkhau", "mật khẩu", "123456", "qwerty"),
    *("abc123", "iloveyou", "thuvien", "admin"),
)


def password_complaint(password: str, *, email: str = "", name: str = "") -> str:
    """Say what is wrong with a new password, as a key of a message; empty where nothing is.

    After NIST SP 800-63B: length, no composition rules, none of those that everybody tries.
    """
    if len(password) < SHORTEST_PASSWORD:
        return "short"
    if len(password) > LONGEST_PASSWORD:
        return "long"
    plain = password.casefold()
    rest = plain
    own = [part for part in (email_key(email).partition("@")[0], *name.casefold().split()) if len(part) > 3]
    for word in (*_COMMON, *own):
        rest = rest.replace(word, "")
    if len(set(plain)) < 5 or len(rest) < 5:
        return "common"
    return ""
