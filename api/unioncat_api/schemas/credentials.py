"""Credentials on the wire: inwards only; what goes out says that there are some."""

from datetime import datetime
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from unioncat.domain.credentials import MAX_LENGTH, Credentials
from unioncat.store.secrets import Kept
from unioncat_api.schemas.common import Out, example

MOST_HEADERS = 10


class CredentialsBody(BaseModel):
    """A user's name with a password, or headers such as an API key's."""

    model_config = ConfigDict(
        extra="forbid",
        hide_input_in_errors=True,
        json_schema_extra={"examples": [{"user": "thuvien", "password": "…"}]},
    )

    user: str | None = Field(None, max_length=MAX_LENGTH)
    password: SecretStr | None = Field(None, max_length=MAX_LENGTH)
    headers: dict[str, SecretStr] = Field({}, max_length=MOST_HEADERS)

    def plain(self) -> Credentials:
        """Give them to the catalogue."""
        return Credentials(
            user=self.user,
            password=self.password.get_secret_value() if self.password else None,
            headers=tuple((name, value.get_secret_value()) for name, value in self.headers.items()),
        )


class CredentialsOut(Out):
    """Whether a source has credentials; `fitting`: whether it still is at the place that they are for."""

    model_config = example(
        {
            "given": True,
            "place": "https://opac.example.vn:443",
            "fitting": True,
            "set_at": "2025-11-02T03:00:00Z",
        }
    )

    given: bool
    place: str | None = None
    fitting: bool | None = None
    set_at: datetime | None = None

    @classmethod
    def standing(cls, kept: Kept | None) -> Self:
        """Describe what is kept."""
        if kept is None:
            return cls(given=False)
        return cls(given=True, place=kept.place, fitting=kept.fitting, set_at=kept.set_at)
