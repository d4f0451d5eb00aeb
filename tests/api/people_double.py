"""People in memory: one federation administrator, whose session is known beforehand, and keys by name."""

from collections.abc import Callable
from pathlib import Path
from uuid import UUID

from tests.support.people import SESSION
from unioncat.config import Settings
from unioncat.domain.audience import Viewer
from unioncat.domain.people import Account, Grant, Right, Role, SignedIn
from unioncat.flow.openid import Provider
from unioncat.store.identities import Linked
from unioncat_api.people import People

__all__ = ["SESSION", "PeopleDouble", "somebody"]


def somebody(
    role: Role, library: str | None = None, *, name: str = "Lan", viewer: Viewer | None = None, **more: object
) -> SignedIn:
    """Make somebody at work."""
    grant = Grant(role, library, frozenset({library} if library else ()))
    account = Account(1, "lan@example.vn", name, True, (grant,), second_factor=True)
    fields = {"second": True, "viewer": viewer or Viewer(), **more}
    return SignedIn(account, **fields)  # type: ignore[arg-type]


class PeopleDouble(People):
    """Sessions and keys that tests put in."""

    demo = False  # type: ignore[assignment]
    by_letter = False  # type: ignore[assignment]

    def __init__(self, owner: Callable[[str], str | None], viewer: Viewer) -> None:
        self.sessions_known = {SESSION: somebody(Role.FEDERATION_ADMIN, viewer=viewer)}
        self.keys_known: dict[str, SignedIn] = {}
        self.notes: list[tuple[str, str, str]] = []
        self._owner = owner
        self.provider = Provider(Settings(home=Path("/nowhere")))

    async def codes_left(self, person: SignedIn) -> int:
        return 0

    async def identities(self, person: SignedIn) -> list[Linked]:
        return []

    async def whose(self, token: str) -> SignedIn | None:
        return self.sessions_known.get(token)

    async def whose_key(self, token: str) -> SignedIn | None:
        return self.keys_known.get(token)

    async def sign_out(self, token: str) -> None:
        self.sessions_known.pop(token, None)

    async def owner_of_source(self, code: str) -> str | None:
        return self._owner(code)

    async def owner_of_upload(self, number: UUID) -> str | None:
        return None

    async def note(self, actor: str, action: str, subject: str) -> None:
        self.notes.append((actor, action, subject))

    def key(self, role: Role, library: str | None, scopes: frozenset[Right] = frozenset(Right)) -> str:
        """Make a key for somebody of a role."""
        token = f"uck_{len(self.keys_known)}"
        self.keys_known[token] = somebody(role, library, scopes=scopes)
        return token
