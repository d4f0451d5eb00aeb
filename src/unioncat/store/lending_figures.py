"""Figures of lending, counted in the database: asked and filled, how fast, between whom, for how much.

What the viewer may not see is taken out once, before anything is counted (`choose`): libraries and union
records of other circles, and requests that stayed inside one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from unioncat.domain.audience import Viewer

_SUPPLIED = (
    "('shipped', 'with_requester', 'return_in_transit', 'lost', 'completed', 'copy_sent',"
    " 'completed_without_return')"
)
_CHOSEN = (
    "DROP TABLE IF EXISTS pg_temp.seen_request, pg_temp.seen_supply",
    """
CREATE TEMP TABLE seen_request ON COMMIT DROP AS
WITH circle AS ({circle})
SELECT r.id, r.home_id, r.state, r.created_at, r.closed_at, r.reason, r.service, r.level,
  r.wanted->>'material' AS material
FROM lending_request r
JOIN library h ON h.id = r.home_id AND h.audience_id = ANY(:audiences)
LEFT JOIN cluster c ON c.public_id = r.wanted->>'union_id'
WHERE r.created_at >= :first AND r.created_at < :last AND coalesce(c.audience_id, 0) = ANY(:audiences)
  AND NOT EXISTS (
    SELECT 1 FROM circle k WHERE k.library_id = r.home_id AND NOT EXISTS (
      SELECT 1 FROM lending_supply s WHERE s.request_id = r.id AND NOT EXISTS (
        SELECT 1 FROM circle o WHERE o.library_id = s.supplier_id AND o.audience_id = k.audience_id)))
""",
    """
CREATE TEMP TABLE seen_supply ON COMMIT DROP AS
WITH circle AS ({circle})
SELECT s.id, s.request_id, s.supplier_id, s.requester_id, s.supplier_state, s.status_seen, s.reason, s.cost,
  s.currency, s.created_at, s.answered_at, s.closed_at,
  coalesce(s.supplier_state, '') IN {supplied}
    OR (s.supplier_state IS NULL AND s.status_seen IN
      ('Loaned', 'Overdue', 'Recalled', 'CopyCompleted', 'LoanCompleted', 'CompletedWithoutReturn')
    ) AS supplied
FROM lending_supply s
LEFT JOIN library b ON b.id = s.requester_id
LEFT JOIN library l ON l.id = s.supplier_id
LEFT JOIN cluster c ON c.public_id = s.wanted->>'union_id'
WHERE s.created_at >= :first AND s.created_at < :last
  AND coalesce(b.audience_id, 0) = ANY(:audiences) AND coalesce(l.audience_id, 0) = ANY(:audiences)
  AND coalesce(c.audience_id, 0) = ANY(:audiences)
  AND NOT EXISTS (
    SELECT 1 FROM circle k JOIN circle o USING (audience_id)
    WHERE k.library_id = s.requester_id AND o.library_id = s.supplier_id)
""",
)
_CIRCLE = (
    "SELECT g.library_id, x.id AS audience_id FROM audience x"
    " JOIN library_in_group g ON g.group_id = x.group_id WHERE NOT x.id = ANY(:audiences)"
)
_SEEN = """
WITH mine AS (
  SELECT * FROM seen_request WHERE CAST(:libraries AS integer[]) IS NULL OR home_id = ANY(:libraries)),
given AS (
  SELECT * FROM seen_supply WHERE CAST(:libraries AS integer[]) IS NULL OR supplier_id = ANY(:libraries)),
taken AS (
  SELECT * FROM seen_supply WHERE CAST(:libraries AS integer[]) IS NULL OR requester_id = ANY(:libraries))
