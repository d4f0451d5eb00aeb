"""Whom a request is sent to: the union record's holdings -> filters and keys -> a list that is kept.

Holdings come as the requesting library itself may see them, so that what is restricted is neither asked nor
counted nor hinted at. A list is made anew only when what it was made from has changed.
"""

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from uuid import UUID

import msgspec

from unioncat.domain.audience import Viewer
from unioncat.domain.bib import Holding
from unioncat.domain.hours import VIET_NAM
from unioncat.domain.lending import Request
from unioncat.domain.lending_policy import Policy
from unioncat.domain.library import Library, Province
from unioncat.flow.holidays import holidays_around
from unioncat.lending import rota
from unioncat.lending.rota import Available, Dropped, Entry, Facts, Keys, Lender, Load, Question, Reason, Rota
from unioncat.store import agreements, clusters, lending_requests, libraries, members, people, rotas
from unioncat.store.database import Connection
from unioncat.store.errors import Conflict, Unknown
from unioncat.store.rotas import Kept

WINDOW = timedelta(days=90)
"""How far back lending is counted for the load score and the reply record."""
FRESH = timedelta(hours=2)
"""How long what a lender's system said of a thing on its shelf is believed."""
MACHINE = "unioncat"
BY_HAND = "by_hand"
"""Detail of a library that a person struck off a list."""
CHOSEN = Keys(
    own=1, last=0, group=0, availability=int(Available.UNKNOWN), cost=0, distance=0, load=0, reply=0, tie=""
)
"""Keys of a library that a person put on the list without any."""


@dataclass(frozen=True, slots=True)
class Located:
    """The list of a request as it stands: in its order, with those left out, and how it came about."""

    rota: Rota
    version: int
    made: datetime
    by: str
    why: str
    tried: frozenset[str] = frozenset()

    @property
    def by_hand(self) -> bool:
        """Whether a person has put it in this order."""
        return self.by != MACHINE


async def rank(conn: Connection, request: Request, now: datetime) -> Rota:
    """Give whom to ask next, in order, and who is left out; make and keep the list where that is needed.

    Who was asked already, or cannot be asked today, is among those left out: the list itself stays.
    """
    situation = await _situation(conn, request, now)
    kept = await rotas.latest(conn, request.id)
    if kept is None or kept.basis != situation.basis:
        made = rota.rank(situation.question, situation.lenders, situation.facts)
        by, why = MACHINE, ""
        if kept is not None and kept.by != MACHINE:
            made, by, why = _as_chosen(_read(kept), made), kept.by, kept.why
        kept = await _keep(conn, request.id, kept, made, situation.basis, now, by, why)
    return _today(_read(kept), situation, by_hand=kept.by != MACHINE)


def _today(listed: Rota, situation: "_Situation", *, by_hand: bool) -> Rota:
    """Give what of a list holds today: what a person put on it is asked, whatever the filters say.

    Who was closed, full or without a copy when the list was made and is no longer, comes behind the others.
    Who may not be known of any more, or has left, is not in it.
    """
    listed = _known(listed, situation.known)
    found = {
        one.library.code: rota.weigh(situation.question, one, situation.facts) for one in situation.lenders
    }
    entries: list[Entry] = []
    dropped: list[Dropped] = []
    for entry in listed.entries:
        now = found.get(entry.library)
        if entry.library in situation.tried:
            dropped.append(Dropped(entry.library, Reason.TRIED))
        elif by_hand or isinstance(now, Entry):
            entries.append(entry)
        elif now is not None:
            dropped.append(now)
    again: list[Entry] = []
    for one in listed.dropped:
        now = found.get(one.library)
        if isinstance(now, Entry) and one.detail != BY_HAND and one.library not in situation.tried:
            again.append(now)
        else:
            dropped.append(one)
    ordered = sorted(
        (*entries, *sorted(again, key=rota.order)), key=lambda one: not by_hand and one.keys.last > 0
    )
    return Rota(tuple(ordered), tuple(dropped))


def _known(listed: Rota, codes: Collection[str]) -> Rota:
    """Leave out the libraries that the requesting one may not know of today."""
    entries = tuple(one for one in listed.entries if one.library in codes)
    return Rota(entries, tuple(one for one in listed.dropped if one.library in codes))


async def shown(conn: Connection, request: UUID) -> Located | None:
    """Give the list of a request for the library that asks; none where it was not made yet.

    What a lender keeps from those whom it does not serve is not in it, nor what has been kept from the
    requesting library since.
    """
    kept = await rotas.latest(conn, request)
    if kept is None:
        return None
    viewer = await viewer_of(conn, (await lending_requests.read(conn, request)).home)
    visible = {one.code for one in await libraries.libraries(conn, viewer, include_ended=True)}
    whole = _known(_read(kept), visible)
    seen = Rota(whole.entries, tuple(one for one in whole.dropped if not one.hidden))
    return Located(seen, kept.version, kept.made, kept.by, kept.why, await rotas.tried(conn, request))


