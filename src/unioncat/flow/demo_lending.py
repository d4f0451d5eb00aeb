"""The sample's requests, played: each step is done by its own side, at its own moment, as people do it.

Nothing is entered past the flows of lending; where there are requests already, nothing is done.
"""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from uuid import UUID

from unioncat.domain.lending import ReaderRef, Side, Step
from unioncat.domain.people import Right, Role, SignedIn
from unioncat.flow import consign, deliver, lend, lending_timers, people
from unioncat.flow.consign import Plan
from unioncat.flow.letters.carry import carry
from unioncat.flow.people import Forbidden
from unioncat.flow.services import Services
from unioncat.lending.asking import Asking
from unioncat.sample import loans
from unioncat.sample.generate import edition_of, records
from unioncat.sample.loans import Act, Parcel, Scene
from unioncat.store import clusters, lending_parties, lending_requests, lending_supplies
from unioncat.store.errors import StoreError
from unioncat.telemetry import logger

POST = deliver.Desk(lend.receive, lend.undeliverable, carry)
QUIET = frozenset({Step.LEND_OUT, Step.GIVE_BACK})
"""Steps after which nothing leaves the house."""
log = logger(__name__)
Unfit = (StoreError, lend.NotAllowed, lend.Forbidden, Forbidden)
"""How a step says that it does not fit: a sample that was changed by hand loses a scene, not its start."""


@dataclass
class _Stage:
    """Who plays, and what has become of the scenes so far."""

    services: Services
    now: datetime
    desk: SignedIn
    reader: SignedIn
    requests: dict[int, UUID] = field(default_factory=dict)

    def staff(self, library: str) -> lend.Actor:
        """Somebody at a library's desk, or whoever opens the links in its letters."""
        return lend.staff(self.desk) if self.desk.may(Right.LEND, library) else lend.link(library)


async def play(services: Services, now: datetime) -> int:
    """Have the sample's libraries ask each other, up to this moment; give how many requests they made."""
    async with services.db.as_service() as conn:
        if await lending_requests.any_yet(conn):
            return 0
        for member in loans.BY_LETTER:
            await lending_parties.save_member(conn, member)
        desk = SignedIn(await people.sample_person(conn, Role.LENDING, *loans.DESKS), second=True)
        reader = SignedIn(await people.sample_person(conn, Role.READER), second=True)
    stage = _Stage(services, now, desk, reader)
    steps: list[tuple[float, int, Act | None]] = []
    for place, scene in enumerate(loans.SCENES):
        steps += [(scene.ago, place, None), *((act.ago, place, act) for act in scene.acts)]
    for ago, place, act in sorted(steps, key=lambda one: -one[0]):
        moment = now - timedelta(days=ago)
        await (_ask(stage, place, moment) if act is None else _act(stage, place, act, moment))
        if act is None or act.step not in QUIET:
            await deliver.deliver(services, POST, moment)
    for parcel in loans.PARCELS:
        await _send(stage, parcel)
    await lending_timers.run(services, now)
    await deliver.deliver(services, POST, now)
    return len(stage.requests)


async def _ask(stage: _Stage, place: int, moment: datetime) -> None:
    scene = loans.SCENES[place]
    own = scene.home == loans.HOME and not scene.card
    asking = await _asking(stage, scene)
    if asking is None:
        log.warning("the sample lost a request: nobody has the book any more", edition=scene.edition)
        return
    actor = lend.reader(stage.reader) if own else stage.staff(scene.home)
    origin = "page" if own else "desk"
    try:
        made = await lend.ask(stage.services, actor, scene.home, asking, moment, origin=origin)
    except Unfit as error:
        log.warning("the sample lost a request", edition=scene.edition, error=str(error))
        return
    stage.requests[place] = made.id


async def _asking(stage: _Stage, scene: Scene) -> Asking | None:
    """Say what a scene asks for, as the form is filled from a union record; none where there is none."""
    for one in records():
        if one.member == scene.member and one.edition_key == scene.edition and not one.deleted:
            async with stage.services.db.as_service() as conn:
                found = await clusters.union_id(conn, one.member, one.local_id)
            if found is None:
                continue
            return Asking(
                loans.wanted(edition_of(one), found, scene),
                scene.service,
                note=scene.note,
                reader=ReaderRef(card=scene.card),
            )
    return None


async def _act(stage: _Stage, place: int, act: Act, moment: datetime) -> None:
    number = stage.requests.get(place)
    if number is None:
        return
    facts = act.facts if act.due is None else replace(act.facts, due=stage.now + timedelta(days=act.due))
    async with stage.services.db.as_service() as conn:
        request = await lending_requests.read(conn, number)
        attempt = next(reversed(await lending_supplies.of_request(conn, number)), None)
        lender = await lending_parties.of_symbol(conn, attempt.supplier) if attempt else None
    if act.side is Side.REQUESTER:
        actor, subject = stage.staff(request.home), number
    elif attempt is not None and lender is not None and lender.library:
        actor, subject = stage.staff(lender.library), attempt.id
    else:
        return
    try:
        await lend.step(stage.services, actor, act.side, subject, act.step, moment, facts)
    except Unfit as error:
        log.warning("the sample lost a step", step=str(act.step), request=request.number, error=str(error))


async def _send(stage: _Stage, parcel: Parcel) -> None:
    """Send a consignment as far as it has come."""
    called = await consign.names(stage.services, stage.desk.viewer)
    stops = [replace(one, name=called.get(one.library or "", one.name)) for one in parcel.stops]
    plan = Plan(parcel.kind, parcel.title, parcel.items, stops)
    by = stage.desk.account.email
    try:
        number = await consign.begin(
            stage.services, parcel.owner, plan, by, stage.now - timedelta(days=parcel.ago)
        )
        for ago, move in parcel.moves:
            await consign.step(stage.services, stage.desk, number, move, stage.now - timedelta(days=ago))
    except Unfit as error:
        log.warning("the sample lost a consignment", title=parcel.title, error=str(error))
