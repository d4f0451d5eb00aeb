"""Datestamps of OAI-PMH: UTC, to the day or to the second, and nothing else (OAI-PMH 2.0 §3.3).

Inside the provider a datestamp is always the full string; strings of this one form sort like the moments.
"""

import re
from datetime import UTC, datetime

from unioncat_api.protocols.oaipmh.errors import ErrorCode, OaiError
from unioncat_api.protocols.oaipmh.repository import Granularity

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
_SECOND = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z", re.ASCII)


def stamp(moment: datetime) -> str:
    """Write an aware moment as a full datestamp, cut to the second."""
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="seconds") + "Z"


def moment(datestamp: str) -> datetime:
    """Read a full datestamp; raise `ValueError` for anything else."""
    if not _SECOND.fullmatch(datestamp):
        raise ValueError("a datestamp has the form YYYY-MM-DDThh:mm:ssZ")
    return datetime.fromisoformat(datestamp)


def shown(datestamp: str, granularity: Granularity) -> str:
    """Cut a full datestamp to what the repository's granularity shows."""
    return datestamp[:10] if granularity is Granularity.DAY else datestamp


def bounds(since: str | None, until: str | None, granularity: Granularity) -> tuple[str | None, str | None]:
    """Read `from` and `until` as full datestamps, both inclusive; raise badArgument where they are wrong."""
    if since is not None and until is not None and len(since) != len(until):
        raise OaiError(ErrorCode.BAD_ARGUMENT, "from and until must have the same granularity.")
    first = _bound("from", since, "T00:00:00Z", granularity)
    last = _bound("until", until, "T23:59:59Z", granularity)
    if first is not None and last is not None and first > last:
        raise OaiError(ErrorCode.BAD_ARGUMENT, "from must not be later than until.")
    return first, last


def _bound(argument: str, value: str | None, rest: str, granularity: Granularity) -> str | None:
    if value is None:
        return None
    full = value + rest if _DAY.fullmatch(value) else value
    try:
        moment(full)
    except ValueError:
        raise OaiError(
            ErrorCode.BAD_ARGUMENT, f"{argument} is not a UTC datestamp of the form {granularity.value}."
        ) from None
    if granularity is Granularity.DAY and full is value:
        raise OaiError(ErrorCode.BAD_ARGUMENT, f"{argument} is finer than this repository's granularity.")
    return full
