"""Lists of whom to ask, made out of what the asking library may see, kept, and made anew only when needed."""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import text

from tests.flows.conftest import add_source
from unioncat.domain.audience import ANONYMOUS, Audience
from unioncat.domain.bib import BibRecord, Holding, Title
from unioncat.domain.lending import Request, Wanted
from unioncat.domain.lending_policy import (
    Agreement,
    Avoidance,
    Avoids,
    Closure,
    OpenTo,
    Participant,
    Policy,
)
from unioncat.domain.library import Group, GroupMode, Library, LibraryType, Parent, Province
from unioncat.domain.source import Source
from unioncat.flow import locate
from unioncat.flow.holidays import holidays_around, public_holidays
from unioncat.flow.join import join
from unioncat.lending.rota import Reason
from unioncat.matching import RULES, block_keys, extract
from unioncat.store import agreements, catalogue, libraries, rotas
from unioncat.store import tables as t
from unioncat.store.catalogue import Chunk, Entry
from unioncat.store.codec import pack, plain, record_number
from unioncat.store.database import Connection, Database
from unioncat.store.errors import Conflict, Unknown

NOW = datetime(2026, 3, 11, 3, tzinfo=UTC)
"""A Wednesday, 10 o'clock in Viet Nam."""
BOOK = BibRecord(title=Title("Đất rừng phương Nam"), year=2019, languages=("vie",))


async def shelve(db: Database, source: Source, held: Mapping[str, Holding], audience: int = 0) -> str:
    """Put one record on the shelves of libraries; give its public id."""
    async with db.begin() as conn:
        owners = await libraries.owners(conn)
        features = extract(BOOK)
        number = record_number(source.code, "1")
        await catalogue.write_chunk(
            conn,
            Chunk(0, source.id, 0, 0, 1),
            [
                Entry(
                    number,
                    number,
                    "1",
                    False,
                    block_keys(features),
                    pack(features),
                    pack(BOOK),
                    tuple(replace(one, library=code) for code, one in held.items()),
                )
            ],
            audience=audience,
            library_id=source.library_id,
            libraries=owners,
            normaliser=1,
            rules=RULES,
        )
    await join(db, workers=1)
    async with db.begin() as conn:
        query = text(
            "SELECT public_id FROM cluster c JOIN cluster_member m ON m.cluster_id = c.id"
            " WHERE m.record_id = :n AND c.live"
        )
        return str((await conn.execute(query, {"n": number})).scalar_one())


async def federation(db: Database) -> Source:
    """Libraries of the north and the south, the National Library, restricted ones, and their terms."""
    source = await add_source(db, "shared")
    async with db.begin() as conn:
        for code in ("01", "40", "38", "79"):
            await libraries.save_province(conn, Province(f"2025-{code}", code, code, code))
        await libraries.save_group(conn, Group("north", "Bắc", "North", GroupMode.AREA))
        await libraries.save_group(conn, Group("cand", "CAND", "CAND", GroupMode.FUNCTION))
        circle = await libraries.save_audience(conn, Audience(0, "cand", "CAND", "CAND", "cand"))
        for code, place, groups, kind in (
            ("home", "40", ("north",), LibraryType.PUBLIC),
            ("near", "40", ("north",), LibraryType.PUBLIC),
            ("region", "38", ("north",), LibraryType.PUBLIC),
            ("far", "79", (), LibraryType.UNIVERSITY),
            ("nlv", "01", (), LibraryType.NATIONAL),
            ("academy", "01", ("cand",), LibraryType.ARMED_FORCES),
        ):
            await libraries.save_library(
                conn, Library(code, code, code, kind, province=f"2025-{place}", groups=groups)
            )
        await libraries.save_library(
            conn,
            Library(
                "closed",
                "Thư viện kín",
                "Closed",
                LibraryType.ARMED_FORCES,
                province="2025-40",
                groups=("cand",),
                audience=circle.id,
            ),
        )
        await agreements.save_agreement(
            conn,
            Agreement(
                "north", "Bắc", "North", GroupMode.AREA, (Participant(group="north"),), date(2026, 1, 1)
            ),
        )
        await agreements.save_agreement(
            conn,
            Agreement(
                "police",
                "CAND",
                "Police",
                GroupMode.FUNCTION,
                (Participant(group="cand"),),
                date(2026, 1, 1),
                audience=circle.id,
            ),
        )
        for code in ("far", "nlv"):
            await agreements.save_policy(conn, Policy(code, open_to=OpenTo.FEDERATION), "test")
    return source


