"""What every search engine must do, whichever it is."""

import random
import unicodedata
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

import pytest

from tests.contracts.search_engines import ARMY, CAND, IN_ORDER, INSIDER, KIEU, book, facet, found, search
from unioncat.domain.audience import ANONYMOUS, Viewer
from unioncat.domain.search import FACETS, Clause, SearchQuery, Sort
from unioncat.index import BadCursor, BadQuery, SearchIndex, parse


class TestWords:
    @pytest.mark.parametrize(
        "text", ["Đường về nhà", "duong ve nha", "ĐƯỜNG VỀ", "nhà về đường", "dương vế nha"]
    )
    async def test_accents_and_case_do_not_matter_for_finding(self, index: SearchIndex, text: str) -> None:
        assert await found(index, text) == {"bridge"}

    async def test_decomposed_text_is_the_same_text(self, index: SearchIndex) -> None:
        assert await found(index, unicodedata.normalize("NFD", "Đường về nhà")) == {"bridge"}

    async def test_decomposed_documents_are_found(self, empty: SearchIndex) -> None:
        await empty.write([book("nfd", unicodedata.normalize("NFD", "Thượng nguồn ký ức"))])
        await empty.commit()
        assert await found(empty, "thượng nguồn") == {"nfd"}
        assert await found(empty, "thuong nguon ky uc") == {"nfd"}

    @pytest.mark.parametrize("text", ["hoà bình chiến tranh", "hòa bình chiến tranh"])
    async def test_old_and_new_tone_placement_are_equal(self, index: SearchIndex, text: str) -> None:
        answer = await search(index, text)
        assert [hit.id for hit in answer.hits] == ["peace"]

    @pytest.mark.parametrize("text", ["phiêu lưu ký", "phiêu lưu kí", "phieu luu ki"])
    async def test_i_and_y_are_equal_in_open_syllables(self, index: SearchIndex, text: str) -> None:
        assert await found(index, text) == {"cricket"}

    async def test_all_words_must_match_wherever_they_stand(self, index: SearchIndex) -> None:
        assert await found(index, "tô hoài dế mèn kim đồng") == {"cricket"}
        assert "cricket" not in await found(index, "tô hoài dế mèn hà nội")

    @pytest.mark.parametrize(
        ("text", "expected"),
        [("C++", {"cpp"}), ("c#", {"csharp"}), (".NET", {"dotnet"}), ("ngôn ngữ c", {"c"})],
    )
    async def test_programming_languages_keep_their_signs(
        self, index: SearchIndex, text: str, expected: set[str]
    ) -> None:
        assert await found(index, text) == expected

    async def test_han_characters_are_words(self, index: SearchIndex) -> None:
        assert await found(index, "雲翹") == {"han"}
        assert await found(index, '"雲翹"') == {"han"}
        assert await found(index, '"翹雲"') == set()

    @pytest.mark.parametrize(
        "text", ['"', "((", "title:", "-", "a:b:c", "AND OR NOT", "*", '-"', "\\", "[1 TO", "^5 ~"]
    )
    async def test_no_text_is_an_error(self, index: SearchIndex, text: str) -> None:
        await search(index, text)

    async def test_text_without_words_finds_nothing(self, index: SearchIndex) -> None:
        assert (await search(index, "??? !!!", facets=("library",))).total == 0

    async def test_a_very_long_text_is_cut_not_refused(self, index: SearchIndex) -> None:
        assert (await search(index, "truyện " * 5_000)).total > 0


class TestTruyenKieu:
    """The four queries by which engines were compared."""

    async def first(self, index: SearchIndex, text: str) -> Counter[str]:
        answer = await search(index, text, size=50)
        return Counter(hit.id.split("-")[0] for hit in answer.hits)

    async def test_with_the_right_accents(self, index: SearchIndex) -> None:
        assert await self.first(index, "truyện kiều") == {"kieu": 50}
        assert (await search(index, "truyện kiều")).hits[0].id == "kieu"

    async def test_with_the_accents_of_another_word(self, index: SearchIndex) -> None:
        assert await self.first(index, "truyện kiếu") == {"decoy": 50}

    async def test_without_accents_all_are_found(self, index: SearchIndex) -> None:
        answer = await search(index, "truyen kieu")
        assert answer.total == 2 * KIEU
        assert answer.hits[0].id == "kieu"
        assert answer.did_you_mean is None

    @pytest.mark.usefixtures("proposals")
    async def test_with_a_slip(self, index: SearchIndex) -> None:
        answer = await search(index, "truyen kieuu")
        assert answer.total == 2 * KIEU
        assert answer.did_you_mean is not None
        assert answer.did_you_mean.lower() in ("truyện kiều", "truyện kiếu")


