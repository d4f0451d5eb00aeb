"""What the web asks about terms, rotas, consignments and figures of lending: `unioncat.flow`, bound.

Every question names who asks, or the library whose people may ask it.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, date, datetime
from uuid import UUID

from unioncat.domain.audience import Viewer
from unioncat.domain.consignment import Difference, Step
from unioncat.domain.lending_policy import Agreement, Closure, Policy
from unioncat.domain.people import SignedIn
from unioncat.flow import consign, lending_figures, reach, terms
from unioncat.flow.consign import Plan, Shown
from unioncat.flow.lend import Forbidden, reordering
from unioncat.flow.lending_figures import Figures, Wish
from unioncat.flow.locate import Located
from unioncat.flow.reach import Reach, ReachIn
from unioncat.flow.services import Services
from unioncat.flow.terms import AgreementIn, AvoidanceIn, ClosureIn, PolicyIn, Terms, TermsFile
from unioncat.store.consignments import Listed
from unioncat.store.errors import Unknown


class LendingTerms:
    """Terms, rotas, consignments, figures."""

    def __init__(self, services: Services) -> None:
        self._services = services

    async def of(self, library: str) -> Terms:
        """Give all that holds for a library. Raises `Unknown`."""
        return await terms.terms_of(self._services, library, datetime.now(UTC))

    async def set_policy(self, library: str, one: PolicyIn, by: str, *, places_last: bool) -> Policy:
        """Write a library's policy. Raises `Unknown`."""
        return await terms.set_policy(self._services, library, one, by, places_last=places_last)

    async def reach(self, library: str) -> Reach:
        """Tell how a library is reached. Raises `Unknown`."""
        return await reach.reach_of(self._services, library)

    async def set_reach(self, library: str, one: ReachIn, by: str) -> Reach:
        """Say how a library is reached. Raises `Unknown`, `Conflict`."""
        return await reach.set_reach(self._services, library, one, by)

    async def agreements(self, viewer: Viewer) -> Sequence[Agreement]:
        """List the agreements that a viewer may know of."""
        return await terms.agreements(self._services, viewer)

    async def save(
        self,
        by: str,
        *,
        agreement: AgreementIn | None = None,
        closure: ClosureIn | None = None,
        avoid: AvoidanceIn | None = None,
        viewer: Viewer | None = None,
    ) -> None:
        """Save one of the terms, which names only what the viewer may see. Raises `Unknown`, `Conflict`."""
        wanted = TermsFile(
            agreement=[agreement] if agreement else [],
            closure=[closure] if closure else [],
            avoid=[avoid] if avoid else [],
        )
        await terms.save(self._services, wanted, by, datetime.now(UTC), viewer=viewer)

    async def end_agreement(self, code: str, last: date, by: str) -> None:
        """Say on which day an agreement ends. Raises `Unknown`, `Conflict`."""
        await terms.end_agreement(self._services, code, last, by)

    async def closures(self) -> Sequence[Closure]:
        """List closed and worked days that are not over, of all libraries."""
        return await terms.closures(self._services, terms.today(datetime.now(UTC)))

    async def reopen(self, library: str | None, number: int, by: str) -> None:
        """Take closed days back. Raises `Unknown`."""
        await terms.reopen(self._services, library, number, by)

    async def meet_again(self, library: str, number: int, by: str) -> None:
        """End a line of a do-not-route list. Raises `Unknown`."""
        await terms.meet_again(self._services, library, number, by, datetime.now(UTC))

    async def reorder(self, person: SignedIn, request: UUID, order: Sequence[str], why: str) -> Located:
        """Put the list of a request into another order. Raises `Unknown`, `Conflict`."""
        try:
            return await reordering.reorder(self._services, person, request, order, why, datetime.now(UTC))
        except Forbidden:  # whose request it is, is nobody else's to know
            raise Unknown("there is no such request", "Look it up by its number.") from None

    async def figures(self, viewer: Viewer, wish: Wish) -> Figures:
        """Count lending. Raises `Unknown`, `Conflict`."""
        return await lending_figures.figures(self._services, viewer, wish)

    async def consignments(self, viewer: Viewer, owners: Collection[str] | None) -> Sequence[Listed]:
        """List the consignments of libraries, or all that the viewer may see."""
        return await consign.listed(self._services, viewer, owners)

    async def consignment(self, person: SignedIn, number: str) -> Shown:
        """Give a consignment. Raises `Unknown`."""
        return await consign.show(self._services, person, number)

    async def consign(self, owner: str, plan: Plan, by: str, viewer: Viewer) -> str:
        """Pack a consignment; give its number. Raises `Unknown`, `Conflict`."""
        return await consign.begin(self._services, owner, plan, by, datetime.now(UTC), viewer=viewer)

    async def move(
        self, person: SignedIn, number: str, what: Step, differences: Sequence[Difference], why: str
    ) -> Shown:
        """Do a step of a consignment. Raises `Unknown`, `Forbidden`, `Conflict`."""
        return await consign.step(
            self._services, person, number, what, datetime.now(UTC), differences=differences, why=why
        )

    async def stop_names(self, viewer: Viewer) -> Mapping[str, str]:
        """Give the libraries that may be stops, by code."""
        return await consign.names(self._services, viewer)
