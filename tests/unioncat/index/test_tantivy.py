"""What is particular to tantivy: its faults, its folders, its limits."""

from pathlib import Path

import pytest
import tantivy

from tests.contracts.search_engines import book
from unioncat.domain.audience import ANONYMOUS
from unioncat.domain.search import SearchQuery, Sort
from unioncat.index import BadCursor, open_index, parse, tantivy_fields
from unioncat.index.cursor import Place, encode
from unioncat.index.generations import Hold
from unioncat.index.port import Packed
from unioncat.index.prepare import prepare
from unioncat.index.tantivy_fields import as_json, register_tokenizers, schema
from unioncat.index.tantivy_writer import Pen


def test_delete_by_text_key_deletes(tmp_path: Path) -> None:
    """By an unsigned key, version 0.27.0 deletes nothing and says nothing; hence our keys are text."""
    index = tantivy.Index(schema(), path=str(tmp_path))
    register_tokenizers(index)
    writer = index.writer(20_000_000, 1)
    for number in range(5):
        writer.add_json(as_json(book(f"u{number}", "Quê mẹ"), ()))
    writer.commit()
    writer.delete_documents_by_term("id", "u3")
    writer.commit()
    index.reload()
    assert index.searcher().num_docs == 4


def test_document_of_every_field_is_taken(tmp_path: Path) -> None:
    document = book(
        "all", ("Một", "Hai"), ("Ba",), year=None, libraries=("a", "b"), subject=("Tư",), publisher=("Năm",),
        series=("Sáu",), other=("Bảy",), isbn=("1",), issn=("2",), identifier=("3",), shelf_mark=("4",),
    )  # fmt: skip
    pen = Pen(tmp_path, Hold(-1))
    pen.put([Packed(document.id, as_json(document, (3, 4)))])
    pen.commit()
    pen.close()
    index = tantivy.Index.open(str(tmp_path / "audience-0"))
    register_tokenizers(index)
    assert index.searcher().num_docs == 1


async def test_a_changed_schema_starts_a_folder_of_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    index = open_index(tmp_path, write=True)
    await index.write([book("a", "Quê mẹ")])
    await index.commit()
    await index.close()
    monkeypatch.setattr(tantivy_fields, "SCHEMA", tantivy_fields.SCHEMA + 1)
    monkeypatch.setattr("unioncat.index.tantivy.stamp", tantivy_fields.stamp)
    reader = open_index(tmp_path)
    health = await reader.health()
    assert not health.ok
    assert "build it" in health.detail
    assert await reader.count() == 0
    await reader.close()


async def test_old_generations_go_when_nobody_reads_them(tmp_path: Path) -> None:
    index, reader = open_index(tmp_path, write=True), open_index(tmp_path)
    await index.write([book("a", "Quê mẹ")])
    await index.commit()
    assert await reader.count() == 1
    async with index.rebuild() as fresh:
        await fresh.write([book("b", "Quê mẹ")])
    generations = sorted(path.name for path in tmp_path.glob("*/generation-*"))
    assert len(generations) == 2
    await reader.close()
    await index.commit()
    assert sorted(path.name for path in tmp_path.glob("*/generation-*")) == generations[1:]
    await index.close()


async def test_anchors_that_were_tampered_with(tmp_path: Path) -> None:
    index = open_index(tmp_path, write=True)
    await index.write([book(f"{n}", "Quê mẹ") for n in range(5)])
    await index.commit()
    query = SearchQuery(parse("quê"), sort=Sort.NEWEST)
    for anchor in ("x", "1 2 3", "-1 0 0 0", "0 0 0 999999999", f"0 {1 << 64} 0 0", "1 2 3 4 5"):
        cursor = encode(prepare(ANONYMOUS, query), Place(2, 2, anchor=anchor))
        with pytest.raises(BadCursor):
            await index.search(ANONYMOUS, SearchQuery(query.clauses, sort=Sort.NEWEST, cursor=cursor))
    last = encode(prepare(ANONYMOUS, query), Place(2, 2, anchor=f"99999 {(1 << 64) - 1} {(1 << 64) - 1} 0"))
    answer = await index.search(ANONYMOUS, SearchQuery(query.clauses, sort=Sort.NEWEST, cursor=last))
    assert answer.hits == ()
    far = encode(prepare(ANONYMOUS, SearchQuery(query.clauses)), Place(10**12, 10**12))
    assert (await index.search(ANONYMOUS, SearchQuery(query.clauses, cursor=far))).hits == ()
    await index.close()


async def test_titles_alike_in_sixteen_bytes_are_paged_through(tmp_path: Path) -> None:
    index = open_index(tmp_path, write=True)
    await index.write(
        [
            book(f"{n:03d}", f"Kỷ yếu hội thảo khoa học quốc gia số {n}", year=2000 + n // 50)
            for n in range(120)
        ]
    )
    await index.commit()
    for sort in (Sort.TITLE, Sort.NEWEST):
        ids: list[str] = []
        cursor = None
        while len(ids) < 200:
            answer = await index.search(ANONYMOUS, SearchQuery((), sort=sort, size=7, cursor=cursor))
            ids += [hit.id for hit in answer.hits]
            cursor = answer.next_cursor
            if cursor is None:
                break
        expected = sorted(range(120), key=lambda n: (-(n // 50) if sort is Sort.NEWEST else 0, n))
        assert ids == [f"{n:03d}" for n in expected]
    await index.close()
