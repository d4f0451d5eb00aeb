"""Libraries that join, in memory: one registration that waits, a list of two, one report."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date

from tests.api import shelf
from unioncat.domain.audience import Viewer
from unioncat.domain.library import Contact, LibraryType
from unioncat.domain.onboarding import Expected, Goal, Progress, Stage
from unioncat.domain.quality import Mend, Report
from unioncat.domain.registration import (
    Appraisal,
    Facts,
    Letter,
    Registration,
    RegistrationState,
    Sample,
    Wish,
)
from unioncat.domain.software import BY_CODE, candidates
from unioncat.flow.admission import Access
from unioncat.flow.approval import Proposal
from unioncat.flow.checking import Checked, Checker, Known
from unioncat.flow.lines import Line, read_lines
from unioncat.flow.onboarding import Tracker, standing
from unioncat.flow.quality import MemberReport
from unioncat.flow.register import LibraryIn
from unioncat.flow.registration import Shown
from unioncat.flow.status import Federation, Health
from unioncat.store.errors import Conflict, Unknown
from unioncat.store.figures import Harvests
from unioncat_api.onboarding import Onboarding

TOKEN = "t" * 32
EVIL = shelf.HOSTILE


def waiting() -> Registration:
    """A registration with everything hostile that a stranger can send."""
    bib = shelf.RECORDS[0].bib
    return Registration(
        id=7,
        state=RegistrationState.WAITING,
        software="koha",
        address="https://thuvien.example.vn/?a=<b>",
        created=shelf.NOW,
        touched=shelf.NOW,
        submitted=shelf.NOW,
        facts=Facts(
            f"Thư viện {EVIL}",
            type=LibraryType.PUBLIC,
            contact=Contact(email="tv@example.vn", website="https://tv.example.vn"),
            wish=Wish.PUBLIC,
            note=EVIL,
        ),
        appraisal=Appraisal(
            protocol="oai-pmh",
            address="https://thuvien.example.vn/oai",
            name=EVIL,
            format="marc21",
            profile="koha",
            size=1200,
            seen=2,
            readable=1,
            quality=(("no-year", 1),),
            samples=(Sample("1", bib), Sample(EVIL, None, problems=(EVIL,))),
            advice=(EVIL,),
        ),
        letters=(Letter(shelf.NOW, EVIL, "Lan"), Letter(shelf.NOW, EVIL)),
    )


class OnboardingDouble(Onboarding):
    """What the pages of joining ask, without a store."""

    def __init__(self) -> None:
        self.approved: list[Proposal] = []
        self.one = waiting()
        self.goals = [Goal(date(2026, 12, 31), 122, "mien-nui")]
        self.listed_ones = {
            "ha-giang-2": Expected("ha-giang-2", "Thư viện Hà Giang 2", group="mien-nui"),
            "cu": Expected("cu", EVIL),
        }
        self.kept: dict[int, Checked] = {}

    async def begin(self, software: str, address: str, *, origin: bytes | None, invitation: str) -> str:
        if address:
            candidates(BY_CODE[software], address)
        return TOKEN

    async def look_again(self, token: str, *, software: str, address: str, part: str) -> Registration:
        return self.one

    async def shown(self, token: str) -> Shown | None:
        return Shown(self.one) if token == TOKEN else None

    async def send(self, token: str, facts: Facts) -> Registration:
        self.one = replace(self.one, facts=facts, state=RegistrationState.WAITING)
        return self.one

    async def reply(self, token: str, text: str) -> Registration:
        return self.one

    async def withdraw(self, token: str) -> Registration:
        self.one = replace(self.one, state=RegistrationState.WITHDRAWN)
        return self.one

    async def access(self, found: Registration) -> Access | None:
        if found.state is not RegistrationState.APPROVED:
            return None
        return Access(f"{EVIL}@example.vn", taken=False, by_letter=True)

    async def ask_account(self, token: str, email: str) -> str | None:
        if token != TOKEN:
            raise Unknown("there is no such registration")
        return None

    async def invited(self, secret: str) -> Expected | None:
        return None

    async def listed(self, states: Sequence[RegistrationState], limit: int) -> Sequence[Registration]:
        return [self.one] if self.one.state in states else []

    async def counts(self) -> Mapping[RegistrationState, int]:
        return {self.one.state: 1}

    async def read(self, number: int) -> Shown:
        if number != self.one.id:
            raise Unknown(f"there is no registration {number}")
        return Shown(self.one)

    async def propose(self, number: int) -> Proposal:
        await self.read(number)
        return Proposal(
            LibraryIn(code="tv-moi", name_vi="Thư viện mới", name_en="New", type=LibraryType.PUBLIC), None
        )

    def _decide(self, number: int, state: RegistrationState, by: str) -> Registration:
        if number != self.one.id:
            raise Unknown(f"there is no registration {number}")
        if self.one.state not in (RegistrationState.WAITING, RegistrationState.RETURNED):
            raise Conflict(f"registration {number} is {self.one.state}")
        self.one = replace(self.one, state=state, decided_by=by, decided=shelf.NOW)
        return self.one

    async def approve(self, number: int, wanted: Proposal, *, by: str) -> Registration:
        done = self._decide(number, RegistrationState.APPROVED, by)
        self.approved.append(wanted)
        return done

    async def ask_back(self, number: int, text: str, *, by: str) -> Registration:
        return self._decide(number, RegistrationState.RETURNED, by)

    async def refuse(self, number: int, reason: str, *, by: str) -> Registration:
        return self._decide(number, RegistrationState.REFUSED, by)

    def _check(self, lines: Sequence[Line]) -> Checked:
        groups = frozenset(one.code for one in shelf.GROUPS)
        known = Known(shelf.LIBRARIES, shelf.SOURCES, shelf.PROVINCES, groups, frozenset({"public"}))
        return Checker(known, lines).check("bảng.xlsx", ("Ghi chú",))

    async def preview(self, name: str, data: bytes, *, by: str) -> Checked:
        lines, _ = read_lines(data)
        self.kept[1] = replace(self._check(lines), number=1)
        return self.kept[1]

    async def sheet(self, number: int) -> Checked:
        if number not in self.kept:
            raise Unknown(f"there is no sheet {number}")
        return self.kept[number]

    async def apply_sheet(self, number: int) -> Checked:
        checked = await self.sheet(number)
        if checked.faulty:
            raise Conflict("lines have faults")
        self.kept[number] = replace(checked, applied=True)
        return checked

    async def check_lines(self, lines: Sequence[Line]) -> Checked:
        return self._check(lines)

    async def apply_lines(self, lines: Sequence[Line]) -> Checked:
        return self._check(lines)

    async def tracker(self) -> Tracker:
        lines = [
            Progress(one.code, one.name_vi, one.name_en, one.group, one.province, Stage.EXPECTED)
            for one in self.listed_ones.values()
        ]
        lines.append(Progress("tvqg", "Thư viện", "Library", None, None, Stage.LIVE, records=5, member=True))
        return Tracker((standing(None, lines, []), standing("mien-nui", lines[:1], self.goals)), tuple(lines))

    async def expect(self, data: bytes, group: str | None) -> int:
        return len(read_lines(data)[0])

    async def expect_one(self, wanted: Expected) -> None:
        self.listed_ones[wanted.code] = wanted

    async def invite(self, code: str) -> str:
        if code not in self.listed_ones:
            raise Unknown(f"{code!r} is not on the list")
        return "s" * 24

    async def strike(self, code: str) -> None:
        if self.listed_ones.pop(code, None) is None:
            raise Unknown(f"{code!r} is not on the list")

    async def set_goal(self, group: str | None, due: date, count: int) -> None:
        self.goals.append(Goal(due, count, group))

    async def report(self, viewer: Viewer, library: str) -> MemberReport:
        found = next((one for one in shelf.LIBRARIES if one.code == library), None)
        if found is None or not viewer.may_see(found.audience):
            raise Unknown(f"there is no library {library!r}")
        counts = (("no-year", 10), ("isbn-invalid", 3), ("duplicate", 2), (EVIL[:20], 1))
        return MemberReport(found, (Report("tvqg", shelf.NOW, 100, 90, 60, counts, 4),), ("kho",))

    async def to_mend(self, report: MemberReport) -> Sequence[Mend]:
        return [Mend("no-year", "tvqg", "001", f"=HYPERLINK({EVIL})", "")]

    async def federation(self, viewer: Viewer, *, private: bool) -> Federation:
        harvests = Harvests(3, 1, 1, 1, 2, 3, 400, shelf.NOW)
        health = Health(True, 10, 10, 0, 0, "the index is whole")
        if not private:
            return Federation(harvests, health)
        return Federation(harvests, health, ("hcm",), (f"run 3 failed {EVIL}",), 1, ())
