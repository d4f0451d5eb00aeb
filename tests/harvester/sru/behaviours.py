"""Every behaviour of SRU servers that the rig can show, and what comes of it.

`python -m tests.harvester.sru.behaviours` prints the table of docs/sru.md.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tests.harvester.servers import HEAD, Reply, zipped
from tests.harvester.sru import rig
from tests.harvester.sru.bends import (
    COUNT,
    Bend,
    always,
    bomb,
    first_again,
    growing,
    instead,
    once,
    other_count,
    poison,
    searching,
    shrinking,
    silent_cap,
    string,
    text,
)
from tests.harvester.sru.rig import Answering, Asked, SruServer, diagnostic, found, record, refusal

PAGE = Path(__file__).parents[3] / "docs" / "sru.md"
BEGIN, END = "<!-- behaviours -->\n", "<!-- /behaviours -->\n"
SIZE = 20
ALL = frozenset(range(1, COUNT + 1))


@dataclass(frozen=True)
class Behaviour:
    """One behaviour: what the server does, what comes of it, and how that is seen."""

    does: str
    outcome: str
    bend: Bend | None = None
    server: Mapping[str, object] = field(default_factory=dict)
    options: Mapping[str, str] = field(default_factory=dict)
    lost: frozenset[int] = frozenset()
    """Records that do not come."""
    aside: frozenset[str] = frozenset()
    """Codes of what is put aside."""
    error: str | None = None
    """What the error says, as a pattern; without one the harvest ends well."""
    note: str | None = None
    """What is noted, as a pattern."""


WHOLE = "all records"
MENDED = "all records; mended, counted and told"
RETRY = "all records, after another try"
STOPS = "stops with an error after all tries; the next run goes on there"
AT_ONCE = "stops with an error that says what to set"

BY_NUMBER = {"slices": "numbers rec.identifier"}

TABLE: dict[str, Behaviour] = {
    # the connection
    "01": Behaviour("behaves", WHOLE),
    "02": Behaviour(
        "says 503 with Retry-After",
        "all records, after the wait it asks for",
        once(lambda sound: Reply(status=503, headers={"Retry-After": "0"})),
        note="came at try 2",
    ),
    "03": Behaviour(
        "says 500 once", RETRY, once(lambda sound: Reply(b"x", status=500)), note="came at try 2"
    ),
    "04": Behaviour(
        "sends half of the announced body once", RETRY, once(lambda s: Reply(s.encode(), cut=len(s) // 2))
    ),
    "05": Behaviour("resets the connection once", RETRY, once(lambda sound: Reply(reset=True))),
    "06": Behaviour("sends an empty body with status 200 once", RETRY, once(lambda sound: Reply())),
    "07": Behaviour(
        "sends an HTML page once", RETRY, once(lambda s: Reply.of("<html><body>Bảo trì</body></html>"))
    ),
    "08": Behaviour("sends gzip without saying so", WHOLE, searching(lambda v, a: Reply(zipped(v.sound(a))))),
    "09": Behaviour(
        "is no longer there (404)",
        AT_ONCE,
        lambda server, asked: Reply(status=404),
        error="HTTP status 404",
    ),
    # the XML
    "10": Behaviour("cuts the XML off once", RETRY, once(lambda s: Reply.of(s[: len(s) // 2]))),
    "11": Behaviour(
        "cuts the XML off always", STOPS, always(lambda s: Reply.of(s[: len(s) // 2])), error="cut off after"
    ),
    "12": Behaviour(
        "cuts the answer off between two records, always",
        STOPS,
        always(lambda s: Reply.of(s[: s.index("</zs:record>") + 12])),
        error="cut off after",
    ),
    "13": Behaviour(
        "sends an HTML page with status 200 always",
        STOPS,
        lambda server, asked: Reply.of("<!DOCTYPE html><html><body>Xin chào</body></html>"),
        error="HTML page, not SRU",
    ),
    "14": Behaviour(
        "sends other XML (RSS)", STOPS, lambda v, a: Reply.of(HEAD + "<rss/>"), error="root element is <rss>"
    ),
    "15": Behaviour(
        "prints a warning before the XML",
        MENDED,
        text(lambda s: "<br/>Warning: mysql\n" + s),
        note="repaired: not well-formed",
    ),
    "16": Behaviour(
        "puts control characters into text", MENDED, text(lambda s: s.replace("Kiều", "Ki\x0bều"))
    ),
    "17": Behaviour(
        "sends bytes that are no UTF-8",
        MENDED,
        searching(lambda v, a: Reply(v.sound(a).encode().replace("ề".encode(), b"\xe1\xbb"))),
        note="repaired",
    ),
    "18": Behaviour(
        "carries an entity bomb",
        "refused, never unfolded",
        text(lambda s: s.replace("<zs:search", '<!DOCTYPE z [<!ENTITY a "aaaa">]><zs:search', 1)),
        error="DOCTYPE",
    ),
    "19": Behaviour(
        "sends no namespace at all",
        WHOLE,
        text(lambda s: s.replace(f' xmlns:zs="{rig.ZS}"', "").replace("zs:", "")),
    ),
    "20": Behaviour(
        "uses its own prefix for the namespace",
        WHOLE,
        text(lambda s: s.replace("zs:", "srw:").replace("xmlns:zs", "xmlns:srw")),
    ),
    "21": Behaviour(
        "sends UTF-16",
        WHOLE,
        searching(lambda v, a: Reply(v.sound(a).replace("UTF-8", "UTF-16", 1).encode("utf-16"))),
    ),
    "22": Behaviour(
        "names a false charset in the HTTP header",
        "all records, characters right",
        searching(
            lambda v, a: Reply(v.sound(a).encode(), headers={"Content-Type": "text/xml; charset=iso-8859-1"})
        ),
    ),
    # versions
    "30": Behaviour("speaks 1.1 alone", WHOLE, server={"versions": ("1.1",)}),
    "31": Behaviour("speaks 2.0 alone", WHOLE, server={"versions": ("2.0",)}),
    "32": Behaviour(
        "speaks 2.0 alone and does not explain itself",
        WHOLE,
        server={"versions": ("2.0",), "explains": False},
        note="does not speak version",
    ),
    "33": Behaviour(
        "does not speak the version that the source's option demands",
        AT_ONCE,
        server={"versions": ("1.1",)},
        options={"version": "2.0"},
        error="diagnostic 5: unsupported version",
    ),
    "34": Behaviour(
        "answers explain with an HTML page",
        WHOLE,
        lambda server, asked: Reply.of("<html/>") if asked.operation == "explain" else None,
    ),
    "35": Behaviour(
        "answers its description to every question",
        STOPS,
        lambda v, a: Reply.of(v.sound(Asked("explain", {}, 1, 1, 1, {}))),
        error="answered explain to searchRetrieve",
    ),
    # diagnostics
    "40": Behaviour(
        "says diagnostic 2 (temporarily unavailable) once", RETRY, once(lambda sound: Reply.of(refusal(2)))
    ),
    "41": Behaviour(
        "says diagnostic 2 always",
        STOPS,
        always(lambda s: Reply.of(refusal(2))),
        error="system temporarily unavailable",
    ),
    "42": Behaviour(
        "does not know the index of the query",
        AT_ONCE,
        options={"query": "bath.any=*"},
        error=r"diagnostic 16: unsupported index: bath\.any",
    ),
    "43": Behaviour(
        "sends a diagnostic with HTTP status 500",
        "read like any diagnostic",
        searching(lambda v, a: Reply(refusal(68, "cấm").encode(), status=500)),
        error="diagnostic 68: not authorised to send record: cấm",
    ),
    "44": Behaviour(
        "sends a diagnostic of a set of its own",
        "stops with what it says",
        searching(lambda v, a: refusal(1).replace("info:srw/diagnostic/1/1<", "urn:kho/7<")),
        error="diagnostic urn:kho/7",
    ),
    "45": Behaviour(
        "adds a diagnostic to good records",
        "all records; it is noted",
        text(
            lambda s: s.replace(
                "</zs:searchRetrieve",
                f"<zs:diagnostics>{diagnostic(8, 'x')}</zs:diagnostics></zs:searchRetrieve",
            )
        ),
        note="the server adds diagnostic 8: unsupported parameter: x",
    ),
    # counts and pages
    "50": Behaviour(
        "gives fewer records than asked for", WHOLE, server={"page": 7}, options={"records": "50"}
    ),
    "51": Behaviour(
        "gives more records than asked for",
        WHOLE,
        searching(lambda v, a: v.sound(Asked(a.operation, a.arguments, a.start, 20, a.time, a.headers))),
        options={"records": "10"},
    ),
    "52": Behaviour("does not tell the next position", WHOLE, server={"tells_next": False}),
    "53": Behaviour(
        "tells a next position that skips records",
        "all records: the next page begins behind what came",
        text(
            lambda s: re.sub(
                r"Position>(\d+)</zs:nextRecord", lambda m: f"Position>{int(m[1]) + 9}</zs:nextRecord", s
            )
        ),
    ),
    "54": Behaviour(
        "tells a next position that lies behind",
        "all records: the next page begins behind what came",
        text(lambda s: re.sub(r"<zs:nextRecordPosition>\d+", "<zs:nextRecordPosition>1", s)),
    ),
    "55": Behaviour(
        "ignores startRecord",
        "stops: its list has no end",
        searching(first_again),
        error="does not understand|the same records",
    ),
    "56": Behaviour(
        "does not tell how many records there are",
        STOPS,
        text(lambda s: re.sub(r"<zs:numberOfRecords>\d+</zs:numberOfRecords>", "", s)),
        error="does not tell how many records",
    ),
    "57": Behaviour(
        "finds nothing for the query", AT_ONCE, searching(lambda v, a: found(0, [])), error="no record at all"
    ),
    "58": Behaviour(
        "loses records while it is read",
        "all that are left: a step back is taken",
        searching(shrinking),
        note="3 records went",
    ),
    "59": Behaviour("gains records while it is read", "all that were there", searching(growing)),
    # caps
    "60": Behaviour(
        "shows no more than the first 60 (diagnostic 61)",
        AT_ONCE,
        server={"cap": 60},
        error="shows the first 60 of 100",
    ),
    "61": Behaviour(
        "shows no more than the first 60, with the option slices",
        "all records, in slices",
        server={"cap": 60},
        options=BY_NUMBER,
        note="shows 60 records of a result set",
    ),
    "62": Behaviour(
        "shows no more than the first 60, and says nothing about it",
        AT_ONCE,
        searching(silent_cap),
        error="shows the first 60 of 100",
    ),
    "63": Behaviour(
        "shows no more than the first 15, with the options cap and slices",
        "all records, in slices",
        server={"cap": 15},
        options={
            "cap": "15",
            "slices": "days rec.lastModificationDate from=2020-01-01; numbers rec.identifier",
        },
    ),
    "64": Behaviour(
        "shows fewer than the option cap says",
        "all records, in smaller slices",
        server={"cap": 8},
        options={"cap": "30", **BY_NUMBER},
        note="shows 8 records",
    ),
    "65": Behaviour(
        "makes no result set of too many records (diagnostic 60)",
        AT_ONCE,
        searching(lambda v, a: refusal(60)),
        error="shows none of its records: diagnostic 60",
    ),
    "66": Behaviour(
        "makes no result set of more than 15 records, with the options cap, counts and slices",
        "all records, in slices",
        searching(lambda v, a: refusal(60) if len(rig.select(v.items, a.query)) > 15 else None),
        options={"cap": "16", "counts": "capped", **BY_NUMBER},
    ),
    "67": Behaviour(
        "counts differently each time it is asked",
        "stops: its counts cannot be used for slices",
        searching(other_count),
        server={"cap": 15},
        options={"cap": "15", **BY_NUMBER},
        error="parts have|list begins|records, but",
    ),
    "68": Behaviour(
        "knows no index to slice by",
        AT_ONCE,
        server={"cap": 15},
        options={"cap": "15", "slices": "numbers dc.number"},
        error="diagnostic 16: unsupported index",
    ),
    # records
    "70": Behaviour("packs records as strings", WHOLE, options={"packing": "string"}),
    "71": Behaviour(
        "packs records as strings though XML was asked for, in CDATA",
        WHOLE,
        instead(33, lambda item, n: record(item, n, data=f"<![CDATA[{item.xml}]]>")),
    ),
    "72": Behaviour(
        "sends a record that is no well-formed XML, as a string",
        "all others; this one is put aside",
        instead(33, lambda item, n: string(item, n, "&lt;record&gt;&lt;leader&gt;")),
        lost=frozenset({33}),
        aside=frozenset({"data-broken"}),
    ),
    "73": Behaviour(
        "sends an entity bomb in a record, as a string",
        "all others; this one is put aside",
        instead(33, bomb),
        lost=frozenset({33}),
        aside=frozenset({"data-broken"}),
    ),
    "74": Behaviour(
        "sends a diagnostic in the place of a record",
        "all others; this one is put aside with what it says",
        instead(
            33,
            lambda item, n: record(item, n, schema="info:srw/schema/1/diagnostics-v1.1", data=diagnostic(64)),
        ),
        lost=frozenset({33}),
        aside=frozenset({"diagnostic-64"}),
    ),
    "75": Behaviour(
        "sends a record without data",
        "all others; this one is put aside",
        instead(33, lambda item, n: record(item, n, data=" ")),
        lost=frozenset({33}),
        aside=frozenset({"data-missing"}),
    ),
    "76": Behaviour(
        "sends two elements as one record",
        "all others; this one is put aside",
        instead(33, lambda item, n: record(item, n, data=item.xml * 2)),
        lost=frozenset({33}),
        aside=frozenset({"data-several"}),
    ),
    "77": Behaviour(
        "sends a record without a number",
        "all others; this one is put aside",
        instead(
            33, lambda item, n: record(item, n, data=re.sub("<controlfield.*?</controlfield>", "", item.xml))
        ),
        lost=frozenset({33}),
        aside=frozenset({"identifier-missing"}),
    ),
    "77b": Behaviour(
        "sends an empty record in place of one that it cannot read (Koha)",
        "all others; this one is put aside by name, and what was here before is kept",
        instead(
            33,
            lambda item, n: record(
                item, n, data='<record><controlfield tag="001">33</controlfield></record>'
            ),
        ),
        lost=frozenset({33}),
        aside=frozenset({"record-empty"}),
    ),
    "78": Behaviour(
        "breaks off at every page that holds a certain record",
        "all others, one by one around it; its place is put aside",
        poison(33),
        lost=frozenset({33}),
        aside=frozenset({"record-unavailable"}),
    ),
    "79": Behaviour(
        "breaks off at the last record",
        "all others; its place is put aside",
        poison(100),
        lost=frozenset({100}),
        aside=frozenset({"record-unavailable"}),
    ),
    "80": Behaviour(
        "breaks off at many records in a row",
        STOPS,
        poison(*range(33, 40)),
        error="HTTP status 500",
    ),
    "81": Behaviour(
        "says diagnostic 70 (too large) for pages with a certain record",
        "all others; its place is put aside",
        searching(lambda v, a: refusal(70) if a.start <= 33 < a.start + min(a.most, v.page) else None),
        lost=frozenset({33}),
        aside=frozenset({"record-unavailable"}),
    ),
}


def answering(behaviour: Behaviour, server: Callable[[], SruServer]) -> Answering | None:
    """Bind a behaviour to its server."""
    bend = behaviour.bend
    return None if bend is None else lambda asked: bend(server(), asked)


def render() -> str:
    """The table as it stands in the guide."""
    lines = ["| | the server … | what comes of it |", "|---|---|---|"]
    lines += [f"| {name} | {one.does} | {one.outcome} |" for name, one in TABLE.items()]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    print(render(), end="")
