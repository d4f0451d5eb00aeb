"""Pairs of a joined catalogue: those inside clusters, and the near misses; samples of them by fixed seeds.

A pair's id is a hash of both records' bytes, and a sample is the pairs with the smallest seeded hashes of
their ids: under other rules the pairs that are still there are mostly drawn again, and only new ones need
judging.
"""

import asyncio
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from hashlib import blake2b

from sqlalchemy import text

from unioncat.domain.match import Evidence, Verdict
from unioncat.matching import KEY_CAP, RULES, Features, judge, weigh
from unioncat.matching.rules import SAME_FROM
from unioncat.store.codec import expand, unpack
from unioncat.store.database import Database, driver

SEED = "joins 2026"


class Drawn(StrEnum):
    """What kind of pair it is."""

    JOIN = "join"
    """In one cluster."""
    DIVIDED = "divided"
    """Judged the same, and apart because that would bring together a pair that is different."""
    UNSURE = "unsure"
    """Waits for a person."""
    DIFFERENT = "different"
    """Below the limit for a person's eyes."""
    STOPPED = "stopped"
    """A hard stop keeps apart what would be joined by everything else."""


@dataclass(frozen=True, slots=True)
class Pair:
    """Two records by number, and how the rules see them.

    `score` is the judge's, for STOPPED and DIFFERENT the sum of all evidence without the stops; `plain` says
    that title and names are equal.
    """

    left: int
    right: int
    id: str
    drawn: Drawn
    score: float
    verdict: Verdict
    plain: bool = False


@dataclass(slots=True)
class Joined:
    """What came of a join: the pairs by kind, and how the clusters look."""

    records: int
    libraries: int
    pairs: dict[Drawn, list[Pair]]
    sizes: Counter[int]
    """Clusters by number of records."""
    spread: Counter[int]
    """Clusters of several records by number of libraries."""
    across: int
    """Joins between two libraries."""
    candidates: int
    source: dict[int, tuple[str, str]]
    """Source and local id by record number."""
    alike: tuple[int, int] = (0, 0)
    """Pairs that say the same of title, names, year and volume, and those of them in one cluster."""


def pair_id(left: bytes, right: bytes) -> str:
    """Give the id of a pair by the hashes of its records, in any order."""
    first, second = sorted((left, right))
    return blake2b(first + second, digest_size=8).hexdigest()


def draw(pairs: Sequence[Pair], count: int) -> list[Pair]:
    """Draw `count` pairs, the same ones on every machine."""
    return sorted(pairs, key=lambda pair: blake2b(f"{SEED} {pair.id}".encode()).digest())[:count]


