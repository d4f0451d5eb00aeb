"""Winning libraries: the list, invitations, goals, and how the groups stand."""

import secrets
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from unioncat.domain.onboarding import ORDER, Expected, Goal, Progress, Stage, Standing
from unioncat.flow.services import Services
from unioncat.store import onboarding


@dataclass(frozen=True, slots=True)
class Tracker:
    """Everything that the tracker shows: the federation first, then its groups."""

    standings: tuple[Standing, ...]
    lines: tuple[Progress, ...]


async def tracker(services: Services) -> Tracker:
    """Give how the federation and its groups stand, and every library with its stage."""
    async with services.db.as_service() as conn:
        lines = await onboarding.progress(conn)
        goals = await onboarding.goals(conn)
    whole = {one.code: one for one in lines}
    standings = [standing(None, list(whole.values()), goals)]
    groups = dict.fromkeys(
        [one.group for one in lines if one.group] + [goal.group for goal in goals if goal.group]
    )
    standings += [standing(group, [one for one in lines if one.group == group], goals) for group in groups]
    return Tracker(tuple(standings), tuple(lines))


def standing(group: str | None, lines: Sequence[Progress], goals: Sequence[Goal]) -> Standing:
    """Count the libraries of a group that came at least as far as each stage."""
    exact = Counter(one.stage for one in lines)
    reached = tuple(
        (stage, sum(exact[later] for later in ORDER[place:])) for place, stage in enumerate(ORDER)
    )
    return Standing(group, len(lines), reached, tuple(goal for goal in goals if goal.group == group))


async def expect(services: Services, wanted: Sequence[Expected]) -> int:
    """Put libraries on the list, all or nothing. Raises `Unknown`."""
    async with services.db.as_service() as conn:
        await onboarding.save_expected(conn, wanted)
    return len(wanted)


async def invite(services: Services, code: str) -> str:
    """Invite a library of the list: give the secret of its link, to be shown once. Raises `Unknown`."""
    secret = secrets.token_urlsafe(18)
    async with services.db.as_service() as conn:
        await onboarding.invite(conn, code, secret)
    return secret


async def invited(services: Services, secret: str) -> Expected | None:
    """Give the library that an invitation was made for; none where there is none."""
    async with services.db.as_service() as conn:
        return await onboarding.by_invitation(conn, secret)


async def strike(services: Services, code: str) -> None:
    """Take a library off the list. Raises `Unknown`."""
    async with services.db.as_service() as conn:
        await onboarding.strike(conn, code)


async def set_goal(services: Services, group: str | None, due: date, count: int) -> None:
    """Set how many libraries of a group (none = all) shall be live by a day; 0 takes the goal away."""
    async with services.db.as_service() as conn:
        await onboarding.set_goal(conn, group, due, count)


__all__ = ["Stage", "Tracker"]
