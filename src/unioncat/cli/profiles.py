"""Commands about profiles: how the records of a kind of system are read, and what of them stays out."""

from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from unioncat.cli import session
from unioncat.cli.output import AsJson, print_facts, print_json, print_table, say
from unioncat.config import ConfigError
from unioncat.domain.bib import BibRecord, Holding, Identifier
from unioncat.domain.source import Profile
from unioncat.flow import profiles
from unioncat.flow.profiles import Tried
from unioncat.flow.services import Services

WIDTH = 200
"""Characters of a field that are shown."""

app = typer.Typer(help="How records are read, and what of them stays out.", no_args_is_help=True)


def add(root: typer.Typer) -> None:
    """Hang these commands into the program."""
    root.add_typer(app, name="profile")


@app.command("list")
def list_profiles(as_json: AsJson = False) -> None:
    """List the profiles: those shipped, and the federation's own."""
    found = session.run(profiles.list_profiles)
    if as_json:
        print_json(found)
        return
    print_table(
        ("profile", "", "sources", "about"),
        ((one.name, "shipped" if one.shipped else "own", len(one.sources), one.about) for one in found),
        empty="no profiles",
    )


@app.command("show")
def show(name: Annotated[str, typer.Argument(help="Its name.")]) -> None:
    """Show the text of a profile, to read it or to begin another with it."""
    say(session.run(lambda services: profiles.profile_text(services, name)).rstrip("\n"))


@app.command("add")
def add_profile(
    file: Annotated[Path, typer.Argument(help="A TOML file; the key `name` in it names the profile.")],
) -> None:
    """Add a profile, or put another text in its place."""
    text = file.read_text("utf-8")
    saved = session.run(lambda services: profiles.add_profile(services, text))
    say(f"saved: profile {saved.name}")
    say("records that are here already are read by it after `unioncat replay`")


@app.command("remove")
def remove(name: Annotated[str, typer.Argument(help="Its name.")]) -> None:
    """Remove a profile that no source uses."""
    session.run(lambda services: profiles.remove_profile(services, name))
    say(f"removed: profile {name}")


@app.command("check")
def check(
    profile: Annotated[str, typer.Argument(help="Name of a profile, or a TOML file.")],
    records: Annotated[Path, typer.Argument(help="A file of records; .csv and .tsv are tables.")],
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="How many records to show.")] = 5,
    as_json: AsJson = False,
) -> None:
    """Run a profile over a file of records and show each before and after. Nothing is saved."""
    data = records.read_bytes()
    wanted = _profile(profile)
    table = records.suffix.lower() in (".csv", ".tsv")
    try:
        tried = list(profiles.try_profile(wanted, data, table=table, limit=limit))
    except ValueError as fault:
        remedy = "give a file of MARC, MODS, Dublin Core or a table"
        raise ConfigError(f"{records}: {fault}", remedy) from None
    if as_json:
        print_json(tried)
        return
    for one in tried:
        _print(one)
    read = sum(one.after is not None and one.after.bib is not None for one in tried)
    out = sum(one.shut_out for one in tried)
    rest = len(tried) - read - out
    say(f"{len(tried)} records: {read} read, {out} kept out by the gate, {rest} not readable")


def _profile(named: str) -> Profile:
    if named.endswith(".toml"):
        return profiles.read(Path(named).read_text("utf-8"))

    async def task(services: Services) -> Profile:
        async with services.db.begin() as conn:
            return await profiles.known_profile(conn, named)

    return session.run(task)


def _print(one: Tried) -> None:
    say(f"── record {one.number} ──")
    for line in one.before:
        say(f"  {'✂' if line in one.removed else ' '} {line if len(line) <= WIDTH else line[:WIDTH] + '…'}")
    if one.shut_out:
        say("→ kept out by the gate; nothing of it would be written")
        for reason in one.removed:
            say(f"  {reason}")
    elif one.after is not None and one.after.bib is not None:
        say("→")
        print_facts([(name, escape(text)) for name, text in _facts(one.after.bib, one.after.holdings)])
    elif one.after is not None:
        for problem in one.after.problems:
            say(f"→ {problem.code}: {problem.detail}")
    say("")


def _facts(bib: BibRecord, holdings: tuple[Holding, ...]) -> list[tuple[str, str]]:
    """Put a record into a few lines, as a cataloguer would check it."""
    title = bib.title
    parts = [" ".join(filter(None, (part.number, part.name))) for part in title.parts]
    named = ". ".join([title.main, *parts])
    whole = " : ".join(filter(None, [named, title.remainder]))
    imprint = bib.imprints[0] if bib.imprints else None
    facts = [
        ("title", whole),
        ("responsibility", bib.responsibility or ""),
        ("agents", "; ".join(_with(one.name, ", ".join(one.roles)) for one in bib.agents)),
        ("edition", bib.edition or ""),
        ("published", ", ".join([*imprint.places, *imprint.publishers]) if imprint else ""),
        ("date", imprint.date or "" if imprint else ""),
        ("year", str(bib.year or "")),
        ("extent", bib.extent.text if bib.extent else ""),
        ("numbers", ", ".join(_number(one) for one in bib.identifiers)),
        ("series", "; ".join(" ; ".join(filter(None, (one.title, one.number))) for one in bib.series)),
        ("subjects", "; ".join(one.text for one in bib.subjects)),
        ("classes", ", ".join(f"{one.scheme} {one.value}" for one in bib.classifications)),
        ("languages", ", ".join(bib.languages)),
        ("material", f"{bib.material}, {bib.carrier}"),
        ("links", " ".join(one.url for one in bib.links)),
        ("flags", ", ".join(bib.flags)),
    ]
    for one in holdings:
        place = " / ".join(filter(None, (one.library, one.location, one.shelf_mark, one.volume)))
        facts.append(("copies", f"{one.copies} × {place} [{one.status}] {', '.join(one.items)}".rstrip()))
    return facts


def _with(name: str, roles: str) -> str:
    return f"{name} ({roles})" if roles else name


def _number(one: Identifier) -> str:
    return _with(f"{one.scheme} {one.value}", "" if one.valid else "wrong or cancelled")
