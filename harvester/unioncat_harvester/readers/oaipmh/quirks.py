"""Switches of one OAI-PMH source, read from its options."""

from dataclasses import dataclass
from typing import Self

from unioncat.domain.source import Source
from unioncat_harvester.markup.encoding import codec_name
from unioncat_harvester.reader import SourceError

OPTIONS = {
    "granularity": "day or seconds: how `from` is written, where Identify is wrong",
    "selective": "no: the server does not understand `from`; every run fetches the whole list",
    "token": "verbatim: the server wants its resumption tokens back unencoded",
    "token-prefix": "yes: the server wants metadataPrefix beside a resumption token, against the protocol",
    "encoding": "what the pages are really in (for example cp1258), where they say something else",
}
"""Names of the options and what they do; other options are not for this reader."""


@dataclass(frozen=True, slots=True)
class Quirks:
    """The options of a source, checked."""

    granularity: str | None = None
    selective: bool = True
    verbatim_token: bool = False
    prefix_with_token: bool = False
    encoding: str | None = None

    @classmethod
    def of(cls, source: Source) -> Self:
        """Read the options of a source. Raises `SourceError` for a value that means nothing."""
        given = dict(source.options)

        def choice(name: str, *values: str) -> str | None:
            value = given.get(name)
            if value is not None and value not in values:
                raise SourceError(
                    f"option {name} is {value!r}",
                    f"Set it to {' or '.join(values)}, or leave it out.",
                    source=source.code,
                )
            return value

        encoding = given.get("encoding")
        if encoding is not None and codec_name(encoding) is None:
            raise SourceError(
                f"option encoding names no character set that is known: {encoding!r}",
                "Write it as in windows-1258, iso-8859-1 or utf-8.",
                source=source.code,
            )
        return cls(
            granularity=choice("granularity", "day", "seconds"),
            selective=choice("selective", "yes", "no") != "no",
            verbatim_token=choice("token", "verbatim", "encoded") == "verbatim",
            prefix_with_token=choice("token-prefix", "yes", "no") == "yes",
            encoding=encoding,
        )
