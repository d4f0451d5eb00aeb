"""Bibliographic records -> judged pairs -> clusters.

The clusters follow from the records, the rules and people's decisions alone (DESIGN invariants 7 and 8):
every step here may be cut off and done again, in any order and number of processes.
"""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise

from unioncat.domain.match import Edge, OldCluster, Verdict
from unioncat.flow.crew import Crew, at_work
from unioncat.flow.scale import in_force
from unioncat.matching import INSTALLED, KEY_CAP, Features, Scale, assign, judge, partition
from unioncat.store import clusters
from unioncat.store import join as store
from unioncat.store.clusters import Change
from unioncat.store.codec import pack, unpack
from unioncat.store.database import Connection, Database
from unioncat.store.join import Keys, Span

SPAN = 8000
"""Records of one task: what is compared with many is read once for so many; their facts fit in 20 MB."""
BATCH = 20_000
_ALL_KEYS = (Keys(-(2**63), 2**63 - 1),)
_RANGES = tuple(Keys(first, first + 2**59 - 1) for first in range(-(2**63), 2**63, 2**59))
"""Keys are hashes: equal ranges hold equally many."""
TO_KEEP = frozenset({Verdict.SAME, Verdict.UNSURE})
MOST_CHECKED = 400
"""Components of more records are not searched for pairs that must not be together; they are pathological."""


async def join(
    db: Database, *, workers: int | Crew, progress: Callable[[int, int], None] = lambda done, total: None
) -> int:
    """Judge and cluster all records that wait; give how many. A second join at the same time does nothing."""
    async with db.begin() as guard:
        if not await store.alone(guard):
            return 0
        return await join_waiting(db, workers=workers, progress=progress)


async def join_waiting(
    db: Database, *, workers: int | Crew, progress: Callable[[int, int], None] = lambda done, total: None
) -> int:
    """Judge and cluster all records that wait, for a caller that sees to it that it is alone."""
    async with db.begin() as conn:
        begun = await store.begin(conn, KEY_CAP)
        spans = await store.spans(conn, SPAN)
    done, work = 0, sum(span.size for span in spans)
    where: Sequence[Keys | Span] = spans
    if begun.whole:
        where = _RANGES if begun.size > SPAN else _ALL_KEYS
    async with at_work(db, workers) as crew:
        async for _ in crew.map(find_candidates, where):
            pass
        if begun.size > SPAN:
            async for _ in crew.map(analyse, store.WRITTEN):
                pass
        progress(0, work)
        async for span, _ in crew.map(judge_span, spans):
            done += span.size
            progress(done, work)
        async with db.begin() as conn:
            numbers = await clusters.reserve(conn, work)
        ends = accumulate((span.size for span in spans), initial=0)
        parts = (numbers[begin:end] for begin, end in pairwise(ends))
        lots = [Lot(span, part) for span, part in zip(spans, parts, strict=True)]
        async for _ in crew.map(found_loners, lots):
            pass
    while await recluster(db):
        pass
    return begun.size


async def find_candidates(db: Database, where: Keys | Span) -> None:
    """Note the pairs that are to be judged because of some keys or records."""
    async with db.begin() as conn:
        await store.find_candidates(conn, where, KEY_CAP)


async def analyse(db: Database, table: str) -> None:
    """Let the planner know what is in a table now."""
    async with db.begin() as conn:
        await store.analyse(conn, table)


async def judge_span(db: Database, span: Span) -> int:
    """Judge the pairs of one span of records; give how many."""
    async with db.begin() as conn:
        pairs = await store.take_candidates(conn, span)
        packed = await store.features(conn, sorted({one for pair in pairs for one in pair}))
        scale = await in_force(conn)
        edges = await asyncio.to_thread(_judge, pairs, packed, scale=scale)
        within = await _of_one_library(conn, [edge for edge, _ in edges if edge.verdict is Verdict.SAME])
        if within:
            edges = [found for found in edges if (found[0].left, found[0].right) not in within]
            edges += _judge(within, packed, one_library=True, scale=scale)
        await store.write_edges(conn, edges, scale.version)
        return len(pairs)


async def _of_one_library(conn: Connection, edges: Iterable[Edge]) -> set[tuple[int, int]]:
    """Choose the pairs of which both records stand in the catalogue of one library alone."""
    pairs = {(edge.left, edge.right) for edge in edges}
    owners = await store.owners(conn, sorted({one for pair in pairs for one in pair}))
    return {(left, right) for left, right in pairs if left in owners and owners[left] == owners.get(right)}


def _judge(
    pairs: Iterable[tuple[int, int]],
    packed: dict[int, bytes],
    *,
    keep: frozenset[Verdict] = TO_KEEP,
    one_library: bool = False,
    scale: Scale = INSTALLED,
) -> list[tuple[Edge, bytes | None]]:
    """Judge pairs; give the edges with a verdict to `keep`, with their evidence."""
    known = {number: unpack(data, Features) for number, data in packed.items()}
    edges: list[tuple[Edge, bytes | None]] = []
    for left, right in pairs:
        if left in known and right in known:
            word = judge(known[left], known[right], one_library=one_library, scale=scale)
            if word.verdict in keep:
                edges.append((Edge(left, right, word.verdict, word.score), pack(word.evidence)))
    return edges


@dataclass(frozen=True, slots=True)
class Lot:
    """A span of records and numbers for as many clusters, the smaller for the earlier, whoever is first."""

    span: Span
    numbers: range


