"""Harvests from Z39.50 servers that nobody here wrote: Zebra, yaz-ztest, Perl's SimpleServer."""

import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.harvester.support import run, source, surroundings, take
from tests.support.z3950 import Book, SimpleServer, marc, needs_simpleserver, needs_ztest, simpleserver, ztest
from tests.support.zebra import Zebra, needs_zebra, zebra
from unioncat.domain.credentials import Credentials
from unioncat.domain.source import Counters, Profile, Protocol, RunMode, Source
from unioncat.domain.switches import applied
from unioncat.normalise.entry import normalise
from unioncat_harvester.reader import Findings, SourceError
from unioncat_harvester.readers import open_reader

COUNT = 430
TITLES = ("Truyện Kiều", "Đất rừng phương Nam", "Ức Trai thi tập", "Số đỏ", "Từ điển Ê-đê", "Ỷ Lan")


def titled(number: int) -> str:
    return f"{TITLES[number % len(TITLES)]} {number}"


def z3950(address: str, **options: str) -> Source:
    return source(
        address,
        protocol=Protocol.Z3950,
        format=options.pop("format", "auto"),
        options=tuple((name.replace("_", "-"), value) for name, value in options.items()),
    )


def probed(source_: Source) -> Findings:
    with open_reader(source_, surroundings()) as reader:
        return reader.probe()


def accepted(source_: Source, found: Findings) -> Source:
    """The source with everything that the probe suggests."""
    for suggestion in found.suggestions:
        source_ = applied(source_, suggestion)
    return source_


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Zebra]:
    """Zebra with records whose numbers have gaps, changed on different days."""
    records = [
        marc(number * 7, titled(number), changed=f"2024{number % 12 + 1:02d}15")
        for number in range(1, COUNT + 1)
    ]
    with zebra(tmp_path_factory.mktemp("zebra"), records) as server:
        yield server


@pytest.fixture
def address(shelf: Zebra) -> str:
    return f"z3950://127.0.0.1:{shelf.port}/Default"


NUMBERS = {str(number * 7) for number in range(1, COUNT + 1)}


