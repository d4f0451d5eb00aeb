"""Makes the dictionary of the codec: `python -m tests.support.dictionary FILE`.

Out of the sample records, as they come and as they are kept. A change of the one in force makes what is kept
unreadable: another one needs a name of its own beside it, and a codec that knows both.
"""

import sys
from pathlib import Path

import msgspec
import zstandard

from unioncat.matching import extract
from unioncat.normalise import PROFILES, normalise
from unioncat.sample.generate import records
from unioncat.sample.members import MEMBERS

BYTES = 8192
"""Half and twice the size gained nothing, or took longer."""


def dictionary() -> bytes:
    """Train it on every second sample record."""
    formats = {member.code: member.format for member in MEMBERS}
    encode = msgspec.json.Encoder().encode
    texts: list[bytes] = []
    for record in [one for one in records() if not one.deleted][::2]:
        payload = record.payload
        texts.append(payload)
        bib = normalise(payload, formats[record.member], PROFILES["marc21"]).bib
        if bib is not None:
            texts += [encode(bib), encode(extract(bib))]
    return zstandard.train_dictionary(BYTES, texts, level=3).as_bytes()


if __name__ == "__main__":
    Path(sys.argv[1]).write_bytes(dictionary())