"""
_FILLED = (
    "('shipped', 'received', 'on_loan', 'returned_by_reader', 'return_shipped', 'lost', 'completed',"
    " 'copy_delivered', 'completed_without_return')"
)
_OPEN = "closed_at IS NULL"
MOST_KINDS = 20
"""Kinds of material, and the like, that are told apart."""


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose figures, of which time: `last` is the first moment after it; no libraries stands for all."""

    viewer: Viewer
    first: datetime
    last: datetime
    libraries: tuple[int, ...] | None = None

    def values(self) -> dict[str, Any]:
        """Give what the statements are bound to."""
        return {
            "audiences": sorted(self.viewer.audiences),
            "first": self.first,
            "last": self.last,
            "libraries": None if self.libraries is None else list(self.libraries),
        }


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked of others; days are from the request to the arrival."""

    requests: int
    filled: int
    unfilled: int
    cancelled: int
    open: int
    other: int
    median_days: float | None
    p90_days: float | None


@dataclass(frozen=True, slots=True)
class Answered:
    """What others asked; hours are until the first answer."""

    requests: int
    supplied: int
    refused: int
    open: int
    median_hours: float | None
    p90_hours: float | None
    earned: int
    """In đồng."""
    spent: int


@dataclass(frozen=True, slots=True)
class Balance:
    """What one library lent and borrowed, and for how much (đồng)."""

    library: str
    lent: int
    borrowed: int
    earned: int
    spent: int

    @property
    def balance(self) -> int:
        """How much more it lent than it borrowed."""
        return self.lent - self.borrowed


@dataclass(frozen=True, slots=True)
class Pair:
    """Who supplied whom how often."""

    lender: str
    borrower: str
    count: int


@dataclass(frozen=True, slots=True)
class Month:
    """What was asked in a month, and filled of it."""

    month: date
    requests: int
    filled: int


@dataclass(frozen=True, slots=True)
class Moved:
    """Consignments: of a kind, how many, with how many books, of which so many missing and damaged."""

    kind: str
    consignments: int
    copies: int
    missing: int
    damaged: int
    value: int


async def choose(conn: AsyncConnection, scope: Scope) -> None:
    """Set aside what the viewer may see of the time: the counts of this transaction are made of it."""
    for statement in _CHOSEN:
        await conn.execute(
            text(statement.replace("{circle}", _CIRCLE).replace("{supplied}", _SUPPLIED)), scope.values()
        )


async def asked(conn: AsyncConnection, scope: Scope) -> Asked:
    """Count what libraries asked for."""
    query = text(f"""{_SEEN},
      arrived AS (SELECT m.id, min(e.at) - min(m.created_at) AS took FROM mine m JOIN lending_event e
        ON e.request_id = m.id AND e.side = 'requester' AND e.step IN ('received', 'copy_sent') GROUP BY m.id)
      SELECT count(*), count(*) FILTER (WHERE state IN {_FILLED}), count(*) FILTER (WHERE state = 'unfilled'),
        count(*) FILTER (WHERE state = 'cancelled'),
        count(*) FILTER (WHERE {_OPEN} AND state NOT IN {_FILLED}),
        (SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM took)) FROM arrived),
        (SELECT percentile_cont(0.9) WITHIN GROUP (ORDER BY extract(epoch FROM took)) FROM arrived)
      FROM mine""")
    row = (await conn.execute(query, scope.values())).one()
    requests, filled, unfilled_, cancelled, open_ = (int(one) for one in row[:5])
    return Asked(
        requests=requests,
        filled=filled,
        unfilled=unfilled_,
        cancelled=cancelled,
        open=open_,
        other=requests - filled - unfilled_ - cancelled - open_,
        median_days=_days(row[5]),
        p90_days=_days(row[6]),
    )


def _days(seconds: Any) -> float | None:
    return None if seconds is None else round(float(seconds) / 86_400, 2)


def _hours(seconds: Any) -> float | None:
    return None if seconds is None else round(float(seconds) / 3600, 1)


async def answered(conn: AsyncConnection, scope: Scope) -> Answered:
    """Count what libraries were asked for, and what changed hands."""
    took = "extract(epoch FROM answered_at - created_at)"
    query = text(f"""{_SEEN}
      SELECT count(*), count(*) FILTER (WHERE supplied),
        count(*) FILTER (WHERE supplier_state IN ('unfilled', 'retry_sent')),
        count(*) FILTER (WHERE {_OPEN} AND NOT supplied),
        percentile_cont(0.5) WITHIN GROUP (ORDER BY {took}),
        percentile_cont(0.9) WITHIN GROUP (ORDER BY {took}),
        coalesce(sum(cost) FILTER (WHERE supplied AND currency = 'VND'), 0),
        (SELECT coalesce(sum(cost) FILTER (WHERE supplied AND currency = 'VND'), 0) FROM taken)
      FROM given""")
    row = (await conn.execute(query, scope.values())).one()
    return Answered(
        requests=int(row[0]),
        supplied=int(row[1]),
        refused=int(row[2]),
        open=int(row[3]),
        median_hours=_hours(row[4]),
        p90_hours=_hours(row[5]),
        earned=int(row[6]),
        spent=int(row[7]),
    )


async def reasons(conn: AsyncConnection, scope: Scope) -> Sequence[tuple[str, int]]:
    """Count the reasons for which lenders did not supply, the commonest first."""
    query = text(f"""{_SEEN}
      SELECT coalesce(nullif(reason, ''), '-'), count(*) FROM given
      WHERE supplier_state IN ('unfilled', 'retry_sent') OR status_seen IN ('Unfilled', 'RetryPossible')
      GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 30""")
    return [(row[0], row[1]) for row in await conn.execute(query, scope.values())]


async def unfilled(conn: AsyncConnection, scope: Scope) -> Sequence[tuple[str, int]]:
    """Count why requests ended without anything, the commonest first."""
    query = text(f"""{_SEEN}
      SELECT coalesce(nullif(reason, ''), '-'), count(*) FROM mine WHERE state IN ('unfilled', 'cancelled')
      GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 30""")
    return [(row[0], row[1]) for row in await conn.execute(query, scope.values())]


async def months(conn: AsyncConnection, scope: Scope) -> Sequence[Month]:
    """Count requests and what was filled of them, by the month in which they were made."""
    query = text(f"""{_SEEN}
      SELECT date_trunc('month', created_at AT TIME ZONE 'Asia/Ho_Chi_Minh')::date, count(*),
        count(*) FILTER (WHERE state IN {_FILLED}) FROM mine GROUP BY 1 ORDER BY 1""")
    return [Month(*row) for row in await conn.execute(query, scope.values())]


async def balances(conn: AsyncConnection, scope: Scope) -> Sequence[Balance]:
    """Give what each library lent and borrowed, those that lent most first."""
    query = text(f"""{_SEEN},
      moved AS (
        SELECT supplier_id AS id, 1 AS lent, 0 AS borrowed,
          CASE WHEN currency = 'VND' THEN cost END AS earned, 0 AS spent FROM given WHERE supplied
        UNION ALL
        SELECT requester_id, 0, 1, 0, CASE WHEN currency = 'VND' THEN cost END FROM taken WHERE supplied)
      SELECT l.code, sum(lent), sum(borrowed), coalesce(sum(earned), 0), coalesce(sum(spent), 0)
      FROM moved m JOIN library l ON l.id = m.id GROUP BY l.code ORDER BY 2 DESC, 3 DESC, 1""")
    return [
        Balance(row[0], *(int(one) for one in row[1:])) for row in await conn.execute(query, scope.values())
    ]


async def pairs(conn: AsyncConnection, scope: Scope, *, limit: int = 100) -> Sequence[Pair]:
    """Give who supplied whom, the busiest ways first."""
    query = text(f"""{_SEEN}
      SELECT l.code, b.code, count(*) FROM seen_supply s
      JOIN library l ON l.id = s.supplier_id JOIN library b ON b.id = s.requester_id
      WHERE s.supplied AND (CAST(:libraries AS integer[]) IS NULL OR s.supplier_id = ANY(:libraries)
        OR s.requester_id = ANY(:libraries))
      GROUP BY 1, 2 ORDER BY 3 DESC, 1, 2 LIMIT :limit""")
    return [Pair(*row) for row in await conn.execute(query, scope.values() | {"limit": limit})]


async def kinds(conn: AsyncConnection, scope: Scope) -> Mapping[str, Sequence[tuple[str, int]]]:
    """Count requests by service, by level of service and by the kind of material."""
    query = text(f"""{_SEEN},
      kind AS (SELECT service, level, coalesce(material, '-') AS material FROM mine)
      SELECT CASE WHEN grouping(service) = 0 THEN 'service' WHEN grouping(level) = 0 THEN 'level'
          ELSE 'material' END,
        coalesce(service, level, material), count(*)
      FROM kind GROUP BY GROUPING SETS ((service), (level), (material)) ORDER BY 3 DESC, 2""")
    found: dict[str, list[tuple[str, int]]] = {"service": [], "level": [], "material": []}
    for name, value, count in await conn.execute(query, scope.values()):
        if len(found[name]) < MOST_KINDS:
            found[name].append((value, count))
    return found


async def forms(conn: AsyncConnection, scope: Scope) -> Sequence[tuple[str, int]]:
    """Count what was supplied by the form of the agreement (Decree 93/2020, art. 30)."""
    query = text(f"""{_SEEN},
      moved AS (SELECT id, request_id, supplier_id FROM given WHERE supplied
        UNION SELECT id, request_id, supplier_id FROM taken WHERE supplied),
      under AS (
        SELECT m.id, (
          SELECT e->>'agreement' FROM lending_rota o, jsonb_array_elements(o.entries) e, library l
          WHERE o.request_id = m.request_id AND l.id = m.supplier_id AND e->>'library' = l.code
          ORDER BY o.version DESC LIMIT 1) AS code FROM moved m)
      SELECT coalesce(a.form, '-'), count(*) FROM under u LEFT JOIN lending_agreement a ON a.code = u.code
      GROUP BY 1 ORDER BY 2 DESC, 1""")
    return [(row[0], row[1]) for row in await conn.execute(query, scope.values())]


async def moved(conn: AsyncConnection, scope: Scope) -> Sequence[Moved]:
    """Count the consignments that libraries sent out in the time, with what became of the books."""
    query = text("""
      WITH sent AS (
        SELECT c.id, c.kind FROM consignment c
        JOIN consignment_event e ON e.consignment_id = c.id AND e.step = 'send'
        WHERE e.at >= :first AND e.at < :last AND c.audience_id = ANY(:audiences)
          AND (CAST(:libraries AS integer[]) IS NULL OR c.owner_id = ANY(:libraries)))
      SELECT kind, count(*),
        coalesce(sum((SELECT sum(copies) FROM consignment_item i WHERE i.consignment_id = s.id)), 0),
        coalesce(sum((SELECT sum(missing - found) FROM consignment_difference d
          WHERE d.consignment_id = s.id)), 0),
        coalesce(sum((SELECT sum(damaged) FROM consignment_difference d WHERE d.consignment_id = s.id)), 0),
        coalesce(sum((SELECT sum(copies * value) FROM consignment_item i WHERE i.consignment_id = s.id)), 0)
      FROM sent s GROUP BY kind ORDER BY kind""")
    return [
        Moved(row[0], *(int(one) for one in row[1:])) for row in await conn.execute(query, scope.values())
    ]


async def received(conn: AsyncConnection, scope: Scope) -> Sequence[Moved]:
    """Count the consignments of others that libraries took in in the time, with what their receipts say."""
    query = text("""
      WITH taken AS (
        SELECT c.id, c.kind, p.position FROM consignment c JOIN consignment_stop p ON p.consignment_id = c.id
        WHERE p.received_at >= :first AND p.received_at < :last AND c.audience_id = ANY(:audiences)
          AND p.library_id <> c.owner_id
          AND (CAST(:libraries AS integer[]) IS NULL OR p.library_id = ANY(:libraries)))
      SELECT kind, count(DISTINCT id),
        coalesce(sum((SELECT sum(copies) FROM consignment_item i WHERE i.consignment_id = s.id)), 0),
        coalesce(sum((SELECT sum(missing - found) FROM consignment_difference d
          WHERE d.consignment_id = s.id AND d.place = s.position)), 0),
        coalesce(sum((SELECT sum(damaged) FROM consignment_difference d
          WHERE d.consignment_id = s.id AND d.place = s.position)), 0),
        coalesce(sum((SELECT sum(copies * value) FROM consignment_item i WHERE i.consignment_id = s.id)), 0)
      FROM taken s GROUP BY kind ORDER BY kind""")
    return [
        Moved(row[0], *(int(one) for one in row[1:])) for row in await conn.execute(query, scope.values())
    ]