async def wish(conn: Connection, home: str, union_id: str | None) -> Request:
    """Write a request as it stands when it is to be located."""
    one = Request(uuid4(), f"YC-{uuid4().hex[:8]}", home, Wanted("Đất rừng phương Nam", union_id=union_id))
    number = await libraries.library_id(conn, home)
    await conn.execute(
        t.lending_request.insert().values(
            id=one.id,
            number=one.number,
            home_id=number,
            wanted=plain(one.wanted),
            title=one.wanted.title,
            same_key="x",
            service="loan",
            level="standard",
            edition_wish="this",
            state="locating",
            origin="page",
            made_by="",
            created_at=NOW,
            changed_at=NOW,
        )
    )
    return one


async def supply(conn: Connection, request: Request, supplier: str, **facts: object) -> None:
    """Write an attempt."""
    await conn.execute(
        t.lending_supply.insert().values(
            **{
                "id": uuid4(),
                "protocol_id": uuid4().hex,
                "request_id": request.id,
                "number": 1,
                "requester_symbol": request.home,
                "supplier_symbol": supplier,
                "requester_id": await libraries.library_id(conn, request.home),
                "supplier_id": await libraries.library_id(conn, supplier),
                "wanted": plain(request.wanted),
                "title": "x",
                "service": "loan",
                "level": "standard",
                "open": False,
                "supplier_state": "unfilled",
                "created_at": NOW,
                "changed_at": NOW,
                "closed_at": NOW,
                **facts,
            }
        )
    )


ONE = Holding(status="available")
EVERYWHERE = dict.fromkeys(("near", "region", "far", "nlv"), ONE)


async def test_the_nearest_of_the_agreement_first_the_national_library_last(db: Database) -> None:
    source = await federation(db)
    union_id = await shelve(db, source, EVERYWHERE)
    async with db.begin() as conn:
        found = await locate.rank(conn, await wish(conn, "home", union_id), NOW)
    assert [one.library for one in found.entries] == ["near", "region", "far", "nlv"]
    assert [one.keys.distance for one in found.entries] == [0, 1, 2, 2]
    assert found.dropped == ()


async def test_what_is_restricted_is_neither_asked_nor_counted_nor_hinted_at(db: Database) -> None:
    source = await federation(db)
    union_id = await shelve(db, source, {"near": ONE, "closed": ONE})
    async with db.begin() as conn:
        outside = await wish(conn, "home", union_id)
        found = await locate.rank(conn, outside, NOW)
        assert [one.library for one in found.entries] == ["near"]
        assert found.dropped == ()
        rows = (await conn.execute(text("SELECT entries, dropped FROM lending_rota"))).all()
        assert "closed" not in json.dumps([list(row) for row in rows])
        shown = await locate.shown(conn, outside.id)
        assert shown is not None
        assert "closed" not in repr(shown)
        with pytest.raises(Unknown, match="there is no library 'closed'"):
            await locate.reorder(conn, outside, ["closed"], "thử", "a@b.vn", NOW)
        inside = await locate.rank(conn, await wish(conn, "academy", union_id), NOW)
        assert [one.library for one in inside.entries] == ["closed"]


async def test_a_record_of_a_restricted_circle_is_no_record_for_those_outside(db: Database) -> None:
    await federation(db)
    secret = await add_source(db, "academy-source")
    union_id = await shelve(db, secret, {"academy": ONE}, audience=1)
    async with db.begin() as conn:
        outside = await locate.rank(conn, await wish(conn, "home", union_id), NOW)
        assert (outside.entries, outside.dropped) == ((), ())
        inside = await locate.rank(conn, await wish(conn, "closed", union_id), NOW)
        assert [one.library for one in inside.entries] == ["academy"]