class TestSlips:
    @pytest.mark.parametrize("text", ["duong vee nha thuongg", "hoaa binh chien trnh", "phieuu luu ky"])
    async def test_one_wrong_letter_in_a_word_of_four_letters(self, index: SearchIndex, text: str) -> None:
        expected = {
            "duong vee nha thuongg": set(),
            "hoaa binh chien trnh": {"peace"},
            "phieuu luu ky": {"cricket"},
        }
        assert await found(index, text) == expected[text]

    async def test_right_words_rank_above_near_ones(self, empty: SearchIndex) -> None:
        await empty.write(
            [book("near", "Nguyển tập"), book("right", "Một trang nguyen nhan rat dai dong cua no")]
        )
        await empty.write([book("other", "Nguyeng tập")])
        await empty.commit()
        answer = await search(empty, "nguyeng")
        assert answer.hits[0].id == "other"
        assert {hit.id for hit in answer.hits} == {"other", "near", "right"}

    @pytest.mark.usefixtures("proposals")
    async def test_a_title_with_the_very_words_is_what_was_meant(self, empty: SearchIndex) -> None:
        await empty.write([book("one", "Chí Phèo"), *(book(f"p{n}", f"Địa chí phố {n}") for n in range(9))])
        await empty.commit()
        for typed in ("chi pheo", "Chí Phèo"):
            answer = await search(empty, typed)
            assert ([hit.id for hit in answer.hits], answer.did_you_mean) == (["one"], None)
        assert (await search(empty, "chi phex")).did_you_mean is not None

    async def test_frequent_words_are_not_loosened(self, index: SearchIndex) -> None:
        assert (await search(index, "kieu")).total == 2 * KIEU

    async def test_numbers_and_phrases_are_not_loosened(self, index: SearchIndex) -> None:
        assert await found(index, '"phieuu luu"') == set()
        assert await found(index, "VN00123457") == set()

    @pytest.mark.parametrize(("text", "meant"), [("chuyện kiều", "truyện"), ("giường về nhà", "đường")])
    @pytest.mark.usefixtures("proposals")
    async def test_spelling_of_another_region_is_proposed(
        self, index: SearchIndex, text: str, meant: str
    ) -> None:
        answer = await search(index, text)
        assert answer.did_you_mean is not None
        assert meant in answer.did_you_mean

    @pytest.mark.usefixtures("proposals")
    async def test_proposals_keep_fields_and_exclusions(self, index: SearchIndex) -> None:
        answer = await search(index, "-nại tác giả: nguyễn duu nhan đề: kieuu")
        assert answer.did_you_mean is not None
        clauses = parse(answer.did_you_mean)
        assert {clause.field for clause in clauses} == {None, "author", "title"}
        assert Clause("nại", negated=True) in clauses


class TestSyntax:
    async def test_phrases(self, index: SearchIndex) -> None:
        assert await found(index, '"về nhà"') == {"bridge"}
        assert await found(index, '"nhà về"') == set()
        assert await found(index, '"Tô Hoài"') == {"cricket"}

    async def test_a_phrase_does_not_run_from_one_text_into_the_next(self, index: SearchIndex) -> None:
        assert await found(index, '"nhà Đặng"') == set()

    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("author:hoài", {"cricket"}),
            ("tác giả: tô hoài", {"cricket"}),
            ('title:"hoài"', set()),
            ("nhan đề: đường về", {"bridge"}),
            ("chủ đề:hồi ký", {"bridge"}),
            ("nhà xuất bản: kim đồng", {"cricket"}),
            ("tùng thư: tủ sách", {"cricket"}),
            ('title:"về nhà" author:mai', {"bridge"}),
        ],
    )
    async def test_fields(self, index: SearchIndex, text: str, expected: set[str]) -> None:
        assert await found(index, text) == expected

    async def test_exclusions(self, index: SearchIndex) -> None:
        every = await found(index, "kieu")
        odd = {id for id in every if "kieu-" not in id or int(id[5:]) % 2}
        assert await found(index, "kieu -nại") == {id for id in every if id.startswith("kieu")}
        assert await found(index, 'kieu -"bản nôm"') == odd
        assert len(await found(index, "kiều -kiếu")) == KIEU

    async def test_unknown_fields_and_facets_are_refused(self, index: SearchIndex) -> None:
        with pytest.raises(BadQuery, match="colour"):
            await index.search(ANONYMOUS, SearchQuery((Clause("red", "colour"),)))
        with pytest.raises(BadQuery, match="colour"):
            await index.search(ANONYMOUS, SearchQuery(facets=("colour",)))
        with pytest.raises(BadQuery, match="colour"):
            await index.search(ANONYMOUS, SearchQuery(filters=(("colour", ("red",)),)))


