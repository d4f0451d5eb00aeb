"""Arguments of a request, checked against the table of verbs (OAI-PMH 2.0 §4).

Whatever does not fit the table is refused before a repository is asked.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import parse_qsl

from unioncat_api.protocols.oaipmh.errors import ErrorCode, OaiError
from unioncat_api.protocols.oaipmh.writing import ILLEGAL

MOST_ARGUMENTS = 16
"""No request has more than seven; the rest is somebody trying us."""


@dataclass(frozen=True, slots=True)
class _Rule:
    required: frozenset[str] = frozenset()
    optional: frozenset[str] = frozenset()
    resumable: bool = False


_SELECTIVE = frozenset({"from", "until", "set"})
_PREFIX = frozenset({"metadataPrefix"})
RULES: Mapping[str, _Rule] = {
    "Identify": _Rule(),
    "ListMetadataFormats": _Rule(optional=frozenset({"identifier"})),
    "ListSets": _Rule(resumable=True),
    "GetRecord": _Rule(required=frozenset({"identifier", "metadataPrefix"})),
    "ListIdentifiers": _Rule(required=_PREFIX, optional=_SELECTIVE, resumable=True),
    "ListRecords": _Rule(required=_PREFIX, optional=_SELECTIVE, resumable=True),
}
TOKEN = "resumptionToken"  # noqa: S105 - the name of an argument, no secret


def decode(query: bytes) -> list[tuple[str, str]]:
    """Decode a query string or form body; raise badArgument for what is no UTF-8 or far too much."""
    try:
        return parse_qsl(
            query.decode("ascii"),
            keep_blank_values=True,
            encoding="utf-8",
            errors="strict",
            max_num_fields=MOST_ARGUMENTS,
        )
    except ValueError:
        raise OaiError(
            ErrorCode.BAD_ARGUMENT, "The arguments are not percent-encoded UTF-8, or too many."
        ) from None


def check(pairs: Sequence[tuple[str, str]]) -> dict[str, str]:
    """Check the arguments of one request and return them by name; raise badVerb or badArgument."""
    verbs = [value for name, value in pairs if name == "verb"]
    if len(verbs) != 1 or verbs[0] not in RULES:
        raise OaiError(ErrorCode.BAD_VERB, "The verb is missing, repeated or none of the six of OAI-PMH.")
    given = dict(pairs)
    if len(given) != len(pairs):
        raise OaiError(ErrorCode.BAD_ARGUMENT, "An argument is repeated.")
    verb = given["verb"]
    rule = RULES[verb]
    names = given.keys() - {"verb"}
    resumed = rule.resumable and TOKEN in names
    allowed = {TOKEN} if resumed else rule.required | rule.optional
    if not names <= allowed:
        known = ", ".join(sorted(allowed)) or "nothing"
        raise OaiError(ErrorCode.BAD_ARGUMENT, f"Beside the verb {verb} takes {known} here.")
    if not resumed and not rule.required <= names:
        missing = ", ".join(sorted(rule.required - names))
        raise OaiError(ErrorCode.BAD_ARGUMENT, f"{verb} needs {missing}.")
    if any(not value or ILLEGAL.search(value) for value in given.values()):
        raise OaiError(ErrorCode.BAD_ARGUMENT, "An argument is empty or holds characters that XML forbids.")
    return given
