"""A federation with public, group and own-library material; restricted texts carry marks found nowhere else.

The same federation can be made without some circles' material: what others are told may not differ by a byte.
"""

from collections.abc import Collection
from dataclasses import replace

from sqlalchemy import text

from tests.flows.test_join import book, put
from unioncat.domain.audience import Audience, Viewer
from unioncat.domain.bib import BibRecord
from unioncat.domain.library import Group, Library, LibraryType, Province
from unioncat.domain.source import Protocol, Source
from unioncat.flow import pipeline
from unioncat.flow.services import Services
from unioncat.store import libraries, quality, sources

MARK = "zzmat"
"""Begins every word that only restricted material has."""
TITLES = tuple(
    f"{one} {other}"
    for one in ("Sông núi", "Biển đảo", "Làng nghề", "Phố cổ")
    for other in ("xưa", "nay", "mới")
)
SHARED = "9786041157910"
CIRCLES = ("cand", "army", "alone")


def _library(code: str, audience: int, **more: object) -> Library:
    kind = LibraryType.ARMED_FORCES if audience else LibraryType.PUBLIC
    plain = Library(code, f"Thư viện {code}", f"Library {code}", kind, province="2025-01", audience=audience)
    return replace(plain, **more)  # type: ignore[arg-type]


def public_records(source: str) -> dict[str, BibRecord | None]:
    """Books of a public library: some that both have, some in doubt, some of its own."""
    found: dict[str, BibRecord | None] = {
        f"t{place}": book(f"{title} {source if place % 3 == 0 else ''}".strip(), "Nguyễn Văn A", 2000 + place)
        for place, title in enumerate(TITLES)
    }
    found["left"] = book("Truyện cô Ba Sài Gòn" if source == "pub-a" else "Truyện cô Bà Sài Gòn")
    found["gap"] = book("Cầu nối đôi bờ", None, 2001 if source == "pub-a" else 2009, None, isbn=None)
    # One library describes an edition once: these stay two, whatever hidden branch has a copy of the first.
    found["same-1"] = book(f"Một sách hai lần {source}", year=2019)
    found["same-2"] = book(f"Một sách hai lần {source}", year=2019)
    found["gone"] = None
    return found


def secret_records(circle: str) -> dict[str, BibRecord | None]:
    """Books of a restricted library: titles found nowhere else, and twins and bridges of public ones."""
    found: dict[str, BibRecord | None] = {
        f"{MARK}{circle}{n}": book(f"Giáo trình {MARK}{circle} tập {n}", f"{MARK}{circle}tacgia", 1990 + n)
        for n in range(6)
    }
    for place, title in enumerate(TITLES[:6]):
        found[f"{MARK}{circle}twin{place}"] = book(f"{title}", "Nguyễn Văn A", 2000 + place, isbn=SHARED)
    found[f"{MARK}{circle}bridge"] = book("Cầu nối đôi bờ", None, None, None, publisher=f"{MARK}{circle}nxb")
    found[f"{MARK}{circle}many"] = book("Sông sông sông núi núi biển đảo làng phố", "Nguyễn Văn A")
    return found


class Stock:
    """What the libraries have."""

    def public(self, source: str) -> dict[str, BibRecord | None]:
        """Give the records of a public library."""
        return public_records(source)

    def secret(self, circle: str) -> dict[str, BibRecord | None]:
        """Give the records of the library of a circle."""
        return secret_records(circle)


