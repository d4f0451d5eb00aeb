"""What all shapes on the wire share: how they are made from domain objects and written as JSON.

Missing values are left out of answers; unknown fields in requests are refused.
"""

from typing import Any, Self

from fastapi import Response
from pydantic import BaseModel, ConfigDict

from unioncat.domain.licence import Licence, LicenceCode

JSON = "application/json"


class Out(BaseModel):
    """An answer; `of` reads it from a domain object with the same field names."""

    model_config = ConfigDict(from_attributes=True, frozen=True)

    @classmethod
    def of(cls, source: object) -> Self:
        """Make the answer from a domain object."""
        return cls.model_validate(source, from_attributes=True)


class LicenceOut(Out):
    """What a library says of the use of its records: an SPDX identifier, `unknown` or `stated` in words."""

    code: LicenceCode
    words: str | None = None
    url: str | None = None
    """Address of the licence's text."""

    @classmethod
    def of(cls, source: object) -> Self:
        """Describe a licence."""
        if not isinstance(source, Licence):
            raise TypeError(source)
        return cls(code=source.code, words=source.words or None, url=source.url)


def to_json(model: BaseModel) -> bytes:
    """Write a model as JSON without the missing values."""
    return model.__pydantic_serializer__.to_json(model, exclude_none=True, by_alias=True)


def answer(
    model: BaseModel, status: int = 200, headers: dict[str, str] | None = None, media_type: str = JSON
) -> Response:
    """Answer with a model. Skips FastAPI's second validation, which costs more than the rest of a request."""
    return Response(to_json(model), status, headers, media_type)


def example(value: Any) -> ConfigDict:
    """Configuration of an answer with an example for the documentation."""
    return ConfigDict(from_attributes=True, frozen=True, json_schema_extra={"examples": [value]})
