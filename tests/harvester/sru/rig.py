"""An SRU server that misbehaves on command: real HTTP on the loopback, one thread a request.

It understands the part of CQL that a harvest uses. A test gives it an `Answering` function per fault; what is
not touched behaves.
"""

import re
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import ThreadingHTTPServer
from urllib.parse import parse_qs
from xml.sax.saxutils import escape

from tests.harvester.servers import HEAD, MARC, Handler, Reply

ZS = "http://www.loc.gov/zing/srw/"
OASIS = "http://docs.oasis-open.org/ns/search-ws/sruResponse"
MARCXML = "info:srw/schema/1/marcxml-v1.1"
TITLE = "Thư viện thử SRU"


def marc(number: int, title: str = "Truyện Kiều", *, more: str = "") -> str:
    """A small MARCXML record."""
    return (
        f'<record xmlns="{MARC}"><leader>00000nam a2200000 a 4500</leader>'
        f'<controlfield tag="001">{number}</controlfield>'
        f'<datafield tag="245" ind1="1" ind2="0"><subfield code="a">{title} {number}</subfield></datafield>'
        f'<datafield tag="952" ind1=" " ind2=" "><subfield code="a">CN</subfield></datafield>{more}</record>'
    )


@dataclass(frozen=True)
class Item:
    """A record on the shelf."""

    id: str
    xml: str
    changed: str = "20240501"
    """Day of the last change."""
    identifier: str = ""
    """recordIdentifier, where the server gives one."""


def shelf(count: int) -> list[Item]:
    """Records with numbers from 1 on, changed on days of 2024."""
    return [Item(str(n), marc(n), f"2024{1 + n % 12:02d}{1 + n % 28:02d}") for n in range(1, count + 1)]


def record(
    item: Item, position: int, *, packing: str = "xml", schema: str = MARCXML, data: str | None = None
) -> str:
    """A record of an answer; every part of it can be bent."""
    inner = item.xml if data is None else data
    if packing == "string" and data is None:
        inner = escape(f'<?xml version="1.0" encoding="UTF-8"?>\n{item.xml}\n')
    own = f"<zs:recordIdentifier>{item.identifier}</zs:recordIdentifier>" if item.identifier else ""
    return (
        f"<zs:record><zs:recordSchema>{schema}</zs:recordSchema><zs:recordPacking>{packing}</zs:recordPacking>"
        f"<zs:recordData>{inner}</zs:recordData>{own}<zs:recordPosition>{position}</zs:recordPosition></zs:record>"
    )


def diagnostic(number: int, details: str = "", message: str = "", *, zs: str = ZS) -> str:
    """A diagnostic, as it stands in an answer or in the place of a record."""
    return (
        f'<diag:diagnostic xmlns:diag="{zs}diagnostic/"><diag:uri>info:srw/diagnostic/1/{number}</diag:uri>'
        f"<diag:details>{escape(details)}</diag:details><diag:message>{escape(message)}</diag:message>"
        "</diag:diagnostic>"
    )


def refusal(number: int, details: str = "", *, hits: int | None = None, version: str = "1.1") -> str:
    """An answer that is a diagnostic."""
    count = "" if hits is None else f"<zs:numberOfRecords>{hits}</zs:numberOfRecords>"
    return answer(f"{count}<zs:diagnostics>{diagnostic(number, details)}</zs:diagnostics>", version=version)


def answer(inner: str, *, kind: str = "searchRetrieve", version: str = "1.1", head: str = HEAD) -> str:
    """An answer around what it holds."""
    zs = OASIS if version == "2.0" else ZS
    name = f"zs:{kind}Response"
    return f'{head}<{name} xmlns:zs="{zs}"><zs:version>{version}</zs:version>{inner}</{name}>\n'


def found(hits: int, records: Sequence[str], following: int | None = None, *, version: str = "1.1") -> str:
    """A searchRetrieve answer."""
    listed = f"<zs:records>{''.join(records)}</zs:records>" if records else ""
    place = "" if following is None else f"<zs:nextRecordPosition>{following}</zs:nextRecordPosition>"
    return answer(f"<zs:numberOfRecords>{hits}</zs:numberOfRecords>{listed}{place}", version=version)


EXPLAIN = """<explain xmlns="http://explain.z3950.org/dtd/2.0/">
<serverInfo><host>127.0.0.1</host><database>kho</database></serverInfo>
<databaseInfo><title>{title}</title></databaseInfo>
<indexInfo><set name="rec" identifier="info:srw/cql-context-set/2/rec-1.1"/>
<index><map><name set="rec">identifier</name></map></index>
<index><map><name set="rec">lastModificationDate</name></map></index>
<index search="false"><map><name set="dc">title</name></map></index></indexInfo>
<schemaInfo><schema name="marcxml" identifier="info:srw/schema/1/marcxml-v1.1"><title>MARC</title></schema>
<schema name="dc" identifier="info:srw/schema/1/dc-v1.1"><title>DC</title></schema></schemaInfo>
<configInfo><default type="numberOfRecords">10</default>
<setting type="maximumRecords">{most}</setting></configInfo>
</explain>"""


@dataclass
class Asked:
    """A request as it came."""

    operation: str
    arguments: Mapping[str, str]
    start: int
    most: int
    time: int
    """How often just this was asked for, counting from 1."""
    headers: Mapping[str, str]

    @property
    def query(self) -> str:
        return self.arguments.get("query", "")


Answering = Callable[[Asked], Reply | None]
"""Gives the bent answer, or none for the sound one."""


