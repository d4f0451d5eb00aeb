"""The search engines that must keep the contract, and the catalogue that they are asked about."""

import os
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.unioncat.index.synthetic import Synthetic
from unioncat.domain.audience import ANONYMOUS, PUBLIC, Viewer
from unioncat.domain.search import IndexDocument, SearchQuery, SearchResult
from unioncat.index import SearchIndex, parse
from unioncat.index.words import forms
from unioncat.text import sort_key

CAND = 7
"""An audience besides the public."""

ARMY = 9
"""Another."""


@dataclass(frozen=True)
class Engine:
    """How tests get at an engine; `address_variable` names the setting of a server that must be running.

    `proposes`: the engine tells its words, so that others than those typed can be proposed.
    """

    name: str
    address_variable: str | None = None
    proposes: bool = True

    @property
    def missing(self) -> str | None:
        """Say why the engine cannot be tested here."""
        if self.address_variable and self.address_variable not in os.environ:
            return f"{self.name} NOT TESTED: set {self.address_variable} to the address of a test server"
        return None

    @property
    def local(self) -> bool:
        """Tell whether the index is a folder of this machine."""
        return self.address_variable is None

    def target(self, folder: Path) -> str:
        """Return the address of a new, empty index."""
        if self.address_variable is None:
            return str(folder / f"index-{secrets.token_hex(4)}")
        return f"{os.environ[self.address_variable]}#test-{secrets.token_hex(6)}"


ENGINES = (Engine("tantivy"), Engine("meilisearch", "UNIONCAT_TEST_MEILISEARCH_URL", proposes=False))


def book(
    id: str,
    title: str | tuple[str, ...],
    author: str | tuple[str, ...] = (),
    *,
    audience: int = PUBLIC,
    year: int | None = 2000,
    libraries: tuple[str, ...] = ("nlv",),
    **more: object,
) -> IndexDocument:
    """Make a document; facets are those of the libraries, plus `format`, `language` and `subject`."""
    titles = (title,) if isinstance(title, str) else title
    facets = (
        ("library", libraries),
        ("province", tuple(f"province of {code}" for code in libraries)),
        ("group", tuple(f"group of {code}" for code in libraries)),
        ("type", ("public",)),
        ("format", (str(more.pop("format", "book")),)),
        ("language", (str(more.pop("language", "vie")),)),
        ("year", (str(year // 10 * 10),) if year is not None else ()),
        ("subject", more.get("subject", ())),
    )
    fields: dict[str, object] = dict.fromkeys(
        ("subject", "publisher", "series", "other", "isbn", "issn", "identifier", "shelf_mark"), ()
    )
    fields.update(more)
    return IndexDocument(
        id=id,
        audience=audience,
        title=titles,
        author=(author,) if isinstance(author, str) else author,
        year=year,
        sort_title=sort_key(titles[0]),
        facets=tuple((name, values) for name, values in facets if values),
        holdings=len(libraries),
        **fields,
    )


KIEU = 60
"""So many editions of *Truyện Kiều* there are, and so many complaints about stories."""

CATALOGUE_SIZE = 900


def catalogue() -> Iterator[IndexDocument]:
    """Make the books that the tests know, among others that have none of their words."""
    known = list(_known())
    words = {
        form.folded
        for document in known
        for texts in (document.title, document.author, document.subject, document.publisher, document.series)
        for text in texts
        for form in forms(text)
    }
    yield from known
    yield from Synthetic(seed=5, avoid=frozenset(words)).documents(CATALOGUE_SIZE)


def _known() -> Iterator[IndexDocument]:
    yield book(
        "kieu", "Truyện Kiều", "Nguyễn Du", year=1820, libraries=("nlv", "hcm", "hue"), subject=("Thơ",)
    )
    for n in range(1, KIEU):
        place = f"Bản in lần {n}" if n % 2 else f"Bản Nôm {n}"
        yield book(f"kieu-{n}", f"Truyện Kiều : {place}", "Nguyễn Du", year=1900 + n, libraries=("nlv",))
    for n in range(KIEU):
        yield book(f"decoy-{n}", f"Truyện kiếu nại số {n}", "Lê Văn Kiểu", year=1950 + n, libraries=("hcm",))
    yield book(
        "bridge",
        "Đường về nhà",
        "Đặng Thai Mai",
        year=1975,
        subject=("Hồi ký",),
        shelf_mark=("895.922 Đ561V",),
    )
    yield book(
        "cricket",
        "Dế mèn phiêu lưu ký",
        "Tô Hoài",
        year=1941,
        publisher=("Kim Đồng",),
        series=("Tủ sách vàng",),
    )
    yield book("peace", "Hòa bình và chiến tranh", "Tônxtôi, L.", year=1869, language="rus")
    yield book(
        "cpp", "Lập trình C++ nâng cao", isbn=("9786041234563",), identifier=("VN00123456", "10.1000/182")
    )
    yield book("csharp", "Nhập môn C#", issn=("0866-7349",))
    yield book("dotnet", "Phát triển ứng dụng ASP.NET", issn=("1859-1531",))
    yield book("c", "Ngôn ngữ C căn bản")
    yield book("han", "金雲翹新傳", "阮攸")
    yield book("undated", "Sách không năm", year=None)
    yield book(
        "secret", "Mật mã nghiệp vụ trinh sát", "Phạm Xuân Ẩn", audience=CAND, libraries=("t31",), year=1999
    )
    yield book("both", "Luật hình sự", year=2015, libraries=("nlv",))
    yield book(
        "both", ("Luật hình sự", "Tài liệu huấn luyện"), audience=CAND, year=2015, libraries=("nlv", "t31")
    )
    yield book(
        "both", ("Luật hình sự", "Bản của quân đội"), audience=ARMY, year=2015, libraries=("nlv", "hvqp")
    )


IN_ORDER = (
    "Ánh sao", "Ăn mày", "Ân nhân", "Ba", "Bà", "Bả", "Bã", "Bá", "Bạ", "Dương", "Đường", "Em", "Êm",
    "Lớp 2", "Lớp 10", "On", "Ôn", "Ơn", "“Quê hương”", "Tre", "Trê", "Ung", "Ưng", "Yên",
)  # fmt: skip
"""Titles in the order of a Vietnamese reader."""


INSIDER = Viewer(frozenset({CAND}))


async def search(index: SearchIndex, text: str, viewer: Viewer = ANONYMOUS, **more: object) -> SearchResult:
    return await index.search(viewer, SearchQuery(parse(text), **{"size": 200, **more}))  # type: ignore[arg-type]


async def found(index: SearchIndex, text: str, viewer: Viewer = ANONYMOUS, **more: object) -> set[str]:
    answer = await search(index, text, viewer, **more)
    assert answer.total == len(answer.hits)
    return {hit.id for hit in answer.hits}


def facet(answer: SearchResult, name: str) -> dict[str, int]:
    return {value.value: value.count for value in dict(answer.facets)[name]}
