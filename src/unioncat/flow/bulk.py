"""Many members out of one spreadsheet: kept for a preview, then registered all or not at all.

A line may have an endpoint of its own, be a branch in its superior's catalogue, or wait for its records.
"""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from difflib import get_close_matches

import msgspec

from unioncat.domain.onboarding import Expected
from unioncat.flow import register
from unioncat.flow.checking import Checked, Checker, Known, place_key, places
from unioncat.flow.lines import Line, read_lines
from unioncat.flow.register import MembersFile
from unioncat.flow.services import Services
from unioncat.flow.uploads import PROCESS
from unioncat.flow.work import HARVEST
from unioncat.store import catalogue, jobs, libraries, onboarding, sheets, sources
from unioncat.store.database import Connection
from unioncat.store.errors import Conflict, Unknown


async def preview(services: Services, name: str, data: bytes, *, by: str) -> Checked:
    """Read and check a sheet and keep it for registration; nothing is registered. Raises `Conflict`."""
    lines, unknown = await asyncio.to_thread(read_lines, data)
    async with services.db.as_service() as conn:
        checked = Checker(await _known(conn), lines).check(name, unknown)
        plain = [{"number": line.number, "cells": line.cells} for line in lines]
        return replace(checked, number=await sheets.keep(conn, name[:200], plain, by))


async def shown(services: Services, number: int) -> Checked:
    """Check a kept sheet against what is registered by now. Raises `Unknown`."""
    async with services.db.as_service() as conn:
        name, plain, applied = await sheets.read(conn, number)
        lines = _again(plain)
        if applied is not None:
            return Checked(name, (), tuple(lines), number=number, applied=True)
        return replace(Checker(await _known(conn), lines).check(name, ()), number=number)


def _again(plain: Iterable[Mapping[str, object]]) -> list[Line]:
    return [msgspec.convert(one, Line) for one in plain]


async def check(services: Services, name: str, lines: Sequence[Line]) -> Checked:
    """Check lines without keeping them."""
    async with services.db.as_service() as conn:
        return Checker(await _known(conn), lines).check(name, ())


async def apply_kept(services: Services, number: int) -> Checked:
    """Register a kept sheet, all or nothing. Raises `Conflict` where a line has a fault, or it was done."""
    async with services.db.as_service() as conn:
        name, plain, _ = await sheets.read(conn, number)
        await sheets.applied(conn, number)
        return await _apply(services, conn, name, _again(plain))


async def apply(services: Services, name: str, lines: Sequence[Line]) -> Checked:
    """Check and register lines, all or nothing. Raises `Conflict` where a line has a fault."""
    async with services.db.as_service() as conn:
        return await _apply(services, conn, name, lines)


async def _apply(services: Services, conn: Connection, name: str, lines: Sequence[Line]) -> Checked:
    checked = Checker(await _known(conn), lines).check(name, ())
    _refuse(checked)
    content = MembersFile(library=list(checked.libraries), source=list(checked.sources))
    await register.enter(services, conn, content)
    await _add_branches(conn, checked.branches)
    for source in checked.sources:
        await jobs.enqueue(conn, HARVEST, source.code)
    return checked


def _refuse(checked: Checked) -> None:
    if checked.faulty:
        first = checked.faulty[0]
        raise Conflict(
            f"{len(checked.faulty)} lines have faults; the first is line {first.number}, {first.faults[0]}",
            "Correct them and bring the sheet again; nothing was registered.",
        )


async def _add_branches(conn: Connection, branches: Sequence[tuple[str, str, str]]) -> None:
    """Teach sources their new branches, and let their records be read again."""
    known = {one.code: one for one in await sources.all_sources(conn)}
    for code in dict.fromkeys(one[0] for one in branches):
        new = {f"branch:{value}": library for source, value, library in branches if source == code}
        options = tuple(sorted((dict(known[code].options) | new).items()))
        await sources.save_source(conn, replace(known[code], options=options))
        await catalogue.forget_progress(conn, code)
    if branches:
        await jobs.enqueue(conn, PROCESS, "all")


async def expect(services: Services, data: bytes, *, group: str | None = None) -> int:
    """Put the libraries of a sheet on the list of those to be won, all or nothing. Raises `Conflict`."""
    lines, _ = await asyncio.to_thread(read_lines, data)
    async with services.db.as_service() as conn:
        listed = frozenset(one.code for one in await onboarding.progress(conn) if not one.member)
        checked = Checker(await _known(conn), lines, listed).check("", ())
        _refuse(checked)
        await onboarding.save_expected(
            conn,
            [
                Expected(
                    one.code,
                    one.name_vi,
                    one.name_en,
                    one.type,
                    one.level,
                    one.province,
                    group or next(iter(one.groups), None),
                    one.contact.email,
                )
                for one in checked.libraries
            ],
        )
    return len(checked.libraries)


async def _known(conn: Connection) -> Known:
    return Known(
        await libraries.all_libraries(conn),
        await sources.all_sources(conn),
        await libraries.provinces(conn),
        frozenset(one.code for one in await libraries.groups(conn)),
        frozenset(one.code for one in await libraries.audiences(conn)),
    )


async def province_key(services: Services, named: str) -> str:
    """Give the key of a province by its key or name: in Vietnamese with or without tones, or in English.

    A province of before July 2025 keeps its own key. Raises `Unknown`.
    """
    async with services.db.as_service() as conn:
        known = places(await libraries.provinces(conn))
    key = known.get(place_key(named))
    if key is None:
        like = get_close_matches(place_key(named), known, n=3, cutoff=0.6)
        hint = f"Did you mean {' or '.join(like)}?" if like else "Give its name, such as `Lào Cai`."
        raise Unknown(f"there is no province {named!r}", hint)
    return key
