"""BER in and out: what is written is read again, and nothing hostile is believed, kept or lets us wait."""

import os
import random
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.harvester.z3950.misbehaving import indefinite
from tests.harvester.z3950.rig import Target, record
from unioncat_harvester.readers.z3950 import ber, oids, requests, responses
from unioncat_harvester.readers.z3950.ber import Framer, Malformed, Tag, TooLarge, decode
from unioncat_harvester.readers.z3950.opac import OpacRecord
from unioncat_harvester.readers.z3950.query import parse
from unioncat_harvester.readers.z3950.records import record as as_record

FUZZED = int(os.environ.get("UNIONCAT_FUZZ", "3000"))
LIMIT = 1 << 16


@given(st.integers(-(2**62), 2**62), st.integers(0, ber.MAX_TAG))
@settings(deadline=None)
def test_numbers_and_tags(value: int, tag: int) -> None:
    element = decode(ber.integer(tag, value))
    assert element.is_(tag)
    assert element.integer() == value


@given(st.lists(st.integers(0, 2**40), min_size=1, max_size=9), st.integers(0, 2), st.integers(0, 39))
@settings(deadline=None)
def test_object_identifiers(arcs: list[int], first: int, second: int) -> None:
    text = ".".join(map(str, (first, second, *arcs)))
    assert decode(ber.oid(Tag.universal(ber.OID), text)).oid() == text


@given(st.frozensets(st.integers(0, 60), min_size=1))
@settings(deadline=None)
def test_bit_strings(bits: frozenset[int]) -> None:
    assert decode(ber.bits(4, bits)).bits() == bits


@given(st.binary(max_size=70_000), st.booleans())
@settings(deadline=None)
def test_strings_and_truths(value: bytes, truth: bool) -> None:
    element = decode(ber.sequence(ber.string(1, value), ber.boolean(2, truth)))
    assert element.need(1).octets() == value
    assert element.need(2).boolean() is truth


def test_a_string_in_pieces_is_put_together() -> None:
    pieces = [
        ber.string(Tag.universal(ber.OCTET_STRING), piece) for piece in (b"Truy", b"", "ện Kiều".encode())
    ]
    message = ber.group(1, *pieces)
    assert decode(message).octets() == "Truyện Kiều".encode()
    assert decode(indefinite(message)).octets() == "Truyện Kiều".encode()


def test_definite_and_indefinite_lengths_mean_the_same() -> None:
    sizes = [0, 1, 200, 70_000]
    answer = Target().answer_present(tuple(record(b"x" * size) for size in sizes))
    for message in (answer, indefinite(answer)):
        read = responses.read(message)
        assert isinstance(read, responses.Present)
        assert [len(one.data) for one in read.records if isinstance(one, responses.External)] == [
            0,
            1,
            200,
            70_000,
        ]