class TestNumbers:
    @pytest.mark.parametrize(
        "text",
        [
            "9786041234563", "978-604-1-23456-3", "978 604 1 23456 3", "isbn:978-604-123-4563",
            "lập trình 978-604-1-23456-3",
            "VN00123456", "vn-00123456", "10.1000/182", "identifier:VN00123456",
        ],
    )  # fmt: skip
    async def test_numbers_as_they_are_written(self, index: SearchIndex, text: str) -> None:
        assert await found(index, text) == {"cpp"}

    async def test_isbn_of_ten_digits_finds_that_of_thirteen(self, empty: SearchIndex) -> None:
        await empty.write([book("ten", "Cây cam ngọt", isbn=("9780306406157",))])
        await empty.commit()
        assert await found(empty, "0-306-40615-2") == {"ten"}

    @pytest.mark.parametrize("text", ["1859-1531", "18591531", "issn:1859-1531"])
    async def test_issn(self, index: SearchIndex, text: str) -> None:
        assert await found(index, text) == {"dotnet"}

    async def test_a_span_of_years_is_text(self, empty: SearchIndex) -> None:
        await empty.write([book("war", "Chiến tranh 1945-1975"), book("other", "Chiến tranh 1945")])
        await empty.commit()
        assert await found(empty, "chiến tranh 1945-1975") == {"war"}

    @pytest.mark.parametrize(
        "text", ["shelf_mark:895.922", "ký hiệu xếp giá: 895.922 Đ561", "shelf_mark:895922Đ561V"]
    )
    async def test_shelf_marks_by_their_beginning(self, index: SearchIndex, text: str) -> None:
        assert await found(index, text) == {"bridge"}


class TestFilters:
    async def test_alternatives_within_a_facet_and_all_facets_together(self, index: SearchIndex) -> None:
        filters = (("library", ("hue", "hcm")), ("subject", ("Thơ",)))
        assert await found(index, "kieu", filters=filters) == {"kieu"}
        assert len(await found(index, "kieu", filters=(("library", ("hue", "hcm")),))) == KIEU + 1

    async def test_years(self, index: SearchIndex) -> None:
        assert await found(index, "kiều", year_from=1955, year_to=1956, filters=(("library", ("nlv",)),)) == {
            "kieu-55", "kieu-56",
        }  # fmt: skip
        assert await found(index, "kiều", year_to=1850) == {"kieu"}
        assert await found(index, "sách không năm", year_from=0) == set()
        assert await found(index, "kiều", year_from=2001, year_to=1999) == set()
        assert await found(index, "dế mèn", year_from=-(10**30), year_to=10**30) == {"cricket"}

    async def test_facets_are_counted_over_all_hits(self, index: SearchIndex) -> None:
        answer = await search(index, "kieu", size=1, facets=FACETS)
        assert facet(answer, "library") == {"nlv": KIEU, "hcm": KIEU + 1, "hue": 1}
        assert facet(answer, "province")["province of hue"] == 1
        assert facet(answer, "group")["group of hcm"] == KIEU + 1
        assert facet(answer, "format") == {"book": 2 * KIEU}
        assert facet(answer, "language") == {"vie": 2 * KIEU}
        assert facet(answer, "type") == {"public": 2 * KIEU}
        assert facet(answer, "subject") == {"Thơ": 1}
        assert facet(answer, "year")["1820"] == 1
        assert [name for name, _ in answer.facets] == list(FACETS)

    async def test_a_facet_does_not_narrow_itself(self, index: SearchIndex) -> None:
        answer = await search(index, "kieu", filters=(("library", ("hue",)),), facets=("library", "year"))
        assert answer.total == 1
        assert facet(answer, "library") == {"nlv": KIEU, "hcm": KIEU + 1, "hue": 1}
        assert facet(answer, "year") == {"1820": 1}
        assert [value.value for value in dict(answer.facets)["library"] if value.selected] == ["hue"]

    async def test_each_selected_facet_is_narrowed_by_the_others(self, index: SearchIndex) -> None:
        filters = (("library", ("nlv",)), ("year", ("1910", "1920")))
        answer = await search(index, "kieu", filters=filters, facets=("library", "year"))
        assert answer.total == 20
        assert facet(answer, "library") == {"nlv": 20}
        assert facet(answer, "year")["1930"] == 10

    async def test_selected_values_are_listed_though_they_are_few(self, index: SearchIndex) -> None:
        filters = (("library", ("hue", "nowhere")),)
        answer = await search(index, "kieu", filters=filters, facets=("library",), facet_size=1)
        assert facet(answer, "library") == {"hcm": KIEU + 1, "hue": 1, "nowhere": 0}

    async def test_values_come_by_count_then_by_name(self, index: SearchIndex) -> None:
        values = dict((await search(index, "", facets=("library",), facet_size=20)).facets)["library"]
        assert [(-v.count, v.value) for v in values] == sorted((-v.count, v.value) for v in values)
        assert len(values) == 20


