"""Damaged input of every form: only `Unreadable` comes out of a parser, in bounded time and memory.

A seeded mutator works on records written for this project. `UNIONCAT_FUZZ=100000` asks for that many inputs
to each parser; the suite takes a few hundred.
"""

import contextlib
import json
import os
import random
import time
import tracemalloc
from collections.abc import Callable, Iterator

import pytest

from tests.unioncat.normalise.records import marc, to_iso2709
from tests.unioncat.normalise.test_golden import CASES
from tests.unioncat.normalise.test_golden import payload as golden
from unioncat.domain.source import DropRule, Profile, Quarantined, RawRecord
from unioncat.normalise import (
    PROFILES,
    Unreadable,
    divide,
    load_profile,
    normalise,
    split_iso2709,
    to_marcxml,
)
from unioncat.normalise.gate import Gate
from unioncat.normalise.iso2709 import decode_iso2709
from unioncat.normalise.iso5426 import decode as decode_iso5426
from unioncat.normalise.marcjson import decode_marc_json, to_marc_json
from unioncat.normalise.mrk import decode_lines
from unioncat.normalise.profiles import PROFILE_TEXTS, ProfileError
from unioncat.normalise.tables import item_numbers

COUNT = int(os.environ.get("UNIONCAT_FUZZ", "300"))
SECONDS = 1.0
"""Of this process: no input may take longer."""
MEGABYTES = 64

RECORD = marc(
    "010 ## $a 978-2-07-040922-8", "200 1# $a <<Les >>misérables $h 1 $i Fantine", "210 ## $a Paris $d 1999"
)
ENGLISH = marc("100 1# $a Nguyễn Du", "245 10 $a Truyện Kiều $c Nguyễn Du", "952 ## $a CS1 $p 1")
MARKS = (
    b"\x1d", b"\x1e", b"\x1f", b"\x1b", b"\x00", b"<", b">", b"&", b"]]>", b"<!--", b'"', b"{", b"}",
    b"[", b",", b"\\", b"=245  ", b"$a", b"^a", b"\n", b"\r\n", b"\xff", b"\xc2", b"\xe1\xbb", b"99999",
    b"0000", b"-", b"880", b"\x88", b"<<", b"<m>", b"</m>", b"#", b"\xed\xa0\x80", b"&#0;",
    b"&#x10ffff;", b"1-9", b"{acute}",
)  # fmt: skip


def samples(*kinds: str) -> list[bytes]:
    """Give the payloads of the golden cases of these kinds."""
    return [golden(case) for case in CASES if case.suffix in kinds]


def damaged(seeds: list[bytes], count: int, seed: int) -> Iterator[bytes]:
    """Give inputs: pieces cut out, doubled, exchanged, overwritten, and marks put in."""
    chance = random.Random(seed)
    for _ in range(count):
        data = bytearray(chance.choice(seeds))
        for _ in range(chance.randint(1, 6)):
            at = chance.randrange(len(data) + 1)
            to = min(len(data), at + chance.choice((0, 1, 2, 5, 40)))
            match chance.randrange(6):
                case 0:
                    data[at:to] = b""
                case 1:
                    data[at:at] = data[at:to] * chance.randint(1, 3)
                case 2:
                    data[at:to] = chance.randbytes(to - at)
                case 3:
                    other = chance.choice(seeds)
                    data[at:to] = other[at : at + chance.randrange(60)]
                case 4:
                    data = data[:at]
                case _:
                    data[at:at] = chance.choice(MARKS) * chance.choice((1, 1, 1, 2, 50))
            data = data or bytearray(b" ")
        yield bytes(data)


def normaliser(format: str, profile: str) -> Callable[[bytes], object]:
    """Normalise, and hold that no fault is ours."""

    def run(payload: bytes) -> None:
        result = normalise(payload, format, PROFILES[profile])
        assert "normaliser-fault" not in {problem.code for problem in result.problems}, result.problems

    return run


def gate(format: str) -> Callable[[bytes], object]:
    """Ask the gate, and hold that it has no fault and that what it admits is asked the same again."""
    strict = Gate(Profile(drop=(DropRule("926", unless=("0",)), DropRule("x")), strip_tags=("911", "952$p")))

    def run(payload: bytes) -> None:
        found = strict.admit(RawRecord("1", None, False, payload, format, ()))
        assert not (isinstance(found, Quarantined) and (found.code == "gate-fault" or found.payload))
        if isinstance(found, RawRecord):
            assert strict.admit(found) == found

    return run


def profile_text(data: bytes) -> None:
    """Read a profile; only `ProfileError` may come out."""
    with contextlib.suppress(ProfileError):
        load_profile(data.decode("utf-8", "replace"), "own")


