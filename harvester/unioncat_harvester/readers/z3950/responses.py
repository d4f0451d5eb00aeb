"""What a target sends to us, as plain dataclasses; anything that is no such response raises `Malformed`.

Texts are decoded leniently, because they are shown to people; records stay bytes.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from unioncat_harvester.readers.z3950 import ber, oids
from unioncat_harvester.readers.z3950.ber import Element, Malformed
from unioncat_harvester.readers.z3950.diagnostics import Diagnostic

T = TypeVar("T")

MAX_HITS = 2**40
WRAPPINGS = 10
"""Elements around a diagnostic in the answer to Init, where user information holds other information."""
SUBSET, ESTIMATE = 1, 4
"""Result set statuses: what is there is valid but not all; the count is a guess."""


@dataclass(frozen=True, slots=True)
class External:
    """A record as received: the syntax that the target claims and its bytes, or its ASN.1."""

    oid: str
    data: bytes = b""
    element: Element | None = None
    database: str = ""


Received = External | Diagnostic
"""What stands in the place of one record: the record, or why it does not come."""


@dataclass(frozen=True, slots=True)
class Init:
    """Answer to Init."""

    accepted: bool
    version: int
    options: frozenset[int]
    preferred: int
    largest: int
    implementation: tuple[str, str, str]
    """Id, name, version."""
    charset: str | None
    """Python's name of the character set agreed upon, if any."""
    diagnostics: tuple[Diagnostic, ...]
    said: str = ""


@dataclass(frozen=True, slots=True)
class Search:
    """Answer to Search."""

    ok: bool
    hits: int
    status: int | None
    diagnostics: tuple[Diagnostic, ...]


@dataclass(frozen=True, slots=True)
class Present:
    """Answer to Present, its segments included."""

    records: tuple[Received, ...]
    diagnostics: tuple[Diagnostic, ...]
    status: int