class TestOrder:
    async def test_titles_in_vietnamese_order(self, empty: SearchIndex) -> None:
        documents = [book(f"t{n}", title) for n, title in enumerate(IN_ORDER)]
        random.Random(1).shuffle(documents)
        await empty.write(documents)
        await empty.commit()
        answer = await search(empty, "", sort=Sort.TITLE)
        assert [hit.id for hit in answer.hits] == [f"t{n}" for n in range(len(IN_ORDER))]

    @pytest.mark.parametrize(("sort", "first"), [(Sort.NEWEST, "kieu-59"), (Sort.OLDEST, "kieu")])
    async def test_years(self, index: SearchIndex, sort: Sort, first: str) -> None:
        answer = await search(index, "kiều", sort=sort, filters=(("library", ("nlv",)),))
        years = [1900 + int(hit.id[5:]) if "-" in hit.id else 1820 for hit in answer.hits]
        assert years == sorted(years, reverse=sort is Sort.NEWEST)
        assert answer.hits[0].id == first

    @pytest.mark.parametrize("sort", [Sort.NEWEST, Sort.OLDEST])
    async def test_what_has_no_year_comes_last(self, index: SearchIndex, sort: Sort) -> None:
        answer = await search(index, "sách", sort=sort)
        assert answer.hits[-1].id == "undated"
        assert answer.total > 1

    @pytest.mark.parametrize("sort", list(Sort))
    async def test_equal_hits_stand_by_title_then_id(self, empty: SearchIndex, sort: Sort) -> None:
        documents = [book(f"{n:02d}", f"Sổ tay {letter}") for n, letter in enumerate("bcdabcdabcda")]
        random.Random(2).shuffle(documents)
        for document in documents:  # several segments
            await empty.write([document])
            await empty.commit()
        answer = await search(empty, "sổ tay", sort=sort)
        titles = {f"{n:02d}": letter for n, letter in enumerate("bcdabcdabcda")}
        assert [hit.id for hit in answer.hits] == sorted(titles, key=lambda id: (titles[id], id))

    async def test_more_libraries_rank_a_little_higher(self, empty: SearchIndex) -> None:
        await empty.write([book("one", "Sổ tay"), book("many", "Sổ tay", libraries=tuple("abcdefghij"))])
        await empty.commit()
        assert [hit.id for hit in (await search(empty, "sổ tay")).hits] == ["many", "one"]