XML = samples(".xml")
ISO = [to_iso2709(RECORD), to_iso2709(ENGLISH), to_iso2709(ENGLISH)[:-3]]
JSON = [to_marc_json(RECORD), json.dumps({"record": [["245", "1", "0", "a", "x"]]}).encode()]
TEXTS = [text.encode() for text in PROFILE_TEXTS.values()]

PARSERS: dict[str, tuple[list[bytes], Callable[[bytes], object]]] = {
    "xml": ([*XML, to_marcxml(RECORD)], normaliser("marc21", "koha")),
    "unimarc-xml": ([to_marcxml(RECORD)], normaliser("unimarc", "unimarc")),
    "iso2709": (ISO, normaliser("iso2709", "koha")),
    "iso2709-decoder": (ISO, decode_iso2709),
    "iso2709-splitter": (ISO, lambda data: list(split_iso2709(data))),
    "unimarc": (ISO, normaliser("unimarc", "unimarc")),
    "winisis": (samples(".isis"), normaliser("iso2709", "winisis")),
    "marc-json": (JSON, normaliser("marc-json", "unimarc")),
    "marc-json-decoder": (JSON, decode_marc_json),
    "mrk": (samples(".mrk"), normaliser("mrk", "unimarc")),
    "mrk-decoder": (samples(".mrk"), decode_lines),
    "table": (samples(".row"), normaliser("table", "vietbiblio")),
    "items": ([b"VV0001-VV0009; 12", b"1-9"], lambda data: item_numbers(data.decode("latin-1"))),
    "sutrs": ([b"Title: A\nAuthor: B\n c"], normaliser("sutrs", "marc21")),
    "iso5426": ([bytes(range(256))], decode_iso5426),
    "divide": ([*ISO, *XML[:3], *JSON, b"a;b\n1;2\n"], lambda data: list(divide(data))),
    "gate-xml": ([*XML, to_marcxml(ENGLISH)], gate("marc21")),
    "gate-iso2709": (ISO, gate("iso2709")),
    "gate-marc-json": (JSON, gate("marc-json")),
    "gate-mrk": (samples(".mrk"), gate("mrk")),
    "gate-table": (samples(".row"), gate("table")),
    "profile": (TEXTS, profile_text),
}


@pytest.mark.parametrize("name", PARSERS)
def test_damaged_input(name: str) -> None:
    seeds, parse = PARSERS[name]
    slowest = 0.0
    tracemalloc.start()
    try:
        for at, data in enumerate(damaged(seeds, COUNT, seed=len(name))):
            begun = time.process_time()
            try:
                parse(data)
            except Unreadable:
                pass
            except Exception as fault:
                raise AssertionError(f"input {at} of {name}: {data!r}") from fault
            slowest = max(slowest, time.process_time() - begun)
        peak = tracemalloc.get_traced_memory()[1] / 1e6
    finally:
        tracemalloc.stop()
    assert slowest < SECONDS
    assert peak < MEGABYTES


@pytest.mark.parametrize(
    ("format", "payload"),
    [
        ("marc21", b"<a>" * 200_000),
        ("marc21", b"<record>" + b"<datafield tag='911'>" * 5_000 + b"</datafield>" * 5_000 + b"</record>"),
        ("marc21", b"<record><datafield tag='245'>" + b"<subfield code='a'>x</subfield>" * 30_000),
        ("iso2709", b"00000nam a2200025 a 4500" + b"245000000000" * 20_000 + b"\x1e" + b"\x1fa" * 100_000),
        ("iso2709", b"\x1e" * 300_000),
        ("marc-json", b'{"fields":' + b"[" * 300_000),
        ("marc-json", b'{"fields":[' + b'{"245":{"subfields":[{"a":"x"}]}},' * 20_000 + b"{}]}"),
        ("mrk", b"=245  $a" + b"{acute}" * 50_000),
        ("mrk", b"=245  $a" + b"x\n" * 100_000),
        ("table", b'{"title":"' + b"a = " * 50_000 + b'"}'),
        ("table", b'{"title":"a","author":"' + b"Nguy, " * 20_000 + b'"}'),
        ("table", b'{"title":"a","item":"' + b"1-" * 50_000 + b'"}'),
        ("table", b'{"title":"a","item":"' + b"1 - " * 50_000 + b'2"}'),
        ("sutrs", b":" * 300_000),
    ],
)
def test_vast_input(format: str, payload: bytes) -> None:
    begun = time.process_time()
    normaliser(format, "koha")(payload)
    gate(format)(payload)
    assert time.process_time() - begun < 5 * SECONDS
