"""Decisions, explanations and distrusted identifiers on the wire. Record numbers travel as text."""

from datetime import datetime
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from unioncat.domain.match import Evidence, Verdict
from unioncat.domain.review import Decision
from unioncat.flow.explain import Against, Explanation, Outcome, Step
from unioncat_api.schemas.bodies import sound
from unioncat_api.schemas.common import Out, example
from unioncat_api.schemas.record import MemberOut

RecordName = Annotated[str, Field(min_length=1, max_length=1000)]
Reason = Annotated[str, Field(max_length=1000)]
By = Annotated[str, Field(min_length=1, max_length=80, pattern=r"\S")]
LARGEST = 2**63 - 1


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")

    @model_validator(mode="before")
    @classmethod
    def _sound(cls, value: object) -> object:
        return sound(value)


class DecisionBody(_Body):
    """A person's word on a pair; records go by number or as "source:local id"."""

    left: RecordName
    right: RecordName
    verdict: Verdict
    reason: Reason = ""
    by: By


class UndoBody(_Body):
    """Who takes a decision back."""

    by: By


class DistrustBody(_Body):
    """An identifier that says nothing of what a record describes."""

    scheme: Annotated[str, Field(pattern=r"^[A-Za-z]{2,20}$")]
    value: Annotated[str, Field(min_length=1, max_length=200)]
    reason: Reason = ""
    by: By


class DecisionOut(Out):
    """A person's decision; `counts` tells whether it has a say in the clusters."""

    model_config = example(
        {
            "id": 12,
            "left": "7213450981234",
            "right": "8213450981234",
            "left_ref": "tv-ha-noi:000123",
            "right_ref": "tv-hue:4711",
            "verdict": "same",
            "reason": "Cùng một bản in.",
            "by": "Phòng Biên mục",
            "at": "2026-11-02T03:04:05Z",
            "outranked": False,
            "contested": False,
            "counts": True,
        }
    )

    id: int
    left: str
    right: str
    left_ref: str
    right_ref: str
    verdict: Verdict
    reason: str
    by: str
    at: datetime
    undone_at: datetime | None = None
    undone_by: str | None = None
    outranked: bool
    contested: bool
    counts: bool

    @classmethod
    def of(cls, source: object) -> Self:
        """Describe a decision."""
        if not isinstance(source, Decision):
            raise TypeError(source)
        shown = {name: getattr(source, name) for name in cls.model_fields if name not in ("left", "right")}
        return cls(left=str(source.left), right=str(source.right), **shown)


class DecisionsOut(Out):
    """Decisions, newest first."""

    items: tuple[DecisionOut, ...]


class PairOut(Out):
    """A pair that waits for a person."""

    left: str
    right: str
    score: float
    rules: str


class QueueOut(Out):
    """Pairs that wait for a person, the likeliest first; `more` when there are over `total`."""

    total: int
    more: bool
    items: tuple[PairOut, ...]


class DistrustedOut(Out):
    """An identifier that is not believed."""

    scheme: str
    value: str
    reason: str
    by: str
    at: datetime
    applied: bool


class DistrustedListOut(Out):
    """All identifiers that are not believed."""

    items: tuple[DistrustedOut, ...]


class EvidenceOut(Out):
    """What one feature says: points for (+) or against (-), and whether it forbids."""

    feature: str
    points: float
    veto: bool
    left: str | None = None
    right: str | None = None


class StoredOut(Out):
    """The judgement that the clusters follow."""

    verdict: Verdict
    score: float
    rules: str
    at: datetime


class StepOut(Out):
    """One tie on the way from one record to the other; `person` tells that somebody decided it."""

    left: str
    right: str
    person: bool
    score: float | None = None
    rules: str | None = None
    by: str | None = None

    @classmethod
    def at(cls, step: Step, private: bool) -> Self:
        """Describe a tie; who decided it is for operators."""
        return cls(
            left=str(step.left),
            right=str(step.right),
            person=step.by is not None,
            score=step.score,
            rules=step.rules,
            by=step.by if private else None,
        )


class AgainstOut(Out):
    """Two records that differ, which keeps their union records apart."""

    left: str
    right: str
    person: bool
    by: str | None = None

    @classmethod
    def told(cls, one: Against, private: bool) -> Self:
        """Describe it; who decided it is for operators."""
        return cls(
            left=str(one.left.record_id),
            right=str(one.right.record_id),
            person=one.by is not None,
            by=one.by if private else None,
        )


class ExplanationOut(Out):
    """Why two records are one union record, or why not."""

    outcome: Outcome
    left: MemberOut
    right: MemberOut
    left_union_record: str
    right_union_record: str
    verdict: Verdict
    score: float
    rules: str
    evidence: tuple[EvidenceOut, ...]
    stored: StoredOut | None = None
    shared_keys: int
    usable_keys: int
    waiting: bool
    path: tuple[StepOut, ...]
    against: tuple[AgainstOut, ...]
    decisions: tuple[DecisionOut, ...]

    @classmethod
    def build(cls, found: Explanation, *, private: bool) -> Self:
        """Describe an explanation; people's names and reasons are for operators."""
        return cls(
            outcome=found.outcome,
            left=MemberOut.of(found.left),
            right=MemberOut.of(found.right),
            left_union_record=found.left_cluster,
            right_union_record=found.right_cluster,
            verdict=found.judgement.verdict,
            score=found.judgement.score,
            rules=found.judgement.rules,
            evidence=tuple(_evidence(one) for one in found.evidence),
            stored=StoredOut.of(found.stored) if found.stored else None,
            shared_keys=found.shared_keys,
            usable_keys=found.usable_keys,
            waiting=found.waiting,
            path=tuple(StepOut.at(step, private) for step in found.path),
            against=tuple(AgainstOut.told(one, private) for one in found.against),
            decisions=tuple(DecisionOut.of(one) for one in found.decisions) if private else (),
        )


def _evidence(one: Evidence) -> EvidenceOut:
    return EvidenceOut.of(one)
