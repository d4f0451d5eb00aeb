"""BER (ITU-T X.690) in and out, as far as Z39.50 uses it: strict and bounded.

No length, count or depth that a stranger sends is believed before it is compared with what is really there;
nothing is copied or built for an announced size. Whatever does not fit raises `Malformed`.
"""

from collections.abc import Iterator
from typing import NamedTuple, Self

UNIVERSAL, APPLICATION, CONTEXT, PRIVATE = 0x00, 0x40, 0x80, 0xC0

BOOLEAN, INTEGER, OCTET_STRING, NULL, OID, EXTERNAL, SEQUENCE = 1, 2, 4, 5, 6, 8, 16
VISIBLE_STRING, GENERAL_STRING = 26, 27

MAX_DEPTH = 40
MAX_TAG = 1 << 24
MAX_LENGTH_OCTETS = 8
"""Octets of a long-form length; needless leading zeros are met in the wild (X.690 §8.1.3.5)."""
MAX_ELEMENTS = 100_000
"""Elements looked at in one message, and in one record of it that is itself made of elements: a message of
16 MB could hold eight million of two bytes."""
MAX_INTEGER_OCTETS = 9
MAX_OID_OCTETS = 128
INDEFINITE = -1


class Malformed(ValueError):
    """The bytes are no BER, or no BER that we are ready to read."""


class Header(NamedTuple):
    """Tag and length of an element; `length` is `INDEFINITE` where only its end will tell."""

    kind: int
    constructed: bool
    number: int
    length: int
    body: int
    """Where the contents begin."""

    @property
    def ends_contents(self) -> bool:
        """Tell whether this is the end-of-contents mark (X.690 §8.1.5)."""
        return self.kind == UNIVERSAL and self.number == 0 and not self.constructed and self.length == 0


def read_header(data: bytes | bytearray, at: int, end: int) -> Header | None:
    """Read tag and length; none where the bytes end before they do. Raises `Malformed`."""
    if at >= end:
        return None
    first = data[at]
    number = first & 0x1F
    at += 1
    if number == 0x1F:
        number = 0
        while True:
            if at >= end:
                return None
            octet = data[at]
            at += 1
            number = number << 7 | octet & 0x7F
            if number > MAX_TAG:
                raise Malformed(f"a tag number above {MAX_TAG}")
            if octet < 0x80:
                break
            if number == 0:
                raise Malformed("a tag number with leading zeros")
    if at >= end:
        return None
    length = data[at]
    at += 1
    constructed = bool(first & 0x20)
    if length == 0x80:
        if not constructed:
            raise Malformed("a primitive element of indefinite length")
        length = INDEFINITE
    elif length > 0x80:
        count = length & 0x7F
        if count > MAX_LENGTH_OCTETS:
            raise Malformed(f"a length of {count} octets")
        if at + count > end:
            return None
        length = int.from_bytes(data[at : at + count], "big")
        at += count
    return Header(first & 0xC0, constructed, number, length, at)


