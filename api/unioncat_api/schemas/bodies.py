"""What operators send: the same shapes as in a members file, kept to what the store can hold.

A field that is not known is an error, so that a slip does not pass in silence.
"""

import math
from typing import Annotated

from pydantic import Field, model_validator

from unioncat.flow import register

LARGEST = 2**31 - 1
"""PostgreSQL's integer."""
DEEPEST = 8
Whole = Annotated[int, Field(ge=0, le=LARGEST)]


def sound(value: object, depth: int = 0) -> object:
    """Refuse what the store cannot hold: control characters, lone surrogates, numbers that are none."""
    if depth > DEEPEST:
        raise ValueError("is nested too deeply")
    if isinstance(value, str) and any(ord(one) < 32 or 0xD800 <= ord(one) <= 0xDFFF for one in value):
        raise ValueError("contains control characters")
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError("contains a number without end")
    if isinstance(value, dict):
        for key, item in value.items():
            sound(key, depth + 1)
            sound(item, depth + 1)
    elif isinstance(value, list):
        for item in value:
            sound(item, depth + 1)
    return value


class LibraryBody(register.LibraryIn):
    """A library; `audience` is the code of an audience."""

    @model_validator(mode="before")
    @classmethod
    def _sound(cls, value: object) -> object:
        return sound(value)


class GroupBody(register.GroupIn):
    """A group of libraries that no geography gives."""

    @model_validator(mode="before")
    @classmethod
    def _sound(cls, value: object) -> object:
        return sound(value)


class SourceBody(register.SourceIn):
    """A source; its state is not part of it: pausing has its own request."""

    every_minutes: Whole = 1440
    overlap_seconds: Whole = 86400

    @model_validator(mode="before")
    @classmethod
    def _sound(cls, value: object) -> object:
        return sound(value)
