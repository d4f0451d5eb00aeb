"""People at work on the joining: pairs in doubt, decisions and their undo, identifiers not to be believed.

A decision is stored and the clusters follow in the next processing; nothing here touches a cluster.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from unioncat.domain.audience import Viewer
from unioncat.domain.match import Verdict
from unioncat.domain.review import Decision, Distrusted
from unioncat.flow import audit
from unioncat.flow.explain import cluster_of
from unioncat.flow.services import Services
from unioncat.flow.work import ask_process
from unioncat.normalise.numbers import read_isbn, read_issn
from unioncat.store import decisions as store
from unioncat.store import distrust as distrust_store
from unioncat.store.decisions import COUNTED, StoredEdge
from unioncat.store.distrust import Number
from unioncat.store.errors import Conflict

LONGEST = 1000
"""Characters of a reason."""
SCHEMES = ("isbn", "issn", "nbn", "lccn", "oclc", "doi", "ismn", "urn", "standard")
"""Kinds of identifiers that are evidence, and so can be disbelieved."""
MOST_PAIRS = 2000
"""Pairs that one act may decide on."""


@dataclass(frozen=True, slots=True)
class Queue:
    """The pairs that wait for a person, the likeliest first; `more` when there are over `total`."""

    total: int
    more: bool
    pairs: tuple[StoredEdge, ...]


async def queue(services: Services, viewer: Viewer, limit: int = 1) -> Queue:
    """Give pairs that wait for a person."""
    async with services.db.begin(viewer) as conn:
        total = await store.count_open(conn, viewer)
        pairs = await store.open_pairs(conn, viewer, limit)
    return Queue(total, total >= COUNTED, tuple(pairs))


async def decide(
    services: Services,
    viewer: Viewer,
    pairs: Iterable[tuple[int, int]],
    verdict: Verdict,
    *,
    reason: str,
    by: str,
) -> list[Decision]:
    """Write one act of a person on some pairs, and ask for the clusters to follow.

    Raises `Unknown` and `Conflict`; then nothing is written.
    """
    wanted = list(pairs)
    if len(wanted) > MOST_PAIRS:
        raise Conflict(f"that would be {len(wanted)} pairs at once", f"Decide on {MOST_PAIRS} at most.")
    if not by.strip():
        raise Conflict("a decision needs the name of the person", "Say who decides.")
    async with services.db.as_service() as conn:
        drafts = await store.draft(conn, viewer, wanted, verdict, reason.strip()[:LONGEST], by.strip())
        written = [await store.one(conn, viewer, number) for number in await store.add(conn, drafts)]
        if written:
            subject = f"{written[0].left_ref} – {written[0].right_ref}"
            detail = {"verdict": verdict, "pairs": str(len(written)), "first": str(written[0].id)}
            await audit.write(services, conn, by, "judgement", subject, detail)
    await ask_process(services)
    return written


async def take_out(
    services: Services, viewer: Viewer, public_id: str, records: Sequence[int], *, reason: str, by: str
) -> list[Decision]:
    """Say that some members of a union record are another edition than the rest."""
    members = {member.record_id for member in await cluster_of(services, viewer, public_id)}
    out = members & set(records)
    rest = members - out
    if not out or not rest:
        raise Conflict("some members must go and some must stay", "Choose members, but not all of them.")
    pairs = [(one, other) for one in sorted(out) for other in sorted(rest)]
    return await decide(services, viewer, pairs, Verdict.DIFFERENT, reason=reason, by=by)


async def unite(
    services: Services, viewer: Viewer, public_id: str, other_id: str, *, reason: str, by: str
) -> list[Decision]:
    """Say that two union records are one edition: each member of one and the first of the other."""
    if public_id == other_id:
        raise Conflict("a union record cannot be merged with itself", "Name another one.")
    ours = sorted(member.record_id for member in await cluster_of(services, viewer, public_id))
    theirs = sorted(member.record_id for member in await cluster_of(services, viewer, other_id))
    pairs = {(ours[0], one) for one in theirs} | {(one, theirs[0]) for one in ours}
    return await decide(services, viewer, sorted(pairs), Verdict.SAME, reason=reason, by=by)


async def undo(services: Services, viewer: Viewer, number: int, *, by: str) -> list[Decision]:
    """Take back a decision, with all that was decided in the same act. Raises `Unknown`, `Conflict`."""
    async with services.db.as_service() as conn:
        undone = await store.undo(conn, viewer, number, by.strip())
        await audit.write(services, conn, by, "judgement.undone", str(number))
    await ask_process(services)
    return undone


async def decisions(
    services: Services, viewer: Viewer, *, limit: int = 50, before: int | None = None
) -> list[Decision]:
    """Give the latest decisions, those that were undone included."""
    async with services.db.begin(viewer) as conn:
        return await store.decisions(conn, viewer, limit=limit, before=before)


async def distrusted(services: Services) -> list[Distrusted]:
    """Give the identifiers that are not to be believed."""
    async with services.db.as_service() as conn:
        return await distrust_store.distrusted(conn)


async def distrust(services: Services, scheme: str, value: str, *, reason: str, by: str) -> None:
    """Believe an identifier no more: the records that carry it are read and joined again without it."""
    number = read_number(scheme, value)
    async with services.db.as_service() as conn:
        await distrust_store.distrust(conn, number, reason.strip()[:LONGEST], by.strip())
        await audit.write(services, conn, by, "identifier.distrusted", " ".join(number))
    await ask_process(services)


async def trust(services: Services, scheme: str, value: str) -> None:
    """Believe an identifier again. Raises `Unknown`."""
    async with services.db.as_service() as conn:
        await distrust_store.trust(conn, read_number(scheme, value))
    await ask_process(services)


def read_number(scheme: str, value: str) -> Number:
    """Give an identifier in the form that records keep it in. Raises `Conflict`."""
    scheme, value = scheme.strip().lower(), value.strip()
    if scheme not in SCHEMES:
        raise Conflict(f"{scheme[:40]!r} is no kind of identifier", f"Choose from {', '.join(SCHEMES)}.")
    if scheme in ("isbn", "issn"):
        found = read_isbn(value) if scheme == "isbn" else read_issn(value)
        value = found.value if found else ""
    if not value:
        raise Conflict(f"this is no {scheme}", "Write it as a record shows it.")
    return (scheme, value)
