"""Messages of ISO 18626 read: by the names of elements, whatever their order and the version they claim.

The input is hostile until proven otherwise: no DTD, no entities, only UTF-8, within limits of size, depth and
number. What breaks a rule of the standard is told as the fault that the answer will name.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from typing import Any

from lxml import etree

from unioncat.lending.iso18626 import grammar as g
from unioncat.lending.iso18626.codes import ErrorType, Kind
from unioncat.lending.iso18626.model import (
    Beginning,
    Confirmation,
    Fault,
    Message,
    RetryInfo,
    SupplyingMessage,
)
from unioncat.lending.iso18626.primitives import NAMESPACE, BadValue, Primitive

MAX_BYTES = 256 * 1024
MAX_DEPTH = 12
"""Elements within elements; the standard's own go to 7."""
MAX_ELEMENTS = 5_000
MAX_FAULTS = 20
_DOCTYPE = re.compile(rb"<!(?:DOCTYPE|ENTITY)")
_KNOWN_VERSIONS = frozenset({"1.0", "1.1", "1.2", "1.3", "2017", "2021", "2021-1", "2021-2"})
"""Versions of which every element is known here."""
_BLOCKS = {Kind.REQUEST: g.REQUEST, Kind.SUPPLYING: g.SUPPLYING, Kind.REQUESTING: g.REQUESTING}
_CONFIRMATIONS = {f"{kind}Confirmation": kind for kind in Kind}


class NotReadable(ValueError):
    """Bytes that are no message at all; `status` is the HTTP status that says so."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status


@dataclass(frozen=True, slots=True)
class Reading:
    """A message as it was read: whole, or with the faults that keep it from being one."""

    beginning: Beginning
    message: Message | None
    """None where there are faults."""
    version: str | None = None
    """The version that it claims."""
    faults: tuple[Fault, ...] = ()
    unknown: tuple[str, ...] = ()
    """Elements that were left aside: of other namespaces, of later versions."""
    repaired: tuple[str, ...] = ()
    """Habits of other systems that were overlooked: empty elements, a version without its prefix."""


def read(body: bytes) -> Reading:
    """Read a message from another library. Raises `NotReadable`."""
    root, main = _parsed(body)
    name = etree.QName(main).localname
    if name not in _BLOCKS:
        raise NotReadable(400, f"{name} is no message that a library sends by itself")
    if next(_children(main, "header"), None) is None:
        raise NotReadable(400, f"the {name} has no header")
    kind = Kind(name)
    walk = _Walk(_version(root))
    if walk.version_bare:
        walk.repaired.append("version without its prefix")
    values = walk.block(main, _BLOCKS[kind], name)
    beginning = _beginning(kind, main)
    message = None if walk.faults else _made(_BLOCKS[kind], values)
    return Reading(
        beginning,
        message,
        walk.version,
        tuple(walk.faults),
        tuple(walk.unknown[:50]),
        tuple(walk.repaired[:50]),
    )


def read_confirmation(body: bytes) -> Confirmation:
    """Read the answer to a message of ours. Raises `NotReadable`."""
    root, main = _parsed(body)
    kind = _CONFIRMATIONS.get(etree.QName(main).localname)
    if kind is None:
        raise NotReadable(400, "it is no confirmation")
    walk = _Walk(_version(root), confirming=True)
    values = walk.block(main, g.CONFIRMATION, f"{kind}Confirmation")
    if walk.faults:
        raise NotReadable(400, f"the confirmation is broken: {walk.faults[0].value}")
    return Confirmation(kind=kind, **values)


def document(body: bytes) -> etree._Element:
    """Parse XML without reading anything that is not in it. Raises `NotReadable`."""
    if len(body) > MAX_BYTES:
        raise NotReadable(413, f"a message may have {MAX_BYTES} bytes")
    if _DOCTYPE.search(body):
        raise NotReadable(400, "a document type or entities are declared, which are never read")
    parser = etree.XMLParser(
        encoding="utf-8",
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(body, parser)
    except (etree.XMLSyntaxError, ValueError) as fault:
        raise NotReadable(400, f"it is no well-formed XML in UTF-8 ({str(fault)[:200]})") from None
    _bounded(root)
    return root


def _parsed(body: bytes) -> tuple[etree._Element, etree._Element]:
    """Give the root and the one message in it."""
    root = document(body)
    if root.tag != f"{{{NAMESPACE}}}ISO18626Message":
        raise NotReadable(400, f"the root is no ISO18626Message of {NAMESPACE}")
    inside = [child for child in root if str(child.tag).startswith(f"{{{NAMESPACE}}}")]
    known = [c for c in inside if etree.QName(c).localname in _BLOCKS.keys() | _CONFIRMATIONS.keys()]
    if len(known) != 1 or len(inside) != 1:
        raise NotReadable(400, "there is not exactly one known message in it")
    return root, known[0]


def _bounded(root: etree._Element) -> None:
    depth = count = 0
    for event, _ in etree.iterwalk(root, events=("start", "end")):
        depth += 1 if event == "start" else -1
        count += event == "start"
        if depth > MAX_DEPTH or count > MAX_ELEMENTS:
            raise NotReadable(400, f"it has more than {MAX_DEPTH} levels or {MAX_ELEMENTS} elements")


def _version(root: etree._Element) -> tuple[str | None, bool]:
    """Give the version claimed, and whether its attribute lacks the prefix that the schema asks for."""
    proper = root.get(f"{{{NAMESPACE}}}version")
    bare = root.get("version")
    found = proper if proper is not None else bare
    return (found.strip()[:20] if found else None), proper is None and bare is not None


def _children(element: etree._Element, name: str) -> Iterator[etree._Element]:
    return element.iterchildren(f"{{{NAMESPACE}}}{name}")


class _Walk:
    """One reading: what is wrong, what is unknown, what was overlooked."""

    def __init__(self, version: tuple[str | None, bool], *, confirming: bool = False) -> None:
        self.version, self.version_bare = version
        self.strict = self.version in _KNOWN_VERSIONS and not confirming
        self.confirming = confirming
        self.faults: list[Fault] = []
        self.unknown: list[str] = []
        self.repaired: list[str] = []

    def fault(self, type: ErrorType, value: str) -> None:
        if len(self.faults) < MAX_FAULTS:
            self.faults.append(Fault(type, value[:300]))

    def block(self, element: etree._Element, block: g.Block, place: str) -> dict[str, Any]:
        """Read what an element holds, by attribute."""
        values: dict[str, Any] = {}
        seen: set[str] = set()
        for child in element:
            space, _, name = str(child.tag).rpartition("}")
            where = f"{place}/{name}"
            known = block.names.get(name) if space == f"{{{NAMESPACE}" else None
            if known is None:
                self.aside(child, where, own=space == f"{{{NAMESPACE}")
                continue
            value = self.value(child, known, where)
            if value is None:
                continue
            if known.many:
                values[known.attribute] = (*values.get(known.attribute, ()), value)
            elif name in seen:
                self.fault(ErrorType.BADLY_FORMED, f"{name}: stands there twice")
            elif known.attribute:
                values[known.attribute] = value
            else:
                values.update(value)
            seen.add(name)
        for one in block.required:
            if one.element not in seen:
                self.fault(ErrorType.BADLY_FORMED, f"{_tail(place)}{one.element}: missing")
        return values

    def aside(self, child: etree._Element, where: str, *, own: bool) -> None:
        """Leave an unknown element for the log; one of the standard's own, in a version known, is a fault."""
        if own and self.strict:
            self.fault(ErrorType.ELEMENT, where.rpartition("/")[2])
        elif len(self.unknown) < MAX_FAULTS:
            self.unknown.append(where[:200])

    def value(self, element: etree._Element, known: g.Field, where: str) -> Any:
        """Read the value of an element; none where it is empty."""
        if isinstance(known.type, Primitive):
            return self.primitive(element, known.type, known, where)
        if not known.required and not len(element) and not (element.text or "").strip():
            self.repaired.append(f"{where[:180]} is empty")
            return None
        values = self.block(element, known.type, where)
        if known.type.becomes is dict:
            return values
        if any(one.attribute not in values for one in known.type.required):
            return None
        return _made(known.type, values)

    def primitive(self, element: etree._Element, type: Primitive, known: g.Field, where: str) -> Any:
        if len(element):
            self.fault(ErrorType.BADLY_FORMED, f"{known.element}: holds elements instead of a value")
            return None
        text = (element.text or "").strip()
        if not text:
            if not known.required and not known.blank:
                self.repaired.append(f"{where[:180]} is empty")
            return None
        scheme = element.get(f"{{{NAMESPACE}}}scheme", element.get("scheme"))
        try:
            return type.read(text, scheme.strip()[:300] or None if scheme else None)
        except BadValue as bad:
            if self.confirming and not known.required:
                return None
            self.fault(ErrorType.VALUE, f"{known.element}: {text[:80]!r} {bad}")
            return None


