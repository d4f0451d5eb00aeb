"""Switches of one OAI-PMH source, read from its options.

Each stands for one way in which servers leave the protocol; `probe` suggests them (`suggest.py`).
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Self

from unioncat.domain.source import Source
from unioncat_harvester.markup.encoding import codec_name
from unioncat_harvester.reader import SourceError
from unioncat_harvester.readers.oaipmh.windows import STEPS

_OFFSET = re.compile(r"([+-])(\d{1,2}):?(\d{2})")


@dataclass(frozen=True, slots=True)
class Quirks:
    """The options of a source, checked."""

    granularity: str | None = None
    selective: bool = True
    windows: timedelta | None = None
    clock: timedelta = timedelta()
    """How far `from` goes back; never negative."""
    verbatim_token: bool = False
    prefix_with_token: bool = False
    charset: str | None = None

    @classmethod
    def of(cls, source: Source) -> Self:
        """Read the options of a source. Raises `SourceError` for a value that means nothing."""
        given = dict(source.options)

        def choice(name: str, *values: str) -> str | None:
            value = given.get(name)
            if value is not None and value not in values:
                raise _wrong(source, name, value, f"Set it to {' or '.join(values)}, or leave it out.")
            return value

        def meant(name: str, read: Callable[[str], object], remedy: str) -> None:
            value = given.get(name)
            if value is not None and read(value) is None:
                raise _wrong(source, name, value, remedy)

        meant("charset", codec_name, "Write it as in windows-1258, iso-8859-1 or utf-8.")
        meant("clock", offset, "Write it as in +07:00.")
        step = choice("windows", *STEPS)
        return cls(
            granularity=choice("granularity", "day", "seconds"),
            selective=choice("selective", "yes", "no") != "no",
            windows=STEPS[step] if step else None,
            clock=abs(offset(given.get("clock", "")) or timedelta()),
            verbatim_token=choice("token", "verbatim", "encoded") == "verbatim",
            prefix_with_token=choice("token-prefix", "yes", "no") == "yes",
            charset=given.get("charset"),
        )


def offset(text: str) -> timedelta | None:
    """Read a distance from UTC; none for anything else."""
    found = _OFFSET.fullmatch(text.strip())
    if found is None or int(found[2]) > 14 or int(found[3]) > 59:
        return None
    distance = timedelta(hours=int(found[2]), minutes=int(found[3]))
    return -distance if found[1] == "-" else distance


def _wrong(source: Source, name: str, value: str, remedy: str) -> SourceError:
    return SourceError(f"option {name} means nothing: {value!r}", remedy, source=source.code)
