"""The state tables drawn and written out for people, made of the tables: they cannot say anything else."""

from unioncat.domain.lending import State, Step
from unioncat.lending.deadlines import DEADLINES
from unioncat.lending.tables import MANUAL, By, Effect, Row, Table

_HEARD = "«{}»"
"""How a step is written that the other side's message does."""


def diagram(table: Table) -> str:
    """Draw a table as a state diagram in the notation of Mermaid; ways out by hand are left to the table."""
    moves: dict[tuple[State, State], list[str]] = {}
    for row in table.rows():
        if row.step in MANUAL:
            continue
        for to in _goals(table, row):
            label = _HEARD.format(row.step) if By.MESSAGE in row.by else str(row.step)
            moves.setdefault((row.state, to), []).append(label)
    lines = ["stateDiagram-v2"]
    lines += [f"    [*] --> {state}" for state in table.first]
    order = {state: place for place, state in enumerate(table.states)}
    for (state, to), labels in sorted(moves.items(), key=lambda one: (order[one[0][0]], order[one[0][1]])):
        lines.append(f"    {state} --> {to}: {', '.join(dict.fromkeys(labels))}")
    lines += [f"    {state} --> [*]" for state in table.states if state in table.terminal]
    return "\n".join(lines)


def _goals(table: Table, row: Row) -> tuple[State, ...]:
    if row.effect is Effect.MOVE and row.to is not None:
        return (row.to,)
    if row.effect is Effect.BACK:
        return tuple(dict.fromkeys(other.state for other in table.rows() if other.saves))
    return ()


def steps(table: Table) -> str:
    """Write what each side does itself, state by state: step, who, what is sent, deadline."""
    lines = ["| state | step | by | leads to | sends |", "|---|---|---|---|---|"]
    for state in table.states:
        rows = [row for row in table.own.values() if row.state == state and row.step is not Step.STRAY_BACK]
        for row in rows:
            to = "the former state" if row.effect is Effect.BACK else row.to or "–"
            flags = [f"+{flag}" for flag in sorted(row.sets)] + [f"-{flag}" for flag in sorted(row.clears)]
            by = ", ".join(sorted(row.by))
            sends = ", ".join(row.sends) or "–"
            lines.append(f"| {state} | {row.step} | {by} | {' '.join([str(to), *flags])} | {sends} |")
    return "\n".join(lines)


def deadlines(table: Table) -> str:
    """Write how long states last, and what the clock does then."""
    lines = ["| state | lasts | then |", "|---|---|---|"]
    for state, one in DEADLINES[table.side].items():
        days = f"{one.days} {'working ' if one.working else ''}day{'s' if one.days != 1 else ''}"
        if one.answer:
            days = "the supplier's time to answer, less for what is urgent"
        then = str(one.step) if one.step else f"a reminder, again every {one.again} days"
        lines.append(f"| {state} | {days} | {then} |")
    return "\n".join(lines)
