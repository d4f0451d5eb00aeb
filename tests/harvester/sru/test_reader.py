"""The reader of SRU piece by piece: queries, options, descriptions, records' own numbers, first looks."""

import ctypes
import ctypes.util
import datetime as dt
import io

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.harvester.servers import MARC, Reply
from tests.harvester.sru import rig
from tests.harvester.sru.rig import Asked, Item, marc, serving, shelf
from tests.harvester.support import QUICK, source, surroundings, take
from unioncat.domain.source import Protocol, Quarantined, RawRecord, Source
from unioncat.domain.switches import applied
from unioncat_harvester.markup import cut as cuts
from unioncat_harvester.reader import Findings, SourceError
from unioncat_harvester.readers import open_reader
from unioncat_harvester.readers.sru import answer, explain, query
from unioncat_harvester.readers.sru.cut import cutter
from unioncat_harvester.readers.sru.diagnostics import DIAGNOSTICS, Diagnostic
from unioncat_harvester.readers.sru.settings import VERSIONS
from unioncat_harvester.slices import Condition, Relation
from unioncat_harvester.transport import Answer

YAZ = ctypes.util.find_library("yaz") or ctypes.util.find_library("yaz5")
UPTO, PREFIX, TERMS = Relation.UPTO, Relation.PREFIX, Relation.TERMS


def at(address: str, **options: str) -> Source:
    return source(
        address, protocol=Protocol.SRU, format="auto", options=tuple(options.items()), politeness=QUICK
    )


def read(text: str) -> answer.Response:
    data = text.encode()
    return answer.read(Answer(200, {}, io.BytesIO(data), len(data)), None)


def records(text: str, place: str = "auto") -> list[RawRecord | Quarantined]:
    response = read(text)
    found: list[RawRecord | Quarantined] = []
    for batch in cuts.batches(response.reading.body, response.reading.scanned, cutter(place, "own")):
        found += [*batch.records, *batch.quarantined]
    response.close()
    return found


def one(data: str, place: str = "auto", own: str = "") -> RawRecord | Quarantined:
    (found,) = records(rig.found(1, [rig.record(Item("1", data, identifier=own), 1)]), place)
    return found


# Queries


@pytest.mark.parametrize(
    ("conditions", "said"),
    [
        ((), "cql.allRecords=1"),
        ((Condition("a.b", UPTO, ("9",)),), "cql.allRecords=1 and a.b <= 9"),
        ((Condition("a", UPTO, ("4",), False),), "cql.allRecords=1 not a <= 4"),
        (
            (Condition("a", UPTO, ("4",), False), Condition("b", PREFIX, ("x y",))),
            'cql.allRecords=1 and b = "x y*" not a <= 4',
        ),
        ((Condition("a", TERMS, ("1", "b c")),), 'cql.allRecords=1 and (a == 1 or a == "b c")'),
        ((Condition("a", TERMS, ("not",)),), 'cql.allRecords=1 and a == "not"'),
    ],
)
def test_conditions_narrow_a_query(conditions: tuple[Condition, ...], said: str) -> None:
    assert query.narrowed("cql.allRecords=1", conditions) == said


def test_a_query_of_parts_is_put_in_parentheses() -> None:
    assert query.narrowed("a=1 or b=2", (Condition("c", UPTO, ("3",)),)) == "(a=1 or b=2) and c <= 3"
    assert query.together("a=1", "b=2 or c=3") == "a=1 and (b=2 or c=3)"
    assert query.together("a=1", None) == "a=1"
    assert query.since("a=1", "d", "2024-05-01") == "a=1 and d >= 2024-05-01"


@given(st.text(max_size=12))
@example('"\\*?^')
@example("and")
def test_nothing_in_a_term_is_taken_for_a_sign(text: str) -> None:
    said = query.quoted(text)
    if not said.startswith('"'):
        assert said == text
        assert text.isascii()
        return
    inner = said[1:-1]
    plain, escaped = [], False
    for letter in inner:
        if not escaped and letter == "\\":
            escaped = True
            continue
        assert escaped or letter not in '"*?^'
        plain.append(letter)
        escaped = False
    assert not escaped
    assert "".join(plain) == text


# Diagnostics


@pytest.mark.skipif(YAZ is None, reason="libyaz is not installed")
def test_diagnostics_say_what_yaz_says() -> None:
    said = ctypes.CDLL(YAZ).yaz_diag_srw_str
    said.restype = ctypes.c_char_p
    theirs = {number: said(number).decode().lower() for number in range(1, 240) if said(number) is not None}
    known = {number: text for number, text in theirs.items() if text != "unknown error"}
    assert known.keys() <= DIAGNOSTICS.keys()
    different = {number for number, text in known.items() if DIAGNOSTICS[number][0].lower() != text}
    assert different <= {1, 74}


def test_a_diagnostic_says_what_the_server_adds() -> None:
    assert Diagnostic(16, "info:srw/diagnostic/1/16", "dc.foo", "Unsupported index").text == (
        "diagnostic 16: unsupported index: dc.foo"
    )
    assert Diagnostic(999, "x", "", "Lạ").text == "diagnostic 999: Lạ"
    assert all(text and remedy.endswith(".") for text, remedy in DIAGNOSTICS.values())


