"""The options of a source: every name that means something for a protocol, and what it does.

A name that is in none of these lists is refused at registration: a misspelt switch would be silently without
effect. Values are checked by the reader.
"""

import difflib
from collections.abc import Iterable, Mapping

from unioncat.domain.source import Protocol

EVERY: Mapping[str, str] = {
    "branch:…": "code of the library to which the records belong that name this branch",
    "availability": "how to ask whether a thing is on the shelf now: `ils-di ADDRESS` (GetAvailability), or"
    " (SRU, Z39.50) `search INDEX`, by which a record is found by its number (`rec.id`, `1=12`)",
    "encoding": "old encoding of the records (tcvn3, vni, viscii, cp1258, vps …); it wins over the profile's",
}
"""For any protocol. A name that ends in `:…` stands for all that begin like it."""
OAI_PMH: Mapping[str, str] = {
    "granularity": "day or seconds: how `from` is written, where Identify is wrong",
    "selective": "no: the server does not understand `from`; every run fetches the whole list",
    "windows": "day, week, month or year: the first load is read in windows of this length, for servers whose"
    " tokens die or whose list is one huge page",
    "clock": "+07:00 or the like: the server's times are local, though labelled Z; `from` goes back as far",
    "token": "verbatim: the server wants its resumption tokens back unencoded",
    "token-prefix": "yes: the server wants metadataPrefix beside a resumption token, against the protocol",
    "charset": "what the pages are really in (for example windows-1258), where they say something else",
}
SRU: Mapping[str, str] = {
    "query": "CQL that finds all records (`cql.allRecords=1`)",
    "version": "1.1, 1.2 or 2.0, where the server cannot tell by itself",
    "packing": "xml, string or any: how records are asked for (xml); any leaves it to the server",
    "records": "records asked for at a time, 1 to 10000 (what the server says, 100 at most)",
    "id": "where a record's own number is: record (recordIdentifier), a field (001, 035$a), or the name of an"
    " element (auto: the first of these that is there)",
    "cap": "number of records that the server shows of a result set; found out by itself if it tells",
    "counts": "capped: the server does not count beyond its cap",
    "slices": "how to cut what is larger than the cap: `numbers INDEX`, `days INDEX`, `prefixes INDEX`,"
    " `terms INDEX`, several divided by `;`",
    "changed": "index of the date of the last change: increments are asked by it; without it every harvest"
    " reads the whole",
    "changed-form": "how that index writes a day (%Y%m%d)",
    "charset": "what the answers are really in (for example windows-1258), where they say something else",
}
Z3950: Mapping[str, str] = {
    "query": "PQF that finds all records; without it the usual ones are tried, the one that finds most wins",
    "present": "records asked for at a time, 1 to 1000 (50)",
    "elements": "element set name (F); none leaves it out",
    "charset": "character set of terms, names and messages (utf-8), where the target does not agree to one",
    "id": "where a record's own number is: a field (001, 035$a), an XML element, a label in a text (001)",
    "deleted": "leader: a record whose leader says so (d in position 5) is a deletion",
    "cap": "number of records that the target shows of a result set; found out by itself if it tells",
    "counts": "capped: the target does not count beyond its cap",
    "slices": "how to cut what is larger than the cap: `numbers INDEX`, `days INDEX`, `prefixes INDEX`,"
    " `terms INDEX`, several divided by `;`; found out by itself where a usual index cuts cleanly",
    "changed": "index of the date of the last change: increments are asked by it; without it every harvest"
    " reads the whole",
    "changed-form": "how that index writes a day (%Y%m%d)",
    "authentication": "how credentials are sent: id-pass, open (user/password as one string), anonymous or"
    " none (id-pass)",
    "group": "group of the credentials",
    "negotiate": "no: UTF-8 is not proposed, for old targets that go wrong at it",
}
FILES: Mapping[str, str] = {
    "column:…": "what the column with this heading of a spreadsheet holds",
    "id_column": "heading of the column that holds a row's own number",
    "heading_row": "row of the headings, where it is not seen",
    "sheet": "name of the sheet to read, where a book has several",
    "delimiter": "sign between the cells of a line, where it is not seen",
}
OPTIONS: Mapping[Protocol, Mapping[str, str]] = {
    Protocol.OAI_PMH: OAI_PMH,
    Protocol.SRU: SRU,
    Protocol.Z3950: Z3950,
    Protocol.FILES: FILES,
}
"""What each reader knows."""


def known(protocol: Protocol) -> Mapping[str, str]:
    """Give the options that mean something for a protocol, with what they do."""
    return {**EVERY, **OPTIONS[protocol]}


def unknown(protocol: Protocol, names: Iterable[str]) -> dict[str, str | None]:
    """Give the names that mean nothing for a protocol, each with one that may have been meant."""
    names_known = known(protocol)
    families = tuple(name[:-1] for name in names_known if name.endswith(":…"))
    return {
        name: next(iter(difflib.get_close_matches(name, names_known, 1)), None)
        for name in names
        if name not in names_known and not (name.startswith(families) and not name.endswith(":"))
    }
