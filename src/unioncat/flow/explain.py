"""Why two records are one edition in this catalogue, or why not: by which evidence, rules and people.

Nothing is computed here that could differ from what the join does: the same judge, the same stored edges.
"""

from collections import defaultdict, deque
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from unioncat.domain.audience import Viewer
from unioncat.domain.match import Evidence, Judgement, Verdict
from unioncat.domain.review import Decision
from unioncat.domain.union import Member
from unioncat.flow.scale import in_force
from unioncat.flow.services import Services
from unioncat.matching import KEY_CAP, Features, Scale, judge, weigh
from unioncat.store import clusters, decisions, members
from unioncat.store import join as join_store
from unioncat.store.codec import record_number, unpack
from unioncat.store.database import Connection
from unioncat.store.decisions import StoredEdge
from unioncat.store.errors import Conflict, Unknown

MOST_DECISIONS = 50
MOST_AGAINST = 3
CAPPING = frozenset({"doubt", "conflict"})
"""Features that only the judge adds, over what each comparison says."""


class Outcome(StrEnum):
    """How it came that two records are in one cluster or in two."""

    PERSON_JOINED = "person-joined"
    JOINED = "joined"
    THROUGH = "through"
    """In one cluster by other records that stand between them."""
    PERSON_APART = "person-apart"
    OTHER_AUDIENCE = "other-audience"
    DIVIDED = "divided"
    """Judged the same, and kept apart because that would bring together a pair that is different."""
    UNSURE = "unsure"
    STOPPED = "stopped"
    """A single fact forbids it."""
    APART = "apart"
    NEVER_MET = "never-met"
    """They share no key, so that nobody compared them; judged now, they would be the same or in doubt."""


@dataclass(frozen=True, slots=True)
class Step:
    """One tie on the way from one record to the other: the machine's judgement or a person's decision."""

    left: int
    right: int
    score: float | None
    rules: str | None
    by: str | None


@dataclass(frozen=True, slots=True)
class Against:
    """Two records that differ, one of each union record, by a person's word or by the rules."""

    left: Member
    right: Member
    by: str | None


@dataclass(frozen=True, slots=True)
class Explanation:
    """Everything that is known of a pair."""

    left: Member
    right: Member
    left_cluster: str
    right_cluster: str
    outcome: Outcome
    judgement: Judgement
    """The word of the rules of this version on the records as they are."""
    evidence: tuple[Evidence, ...]
    """What every feature says, those that stopped or capped the judgement included."""
    stored: StoredEdge | None
    """The judgement that the clusters follow; only pairs that are the same or in doubt are stored."""
    shared_keys: int
    usable_keys: int
    """Keys that both have, and those of them that are not shared by too many records."""
    decisions: tuple[Decision, ...]
    path: tuple[Step, ...]
    between: tuple[Member, ...]
    """The records on the way, both ends left out."""
    waiting: bool
    """A change of one of the two has yet to be brought into the clusters."""
    against: tuple[Against, ...] = ()
    """What keeps the two union records of a divided pair apart, people's word first; a few of them."""


def read_name(name: str) -> int:
    """Give the number of a record named by number or as "source:local id". Raises `Conflict`."""
    name = name.strip()
    if name.isascii() and name.isdigit() and len(name) <= 19 and int(name) < 2**63:
        return int(name)
    source, mark, local_id = name.partition(":")
    if not mark or not source or not local_id:
        raise Conflict(f"{name[:80]!r} names no record", "Write its number, or SOURCE:LOCAL-ID.")
    return record_number(source, local_id)


async def explain(services: Services, viewer: Viewer, left: int, right: int) -> Explanation:
    """Explain a pair. Raises `Unknown` for a record that this viewer does not know of, and `Conflict`."""
    if left == right:
        raise Conflict("a record cannot be compared with itself", "Name two records.")
    async with services.db.as_service() as conn:
        scale = await in_force(conn)
    async with services.db.begin(viewer) as conn:
        found = await members.by_record(conn, viewer, (left, right))
        for number in (left, right):
            if number not in found:
                raise Unknown(
                    f"there is no record {number}",
                    "Check the number, or source and local id; it may be deleted or wait for its first join.",
                )
        return await _explain(conn, viewer, scale, found[left], found[right])


async def _explain(
    conn: Connection, viewer: Viewer, scale: Scale, ours: tuple[str, Member], theirs: tuple[str, Member]
) -> Explanation:
    (left_cluster, left), (right_cluster, right) = ours, theirs
    pair = (min(left.record_id, right.record_id), max(left.record_id, right.record_id))
    packed = await join_store.features(conn, pair)
    features = [unpack(packed[one.record_id], Features) for one in (left, right)]
    owners = await join_store.owners(conn, pair)
    one_library = len(owners) == 2 and len(set(owners.values())) == 1
    judgement = judge(*features, one_library=one_library, scale=scale)
    said = tuple(
        one for one in weigh(*features, scale=scale) if one.points or one.veto or one.left is not None
    )
    caps = tuple(one for one in judgement.evidence if one.feature in CAPPING)
    stored = next(iter(await decisions.edges_among(conn, pair)), None)
    people = await decisions.decisions(conn, viewer, limit=MOST_DECISIONS, among=pair)
    shared, usable = await decisions.shared_keys(conn, *pair, KEY_CAP)
    path: list[Step] = []
    between: list[Member] = []
    if left_cluster == right_cluster:
        path, between = await _path(conn, viewer, left_cluster, left.record_id, right.record_id)
    outcome = _outcome(left_cluster == right_cluster, left, right, judgement, stored, people, usable)
    return Explanation(
        left,
        right,
        left_cluster,
        right_cluster,
        outcome,
        judgement,
        said + caps,
        stored,
        shared,
        usable,
        tuple(people),
        tuple(path),
        tuple(between),
        await decisions.waits(conn, pair),
        await _against(conn, viewer, left_cluster, right_cluster) if outcome is Outcome.DIVIDED else (),
    )


