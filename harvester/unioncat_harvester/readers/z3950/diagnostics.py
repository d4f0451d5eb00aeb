"""Diagnostics of the set Bib-1: their meaning in words, and what a person can do about each.

Texts follow the registry (1.2.840.10003.4.1); other numbers are still shown with what the target added.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from unioncat_harvester.readers.z3950 import oids


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One diagnostic as received; `added` is the target's own remark."""

    code: int
    added: str = ""
    set: str = oids.BIB1_DIAGNOSTICS

    @property
    def text(self) -> str:
        """Say what it means, with the target's remark."""
        known = TEXTS.get(self.code) if self.set == oids.BIB1_DIAGNOSTICS else None
        said = f"diagnostic {self.code}" + (f", {known}" if known else "")
        return f"{said} ({self.added[:300]})" if self.added.strip() else said

    @property
    def remedy(self) -> str:
        """Say what a person can do about it."""
        if self.set != oids.BIB1_DIAGNOSTICS:
            return _ASK
        return next((words for codes, words in _REMEDIES if self.code in codes), _ASK)


OUT_OF_RANGE = 13
NO_SUCH_SET = 30
TEXTS: Mapping[int, str] = {
    1: "permanent system error",
    2: "temporary system error",
    3: "unsupported search",
    4: "terms only exclusion (stop) words",
    5: "too many argument words",
    6: "too many boolean operators",
    7: "too many truncated words",
    8: "too many incomplete subfields",
    9: "truncated words too short",
    10: "invalid format for record number in search term",
    11: "too many characters in search statement",
    12: "too many records retrieved",
    13: "present request out of range",
    14: "system error in presenting records",
    15: "record not authorised to be sent intersystem",
    16: "record exceeds preferred message size",
    17: "record exceeds exceptional record size",
    18: "result set not supported as a search term",
    19: "only single result set as search term supported",
    20: "only and-ing of a single result set as search term supported",
    21: "result set exists and replace indicator is off",
    22: "result set naming not supported",
    23: "specified combination of databases not supported",
    24: "element set names not supported",
    25: "specified element set name not valid for specified database",
    26: "only generic form of element set name supported",
    27: "result set no longer exists: unilaterally deleted by target",
    28: "result set is in use",
    29: "one of the specified databases is locked",
    30: "specified result set does not exist",
    31: "resources exhausted: no results available",
    32: "resources exhausted: unpredictable partial results available",
    33: "resources exhausted: valid subset of results available",
    100: "unspecified error",
    101: "access-control failure",
    102: "challenge required, could not be issued: operation terminated",
    103: "challenge required, could not be issued: record not included",
    104: "challenge failed: record not included",
    105: "terminated at origin request",
    106: "no abstract syntaxes agreed to for this record",
    107: "query type not supported",
    108: "malformed query",
    109: "database unavailable",
    110: "operator unsupported",
    111: "too many databases specified",
    112: "too many result sets created",
    113: "unsupported attribute type",
    114: "unsupported use attribute",
    115: "unsupported term value for use attribute",
    116: "use attribute required but not supplied",
    117: "unsupported relation attribute",
    118: "unsupported structure attribute",
    119: "unsupported position attribute",
    120: "unsupported truncation attribute",
    121: "unsupported attribute set",
    122: "unsupported completeness attribute",
    123: "unsupported attribute combination",
    124: "unsupported coded value for term",
    125: "malformed search term",
    126: "illegal term value for attribute",
    127: "unparsable format for un-normalised value",
    128: "illegal result set name",
    129: "proximity search of sets not supported",
    130: "illegal result set in proximity search",
    131: "unsupported proximity relation",
    132: "unsupported proximity unit code",
    201: "proximity not supported with this attribute combination",
    202: "unsupported distance for proximity",
    203: "ordered flag not supported for proximity",
    205: "only zero step size supported for scan",
    206: "specified step size not supported for scan",
    207: "cannot sort according to sequence",
    208: "no result set name supplied on sort",
    209: "generic sort not supported (database-specific sort only)",
    210: "database-specific sort not supported",
    211: "too many sort keys",
    212: "duplicate sort keys",
    213: "unsupported missing data action",
    214: "illegal sort relation",
    215: "illegal case value",
    216: "illegal missing data action",
    217: "segmentation: cannot guarantee records will fit in specified segments",
    218: "package name already in use",
    220: "maximum result set size exceeded",
    221: "no such package",
    222: "quota exceeded",
    223: "extended service type not supported",
    224: "permission denied on extended service: id not authorised",
    225: "permission denied on extended service: cannot modify or delete",
    226: "immediate execution failed",
    227: "immediate execution not supported for this service",
    228: "immediate execution not supported for these parameters",
    229: "no data available in requested record syntax",
    230: "malformed scan",
    231: "term type not supported",
    232: "sort: too many input results",
    233: "sort: incompatible record formats",
    234: "scan: term list not supported",
    235: "database does not exist",
    236: "access to specified database denied",
    237: "sort: illegal sort",
    238: "record not available in requested syntax",
    239: "record syntax not supported",
    240: "resources exhausted looking for satisfying terms in scan",
    241: "scan: beginning or end of term list",
    242: "segmentation: maximum segment size too small to segment record",
    243: "present: additional ranges parameter not supported",
    244: "present: composition specification parameter not supported",
    245: "type-1 query: restriction operand not supported",
    246: "type-1 query: complex attribute value not supported",
    247: "type-1 query: attribute set as part of attribute element not supported",
    1001: "malformed APDU",
    1002: "extended service: item order not supported",
    1003: "unsupported use of value list",
    1004: "attribute list not supported",
    1005: "unsupported position of first in field",
    1010: "authorisation: no user name or password",
    1011: "authorisation: bad user name or password",
    1012: "authorisation: maximum number of sessions reached",
    1013: "authorisation: already logged in",
    1014: "init/AC: authentication system error",
    1015: "init/AC: maximum number of simultaneous sessions for user name",
    1016: "init/AC: blocked network address",
    1017: "init/AC: no databases available for specified user name",
    1018: "init/AC: system temporarily out of resources",
    1019: "init/AC: system not available due to maintenance",
    1020: "init/AC: system temporarily unavailable",
    1021: "init/AC: account has expired",
    1022: "init/AC: password has expired so a new one must be supplied",
    1023: "init/AC: password has been changed by an administrator so a new one must be supplied",
    1024: "unsupported attribute",
    1025: "service not supported for this database",
    1026: "record cannot be opened because it is locked",
    1050: "general sort error",
    1051: "record not found",
    1054: "facets not supported",
    1066: "unable to convert the record",
}