class TestPages:
    async def pages(self, index: SearchIndex, query: SearchQuery) -> Iterator[str]:
        ids: list[str] = []
        total, cursor = None, None
        while True:
            answer = await index.search(ANONYMOUS, replace(query, cursor=cursor))
            assert total in (None, answer.total)
            total, cursor = answer.total, answer.next_cursor
            ids += [hit.id for hit in answer.hits]
            if cursor is None:
                break
        assert len(ids) == total
        return iter(ids)

    @pytest.mark.parametrize("sort", list(Sort))
    @pytest.mark.parametrize("text", ["", "kieu", "ni", "truyen kieuu"])
    async def test_all_pages_hold_every_hit_once(self, index: SearchIndex, sort: Sort, text: str) -> None:
        query = SearchQuery(parse(text), sort=sort, size=7)
        ids = list(await self.pages(index, query))
        assert len(set(ids)) == len(ids) > 30
        assert ids == list(await self.pages(index, replace(query, size=53)))

    @pytest.mark.parametrize("sort", list(Sort))
    async def test_long_rows_of_equal_hits(self, empty: SearchIndex, sort: Sort) -> None:
        documents = [book(f"{n:04d}", "Tạp chí dân tộc học", year=1990 + n % 2) for n in range(700)]
        await empty.write(documents[:300])
        await empty.commit()
        await empty.write(documents[300:])
        await empty.commit()
        ids = list(await self.pages(empty, SearchQuery(parse("tap chi"), sort=sort, size=64)))
        assert sorted(ids) == [document.id for document in documents]

    async def test_a_cursor_of_another_search_is_refused(self, index: SearchIndex) -> None:
        cursor = (await search(index, "kieu", size=5)).next_cursor
        assert cursor is not None
        for other in (
            search(index, "kiều", size=5, cursor=cursor),
            search(index, "kieu", size=5, cursor=cursor, sort=Sort.TITLE),
            search(index, "kieu", size=5, cursor=cursor, year_from=1900),
            search(index, "kieu", size=5, cursor=cursor, filters=(("library", ("nlv",)),)),
            search(index, "kieu", INSIDER, size=5, cursor=cursor),
        ):
            with pytest.raises(BadCursor):
                await other
        assert (await search(index, "kieu", size=9, cursor=cursor)).hits

    @pytest.mark.parametrize("cursor", ["x", "AAAA", "%%%", "é", "A" * 5_000, "kgA", "lcQI"])
    async def test_a_damaged_cursor_is_refused(self, index: SearchIndex, cursor: str) -> None:
        with pytest.raises(BadCursor):
            await search(index, "kieu", cursor=cursor)

    async def test_the_size_of_a_page_is_limited(self, index: SearchIndex) -> None:
        assert len((await search(index, "", size=100_000)).hits) == 200
        assert (await search(index, "kieu", size=0)).hits == ()
        assert (await search(index, "kieu", size=-1)).total == 2 * KIEU


class TestAudience:
    async def test_a_restricted_record_is_nowhere(self, index: SearchIndex) -> None:
        answer = await search(index, "mật mã trinh sát", facets=FACETS)
        assert answer.total == 0
        assert answer.hits == ()
        assert all(not values for _, values in answer.facets)
        assert answer.did_you_mean is None
        assert await found(index, "mật mã trinh sát", INSIDER) == {"secret"}

    async def test_nor_in_counts_and_facets_of_everything(self, index: SearchIndex) -> None:
        public = await search(index, "", facets=("library",), facet_size=300)
        inside = await search(index, "", INSIDER, facets=("library",), facet_size=300)
        assert inside.total == public.total + 1
        assert "t31" not in facet(public, "library")
        assert facet(inside, "library")["t31"] == 2

    async def test_nor_when_its_facet_is_asked_for(self, index: SearchIndex) -> None:
        answer = await search(index, "", filters=(("library", ("t31",)),), facets=("library",), facet_size=1)
        assert answer.total == 0
        assert facet(answer, "library")["t31"] == 0

    async def test_nor_in_suggestions(self, index: SearchIndex) -> None:
        assert await index.suggest(ANONYMOUS, "mật mã ng") == ()
        assert await index.suggest(ANONYMOUS, "phạm xuân ẩ") == ()
        assert await index.suggest(INSIDER, "mật mã ng") == ("Mật mã nghiệp vụ trinh sát",)
        assert await index.suggest(INSIDER, "phạm xuân ẩ") == ("Phạm Xuân Ẩn",)

    @pytest.mark.usefixtures("proposals")
    async def test_nor_in_did_you_mean(self, index: SearchIndex) -> None:
        assert (await search(index, "nghiepj vuj trinhh")).did_you_mean is None
        assert (await search(index, "nghiepj vuj trinhh", INSIDER)).did_you_mean is not None

    async def test_nor_through_slips_fields_phrases_or_numbers(self, index: SearchIndex) -> None:
        for text in (
            "trinhh sat nghiepp",
            "title:trinh sát",
            '"trinh sát"',
            "tài liệu huấn luyện",
            "-xyz trinh sát",
        ):
            assert await found(index, text) == set(), text
            assert await found(index, text, INSIDER), text

    async def test_of_a_shared_record_each_sees_one_document(self, index: SearchIndex) -> None:
        army, all_seeing = Viewer(frozenset({ARMY})), Viewer(frozenset({CAND, ARMY}))
        for viewer, library in ((ANONYMOUS, None), (INSIDER, "t31"), (army, "hvqp"), (all_seeing, "hvqp")):
            answer = await search(index, "luật hình sự", viewer, facets=("library",))
            assert [hit.id for hit in answer.hits] == ["both"]
            assert facet(answer, "library") == {"nlv": 1, **({library: 1} if library else {})}
        assert await found(index, "bản của quân đội", INSIDER) == set()
        assert await found(index, "tài liệu huấn luyện", army) == set()


