"""Mutated answers are read whole or refused: no other error, bounded memory and time.

`UNIONCAT_FUZZ=100000` tries more of them.
"""

import io
import os
import random
import resource
import time
import zlib
from xml.parsers.expat import ParserCreate

from tests.harvester import servers as s
from tests.harvester.repository import Item, day
from unioncat.domain.source import RawRecord
from unioncat_harvester.readers.oaipmh import cut
from unioncat_harvester.readers.oaipmh.scan import read
from unioncat_harvester.transport import Refused, Unusable, inflate

FUZZED = int(os.environ.get("UNIONCAT_FUZZ", "2500"))
HEADERS = s.envelope(
    "<ListIdentifiers>"
    + "".join(Item(n, day(n), deleted=n % 3 == 0, sets=("a:b",)).header(True) for n in range(12))
    + s.token(1, "t2")
    + "</ListIdentifiers>"
)
SEEDS = [
    ("ListRecords", s.page_text(2).encode()),
    ("ListRecords", s.page_text(2).replace(s.ROOT, "<OAI-PMH>").encode("utf-16")),
    (
        "ListRecords",
        s.listing(s.record(1, metadata="<dc><t><![CDATA[a&b]]></t><!-- x --></dc>"), "").encode(),
    ),
    ("ListIdentifiers", HEADERS.encode()),
    ("GetRecord", s.envelope(f"<GetRecord>{s.record(7)}</GetRecord>").encode()),
    ("Identify", s.envelope(s.IDENTIFY.format(base="x", deleted="no", granularity="YYYY-MM-DD")).encode()),
    ("ListRecords", s.error("noRecordsMatch", "nothing").encode()),
]
PIECES = [
    b"<", b">", b"&", b"&#0;", b"&#xD800;", b"]]>", b"<![CDATA[", b"<!--", b"-->", b"<!DOCTYPE x [", b"\x00",
    b"\xff\xfe", b"\xef\xbb\xbf", b"</OAI-PMH>", b"<OAI-PMH>", b"<record>", b"</record>", b"</metadata>",
    b"<header", b'xmlns="', b"xmlns:a='b'", b"\x1f\x8b", b"<?xml version='1.0' encoding='utf-7'?>", b"'" * 50,
    b"a:" * 30,
    "ế".encode(), "ế".encode()[:2], b"<a " * 40, b"<a>" * 200, b"resumptionToken", b"status='deleted'",
]  # fmt: skip


def mutated(rng: random.Random, data: bytes) -> bytes:
    """Change an answer in one to three places."""
    made = bytearray(data)
    for _ in range(rng.randint(1, 3)):
        place, length = rng.randrange(len(made) + 1), rng.choice((0, 1, 2, 8, 64, 900))
        match rng.randrange(6):
            case 0:
                made[place : place + length] = rng.choice(PIECES)
            case 1:
                made[place : place + length] = rng.randbytes(length)
            case 2:
                del made[place : place + length]
            case 3:
                made[place:place] = made[place : place + length]
            case 4:
                del made[place:]
            case _:
                other = rng.randrange(len(made) + 1)
                made[place : place + length] = made[other : other + length]
        if not made:
            made = bytearray(b"<")
    return bytes(made)


def taken(verb: str, data: bytes) -> int:
    """Read an answer as the harvester does; the number of its records."""
    body = io.BytesIO()
    for piece in inflate(iter([data[:700], data[700:]])):
        body.write(piece)
    body.seek(0)
    reading = read(body, verb)
    if verb == "ListIdentifiers":
        found = list(cut.listed(reading.body, reading.scanned))
    else:
        found = list(cut.batches(reading.body, reading.scanned, "marc21"))
    count = sum(len(b.records) + len(b.quarantined) + len(b.listed) + b.listed_deleted for b in found)
    assert count == reading.scanned.received
    for batch in found:
        for record in batch.records:
            assert isinstance(record, RawRecord)
            assert record.local_id
            if record.payload:
                ParserCreate("utf-8", "\n").Parse(record.payload, True)
    reading.close()
    return count


def test_mutated_answers_are_read_or_refused() -> None:
    rng = random.Random(20241101)
    begin, before = time.monotonic(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    read_, refused, slowest = 0, 0, 0.0
    for number in range(FUZZED):
        verb, seed = SEEDS[number % len(SEEDS)]
        data = mutated(rng, seed)
        started = time.monotonic()
        try:
            taken(verb, data)
            read_ += 1
        except (Unusable, Refused, zlib.error):  # the transport makes the last one Unusable
            refused += 1
        except BaseException:
            print(f"number {number}, verb {verb}: {data!r}")
            raise
        slowest = max(slowest, time.monotonic() - started)
    print(
        f"{read_} read, {refused} refused, {time.monotonic() - begin:.0f} s, slowest {slowest * 1000:.0f} ms"
    )
    assert read_ > FUZZED // 20
    assert refused > FUZZED // 20
    assert slowest < 2
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert grown < 150 * 1024, "memory grew by more than 150 MB"
