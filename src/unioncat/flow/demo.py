"""The sample federation: registered like any other, and, because its truth is known, judged."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from unioncat.flow.services import Services
from unioncat.store import figures


@dataclass(frozen=True, slots=True)
class Quality:
    """How joining did against the truth, in pairs of records."""

    records: int
    union_records: int
    editions: int
    wrong: int
    """Pairs joined that are not one edition."""
    missed: int
    """Pairs of one edition (and one audience) left apart."""
    precision: float
    recall: float


def _pairs(count: int) -> int:
    return count * (count - 1) // 2


async def quality(services: Services, truth: Mapping[tuple[str, str], str]) -> Quality:
    """Compare the clusters with the true edition of each record, given by source code and local id."""
    async with services.db.begin() as conn:
        placed = await figures.placements(conn)
    known = [
        (cluster, audience, truth[source, local_id])
        for source, local_id, cluster, audience in placed
        if (source, local_id) in truth
    ]
    joined = sum(_pairs(n) for n in Counter(cluster for cluster, _, _ in known).values())
    editions = Counter((audience, edition) for _, audience, edition in known)
    right = sum(_pairs(n) for n in Counter((cluster, edition) for cluster, _, edition in known).values())
    true = sum(_pairs(n) for n in editions.values())
    return Quality(
        records=len(known),
        union_records=len({cluster for cluster, _, _ in known}),
        editions=len(editions),
        wrong=joined - right,
        missed=true - right,
        precision=right / joined if joined else 1.0,
        recall=right / true if true else 1.0,
    )
