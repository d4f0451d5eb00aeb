"""`unioncat lending consignment`: rotation of books and gifts, packed out of files, sent and received.

Whoever runs this program may act for every library; the log says who it was.
"""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from unioncat.cli import naming, session
from unioncat.cli.output import AsJson, print_facts, print_json, print_table, say
from unioncat.cli.terms import day_of, lending
from unioncat.config import ConfigError
from unioncat.domain.consignment import OWNER, Consignment, Difference, Kind, Step
from unioncat.domain.people import Account, Grant, Role, SignedIn
from unioncat.flow import consign
from unioncat.flow.consign import Plan, Shown
from unioncat.flow.services import Services
from unioncat.store.consignments import Listed

group = typer.Typer(help="Rotation of books along stops, and gifts.", no_args_is_help=True)
Number = Annotated[str, typer.Argument(help="Number of the consignment.")]


def add() -> None:
    """Hang these commands into `unioncat lending`."""
    lending.add_typer(group, name="consignment")


async def _operator(services: Services) -> SignedIn:
    """Give whoever runs this program, as somebody who may work for every library."""
    account = Account(0, naming.actor(), naming.actor(), True, (Grant(Role.FEDERATION_ADMIN),))
    return SignedIn(account, second=True, viewer=await session.operator(services))


@group.command("list")
def list_consignments(
    library: Annotated[str | None, typer.Option(help="Only of this library.")] = None, as_json: AsJson = False
) -> None:
    """List the consignments, the newest first."""

    async def task(services: Services) -> list[Listed]:
        viewer = await session.operator(services)
        return await consign.listed(services, viewer, [library] if library else None)

    found = session.run(task)
    if as_json:
        print_json(found)
        return
    print_table(
        ("number", "kind", "title", "owner", "state", "copies", "changed"),
        (
            (one.number, one.kind, one.title, one.owner, one.state, one.copies, f"{one.changed:%Y-%m-%d}")
            for one in found
        ),
        empty="there are no consignments: `unioncat lending consignment pack`",
    )


@group.command("show")
def show(number: Number, as_json: AsJson = False) -> None:
    """Show one: its way, its books, what is missing, and the steps that are possible now."""

    async def task(services: Services) -> Shown:
        return await consign.show(services, await _operator(services), number)

    found = session.run(task)
    if as_json:
        print_json(found)
        return
    one = found.one
    print_facts(
        [
            *(("number", one.number), ("kind", one.kind), ("title", one.title), ("owner", one.owner)),
            *(("state", one.state), ("at", consign.place_name(one, one.place, one.owner))),
            *(("from", one.first), ("to", one.last), ("donor", one.donor), ("note", one.note)),
            ("steps now", ", ".join(found.steps)),
        ]
    )
    _stops(one)
    rows = [
        (place, item.title, item.copies, tally.missing, tally.damaged)
        for place, (item, tally) in enumerate(zip(one.items, found.tallies, strict=True), 1)
    ]
    print_table(("item", "title", "copies", "missing", "damaged"), rows, empty="nothing is in it")


def _stops(one: Consignment) -> None:
    rows = [
        (place, stop.name, stop.library or "", stop.leave_by, stop.received and f"{stop.received:%Y-%m-%d}")
        for place, stop in enumerate(one.stops, 1)
    ]
    print_table(("stop", "name", "library", "until", "received"), rows, empty="it has no stops")


@group.command("pack")
def pack(
    owner: Annotated[str, typer.Argument(help="Code of the library whose books they are.")],
    items: Annotated[
        Path,
        typer.Option(help="A file: title | author | barcode | copies | price.", exists=True, dir_okay=False),
    ],
    stops: Annotated[
        Path,
        typer.Option(help="A file: library code or name | last day there.", exists=True, dir_okay=False),
    ],
    title: Annotated[str, typer.Option(help="What it is called.")] = "",
    gift: Annotated[bool, typer.Option("--gift", help="It is given, not lent.")] = False,
    donor: Annotated[str, typer.Option(help="Who gave the books, where it is not the owner.")] = "",
    first: Annotated[str | None, typer.Option(help="First day, as 2026-02-28.")] = None,
    last: Annotated[str | None, typer.Option(help="Day on which all is back.")] = None,
    note: Annotated[str, typer.Option(help="What else is to be said.")] = "",
) -> None:
    """Pack a consignment; give its number."""
    things, way = items.read_text(encoding="utf-8"), stops.read_text(encoding="utf-8")

    async def task(services: Services) -> str:
        known = await consign.names(services, await session.operator(services))
        try:
            plan = Plan(
                kind=Kind.GIFT if gift else Kind.ROTATION,
                title=title,
                items=consign.items_of(things),
                stops=consign.stops_of(way, known),
                donor=donor,
                first=day_of(first) if first else None,
                last=day_of(last) if last else None,
                note=note,
            )
        except ValueError as error:
            raise ConfigError(str(error), "correct the file and pack again") from None
        return await consign.begin(services, owner, plan, naming.actor(), datetime.now(UTC))

    say(session.run(task))


@group.command("step")
def step(
    number: Number,
    what: Annotated[Step, typer.Argument(help="What is done with it.")],
    difference: Annotated[
        list[str] | None,
        typer.Option(help="What a receipt says: item:missing:damaged:found, as 2:1:0:0; may be repeated."),
    ] = None,
    why: Annotated[str, typer.Option(help="A word on it.")] = "",
) -> None:
    """Send a consignment, receive it at its stop, send it on or back, check it in, or cancel it."""
    said = [_difference(one) for one in difference or ()]

    async def task(services: Services) -> Shown:
        person = await _operator(services)
        return await consign.step(
            services, person, number, what, datetime.now(UTC), differences=said, why=why
        )

    one = session.run(task).one
    where = "" if one.place == OWNER else f", {consign.place_name(one, one.place, one.owner)}"
    say(f"{one.number}: {one.state}{where}")


def _difference(text: str) -> Difference:
    """Read what a receipt says of an item; items are numbered from 1. Raises ConfigError."""
    try:
        item, missing, damaged, found = (int(one) for one in text.split(":"))
    except ValueError:
        raise ConfigError(
            f"{text!r} says not what differs", "write item:missing:damaged:found, as 2:1:0:0"
        ) from None
    return Difference(item - 1, missing, damaged, found)
