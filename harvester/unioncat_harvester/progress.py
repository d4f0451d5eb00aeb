"""How harvests are shown: bars on a terminal, plain log lines anywhere else."""

import time

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from unioncat.domain.source import Run
from unioncat.telemetry import logger
from unioncat_harvester.run import Outcome, State, Watch

LINE_SECONDS = 10.0
"""Least time between two log lines of one source."""
log = logger("unioncat.harvest")


def counts(run: Run) -> dict[str, int]:
    """Give the counters that are not nothing."""
    names = ("pages", "received", "created", "changed", "unchanged", "deleted", "quarantined", "repaired")
    return {name: value for name in names if (value := getattr(run.counters, name))}


class Lines(Watch):
    """Log lines."""

    def __init__(self) -> None:
        self._spoke: dict[str, float] = {}
        self._opened: dict[str, tuple[float, int]] = {}

    def began(self, run: Run) -> None:
        """Say from where on the list is read."""
        self._opened[run.source_code] = (time.monotonic(), run.counters.received)
        self._spoke[run.source_code] = time.monotonic()
        since = run.since.isoformat() if run.since else "the beginning"
        log.info(
            "harvest begins" if not run.counters.pages else "harvest goes on",
            source=run.source_code,
            run=run.id,
            mode=run.mode.value,
            since=since,
            **counts(run),
        )

    def saved(self, run: Run) -> None:
        """Say how far it is, not too often."""
        now = time.monotonic()
        if now - self._spoke.get(run.source_code, 0.0) < LINE_SECONDS:
            return
        self._spoke[run.source_code] = now
        begun, before = self._opened[run.source_code]
        rate = (run.counters.received - before) / max(now - begun, 0.001)
        log.info(
            "harvesting",
            source=run.source_code,
            of=run.checkpoint.list_size,
            rate=round(rate),
            **counts(run),
        )

    def noted(self, source: str, note: str) -> None:
        """Warn."""
        log.warning(note, source=source)

    def ended(self, outcome: Outcome) -> None:
        """Say how it ended."""
        figures = counts(outcome.run) if outcome.run else {}
        if outcome.state in (State.PUBLISHED, State.STOPPED):
            log.info(f"harvest {outcome.state}", source=outcome.source, **figures)
        else:
            log.error(
                f"harvest {outcome.state}: {outcome.error}",
                source=outcome.source,
                remedy=outcome.remedy,
                **figures,
            )


class Bars(Watch):
    """Bars on a terminal; notes and ends are printed above them."""

    def __init__(self, console: Console) -> None:
        self.progress = Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            TextColumn("{task.fields[shown]}", markup=False),
            TimeElapsedColumn(),
            console=console,
        )
        self._tasks: dict[str, tuple[TaskID, float, int]] = {}

    def began(self, run: Run) -> None:
        """Open a bar; its length is known with the first page."""
        task = self.progress.add_task(run.source_code, total=run.checkpoint.list_size, shown="")
        self._tasks[run.source_code] = (task, time.monotonic(), run.counters.received)
        self.saved(run)

    def saved(self, run: Run) -> None:
        """Move the bar."""
        task, begun, before = self._tasks[run.source_code]
        received, size = run.counters.received, run.checkpoint.list_size
        rate = (received - before) / max(time.monotonic() - begun, 0.001)
        total = size if size is not None and size >= received else None
        shown = f"{received:,}" + (f" / {total:,}" if total else "") + f" records  {rate:,.0f}/s"
        self.progress.update(task, completed=received, total=total, shown=shown)

    def noted(self, source: str, note: str) -> None:
        """Print a note."""
        self.progress.console.print(f"{source}: {note}", style="yellow", markup=False, highlight=False)

    def ended(self, outcome: Outcome) -> None:
        """Print the end."""
        if outcome.source in self._tasks:
            task, _, _ = self._tasks.pop(outcome.source)
            self.progress.remove_task(task)
        figures = ", ".join(f"{v:,} {n}" for n, v in counts(outcome.run).items()) if outcome.run else ""
        good = outcome.state in (State.PUBLISHED, State.STOPPED)
        line = f"{outcome.source}: {outcome.state}" + (f" ({figures})" if figures else "")
        console = self.progress.console
        console.print(line, style="green" if good else "red", markup=False, highlight=False)
        if not good:
            console.print(f"  {outcome.error}\n  remedy: {outcome.remedy}", markup=False, highlight=False)
