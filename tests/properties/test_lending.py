"""Both sides of a request together, over messages that are lost, doubled and overtaken: all comes to one end.

Messages go through XML of either version, as between two systems. Things have places: nobody checks in what
is not there. Afterwards both sides agree, the thing is where both say, and the cost is the same for both.
"""

import random
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from unioncat.domain.lending import (
    Attempt,
    Facts,
    Kind,
    Loan,
    Money,
    RequesterState,
    Side,
    Step,
    SupplierState,
    Wanted,
)
from unioncat.lending import exchange, hearing
from unioncat.lending.facts import loan_after
from unioncat.lending.iso18626.codes import Version
from unioncat.lending.iso18626.model import (
    Header,
    RequestingMessage,
    RequestMessage,
    SupplyingMessage,
)
from unioncat.lending.iso18626.quirks import Profile, suited, understood
from unioncat.lending.iso18626.read import read
from unioncat.lending.iso18626.write import write
from unioncat.lending.machine import NotAllowed, Standing, allowed, apply
from unioncat.lending.requester import IN_HAND, OPEN_ATTEMPT
from unioncat.lending.states import ended
from unioncat.lending.tables import By

R, U = RequesterState, SupplierState
START = datetime(2026, 3, 11, 3, tzinfo=UTC)
COST = Money(Decimal(20000))
MOST_ATTEMPTS = 3
KEEPS = frozenset({*OPEN_ATTEMPT, R.RETRY_OFFERED, *IN_HAND, R.LOST})
LEFT_ALONE = frozenset(
    {
        *(Step.CLOSE, Step.SUPERSEDE, Step.NOTIFY, Step.STATUS_REQUEST, Step.STRAY_BACK),
        *(Step.OWN_COPY, Step.REVIEW),
    }
)
ANSWERS = frozenset({Step.CANCELLED, Step.CANCEL_REFUSED, Step.RENEWED, Step.NOT_RENEWED, Step.NOTIFY})


@dataclass
class Tried:
    """One attempt with both views of it, and where the thing is."""

    attempt: Attempt
    open: bool = True
    seen: str = ""
    seen_at: datetime | None = None
    stray: bool = False
    place: str = "shelf"
    """shelf, going, there, coming, gone."""
    offered: Facts = field(default_factory=Facts)

    @property
    def supplier(self) -> Standing | None:
        state = self.attempt.supplier_state
        if state is None:
            return None
        return Standing(state, self.attempt.supplier_flags, self.attempt.supplier_saved)


@dataclass
class Letter:
    to: Side
    number: int
    body: bytes