async def foreseen(conn: Connection, request: Request, now: datetime) -> Located | None:
    """Tell whom a request would be sent to if it left now; nothing is kept. None where nobody is known."""
    if not request.wanted.union_id:
        return None
    situation = await _situation(conn, request, now)
    made = _known(rota.rank(situation.question, situation.lenders, situation.facts), situation.known)
    seen = Rota(made.entries, tuple(one for one in made.dropped if not one.hidden))
    return Located(seen, 0, now, MACHINE, "", situation.tried)


async def reorder(
    conn: Connection, request: Request, order: Sequence[str], why: str, by: str, now: datetime
) -> Located:
    """Put a list into another order, or another library on it, for a reason. Raises `Conflict`, `Unknown`.

    Libraries that are not named are left out of it, but for those that were asked. Only those can be put on
    it that the requesting library may know of.
    """
    if not why.strip():
        raise Conflict("a reason is missing", "Say why the list is put into another order.")
    if len(set(order)) != len(order):
        raise Conflict("a library is named twice", "Name each once.")
    situation = await _situation(conn, request, now)
    before = await rotas.latest(conn, request.id)
    former = _known(_read(before), situation.known) if before else Rota((), ())
    known = {one.library: one for one in former.entries}
    order = [*(code for code in known if code in situation.tried and code not in order), *order]
    allowed = situation.known
    strange = [code for code in order if code not in known and code not in allowed]
    if strange:
        raise Unknown(f"there is no library {strange[0]!r}", "Name libraries by their codes.")
    entries = tuple(known.get(code) or Entry(code, CHOSEN) for code in order)
    left = tuple(Dropped(code, Reason.BLOCKED, BY_HAND) for code in known if code not in set(order))
    chosen = set(order)
    dropped = (*left, *(one for one in former.dropped if one.library not in chosen))
    made = Rota(entries, dropped)
    await _keep(conn, request.id, before, made, situation.basis, now, by, why.strip())
    found = await shown(conn, request.id)
    assert found is not None  # noqa: S101 - it was just written
    return found


@dataclass(frozen=True, slots=True)
class _Situation:
    question: Question
    lenders: tuple[Lender, ...]
    facts: Facts
    basis: str
    known: frozenset[str]
    """Libraries that the requesting one may know of."""
    tried: frozenset[str]


async def _situation(conn: Connection, request: Request, now: datetime) -> _Situation:
    day = now.astimezone(VIET_NAM).date()
    viewer = await viewer_of(conn, request.home)
    visible = {one.code: one for one in await libraries.libraries(conn, viewer, include_ended=True)}
    mine = visible.get(request.home)
    if mine is None:
        raise Unknown(f"there is no library {request.home!r}", "Add the library first.")
    places = {one.key: one for one in await libraries.provinces(conn)}
    held, material = await holdings_of(conn, viewer, request, visible, day)
    codes = sorted(held)
    written = await agreements.policies(conn, [*codes, mine.code])
    figures = await rotas.traffic(conn, mine.code, codes, now - WINDOW)
    days = await rotas.answer_days(conn, codes)
    said = await rotas.availability(conn, request.id, now - FRESH)
    tried = await rotas.tried(conn, request.id)
    lenders = tuple(
        _lender(visible[code], held[code], written.get(code), figures.get(code), days.get(code), day)
        for code in codes
    )
    lenders = tuple(
        replace(
            one,
            province=_province(one.library, places),
            available=_available(said.get(one.library.code)),
            material=material,
        )
        for one in lenders
    )
    question = Question(
        request=request.id,
        requester=mine,
        policy=written.get(mine.code, Policy(mine.code)),
        day=day,
        own=own_branches(mine.code, visible.values(), day),
        province=_province(mine, places),
        service=request.service,
        level=request.level,
        volume=request.wanted.volume,
        max_cost=request.max_cost,
    )
    facts = Facts(
        tuple(await agreements.agreements(conn, viewer, on=day)),
        tuple(await agreements.avoidances(conn, mine.code, day, of_others=True)),
        tuple(await agreements.closures(conn, day, codes)),
        holidays_around(day),
    )
    return _Situation(question, lenders, facts, _basis(request, held), frozenset(visible), tried)


async def viewer_of(conn: Connection, library: str) -> Viewer:
    """Give what a library itself may see: the public, and the circles of its groups."""
    return Viewer(await people.audiences(conn, [library]))