@needs_zebra
class TestZebra:
    def test_everything_comes_as_it_was_indexed(self, address: str) -> None:
        taken = take(z3950(address))
        assert taken.error is None
        assert taken.ids == NUMBERS
        assert len(taken.records) == COUNT
        assert {record.format for record in taken.records} == {"iso2709"}
        for record in taken.records:
            read = normalise(record.payload, record.format, Profile())
            assert read.bib is not None
            assert f"{read.bib.title.main}" == titled(int(record.local_id) // 7)

    def test_as_xml_too(self, address: str) -> None:
        taken = take(z3950(address, format="xml"))
        assert taken.ids == NUMBERS
        assert {record.format for record in taken.records} == {"marcxml"}

    def test_a_probe_says_what_works(self, address: str) -> None:
        found = probed(z3950(address))
        assert found.identity.name == "Zebra Information Server"
        assert found.identity.fact("characterSet") == "utf-8"
        assert found.identity.fact("databases") == "Default"
        assert {offer.name for offer in found.offers} == {"usmarc", "xml"}
        assert found.format == "usmarc"
        assert found.list_size == COUNT
        assert found.has_more
        assert found.records == 50
        assert {suggestion.name for suggestion in found.suggestions} == {"format", "changed"}

    @pytest.mark.parametrize(
        "slices",
        [
            "numbers 1=12,4=109",
            "days 1=1012,4=109; numbers 1=12,4=109",
            "prefixes 1=12,4=3",
            "terms 1=12,4=3",
        ],
    )
    def test_a_cap_that_the_operator_names_is_kept(self, address: str, slices: str) -> None:
        taken = take(z3950(address, cap="60", slices=slices))
        assert taken.error is None
        assert taken.ids == NUMBERS
        assert len(taken.records) == COUNT
        assert len(taken.checkpoints) > COUNT // 60

    def test_an_increment_by_the_date_of_change(self, address: str) -> None:
        since = run(mode=RunMode.INCREMENTAL, since=datetime(2024, 11, 1, tzinfo=UTC))
        found = probed(z3950(address))
        taken = take(accepted(z3950(address), found), since)
        assert taken.error is None
        assert taken.ids == {str(n * 7) for n in range(1, COUNT + 1) if n % 12 in (10, 11)}

    def test_words_with_marks_are_found(self, address: str) -> None:
        taken = take(z3950(address, query='@attr 1=4 "ỷ lan"'))
        assert len(taken.records) == COUNT // len(TITLES)

    def test_every_place_is_one_to_go_on_from(self, address: str) -> None:
        made = z3950(address, cap="60", slices="numbers 1=12,4=109", present="25")
        whole = take(made)
        received = 0
        with open_reader(made, surroundings()) as reader:
            sizes = [page.received for page in reader.pages(run())]
        for number, (point, size) in enumerate(zip(whole.checkpoints, sizes, strict=True), 1):
            received += size
            if number % 4:
                continue
            rest = take(made, run(checkpoint=point, counters=Counters(pages=number, received=received)))
            assert [one.local_id for one in rest.records] == [
                one.local_id for one in whole.records[received:]
            ]

    def test_a_database_that_is_not_there(self, address: str) -> None:
        taken = take(z3950(address.replace("Default", "khác")))
        assert isinstance(taken.error, SourceError)
        assert "database" in taken.error.remedy

    def test_an_index_that_is_not_there(self, address: str) -> None:
        taken = take(z3950(address, query="@attr 1=9999 x"))
        assert isinstance(taken.error, SourceError)
        assert "diagnostic 114, unsupported use attribute" in str(taken.error)
        assert "query" in taken.error.remedy

    def test_a_syntax_that_is_not_there(self, address: str) -> None:
        taken = take(z3950(address, format="unimarc"))
        assert isinstance(taken.error, SourceError)
        assert "record syntax not supported" in str(taken.error)
        assert "format" in taken.error.remedy


def test_records_that_come_and_go_between_two_harvests(tmp_path: Path) -> None:
    if shutil.which("zebraidx") is None:
        pytest.skip("Zebra (idzebra-2.0) is not installed")
    books = {number: marc(number, titled(number)) for number in range(1, 31)}
    with zebra(tmp_path, books.values()) as server:
        made = z3950(f"z3950://127.0.0.1:{server.port}/Default", changed="1=1012,4=109")
        assert len(take(made).ids) == 30
        server.update([marc(3, "Bản mới", changed="20250505"), marc(77, "Sách mới", changed="20250506")])
        server.delete([books[5]])
        since = run(mode=RunMode.INCREMENTAL, since=datetime(2025, 5, 5, tzinfo=UTC))
        assert take(made, since).ids == {"3", "77"}
        assert take(made).ids == {str(number) for number in books if number != 5} | {"77"}


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    with ztest(tmp_path_factory.mktemp("ztest")) as port:
        yield port


@needs_ztest
class TestYazZtest:
    """Its databases have as many records as the query says; whatever is asked."""

    def made(self, port: int, **options: str) -> Source:
        return z3950(f"z3950://127.0.0.1:{port}/Default", query='@attr 1=1016 "24"', **options)

    @pytest.mark.parametrize(("format", "kept"), [("usmarc", "iso2709"), ("opac", "opac"), ("auto", "opac")])
    def test_records_in_each_syntax(self, port: int, format: str, kept: str) -> None:
        taken = take(self.made(port, format=format, present="10"))
        assert taken.error is None
        assert len(taken.records) + len(taken.quarantined) == 24
        assert {record.format for record in taken.records} == {kept}

    def test_texts_without_a_number_are_put_aside(self, port: int) -> None:
        taken = take(self.made(port, format="sutrs"))
        assert taken.error is None
        assert {one.code for one in taken.quarantined} == {"identifier-missing"}
        assert len(taken.quarantined) == 24

    def test_holdings_of_its_opac_records(self, port: int) -> None:
        taken = take(self.made(port, format="opac"))
        for record in taken.records:
            read = normalise(record.payload, record.format, Profile())
            assert read.bib is not None
            assert read.bib.title.main
            assert read.holdings

    def test_a_probe(self, port: int) -> None:
        found = probed(self.made(port))
        assert {offer.name for offer in found.offers} == {"opac", "usmarc", "sutrs"}
        assert any("asked for unimarc it sends usmarc" in note for note in found.notes)
        assert not found.suggestions or {one.name for one in found.suggestions} == {"format"}

    def test_tls(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        key, certificate, both = tmp_path / "key.pem", tmp_path / "cert.pem", tmp_path / "both.pem"
        openssl = [
            *("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"),
            *("-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1"),
            *("-keyout", str(key), "-out", str(certificate)),
        ]
        if shutil.which("openssl") is None:
            pytest.skip("openssl is not installed")
        subprocess.run(openssl, check=True, capture_output=True)
        both.write_bytes(key.read_bytes() + certificate.read_bytes())
        with ztest(tmp_path, "-C", str(both), scheme="ssl") as port:
            made = self.made(port)
            secret = replace(made, address=made.address.replace("z3950:", "z3950s:"))
            distrusted = take(secret)
            assert isinstance(distrusted.error, SourceError)
            assert "certificate" in str(distrusted.error)
            monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
            assert len(take(secret).records) == 24


def books(count: int) -> list[Book]:
    return [
        Book(
            number * 3,
            titled(number),
            date=f"2024{number % 12 + 1:02d}{number % 28 + 1:02d}",
            marc=marc(number * 3, titled(number), [("852", "  $aIgnored$bTwice")]),
            holdings=[
                {
                    "8": "TTB" if number % 2 else "CN2",
                    "9": "Kho Đọc",
                    "11": f"895.92 / {number}",
                    "items": [
                        {"id": f"B{number}", "available": True},
                        {"id": f"C{number}", "available": False, "until": "2026-12-01"},
                    ],
                }
            ],
        )
        for number in range(1, count + 1)
    ]


@pytest.fixture(scope="module")
def stock() -> list[Book]:
    return books(330)


@needs_simpleserver
class TestSimpleServer:
    def test_opac_records_with_their_holdings(self, tmp_path: Path) -> None:
        with simpleserver(tmp_path, books(120)) as server:
            found = probed(z3950(server.address))
            taken = take(z3950(server.address))
        assert found.identity.name == "Kệ sách"
        assert found.format == "opac"
        assert found.holdings[0] == ("OPAC holdings", 50)
        assert taken.error is None
        assert len(taken.ids) == 120
        profile = Profile(branches=(("TTB", "tv-b"),))
        for record in taken.records:
            number = int(record.local_id) // 3
            read = normalise(record.payload, record.format, profile)
            assert read.bib is not None
            assert read.bib.title.main == titled(number)
            ready, lent = read.holdings
            assert (ready.status, lent.status) == ("available", "on-loan")
            assert (ready.items, lent.items) == ((f"B{number}",), (f"C{number}",))
            assert ready.library == ("tv-b" if number % 2 else None)
            assert ready.location == ("Kho Đọc" if number % 2 else "CN2, Kho Đọc")
            assert ready.shelf_mark == f"895.92 / {number}"

    @pytest.mark.parametrize(
        ("user", "password", "said"),
        [(None, None, "diagnostic 1010"), ("ban-doc", "sai", "diagnostic 1011"), ("ban-doc", "bí mật", None)],
    )
    def test_user_and_password(
        self, tmp_path: Path, user: str | None, password: str | None, said: str | None
    ) -> None:
        with simpleserver(tmp_path, books(10), user="ban-doc", password="bí mật") as server:
            around = replace(surroundings(), credentials=Credentials(user, password))
            taken = take(z3950(server.address), around=around)
        if said is None:
            assert taken.error is None
            assert len(taken.ids) == 10
        else:
            assert isinstance(taken.error, SourceError)
            assert said in str(taken.error)
            assert "user name and password" in taken.error.remedy
            assert "sai" not in str(taken.error)

    @pytest.mark.parametrize(
        "slices",
        ["", "numbers 12", "days date-modified", "days date-modified; numbers 12", "prefixes 12", "terms 12"],
    )
    def test_a_target_that_shows_a_hundred_records(
        self, tmp_path: Path, stock: list[Book], slices: str
    ) -> None:
        with simpleserver(tmp_path, stock, cap=100) as server:
            taken = take(z3950(server.address, slices=slices))
        assert taken.error is None
        assert taken.ids == {str(book.number) for book in stock}
        assert taken.checkpoints[-1].list_size == len(stock)

    def test_a_target_that_counts_no_further_than_a_hundred(self, tmp_path: Path, stock: list[Book]) -> None:
        with simpleserver(tmp_path, stock, cap=100, counts_capped=True) as server:
            made = z3950(server.address)
            found = probed(made)
            taken = take(accepted(made, found))
        assert found.list_size is None
        assert {one.name: one.value for one in found.suggestions}["cap"] == "100"
        assert taken.error is None
        assert taken.ids == {str(book.number) for book in stock}

    def test_what_a_probe_suggests_for_a_cap_works(self, tmp_path: Path, stock: list[Book]) -> None:
        with simpleserver(tmp_path, stock, cap=100) as server:
            made = z3950(server.address)
            found = probed(made)
            assert any("shows 100 of 330" in line for line in found.advice)
            assert take(accepted(made, found)).ids == {str(book.number) for book in stock}

    def test_a_cap_without_an_index_is_an_error_with_the_option_to_set(
        self, tmp_path: Path, stock: list[Book]
    ) -> None:
        with simpleserver(tmp_path, stock, cap=100, without=[12, 1012]) as server:
            taken = take(z3950(server.address))
        assert isinstance(taken.error, SourceError)
        assert "shows only 100 of 330 records" in str(taken.error)
        assert "slices" in taken.error.remedy

    def test_refused_records_are_put_aside(self, tmp_path: Path) -> None:
        stock = [replace(book, refused=book.number in (3, 30)) for book in books(40)]
        with simpleserver(tmp_path, stock) as server:
            taken = take(z3950(server.address, format="usmarc"))
        assert taken.error is None
        assert len(taken.ids) == 38
        assert [one.code for one in taken.quarantined] == ["record-refused"] * 2
        assert "no such luck" in taken.quarantined[0].detail

    def test_a_target_that_grows_while_it_is_read(self, tmp_path: Path) -> None:
        with simpleserver(tmp_path, books(100), cap=60) as server:
            made = z3950(server.address, cap="60", slices="numbers 12", present="20")
            ids = self._read_while_growing(made, server)
        assert {str(book.number) for book in books(100)} <= ids

    def _read_while_growing(self, made: Source, server: SimpleServer) -> set[str]:
        ids: set[str] = set()
        with open_reader(made, surroundings()) as reader:
            for page in reader.pages(run()):
                for batch in page.batches():
                    ids |= {record.local_id for record in batch.records}
                if page.number == 2:
                    server.put(
                        *[Book(number, "Mới", marc=marc(number, "Mới")) for number in (1, 2, 4, 5, 298)]
                    )
        return ids