class Game:
    """Two libraries and the wire between them."""

    def __init__(self, version: Version, chance: random.Random) -> None:
        self.version, self.chance = version, chance
        self.now = START
        self.mine = Standing(R.LOCATING)
        self.loan = Loan()
        self.tried: list[Tried] = []
        self.wire: list[Letter] = []
        self.last: Tried | None = None
        """The attempt with which the request ended."""

    def tick(self) -> None:
        self.now += timedelta(minutes=self.chance.randint(1, 90))

    @property
    def current(self) -> Tried | None:
        return self.tried[-1] if self.tried and self.tried[-1].open else None

    # what is written and read

    def put(
        self, to: Side, number: int, message: RequestMessage | RequestingMessage | SupplyingMessage
    ) -> None:
        body = write(suited(message, Profile(self.version)), self.version)
        self.wire.append(Letter(to, number, body))

    def head(self, one: Tried) -> Header:
        return exchange.header(
            one.attempt, exchange.agency("home", None), exchange.agency("near", "VN-NEAR"), self.now
        )

    # the requester

    def do(self, step: Step, one: Tried | None = None) -> None:
        before = self.mine.state
        outcome = apply(Side.REQUESTER, self.mine, step)
        one = one or self.current
        if step in (Step.SEND, Step.ACCEPT_RETRY):
            former = self.current
            if former is not None:
                former.open = False
            number = len(self.tried)
            one = Tried(
                Attempt(
                    UUID(int=number),
                    f"R-{number}",
                    "unioncat:home",
                    "isil:vn-near",
                    Wanted("Sách"),
                )
            )
            self.tried.append(one)
            self.loan = Loan()
        if one is not None:
            self.carry_back(step, one)
            for kind in outcome.sends:
                if kind in (Kind.REQUEST, Kind.RETRY_REQUEST):
                    retry = self.tried[-2].attempt.protocol_id if kind is Kind.RETRY_REQUEST else None
                    self.put(
                        Side.SUPPLIER,
                        len(self.tried) - 1,
                        exchange.request(one.attempt, self.head(one), retry_of=retry),
                    )
                else:
                    number = self.tried.index(one)
                    self.put(Side.SUPPLIER, number, exchange.requesting(kind, self.head(one)))
        self.mine = outcome.standing
        self.let_go(before)

    def carry_back(self, step: Step, one: Tried) -> None:
        if step in (Step.SHIP_BACK, Step.STRAY_BACK):
            one.place = "coming"
            one.stray = one.stray and step is not Step.STRAY_BACK
        elif step is Step.RECEIVED:
            one.place = "there"
        elif step is Step.LOST:
            one.place = "gone"
        elif step is Step.FOUND:
            one.place = "there"

    def let_go(self, before: object) -> None:
        if self.tried and self.tried[-1].open and self.mine.state not in KEEPS:
            self.tried[-1].open = False
            self.last = self.tried[-1] if ended(self.mine.state) else None

    def may(self, step: Step) -> bool:
        """Whether things are where the step needs them."""
        one = self.current
        if step is Step.SEND:
            return len(self.tried) < MOST_ATTEMPTS
        if step is Step.RECEIVED:
            return one is not None and one.place == "going"
        if step is Step.LOST:
            return one is not None and one.place in ("going", "there") and self.chance.random() < 0.2
        if step is Step.EXHAUST:
            return len(self.tried) >= MOST_ATTEMPTS or self.chance.random() < 0.1
        if step is Step.EXPIRE:
            return self.chance.random() < 0.1
        if step is Step.SHIP_BACK:
            return one is not None and one.place == "there"
        if step is Step.ACCEPT_RETRY:
            return len(self.tried) < MOST_ATTEMPTS
        return True

    def hear(self, number: int, message: SupplyingMessage) -> None:
        one = self.tried[number]
        heard = hearing.heard_supplying(message)
        stale = one.seen_at is not None and heard.changed is not None and heard.changed < one.seen_at
        for step, facts in heard.steps:
            paid = self.mine.state is R.COMPLETED_WITHOUT_RETURN and one is self.tried[-1]
            if not one.open and not paid:
                if step in (Step.LOANED, Step.OVERDUE, Step.RECALL) and one.seen not in ("LoanCompleted",):
                    one.stray = not stale
                if step in (Step.CHECKED_IN, Step.SETTLED):
                    one.stray = False
                if not stale:
                    one.seen, one.seen_at = heard.status, heard.changed
                continue
            if stale and step not in ANSWERS:
                continue
            outcome = apply(Side.REQUESTER, self.mine, step, heard=True)
            assert not outcome.sends
            if not outcome.applied:
                continue
            self.loan = loan_after(self.loan, step, replace(facts, due=None) if stale else facts)
            before, self.mine = self.mine.state, outcome.standing
            if not stale:
                one.seen, one.seen_at = heard.status, heard.changed
            self.let_go(before)

    # the supplier

    def serve(self, one: Tried, step: Step, *, heard: bool = False) -> None:
        assert one.supplier is not None
        before = one.attempt.supplier_state
        outcome = apply(Side.SUPPLIER, one.supplier, step, heard=heard)
        facts = Facts()
        if step is Step.LOANED:
            facts = Facts(due=self.now + timedelta(days=14), items=("B1",), cost=COST)
            one.place = "going"
        elif step is Step.CONDITIONS:
            facts = Facts(conditions=("LibraryUseOnly",))
        elif step is Step.RETRY_OFFERED:
            facts = Facts(reason="OnLoan")
        elif step is Step.RENEWED:
            facts = Facts(due=self.now + timedelta(days=7))
        elif step is Step.CHECKED_IN:
            one.place = "shelf"
        if step in (Step.CONDITIONS, Step.RETRY_OFFERED):
            one.offered = facts
        loan = loan_after(one.attempt.loan, step, facts) if not heard else one.attempt.loan
        if step is Step.LOANED:
            loan = replace(loan, shipped=self.now)
        changed = self.now if outcome.applied and (outcome.moved or not heard) else one.attempt.changed
        one.attempt = replace(
            one.attempt,
            supplier_state=SupplierState(outcome.state),
            supplier_flags=outcome.flags,
            supplier_saved=outcome.standing.saved,
            loan=loan,
            changed=changed,
        )
        for kind in outcome.sends:
            said = exchange.supplying(
                kind,
                self.head(one),
                one.attempt,
                facts,
                changed=changed or self.now,
                before=SupplierState(before or U.RECEIVED),
                offered=one.offered,
            )
            self.put(Side.REQUESTER, self.tried.index(one), said)

    def can(self, one: Tried, step: Step) -> bool:
        if step is Step.CHECKED_IN:
            return one.place == "coming"
        if step in (Step.LOST, Step.SETTLED):
            return one.place == "gone"
        if step in (Step.LOANED, Step.COPY_SENT):
            return one.place == "shelf" and step is Step.LOANED
        return True

    def asked(self, number: int, message: RequestMessage | RequestingMessage) -> None:
        one = self.tried[number]
        if isinstance(message, RequestMessage):
            if one.supplier is not None:
                return  # a second one of the same id is an error, which changes nothing
            one.attempt = replace(one.attempt, supplier_state=U.RECEIVED)
            self.serve(one, Step.ARRIVE, heard=True)
            return
        if one.supplier is None:
            return  # unknown: an error, which changes nothing
        for step, _ in hearing.heard_requesting(message).steps:
            try:
                self.serve(one, step, heard=True)
            except NotAllowed:
                return
            if step is Step.CANCEL and one.attempt.supplier_saved in (U.RECEIVED, U.CONDITION_SENT):
                self.serve(one, Step.CANCELLED)

    # the wire

    def deliver(self, letter: Letter) -> None:
        found = read(letter.body)
        assert found.message is not None
        assert not found.faults
        message = understood(found.message)
        if isinstance(message, SupplyingMessage):
            self.hear(letter.number, message)
        else:
            self.asked(letter.number, message)

    def disturb(self) -> None:
        """Deliver something from anywhere in the wire, lose it, or deliver it and keep it."""
        if not self.wire:
            return
        place = self.chance.randrange(len(self.wire))
        fate = self.chance.random()
        letter = self.wire[place]
        if fate < 0.85:
            del self.wire[place]
        if fate < 0.7 or fate >= 0.85:
            self.deliver(letter)

    def step(self) -> None:
        self.tick()
        moves: list[tuple[Tried | None, Step]] = []
        for by in (By.PERSON, By.CLOCK, By.RULE):
            steps = allowed(Side.REQUESTER, self.mine.state, self.mine.flags, by=by)
            moves += [(None, step) for step in steps if step not in LEFT_ALONE and self.may(step)]
        for one in self.tried:
            if one.supplier is not None:
                steps = allowed(Side.SUPPLIER, one.supplier.state, one.supplier.flags)
                moves += [(one, step) for step in steps if step not in LEFT_ALONE and self.can(one, step)]
        if moves and self.chance.random() < 0.5:
            one, step = self.chance.choice(moves)
            if one is None:
                self.do(step)
            else:
                self.serve(one, step)
        else:
            self.disturb()

    # how it ends

    def flush(self) -> None:
        while self.wire:
            self.deliver(self.wire.pop(0))

    def settle(self) -> None:
        """From now on nothing is lost, and everybody does what there is to do."""
        for _ in range(60):
            self.flush()
            if self.finished():
                return
            self.now += timedelta(days=1)
            for one in self.tried:
                self.end_supply(one)
            self.flush()
            self.end_request()
        pytest.fail(
            f"no end: {self.mine}, {[(one.supplier, one.place, one.open, one.stray) for one in self.tried]}"
        )

    def finished(self) -> bool:
        return ended(self.mine.state) and all(
            one.supplier is None
            or (ended(one.supplier.state) and one.place not in ("going", "there", "coming"))
            for one in self.tried
        )

    def end_supply(self, one: Tried) -> None:
        if one.supplier is None:
            return
        state = one.attempt.supplier_state
        if state is U.RECEIVED:
            self.serve(one, Step.ANSWER_WILL_SUPPLY)
        elif state in (U.TO_PULL, U.PULLED_LIST, U.PICKED):
            self.serve(one, Step.LOANED)
        elif state is U.CONDITION_SENT and not one.open:
            self.serve(one, Step.EXPIRE)
        elif state is U.CANCEL_REQUESTED:
            self.serve(one, Step.CANCELLED)
        elif one.place == "coming" and Step.CHECKED_IN in allowed(Side.SUPPLIER, state or U.RECEIVED):
            self.serve(one, Step.CHECKED_IN)
        elif one.place == "gone" and state in (U.SHIPPED, U.WITH_REQUESTER, U.RETURN_IN_TRANSIT):
            self.serve(one, Step.LOST)
        elif one.place == "gone" and state is U.LOST:
            self.serve(one, Step.SETTLED)

    def end_request(self) -> None:
        state, one = self.mine.state, self.current
        for other in self.tried:
            if not other.open and other.place in ("going", "there"):
                self.do(Step.STRAY_BACK, other)
        if ended(state):
            return
        if state is R.LOCATING:
            self.do(Step.SEND if len(self.tried) < MOST_ATTEMPTS else Step.EXHAUST)
        elif state is R.CONDITIONAL:
            self.do(Step.ACCEPT_CONDITIONS)
        elif state is R.RETRY_OFFERED:
            self.do(Step.REFUSE_RETRY)
        elif state is R.CANCEL_PENDING:
            if one is not None and one.supplier is None:
                self.hear_nobody()
            else:
                self.do(Step.CANCEL)
        elif state is R.SHIPPED and one is not None and one.place == "going":
            self.do(Step.RECEIVED)
        elif state is R.RECEIVED or state is R.ON_LOAN:
            self.do(Step.GIVE_BACK)
        elif state is R.RETURNED_BY_READER:
            self.do(Step.SHIP_BACK)
        elif state in (R.SENT, R.EXPECTED) and one is not None and one.supplier is None:
            self.do(Step.NO_ANSWER)
        else:
            self.do(Step.STATUS_REQUEST)

    def hear_nobody(self) -> None:
        """The supplier never got the request: the cancel is answered by an error, and staff close it."""
        self.do(Step.CLOSE)


AGREED = {
    R.COMPLETED: {U.COMPLETED},
    R.COMPLETED_WITHOUT_RETURN: {U.COMPLETED_WITHOUT_RETURN},
    R.CANCELLED: {U.CANCELLED, U.UNFILLED, U.RETRY_SENT},
}


def play(version: Version, seed: int, moves: int) -> Game:
    game = Game(version, random.Random(seed))
    for _ in range(moves):
        game.step()
    game.settle()
    return game


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(Version), st.integers(0, 2**32), st.integers(0, 60))
def test_whatever_the_wire_does_both_sides_end_and_agree(version: Version, seed: int, moves: int) -> None:
    game = play(version, seed, moves)
    for one in game.tried:
        if one.attempt.supplier_state is U.COMPLETED_WITHOUT_RETURN:
            assert one.place == "gone"
        else:
            assert one.place == "shelf", "a thing came home wherever it was not lost"
    if game.last is not None and game.last.supplier is not None and game.mine.state in AGREED:
        assert game.last.attempt.supplier_state in AGREED[game.mine.state]
        assert game.loan.cost == game.last.attempt.loan.cost
