"""Dates of OAI-PMH (§3.3): UTC, in days or in seconds, as the server's Identify says."""

import re
from datetime import UTC, datetime

_DATE = re.compile(r"(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}:\d{2})(?:\.\d+)?\s*(Z|[+-]\d{2}:?\d{2})?)?")


def parse(text: str | None) -> datetime | None:
    """Read a UTCdatetime, leniently: fractions and offsets are taken; none for anything else."""
    found = _DATE.fullmatch(text.strip()) if text else None
    if found is None:
        return None
    zone = found[3] if found[3] not in (None, "Z") else "+00:00"
    try:
        return datetime.fromisoformat(f"{found[1]}T{found[2] or '00:00:00'}{zone}").astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def write(moment: datetime, *, seconds: bool) -> str:
    """Write a date in the server's granularity, rounded down so that nothing is missed."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ" if seconds else "%Y-%m-%d")
