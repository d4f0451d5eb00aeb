"""What the web asks about people: `unioncat.flow` bound to the open services of this process."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from unioncat.domain.audit import Entry
from unioncat.domain.openid import Attempt
from unioncat.domain.people import Account, Right, Role, SignedIn
from unioncat.flow import audit, entry, identities, people, personal
from unioncat.flow.audit import Wanted
from unioncat.flow.entry import Entered, Refused
from unioncat.flow.fetching import FetchError
from unioncat.flow.openid import NotBelieved, Provider
from unioncat.flow.services import Services
from unioncat.store.identities import Linked
from unioncat.store.people import Link
from unioncat.store.sessions import Key, Session
from unioncat.telemetry import logger

log = logger(__name__)


class People:
    """Who somebody is, who takes part, and who did what."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self.provider = Provider(services.settings)
        """Who else may say who somebody is."""

    @property
    def by_letter(self) -> bool:
        """Whether a mail server takes letters; without one people hand on their links themselves."""
        return self._services.settings.smtp_url is not None

    @property
    def demo(self) -> bool:
        """Whether sample people may sign in here."""
        return self._services.settings.is_demo

    async def whose(self, token: str) -> SignedIn | None:
        """Tell whose session it is."""
        return await entry.whose(self._services, token)

    async def whose_key(self, token: str) -> SignedIn | None:
        """Tell for whom a program asks."""
        return await entry.whose_key(self._services, token)

    async def sign_in(self, email: str, password: str, *, address: str | None, device: str) -> Entered:
        """Begin a session. Raises `Refused`, `TooMany`."""
        return await entry.sign_in(self._services, email, password, address=address, device=device)

    async def sign_in_openid(
        self, attempt: Attempt, code: str, back: str, named: str | None, *, address: str | None, device: str
    ) -> Entered:
        """Begin a session by what the provider says. Raises `Refused`, `TooMany`."""
        await entry.count_guess(self._services, None, address)
        try:
            who = await self.provider.who(attempt, code, back, named)
        except (NotBelieved, FetchError) as error:
            log.warning("the provider of identities was not believed", why=str(error))
            await identities.refused(self._services, address)
            raise Refused from None
        return await identities.sign_in(self._services, who, address=address, device=device)

    async def identities(self, person: SignedIn) -> Sequence[Linked]:
        """List one's own identities at providers."""
        return await identities.linked(self._services, person.account.id)

    async def part(self, person: SignedIn, issuer: str) -> None:
        """Part one's own account from a provider."""
        await identities.part(self._services, person, issuer)

    async def give_code(self, token: str, code: str, *, address: str | None) -> Entered:
        """Give the code of the second factor. Raises `Refused`, `TooMany`."""
        return await entry.give_code(self._services, token, code, address=address)

    async def sign_in_sample(self, role: Role, device: str) -> str:
        """Begin a session of a sample person. Raises `Forbidden` outside of a demonstration."""
        return await people.sign_in_sample(self._services, role, device)

    async def sign_out(self, token: str) -> None:
        """End a session."""
        await entry.sign_out(self._services, token)

    async def ask_reset(self, email: str, base_url: str) -> None:
        """Send a link for a new password, if there is somebody."""
        await entry.ask_reset(self._services, email, base_url)

    async def link(self, token: str) -> tuple[Link, Account | None] | None:
        """Give a one-time link that holds, and the account that it is for."""
        return await people.link(self._services, token)

    async def take_up(self, token: str, *, email: str, name: str, password: str) -> str:
        """Use a one-time link; give the complaint. Raises `Unknown`, `Conflict`."""
        return await people.take_up(self._services, token, email=email, name=name, password=password)

    async def change_password(self, person: SignedIn, token: str, old: str, new: str) -> str:
        """Change one's own password; give the complaint. Raises `TooMany`."""
        return await entry.change_password(self._services, person, token, old, new)

    async def set_second_factor(
        self, person: SignedIn, token: str, secret: bytes, code: str
    ) -> tuple[str, tuple[str, ...]]:
        """Set up a second factor; give the token of the session that goes on, and recovery codes.

        Raises `Refused`.
        """
        return await entry.set_second_factor(self._services, person, token, secret, code)

    async def renew_codes(self, person: SignedIn) -> tuple[str, ...]:
        """Make new recovery codes; the earlier ones end. Raises `Refused`."""
        return await entry.renew_codes(self._services, person)

    async def codes_left(self, person: SignedIn) -> int:
        """Count the recovery codes that are left."""
        return await entry.codes_left(self._services, person.account.id)

    async def sessions(self, person: SignedIn) -> Sequence[Session]:
        """List one's own sessions."""
        return await entry.sessions_of(self._services, person.account.id)

    async def end_others(self, person: SignedIn, token: str) -> None:
        """End one's other sessions."""
        await entry.end_others(self._services, person, token)

    async def keys(self, person: SignedIn) -> Sequence[Key]:
        """List one's own keys."""
        return await entry.keys_of(self._services, person.account.id)

    async def make_key(self, person: SignedIn, name: str, scopes: Iterable[Right], lasts: timedelta) -> str:
        """Make a key. Raises `Conflict`."""
        return await entry.make_key(self._services, person, name, scopes, lasts)

    async def remove_key(self, person: SignedIn, number: int) -> None:
        """Remove one's own key."""
        await entry.remove_key(self._services, person, number)

    async def listed(self, person: SignedIn, library: str | None) -> Sequence[Account]:
        """List the people at a place. Raises `Forbidden`."""
        return await people.listed(self._services, person, library)

    async def invitations(self, person: SignedIn, library: str | None) -> Sequence[Link]:
        """List open invitations to a place. Raises `Forbidden`."""
        return await people.invitations(self._services, person, library)

    async def invite(
        self,
        person: SignedIn,
        email: str,
        role: Role,
        library: str | None,
        base_url: str,
        *,
        hands_over: bool = False,
    ) -> str:
        """Invite somebody; give the link. Raises `Forbidden`, `Conflict`, `Unknown`."""
        return await people.invite(
            self._services, person, email, role, library, base_url, hands_over=hands_over
        )

    async def end_invitation(self, person: SignedIn, number: int) -> None:
        """Take an invitation back. Raises `Forbidden`, `Unknown`."""
        await people.end_invitation(self._services, person, number)

    async def give_role(self, person: SignedIn, account: int, role: Role, library: str | None) -> None:
        """Give somebody one more role. Raises `Forbidden`, `Unknown`."""
        await people.give_role(self._services, person, account, role, library)

    async def take_role(self, person: SignedIn, account: int, role: Role, library: str | None) -> None:
        """Take a role from somebody. Raises `Forbidden`, `Unknown`, `Conflict`."""
        await people.take_role(self._services, person, account, role, library)

    async def let_go(self, person: SignedIn, account: int) -> None:
        """Let somebody go. Raises `Forbidden`, `Unknown`, `Conflict`."""
        await people.let_go(self._services, person, account)

    async def bring_back(self, person: SignedIn, account: int) -> None:
        """Let somebody in again. Raises `Forbidden`, `Unknown`."""
        await people.bring_back(self._services, person, account)

    async def forget_second_factor(self, person: SignedIn, account: int) -> None:
        """Take a lost second factor from somebody. Raises `Forbidden`, `Unknown`."""
        await people.forget_second_factor(self._services, person, account)

    async def owner_of_source(self, code: str) -> str | None:
        """Name the library of a source."""
        return await people.owner_of_source(self._services, code)

    async def owner_of_upload(self, number: UUID) -> str | None:
        """Name the library for which a file was brought."""
        return await people.owner_of_upload(self._services, number)

    async def copy_of(self, person: SignedIn) -> dict[str, Any]:
        """Give somebody everything that is kept of him or her."""
        return await personal.copy_of(self._services, person)

    async def forget(self, person: SignedIn, password: str) -> None:
        """Delete one's own account and what belongs to it. Raises `Conflict`."""
        await personal.forget(self._services, person, password, datetime.now(UTC))

    async def note(self, actor: str, action: str, subject: str) -> None:
        """Log that somebody asked for something."""
        await audit.note(self._services, actor, action, subject)

    async def log(self, wanted: Wanted, *, before: int | None = None, limit: int = 100) -> Sequence[Entry]:
        """Give entries of the log, newest first."""
        return await audit.entries(self._services, wanted, before=before, limit=limit)