class Element:
    """One element of a message; what is inside is looked at only when asked for."""

    __slots__ = ("_budget", "_data", "_depth", "_inside", "constructed", "end", "kind", "number", "start")

    def __init__(self, data: bytes, header: Header, end: int, depth: int, budget: list[int]) -> None:
        self.kind = header.kind
        self.number = header.number
        self.constructed = header.constructed
        self.start = header.body
        self.end = end
        self._data = data
        self._depth = depth
        self._budget = budget
        self._inside: list[Element] | None = None

    def afresh(self) -> "Element":
        """Give the same element with a count of its own, and with a memory that goes when it goes."""
        header = Header(self.kind, self.constructed, self.number, 0, self.start)
        return Element(self._data, header, self.end, self._depth, [MAX_ELEMENTS])

    def __iter__(self) -> Iterator["Element"]:
        return iter(self.inside())

    def inside(self) -> list["Element"]:
        """Give the elements that this one is made of, in order."""
        if self._inside is None:
            if not self.constructed:
                raise Malformed(f"{self.name} is primitive where it should hold elements")
            self._inside = _elements(self._data, self.start, self.end, self._depth + 1, self._budget)
        return self._inside

    @property
    def name(self) -> str:
        """Name the element for a message: its class and number."""
        words = {UNIVERSAL: "universal ", APPLICATION: "application ", CONTEXT: "", PRIVATE: "private "}
        return f"[{words[self.kind]}{self.number}]"

    def is_(self, number: int, kind: int = CONTEXT) -> bool:
        """Tell whether the element has this tag."""
        return self.number == number and self.kind == kind

    def get(self, number: int, kind: int = CONTEXT) -> "Element | None":
        """Give the first element inside with this tag."""
        return next((one for one in self.inside() if one.number == number and one.kind == kind), None)

    def need(self, number: int, kind: int = CONTEXT) -> "Element":
        """Give the first element inside with this tag. Raises `Malformed` if it is missing."""
        found = self.get(number, kind)
        if found is None:
            raise Malformed(f"{self.name} lacks its element {number}")
        return found

    def only(self) -> "Element":
        """Give the one element inside, as an explicit tag or a choice has it."""
        inside = self.inside()
        if len(inside) != 1:
            raise Malformed(f"{self.name} holds {len(inside)} elements instead of one")
        return inside[0]

    def contents(self) -> bytes:
        """Give the bytes between its header and its end, whatever they are."""
        return self._data[self.start : self.end]

    def octets(self) -> bytes:
        """Give the contents of a string; one that was sent in pieces is put together (§8.7.3)."""
        if not self.constructed:
            return self._data[self.start : self.end]
        return b"".join(piece.octets() for piece in self.inside())

    def integer(self) -> int:
        """Read a whole number."""
        size = self.end - self.start
        if self.constructed or not 0 < size <= MAX_INTEGER_OCTETS:
            raise Malformed(f"{self.name} is no whole number that can be read")
        return int.from_bytes(self._data[self.start : self.end], "big", signed=True)

    def boolean(self) -> bool:
        """Read a truth value; every octet but 0 is true (§8.2.2)."""
        if self.constructed or self.end - self.start != 1:
            raise Malformed(f"{self.name} is no truth value")
        return self._data[self.start] != 0

    def bits(self) -> frozenset[int]:
        """Read a bit string: the numbers of the bits that are set."""
        data = self._data[self.start : self.end]
        if self.constructed or not 0 < len(data) <= 65 or data[0] > 7:
            raise Malformed(f"{self.name} is no bit string that can be read")
        count = max(0, (len(data) - 1) * 8 - data[0])
        return frozenset(bit for bit in range(count) if data[1 + bit // 8] & 0x80 >> bit % 8)

    def oid(self) -> str:
        """Read an object identifier, with dots."""
        data = self._data[self.start : self.end]
        if self.constructed or not 0 < len(data) <= MAX_OID_OCTETS or data[-1] & 0x80:
            raise Malformed(f"{self.name} is no object identifier")
        arcs, arc = [], 0
        for octet in data:
            arc = arc << 7 | octet & 0x7F
            if octet < 0x80:
                arcs.append(arc)
                arc = 0
        first = min(arcs[0] // 40, 2)
        return ".".join(map(str, (first, arcs[0] - 40 * first, *arcs[1:])))


def _elements(data: bytes, at: int, end: int, depth: int, budget: list[int]) -> list[Element]:
    """Read the elements between two places; they must fill them exactly."""
    if depth > MAX_DEPTH:
        raise Malformed(f"more than {MAX_DEPTH} elements within each other")
    found = []
    while at < end:
        header = read_header(data, at, end)
        if header is None:
            raise Malformed("an element is cut off inside its neighbour")
        budget[0] -= 1
        if budget[0] < 0:
            raise Malformed(f"more than {MAX_ELEMENTS} elements in one message")
        if header.ends_contents:
            raise Malformed("an end mark where nothing is to end")
        if header.length == INDEFINITE:
            last, at = _end_mark(data, header.body, end, depth)
        else:
            last = at = header.body + header.length
            if last > end:
                raise Malformed(
                    f"an element says that it has {header.length} bytes, {end - header.body} are there"
                )
        found.append(Element(data, header, last, depth, budget))
    return found


def _end_mark(data: bytes, at: int, end: int, depth: int) -> tuple[int, int]:
    """Find the end mark of an indefinite element: where it begins and where it ends."""
    open_ = 1
    while True:
        header = read_header(data, at, end)
        if header is None:
            raise Malformed("an element of indefinite length without its end")
        if header.ends_contents:
            open_ -= 1
            if not open_:
                return at, header.body
            at = header.body
        elif header.length == INDEFINITE:
            open_ += 1
            if depth + open_ > MAX_DEPTH:
                raise Malformed(f"more than {MAX_DEPTH} elements within each other")
            at = header.body
        else:
            at = header.body + header.length


def decode(data: bytes) -> Element:
    """Read a message that is exactly one element. Raises `Malformed`."""
    found = _elements(data, 0, len(data), 0, [MAX_ELEMENTS])
    if len(found) != 1:
        raise Malformed(f"{len(found)} elements where one message should be")
    return found[0]


class TooLarge(Malformed):
    """A message is, or says that it is, larger than the limit."""


class Framer:
    """Cuts a stream of bytes into messages; looks at each byte of a header once, and keeps one message."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._buffer = bytearray()
        self._at = 0
        self._open = 0

    def feed(self, data: bytes) -> None:
        """Add what was received."""
        self._buffer += data

    @property
    def begun(self) -> int:
        """Bytes of a message that has begun and is not whole."""
        return len(self._buffer)

    def take(self) -> bytes | None:
        """Give the next whole message; none where more bytes are needed.

        Raises `TooLarge` as soon as a length says so, `Malformed`.
        """
        size = len(self._buffer)
        while True:
            if self._at > self._limit:
                raise TooLarge(f"a message of more than {self._limit:,} bytes")
            header = read_header(self._buffer, self._at, size) if self._at < size else None
            if header is None:
                return None
            if header.length == INDEFINITE:
                self._open += 1
                if self._open > MAX_DEPTH:
                    raise Malformed(f"more than {MAX_DEPTH} elements within each other")
                self._at = header.body
            elif not self._open:
                return self._whole(header)
            elif header.ends_contents:
                self._open -= 1
                self._at = header.body
                if not self._open:
                    return self._cut(self._at)
            else:
                self._at = header.body + header.length
                if self._at > self._limit:
                    raise TooLarge(f"a message of more than {self._at:,} bytes; {self._limit:,} are allowed")

    def _whole(self, header: Header) -> bytes | None:
        end = header.body + header.length
        if end > self._limit:
            raise TooLarge(f"a message of {end:,} bytes; {self._limit:,} are allowed")
        return self._cut(end) if len(self._buffer) >= end else None

    def _cut(self, end: int) -> bytes:
        message = bytes(memoryview(self._buffer)[:end])
        del self._buffer[:end]
        self._at = 0
        return message


class Tag(int):
    """The tag of something to be sent: a context tag, unless made with `universal`."""

    kind = CONTEXT

    @classmethod
    def universal(cls, number: int) -> Self:
        """Make a universal tag."""
        tag = cls(number)
        tag.kind = UNIVERSAL
        return tag


def tlv(tag: int, body: bytes, *, constructed: bool) -> bytes:
    """Write an element of definite length."""
    lead = getattr(tag, "kind", CONTEXT) | (0x20 if constructed else 0)
    head = bytes((lead | tag,)) if tag < 0x1F else bytes((lead | 0x1F,)) + _base128(tag)
    size = len(body)
    if size < 0x80:
        return head + bytes((size,)) + body
    octets = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return head + bytes((0x80 | len(octets),)) + octets + body


def group(tag: int, *parts: bytes) -> bytes:
    """Write an element that is made of others; empty parts are left out."""
    return tlv(tag, b"".join(parts), constructed=True)


def sequence(*parts: bytes) -> bytes:
    """Write a SEQUENCE."""
    return group(Tag.universal(SEQUENCE), *parts)


def string(tag: int, value: bytes) -> bytes:
    """Write a string."""
    return tlv(tag, value, constructed=False)


def integer(tag: int, value: int) -> bytes:
    """Write a whole number."""
    return tlv(tag, value.to_bytes(value.bit_length() // 8 + 1, "big", signed=True), constructed=False)


def boolean(tag: int, value: bool) -> bytes:
    """Write a truth value."""
    return tlv(tag, b"\xff" if value else b"\x00", constructed=False)


def null(tag: int) -> bytes:
    """Write NULL."""
    return tlv(tag, b"", constructed=False)


def bits(tag: int, numbers: frozenset[int]) -> bytes:
    """Write a bit string in which these bits are set."""
    count = max(numbers) + 1
    octets = bytearray((count + 7) // 8)
    for number in numbers:
        octets[number // 8] |= 0x80 >> number % 8
    return tlv(tag, bytes((-count % 8, *octets)), constructed=False)


def oid(tag: int, value: str) -> bytes:
    """Write an object identifier given with dots."""
    first, second, *rest = (int(arc) for arc in value.split("."))
    return tlv(tag, b"".join(map(_base128, (first * 40 + second, *rest))), constructed=False)


def _base128(number: int) -> bytes:
    octets = [number & 0x7F]
    while number := number >> 7:
        octets.append(number & 0x7F | 0x80)
    return bytes(reversed(octets))