def _tail(place: str) -> str:
    """Name the block that something is missing in, where it is not the message itself."""
    return f"{place.rpartition('/')[2]}/" if "/" in place else ""


def _made(block: g.Block, values: dict[str, Any]) -> Any:
    """Make what a block becomes; what version 1.2 says elsewhere goes where 2021 has it."""
    plain = {name: value for name, value in values.items() if "." not in name}
    made = block.becomes(**plain)
    moved = {name.partition(".")[2]: value for name, value in values.items() if "." in name}
    if moved and isinstance(made, SupplyingMessage):
        retry = made.retry or RetryInfo()
        free = {name: value for name, value in moved.items() if not getattr(retry, name)}
        made = replace(made, retry=replace(retry, **free))
    return made


_NAMES = {one.name for one in fields(Beginning)} - {"kind"}


def _beginning(kind: Kind, main: etree._Element) -> Beginning:
    """Read anew, in peace, what the answer to a broken message can name."""
    walk = _Walk((None, False))
    found: dict[str, Any] = {}
    header = next(_children(main, "header"))
    block = next(one for one in _BLOCKS[kind].old if one.element == "header").type
    assert isinstance(block, g.Block)  # noqa: S101 - a header always is
    found.update(walk.block(header, block, "header"))
    for holder, known in ((main, g.ACTION), (next(_children(main, "messageInfo"), None), g.REASON)):
        child = None if holder is None else next(_children(holder, known.element), None)
        if child is not None:
            found[known.attribute] = walk.value(child, known, known.element)
    return Beginning(kind, **{name: value for name, value in found.items() if name in _NAMES})
