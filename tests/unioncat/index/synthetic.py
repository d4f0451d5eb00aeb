"""A made-up Vietnamese catalogue of any size: syllables with tones, few of them frequent, as in real text."""

import random
from collections.abc import Iterator

from unioncat.domain.audience import PUBLIC
from unioncat.domain.search import IndexDocument
from unioncat.text import key_fold, sort_key

_INITIALS = ("b", "c", "ch", "d", "đ", "g", "gi", "h", "k", "kh", "l", "m", "n", "ng", "nh", "ph", "qu", "r")
_INITIALS += ("s", "t", "th", "tr", "v", "x")
_RIME_LIST = (
    "a à á ả ạ an án àn ản ang áng àng ao ào ác át ăn ắn ăng ắng âm ấm ân ấn "
    "âu ầu e é ẻ en ém ên ền ệ ệt i í ì ị ia inh ính ình iên iện iến iết iều "
    "o ó ò ong óng ôi ội ông ống ơ ờ ớ ơn u ú ụ ui ung úng uyên uyện ư ử ưa "
    "ương ường ước ượt ươi"
)
_RIMES = tuple(_RIME_LIST.split())
_OPENINGS = ("Giáo trình", "Lịch sử", "Tuyển tập", "Bài tập", "Văn học", "Nghiên cứu", "Từ điển", "Hướng dẫn")
_SURNAMES = ("Nguyễn", "Trần", "Lê", "Phạm", "Hoàng", "Phan", "Vũ", "Đặng", "Bùi", "Đỗ", "Hồ", "Ngô", "Lý")
LIBRARIES = tuple(f"lib-{number:03d}" for number in range(64))


class Synthetic:
    """Documents that depend on the seed and their number alone."""

    def __init__(self, seed: int = 1, avoid: frozenset[str] = frozenset()) -> None:
        """`avoid`: folded words that no document may hold."""
        self._random = random.Random(seed)
        syllables = [initial + rime for initial in _INITIALS for rime in _RIMES]
        syllables = [syllable for syllable in syllables if key_fold(syllable) not in avoid]
        self._openings = [text for text in _OPENINGS if avoid.isdisjoint(key_fold(text).split())]
        self._surnames = [name for name in _SURNAMES if key_fold(name) not in avoid]
        self._random.shuffle(syllables)
        self._syllables = syllables
        self._subjects = [self._words(2, 4) for _ in range(2_000)]

    def documents(self, count: int, restricted: float = 0.0) -> Iterator[IndexDocument]:
        """Make `count` documents, a share of them for audience 1."""
        for number in range(count):
            yield self._document(number, 1 if self._random.random() < restricted else PUBLIC)

    def _words(self, fewest: int, most: int) -> str:
        count = self._random.randint(fewest, most)
        chosen = (
            self._syllables[int(len(self._syllables) * self._random.random() ** 4)] for _ in range(count)
        )
        return " ".join(chosen).capitalize()

    def _document(self, number: int, audience: int) -> IndexDocument:
        pick = self._random
        title = self._words(3, 9)
        if pick.random() < 0.3:
            title = f"{pick.choice(self._openings)} {title.lower()}"
        libraries = tuple(pick.sample(LIBRARIES, pick.choice((1, 1, 1, 2, 3, 6))))
        subjects = tuple(pick.sample(self._subjects, pick.randint(1, 3)))
        year = pick.randint(1950, 2025) if pick.random() > 0.03 else None
        return IndexDocument(
            id=f"u{number:08d}",
            audience=audience,
            title=(title,),
            author=(f"{pick.choice(self._surnames)} {self._words(1, 2).title()}",),
            subject=subjects,
            publisher=(f"Nxb. {self._words(1, 2)}",),
            series=(),
            other=(self._words(8, 20),),
            isbn=(f"978604{pick.randint(0, 9_999_999):07d}",),
            issn=(),
            identifier=(f"MS{number:09d}",),
            shelf_mark=(f"{pick.randint(0, 999)}.{pick.randint(0, 99)} {title[:1]}{pick.randint(100, 999)}",),
            year=year,
            sort_title=sort_key(title),
            facets=(
                ("library", libraries),
                ("province", tuple(f"p-{int(code[-3:]) % 34:02d}" for code in libraries)),
                ("type", (pick.choice(("public", "university", "school")),)),
                ("format", (pick.choice(("book", "book", "book", "serial", "thesis")),)),
                ("language", (pick.choice(("vie", "vie", "vie", "eng", "fre")),)),
                ("year", (str(year // 10 * 10),) if year else ()),
                ("subject", subjects),
            ),
            holdings=len(libraries),
        )