async def test_a_lender_that_serves_its_group_only_is_kept_from_who_asks(db: Database) -> None:
    source = await federation(db)
    union_id = await shelve(db, source, {"near": ONE, "academy": ONE})
    async with db.begin() as conn:
        await agreements.save_policy(
            conn, Policy("academy", open_to=OpenTo.FEDERATION, restricted_to="cand"), "x"
        )
        request = await wish(conn, "home", union_id)
        await locate.rank(conn, request, NOW)
        shown = await locate.shown(conn, request.id)
        assert shown is not None
        assert "academy" not in repr(shown)


async def test_a_refusal_makes_no_new_list_new_holdings_do(db: Database) -> None:
    source = await federation(db)
    union_id = await shelve(db, source, {"near": ONE, "region": ONE})
    async with db.begin() as conn:
        request = await wish(conn, "home", union_id)
        await locate.rank(conn, request, NOW)
        await supply(conn, request, "near")
        found = await locate.rank(conn, request, NOW + timedelta(days=1))
        assert [one.library for one in found.entries] == ["region"]
        assert [(one.library, one.reason) for one in found.dropped] == [("near", Reason.TRIED)]
        shown = await locate.shown(conn, request.id)
        assert shown is not None
        assert (shown.version, shown.tried) == (1, {"near"})
        assert [one.library for one in shown.rota.entries] == ["near", "region"], "the list itself stays"
    await shelve(db, source, {"near": ONE, "region": ONE, "far": ONE})
    async with db.begin() as conn:
        found = await locate.rank(conn, request, NOW + timedelta(days=2))
        assert [one.library for one in found.entries] == ["region", "far"]
        kept = await rotas.latest(conn, request.id)
        assert kept is not None
        assert kept.version == 2


async def test_what_has_changed_since_is_heeded_when_the_next_is_asked(db: Database) -> None:
    source = await federation(db)
    union_id = await shelve(db, source, {"near": ONE, "region": ONE})
    async with db.begin() as conn:
        request = await wish(conn, "home", union_id)
        await locate.rank(conn, request, NOW)
        await agreements.add_closure(conn, Closure(date(2026, 3, 12), date(2026, 4, 12), "near", "sửa kho"))
        later = NOW + timedelta(days=1)
        found = await locate.rank(conn, request, later)
        assert [one.library for one in found.entries] == ["region"]
        assert found.dropped[0].reason is Reason.CLOSED
        line = Avoidance("region", "home", Avoids.LEND, "chưa trả", date(2026, 3, 12))
        await agreements.add_avoidance(conn, line)
        assert (await locate.rank(conn, request, later)).entries == ()


async def test_people_reorder_with_a_reason_and_their_order_outlives_new_holdings(db: Database) -> None:
    source = await federation(db)
    union_id = await shelve(db, source, {"near": ONE, "region": ONE})
    async with db.begin() as conn:
        request = await wish(conn, "home", union_id)
        await locate.rank(conn, request, NOW)
        with pytest.raises(Conflict, match="a reason is missing"):
            await locate.reorder(conn, request, ["region", "near"], "  ", "a@b.vn", NOW)
        made = await locate.reorder(conn, request, ["nlv", "region"], "đã gọi điện", "a@b.vn", NOW)
        assert (made.by, made.why, made.version, made.by_hand) == ("a@b.vn", "đã gọi điện", 2, True)
        assert [(one.library, one.detail) for one in made.rota.dropped] == [("near", "by_hand")]
        found = await locate.rank(conn, request, NOW)
        assert [one.library for one in found.entries] == ["nlv", "region"]
    await shelve(db, source, {"near": ONE, "region": ONE, "far": ONE})
    async with db.begin() as conn:
        found = await locate.rank(conn, request, NOW)
        assert [one.library for one in found.entries] == ["nlv", "region", "far"]
        shown = await locate.shown(conn, request.id)
        assert shown is not None
        assert shown.by_hand


