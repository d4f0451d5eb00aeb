"""What a source may look like: an address that may be connected to, no open secrets, options that are known.

A name's addresses are judged when they are connected to; here only what can be seen without asking anyone.
"""

from collections.abc import Mapping

from unioncat.config import Settings
from unioncat.domain.credentials import SECRET_OPTIONS, has_login
from unioncat.domain.options import known, unknown
from unioncat.domain.source import Protocol
from unioncat.domain.target import endpoint, remedy
from unioncat.engine.samples import target_rules
from unioncat.store.errors import Conflict
from unioncat.text.encodings import ENCODINGS

SCHEMES: Mapping[Protocol, tuple[str, ...]] = {
    Protocol.OAI_PMH: ("http", "https"),
    Protocol.SRU: ("http", "https"),
    Protocol.Z3950: ("z3950", "z3950s", "z39.50"),
}
"""What an address may begin with; that of Z39.50 may also be `host:port/database`."""


def vet(settings: Settings, code: str, protocol: Protocol, address: str, options: Mapping[str, str]) -> None:
    """Refuse a source that must not be registered. Raises `Conflict` with the remedy."""
    secret = sorted(name for name in options if name.lower() in SECRET_OPTIONS)
    if secret or has_login(address):
        place = f"option {secret[0]!r}" if secret else "its address"
        raise Conflict(
            f"source {code!r}: {place} is no place for credentials",
            f"Leave them out and set them by `unioncat source credentials {code}`; they are encrypted.",
        )
    strange = unknown(protocol, options)
    if strange:
        name, meant = next(iter(strange.items()))
        guess = f"; is {meant!r} meant?" if meant else ""
        raise Conflict(
            f"source {code!r}: {protocol} has no option {name!r}{guess}",
            f"The options of {protocol} are: {', '.join(known(protocol))}.",
        )
    encoding = options.get("encoding", "auto")
    if encoding not in ("auto", *ENCODINGS):
        raise Conflict(
            f"source {code!r}: no encoding is called {encoding!r}",
            f"Choose one of: {', '.join(ENCODINGS)}; or leave the option out.",
        )
    allowed = SCHEMES.get(protocol)
    if allowed is None:
        return
    scheme, host, port = endpoint(address)
    if scheme not in allowed or not host or port is None:
        raise Conflict(
            f"source {code!r}: the address of {protocol} begins with {allowed[0]}://, and names a host",
            "Correct the address.",
        )
    refusal = target_rules(settings).refusal_of_name(host, port)
    if refusal is not None:
        raise Conflict(f"source {code!r}: {refusal}", remedy(host, port))