_ASK = "Ask the target's operator what this diagnostic means."
_CREDENTIALS = (
    "Ask the library for user name and password of its Z39.50 service, and whether this service's address"
    " is let in; save them as the source's credentials."
)
_DATABASE = "Ask the library for the name of its database, and write it at the end of the address."
_QUERY = (
    "The target does not understand this query: choose another index (options query, slices, changed);"
    " `probe` shows which ones it answers."
)
_SYNTAX = "Set the source's format to one of those that `probe` found to work."
_LATER = "Harvest again later; if it stays so, ask the target's operator."
_RANGE = "The target shows no more of a result set: set the options cap and slices."

_REMEDIES = (
    (frozenset({101, 102, 236, *range(1010, 1018), 1021, 1022, 1023}), _CREDENTIALS),
    (frozenset({23, 29, 109, 111, 235}), _DATABASE),
    (frozenset({3, *range(4, 12), 107, 108, 110, *range(113, 133), 245, 246, 247, 1024}), _QUERY),
    (frozenset({24, 25, 26, 106, 229, 238, 239, 244, 1066}), _SYNTAX),
    (frozenset({2, 27, 28, 31, 32, 33, 112, 1018, 1019, 1020}), _LATER),
    (frozenset({12, 13, 220}), _RANGE),
)
PASSING = frozenset({2, 27, 28, 30, 112, 1012, 1015, 1018, 1020})
"""Diagnostics that may be gone at the next try, on a new connection."""
