"""What the web asks about messages between libraries: `unioncat.flow` bound to the open services."""

from collections.abc import Sequence
from datetime import UTC, datetime

from unioncat.domain.partner import Partner, Said, Undelivered
from unioncat.flow import answering, correspondence, lend, partners
from unioncat.flow.answering import Answer
from unioncat.flow.services import Services


class Exchanging:
    """Partners, what they send in, and what was said and could not be said."""

    def __init__(self, services: Services) -> None:
        self._services = services

    @property
    def certificate_header(self) -> str:
        """The header in which a proxy tells of a client's certificate; it is heard from `proxies` only."""
        return self._services.settings.certificate_header

    @property
    def certificate_proxies(self) -> frozenset[str]:
        """The addresses of proxies that verify certificates; empty where there is none."""
        named = self._services.settings.certificate_proxies.split(",")
        return frozenset(one.strip() for one in named if one.strip())

    async def whose_token(self, token: str, user: str | None = None) -> Partner | None:
        """Recognise a partner by its token."""
        return await partners.whose_token(self._services, token, user)

    async def whose_certificate(self, fingerprint: str) -> Partner | None:
        """Recognise a partner by its certificate."""
        return await partners.whose_certificate(self._services, fingerprint)

    async def answer(self, body: bytes, content_type: str, sender: Partner) -> Answer:
        """Answer a message of a partner."""
        return await answering.answer(
            self._services,
            body,
            content_type,
            sender=sender,
            now=datetime.now(UTC),
            receive=lend.receive,
        )

    async def said(
        self, libraries: frozenset[str] | None, *, request: str = "", partner: str = "", before: int | None
    ) -> Sequence[Said]:
        """Give messages that these libraries may see (none: all), newest first."""
        return await correspondence.said(
            self._services, libraries, request=request, partner=partner, before=before
        )

    async def message(self, number: int, libraries: frozenset[str] | None, by: str) -> Said:
        """Give one message to somebody, and log that. Raises `Unknown`."""
        return await correspondence.message(self._services, number, libraries, by)

    async def undelivered(self, libraries: frozenset[str] | None) -> Sequence[Undelivered]:
        """Give what could not be delivered."""
        return await correspondence.undelivered(self._services, libraries)

    async def resend(self, number: int, libraries: frozenset[str] | None, by: str) -> None:
        """Have something sent once more. Raises `Unknown`, `Conflict`."""
        await correspondence.resend(self._services, number, libraries, by, datetime.now(UTC))
