"""Lending in memory: nothing has been asked for yet, and every desk is empty."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from unioncat.domain.lending import Facts, Request, Step
from unioncat.domain.people import Right, SignedIn
from unioncat.domain.worklists import WORKLISTS
from unioncat.lending.asking import Asking
from unioncat.store.errors import Unknown
from unioncat_api.lending import Batch, Dossier, Lending, Line, Listed, Opened, Own


def nothing() -> Unknown:
    return Unknown("there is no such request", "Look it up by its number.")


class LendingDouble(Lending):
    """Answers as the real one does where nothing is there."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, Asking, bool]] = []

    async def ask(
        self,
        person: SignedIn,
        home: str,
        asked: Asking,
        *,
        staff: bool,
        origin: str,
        previous: UUID | None = None,
    ) -> Request:
        if not person.may(Right.LEND if staff else Right.BORROW, home):
            raise nothing()
        self.asked.append((home, asked, staff))
        return Request(
            UUID(int=1), "YC-2026-000001", home, asked.wanted, created=self.now(), changed=self.now()
        )

    async def step(
        self,
        person: SignedIn,
        number: UUID,
        step: Step,
        facts: Facts | None = None,
        *,
        why: str = "",
        version: int | None = None,
    ) -> Request:
        raise nothing()

    async def own_step(self, person: SignedIn, number: UUID, step: Step, why: str) -> None:
        raise nothing()

    async def again(self, person: SignedIn, number: UUID, *, staff: bool) -> Request:
        raise nothing()

    async def note(self, person: SignedIn, number: UUID, text: str) -> None:
        raise nothing()

    async def counts(self, person: SignedIn, library: str) -> Mapping[str, int]:
        if not person.may(Right.LEND, library):
            raise nothing()
        return dict.fromkeys((*WORKLISTS, "unread", "late", "urgent", "dead"), 0)

    async def listed(self, person: SignedIn, library: str, name: str, **more: Any) -> Listed:
        if not person.may(Right.LEND, library):
            raise nothing()
        return Listed(())

    async def chosen(self, person: SignedIn, library: str, side: Any, numbers: Any) -> Sequence[Line]:
        return ()

    async def scanned(self, person: SignedIn, library: str, code: str) -> Sequence[Line]:
        return ()

    async def dossier(self, person: SignedIn, number: UUID) -> Dossier:
        raise nothing()

    async def mine(
        self, person: SignedIn, *, after: tuple[datetime, UUID] | None = None, limit: int = 50
    ) -> Listed:
        return Listed(())

    async def own(self, person: SignedIn, number: UUID) -> Own:
        raise nothing()

    async def opened(self, token: str) -> Opened:
        raise nothing()

    async def answer(self, token: str, step: Step, facts: Facts, why: str) -> str | None:
        raise nothing()

    async def bring(self, person: SignedIn, library: str, name: str, data: bytes) -> int:
        return 1

    async def batch(self, person: SignedIn, number: int) -> Batch:
        raise nothing()

    async def place_batch(self, person: SignedIn, number: int) -> Sequence[str]:
        raise nothing()
