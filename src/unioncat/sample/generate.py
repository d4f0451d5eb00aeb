"""Every record of the sample, made from the editions by each member's habits.

Nothing here looks at a clock or draws a number that is not repeatable: the same records every time.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from random import Random

from unioncat.sample import describe, dublincore
from unioncat.sample.dice import dice
from unioncat.sample.editions import Edition, Kind
from unioncat.sample.habits import Habit, decomposed, hyphenated
from unioncat.sample.holdings import holdings
from unioncat.sample.marc import Field, dublin_core, marcxml
from unioncat.sample.members import MEMBERS, Member
from unioncat.sample.style import Pen, System
from unioncat.sample.works import books
from unioncat.sample.written import publications

BEGIN = "2023-03-01T02:00:00Z"
"""When every member loaded its old catalogue: many records carry this one datestamp."""
_DELETED = 0.02
_DUPLICATES = 0.012
_LOADED = 0.4

SURE = {"tvqg": {"A3", "A24", "A48"}, "laocai": {"A27"}, "bkhn": {"A110"}, "khthhcm": {"A28", "A27"}}
"""Editions that a member certainly has, because the second run or a test is about them."""
LATER = {("khthhcm", "A12")}
"""(member, edition): catalogued only before the second run."""
BRIDGE = ("laocai", "A27", "A28")
"""Member, edition, and the other edition whose ISBN its record carries by mistake."""


_ONLINE = " online"
"""Ends the key of a digital copy: print and online are two editions."""


@dataclass(frozen=True, slots=True)
class SampleRecord:
    """One record of one member, and the edition that it truly describes.

    `payload` is in the member's own format, `dublin_core` the same in oai_dc; both are empty when deleted.
    """

    member: str
    local_id: str
    edition_key: str
    payload: bytes
    dublin_core: bytes
    datestamp: str
    deleted: bool = False
    sets: tuple[str, ...] = ()
    habits: frozenset[Habit] = frozenset()


@cache
def editions() -> dict[str, Edition]:
    """Give all editions by key."""
    return {edition.key: edition for edition in (*books(), *publications())}


@cache
def records() -> tuple[SampleRecord, ...]:
    """Give all records of the first run, deleted ones included."""
    return tuple(record for member in MEMBERS for record in _catalogue(member))


def edition_of(record: SampleRecord) -> Edition:
    """Give the edition that a record describes, whether it is a printed or a digital copy of it."""
    return editions()[record.edition_key.removesuffix(_ONLINE)]


def _catalogue(member: Member) -> Iterator[SampleRecord]:
    choose = dice(f"stock {member.code}")
    sure = SURE.get(member.code, set())
    number = 0
    for edition in editions().values():
        held = choose.random() < member.stock(edition)
        twice = choose.random() < _DUPLICATES
        if (member.code, edition.key) in LATER or not (held or edition.key in sure):
            continue
        for turn in range(2 if twice and edition.key not in sure else 1):
            number += 1
            yield make(member, edition, number, duplicate=turn > 0)


def make(
    member: Member,
    edition: Edition,
    number: int,
    *,
    duplicate: bool = False,
    corrected: bool = False,
    added: Sequence[Field] = (),
) -> SampleRecord:
    """Make one member's record of an edition.

    `corrected`: without the mistake that it was entered with; `added`: fields that were put in later.
    """
    throw = dice(f"record {member.code} {number} {edition.key}")
    local_id = member.identifier.format(code=member.code, number=number)
    datestamp = _datestamp(throw, member)
    owners = _owners(throw, member)
    sets = _sets(member, owners, edition)
    key = edition.key + _ONLINE if member.system is System.REPOSITORY else edition.key
    certain = edition.key in SURE.get(member.code, set())
    if throw.random() < _DELETED and not certain:
        return SampleRecord(member.code, local_id, key, b"", b"", datestamp, True, sets)
    pen = Pen(edition, member.style, throw)
    if duplicate:
        pen.shown.add(Habit.DUPLICATE)
    text = dc_text = dublin_core(dublincore.elements(pen, member, number))
    if member.system.speaks_marc:
        fields = describe.fields(pen, member.system) + holdings(pen, member.system, owners, number)
        fields += added
        if (member.code, edition.key) == BRIDGE[:2] and not corrected:
            pen.shown.add(Habit.WRONG_ISBN)
            wrong = editions()[BRIDGE[2]].isbns[0]
            fields.append(("020", "  ", (("a", hyphenated(wrong, 0)),)))
        control = describe.control(edition, str(number), datestamp)
        text = marcxml(describe.leader(edition), control, fields)
    if throw.random() < member.style.decomposed:
        pen.shown.add(Habit.DECOMPOSED)
        text, dc_text = decomposed(text), decomposed(dc_text)
    return SampleRecord(
        member.code,
        local_id,
        key,
        text.encode(),
        dc_text.encode(),
        datestamp,
        sets=sets,
        habits=frozenset(pen.shown),
    )


def _datestamp(throw: Random, member: Member) -> str:
    """Choose a datestamp: many at the load of the old catalogue, the rest until the member's last day."""
    if throw.random() < _LOADED:
        return BEGIN
    first, last = datetime.fromisoformat(BEGIN), datetime.fromisoformat(member.latest)
    moment = first + timedelta(seconds=throw.randrange(int((last - first).total_seconds())))
    if member.day_granularity:
        moment = moment.replace(hour=0, minute=0, second=0)
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _owners(throw: Random, member: Member) -> tuple[str, ...]:
    """Choose the branches that have a record: one at least."""
    if len(member.branches) == 1:
        return (member.branches[0].value,)
    chosen = [each.value for each in member.branches if throw.random() < each.share]
    return tuple(chosen) or (throw.choice(member.branches).value,)


def _sets(member: Member, owners: tuple[str, ...], edition: Edition) -> tuple[str, ...]:
    if not member.sets:
        return ()
    if member.system is System.REPOSITORY:
        return ("theses" if edition.kind is Kind.THESIS else "publications",)
    return tuple(set_spec(owner) for owner in owners)


def set_spec(owner: str) -> str:
    """Give the set of a branch: districts below their province."""
    return owner.lower().replace(".", ":")
