"""What must hold of a run before it is published (DESIGN invariant 6); one that breaks it waits for a person.

What costs a look at the whole source is asked only where the run's own figures give cause.
"""

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from unioncat.domain.source import Run, RunMode
from unioncat.store.runs import fall
from unioncat.store.sweep import VANISHED, unnamed_pieces


async def complaint(conn: AsyncConnection, run: Run) -> str | None:
    """Tell which promise the run breaks, if any."""
    counts = run.counters
    figures = await fall(conn, run)
    rules = figures.rules
    if run.checkpoint.list_size is not None and rules.trust_list_size:
        seen = await _distinct(conn, run)
        if seen < run.checkpoint.list_size:
            twice = counts.received - seen
            return (
                f"{seen} distinct records came of {run.checkpoint.list_size} that the server announced"
                + (f"; {twice} came more than once" if twice > 0 else "")
                + ". If the server's figure is wrong, set the source's trust_list_size to false"
            )
    if run.mode is RunMode.FULL and counts.received < rules.min_records:
        return f"{counts.received} records came; at least {rules.min_records} are expected"
    if run.mode is not RunMode.INCREMENTAL and not counts.received and await figures.before():
        return f"the list came empty, but {await figures.before()} records are live here"
    if rules.max_records is not None and await figures.after() > rules.max_records:
        return f"{await figures.after()} live records would stand; at most {rules.max_records} are expected"
    if figures.gone > rules.fall_allowance:
        live = await figures.before()
        allowed = max(rules.fall_allowance, int(live * rules.max_fall))
        if figures.gone > allowed:
            renamed = figures.new * 5 >= figures.gone * 4
            return (
                f"{figures.gone} of {live} records would go; at most {allowed} may in one run"
                + (f" ({counts.swept} of them vanished without a deletion)" if counts.swept else "")
                + (f". {figures.new} new ones came: have its identifiers changed?" if renamed else "")
            )
    return None


async def _distinct(conn: AsyncConnection, run: Run) -> int:
    """Count the records that a run saw, each once as far as it has a name that is kept."""
    query = f"""
        SELECT count(*) FROM (
          SELECT local_id FROM raw_record WHERE run_id = :run AND format <> '{VANISHED}'
          UNION SELECT local_id FROM harvest_seen WHERE run_id = :run) seen
    """
    named = int((await conn.execute(text(query), {"run": run.id})).scalar_one())
    counts = run.counters
    nameless = await unnamed_pieces(conn, run.id) + counts.shut_out
    if run.mode is RunMode.RECONCILE:
        # what a list of identifiers marks as deleted is counted, but not kept
        kept = counts.created + counts.changed + counts.unchanged + counts.deleted + counts.quarantined
        nameless += max(0, counts.received - kept)
    return named + nameless