# Options


@pytest.mark.parametrize(
    "options",
    [
        {"version": "3.0"},
        {"packing": "json"},
        {"records": "0"},
        {"records": "x"},
        {"cap": "-1"},
        {"slices": "weeks x"},
        {"slices": "numbers a=1"},
        {"changed": "and"},
        {"query": ""},
        {"query": "a=1 sortBy b"},
        {"id": "a b"},
        {"charset": "klingon"},
        {"counts": "maybe"},
    ],
)
def test_options_that_mean_nothing_are_refused(options: dict[str, str]) -> None:
    with pytest.raises(SourceError) as caught:
        open_reader(at("http://127.0.0.1:9/sru", **options), surroundings())
    assert next(iter(options)) in str(caught.value) or "index" in str(caught.value)
    assert caught.value.remedy


def test_an_address_of_another_protocol_is_refused() -> None:
    with pytest.raises(SourceError, match="not one of SRU"):
        open_reader(at("z3950://127.0.0.1:9/x"), surroundings())


def test_arguments_of_an_address_are_kept() -> None:
    with serving(shelf(3)) as server:
        taken = take(at(server.base + "?x-tenant=7&"))
    assert len(taken.ids) == 3
    assert {asked.arguments["x-tenant"] for asked in server.asked} == {"7"}


def test_the_part_of_a_source_narrows_its_query() -> None:
    with serving(shelf(30)) as server:
        made = source(
            server.base, protocol=Protocol.SRU, format="marcxml", set="rec.identifier <= 12", politeness=QUICK
        )
        assert len(take(made).ids) == 12


def test_parameters_are_those_of_the_version() -> None:
    for version, packing, operation in (("1.1", "recordPacking", True), ("2.0", "recordXMLEscaping", False)):
        with serving(shelf(3)) as server:
            take(at(server.base, version=version))
        asked = server.searches[0].arguments
        assert asked[packing] == "xml"
        assert ("operation" in asked) is operation
        assert asked["recordSchema"] == "marcxml"


def test_marc21_stands_for_the_best_schema() -> None:
    with serving(shelf(3)) as server:
        made = source(server.base, protocol=Protocol.SRU, format="marc21", politeness=QUICK)
        assert len(take(made).ids) == 3
    assert server.searches[0].arguments["recordSchema"] == "marcxml"


# Descriptions


def test_a_description_packed_as_a_string_is_read() -> None:
    text = rig.EXPLAIN.format(title="Kho &amp; sách", most=50).replace("&", "&amp;").replace("<", "&lt;")
    response = read(
        rig.answer(f"<zs:record><zs:recordData>{text}</zs:recordData></zs:record>", kind="explain")
    )
    found = explain.read(response, VERSIONS)
    assert found.title == "Kho & sách"
    assert found.indexes == ("rec.identifier", "rec.lastModificationDate")
    assert [offer.name for offer in found.schemas] == ["marcxml", "dc"]
    assert found.most == 50
    assert found.version == "1.1"


def test_a_bare_description_is_read() -> None:
    found = explain.read(read(rig.EXPLAIN.format(title="Kho", most=7)), VERSIONS)
    assert (found.title, found.most, found.version) == ("Kho", 7, None)


@pytest.mark.parametrize("text", ["", "<a", "<!DOCTYPE a><a/>", "<explain/>"])
def test_a_description_of_nothing_is_none(text: str) -> None:
    packed = text.replace("<", "&lt;")
    response = read(
        rig.answer(f"<zs:record><zs:recordData>{packed}</zs:recordData></zs:record>", kind="explain")
    )
    assert explain.read(response, VERSIONS).facts == (("version", "1.1"),)


# Records and their numbers


@pytest.mark.parametrize(
    ("data", "place", "identifier"),
    [
        (marc(7), "auto", "7"),
        (marc(7), "001", "7"),
        (marc(7), "952$a", "CN"),
        (marc(7), "245$a", "Truyện Kiều 7"),
        (f"<collection xmlns='{MARC}'>{marc(7)}</collection>", "auto", "7"),
        ("<mods xmlns='http://www.loc.gov/mods/v3'><identifier>8</identifier><recordInfo>"
         "<recordIdentifier> m 7 </recordIdentifier></recordInfo></mods>", "auto", "m 7"),
        ("<mods xmlns='http://www.loc.gov/mods/v3'><identifier>8</identifier></mods>", "auto", "8"),
        ("<dc xmlns='http://purl.org/dc/elements/1.1/'><title>x</title><identifier/>"
         "<identifier>9</identifier></dc>", "auto", "9"),
        ("<sach><ma>K7</ma></sach>", "ma", "K7"),
    ],
)  # fmt: skip
def test_a_record_tells_its_number(data: str, place: str, identifier: str) -> None:
    found = one(data, place)
    assert isinstance(found, RawRecord)
    assert found.local_id == identifier


