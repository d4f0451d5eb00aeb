"""Every fault of servers that is known to us: the list comes whole, or a clear error names it. Never less.

The rows are those of the reference table of misbehaving servers; an answer is bent in one way each.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
import zstandard

from tests.harvester import servers as s
from tests.harvester.servers import Asked, Reply
from tests.harvester.support import QUICK, numbers, source, take
from unioncat_harvester.reader import ListBroken, ListEndless, SourceError

ALL = list(range(100))


def once(page: int, reply: Callable[[], Reply], times: int = 1) -> s.Answering:
    """Bend the first answers for one page."""
    return lambda asked: reply() if asked.page == page and asked.time <= times else None


def on_page(page: int, bend: Callable[[str], str | bytes]) -> s.Answering:
    """Bend every answer for one page."""

    def answering(asked: Asked) -> Reply | None:
        if asked.page != page:
            return None
        bent = bend(s.page_text(page))
        return Reply(body=bent if isinstance(bent, bytes) else bent.encode())

    return answering


def every(bend: Callable[[str], str | bytes]) -> s.Answering:
    """Bend every page of the list."""

    def answering(asked: Asked) -> Reply | None:
        if not asked.page:
            return None
        bent = bend(s.page_text(asked.page))
        return Reply(body=bent if isinstance(bent, bytes) else bent.encode())

    return answering


def tokens(value: Callable[[int], str], understood: Callable[[str], int] | None = None) -> s.Answering:
    """Give other tokens."""

    def answering(asked: Asked) -> Reply | None:
        if not asked.page:
            return None
        page = asked.page
        if understood and "resumptionToken" in asked.arguments:
            page = understood(asked.arguments["resumptionToken"])
        if page not in range(1, s.PAGES + 1):
            return Reply.of(s.error("badResumptionToken"))
        return Reply.of(s.page_text(page, end=s.token(page, value(page))))

    return answering


def in_date(seconds: int) -> str:
    return format_datetime(datetime.now(UTC) + timedelta(seconds=seconds), usegmt=True)


def busy(status: int, **headers: str) -> Callable[[], Reply]:
    return lambda: Reply(b"busy", status, {name.replace("_", "-"): value for name, value in headers.items()})


GZIP = {"Content-Encoding": "gzip"}
HTML = "<!DOCTYPE html><html><head><title>Bảo trì</title></head><body><p>Maintenance<br></body></html>"
PHP = (
    "<br />\n<b>Warning</b>: mysqli_fetch() expects parameter 1 in <b>/var/www/oai.php</b> on line 7<br />\n"
)


def odd_wait(asked: Asked) -> Reply | None:
    """Retry-After in forms that are none, on each page another."""
    odd = ["soon", "-5", "1e9 years", "Thu, 99 Foo 2024 25:61:00 GMT", "0.5 seconds"]
    if not asked.page or asked.time > 1:
        return None
    return busy(503, Retry_After=odd[asked.page - 1])()


def in_title(what: str) -> Callable[[str], str]:
    return lambda text: text.replace("Truyện Kiều ", f"Truyện {what}Kiều ")


def latin(text: str) -> bytes:
    plain = text.replace("Truyện Kiều", "Kiều sắt café").replace("ề", "e").replace("ắ", "a")
    return plain.replace('encoding="UTF-8"', 'encoding="ISO-8859-1"').encode("latin-1")


@dataclass(frozen=True)
class Whole:
    """A fault through which everything comes."""

    answering: s.Answering
    repaired: int = 0
    quarantined: int = 0
    says: str | None = None
    """Part of a kept title, where the repair matters."""


WHOLE: dict[str, Whole] = {
    "02-503-seconds": Whole(once(3, busy(503, Retry_After="0"), 2)),
    "03-503-date": Whole(
        lambda a: busy(503, Retry_After=in_date(1))() if (a.page, a.time) == (3, 1) else None
    ),
    "03b-503-odd": Whole(lambda a: odd_wait(a)),
    "04-429": Whole(once(3, busy(429))),
    "05-500": Whole(once(3, busy(500))),
    "06-reset": Whole(once(3, lambda: Reply(reset=True))),
    "07-half-body": Whole(once(3, lambda: Reply(body=s.page_text(3).encode(), cut=1500))),
    "09-control-characters": Whole(every(in_title("\x0b\x1f&#11;&#x1F;")), 5, says="Truyện Kiều 5"),
    "10-not-utf8": Whole(
        every(lambda t: in_title("@")(t).encode().replace(b"@", b"\xe9\xff")), 5, says="Truyện "
    ),
    "11-bare-ampersand": Whole(every(in_title("Kim & Vân & ")), 5, says="Kim &amp; Vân &amp; Kiều 5"),
    "12-entities": Whole(every(in_title("&nbsp;&eacute;&nix;")), 5, says="\u00a0é&amp;nix;Kiều 5"),
    "13-no-metadata": Whole(
        every(lambda t: t.replace("<metadata>", "<about>", 1).replace("</metadata>", "</about>", 1)), 0, 5
    ),
    "14-blank-lines": Whole(every(lambda t: "\n \r\n\n" + t)),
    "15-php-after": Whole(every(lambda t: t + PHP), 5),
    "16-php-before": Whole(every(lambda t: PHP + t), 5),
    "17-empty": Whole(once(3, Reply)),
    "18-html": Whole(once(3, lambda: Reply.of(HTML))),
    "24-no-namespace": Whole(every(lambda t: t.replace(s.ROOT, "<OAI-PMH>"))),
    "24b-wrong-namespace": Whole(
        every(
            lambda t: t.replace(
                "http://www.openarchives.org/OAI/2.0/", "http://www.openarchives.org/OAI/1.1/"
            )
        )
    ),
    "25-prefixed": Whole(
        every(
            lambda t: (
                t.replace("OAI-PMH xmlns=", "o:OAI-PMH xmlns:o=")
                .replace("</OAI-PMH", "</o:OAI-PMH")
                .replace("ListRecords>", "o:ListRecords>")
                .replace("<resumptionToken", "<o:resumptionToken")
                .replace("</resumptionToken", "</o:resumptionToken")
                .replace("<record><header", "<o:record><header")
                .replace("</record>\n", "</o:record>\n")
                .replace("</metadata>", "</o:metadata>")
                .replace("<metadata>", "<o:metadata>")
            )
        )
    ),
    "26-latin1": Whole(every(latin), says="Kieu sat café 5"),
    "27-blank-around-token": Whole(
        tokens(
            lambda p: f"\n   t{p + 1}\n  " if p < 5 else "", lambda v: int(v[1:]) if v[1:].isdigit() else 0
        )
    ),
    "28-blank-last-token": Whole(tokens(lambda p: f"t{p + 1}" if p < 5 else "  \n ")),
    "29-gzip": Whole(
        lambda a: (
            Reply(s.zipped(s.page_text(a.page)), headers={"Content-Encoding": "gzip"}) if a.page else None
        )
    ),
    "29b-gzip-promised-only": Whole(
        lambda a: Reply.of(s.page_text(a.page), headers=dict(GZIP)) if a.page else None
    ),
    "30-redirect": Whole(
        lambda a: Reply(status=302, headers={"Location": f"/new?{a.query}"}) if a.path == "/oai" else None
    ),
    "33-503-bare": Whole(once(3, busy(503))),
    "34-429-wait": Whole(once(3, busy(429, Retry_After="1"))),
    "35-bom": Whole(every(lambda t: b"\xef\xbb\xbf" + t.encode())),
    "36-gzip-untold": Whole(lambda a: Reply(s.zipped(s.page_text(a.page))) if a.page else None),
    "36b-zstd-untold": Whole(
        lambda a: Reply(zstandard.compress(s.page_text(a.page).encode())) if a.page else None
    ),
    "37-marc-without-namespace": Whole(every(lambda t: t.replace(f' xmlns="{s.MARC}"', ""))),
    "39-deleted-with-metadata": Whole(
        every(lambda t: t.replace("</header></record>", "</header><metadata><x/></metadata></record>"))
    ),
    "40-no-header": Whole(
        every(lambda t: t.replace("<header>", "<about>", 1).replace("</header>", "</about>", 1)), 0, 5
    ),
    "42-size-too-small": Whole(every(lambda t: t.replace('Size="100"', 'Size="30"'))),
    "44-odd-tokens": Whole(
        tokens(
            lambda p: f"a+b/c=&amp;d%3B; é{p + 1}%" if p < 5 else "",
            lambda v: int(v[-2]) if "&d%3B; é" in v else 0,
        )
    ),
    "45-false-charset": Whole(
        lambda a: (
            Reply.of(s.page_text(a.page), headers={"Content-Type": "text/xml; charset=iso-8859-1"})
            if a.page
            else None
        ),
        says="Truyện Kiều 5",
    ),
    "46-utf16": Whole(every(lambda t: t.replace("UTF-8", "UTF-16").encode("utf-16")), says="Truyện Kiều 5"),
    "47-text-of-11-MB": Whole(on_page(2, lambda t: t.replace(">Truyện", ">" + "x" * 11_000_000, 1))),
    "48-stall": Whole(once(3, lambda: Reply(body=s.page_text(3).encode(), stall=1.2))),
    "49-cut-once": Whole(once(3, lambda: Reply.of(s.page_text(3)[:2000]))),
    "51-moved": Whole(
        lambda a: Reply(status=301, headers={"Location": f"/new?{a.query}"}) if a.path == "/oai" else None
    ),
    "52-undeclared-prefix": Whole(
        every(
            lambda t: t.replace(f'<record xmlns="{s.MARC}"', f'<record xmlns="{s.MARC}" xl:a="b" xsy:c="d"')
        ),
        5,
    ),
    "53-500-then-oai-error": Whole(once(3, lambda: Reply.of(s.error("", "database gone"), status=500))),
    "54-half-gzip": Whole(once(3, lambda: Reply(s.zipped(s.page_text(3))[:400]))),
    "55-utf8-but-says-utf16": Whole(every(lambda t: t.replace("UTF-8", "UTF-16")), 5),
    "56-502": Whole(once(3, busy(502))),
    "58-cookie": Whole(
        lambda a: (
            None
            if "khoa=mo" in a.headers.get("Cookie", "")
            else Reply(
                status=302, headers={"Location": f"/oai?{a.query}", "Set-Cookie": "khoa=mo; Path=/; HttpOnly"}
            )
        )
    ),
}


@pytest.mark.parametrize("name", WHOLE)
def test_list_comes_whole(name: str) -> None:
    case = WHOLE[name]
    with s.serving(case.answering) as server:
        limits = replace(QUICK, timeout=0.5) if name.startswith("48") else QUICK
        taken = take(source(server.base, politeness=limits))
    if taken.error:
        raise taken.error
    assert taken.finished
    assert taken.received == 100
    assert len(taken.quarantined) == case.quarantined
    assert taken.repaired == case.repaired
    if case.quarantined:
        assert all(item.payload.startswith(b"<record>") for item in taken.quarantined)
    else:
        assert numbers(taken.ids) == ALL
    assert sum(record.deleted for record in taken.records) == 10
    assert all(bool(record.payload) != record.deleted for record in taken.records)
    if case.says:
        five = next(record for record in taken.records if record.local_id.endswith(":5"))
        assert case.says in five.payload.decode()


@dataclass(frozen=True)
class Broken:
    """A fault that must stop the list, after so many records."""

    answering: s.Answering
    message: str
    after: int = 40
    kind: type[Exception] = SourceError
    asked: int | None = 3
    """How often the bad page is asked for."""


def xxe(text: str) -> str:
    declaration = '<!DOCTYPE OAI-PMH [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
    return in_title("&x;")(text).replace("?>\n", f"?>\n{declaration}\n", 1)


def bomb(text: str) -> str:
    levels = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 9))
    return in_title("&l8;")(text).replace("?>\n", f'?>\n<!DOCTYPE lolz [<!ENTITY l0 "lol">{levels}]>\n', 1)


def beside_records(text: str) -> str:
    return text.replace("</ListRecords>", '</ListRecords><error code="badArgument">x</error>')


BROKEN: dict[str, Broken] = {
    "08-cut-always": Broken(on_page(3, lambda t: t[: len(t) // 2]), "cut off after"),
    "08b-cut-at-record": Broken(on_page(3, lambda t: t[: t.rindex("<record><header")]), "cut off after"),
    "16b-html-always": Broken(on_page(3, lambda t: HTML), "HTML page"),
    "18b-plain-text": Broken(on_page(3, lambda t: "Database error"), "begins with 'Database error'"),
    "18c-other-xml": Broken(on_page(3, lambda t: "<rss><channel/></rss>"), "root element is <rss>"),
    "19-token-loop": Broken(tokens(lambda p: "t2"), "second time", 20, ListEndless, None),
    "19b-token-circle": Broken(
        tokens(lambda p: f"t{p + 1 if p < 4 else 2}"), "second time", 60, ListEndless, None
    ),
    "21-no-records-match-early": Broken(
        lambda a: Reply.of(s.error("noRecordsMatch")) if a.page == 5 else None, "80 of 100", 80, asked=1
    ),
    "22-bad-token": Broken(
        lambda a: Reply.of(s.error("badResumptionToken", "expired")) if a.page == 3 else None,
        "no longer knows its resumption token",
        80,
        ListBroken,
        None,
    ),
    "31-xxe": Broken(on_page(3, xxe), "DOCTYPE", asked=1),
    "31b-xxe-behind-junk": Broken(on_page(3, lambda t: PHP + xxe(t)), "DOCTYPE"),
    "32-bomb": Broken(on_page(3, bomb), "DOCTYPE", asked=1),
    "38-error-without-code": Broken(
        lambda a: Reply.of(s.error("", "x")) if a.page == 3 else None, "no code: x"
    ),
    "38b-error-of-python": Broken(
        lambda a: Reply.of(s.error("__name__", "x")) if a.page == 3 else None, "__name__: x"
    ),
    "50-error-beside-records": Broken(on_page(3, beside_records), "beside 20 records"),
    "60-login": Broken(lambda a: Reply(b"no", 403) if a.page == 3 else None, "HTTP status 403", asked=1),
    "61-gone": Broken(lambda a: Reply(b"no", 404) if a.page == 3 else None, "HTTP status 404", asked=1),
    "62-busy-always": Broken(lambda a: Reply(b"no", 503) if a.page == 3 else None, "HTTP status 503"),
    "63-redirect-circle": Broken(
        lambda a: Reply(status=302, headers={"Location": f"/oai?{a.query}"}) if a.page == 3 else None,
        "redirects more than 5 times",
        asked=6,
    ),
    "64-redirect-to-file": Broken(
        lambda a: Reply(status=302, headers={"Location": "file:///etc/passwd"}) if a.page == 3 else None,
        "cannot be used",
        asked=1,
    ),
    "65-other-verb": Broken(on_page(3, lambda t: s.envelope(s.SETS)), "answered ListSets"),
    "66-neither": Broken(on_page(3, lambda t: s.envelope("")), "neither ListRecords nor an error"),
    "67-less-than-sign": Broken(on_page(3, in_title("a < b ")), "not well-formed"),
    "68-gzip-cut": Broken(
        lambda a: Reply(s.zipped(s.page_text(3))[:-200]) if a.page == 3 else None, "cut off"
    ),
}


@pytest.mark.parametrize("name", BROKEN)
def test_list_stops_with_a_clear_error(name: str) -> None:
    case = BROKEN[name]
    with s.serving(case.answering) as server:
        taken = take(source(server.base))
    assert isinstance(taken.error, SourceError), taken.error
    assert isinstance(taken.error, case.kind)
    text = str(taken.error)
    assert case.message in text
    assert "source test-kho, page" in text
    assert len(taken.error.remedy) > 20
    assert not taken.finished
    assert taken.received == case.after
    if case.asked is not None:
        assert sum(asked.page == taken.error.page for asked in server.asked) == case.asked


def test_row_20_and_41_are_left_to_the_count_of_the_store() -> None:
    """An empty last page ends the list regularly; the announced size goes along for the store to compare."""
    empty = s.listing("", s.token(5, None))
    with s.serving(on_page(5, lambda t: empty)) as server:
        taken = take(source(server.base))
    assert taken.error is None
    assert len(taken.ids) == 80
    assert taken.checkpoints[-1].list_size == 100


@pytest.mark.parametrize("status", [200, 404, 422, 500])
def test_row_23_nothing_new_is_a_clean_end(status: int) -> None:
    nothing = s.error("noRecordsMatch")
    with s.serving(lambda a: Reply.of(nothing, status=status) if a.page else None) as server:
        taken = take(source(server.base))
    assert taken.error is None
    assert taken.finished
    assert taken.received == 0
    assert taken.checkpoints[-1].response_date == datetime(2024, 6, 1, 12, tzinfo=UTC)


def test_no_records_match_ends_a_list_of_unknown_size() -> None:
    def answering(asked: Asked) -> Reply | None:
        if asked.page == 5:
            return Reply.of(s.error("noRecordsMatch"))
        return Reply.of(s.page_text(asked.page, end=s.token(asked.page, f"t{asked.page + 1}", None)))

    with s.serving(lambda a: answering(a) if a.page else None) as server:
        taken = take(source(server.base))
    assert taken.error is None
    assert taken.finished
    assert taken.received == 80


def test_moved_address_is_told() -> None:
    with s.serving(WHOLE["51-moved"].answering) as server:
        taken = take(source(server.base))
    assert any("moved for good to" in note and note.split()[-3] for note in taken.notes)
