"""What the web asks about libraries that join: `unioncat.flow` bound to the open services.

Applicants are known by the secret of their link alone; everything else is for the federation.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime

from unioncat.domain.audience import Viewer
from unioncat.domain.onboarding import Expected
from unioncat.domain.quality import Mend
from unioncat.domain.registration import Facts, Registration, RegistrationState
from unioncat.flow import admission, approval, bulk, onboarding, quality, registration, status
from unioncat.flow.admission import Access
from unioncat.flow.approval import Proposal
from unioncat.flow.checking import Checked
from unioncat.flow.lines import Line
from unioncat.flow.onboarding import Tracker
from unioncat.flow.quality import MemberReport
from unioncat.flow.registration import Shown
from unioncat.flow.services import Services
from unioncat.flow.status import Federation


class Onboarding:
    """Registrations, sheets of members, the list of libraries to be won, reports."""

    def __init__(self, services: Services) -> None:
        self._services = services

    async def begin(self, software: str, address: str, *, origin: bytes | None, invitation: str) -> str:
        """Begin a registration; give its secret. Raises `AddressError`, `Unknown`, `TooMany`."""
        return await registration.begin(
            self._services, software, address, origin=origin, invitation=invitation
        )

    async def look_again(self, token: str, *, software: str, address: str, part: str) -> Registration:
        """Look at another place. Raises `AddressError`, `Unknown`, `Conflict`, `TooMany`."""
        return await registration.look_again(
            self._services, token, software=software, address=address, part=part
        )

    async def shown(self, token: str) -> Shown | None:
        """Give the registration of a link, or none."""
        return await registration.shown(self._services, token)

    async def send(self, token: str, facts: Facts) -> Registration:
        """Hand a registration in. Raises `Unknown`, `Conflict`, `TooMany`."""
        return await registration.send(self._services, token, facts)

    async def reply(self, token: str, text: str) -> Registration:
        """Answer a question. Raises `Unknown`, `Conflict`."""
        return await registration.reply(self._services, token, text)

    async def withdraw(self, token: str) -> Registration:
        """Take a registration back. Raises `Unknown`, `Conflict`."""
        return await registration.withdraw(self._services, token)

    async def access(self, found: Registration) -> Access | None:
        """Tell how a new member gets to its account."""
        return await admission.access(self._services, found)

    async def ask_account(self, token: str, email: str) -> str | None:
        """Send the invitation again, or give a one-time link. Raises `Unknown`, `Conflict`, `TooMany`."""
        return await admission.ask(self._services, token, email)

    async def invited(self, secret: str) -> Expected | None:
        """Give the library that an invitation was made for."""
        return await onboarding.invited(self._services, secret)

    async def listed(self, states: Sequence[RegistrationState], limit: int) -> Sequence[Registration]:
        """List registrations."""
        return await registration.listed(self._services, states, limit=limit)

    async def counts(self) -> Mapping[RegistrationState, int]:
        """Count registrations by state."""
        return await registration.counts(self._services)

    async def read(self, number: int) -> Shown:
        """Give a registration. Raises `Unknown`."""
        return await registration.read(self._services, number)

    async def propose(self, number: int) -> Proposal:
        """Say what approval would make. Raises `Unknown`, `Conflict`."""
        return await approval.propose(self._services, number)

    async def approve(self, number: int, wanted: Proposal, *, by: str) -> Registration:
        """Make a member of an applicant. Raises `Unknown`, `Conflict`."""
        return await approval.approve(self._services, number, wanted, by=by)

    async def ask_back(self, number: int, text: str, *, by: str) -> Registration:
        """Ask an applicant something. Raises `Unknown`, `Conflict`."""
        return await approval.ask_back(self._services, number, text, by=by)

    async def refuse(self, number: int, reason: str, *, by: str) -> Registration:
        """Refuse an applicant. Raises `Unknown`, `Conflict`."""
        return await approval.refuse(self._services, number, reason, by=by)

    async def preview(self, name: str, data: bytes, *, by: str) -> Checked:
        """Check a sheet and keep it. Raises `Conflict`."""
        return await bulk.preview(self._services, name, data, by=by)

    async def sheet(self, number: int) -> Checked:
        """Check a kept sheet again. Raises `Unknown`."""
        return await bulk.shown(self._services, number)

    async def apply_sheet(self, number: int) -> Checked:
        """Register a kept sheet. Raises `Unknown`, `Conflict`."""
        return await bulk.apply_kept(self._services, number)

    async def check_lines(self, lines: Sequence[Line]) -> Checked:
        """Check lines."""
        return await bulk.check(self._services, "", lines)

    async def apply_lines(self, lines: Sequence[Line]) -> Checked:
        """Register lines, all or nothing. Raises `Conflict`."""
        return await bulk.apply(self._services, "", lines)

    async def tracker(self) -> Tracker:
        """Tell how far everybody has come."""
        return await onboarding.tracker(self._services)

    async def expect(self, data: bytes, group: str | None) -> int:
        """Put the libraries of a sheet on the list. Raises `Conflict`, `Unknown`."""
        return await bulk.expect(self._services, data, group=group)

    async def expect_one(self, wanted: Expected) -> None:
        """Put one library on the list. Raises `Unknown`."""
        await onboarding.expect(self._services, [wanted])

    async def invite(self, code: str) -> str:
        """Invite a library; give the secret of its link. Raises `Unknown`."""
        return await onboarding.invite(self._services, code)

    async def strike(self, code: str) -> None:
        """Take a library off the list. Raises `Unknown`."""
        await onboarding.strike(self._services, code)

    async def set_goal(self, group: str | None, due: date, count: int) -> None:
        """Set a goal. Raises `Unknown`."""
        await onboarding.set_goal(self._services, group, due, count)

    async def report(self, viewer: Viewer, library: str) -> MemberReport:
        """Give the report on a member's records. Raises `Unknown`."""
        return await quality.member_report(self._services, viewer, library)

    async def to_mend(self, report: MemberReport) -> Sequence[Mend]:
        """List what is to be mended."""
        return await quality.to_mend(self._services, report)

    async def federation(self, viewer: Viewer, *, private: bool) -> Federation:
        """Tell how the federation stands."""
        return await status.federation(self._services, viewer, datetime.now(UTC), private=private)
