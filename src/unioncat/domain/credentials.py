"""What opens the endpoint of a source: a user's name and password, or headers such as an API key's.

They are not shown when printed, and go to the scheme, host and port for which they were given, to no other.
"""

import re
from base64 import b64decode, b64encode
from binascii import Error as NotBase64
from dataclasses import dataclass, field, replace
from urllib.parse import unquote, urlsplit, urlunsplit

from unioncat.domain.source import Source
from unioncat.domain.target import endpoint

MAX_LENGTH = 4096
_HEADER = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}\Z")
_OURS = frozenset(
    {"accept", "accept-encoding", "connection", "content-length", "content-type", "cookie", "host"}
    | {"te", "trailer", "transfer-encoding", "upgrade", "user-agent"}
)
"""Headers that no credential may be: those by which requests are framed or say who asks."""
SECRET_OPTIONS = frozenset(
    {"api-key", "api_key", "apikey", "authorization", "cookie", "pass", "passwd", "password", "pwd", "secret"}
    | {"user", "username"}
)
"""Names that a source's options may not have: what they would hold belongs into credentials."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """Credentials of one source."""

    user: str | None = field(default=None, repr=False)
    password: str | None = field(default=None, repr=False)
    headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    """Further headers of HTTP, such as an API key's."""

    @property
    def http(self) -> dict[str, str]:
        """The headers of HTTP that carry them (RFC 7617)."""
        sent = dict(self.headers)
        if self.user is not None:
            pair = f"{self.user}:{self.password or ''}".encode()
            sent["Authorization"] = "Basic " + b64encode(pair).decode("ascii")
        return sent

    @property
    def carried(self) -> tuple[str, ...]:
        """What goes over the wire and is found in no catalogue: values of headers without a scheme's name."""
        values = (value.rpartition(" ")[2] for value in self.http.values())
        return tuple(value for value in values if len(value) >= 12)

    @property
    def hidden(self) -> tuple[str, ...]:
        """Everything that must not be seen in messages: the password and the values of headers."""
        words = (self.password or "", *self.http.values(), *self.carried)
        return tuple(sorted((word for word in words if len(word) > 3), key=len, reverse=True))

    def complaint(self) -> str | None:
        """Say what makes them unusable, never with their text; none where all is well."""
        if self.user is None and not self.headers:
            return "there is neither a user's name nor a header"
        if self.user is None and self.password is not None:
            return "there is a password without a user's name"
        if self.user is not None and ":" in self.user:
            return "a user's name cannot hold a colon (RFC 7617)"
        for name, value in self.headers:
            if not _HEADER.match(name) or name.lower() in _OURS:
                return f"{name[:100]!r} cannot be a header of credentials"
            if not value.isascii():
                return f"the value of header {name} holds characters that headers cannot hold"
        texts = [self.user or "", self.password or "", *(value for _, value in self.headers)]
        if any(len(text) > MAX_LENGTH or not text.isprintable() for text in texts):
            return f"a value is longer than {MAX_LENGTH} characters or holds control characters"
        return None


def place_of(address: str) -> str:
    """Give scheme, host and port of an address: to whom credentials may go; empty where it is none."""
    scheme, host, port = endpoint(address)
    if not scheme or not host:
        return ""
    shown = f"[{host}]" if ":" in host else host
    return f"{scheme}://{shown}" + (f":{port}" if port else "")


def without_credentials(source: Source) -> tuple[Source, Credentials | None]:
    """Take credentials out of a source that carries them openly: the option `authorization`, the address.

    Those of the option win. A source without any is given back as it is.
    """
    options = dict(source.options)
    header = options.pop("authorization", None)
    address, found = _without_login(source.address)
    if header is None and found is None:
        return source, None
    if header is not None:
        found = _of_header(header)
    return replace(source, address=address, options=tuple(sorted(options.items()))), found


def has_login(address: str) -> bool:
    """Tell whether a user's name stands in an address."""
    return _without_login(address)[1] is not None


def _without_login(address: str) -> tuple[str, Credentials | None]:
    try:
        parts = urlsplit(address)
        user, password = parts.username, parts.password
    except ValueError:
        return address, None
    if user is None:
        return address, None
    bare = urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))
    return bare, Credentials(unquote(user), unquote(password or "")) if user else Credentials()


def _of_header(value: str) -> Credentials:
    scheme, _, text = value.strip().partition(" ")
    if scheme.lower() == "basic":
        try:
            user, mark, password = b64decode(text.strip(), validate=True).decode().partition(":")
        except (NotBase64, ValueError):
            mark = ""
        if mark:
            return Credentials(user, password)
    return Credentials(headers=(("Authorization", value.strip()),))
