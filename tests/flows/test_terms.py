"""Terms out of files and of the sample: all or nothing, logged, and good enough to lend by."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from tests.flows.test_locate import federation
from unioncat.config import Settings
from unioncat.domain.audience import Viewer
from unioncat.domain.lending_policy import OpenTo, Policy
from unioncat.flow import audit, terms
from unioncat.flow.services import Services
from unioncat.flow.terms import PolicyIn
from unioncat.sample import terms as sample
from unioncat.sample.facts import libraries as sample_libraries
from unioncat.store import agreements as store
from unioncat.store.database import Database
from unioncat.store.errors import Conflict, Unknown

NOW = datetime(2026, 3, 11, 3, tzinfo=UTC)
ALL = Viewer(frozenset({0, 1}))
FILE = """
[[agreement]]
code = "dai-hoc"
name_vi = "Liên thông thư viện đại học"
form = "function"
valid_from = 2026-01-01
participants = [{ library = "far" }, { group = "north", lends = false }]
cost = 5000

[[policy]]
library = "near"
open_to = "federation"
loan_days = 21
cost_loan = 10000
locations_kept = ["Kho quý hiếm"]

[[closure]]
start = 2026-05-04
end = 2026-05-04
open = true
why = "làm bù"

[[avoid]]
library = "near"
other = "far"
side = "lend"
reason = "chưa trả"
"""


@pytest.fixture
async def services(db: Database, tmp_path: Path) -> Services:
    await federation(db)
    return Services(db, None, Settings(home=tmp_path))  # type: ignore[arg-type]


async def test_a_file_is_saved_whole_and_logged(services: Services, tmp_path: Path) -> None:
    path = tmp_path / "terms.toml"
    path.write_text(FILE, encoding="utf-8")
    await terms.load_file(services, path, "a@b.vn", NOW)
    found = await terms.terms_of(services, "near", NOW)
    assert (found.policy.open_to, found.policy.loan_days) == (OpenTo.FEDERATION, 21)
    assert found.policy.cost_loan is not None
    assert found.policy.cost_loan.amount == 10_000
    assert [one.code for one in found.agreements] == ["dai-hoc", "north"]
    assert [(one.open, one.library) for one in found.closures] == [(True, None)]
    assert [(one.other, one.valid_from) for one in found.avoidances] == [("far", date(2026, 3, 11))]
    actions = {one.action for one in await audit.entries(services) if one.actor == "a@b.vn"}
    assert actions == {"lending.agreement", "lending.policy", "lending.closure", "lending.avoid"}
    given = PolicyIn.of(found.policy)
    assert terms.policy_of("near", given) == found.policy, "what is shown can be sent back"


async def test_a_file_with_a_fault_saves_nothing(services: Services, tmp_path: Path) -> None:
    path = tmp_path / "terms.toml"
    for fault, said in (
        (FILE.replace('library = "far"', 'library = "none"'), "no library 'none'"),
        (FILE.replace("cost = 5000", "cost = -1"), "cost"),
        (FILE.replace("loan_days", "loan_dais"), "loan_dais"),
        (FILE.replace("[[closure]]", "[[closure"), "not TOML"),
        (FILE.replace("2026-05-04", "2026-05-05", 1), "end before they begin"),
    ):
        path.write_text(fault, encoding="utf-8")
        with pytest.raises((Conflict, Unknown), match=said):
            await terms.load_file(services, path, "a@b.vn", NOW)
        assert [one.code for one in await terms.agreements(services, ALL)] == ["north", "police"]
    with pytest.raises(Conflict, match="cannot be read"):
        await terms.load_file(services, tmp_path / "none.toml", "a@b.vn", NOW)


async def test_only_the_federation_says_who_is_asked_last(services: Services) -> None:
    asked = PolicyIn(last_resort=5)
    assert (await terms.set_policy(services, "near", asked, "a@b.vn")).last_resort is None
    assert (await terms.set_policy(services, "near", asked, "a@b.vn", places_last=True)).last_resort == 5
    assert (await terms.set_policy(services, "near", PolicyIn(), "a@b.vn")).last_resort == 5


async def test_rows_end_and_are_not_deleted(services: Services) -> None:
    await terms.save(services, terms.read_terms(FILE), "a@b.vn", NOW)
    number = (await terms.terms_of(services, "near", NOW)).avoidances[0].id
    with pytest.raises(Unknown):
        await terms.meet_again(services, "far", number, "a@b.vn", NOW)
    await terms.meet_again(services, "near", number, "a@b.vn", NOW)
    assert (await terms.terms_of(services, "near", NOW)).avoidances == []
    closed = (await terms.closures(services, date(2026, 1, 1)))[0]
    with pytest.raises(Unknown):
        await terms.reopen(services, "near", closed.id, "a@b.vn")
    await terms.reopen(services, None, closed.id, "a@b.vn")


def test_the_samples_terms_name_libraries_of_the_sample() -> None:
    codes = {one.code for one in sample_libraries()}
    groups = {group for one in sample_libraries() for group in one.groups}
    for agreement in sample.AGREEMENTS:
        for part in agreement.participants:
            assert part.library in codes or part.group in groups
    assert {one.library for one in sample.POLICIES} <= codes


async def test_the_samples_terms_are_laid_down_once(services: Services) -> None:
    async with services.db.as_service() as conn:
        assert await store.policy(conn, "home") == Policy("home")
    assert await terms.lay_down(services, (), (), (), (), "sample") is False, "there are agreements"
