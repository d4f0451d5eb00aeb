"""Diagnostics of SRU (info:srw/diagnostic/1): their meaning in words, and what a person can do about each.

A number that is not listed is still shown with what the server says of it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from lxml import etree

_ASK = "Ask the server's operator what this means."
_LATER = "Harvest again later; if it stays so, tell the server's operator."
_ADDRESS = "Compare the address and the option version with what the library's operator says."
_QUERY = "Set the option query to one that the server understands; `probe` tries the usual ones."
_INDEX = "Use an index that the server has (`probe` lists them) in the options query, slices and changed."
_TERM = "Write the terms in the options query, slices and changed the way this index wants them."
_SIMPLER = (
    "Slice or query another way: `terms` and `prefixes` make long queries, `days` and `numbers` short ones."
)
_SMALLER = "Set the options cap and slices, so that the harvest goes by parts."
_SCHEMA = "Set the source's format to a schema that the server has (`probe` lists them), or to auto."
_LET_IN = (
    "Ask the library to let this service in, or for credentials, to be set by `unioncat source credentials`."
)
_PACKING = "Set the option packing to string, or to any."
_SORT = "Leave out `sortby` in the option query."

DIAGNOSTICS: Mapping[int, tuple[str, str]] = {
    1: ("general system error", _LATER),
    2: ("system temporarily unavailable", _LATER),
    3: ("authentication error", _LET_IN),
    4: ("unsupported operation", _ADDRESS),
    5: ("unsupported version", "Set the option version to 1.1, 1.2 or 2.0, as the server's operator says."),
    6: ("unsupported parameter value", _ADDRESS),
    7: ("mandatory parameter not supplied", _ADDRESS),
    8: ("unsupported parameter", _ADDRESS),
    9: ("unsupported combination of parameters", _ADDRESS),
    10: ("query syntax error", _QUERY),
    11: ("unsupported query type", _QUERY),
    12: ("too many characters in query", _SIMPLER),
    13: ("invalid or unsupported use of parentheses", _SIMPLER),
    14: ("invalid or unsupported use of quotes", _TERM),
    15: ("unsupported context set", _INDEX),
    16: ("unsupported index", _INDEX),
    17: ("unsupported combination of index and context set", _INDEX),
    18: ("unsupported combination of indexes", _INDEX),
    19: ("unsupported relation", _INDEX),
    20: ("unsupported relation modifier", _QUERY),
    21: ("unsupported combination of relation modifiers", _QUERY),
    22: ("unsupported combination of relation and index", _INDEX),
    23: ("too many characters in term", _TERM),
    24: ("unsupported combination of relation and term", _TERM),
    25: ("special characters not quoted in term", _TERM),
    26: ("non special character escaped in term", _TERM),
    27: ("empty term unsupported", _TERM),
    28: ("masking character not supported", "Slice by `days`, `numbers` or `terms` instead of `prefixes`."),
    29: ("masked words too short", "Slice by `days`, `numbers` or `terms` instead of `prefixes`."),
    30: ("too many masking characters in term", _TERM),
    31: ("anchoring character not supported", _TERM),
    32: ("anchoring character in unsupported position", _TERM),
    33: ("combination of proximity/adjacency and masking characters not supported", _QUERY),
    34: ("combination of proximity/adjacency and anchoring characters not supported", _QUERY),
    35: ("term contains only stopwords", _TERM),
    36: ("term in invalid format for index or relation", _TERM),
    37: (
        "unsupported boolean operator",
        "This server cannot be read in slices: ask its operator to raise its cap.",
    ),
    38: ("too many boolean operators in query", _SIMPLER),
    39: ("proximity not supported", _QUERY),
    40: ("unsupported proximity relation", _QUERY),
    41: ("unsupported proximity distance", _QUERY),
    42: ("unsupported proximity unit", _QUERY),
    43: ("unsupported proximity ordering", _QUERY),
    44: ("unsupported combination of proximity modifiers", _QUERY),
    45: ("prefix assigned to multiple identifiers", _QUERY),
    46: ("unsupported boolean modifier", _QUERY),
    47: ("cannot process query; reason unknown", _QUERY),
    48: ("query feature unsupported", _QUERY),
    49: ("masking character in unsupported position", _TERM),
    50: ("result sets not supported", _ASK),
    51: ("result set does not exist", _ASK),
    52: ("result set temporarily unavailable", _LATER),
    53: ("result sets only supported for retrieval", _ASK),
    54: ("retrieval may only occur from an existing result set", _ASK),
    55: ("combination of result sets with search terms not supported", _ASK),
    56: ("only combination of single result set with search terms supported", _ASK),
    57: ("result set created but no records available", _SMALLER),
    58: ("result set created with unpredictable partial results available", _SMALLER),
    59: ("result set created with valid partial results available", _SMALLER),
    60: ("result set not created: too many matching records", _SMALLER),
    61: ("first record position out of range", _SMALLER),
    62: ("negative number of records requested", _ASK),
    63: ("system error in retrieving records", _LATER),
    64: ("record temporarily unavailable", _LATER),
    65: ("record does not exist", _LATER),
    66: ("unknown schema for retrieval", _SCHEMA),
    67: ("record not available in this schema", _SCHEMA),
    68: ("not authorised to send record", _LET_IN),
    69: ("not authorised to send record in this schema", _SCHEMA),
    70: ("record too large to send", "Ask the server's operator to raise the limit for one record."),
    71: ("unsupported record packing", _PACKING),
    72: ("XPath retrieval unsupported", _ASK),
    73: ("XPath expression contains unsupported feature", _ASK),
    74: ("unable to evaluate XPath expression", _ASK),
    80: ("sort not supported", _SORT),
    81: ("unsupported sort type", _SORT),
    82: ("unsupported sort sequence", _SORT),
    83: ("too many records to sort", _SORT),
    84: ("too many sort keys to sort", _SORT),
    85: ("duplicate sort keys", _SORT),
    86: ("cannot sort: incompatible record formats", _SORT),
    87: ("unsupported schema for sort", _SORT),
    88: ("unsupported path for sort", _SORT),
    89: ("path unsupported for schema", _SORT),
    90: ("unsupported direction value", _SORT),
    91: ("unsupported case value", _SORT),
    92: ("unsupported missing value action", _SORT),
    93: ("sort ended due to missing value", _SORT),
    94: ("sort specified both in query and in request: the query prevails", _SORT),
    95: ("sort specified both in query and in request: the request prevails", _SORT),
    96: ("sort specified both in query and in request", _SORT),
    100: ("explain not supported", _ASK),
    101: ("explain request type not supported (SOAP vs GET)", _ADDRESS),
    102: ("explain record temporarily unavailable", _LATER),
    110: ("stylesheets not supported", _ASK),
    111: ("unsupported stylesheet", _ASK),
    120: ("response position out of range", "Slice by `days`, `numbers` or `prefixes` instead of `terms`."),
    121: ("too many terms requested", "Slice by `days`, `numbers` or `prefixes` instead of `terms`."),
    235: (
        "database does not exist",
        "Correct the address: the database is usually the last part of its path.",
    ),
    236: ("access to specified database denied", _LET_IN),
}
"""Meaning and remedy of each number (SRU diagnostics list; 235 and 236 come from Z39.50)."""

UNSUPPORTED_VERSION, EMPTY_TERM, OUT_OF_RANGE, TOO_MANY = 5, 27, 61, 60
PASSING = frozenset({1, 2, 52, 63, 64})
"""Those that may be gone at the next try."""
CAPS = frozenset({57, 58, 59, TOO_MANY, OUT_OF_RANGE})
"""Those by which a server says that it shows no more."""


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One diagnostic as it came. `number` is none for one of another set."""

    number: int | None
    uri: str = ""
    details: str = ""
    message: str = ""

    @property
    def text(self) -> str:
        """Say it in words: the number, its meaning, and what the server adds."""
        meaning = self._known[0]
        name = (
            f"diagnostic {self.number}"
            if self.number is not None
            else f"diagnostic {self.uri or 'without uri'}"
        )
        said = self.message if self.message.lower().rstrip(".") != meaning else ""
        return ": ".join(part[:300] for part in (name, meaning, said, self.details) if part)

    @property
    def remedy(self) -> str:
        """Say what a person can do about it."""
        return self._known[1]

    @property
    def _known(self) -> tuple[str, str]:
        return DIAGNOSTICS.get(-1 if self.number is None else self.number, ("", _ASK))


def read(element: etree._Element) -> Diagnostic:
    """Read a `diagnostic` element, whatever its namespace; every part of it may be missing."""
    parts = {etree.QName(one).localname: (one.text or "").strip() for one in element.iterchildren("*")}
    uri = parts.get("uri", "")
    number = uri.rpartition("/")[2] if uri.startswith("info:srw/diagnostic/1/") else uri
    known = number.isascii() and number.isdigit() and len(number) < 6
    return Diagnostic(
        int(number) if known else None,
        uri[:300],
        parts.get("details", "")[:300],
        parts.get("message", "")[:300],
    )


def text(diagnostics: Iterable[Diagnostic]) -> str:
    """Say several in words."""
    return "; ".join(one.text for one in diagnostics)
