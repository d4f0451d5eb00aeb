"""Two OAI-PMH servers of other hands: records, changes, deletions, what vanishes, Vietnamese letters."""

import unicodedata
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import pytest
from lxml import etree
from sqlalchemy import text

from tests.contracts.oai_member import MARC, Shelf, shelf_server
from tests.contracts.oai_repo_member import oai_repo_server
from tests.harvester.support import QUICK, surroundings
from unioncat.domain.source import RunMode, Source
from unioncat.store import sources
from unioncat.store.codec import expand
from unioncat.store.database import Database
from unioncat_harvester.run import Outcome, State, harvest

COUNT = 130
TITLE = "Đất rừng phương Nam: ẤẦẨẪẬ ấầẩẫậ ứừửữự đ Đ & <Kiều>"


@dataclass(frozen=True)
class Real:
    """A server, and whether it tells of deletions."""

    serve: Callable[[Shelf], AbstractContextManager[str]]
    tells: bool


SERVERS = {"oaipmh": Real(shelf_server, True), "oai-repo": Real(oai_repo_server, False)}


async def live(db: Database) -> dict[str, str]:
    """Title of each record that flows on."""
    query = """
        SELECT DISTINCT ON (w.local_id) w.local_id, w.deleted, w.payload FROM raw_record w
        JOIN harvest_run r ON r.id = w.run_id WHERE r.state = 'published' ORDER BY w.local_id, w.run_id DESC
    """
    found = {}
    async with db.begin() as conn:
        for row in await conn.execute(text(query)):
            if not row.deleted:
                tree = etree.fromstring(expand(row.payload))
                found[row.local_id] = str(tree.findtext(f"{{{MARC}}}datafield/{{{MARC}}}subfield"))
    return found


def titles(shelf: Shelf) -> dict[str, str]:
    found = {}
    for identifier, (_, deleted, xml) in shelf.records.items():
        if not deleted:
            found[identifier] = str(etree.fromstring(xml).findtext(f"{{{MARC}}}datafield/{{{MARC}}}subfield"))
    return found


async def once(db: Database, source: Source, mode: RunMode | None = None) -> Outcome:
    outcome = await harvest(db, source, surroundings(), mode=mode)
    assert outcome.state is State.PUBLISHED, outcome.error
    assert outcome.run
    return outcome


@pytest.mark.parametrize("name", SERVERS)
async def test_full_changes_deletions_and_vanished_records(db: Database, source: Source, name: str) -> None:
    real = SERVERS[name]
    shelf = Shelf(COUNT)
    plain = TITLE.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    shelf.put(7, datetime(2024, 2, 1, tzinfo=UTC), title=plain)
    shelf.put(8, datetime(2024, 2, 1, tzinfo=UTC), title=unicodedata.normalize("NFD", "Truyện Kiều"))
    with real.serve(shelf) as address:
        async with db.begin() as conn:
            source = await sources.save_source(
                conn, replace(source, address=address, format="auto", politeness=QUICK)
            )
        first = await once(db, source)
        assert first.run
        assert await live(db) == titles(shelf)
        assert (await live(db))["oai:shelf:7"] == f"{TITLE} 7"
        assert (await live(db))["oai:shelf:8"] == unicodedata.normalize("NFD", "Truyện Kiều") + " 8"
        assert first.run.counters.deleted == (5 if real.tells else 0)

        now = datetime.now(UTC) + timedelta(minutes=1)
        shelf.put(7, now, title="Bản sửa")
        shelf.put(500, now, title="Sách mới")
        shelf.put(9, now, deleted=True)
        second = await once(db, source)
        assert second.run
        assert second.run.mode is RunMode.INCREMENTAL
        assert (second.run.counters.created, second.run.counters.changed) == (1, 1)
        assert second.run.counters.deleted == (1 if real.tells else 0)
        assert ("oai:shelf:9" in await live(db)) is not real.tells

        del shelf.records["oai:shelf:11"]
        compared = await once(db, source, RunMode.RECONCILE)
        assert compared.run
        assert compared.run.counters.swept == (1 if real.tells else 2)
        assert await live(db) == titles(shelf)

        del shelf.records["oai:shelf:12"]
        whole = await once(db, source, RunMode.FULL)
    assert whole.run
    assert (whole.run.counters.swept, whole.run.counters.created) == (1, 0)
    assert await live(db) == titles(shelf)