@pytest.mark.parametrize(
    ("message", "words"),
    [
        (b"", "0 elements"),
        (b"\x30", "cut off"),
        (b"\x30\x05\x04\x01", "says that it has 5 bytes, 2 are there"),
        (b"\x30\x04\x04\x7fab", "says that it has 127 bytes, 2 are there"),
        (b"\x30\x80\x04\x01a", "without its end"),
        (b"\x30\x02\x00\x00", "end mark"),
        (b"\x04\x80\x00\x00", "primitive element of indefinite length"),
        (b"\x04\x89" + bytes(8) + b"\x01a", "a length of 9 octets"),
        (b"\x04\xff" + bytes(200), "a length of 127 octets"),
        (b"\x1f\xff\xff\xff\xff\x7f\x00", "tag number"),
        (b"\x1f\x80\x01\x00", "leading zeros"),
        (b"\x05\x00\x05\x00", "2 elements"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_refused(message: bytes, words: str) -> None:
    with pytest.raises(Malformed, match=words):
        [one.octets() for one in decode(message)]


def test_needless_zeros_before_a_length_are_taken() -> None:
    assert decode(b"\x04\x88\x00\x00\x00\x00\x00\x00\x00\x02ab").octets() == b"ab"


def test_depth_is_limited_however_it_is_written() -> None:
    deep = b""
    for _ in range(5000):
        deep = ber.sequence(deep)

    def descend(message: bytes) -> None:
        element = decode(message)
        while element.inside():
            element = element.only()

    with pytest.raises(Malformed, match="within each other"):
        descend(deep)
    with pytest.raises(Malformed, match="within each other"):
        decode(b"\x30\x80" * 5000 + b"\x00\x00" * 5000)
    framer = Framer(LIMIT)
    framer.feed(b"\x30\x80" * 5000)
    with pytest.raises(Malformed, match="within each other"):
        framer.take()


def test_the_number_of_elements_is_limited() -> None:
    message = ber.sequence(b"\x05\x00" * (ber.MAX_ELEMENTS + 1))
    with pytest.raises(Malformed, match="elements in one message"):
        decode(message).inside()


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("integer", b""),
        ("integer", bytes(10)),
        ("boolean", b""),
        ("boolean", b"\xff\xff"),
        ("bits", b""),
        ("bits", b"\x08\xff"),
        ("bits", bytes(99)),
        ("oid", b""),
        ("oid", b"\x2a\x86"),
        ("oid", b"\x80" * 200 + b"\x01"),
    ],
)
def test_values_of_impossible_size_are_refused(kind: str, value: bytes) -> None:
    element = decode(ber.string(2, value))
    with pytest.raises(Malformed):
        getattr(element, kind)()


@given(st.lists(st.binary(max_size=300), max_size=6), st.data())
@settings(deadline=None)
def test_messages_are_cut_out_of_a_stream_wherever_it_is_divided(
    bodies: list[bytes], data: st.DataObject
) -> None:
    messages = [ber.group(n, ber.string(1, body)) for n, body in enumerate(bodies)]
    messages = [indefinite(one) if data.draw(st.booleans()) else one for one in messages]
    stream = b"".join(messages)
    framer, found = Framer(LIMIT), []
    while stream:
        size = data.draw(st.integers(1, len(stream)))
        framer.feed(stream[:size])
        stream = stream[size:]
        while (message := framer.take()) is not None:
            found.append(message)
    assert found == messages
    assert framer.begun == 0


@pytest.mark.parametrize(
    "message", [b"\x30\x84\x7f\xff\xff\xff", b"\x30\x80" + b"\x04\x82\xff\xff" + bytes(65535) + b"\x04\x00"]
)
def test_a_message_beyond_the_limit_is_refused_at_once(message: bytes) -> None:
    framer = Framer(LIMIT)
    framer.feed(message)
    with pytest.raises(TooLarge):
        framer.take()


def seeds() -> list[bytes]:
    """Messages of every kind, as targets send them and as we do."""
    target = Target()
    login = requests.id_pass("u", "p")
    made = [
        requests.init(credentials=login, negotiate=True, largest=9, version="1"),
        target.answer_search(12),
        target.answer_search(0, fault=114),
        target.answer_present(target.records([1, 2, 3])),
        target.answer_present((), fault=13),
        target.scan(decode(ber.sequence())),
        ber.group(48, ber.integer(211, 3), ber.string(3, b"bye")),
        opac(),
        requests.search(parse('@not @attr 1=_X "a" "b"'), ("a",), set_="x", encoding="utf-8"),
    ]  # fmt: skip
    made.append(target.init(decode(made[0])))
    term = ber.group(1, ber.string(45, b"kieu"), ber.integer(2, 7))
    made.append(ber.group(36, ber.integer(4, 0), ber.integer(5, 1), ber.group(7, ber.group(1, term))))
    made.append(ber.group(45, ber.integer(24, 1), ber.group(0, record(b"00026n"))))
    return made + [indefinite(one) for one in made]


def opac() -> bytes:
    """An answer with an OPAC record."""
    bibliographic = ber.group(
        1, ber.oid(Tag.universal(ber.OID), oids.USMARC), ber.string(1, b"00030nam\x1e1\x1e\x1d")
    )
    circulation = ber.group(
        19, ber.sequence(ber.boolean(1, True), ber.string(5, b"B1"), ber.boolean(6, False))
    )
    volumes = ber.group(18, ber.sequence(ber.string(1, b"T.1")))
    held = ber.group(2, ber.group(2, ber.string(8, b"TV"), ber.string(11, b"895"), volumes, circulation))
    external = ber.group(
        Tag.universal(ber.EXTERNAL),
        ber.oid(Tag.universal(ber.OID), oids.OPAC),
        ber.group(0, ber.sequence(bibliographic, held)),
    )
    return Target().answer_present((ber.sequence(ber.group(1, ber.group(1, external))),))


def mutated(seed: bytes, dice: random.Random) -> bytes:
    """Damage a message: bits, bytes, lengths, pieces doubled, moved or cut off."""
    data = bytearray(seed)
    for _ in range(dice.choice((1, 1, 2, 3, 8))):
        if not data:
            break
        at = dice.randrange(len(data))
        match dice.randrange(7):
            case 0:
                data[at] ^= 1 << dice.randrange(8)
            case 1:
                data[at] = dice.choice((0, 1, 0x1F, 0x30, 0x7F, 0x80, 0x84, 0x88, 0xA0, 0xBF, 0xFF))
            case 2:
                del data[at : at + dice.randrange(1, 9)]
            case 3:
                data[at:at] = dice.randbytes(dice.randrange(1, 9))
            case 4:
                del data[at:]
            case 5:
                piece = data[at : at + dice.randrange(1, 64)]
                data[at:at] = piece * dice.randrange(1, 4)
            case _:
                other = dice.randrange(len(data))
                data[at], data[other] = data[other], data[at]
    return bytes(data)


def swallow(message: bytes) -> None:
    """Take a message the way the reader does, down to the raw record."""
    framer = Framer(LIMIT)
    framer.feed(message)
    while (whole := framer.take()) is not None:
        answer = responses.read(whole)
        if isinstance(answer, responses.Present | responses.Segment):
            for one in answer.records:
                as_record(one, "001", leader_deletes=True)
                if isinstance(one, responses.External) and one.oid == oids.OPAC:
                    OpacRecord(one).envelope()


def test_damaged_messages_are_refused_and_nothing_else() -> None:
    dice = random.Random(39_50)
    given_ = seeds()
    taken, slowest = 0, 0.0
    for _ in range(FUZZED):
        message = mutated(dice.choice(given_), dice)
        begun = time.perf_counter()
        try:
            swallow(message)
        except Malformed:
            pass
        else:
            taken += 1
        slowest = max(slowest, time.perf_counter() - begun)
    assert slowest < 1.0
    assert 0 < taken < FUZZED


@given(st.binary(max_size=2000))
@settings(max_examples=200, deadline=None)
def test_noise_is_refused_and_nothing_else(noise: bytes) -> None:
    try:
        swallow(b"\xb9" + noise)
        decode(noise)
    except Malformed:
        pass
