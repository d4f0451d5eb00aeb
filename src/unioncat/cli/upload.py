"""The command that brings a file: reads it, shows what was understood, and accepts it on request."""

import asyncio
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from unioncat.cli import session
from unioncat.cli.output import AsJson, print_facts, print_json, print_table, say
from unioncat.config import ConfigError
from unioncat.domain.column import Column
from unioncat.domain.source import RunMode
from unioncat.domain.upload import Correction, Line, UploadState
from unioncat.flow import uploads
from unioncat.flow.preview import unused
from unioncat.flow.services import Services
from unioncat.flow.uploads import Standing
from unioncat.flow.watching import pieces
from unioncat.flow.work import do_errands
from unioncat.store.errors import Conflict

BY = "command line"
LINES = 20


class Mode(StrEnum):
    """What a file is, in words of the command line."""

    FULL = "full"
    ADDITION = "addition"


def add(app: typer.Typer) -> None:
    """Hang the command into the program."""
    app.command("upload")(upload)


def upload(
    source: Annotated[str, typer.Argument(help="Code of a source with protocol `files`.")],
    file: Annotated[Path, typer.Argument(help="Excel, CSV, MARC, MARCXML, MODS, … or a zip of these.")],
    mode: Annotated[
        Mode, typer.Option(help="full: what the file lacks is deleted; addition: nothing is.")
    ] = Mode.ADDITION,
    accept: Annotated[bool, typer.Option("--accept", help="Accept it when nothing is odd.")] = False,
    despite: Annotated[
        bool, typer.Option("--despite", help="Accept it although it breaks the source's assertions.")
    ] = False,
    column: Annotated[
        list[str] | None,
        typer.Option(help="HEADING=field: what a column holds (title, author, item, …, ignore); repeatable."),
    ] = None,
    encoding: Annotated[
        str | None, typer.Option(help="Encoding of the text, where the guess is wrong: tcvn3, vni, …")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Bring a file of a source and show what was understood of it."""
    if not file.is_file():
        raise ConfigError(f"there is no file {file}", "check the path")
    if file.stat().st_size == 0:
        raise ConfigError(f"the file {file} is empty", "check the file")
    correction = Correction(columns=columns(column or []), encoding=encoding)
    run_mode = RunMode.FULL if mode is Mode.FULL else RunMode.INCREMENTAL

    async def task(services: Services) -> tuple[Standing, list[tuple[int, Line]]]:
        made = await uploads.receive(services, source, file.name, run_mode, BY, pieces(file), correction)
        standing = await uploads.show(services, made.id)
        while standing.upload.state in (UploadState.WAITING, UploadState.READING):
            await do_errands(services, asyncio.Event())
            await asyncio.sleep(0.2)
            standing = await uploads.show(services, made.id)
        lines = await uploads.lines(services, made.id, limit=LINES)
        if standing.upload.state is UploadState.READY and (accept or despite):
            try:
                await uploads.accept(services, made.id, BY, despite=despite)
            except Conflict as error:
                run = standing.upload.run_id
                raise ConfigError(
                    f"{file.name} was read, and not accepted: {error}",
                    f"look at it on the page /sources/{source}/uploads/{made.id}; accept it all the same by"
                    f" `unioncat run accept {run}`, or let it go by `unioncat run reject {run}`",
                ) from None
            standing = await uploads.show(services, made.id)
        return standing, list(lines)

    standing, lines = session.run(task)
    one = standing.upload
    if as_json:
        print_json({"upload": one, "run": standing.run, "complaint": standing.complaint})
    else:
        _show(standing, lines)
    if one.state is UploadState.FAILED:
        raise ConfigError(f"{file.name}: {one.error}", one.remedy or "bring the file again")


def columns(given: list[str]) -> dict[str, str]:
    """Read what columns hold: `HEADING=field`; a heading may hold "=" itself. Raises `ConfigError`."""
    found = {}
    for one in given:
        heading, mark, field = one.rpartition("=")
        if not mark or not heading.strip() or field not in list(Column):
            raise ConfigError(
                f"--column {one!r} is not of the form HEADING=field",
                f"the fields are {', '.join(Column)}",
            )
        found[heading.strip()] = field
    return found


def _show(standing: Standing, lines: list[tuple[int, Line]]) -> None:
    one, look, preview = standing.upload, standing.upload.look, standing.upload.preview
    print_facts(
        (
            ("upload", one.id),
            ("state", one.state),
            ("kind", look.kind if look else None),
            ("encoding", look.encoding if look else None),
            ("records", preview.records if preview else None),
            ("not understood", preview.unread + preview.aside if preview else None),
            ("with faults", preview.with_problems if preview else None),
            ("new", preview.created if preview else None),
            ("changed", preview.records - preview.created if preview else None),
            ("unchanged", standing.run.counters.unchanged if standing.run else None),
            (
                "to be deleted",
                standing.run.counters.deleted + standing.run.counters.swept if standing.run else None,
            ),
            ("look closely", standing.complaint),
        )
    )
    if look and look.columns:
        meant = {**{c.heading: c.column or "-" for c in look.columns}, **one.correction.columns}
        print_table(("column", "means"), meant.items(), empty="")
        if left := unused(one):
            say(f'not used: {", ".join(left)}; say what they hold with --column "{left[0]}=field"')
    for _, line in lines:
        say(f"{line.place or '?'}: {line.code} {line.detail}".rstrip())
    if one.state is UploadState.READY:
        say(
            f"it waits for a decision on the page /sources/{one.source}/uploads/{one.id},"
            f" or by `unioncat run accept {one.run_id}`"
        )