def _outcome(
    together: bool,
    left: Member,
    right: Member,
    judgement: Judgement,
    stored: StoredEdge | None,
    people: Sequence[Decision],
    usable: int,
) -> Outcome:
    word = next((one.verdict for one in people if one.counts), None)
    machine = stored.verdict if stored else None
    if together:
        if word is Verdict.SAME:
            return Outcome.PERSON_JOINED
        return Outcome.JOINED if machine is Verdict.SAME and word is None else Outcome.THROUGH
    if left.audience != right.audience:
        return Outcome.OTHER_AUDIENCE
    if word is Verdict.DIFFERENT:
        return Outcome.PERSON_APART
    if word is Verdict.SAME or machine is Verdict.SAME:
        return Outcome.DIVIDED
    if machine is Verdict.UNSURE:
        return Outcome.UNSURE
    if usable == 0 and judgement.verdict is not Verdict.DIFFERENT:
        return Outcome.NEVER_MET
    return Outcome.STOPPED if any(one.veto for one in judgement.evidence) else Outcome.APART


async def _against(conn: Connection, viewer: Viewer, left: str, right: str) -> tuple[Against, ...]:
    """Find what differs between two union records."""
    found = await members.by_public_id(conn, viewer, [left, right])
    ours, theirs = ({one.record_id: one for one in found[name].members} for name in (left, right))
    among = sorted(ours | theirs)
    people = await decisions.decisions(conn, viewer, limit=10_000, among=among)
    said = [
        (one.left, one.right, one.by) for one in people if one.counts and one.verdict is Verdict.DIFFERENT
    ]
    machine = [
        (one.left, one.right, None)
        for one in await decisions.edges_among(conn, among)
        if one.verdict is Verdict.DIFFERENT
    ]
    crossing = []
    for one, other, by in (*said, *machine):
        if one in theirs:
            one, other = other, one
        if one in ours and other in theirs:
            crossing.append(Against(ours[one], theirs[other], by))
    return tuple(crossing[:MOST_AGAINST])


async def _path(
    conn: Connection, viewer: Viewer, cluster: str, start: int, goal: int
) -> tuple[list[Step], list[Member]]:
    """Find the shortest way by ties inside a cluster; among equal ones the first in order of strength."""
    members_of = (await members.by_public_id(conn, viewer, [cluster]))[cluster].members
    known = {member.record_id: member for member in members_of}
    people = await decisions.decisions(conn, viewer, limit=10_000, among=sorted(known))
    spoken = {(one.left, one.right): one for one in people if one.counts}
    near: dict[int, list[Step]] = defaultdict(list)
    steps = [
        Step(edge.left, edge.right, edge.score, edge.rules, None)
        for edge in await decisions.edges_among(conn, sorted(known))
        if edge.verdict is Verdict.SAME and (edge.left, edge.right) not in spoken
    ]
    steps += [
        Step(one.left, one.right, None, None, one.by)
        for one in spoken.values()
        if one.verdict is Verdict.SAME
    ]
    steps.sort(key=lambda step: (step.by is None, -(step.score or 0), step.left, step.right))
    for step in steps:
        near[step.left].append(step)
        near[step.right].append(step)
    came: dict[int, Step | None] = {start: None}
    todo = deque([start])
    while todo and goal not in came:
        here = todo.popleft()
        for step in near[here]:
            there = step.right if step.left == here else step.left
            if there not in came:
                came[there] = step
                todo.append(there)
    way: list[Step] = []
    here = goal
    while (last := came.get(here)) is not None:
        way.append(last)
        here = last.left if last.right == here else last.right
    way.reverse()
    stops = _stops(way, start)
    return way, [known[number] for number in stops if number not in (start, goal)]


def _stops(way: Sequence[Step], start: int) -> list[int]:
    stops = [start]
    for step in way:
        stops.append(step.right if step.left == stops[-1] else step.left)
    return stops


async def cluster_of(services: Services, viewer: Viewer, public_id: str) -> tuple[Member, ...]:
    """Give the members of a live union record. Raises `Unknown`."""
    async with services.db.begin(viewer) as conn:
        found = await members.by_public_id(conn, viewer, [public_id])
        if public_id not in found:
            answer = await clusters.resolve(conn, viewer, public_id)
            successors = answer[0].successors if answer else ()
            remedy = f"It goes on as {', '.join(successors)}." if successors else "Search for it."
            raise Unknown(f"there is no union record {public_id!r} today", remedy)
    return found[public_id].members