async def found_loners(db: Database, lot: Lot) -> int:
    """Give a cluster of its own to each record of a span that is tied to nothing; tell how many."""
    async with db.begin() as conn:
        alone = await clusters.loners(conn, lot.span.first, lot.span.last)
        if not alone:
            return 0
        key = await clusters.secret(conn)
        rows = [(clusters.public_id(key, number), audience, (number,)) for number, audience in alone]
        taken = await clusters.taken_ids(conn, [row[0] for row in rows])
        fresh = [row for row in rows if row[0] not in taken]
        await clusters.new_clusters(conn, fresh, lot.numbers[: len(fresh)])
        await store.finish(conn, [row[2][0] for row in fresh])
        return len(fresh)


async def recluster(db: Database) -> bool:
    """Derive the clusters around some records of the join anew; false when none was left."""
    async with db.begin() as conn:
        start = await clusters.touched(conn, BATCH)
        if not start:
            return False
        nodes, ties = set(start), {}
        fresh: set[int] = set(start)
        old = await clusters.clusters_of(conn, start)
        while fresh:
            edges = await store.tying_edges(conn, sorted(fresh))
            ties.update({(edge.left, edge.right, edge.by_person): edge for edge in edges})
            together = {n for edge in edges if edge.verdict is Verdict.SAME for n in (edge.left, edge.right)}
            old = await clusters.clusters_of(conn, sorted(nodes | together))
            fresh = (together | {n for cluster in old for n in cluster.members}) - nodes
            nodes |= fresh
        audiences = await clusters.live_audiences(conn, sorted(nodes))
        edges = [
            edge
            for edge in ties.values()
            if edge.left in audiences and audiences[edge.left] == audiences.get(edge.right)
        ]
        against = await _contradictions(conn, edges)
        parts = partition(sorted(audiences), [*edges, *against])
        home = {record: number for number, part in enumerate(parts) for record in part}
        same = [edge for edge in edges if edge.verdict is Verdict.SAME and not edge.by_person]
        await store.mark_divided(conn, [(edge, home[edge.left] != home[edge.right]) for edge in same])
        change = await _change(conn, old, parts, audiences)
        await clusters.write_change(conn, change, audiences)
        await store.finish(conn, sorted(nodes))
        return True


async def _contradictions(conn: Connection, edges: list[Edge]) -> list[Edge]:
    """Find the pairs inside each component of three or more that describe different editions."""
    pairs = [
        pair
        for component in _components(edges)
        if 3 <= len(component) <= MOST_CHECKED
        for pair in _pairs(sorted(component))
    ]
    tied = {(edge.left, edge.right) for edge in edges if edge.verdict is Verdict.SAME}
    pairs = [pair for pair in pairs if pair not in tied]
    if not pairs:
        return []
    packed = await store.features(conn, sorted({one for pair in pairs for one in pair}))
    scale = await in_force(conn)
    found = await asyncio.to_thread(_judge, pairs, packed, keep=frozenset({Verdict.DIFFERENT}), scale=scale)
    await store.write_edges(conn, found, scale.version)
    return [edge for edge, _ in found]


def _components(edges: Iterable[Edge]) -> list[set[int]]:
    near: dict[int, set[int]] = defaultdict(set)
    for edge in edges:
        if edge.verdict is Verdict.SAME:
            near[edge.left].add(edge.right)
            near[edge.right].add(edge.left)
    found, seen = [], set()
    for start in near:
        if start in seen:
            continue
        component, todo = {start}, [start]
        while todo:
            for other in near[todo.pop()] - component:
                component.add(other)
                todo.append(other)
        seen |= component
        found.append(component)
    return found


def _pairs(members: list[int]) -> Iterator[tuple[int, int]]:
    return ((left, right) for place, left in enumerate(members) for right in members[place + 1 :])


async def _change(
    conn: Connection,
    old: list[OldCluster],
    parts: list[frozenset[int]],
    audiences: dict[int, int],
) -> Change:
    """Decide which cluster each part is, found those that are new, and say what became of the others."""
    plan = assign(old, parts)
    numbers = dict(plan.keeps)
    new = [index for index in range(len(parts)) if index not in numbers]
    numbers |= await _found(conn, [(index, parts[index]) for index in new], audiences)
    before = {cluster.id: cluster.members for cluster in old}
    members = {numbers[index]: part for index, part in enumerate(parts)}
    content = await clusters.changed_content(conn, sorted(audiences))
    return Change(
        members={
            number: part for number, part in members.items() if before.get(number) != part or content & part
        },
        moved={cluster: numbers[part] for cluster, part in plan.moved},
        split={cluster: tuple(numbers[part] for part in others) for cluster, others in plan.split},
        dissolved=tuple(plan.dissolved),
    )


async def _found(
    conn: Connection, parts: list[tuple[int, frozenset[int]]], audiences: dict[int, int]
) -> dict[int, int]:
    """Give each new part a cluster: an ended one whose id comes out again lives on, else a new one."""
    key = await clusters.secret(conn)
    numbers: dict[int, int] = {}
    attempt = 0
    while parts:
        ids = {index: clusters.public_id(key, min(part), attempt) for index, part in parts}
        taken = await clusters.taken_ids(conn, sorted(ids.values()))
        numbers |= {
            index: taken[name][0] for index, name in ids.items() if name in taken and not taken[name][1]
        }
        fresh = [(index, part) for index, part in parts if ids[index] not in taken]
        rows = [(ids[index], audiences[min(part)], ()) for index, part in fresh]
        added = await clusters.reserve(conn, len(rows))
        await clusters.new_clusters(conn, rows, added)
        numbers |= {index: number for (index, _), number in zip(fresh, added, strict=True)}
        parts = [(index, part) for index, part in parts if index not in numbers]
        attempt += 1
    return numbers