@dataclass
class SruServer:
    """The server's state: what it has, what it was asked, and how it answers."""

    items: Sequence[Item]
    answering: Answering | None = None
    title: str = TITLE
    page: int = 20
    """Records that it gives for one request."""
    cap: int | None = None
    """Records that it shows of a result set."""
    versions: tuple[str, ...] = ("1.1", "1.2", "2.0")
    tells_next: bool = True
    explains: bool = True
    base: str = ""
    asked: list[Asked] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def searches(self) -> list[Asked]:
        """The requests for pages, without those that only count."""
        return [one for one in self.asked if one.operation == "searchRetrieve" and one.most > 1]

    def answer(self, query: str, headers: dict[str, str], path: str) -> Reply:
        arguments = {key: values[0] for key, values in parse_qs(query, keep_blank_values=True).items()}
        operation = arguments.get("operation") or ("searchRetrieve" if "query" in arguments else "explain")
        start, most = int(arguments.get("startRecord", 1)), int(arguments.get("maximumRecords", 10))
        with self.lock:
            before = sum(1 for old in self.asked if old.arguments == arguments)
            asked = Asked(operation, arguments, start, most, before + 1, headers)
            self.asked.append(asked)
        bent = self.answering(asked) if self.answering else None
        return bent or Reply.of(self.sound(asked))

    def sound(self, asked: Asked) -> str:
        """The sound answer."""
        version = asked.arguments.get("version", self.versions[-1])
        if version not in self.versions:
            return refusal(5, self.versions[-1], version=self.versions[-1])
        if asked.operation == "explain":
            text = EXPLAIN.format(title=self.title, most=self.page)
            return (
                answer(
                    "<zs:record><zs:recordPacking>xml</zs:recordPacking>"
                    f"<zs:recordData>{text}</zs:recordData></zs:record>",
                    kind="explain",
                    version=version,
                )
                if self.explains
                else refusal(4)
            )
        if asked.operation == "scan":
            return self._scanned(asked, version)
        try:
            chosen = select(self.items, asked.query)
        except LookupError:
            return refusal(16, asked.query, version=version)
        hits = len(chosen)
        shown = hits if self.cap is None else min(hits, self.cap)
        if asked.start > max(shown, 1):
            return refusal(61, hits=hits, version=version)
        first = asked.start - 1
        part = chosen[first : min(first + min(asked.most, self.page), shown)]
        packing = asked.arguments.get("recordPacking") or asked.arguments.get("recordXMLEscaping", "xml")
        records = [record(item, first + n, packing=packing) for n, item in enumerate(part, 1)]
        following = first + len(part) + 1
        return found(
            hits, records, following if self.tells_next and following <= shown else None, version=version
        )

    def _scanned(self, asked: Asked, version: str) -> str:
        index, _, first = asked.arguments["scanClause"].partition(" = ")
        if index != "rec.identifier":
            return answer(f"<zs:diagnostics>{diagnostic(16)}</zs:diagnostics>", kind="scan", version=version)
        number = int(asked.arguments.get("maximumTerms", 10))
        terms = sorted(item.id for item in self.items if item.id >= first.strip('"'))[:number]
        listed = "".join(
            f"<zs:term><zs:value>{one}</zs:value><zs:numberOfRecords>1</zs:numberOfRecords></zs:term>"
            for one in terms
        )
        return answer(f"<zs:terms>{listed}</zs:terms>", kind="scan", version=version)


_CLAUSE = re.compile(
    r'(?:^|\s*\b(and|not|or)\b)\s*(\([^()]*\)|[\w.]+\s*(?:<=|>=|==|=|exact)\s*(?:"[^"]*"|[^\s()]+))'
)
_SIMPLE = re.compile(r'([\w.]+)\s*(<=|>=|==|=|exact)\s*("[^"]*"|[^\s()]+)')


def select(items: Sequence[Item], query: str) -> list[Item]:
    """Find records by a query. Raises LookupError for what is not understood."""
    if _CLAUSE.sub("", query).strip():
        raise LookupError(query)
    chosen = list(items)
    for boolean, clause in _CLAUSE.findall(query):
        inside = clause[1:-1] if clause.startswith("(") else clause
        parts = inside.split(" or ") if " or " in inside else [inside]
        matching = {item.id for part in parts for item in _matching(items, part)}
        chosen = [item for item in chosen if (item.id in matching) is (boolean != "not")]
    return chosen


def _matching(items: Sequence[Item], clause: str) -> list[Item]:
    read = _SIMPLE.fullmatch(clause.strip())
    if read is None:
        return select(items, clause)
    index, relation, value = read[1], read[2], read[3].strip('"')
    if index == "cql.allRecords":
        return list(items)
    if index not in ("rec.identifier", "rec.lastModificationDate"):
        raise LookupError(index)
    chosen = []
    for item in items:
        own = item.id if index == "rec.identifier" else item.changed
        if value.endswith("*"):
            good = own.startswith(value[:-1])
        elif relation in ("<=", ">=") and value.isdigit() and own.isdigit():
            good = int(own) <= int(value) if relation == "<=" else int(own) >= int(value)
        else:
            good = own == value
        if good:
            chosen.append(item)
    return chosen


@contextmanager
def serving(items: Sequence[Item], answering: Answering | None = None, **more: object) -> Iterator[SruServer]:
    """Run a server for the length of a block."""
    state = SruServer(items, answering, **more)  # type: ignore[arg-type]
    handler = type("SruHandler", (Handler,), {"state": state})
    http = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    http.daemon_threads = True
    state.base = f"http://127.0.0.1:{http.server_address[1]}/sru"
    thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield state
    finally:
        http.shutdown()
        http.server_close()
        thread.join()
