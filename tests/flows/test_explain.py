"""Why two records stand together or apart is told as it is: evidence, people, the way between them."""

import pytest

from tests.flows.test_join import book, parts, put, sets
from tests.flows.test_review import DOUBT, number, say, services
from unioncat.domain.audience import ANONYMOUS
from unioncat.domain.match import Verdict
from unioncat.domain.source import Source
from unioncat.flow import explain, pipeline
from unioncat.flow.explain import Outcome
from unioncat.flow.services import Services
from unioncat.store.codec import record_number
from unioncat.store.errors import Conflict, Unknown

__all__ = ["services"]


async def explained(services: Services, source: Source, pair: str) -> explain.Explanation:
    return await explain.explain(services, ANONYMOUS, *(number(source, one) for one in pair))


async def test_explanations_of_joined_and_unjoined_pairs(services: Services, source: Source) -> None:
    db = services.db
    await put(
        db,
        source,
        {
            **DOUBT,
            "c": book("Truyện cô Ba Sài Gòn"),
            "d": book("Lịch sử Việt Nam. Tập 1"),
            "e": book("Toán học cao cấp", "Nguyễn Đình Trí", 1983, 400, publisher="Giáo dục"),
        },
    )
    await pipeline.process(services)
    joined = await explained(services, source, "ac")
    assert joined.outcome is Outcome.JOINED
    assert joined.left_cluster == joined.right_cluster
    assert joined.stored is not None
    assert joined.stored.rules == joined.judgement.rules
    assert joined.stored.score == pytest.approx(joined.judgement.score, abs=0.01)
    assert sum(one.points for one in joined.evidence) == pytest.approx(joined.judgement.score)
    assert joined.usable_keys > 0
    assert [(step.by, step.score is not None) for step in joined.path] == [(None, True)]
    doubt = await explained(services, source, "ab")
    assert doubt.outcome is Outcome.UNSURE
    assert [one.feature for one in doubt.evidence][-1] == "doubt"
    apart = await explained(services, source, "ae")
    assert apart.outcome in (Outcome.APART, Outcome.STOPPED)
    assert apart.stored is None
    assert apart.path == ()
    assert {one.feature for one in apart.evidence} >= {"title", "year"}, "all evidence, not only the first"
    await say(services, source, "ae", Verdict.SAME, reason="đã xem sách")
    assert (await explained(services, source, "ae")).waiting
    await pipeline.process(services)
    person = await explained(services, source, "ae")
    assert person.outcome is Outcome.PERSON_JOINED
    assert [step.by for step in person.path] == ["Lan"]
    assert person.decisions[0].reason == "đã xem sách"
    assert not person.waiting
    await say(services, source, "ac", Verdict.DIFFERENT)
    await pipeline.process(services)
    assert (await explained(services, source, "ac")).outcome is Outcome.PERSON_APART


async def test_explanation_of_a_pair_that_is_joined_through_others(
    services: Services, source: Source
) -> None:
    await put(services.db, source, {"a": DOUBT["a"], "m": DOUBT["a"], "z": DOUBT["b"]})
    await pipeline.process(services)
    await say(services, source, "mz", Verdict.SAME)
    await pipeline.process(services)
    assert await parts(services.db) == sets("amz")
    through = await explained(services, source, "az")
    assert through.outcome is Outcome.THROUGH
    assert [member.local_id for member in through.between] == ["m"]
    assert [step.by for step in through.path] == [None, "Lan"]
    back = await explained(services, source, "za")
    assert [step.by for step in back.path] == ["Lan", None]


async def test_a_record_is_named_by_number_or_source(services: Services, source: Source) -> None:
    assert explain.read_name(" 12 ") == 12
    assert explain.read_name("lib-a:oai:x:1") == record_number("lib-a", "oai:x:1")
    for wrong in ("", "abc", ":x", "x:", "9" * 19):
        with pytest.raises(Conflict):
            explain.read_name(wrong)
    await put(services.db, source, DOUBT)
    await pipeline.process(services)
    with pytest.raises(Conflict):
        await explained(services, source, "aa")
    with pytest.raises(Unknown):
        await explained(services, source, "aq")
