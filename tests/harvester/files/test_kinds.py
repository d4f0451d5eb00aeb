"""A file is told by its content, and what cannot be read says what to bring instead."""

import gzip
import io
import json
import zipfile
from pathlib import Path

import pytest

from tests.harvester.files.support import book, brought, workbook
from unioncat_harvester.reader import SourceError

CSV = "Nhan đề,Tác giả,Năm XB\nDế Mèn phiêu lưu ký,Tô Hoài,1941\nTắt đèn,Ngô Tất Tố,1939\n".encode()
MARCXML = (
    b'<?xml version="1.0"?><collection xmlns="http://www.loc.gov/MARC21/slim"><record>'
    b'<leader>00000nam a22</leader><controlfield tag="001">x1</controlfield><datafield tag="245">'
    b'<subfield code="a">A</subfield></datafield></record></collection>'
)
MODS = (
    b'<modsCollection xmlns="http://www.loc.gov/mods/v3"><mods><titleInfo><title>A</title></titleInfo><recordInfo>'
    b"<recordIdentifier>m1</recordIdentifier></recordInfo></mods></modsCollection>"
)
DC = (
    b'<r xmlns:oai_dc="http://www.openarchives.org/OAI/2.0/oai_dc/" xmlns:dc="http://purl.org/dc/elements/1.1/">'
    b"<oai_dc:dc><dc:title>A</dc:title></oai_dc:dc></r>"
)
JSON = json.dumps(
    {"leader": "00000nam a22", "fields": [{"001": "j1"}, {"245": {"subfields": [{"a": "A"}]}}]}
).encode()
LINES = b"=LDR  00000nam a2200000 a 4500\n=001  l1\n=245  00$aA\n"
HTML = (
    "<html><table><tr><td>Tên sách</td><td>Tác giả</td></tr>"
    "<tr><td>Tắt đèn</td><td>Ngô Tất Tố</td></tr></table></html>"
).encode()


@pytest.mark.parametrize(
    ("data", "kind", "format", "records"),
    [
        (CSV, "csv", "table", 2),
        (CSV.replace(b",", b";"), "csv", "table", 2),
        (CSV.decode().encode("utf-16"), "csv", "table", 2),
        (CSV.decode().encode("utf-16-be"), "csv", "table", 2),
        (b"\xef\xbb\xbf" + CSV, "csv", "table", 2),
        (workbook(("Tên sách", "Tác giả"), ("Tắt đèn", "Ngô Tất Tố")), "excel", "table", 1),
        (HTML, "html-table", "table", 1),
        (book(1) + book(2), "iso2709", "iso2709", 2),
        (MARCXML, "xml", "marcxml", 1),
        (MODS, "xml", "mods", 1),
        (DC, "xml", "oai_dc", 1),
        (JSON, "marc-json", "marc-json", 1),
        (b"[" + JSON + b", " + JSON.replace(b"j1", b"j2") + b"]", "marc-json", "marc-json", 2),
        (JSON + b"\n" + JSON.replace(b"j1", b"j2") + b"\n", "marc-json", "marc-json", 2),
        (LINES + b"\n" + LINES.replace(b"l1", b"l2"), "mrk", "mrk", 2),
        (gzip.compress(book(1), mtime=0), "iso2709", "iso2709", 1),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_kinds(tmp_path: Path, data: bytes, kind: str, format: str, records: int) -> None:
    found = brought(tmp_path, data)
    assert found.look.kind == kind
    assert [one.format for one in found.records] == [format] * records
    assert found.aside == []
    assert len(set(found.ids)) == records


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "empty"),
        (b"  \r\n ", "empty"),
        (b"%PDF-1.7 ...", "PDF"),
        (b"{\\rtf1 text}", "RTF"),
        (b"\x89PNG\r\n\x1a\n0000", "picture"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600, "workbook"),
        (b"PK\x03\x04 and then nothing", "archive"),
        (b'{"books": ["a", "b"]}', "JSON"),
        (b"<?xml version='1.0'?><books><book>A</book></books>", "holds no MARCXML"),
        (b"\x00\x01\x02\x03\x04\x05\x06\x07" * 50, "not known"),
    ],
)
def test_what_cannot_be_read_says_so(tmp_path: Path, data: bytes, said: str) -> None:
    with pytest.raises(SourceError, match=said) as caught:
        brought(tmp_path, data)
    assert caught.value.remedy


def zipped(**members: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return out.getvalue()


def test_an_archive_is_read_file_by_file(tmp_path: Path) -> None:
    found = brought(tmp_path, zipped(**{"a.mrc": book(1), "b.csv": CSV, "__MACOSX/b": b"x"}))
    assert found.look.members == ("iso2709", "csv")
    assert [one.format for one in found.records] == ["iso2709", "table", "table"]
    assert [one.place for one in found.records] == ["a.mrc!1", "b.csv!2", "b.csv!3"]


def test_the_same_number_in_two_files_of_an_archive_is_two_records(tmp_path: Path) -> None:
    found = brought(tmp_path, zipped(a=book(1), b=book(1, "Khác"), c=book(1)))
    assert found.ids == ["k1", "k1~2"]


@pytest.mark.parametrize(
    ("members", "said"),
    [
        ({"folder/a.csv": CSV}, "folders"),
        ({"../a.csv": CSV}, "folders"),
        ({"a.zip": zipped(a=CSV)}, "archive inside"),
        ({"a.gz": gzip.compress(CSV, mtime=0)}, "archive inside"),
        ({}, "holds no file"),
    ],
)
def test_odd_archives_are_refused(tmp_path: Path, members: dict[str, bytes], said: str) -> None:
    with pytest.raises(SourceError, match=said):
        brought(tmp_path, zipped(**members))


def test_an_archive_that_grows_without_measure_is_refused(tmp_path: Path) -> None:
    bomb = zipped(a=b"a,b\n" * 30_000_000)
    assert len(bomb) < 200_000
    with pytest.raises(SourceError, match="far more"):
        brought(tmp_path, bomb)
    with pytest.raises(SourceError, match="far more"):
        brought(tmp_path, gzip.compress(b"a,b\n" * 30_000_000, mtime=0))


def test_a_truncated_archive_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="archive"):
        brought(tmp_path, zipped(a=book(1) * 1000)[:-40])
    with pytest.raises(SourceError, match=r"cut off|damaged|empty"):
        brought(tmp_path, gzip.compress(b"", mtime=0)[:-4])
