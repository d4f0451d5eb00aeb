"""Answers of SRU that nobody meant: a clear refusal or records, never another error, in bounded time."""

import io
import os
import random
import time
from collections.abc import Iterator

import pytest

from tests.harvester.sru import rig
from unioncat.domain.source import Quarantined, RawRecord
from unioncat_harvester.markup import cut as cuts
from unioncat_harvester.readers.sru import answer, explain
from unioncat_harvester.readers.sru.cut import cutter
from unioncat_harvester.readers.sru.settings import VERSIONS
from unioncat_harvester.transport import Answer, Refused, Unusable

FUZZED = int(os.environ.get("UNIONCAT_FUZZ", "1500"))
"""Inputs of each kind."""
PIECES = (
    b"<", b">", b"&", b"]]>", b"<![CDATA[", b"<!--", b"-->", b"<?xml", b"&b;", b"\x00", b"\xff", b"\xe1\xbb",
    b"<!DOCTYPE a [<!ENTITY b 'c'>]>", b"</zs:record>", b"<zs:record>", b"<zs:recordData>",
    b"</zs:recordData>", b"</zs:records>", b"&#0;", b"&#xD800;", b"zs:", b' xmlns="x"', b' xmlns:zs=""',
    b"<a>" * 50,
    b"9" * 40, b"-1", b"\xef\xbb\xbf", b"&lt;", b"&amp;lt;", b'tag="001"', b"info:srw/diagnostic/1/99999999",
)  # fmt: skip


def seeds() -> list[bytes]:
    items = rig.shelf(4)
    whole = rig.SruServer(items, title="Thư viện").sound
    asked = {"query": rig.Asked("searchRetrieve", {"query": "cql.allRecords=1"}, 1, 10, 1, {})}
    asked["string"] = rig.Asked(
        "searchRetrieve", {"query": "cql.allRecords=1", "recordPacking": "string"}, 1, 10, 1, {}
    )
    asked["explain"] = rig.Asked("explain", {"version": "2.0"}, 1, 10, 1, {})
    asked["scan"] = rig.Asked("scan", {"scanClause": "rec.identifier = 1"}, 1, 10, 1, {})
    return [whole(one).encode() for one in asked.values()] + [rig.refusal(61, "x").encode()]


def mutated(seed: bytes, chance: random.Random) -> bytes:
    data = bytearray(seed)
    for _ in range(chance.randint(1, 6)):
        place = chance.randrange(len(data) + 1)
        end = min(len(data), place + chance.choice((0, 1, 2, 8, 60)))
        match chance.randrange(4):
            case 0:
                data[place:end] = chance.choice(PIECES)
            case 1:
                data[place:end] = bytes(chance.randrange(256) for _ in range(end - place))
            case 2:
                data[place:place] = data[place:end] * chance.choice((1, 2, 20))
            case _:
                del data[place:end]
    return bytes(data)


def taken(data: bytes) -> Iterator[RawRecord | Quarantined]:
    given = Answer(200, {}, io.BytesIO(data), len(data))
    response = answer.read(given, None)
    try:
        explain.read(response, VERSIONS)
        for operation in (answer.SEARCH, answer.EXPLAIN, answer.SCAN):
            try:
                answer.check(response, operation)
            except Unusable:
                continue
        for one in response.diagnostics:
            assert one.text
            assert one.remedy
        received = 0
        for batch in cuts.batches(response.reading.body, response.reading.scanned, cutter("auto", "marcxml")):
            received += len(batch.records) + len(batch.quarantined)
            yield from batch.records
            yield from batch.quarantined
        assert received == response.received
    finally:
        response.close()


def test_sound_answers_are_read() -> None:
    found = [len(list(taken(seed))) for seed in seeds()]
    assert found == [4, 4, 0, 0, 0]


@pytest.mark.parametrize("kind", range(5))
def test_fuzzed_answers_are_read_or_refused(kind: int) -> None:
    chance = random.Random(kind)
    seed = seeds()[kind]
    read = 0
    begun = time.monotonic()
    for _ in range(FUZZED):
        data = mutated(seed, chance)
        try:
            records = list(taken(data))
        except (Unusable, Refused):
            continue
        read += 1
        for one in records:
            if isinstance(one, RawRecord):
                assert 0 < len(one.local_id) <= 1000
                assert b"<!DOCTYPE" not in one.payload
            else:
                assert one.code
                assert one.detail
    assert 0 < read < FUZZED
    assert time.monotonic() - begun < max(60.0, FUZZED / 50)