async def holdings_of(
    conn: Connection, viewer: Viewer, request: Request, visible: Mapping[str, Library], day: date
) -> tuple[dict[str, tuple[Holding, ...]], str | None]:
    """Give who holds what is wanted, as far as a viewer may know, and what kind of thing it is.

    What a library that has ended still stands for belongs to its successor. A union record that has moved
    is followed.
    """
    wanted = request.wanted.union_id
    if not wanted:
        return {}, None
    names: tuple[str, ...] = (wanted,)
    resolved = await clusters.resolve(conn, viewer, wanted)
    if resolved is not None and resolved[0].state == "moved":
        names = resolved[0].successors
    found = await members.by_public_id(conn, viewer, names)
    held: dict[str, list[Holding]] = {}
    material: str | None = None
    for gathered in found.values():
        for member in gathered.members:
            material = material or str(member.bib.material)
            for one in member.holdings:
                code = successor(one.library or member.library, visible, day)
                if code is not None:
                    held.setdefault(code, []).append(one)
    return {code: tuple(theirs) for code, theirs in held.items()}, material


def successor(code: str, visible: Mapping[str, Library], day: date) -> str | None:
    """Follow a library to the one that stands in its place on a day; none where nobody may know of it."""
    for _ in range(20):
        one = visible.get(code)
        if one is None:
            return None
        if one.valid_to is None or one.valid_to > day or one.successor is None:
            return code
        code = one.successor
    return None


def own_branches(code: str, every: Collection[Library], day: date) -> frozenset[str]:
    """Name a library and all below it on a day."""
    below: dict[str, list[str]] = {}
    for one in every:
        for parent in one.parents:
            if (parent.valid_from or date.min) <= day < (parent.valid_to or date.max):
                below.setdefault(parent.code, []).append(one.code)
    found, waiting = {code}, [code]
    while waiting:
        new = [one for one in below.get(waiting.pop(), ()) if one not in found]
        found.update(new)
        waiting += new
    return frozenset(found)


def _lender(
    library: Library,
    held: tuple[Holding, ...],
    policy: Policy | None,
    figures: rotas.Traffic | None,
    answer_days: int | None,
    day: date,
) -> Lender:
    traffic = figures or rotas.Traffic()
    return Lender(
        library=library,
        policy=policy or Policy(library.code),
        holdings=held,
        active=library.valid_to is None or library.valid_to > day,
        load=Load(traffic.lent, traffic.borrowed, traffic.open, traffic.open_for_requester),
        reply_hours=traffic.reply_hours,
        answer_days=answer_days or 3,
    )


def _province(library: Library, places: Mapping[str, Province]) -> str | None:
    """Give the official code of a library's province of today."""
    place = places.get(library.province or "")
    for _ in range(5):
        if place is None or place.successor is None:
            break
        place = places.get(place.successor)
    return place.code if place else None


def _available(said: bool | None) -> Available:
    if said is None:
        return Available.UNKNOWN
    return Available.YES if said else Available.NO


def _as_chosen(chosen: Rota, made: Rota) -> Rota:
    """Keep the order that a person chose; libraries that hold it since then come behind."""
    struck = tuple(one for one in chosen.dropped if one.detail == BY_HAND)
    decided = {one.library for one in chosen.entries} | {one.library for one in struck}
    new = tuple(one for one in made.entries if one.library not in decided)
    listed = {one.library for one in (*chosen.entries, *new)}
    gone = listed | {one.library for one in struck}
    return Rota((*chosen.entries, *new), (*struck, *(one for one in made.dropped if one.library not in gone)))


def _basis(request: Request, held: Mapping[str, tuple[Holding, ...]]) -> str:
    """Make the fingerprint of what a list is made from: the wish, and who holds what."""
    wish = (request.wanted.union_id, request.wanted.volume, request.service, request.level, request.max_cost)
    stock = [
        (code, sorted((one.volume or "", one.copies, one.status == "reference") for one in theirs))
        for code, theirs in sorted(held.items())
    ]
    return hashlib.blake2b(repr((wish, stock)).encode(), digest_size=16).hexdigest()


async def _keep(
    conn: Connection,
    request: UUID,
    before: Kept | None,
    made: Rota,
    basis: str,
    now: datetime,
    by: str,
    why: str,
) -> Kept:
    kept = Kept(
        before.version + 1 if before else 1,
        now,
        by,
        why,
        basis,
        [msgspec.to_builtins(one) for one in made.entries],
        [msgspec.to_builtins(one) for one in made.dropped],
    )
    await rotas.save(conn, request, kept)
    return kept


def _read(kept: Kept) -> Rota:
    return Rota(
        msgspec.convert(kept.entries, tuple[Entry, ...]), msgspec.convert(kept.dropped, tuple[Dropped, ...])
    )