def test_the_servers_own_number_comes_first() -> None:
    for place, identifier in (("auto", "srv:7"), ("record", "srv:7"), ("001", "7")):
        found = one(marc(7), place, "srv:7")
        assert isinstance(found, RawRecord)
        assert found.local_id == identifier
    assert isinstance(one(marc(7), "record"), Quarantined)


@pytest.mark.parametrize(
    ("data", "format"),
    [
        (marc(1), "marcxml"),
        ("<mods><identifier>1</identifier></mods>", "mods"),
        ("<dc><identifier>1</identifier></dc>", "oai_dc"),
        ("<x><identifier>1</identifier></x>", "own"),
    ],
)
def test_the_root_names_the_format(data: str, format: str) -> None:
    found = one(data)
    assert isinstance(found, RawRecord)
    assert found.format == format


def test_a_payload_stands_alone_and_is_otherwise_untouched() -> None:
    data = "<m:record  a='1'><m:controlfield tag = '001'>5</m:controlfield><!-- đ --></m:record >"
    text = rig.found(1, [rig.record(Item("1", data), 1)]).replace("<zs:version", "<!-- --><zs:version", 1)
    text = text.replace(f' xmlns:zs="{rig.ZS}"', f' xmlns:zs="{rig.ZS}" xmlns:m="{MARC}"')
    (found,) = records(text)
    assert isinstance(found, RawRecord)
    assert found.payload.decode() == data.replace("<m:record ", f'<m:record xmlns:m="{MARC}" ', 1)


def test_a_string_loses_its_declaration_only() -> None:
    data = (
        "&lt;?xml version='1.0' encoding='ISO-8859-1'?&gt;\n"
        "&lt;record&gt;&lt;controlfield tag='001'&gt;đ&lt;/controlfield&gt;"
        "&lt;a&gt;b&lt;/a&gt;&lt;/record&gt; "
    )
    (found,) = records(rig.found(1, [rig.record(Item("1", ""), 1, packing="string", data=data)]))
    assert isinstance(found, RawRecord)
    assert found.payload.decode() == "<record><controlfield tag='001'>đ</controlfield><a>b</a></record>"
    assert found.local_id == "đ"


# First looks


def probed(address: str, **options: str) -> Findings:
    with open_reader(at(address, **options), surroundings()) as reader:
        return reader.probe()


def test_a_probe_of_a_server_without_limits_has_little_to_say() -> None:
    with serving(shelf(60)) as server:
        found = probed(server.base)
    assert found.identity.name == rig.TITLE
    assert (found.records, found.list_size, found.has_more) == (20, 60, True)
    assert {each.name for each in found.suggestions} == {"format", "changed"}
    assert any("deletions" in line for line in found.advice)
    assert found.holdings == (("952", 20),)


def test_a_probe_finds_the_query_that_finds_all() -> None:
    def bent(asked: Asked) -> Reply | None:
        if asked.operation != "searchRetrieve":
            return None
        if "cql.allRecords=1" in asked.query:
            return Reply.of(rig.found(1, []))  # taken for a word
        if asked.query.startswith("rec.id=*"):
            arguments = {**asked.arguments, "query": asked.query.replace("rec.id=*", "cql.allRecords=1", 1)}
            return Reply.of(server.sound(Asked(asked.operation, arguments, asked.start, asked.most, 1, {})))
        return Reply.of(rig.refusal(16))

    with serving(shelf(40), bent) as server:
        made = at(server.base)
        found = probed(server.base)
        suggested = {each.name: each.value for each in found.suggestions}
        assert suggested["query"] == "rec.id=*"
        for each in found.suggestions:
            made = applied(made, each)
        assert len(take(made).ids) == 40


def test_a_probe_of_a_server_that_explains_nothing_tries_schemas() -> None:
    def bent(asked: Asked) -> Reply | None:
        if asked.arguments.get("recordSchema") == "marcxml":
            return Reply.of(rig.refusal(66, "marcxml"))
        return None

    with serving(shelf(30), bent, explains=False) as server:
        found = probed(server.base)
    assert found.format == rig.MARCXML
    assert any("does not describe itself" in line for line in found.advice)


def test_a_probe_says_where_nothing_cuts() -> None:
    def bent(asked: Asked) -> Reply | None:
        return Reply.of(rig.refusal(16)) if "rec." in asked.query else None

    with serving(shelf(90), bent, cap=33, explains=False) as server:
        found = probed(server.base)
    assert {each.name: each.value for each in found.suggestions if each.name == "cap"} == {"cap": "33"}
    assert any("no index was found" in line for line in found.advice)


def test_a_probe_of_an_empty_catalogue_is_a_clear_error() -> None:
    with serving([]) as server, pytest.raises(SourceError, match="no query that should find everything"):
        probed(server.base)


def test_days_of_today_are_covered() -> None:
    today = dt.datetime.now(dt.UTC).strftime("%Y%m%d")
    items = [Item(str(n), marc(n), today if n > 15 else "20240101") for n in range(1, 31)]
    with serving(items, cap=15) as server:
        taken = take(at(server.base, cap="15", slices="days rec.lastModificationDate"))
    assert taken.error is None
    assert len(taken.ids) == 30
