"""Where the next page of a list begins, as a text for addresses: a moment and an id, nothing else."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import datetime
from uuid import UUID

from unioncat_api.problems import ProblemError

Place = tuple[datetime, UUID]
LONGEST = 120


def written_place(place: Place | None) -> str:
    """Write a place; empty where there is none."""
    if place is None:
        return ""
    return urlsafe_b64encode(f"{place[0].isoformat()} {place[1]}".encode()).rstrip(b"=").decode()


def place_of(text: str) -> Place | None:
    """Read a place; none is the beginning. Raises a problem for one that is not ours."""
    if not text:
        return None
    try:
        if len(text) > LONGEST:
            raise ValueError
        moment, _, number = urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode("ascii").partition(" ")
        found = datetime.fromisoformat(moment)
        if found.tzinfo is None:
            raise ValueError
        return found, UUID(number)
    except ValueError:
        raise ProblemError("bad-cursor", "The cursor is damaged.") from None
