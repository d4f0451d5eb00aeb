"""The judge itself: its arithmetic, its early end, and the symmetry of what it says."""

import time

import msgspec

from tests.unioncat.matching.records import book, judged, verdict
from unioncat.domain.bib import Agent, AgentKind, BibRecord, Carrier, Extent, Identifier, Title
from unioncat.domain.match import Verdict
from unioncat.matching import RULES, Features, extract, judge, weigh
from unioncat.matching.rules import SAME_FROM, UNSURE_FROM, VETO_SCORE

TYPICAL = book(
    "Cơ sở lý thuyết của truyền thông và mạng máy tính",
    ("Đặng Văn Chuyết", "Nguyễn Tuấn Anh"),
    1998,
    "Nhà xuất bản Giáo dục",
    282,
    place="H.",
    isbn="9786045370193",
    edition="Tái bản lần thứ nhất",
    responsibility="Đặng Văn Chuyết (ch.b.), Nguyễn Tuấn Anh",
    languages=("vie",),
)
OTHER = book(
    "Lược sử thời gian", "Stephen Hawking", 2019, "Trẻ", 282, isbn="9786041127630", languages=("vie",)
)


def test_points_of_the_evidence_add_up_to_the_score() -> None:
    for pair in ((TYPICAL, TYPICAL), (OTHER, OTHER)):
        judgement = judged(*pair)
        assert sum(evidence.points for evidence in judgement.evidence) == judgement.score >= SAME_FROM
        assert judgement.rules == RULES


def test_a_hard_stop_ends_the_matter() -> None:
    judgement = judged(TYPICAL, book("X", carrier=Carrier.ONLINE))
    assert (judgement.verdict, judgement.score) == (Verdict.DIFFERENT, VETO_SCORE)
    assert [evidence.veto for evidence in judgement.evidence] == [True]


def test_the_early_end_changes_no_verdict() -> None:
    left, right = extract(TYPICAL), extract(OTHER)
    said = judge(left, right)
    everything = weigh(left, right)
    assert len(said.evidence) < len([evidence for evidence in everything if evidence.points])
    assert sum(evidence.points for evidence in everything) < UNSURE_FROM
    assert said.verdict is Verdict.DIFFERENT


def test_nothing_known_is_no_reason_to_join() -> None:
    assert verdict(BibRecord(Title("")), BibRecord(Title(""))) is Verdict.DIFFERENT


def test_missing_is_not_different() -> None:
    whole = judged(TYPICAL, TYPICAL).score
    for bare in (
        book("Cơ sở lý thuyết của truyền thông và mạng máy tính", "Đặng Văn Chuyết", 1998),
        book("Cơ sở lý thuyết của truyền thông và mạng máy tính", (), 1998, "Giáo dục", 282),
    ):
        judgement = judged(TYPICAL, bare)
        assert judgement.score < whole
        assert all(evidence.points >= 0 for evidence in judgement.evidence)
        assert judgement.verdict is Verdict.SAME


def test_bodies_stand_in_for_persons() -> None:
    def annual(body: str) -> BibRecord:
        return BibRecord(Title("Báo cáo"), agents=(Agent(body, AgentKind.CORPORATE, main=True),), year=2001)

    ministry, ours = annual("Bộ Y tế"), annual("Bộ Y tế. Vụ Kế hoạch")
    assert judged(ministry, ours).score > judged(ministry, annual("Ngân hàng Nhà nước")).score


def test_a_set_is_not_one_book() -> None:
    ours = BibRecord(Title("Việt Nam sử lược toàn thư"), year=2000, extent=Extent("3 tập", None, 3))
    theirs = BibRecord(Title("Việt Nam sử lược toàn thư"), year=2000, extent=Extent("300 tr.", 300))
    assert verdict(ours, theirs) is not Verdict.SAME
    assert judged(ours, ours).score > judged(ours, theirs).score


def test_national_numbers_are_evidence_if_titles_agree() -> None:
    def numbered(title: str, value: str) -> BibRecord:
        return BibRecord(Title(title), year=2000, identifiers=(Identifier("lccn", value),))

    ours = numbered("Việt Nam sử lược toàn thư", "2001123456")
    assert verdict(ours, ours) is Verdict.SAME
    assert judged(ours, numbered("Việt Nam sử lược toàn thư", "2001999999")).verdict is not Verdict.SAME
    assert judged(ours, numbered("Cơ học lượng tử", "2001123456")).evidence[-1].feature == "conflict"


def test_facts_survive_encoding() -> None:
    facts = extract(TYPICAL)
    assert msgspec.json.decode(msgspec.json.encode(facts), type=Features) == facts
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(facts), type=Features) == facts


def _best_of(times: int, work, repeat: int) -> float:  # type: ignore[no-untyped-def]
    best = float("inf")
    for _ in range(times):
        start = time.perf_counter()
        for _ in range(repeat):
            work()
        best = min(best, (time.perf_counter() - start) / repeat)
    return best * 1e6


def test_it_is_fast() -> None:
    """Budgets are three times the aims (80, 25, 60 microseconds), for a busy machine."""
    left, right = extract(TYPICAL), extract(OTHER)
    assert _best_of(5, lambda: extract(TYPICAL), 300) < 240
    assert _best_of(5, lambda: judge(left, right), 300) < 75
    assert _best_of(5, lambda: judge(left, left), 300) < 180


def standard(title: str, number: str) -> BibRecord:
    """A standard as catalogues write it: no author, no year, nothing but its number."""
    return BibRecord(Title(title), identifiers=(Identifier("standard", number),))


def test_the_number_of_a_standard_joins_what_has_no_author_and_no_year() -> None:
    titles = ("Máy điện đồng bộ: Phương pháp thử", "Máy điện đồng bộ. Phương pháp thử")
    one, other = (standard(title, "TCVN 4259:1986") for title in titles)
    assert verdict(one, other) is Verdict.SAME
    assert verdict(one, standard(titles[1], "TCVN 4259:1995")) is not Verdict.SAME
    assert verdict(one, standard("Ván sàn bằng gỗ", "TCVN 4259:1986")) is Verdict.UNSURE