async def fill(
    services: Services, present: Collection[str] = CIRCLES, stock: Stock | None = None
) -> dict[str, Viewer]:
    """Register and read everything of the public and of these circles.

    Give the viewers: the public, each circle's, and one of every circle.
    """
    shelves = stock or Stock()
    db = services.db
    async with db.as_service() as conn:
        await conn.execute(text("UPDATE meta SET value = 'one and the same key' WHERE key = 'public_id_key'"))
        await libraries.save_province(conn, Province("2025-01", "01", "Hà Nội", "Hanoi"))
        await libraries.save_group(conn, Group("forces", "Lực lượng", "Forces"))
        circles = {}
        for code in CIRCLES:
            group = None if code == "alone" else code
            if group:
                await libraries.save_group(conn, Group(group, code, code))
            circles[code] = (await libraries.save_audience(conn, Audience(0, code, code, code, group))).id
        await libraries.save_library(conn, _library("pub-a", 0))
        await libraries.save_library(conn, _library("pub-b", 0))
        for code, number in circles.items():
            if code in present:
                groups = ("forces",) if code == "alone" else ("forces", code)
                await libraries.save_library(conn, _library(f"{MARK}-{code}", number, groups=groups))
        if "alone" in present:
            own = (
                "UPDATE audience SET library_id = l.id FROM library l"
                " WHERE l.code = :code AND audience.code = 'alone'"
            )
            await conn.execute(text(own), {"code": f"{MARK}-alone"})
    for code in ("pub-a", *(f"{MARK}-{circle}" for circle in CIRCLES if circle in present), "pub-b"):
        number = circles.get(code.removeprefix(f"{MARK}-"), 0)
        async with db.as_service() as conn:
            source = await sources.save_source(
                conn,
                Source(
                    code=code,
                    library=code,
                    protocol=Protocol.OAI_PMH,
                    address=f"https://{code}.example.vn/oai",
                    audience=number,
                ),
            )
        records = shelves.secret(code.removeprefix(f"{MARK}-")) if number else shelves.public(code)
        await put(db, source, records, audience=number, library=code)
        async with db.as_service() as conn:
            await _history(conn, source, number)
        await pipeline.process(services)
    if "cand" in present:
        await _branch_holding(services, circles["cand"])
    async with db.as_service() as conn:
        for table, column in (("cluster", "updated_at"), ("bib_record", "updated_at")):
            await conn.execute(text(f"UPDATE {table} SET {column} = '2026-01-01'"))
        for code in await quality.outdated(conn):
            await quality.measure(conn, code)
        await conn.execute(text("UPDATE quality_report SET at = '2026-01-01'"))
        await conn.execute(text("UPDATE source SET state = 'paused'"))
    outside = Viewer()
    return {
        "public": outside,
        **{code: Viewer(frozenset({number})) for code, number in circles.items()},
        "operator": Viewer(frozenset(circles.values())),
    }


async def _history(conn: object, source: Source, audience: int) -> None:
    """Give a source a past run and a complaint about a record."""
    run = (
        await conn.execute(  # type: ignore[attr-defined]
            text("""
            INSERT INTO harvest_run (source_id, mode, state, started_at, finished_at, list_finished, received)
            VALUES (:source, 'full', 'published', '2026-01-01', '2026-01-01', true, 9) RETURNING id
            """),
            {"source": source.id},
        )
    ).scalar_one()
    await conn.execute(  # type: ignore[attr-defined]
        text("""
        INSERT INTO issue (source_id, run_id, at, stage, code, detail, local_id)
        VALUES (:source, :run, '2026-01-01', 'normalise', 'no-title', :detail, :local)
        """),
        {
            "source": source.id,
            "run": run,
            "detail": f"{MARK}complaint" if audience else "a plain complaint",
            "local": f"{MARK}record" if audience else "left",
        },
    )


async def _branch_holding(services: Services, circle: int) -> None:
    """Let public records have a copy in a restricted branch, and be joined anew."""
    async with services.db.as_service() as conn:
        await conn.execute(
            text("""
            INSERT INTO holding (record_id, position, library_id, audience_id, copies, items, status,
              shelf_mark)
            SELECT b.id, 1, l.id, :circle, 7, '{}', 'available', :mark
            FROM bib_record b JOIN source s ON s.id = b.source_id AND s.code = 'pub-a'
            JOIN library l ON l.code = :branch WHERE b.local_id IN ('t1', 'same-1')
            """),
            {"circle": circle, "mark": f"{MARK}shelf", "branch": f"{MARK}-cand"},
        )
        await conn.execute(
            text("INSERT INTO pending_publish SELECT cluster_id FROM cluster_member ON CONFLICT DO NOTHING")
        )
        await conn.execute(
            text("INSERT INTO pending_join SELECT id, true FROM bib_record ON CONFLICT DO NOTHING")
        )
    await pipeline.process(services)