def near_misses(joined: Joined, count: int) -> list[Pair]:
    """Draw near misses: half that wait for a person, a quarter below, a quarter behind stops or divided."""
    quarter = count // 4
    different = sorted(joined.pairs[Drawn.DIFFERENT], key=lambda pair: (-round(pair.score, 3), pair.id))
    divided = draw(joined.pairs[Drawn.DIVIDED], quarter // 2)
    stopped = draw(joined.pairs[Drawn.STOPPED], quarter - len(divided))
    below = different[:quarter]
    unsure = draw(joined.pairs[Drawn.UNSURE], count - len(divided) - len(stopped) - len(below))
    return [*unsure, *divided, *stopped, *below]


async def read(db: Database) -> Joined:
    """Look at all pairs of a joined store."""
    async with db.begin() as conn:
        raw = await driver(conn)
        rows = await raw.fetch("""
            SELECT b.id, s.code, b.local_id, w.hash, m.cluster_id FROM bib_record b
            JOIN source s ON s.id = b.source_id JOIN raw_record w ON w.id = b.raw_id
            JOIN cluster_member m ON m.record_id = b.id WHERE NOT b.deleted
        """)
        met = await raw.fetch(f"""
            WITH usable AS (SELECT key, audience_id FROM match_key GROUP BY 1, 2
                            HAVING count(*) BETWEEN 2 AND {KEY_CAP})
            SELECT DISTINCT a.record_id, b.record_id FROM usable u
            JOIN match_key a ON a.key = u.key AND a.audience_id = u.audience_id
            JOIN match_key b ON b.key = u.key AND b.audience_id = u.audience_id
              AND b.record_id > a.record_id
        """)
        pairs = {(row[0], row[1]) for row in met}
        candidates = len(pairs)
        members: dict[int, list[int]] = {}
        for row in rows:
            members.setdefault(row["cluster_id"], []).append(row["id"])
        for cluster in members.values():
            cluster.sort()
            pairs |= {(one, other) for place, one in enumerate(cluster) for other in cluster[place + 1 :]}
        packed = dict(await raw.fetch("SELECT id, features FROM bib_record WHERE NOT deleted"))
    hashes = {row["id"]: row["hash"] for row in rows}
    cluster_of = {row["id"]: row["cluster_id"] for row in rows}
    source = {row["id"]: (row["code"], row["local_id"]) for row in rows}
    known = await asyncio.to_thread(lambda: {one: unpack(data, Features) for one, data in packed.items()})
    libraries = {number: code for number, (code, _) in source.items()}
    seen = await asyncio.to_thread(_look, pairs, known, hashes, cluster_of, libraries)
    by_kind: dict[Drawn, list[Pair]] = {kind: [] for kind in Drawn}
    for pair in seen:
        by_kind[pair.drawn].append(pair)
    several = [cluster for cluster in members.values() if len(cluster) > 1]
    return Joined(
        records=len(rows),
        libraries=len({code for code, _ in source.values()}),
        pairs=by_kind,
        sizes=Counter(map(len, members.values())),
        spread=Counter(len({source[one][0] for one in cluster}) for cluster in several),
        across=sum(source[pair.left][0] != source[pair.right][0] for pair in by_kind[Drawn.JOIN]),
        candidates=candidates,
        source=source,
        alike=told_alike(known, cluster_of),
    )


def _look(
    pairs: Iterable[tuple[int, int]],
    known: dict[int, Features],
    hashes: dict[int, bytes],
    cluster_of: dict[int, int],
    libraries: dict[int, str],
) -> list[Pair]:
    found = []
    for left, right in sorted(pairs):
        one, other = known[left], known[right]
        word = judge(one, other, one_library=libraries[left] == libraries[right])
        score = word.score
        if cluster_of[left] == cluster_of[right]:
            drawn = Drawn.JOIN
        elif word.verdict is Verdict.SAME:
            drawn = Drawn.DIVIDED
        elif word.verdict is Verdict.UNSURE:
            drawn = Drawn.UNSURE
        else:
            said = weigh(one, other)
            score = sum(evidence.points for evidence in said if not evidence.veto)
            stopped = any(evidence.veto for evidence in said)
            if stopped and score < SAME_FROM:
                continue
            drawn = Drawn.STOPPED if stopped else Drawn.DIFFERENT
        if drawn is Drawn.DIFFERENT and score <= 0:
            continue
        grades = {grade for evidence in word.evidence for grade in evidence.grades}
        plain = "title.equal" in grades and bool(grades & {"name.equal", "name.initials"})
        name = pair_id(hashes[left], hashes[right])
        found.append(Pair(left, right, name, drawn, score, word.verdict, plain))
    return found


def told_alike(known: dict[int, Features], cluster_of: dict[int, int]) -> tuple[int, int]:
    """Count pairs that say the same of title, names, year and volume (none missing but the volume).

    Give also how many of them stand in one cluster.
    """
    groups: Counter[object] = Counter()
    together: Counter[object] = Counter()
    for number, one in known.items():
        names = one.people or one.bodies
        if one.title and names and one.year is not None and number in cluster_of:
            said = (one.title, one.rest, names, one.year, one.year_manner, one.volumes, one.edition)
            groups[said] += 1
            together[said, cluster_of[number]] += 1
    return (
        sum(count * (count - 1) // 2 for count in groups.values()),
        sum(count * (count - 1) // 2 for count in together.values()),
    )


@dataclass(frozen=True, slots=True)
class Side:
    """One record of a pair: where it is from, its bytes and its facts."""

    source: str
    local_id: str
    payload: bytes
    facts: Features


async def sides(db: Database, joined: Joined, numbers: Iterable[int]) -> dict[int, Side]:
    """Read records with what they say."""
    async with db.begin() as conn:
        raw = await driver(conn)
        rows = await raw.fetch(
            "SELECT b.id, w.payload, b.features FROM bib_record b JOIN raw_record w ON w.id = b.raw_id"
            " WHERE b.id = ANY($1)",
            sorted(set(numbers)),
        )
    return {row[0]: Side(*joined.source[row[0]], expand(row[1]), unpack(row[2], Features)) for row in rows}


def evidence_of(left: Side, right: Side) -> list[Evidence]:
    """Give what every feature says of a pair, and the doubts that the judge adds."""
    said = [one for one in weigh(left.facts, right.facts) if one.points or one.veto]
    return said + [
        one
        for one in judge(left.facts, right.facts, one_library=left.source == right.source).evidence
        if one.feature in ("doubt", "conflict")
    ]


async def joined_apart_from(db: Database, truth: dict[tuple[str, str], str]) -> list[tuple[str, str]]:
    """List the pairs in one cluster whose records are not one edition by the truth, as "source:local id"."""
    async with db.begin() as conn:
        query = text("""
            SELECT m.cluster_id, s.code, b.local_id FROM cluster_member m
            JOIN bib_record b ON b.id = m.record_id JOIN source s ON s.id = b.source_id ORDER BY 1, 2, 3
        """)
        rows = (await conn.execute(query)).all()
    clusters: dict[int, list[tuple[str, str]]] = {}
    for row in rows:
        clusters.setdefault(row[0], []).append((row[1], row[2]))
    return [
        (":".join(one), ":".join(other))
        for members in clusters.values()
        for place, one in enumerate(members)
        for other in members[place + 1 :]
        if truth[one] != truth[other]
    ]


__all__ = [
    "RULES",
    "Drawn",
    "Joined",
    "Pair",
    "Side",
    "draw",
    "evidence_of",
    "joined_apart_from",
    "near_misses",
    "pair_id",
    "read",
    "sides",
]
