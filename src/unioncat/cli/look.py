"""Commands that look: search, one record, how the service stands."""

from typing import Annotated, Any

import typer

from unioncat import config
from unioncat.cli import session
from unioncat.cli.members import print_runs
from unioncat.cli.output import AsJson, print_facts, print_json, print_table, say
from unioncat.config import ConfigError, Settings
from unioncat.domain.search import FACETS, SearchQuery, Sort
from unioncat.domain.union import Resolved, UnionRecord
from unioncat.engine import place, service
from unioncat.flow import find, status
from unioncat.flow.services import Services
from unioncat.index import parse
from unioncat.store import jobs
from unioncat.telemetry import scrub

token = typer.Typer(help="The operator's token.", no_args_is_help=True)


def add(app: typer.Typer) -> None:
    """Hang these commands into the program."""
    app.command()(search)
    app.command()(record)
    app.command("status")(show_status)
    app.command()(check)
    app.command()(version)
    app.command()(settings)
    app.add_typer(token, name="token")


def search(
    words: Annotated[list[str], typer.Argument(help="What to look for, as on the search page.")],
    only: Annotated[
        list[str] | None,
        typer.Option("--filter", help=f"facet=value, of {', '.join(FACETS)}; may be repeated."),
    ] = None,
    sort: Annotated[Sort, typer.Option(help="Order of the results.")] = Sort.RELEVANCE,
    size: Annotated[int, typer.Option(min=1, max=100, help="How many.")] = 10,
    as_json: AsJson = False,
) -> None:
    """Search the catalogue."""
    filters: dict[str, list[str]] = {}
    for one in only or []:
        name, mark, value = one.partition("=")
        if not mark or name not in FACETS:
            raise typer.BadParameter(f"{one!r}: write facet=value with one of {', '.join(FACETS)}")
        filters.setdefault(name, []).append(value)
    query = SearchQuery(
        clauses=parse(" ".join(words)),
        filters=tuple((name, tuple(values)) for name, values in filters.items()),
        sort=sort,
        size=size,
    )

    async def task(services: Services) -> find.Found:
        return await find.find(services, await session.operator(services), query)

    found = session.run(task)
    if as_json:
        print_json(found)
        return
    hint = f"; did you mean: {found.result.did_you_mean}" if found.result.did_you_mean else ""
    say(f"{found.result.total} found (restricted records included){hint}")
    print_table(
        ("id", "title", "author", "year", "libraries"),
        (
            (
                one.id,
                one.bib.title.main,
                one.bib.agents[0].name if one.bib.agents else "",
                one.bib.year,
                len({member.library for member in one.members}),
            )
            for one in found.records
        ),
        empty="",
    )


def record(public_id: Annotated[str, typer.Argument(help="Its public id.")], as_json: AsJson = False) -> None:
    """Show a union record and who holds it."""

    async def task(services: Services) -> UnionRecord | Resolved | None:
        return await find.record(services, await session.operator(services), public_id)

    found = session.run(task)
    if found is None:
        raise ConfigError(f"there is no record {public_id!r}", "`unioncat search` shows ids")
    if as_json:
        print_json(found)
    elif isinstance(found, Resolved):
        say(f"{found.id} is {found.state}; see {', '.join(found.successors) or 'nothing else'}")
    else:
        print_facts(
            (
                ("title", found.bib.title.main),
                ("responsibility", found.bib.responsibility),
                ("edition", found.bib.edition),
                ("year", found.bib.year),
                ("numbers", ", ".join(f"{one.scheme} {one.value}" for one in found.bib.identifiers)),
            )
        )
        print_table(
            ("source", "library", "local id", "holdings"),
            ((one.source, one.library, one.local_id, len(one.holdings)) for one in found.members),
            empty="no members",
        )


def show_status(as_json: AsJson = False) -> None:
    """Show how the service stands: sizes, queue, latest runs."""

    async def task(services: Services) -> tuple[status.Overview, list[jobs.JobCount]]:
        numbers = await status.overview(services, await session.operator(services))
        async with services.db.begin() as conn:
            return numbers, await jobs.stats(conn)

    running = service.is_up(Settings.load().home)
    numbers, queue = session.run(task)
    if as_json:
        print_json({"running": running, "overview": numbers, "jobs": queue})
        return
    print_facts(
        (
            ("service", "running" if running else "not running (`unioncat up` starts it)"),
            ("libraries", numbers.libraries),
            ("sources", numbers.sources),
            ("records", numbers.records),
            ("union records", numbers.union_records),
            ("holdings", numbers.holdings),
            ("in the index", numbers.indexed),
            ("waiting", numbers.pending),
            ("jobs", ", ".join(f"{one.count} {one.kind} {one.state}" for one in queue)),
        )
    )
    print_runs(numbers.runs)


def check(as_json: AsJson = False) -> None:
    """Check that the parts agree; exit code 1 when something needs a person."""
    health = session.run(status.health)
    troubles = session.run(status.troubles)
    left = [str(path) for path in place.abandoned()]
    if as_json:
        print_json({"health": health, "troubles": troubles, "abandoned_databases": left})
    else:
        print_facts(
            (
                ("publishable", health.publishable),
                ("in the index", health.indexed),
                ("waiting to be joined", health.waiting_join),
                ("waiting for the index", health.waiting_publish),
            )
        )
        say(health.note)
        for trouble in troubles:
            say(trouble)
        if left:
            say(
                "not of this service: databases on this machine whose own home folders are not there any more"
            )
            say("(if nobody misses them, and no disk is only away: `rm -r` each)")
        for path in left:
            say(f"  {path}")
    if troubles or not health.ok:
        raise typer.Exit(1)


def version() -> None:
    """Print the version."""
    from importlib.metadata import version as installed

    say(f"unioncat {installed('unioncat')}")


def settings(
    values: Annotated[bool, typer.Option("--values", help="The values in use.")] = False,
) -> None:
    """Print every setting with its meaning, as docs/settings.md does."""
    if not values:
        say(config.document().rstrip("\n"))
        return
    facts: dict[str, Any] = Settings.load().model_dump()
    print_facts(
        (f"{config.PREFIX}{name.upper()}", scrub(str(value)) if value is not None else None)
        for name, value in facts.items()
    )


@token.command("show")
def show_token() -> None:
    """Print the operator's token."""
    say(Settings.load().operator_token())


@token.command("renew")
def renew_token() -> None:
    """Make a new operator's token; the old one ends when the service is started anew."""
    loaded = Settings.load()
    path = loaded.home / "secrets" / "operator_token"
    path.unlink(missing_ok=True)
    loaded.operator_token()
    say(f"written: {path}. Start the service anew to use it.")
