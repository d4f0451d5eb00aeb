"""Reports on the quality of members' records: made after a harvest, shown with their date."""

from collections.abc import Iterable
from dataclasses import dataclass

from unioncat.domain.audience import Viewer
from unioncat.domain.library import Library
from unioncat.domain.quality import Mend, Report
from unioncat.flow.services import Services
from unioncat.store import libraries, quality, sources
from unioncat.store.errors import Unknown

MOST_EACH = 2000
"""Records that a list names for one finding."""


@dataclass(frozen=True, slots=True)
class MemberReport:
    """The reports on all sources of a member that the viewer may know of."""

    library: Library
    reports: tuple[Report, ...]
    waiting: tuple[str, ...]
    """Sources without a report: nothing has come from them yet."""


async def renew(services: Services) -> int:
    """Make the reports of sources that something has come from since; give their number."""
    async with services.db.as_service() as conn:
        stale = await quality.outdated(conn)
    for code in stale:
        async with services.db.as_service() as conn:
            await quality.measure(conn, code)
    return len(stale)


async def member_report(services: Services, viewer: Viewer, library: str) -> MemberReport:
    """Give the report on a member. Raises `Unknown`."""
    async with services.db.begin(viewer) as conn:
        found = await libraries.library(conn, viewer, library)
        if found is None:
            raise Unknown(f"there is no library {library!r}", "List the libraries to see their codes.")
        theirs = [one.code for one in await sources.sources(conn, viewer) if one.library == library]
        reports = await quality.reports(conn, theirs)
    return MemberReport(
        found,
        tuple(reports[code] for code in theirs if code in reports),
        tuple(code for code in theirs if code not in reports),
    )


async def to_mend(services: Services, report: MemberReport, findings: Iterable[str] = ()) -> list[Mend]:
    """List the records to be mended, by finding; with `findings`, only for these."""
    chosen = frozenset(findings)
    found: list[Mend] = []
    async with services.db.as_service() as conn:
        for one in report.reports:
            for code, _ in one.counts:
                if not chosen or code in chosen:
                    found += await quality.to_mend(conn, one.source, code, limit=MOST_EACH)
    return found