@dataclass(frozen=True, slots=True)
class Segment:
    """A part of an answer to Present."""

    records: tuple[Received, ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """One term of an index; `hits` is none where the target does not count."""

    term: bytes
    hits: int | None


@dataclass(frozen=True, slots=True)
class Scan:
    """Answer to Scan."""

    entries: tuple[Entry, ...]
    diagnostics: tuple[Diagnostic, ...]
    status: int


@dataclass(frozen=True, slots=True)
class Close:
    """The target's good-bye."""

    reason: int
    message: str


Response = Init | Search | Present | Segment | Scan | Close
CLOSE_REASONS: Mapping[int, str] = {
    0: "finished",
    1: "shutdown",
    2: "system problem",
    3: "cost limit",
    4: "resources",
    5: "security violation",
    6: "protocol error",
    7: "lack of activity",
    8: "aborted",
    9: "unspecified",
}
_CONTROL = {28: "access control", 30: "resource control"}


def read(message: bytes) -> Response:
    """Read a whole message. Raises `Malformed` for anything but a response."""
    element = ber.decode(message)
    if element.kind != ber.CONTEXT:
        raise Malformed(f"a message that begins with {element.name}")
    make = _READERS.get(element.number)
    if make is None:
        what = _CONTROL.get(element.number, f"a message of kind {element.number}")
        raise Malformed(f"the target asks for or sends {what}, which was not agreed upon")
    return make(element)


def _init(pdu: Element) -> Init:
    version = pdu.get(3)
    said = pdu.get(11)
    return Init(
        accepted=pdu.need(12).boolean(),
        version=3 if version is not None and 2 in version.bits() else 2,
        options=pdu.need(4).bits(),
        preferred=_number(pdu, 5),
        largest=_number(pdu, 6),
        implementation=(_text(pdu.get(110)), _text(pdu.get(111)), _text(pdu.get(112))),
        charset=_lenient(lambda: _charset(pdu), None),
        diagnostics=_lenient(lambda: tuple(_init_diagnostics(pdu)), ()),
        said=_lenient(lambda: _user_information(said), ""),
    )


def _lenient(ask: Callable[[], T], otherwise: T) -> T:
    """Leave out what is only good to know and cannot be read."""
    try:
        return ask()
    except Malformed:
        return otherwise


def _charset(pdu: Element) -> str | None:
    """Read what the target chose of the character sets proposed (negotiation record 3)."""
    for external in _other_information(pdu):
        if external.oid == oids.CHARSET_NEGOTIATION and external.element is not None:
            response = external.element
            chosen = response.get(1) if response.is_(2) else None
            iso10646 = chosen.get(2) if chosen is not None else None
            level = iso10646.get(2) if iso10646 is not None else None
            if level is not None:
                return {oids.UTF8: "utf-8", oids.UTF16: "utf-16-be"}.get(level.oid())
    return None


def _init_diagnostics(pdu: Element) -> Iterable[Diagnostic]:
    """Read diagnostics of a refused Init: diagnostic format 1 or a plain one, in user information."""
    places = [external_of(said)] if (said := pdu.get(11)) is not None else []
    for external in [*places, *_other_information(pdu)]:
        if external.element is not None and external.oid != oids.CHARSET_NEGOTIATION:
            yield from _find_diagnostics(external.element, 0)


def _find_diagnostics(element: Element, depth: int) -> Iterable[Diagnostic]:
    """Look for SEQUENCE { set, condition, … } in what a target wrapped around its diagnostics."""
    if not element.constructed or depth > WRAPPINGS:
        return
    inside = element.inside()
    if (
        len(inside) >= 2
        and inside[0].is_(ber.OID, ber.UNIVERSAL)
        and inside[1].is_(ber.INTEGER, ber.UNIVERSAL)
    ):
        yield _default_format(element)
        return
    for one in inside:
        yield from _find_diagnostics(one, depth + 1)


def _user_information(said: Element | None) -> str:
    if said is None:
        return ""
    external = external_of(said)
    if external.element is None:
        return external.data.decode("utf-8", "replace")[:300]
    return "" if external.element.constructed else _text(external.element)


def _other_information(pdu: Element) -> Iterable[External]:
    """Give what is externally defined in otherInfo."""
    other = pdu.get(201)
    for one in other.inside() if other is not None else ():
        information = one.get(4)
        if information is not None:
            yield external_of(information)


def _search(pdu: Element) -> Search:
    hits = _number(pdu, 23)
    if not 0 <= hits < MAX_HITS:
        raise Malformed(f"a result of {hits} records")
    status = pdu.get(26)
    _, diagnostics = _records(pdu)
    ok = pdu.need(22).boolean()
    return Search(ok, hits, status.integer() if status is not None else None, diagnostics)


def _present(pdu: Element) -> Present:
    records, diagnostics = _records(pdu)
    return Present(records, diagnostics, _number(pdu, 27))


def _segment(pdu: Element) -> Segment:
    return Segment(tuple(_record(one) for one in pdu.need(0)))


def _records(pdu: Element) -> tuple[tuple[Received, ...], tuple[Diagnostic, ...]]:
    """Read the records of a response, and the diagnostics that stand for the whole of it."""
    if (several := pdu.get(28)) is not None:
        return tuple(_record(one) for one in several), ()
    if (one := pdu.get(130)) is not None:
        return (), (_default_format(one),)
    if (many := pdu.get(205)) is not None:
        return (), tuple(_diagnostic(one) for one in many)
    return (), ()


def _record(named: Element) -> Received:
    database = named.get(0)
    record = named.need(1).only()
    if record.is_(1):
        external = external_of(record)
        name = _text(database)
        return External(external.oid, external.data, external.element, name) if name else external
    if record.is_(2):
        return _diagnostic(record.only())
    raise Malformed("a fragment of a record, though no splitting of records was agreed upon")


def external_of(element: Element) -> External:
    """Read an EXTERNAL, tagged implicitly or explicitly; indirect references are not agreed upon."""
    inside = element.inside()
    if len(inside) == 1 and inside[0].is_(ber.EXTERNAL, ber.UNIVERSAL):
        element = inside[0]
    reference = element.get(ber.OID, ber.UNIVERSAL)
    oid = reference.oid() if reference is not None else ""
    if (octets := element.get(1)) is not None:
        return External(oid, octets.octets())
    if (single := element.get(0)) is not None:
        return External(oid, element=single.only())
    if (bits := element.get(2)) is not None:
        return External(oid, bits.octets()[1:])
    raise Malformed("a record without contents")


def _diagnostic(element: Element) -> Diagnostic:
    """Read a DiagRec: the default format, or one that is defined elsewhere."""
    if element.is_(ber.EXTERNAL, ber.UNIVERSAL):
        external = external_of(element)
        found = list(_find_diagnostics(external.element, 0)) if external.element is not None else []
        return found[0] if found else Diagnostic(100, f"diagnostic format {external.oid}")
    return _default_format(element)


def _default_format(element: Element) -> Diagnostic:
    """Read DefaultDiagFormat: set, condition, remark (VisibleString or InternationalString)."""
    inside = element.inside()
    if len(inside) < 2:
        raise Malformed("a diagnostic without its number")
    return Diagnostic(inside[1].integer(), _text(inside[2]) if len(inside) > 2 else "", inside[0].oid())


def _scan(pdu: Element) -> Scan:
    status = _number(pdu, 4)
    listed = pdu.get(7)
    if listed is None:
        return Scan((), (), status)
    entries, faults = listed.get(1), listed.get(2)
    return Scan(
        tuple(_entry(one) for one in entries if one.is_(1)) if entries is not None else (),
        tuple(_diagnostic(one) for one in faults) if faults is not None else (),
        status,
    )


def _entry(info: Element) -> Entry:
    general = next((one for one in info if one.number in (45, 215, 216)), None)
    if general is None:
        raise Malformed("a term of an index without its text")
    hits = info.get(2)
    term = str(general.integer()).encode() if general.is_(215) else general.octets()
    return Entry(term, hits.integer() if hits is not None else None)


def _close(pdu: Element) -> Close:
    reason = pdu.get(211)
    return Close(reason.integer() if reason is not None else 9, _text(pdu.get(3)))


def _number(pdu: Element, tag: int) -> int:
    return pdu.need(tag).integer()


def _text(element: Element | None) -> str:
    return element.octets()[:2000].decode("utf-8", "replace") if element is not None else ""


_READERS: Mapping[int, Callable[[Element], Response]] = {
    21: _init,
    23: _search,
    25: _present,
    36: _scan,
    45: _segment,
    48: _close,
}
