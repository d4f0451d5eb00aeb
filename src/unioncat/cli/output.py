"""How commands speak: tables for people, JSON for programs (`--json`), errors with a remedy on stderr."""

import contextlib
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Annotated, Any

import msgspec
import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Table

from unioncat.telemetry import scrub

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Say nothing when all is well.")]

console = Console(highlight=False, width=None if sys.stdout.isatty() else 240)
"""Standard output; wide where a program or a file reads it, so that no row is broken."""
errors = Console(stderr=True, highlight=False, soft_wrap=True)


LONG = ("name", "title", "author")
"""Columns that may be broken over several lines."""


def print_json(value: object) -> None:
    """Print anything the flow gives back."""
    text = msgspec.json.format(msgspec.json.encode(value, enc_hook=str), indent=2)
    sys.stdout.write(text.decode() + "\n")


def print_table(columns: Sequence[str], rows: Iterable[Sequence[Any]], *, empty: str) -> None:
    """Print rows under their headings; `empty` says what to do when there are none."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        table.add_column(column, overflow="fold", no_wrap=column not in LONG)
    for row in rows:
        table.add_row(*("" if cell is None else str(cell) for cell in row))
    if table.row_count:
        console.print(table)
    else:
        say(empty)


def print_facts(facts: Iterable[tuple[str, Any]]) -> None:
    """Print names and values, one a line."""
    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column(style="bold")
    table.add_column(overflow="fold")
    for name, value in facts:
        if value not in (None, "", ()):
            table.add_row(name, str(value))
    console.print(table)


def say(text: str) -> None:
    """Print a line as it is."""
    console.print(text, markup=False, soft_wrap=True)


def complain(error: BaseException) -> None:
    """Print an error with its remedy; one that was not foreseen says how to learn more."""
    text = (str(error).splitlines() or [""])[0] if _foreign(error) else str(error)
    remedy = getattr(error, "remedy", None)
    if not isinstance(remedy, str):
        remedy = _known(error)
    if remedy is None:
        text = f"{type(error).__name__}: {text}"
        remedy = "this is a fault of unioncat; UNIONCAT_LOG_LEVEL=debug shows where"
    errors.print("error: ", style="bold red", end="")
    errors.print(scrub(text), markup=False)
    errors.print("remedy: ", style="bold", end="")
    errors.print(remedy, markup=False)


def _foreign(error: BaseException) -> bool:
    """Tell whether an error is the database driver's: its later lines hold statements and values."""
    return type(error).__module__.partition(".")[0] in ("asyncpg", "sqlalchemy")


def _known(error: BaseException) -> str | None:
    """Give the remedy of errors that come from below without one."""
    if _foreign(error) and re.search(r"(?:relation|column) .* does not exist", str(error)):
        return "bring the database to this version: `unioncat migrate`"
    if _foreign(error):
        return "check that the database server runs and that UNIONCAT_DATABASE_URL is right"
    if isinstance(error, ConnectionError):
        return "check that the server runs and that its address in the settings is right"
    if isinstance(error, OSError):
        return "check the path, its permissions and the space on the disk"
    return None


@contextlib.contextmanager
def stage_bars(quiet: bool = False) -> Iterator[Callable[[str, int, int], None]]:
    """Show stages as progress bars on a terminal; the block gets a function of (stage, done, total)."""
    bars = Progress(
        TextColumn("{task.description:>10}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=errors,
        disable=quiet or not errors.is_terminal,
    )
    tasks: dict[str, TaskID] = {}

    def report(stage: str, done: int, total: int) -> None:
        if total == 0:
            return
        if stage not in tasks:
            tasks[stage] = bars.add_task(stage)
        bars.update(tasks[stage], completed=done, total=total)

    with bars:
        yield report