async def test_lending_and_answers_of_the_last_90_days_count(db: Database) -> None:
    source = await federation(db)
    union_id = await shelve(db, source, {"near": ONE, "region": ONE})
    async with db.begin() as conn:
        await libraries.save_library(
            conn,
            Library("region", "region", "region", LibraryType.PUBLIC, province="2025-40", groups=("north",)),
        )
        former = await wish(conn, "home", union_id)
        shipped = {"supplier_state": "completed", "shipped_at": NOW, "answered_at": NOW + timedelta(hours=90)}
        for _ in range(3):
            await supply(conn, former, "near", **shipped)
        await supply(conn, former, "near", open=True, closed_at=None, supplier_state="to_pull")
        old = NOW - timedelta(days=100)
        await supply(conn, former, "region", **(shipped | {"created_at": old, "shipped_at": old}))
        found = await rotas.traffic(conn, "home", ["near", "region"], NOW - locate.WINDOW)
        assert (found["near"].lent, found["near"].open, found["near"].open_for_requester) == (3, 1, 1)
        assert found["near"].reply_hours == 90
        assert found.get("region", rotas.Traffic()).lent == 0
        request = await wish(conn, "home", union_id)
        ranked = await locate.rank(conn, request, NOW)
        assert [one.library for one in ranked.entries] == ["region", "near"]
        assert ranked.entries[1].score == 4.0


async def test_what_systems_say_counts_while_it_is_fresh(db: Database) -> None:
    source = await federation(db)
    union_id = await shelve(db, source, EVERYWHERE)
    async with db.begin() as conn:
        request = await wish(conn, "home", union_id)
        said = {"near": False, "region": None, "far": True}
        await rotas.keep_availability(conn, request.id, said, NOW)
        found = await locate.rank(conn, request, NOW)
        assert [one.library for one in found.entries] == ["region", "far", "nlv"]
        assert [(one.library, one.reason) for one in found.dropped] == [("near", Reason.UNAVAILABLE)]
        again = await locate.rank(conn, request, NOW + timedelta(hours=3))
        assert [one.library for one in again.entries] == ["region", "far", "near", "nlv"]


async def test_own_branches_are_seen_and_former_libraries_stand_in_their_successors(db: Database) -> None:
    source = await federation(db)
    async with db.begin() as conn:
        branch = Library(
            "branch", "b", "b", LibraryType.PUBLIC, parents=(Parent("home"),), province="2025-40"
        )
        await libraries.save_library(conn, branch)
        await libraries.save_library(
            conn,
            Library(
                "old",
                "old",
                "old",
                LibraryType.PUBLIC,
                valid_to=date(2025, 7, 1),
                successor="region",
                province="2025-38",
            ),
        )
    union_id = await shelve(db, source, {"branch": ONE, "old": ONE})
    async with db.begin() as conn:
        found = await locate.rank(conn, await wish(conn, "home", union_id), NOW)
    assert [(one.library, one.keys.own) for one in found.entries] == [("branch", 0), ("region", 1)]


async def test_a_wish_that_is_in_no_record_has_an_empty_list(db: Database) -> None:
    await federation(db)
    async with db.begin() as conn:
        found = await locate.rank(conn, await wish(conn, "home", None), NOW)
        assert (found.entries, found.dropped) == ((), ())
        gone = await locate.rank(conn, await wish(conn, "home", "nothing"), NOW)
        assert gone.entries == ()


async def test_agreements_are_shown_by_audience_and_end(db: Database) -> None:
    await federation(db)
    async with db.begin() as conn:
        assert [one.code for one in await agreements.agreements(conn, ANONYMOUS)] == ["north"]
        await agreements.end_agreement(conn, "north", date(2026, 3, 1))
        assert await agreements.agreements(conn, ANONYMOUS, on=date(2026, 3, 2)) == []
        with pytest.raises(Conflict, match="begins on"):
            await agreements.end_agreement(conn, "north", date(2025, 3, 1))


def test_tet_and_the_national_day_are_holidays() -> None:
    tet = {date(2026, 2, day) for day in range(16, 21)}
    assert tet | {date(2026, 9, 2), date(2026, 4, 30)} <= public_holidays([2026])
    assert date(2027, 1, 1) in holidays_around(date(2026, 12, 30))