class TestSuggest:
    @pytest.mark.parametrize("text", ["truyện k", "truyen kie", "Truyện Ki", "TRUYỆN KIỀU", "truye"])
    async def test_titles_as_they_are_typed(self, index: SearchIndex, text: str) -> None:
        assert any(title.startswith("Truyện Kiều") for title in await index.suggest(ANONYMOUS, text, 10))

    async def test_typed_accents_come_first(self, index: SearchIndex) -> None:
        assert all("Kiều" in title for title in await index.suggest(ANONYMOUS, "truyện kiề", 10))
        assert all("kiếu" in title for title in await index.suggest(ANONYMOUS, "truyện kiếu", 10))

    async def test_words_in_the_middle_and_authors(self, index: SearchIndex) -> None:
        assert "Dế mèn phiêu lưu ký" in await index.suggest(ANONYMOUS, "phieu luu")
        assert "Tô Hoài" in await index.suggest(ANONYMOUS, "tô ho")
        assert "Nguyễn Du" in await index.suggest(ANONYMOUS, "nguyen d", 50)

    async def test_decomposed_typing(self, index: SearchIndex) -> None:
        typed = unicodedata.normalize("NFD", "đường v")
        assert await index.suggest(ANONYMOUS, typed) == ("Đường về nhà",)

    async def test_limits(self, index: SearchIndex) -> None:
        assert len(await index.suggest(ANONYMOUS, "truyen", 3)) == 3
        assert await index.suggest(ANONYMOUS, "t") == ()
        assert await index.suggest(ANONYMOUS, "  ") == ()
        assert await index.suggest(ANONYMOUS, "truyen", 0) == ()
        assert await index.suggest(ANONYMOUS, ".*+?(") == ()

    async def test_an_ended_word_is_not_completed(self, index: SearchIndex) -> None:
        assert await index.suggest(ANONYMOUS, "đường v ") == ()


async def test_a_name_without_marks_in_one_syllable_is_another_than_one_with(empty: SearchIndex) -> None:
    """Nguyễn Du and Nguyễn Dữ: whoever types the first finds the first first."""
    await empty.write(
        [
            book("du4", "Truyền kỳ mạn lục", author=("Nguyễn Dữ",)),
            book("du", "Đoạn trường tân thanh", author=("Nguyễn Du",)),
        ]
    )
    await empty.commit()
    assert [hit.id for hit in (await search(empty, "Nguyễn Du")).hits] == ["du", "du4"]
    assert [hit.id for hit in (await search(empty, "Nguyễn Dữ")).hits] == ["du4", "du"]


async def test_words_together_in_a_title_are_worth_more_than_scattered_ones(empty: SearchIndex) -> None:
    await empty.write(
        [
            book("scattered", "Lịch sử khẩn hoang miền Nam", subject=("Việt Nam", "Lịch sử", "Việt Nam học")),
            book("together", "Giáo trình những vấn đề chung của lịch sử phát triển nước Việt Nam ngày nay"),
        ]
    )
    await empty.commit()
    for words in ("lịch sử việt nam", "lich su viet nam"):
        assert [hit.id for hit in (await search(empty, words)).hits] == ["together", "scattered"]
