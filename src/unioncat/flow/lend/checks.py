"""What a request must pass before it goes out: the reader's standing and limits, duplicates, staff's eyes."""

from dataclasses import dataclass

from unioncat.domain.lending import ReaderRef, Request, Step
from unioncat.flow.lend.turn import Turn
from unioncat.lending.same import same_key
from unioncat.store import lending_requests


@dataclass(frozen=True, slots=True)
class Verdict:
    """Where the checks lead: a step of the rule, why, and what it is about (a number, a limit)."""

    step: Step
    reason: str = ""
    about: str = ""


async def check(turn: Turn, request: Request, *, by_staff: bool = False, again: bool = False) -> Verdict:
    """Judge a request that was submitted. What staff place themselves needs no other eyes than theirs."""
    policy = await turn.policy(request.home)
    who = await lending_requests.reader(turn.conn, request.id)
    if not policy.borrows:
        return Verdict(Step.REVIEW, "borrowing_off")
    if who is not None and not by_staff and not await _in_standing(turn, request, who):
        return Verdict(Step.INVALID, "reader_not_known")
    if who is not None and (who.account is not None or who.card):
        there = await lending_requests.open_of_reader(turn.conn, request.home, who, request.id)
        if there >= policy.max_open_reader:
            return Verdict(Step.OVER_LIMIT, "over_limit", str(policy.max_open_reader))
    same = await lending_requests.same_open(
        turn.conn, request.home, same_key(request.wanted, request.service), who, request.id
    )
    if same and not again:
        return Verdict(Step.DUPLICATE, "duplicate", same)
    if by_staff and request.wanted.union_id:
        return Verdict(Step.PASS)
    if not request.wanted.union_id:
        return Verdict(Step.REVIEW, "no_record")
    if policy.mediated or (await turn.member(request.home)).two_approvals:
        return Verdict(Step.REVIEW, "mediated")
    return Verdict(Step.PASS)


async def _in_standing(turn: Turn, request: Request, who: ReaderRef) -> bool:
    """Tell whether a reader may ask through the home library: an active account with a role there.

    A role at a library above it holds too; a reader without an account is vouched for by staff.
    """
    if who.account is None:
        return bool(who.name or who.card)
    return await lending_requests.in_standing(turn.conn, who.account, request.home)
