"""What the terms of lending mean for one request on one day: who lends to whom, for how much, and when.

Public holidays come in as dates: which days they are is found out elsewhere, and rows outrank them.
"""

from collections.abc import Collection, Iterable
from datetime import date, timedelta

from unioncat.domain.bib import Holding
from unioncat.domain.lending import Money, Service
from unioncat.domain.lending_policy import Agreement, Avoidance, Avoids, Closure, OpenTo, Participant, Policy
from unioncat.domain.library import GroupMode, Library, LibraryType

FORMS = (GroupMode.AREA, GroupMode.FUNCTION, GroupMode.FIELD, GroupMode.ACROSS_TYPES)
"""The four forms of the law (Decree 93/2020, art. 30), in the order in which they are asked."""
NO_FORM = len(FORMS)
"""Rank of a library that lends to all, without an agreement."""
NATIONAL_LAST = 1000
"""Place of the National Library among those asked last, where its policy names none."""
SATURDAY = 5


def works_on(day: date, library: str | None, closures: Iterable[Closure], holidays: Collection[date]) -> bool:
    """Tell whether a library works on a day.

    Its own rows outrank those for all, these outrank public holidays, and these weekends: a Saturday that
    the government has made a working day is a row for all that is `open`.
    """
    of_all: Closure | None = None
    for one in closures:
        if one.covers(day):
            if one.library is not None and one.library == library:
                return one.open
            if one.library is None and (of_all is None or one.open):
                of_all = one
    if of_all is not None:
        return of_all.open
    return day not in holidays and day.weekday() < SATURDAY


def reachable(
    day: date, within: int, library: str, closures: Collection[Closure], holidays: Collection[date]
) -> bool:
    """Tell whether a library can answer a request of `day` within so many working days of everybody.

    One that has closed today by a row of its own cannot; a weekend or a holiday of all stops nobody, for
    the time to answer stands still on it too.
    """
    if any(one.library == library and not one.open and one.covers(day) for one in closures):
        return False
    counted = 0
    for offset in range(60):
        one = day + timedelta(days=offset)
        if works_on(one, library, closures, holidays):
            return True
        counted += works_on(one, None, closures, holidays)
        if counted >= within:
            return False
    return False


def takes_in(party: Participant, library: Library) -> bool:
    """Tell whether a library is (of) a party."""
    return party.library == library.code or (party.group is not None and party.group in library.groups)


def serves(offered: Collection[Service], wanted: Service) -> bool:
    """Tell whether one of the services offered is the one wanted."""
    return wanted in offered or (wanted is Service.EITHER and bool(offered))


def between(
    agreements: Iterable[Agreement], requester: Library, lender: Library, service: Service, day: date
) -> tuple[Agreement, ...]:
    """Give the agreements under which one library lends to the other on a day, the best form first."""
    found = [
        one
        for one in agreements
        if one.holds(day)
        and serves(one.services, service)
        and any(party.lends and takes_in(party, lender) for party in one.participants)
        and any(party.borrows and takes_in(party, requester) for party in one.participants)
    ]
    return tuple(sorted(found, key=lambda one: (FORMS.index(one.form), one.code)))


def dong(money: Money | None) -> int:
    """Give an amount in đồng. Raises ValueError for any other currency."""
    if money is None:
        return 0
    if money.currency != "VND":
        raise ValueError(f"costs are compared in VND, not in {money.currency}")
    return round(money.amount)


def charge(policy: Policy, agreement: Agreement | None, service: Service, pages: int | None) -> int:
    """Tell what a loan or a copy costs whoever asks, in đồng; unknown pages cost nothing yet."""
    if agreement is not None and agreement.cost is not None:
        return dong(agreement.cost)
    if service is Service.COPY or (service is Service.EITHER and not policy.lends):
        return dong(policy.cost_copy) + dong(policy.cost_page) * (pages or 0)
    return dong(policy.cost_loan)


def offers(policy: Policy, service: Service) -> bool:
    """Tell whether a library gives a service to others at all."""
    if service is Service.EITHER:
        return policy.lends or policy.copies
    return policy.lends if service is Service.LOAN else policy.copies


def kept(policy: Policy, holding: Holding, material: str | None, service: Service) -> str:
    """Say why a thing does not leave its library: reference, lost, location, material; empty where it may.

    What may only be read there may still be copied.
    """
    if holding.status == "lost":
        return "lost"
    if holding.status == "processing":
        return "processing"
    if material is not None and material in policy.materials_kept:
        return "material"
    if holding.location is not None and holding.location in policy.locations_kept:
        return "location"
    loan_only = service is Service.LOAN
    return "reference" if loan_only and (holding.status == "reference" or policy.reading_room_only) else ""


def refuses(policy: Policy, requester: Library) -> bool:
    """Tell whether a library serves none of the kind, or not of the group, of who asks."""
    if policy.types and requester.type not in policy.types:
        return True
    return policy.restricted_to is not None and policy.restricted_to not in requester.groups


def needs_agreement(policy: Policy) -> bool:
    """Tell whether a library lends by agreement only."""
    return policy.open_to is OpenTo.AGREEMENT


def avoided(avoidances: Iterable[Avoidance], requester: str, lender: str, day: date) -> Avoidance | None:
    """Give the line of a do-not-route list that keeps two libraries apart, if one does."""
    for one in avoidances:
        if not one.holds(day):
            continue
        if one.side is Avoids.ASK and (one.library, one.other) == (requester, lender):
            return one
        if one.side is Avoids.LEND and (one.library, one.other) == (lender, requester):
            return one
    return None


def resort(policy: Policy, library: Library) -> int | None:
    """Give a library's place among those asked last, if it is one of them."""
    if policy.last_resort is not None:
        return policy.last_resort
    return NATIONAL_LAST if library.type is LibraryType.NATIONAL else None
