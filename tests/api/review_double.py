"""People at work on the joining, in memory: one pair in doubt out of the shelf."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from tests.api import shelf
from unioncat.domain.audience import Viewer
from unioncat.domain.match import Verdict
from unioncat.domain.review import Decision, Distrusted
from unioncat.domain.union import Member, UnionRecord
from unioncat.flow.explain import CAPPING, Explanation, Outcome, Step
from unioncat.flow.review import Queue, read_number
from unioncat.matching import extract, judge, weigh
from unioncat.store.decisions import StoredEdge
from unioncat.store.errors import Conflict, Unknown
from unioncat_api.reviewing import Reviewing


class ReviewDouble(Reviewing):
    """Records are those of the shelf; the pair that waits is its first two union records."""

    def __init__(self, records: Sequence[UnionRecord]) -> None:
        self.cluster: dict[int, str] = {m.record_id: one.id for one in records for m in one.members}
        self.member: dict[int, Member] = {m.record_id: m for one in records for m in one.members}
        self.union = {one.id: [m.record_id for m in one.members] for one in records}
        self.pair = tuple(sorted(theirs[0] for theirs in list(self.union.values())[:2]))
        self.written: list[Decision] = []
        self.listed: list[Distrusted] = []

    def _spoken(self, pair: tuple[int, ...]) -> list[Decision]:
        return [one for one in reversed(self.written) if (one.left, one.right) == pair]

    async def queue(self, viewer: Viewer, limit: int) -> Queue:
        if any(one.undone_at is None for one in self._spoken(self.pair)):
            return Queue(0, False, ())
        left, right = self.pair
        return Queue(1, False, (StoredEdge(left, right, Verdict.UNSURE, 43.0, "1", shelf.NOW),))

    async def explain(self, viewer: Viewer, left: int, right: int) -> Explanation:
        if left == right:
            raise Conflict("a record cannot be compared with itself")
        for number in (left, right):
            if number not in self.member:
                raise Unknown(f"there is no record {number}")
        ours, theirs = self.member[left], self.member[right]
        features = (extract(ours.bib), extract(theirs.bib))
        judgement = judge(*features)
        together = self.cluster[left] == self.cluster[right]
        step = Step(min(left, right), max(left, right), 60.0, "1", None)
        return Explanation(
            ours,
            theirs,
            self.cluster[left],
            self.cluster[right],
            Outcome.JOINED if together else Outcome.UNSURE,
            judgement,
            tuple(e for e in weigh(*features) if e.points or e.veto)
            + tuple(e for e in judgement.evidence if e.feature in CAPPING),
            None,
            2,
            1,
            tuple(self._spoken((min(left, right), max(left, right)))),
            (step,) if together else (),
            (),
            False,
        )

    async def decisions(self, viewer: Viewer, limit: int, before: int | None) -> Sequence[Decision]:
        return [one for one in reversed(self.written) if before is None or one.id < before][:limit]

    async def decide(
        self, viewer: Viewer, pairs: Iterable[tuple[int, int]], verdict: Verdict, *, reason: str, by: str
    ) -> Sequence[Decision]:
        made = []
        for pair in pairs:
            left, right = sorted(pair)
            await self.explain(viewer, left, right)
            refs = [f"{self.member[n].source}:{self.member[n].local_id}" for n in (left, right)]
            number = len(self.written) + 1
            made.append(Decision(number, left, right, *refs, verdict, reason, by, shelf.NOW))
            self.written.append(made[-1])
        return made

    async def take_out(
        self, viewer: Viewer, public_id: str, records: Sequence[int], *, reason: str, by: str
    ) -> Sequence[Decision]:
        rest = [one for one in self._members(public_id) if one not in records]
        out = [one for one in self._members(public_id) if one in records]
        if not rest or not out:
            raise Conflict("some members must go and some must stay", "Choose members, but not all of them.")
        pairs = [(one, other) for one in out for other in rest]
        return await self.decide(viewer, pairs, Verdict.DIFFERENT, reason=reason, by=by)

    async def unite(
        self, viewer: Viewer, public_id: str, other: str, *, reason: str, by: str
    ) -> Sequence[Decision]:
        pairs = [(self._members(public_id)[0], self._members(other)[0])]
        return await self.decide(viewer, pairs, Verdict.SAME, reason=reason, by=by)

    def _members(self, public_id: str) -> list[int]:
        if public_id not in self.union:
            raise Unknown(f"there is no union record {public_id!r} today")
        return self.union[public_id]

    async def undo(self, viewer: Viewer, number: int, *, by: str) -> Sequence[Decision]:
        for place, one in enumerate(self.written):
            if one.id == number:
                if one.undone_at is not None:
                    raise Conflict(f"decision {number} was undone by {one.undone_by}")
                self.written[place] = replace(one, undone_at=shelf.NOW, undone_by=by)
                return [self.written[place]]
        raise Unknown(f"there is no decision {number}")

    async def distrusted(self) -> Sequence[Distrusted]:
        return self.listed

    async def distrust(self, scheme: str, value: str, *, reason: str, by: str) -> None:
        scheme, value = read_number(scheme, value)
        kept = [one for one in self.listed if (one.scheme, one.value) != (scheme, value)]
        self.listed = [Distrusted(scheme, value, reason, by, shelf.NOW, applied=False), *kept]

    async def trust(self, scheme: str, value: str) -> None:
        kept = [one for one in self.listed if (one.scheme, one.value) != read_number(scheme, value)]
        if len(kept) == len(self.listed):
            raise Unknown(f"{scheme} {value} is not on the list")
        self.listed = kept
