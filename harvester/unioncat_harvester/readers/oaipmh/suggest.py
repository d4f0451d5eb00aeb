"""Trying out how a server bears what a harvest will ask of it, and the switches that would help.

Every trial is one request or two; what a server refuses here is a finding, never a failure of the probe.
"""

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from sickle import oaiexceptions

from unioncat.domain.source import Source
from unioncat.domain.switches import Suggestion
from unioncat_harvester.reader import Page, SourceError
from unioncat_harvester.readers.oaipmh import dates, survey
from unioncat_harvester.readers.oaipmh.client import Client, PageResponse
from unioncat_harvester.readers.oaipmh.faults import OAI_ERRORS
from unioncat_harvester.readers.oaipmh.quirks import Quirks
from unioncat_harvester.readers.oaipmh.scan import OAI

SKEW = timedelta(minutes=25)
SHORT_LIFE = timedelta(minutes=10)
LARGE_RECORDS, LARGE_BYTES = 5000, 20 * 1024 * 1024
"""A first page beyond these is a whole list on one page."""
CHARSETS = ("windows-1258", "windows-1252")
_MARKS = frozenset("\u0300\u0301\u0303\u0309\u0323")
_VIETNAMESE = frozenset("đĐơƠưƯăĂ")
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Trial:
    """What is tried out, and with what."""

    source: Source
    quirks: Quirks
    client: Client
    format: str
    seconds: bool
    """Whether Identify speaks of seconds."""

    def suggestions(self, page: Page) -> Iterator[Suggestion]:
        """Try everything and say what would help; `page` is the first one of the list."""
        response = self.client.listed
        if response is not None:
            yield from self._clock(response)
            yield from self._length(page, response)
        yield from self._charset()
        yield from self._token(page)
        yield from self._dates()
        yield from self._identifiers()

    def _clock(self, response: PageResponse) -> Iterator[Suggestion]:
        shift = response.shift
        if shift is None or abs(shift) < SKEW or self.quirks.clock:
            return
        quarters = round(shift / timedelta(minutes=15))
        sign, hours, minutes = "-" if quarters < 0 else "+", *divmod(abs(quarters) * 15, 60)
        yield Suggestion(
            "clock", f"{sign}{hours:02}:{minutes:02}", "The server labels its local time as UTC (Z)."
        )

    def _length(self, page: Page, response: PageResponse) -> Iterator[Suggestion]:
        if self.quirks.windows:
            return
        token = response.xml.find(f"{OAI}ListRecords/{OAI}resumptionToken")
        if page.checkpoint.finished and (page.received > LARGE_RECORDS or page.size > LARGE_BYTES):
            reason = f"The whole list of {page.received:,} records comes on one page: read it year by year."
            yield Suggestion("windows", "year", reason)
        ends = dates.parse(token.get("expirationDate")) if token is not None else None
        now = response.said_date
        if ends and now and timedelta() <= ends - now < SHORT_LIFE:
            reason = (
                f"The server's tokens live {(ends - now).total_seconds():.0f} seconds only: read short lists."
            )
            yield Suggestion("windows", "month", reason)

    def _charset(self) -> Iterator[Suggestion]:
        if self.quirks.charset or not self.client.odd:
            return
        for name in CHARSETS:
            if _reads_well(self.client.odd, name):
                yield Suggestion("charset", name, f"The pages say UTF-8, but read well as {name}.")
                return

    def _token(self, page: Page) -> Iterator[Suggestion]:
        """Ask for the second page, as it should be done and as some servers want it."""
        token = page.checkpoint.token
        if token is None:
            return
        size = page.checkpoint.list_size
        second = self._second(self.quirks, token)
        if isinstance(second, PageResponse):
            told = survey.number(
                second.xml.find(f"{OAI}ListRecords/{OAI}resumptionToken"), "completeListSize"
            )
            if size is not None and (size < page.received or (told is not None and told != size)):
                reason = f"The server announces {size} records, then {told if told is not None else 'none'}."
                yield Suggestion("assertions.trust_list_size", "false", reason)
            return
        if not second:
            return
        others = (
            ("token", "verbatim", replace(self.quirks, verbatim_token=True)),
            ("token-prefix", "yes", replace(self.quirks, prefix_with_token=True)),
        )
        for name, value, quirks in others:
            if isinstance(self._second(quirks, token), PageResponse):
                yield Suggestion(name, value, "The server refuses its own resumption token without this.")
                return

    def _second(self, quirks: Quirks, token: str) -> PageResponse | bool:
        """Give the page after a token, or whether the token itself was refused."""
        self.client.quirks = quirks
        try:
            response: PageResponse = next(self.client.ListRecords(resumptionToken=token))
        except (oaiexceptions.BadResumptionToken, oaiexceptions.BadArgument):
            return True
        except (SourceError, *OAI_ERRORS):
            return False
        finally:
            self.client.quirks = self.quirks
        response.close()
        return response

    def _dates(self) -> Iterator[Suggestion]:
        """Ask for the last two days, in the server's granularity and in whole days."""
        if not self.quirks.selective or self.quirks.granularity:
            return
        since = datetime.now(UTC) - 2 * DAY
        kept = self._since(since, seconds=self.seconds)
        if kept is True:
            return
        if kept is None and self.seconds and self._since(since, seconds=False):
            yield Suggestion("granularity", "day", "The server refuses dates with seconds, but takes days.")
            return
        reason = "refuses" if kept is None else "does not keep to"
        yield Suggestion(
            "selective", "no", f"The server {reason} `from`: every harvest fetches the whole list."
        )

    def _since(self, since: datetime, *, seconds: bool) -> bool | None:
        """Tell whether the server keeps to `from`; none if it refuses it."""
        arguments = {"metadataPrefix": self.format, "from": dates.write(since, seconds=seconds)}
        if self.source.set:
            arguments["set"] = self.source.set
        try:
            response: PageResponse = next(self.client.ListRecords(**arguments))
        except oaiexceptions.NoRecordsMatch:
            return True
        except oaiexceptions.BadArgument:
            return None
        except (SourceError, *OAI_ERRORS):
            return True
        older = newer = 0
        for entries in response.reading.scanned.entries():
            for entry in entries:
                moment = dates.parse(entry.said.get("datestamp"))
                if moment is not None:
                    older += moment < since - DAY
                    newer += moment >= since - DAY
        response.close()
        return older <= newer

    def _identifiers(self) -> Iterator[Suggestion]:
        if self.source.reconcile_days is not None:
            return
        try:
            next(self.client.ListIdentifiers(metadataPrefix=self.format)).close()
        except oaiexceptions.NoRecordsMatch:
            return
        except (SourceError, *OAI_ERRORS):
            reason = "The server cannot list identifiers, so only harvests in full find what vanishes."
            yield Suggestion("reconcile_days", "0", reason)


def _reads_well(data: bytes, codec: str) -> bool:
    """Tell whether bytes are plausible text in an encoding: letters where they are not ASCII."""
    try:
        data.decode("utf-8")
        return False
    except UnicodeDecodeError:
        pass
    try:
        strange = [letter for letter in data.decode(codec) if letter > "\x7f"]
    except UnicodeDecodeError:
        return False
    good = sum(unicodedata.category(letter)[0] in "LMP" for letter in strange)
    if not strange or good < 0.95 * len(strange):
        return False
    return codec != "windows-1258" or any(letter in _MARKS or letter in _VIETNAMESE for letter in strange)
