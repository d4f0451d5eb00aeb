"""Commands about people and the log of who did what: for whoever runs the server."""

from typing import Annotated

import typer

from unioncat.cli import naming, session
from unioncat.cli.output import AsJson, print_json, print_table, say
from unioncat.config import ConfigError, Settings
from unioncat.domain.audit import Head
from unioncat.flow import audit, people

group = typer.Typer(help="People who work with the catalogue.", no_args_is_help=True)
log = typer.Typer(help="The log of who did what.", no_args_is_help=True)


def add(app: typer.Typer) -> None:
    """Hang these commands into the program."""
    app.add_typer(group, name="people")
    app.add_typer(log, name="audit")


@group.command("first")
def first() -> None:
    """Give a one-time link by which somebody becomes the first administrator."""
    base_url = Settings.load().base_url
    link = session.run(lambda services: people.first_link(services, base_url))
    say(
        link
        or "there is an administrator already; `unioncat people rescue ADDRESS` helps who has lost access"
    )


@group.command("rescue")
def rescue(email: Annotated[str, typer.Argument(help="The person's e-mail address.")]) -> None:
    """Give a one-time link for a new password, and forget a lost second factor."""
    base_url = Settings.load().base_url
    say(session.run(lambda services: people.rescue(services, email, base_url, by=naming.actor())))


@group.command("list")
def list_people(as_json: AsJson = False) -> None:
    """List people and their roles."""
    found = session.run(people.everybody)
    rows = [
        (
            one.email,
            one.name,
            " ".join(f"{grant.role}@{grant.library or '*'}" for grant in one.grants),
            one.active,
        )
        for one in found
    ]
    if as_json:
        print_json([dict(zip(("email", "name", "roles", "active"), row, strict=True)) for row in rows])
        return
    print_table(
        ("e-mail", "name", "roles", "active"), rows, empty="there is nobody yet: `unioncat people first`"
    )


@log.command("verify")
def verify(
    head: Annotated[
        str | None, typer.Option(help="A head that an earlier run printed, kept elsewhere: `NUMBER SEAL`.")
    ] = None,
) -> None:
    """Read the whole log, and tell every change and gap; 1 where there is one."""
    try:
        known = Head.of(head) if head else None
    except ValueError:
        raise ConfigError("--head: it is no head", "give the line that an earlier run printed") from None
    proof = session.run(lambda services: audit.verify(services, known=known))
    for fault in proof.faults:
        say(fault)
    if proof.faults:
        raise typer.Exit(1)
    say(f"{proof.head.number} entries, unbroken. Keep this head elsewhere:")
    say(str(proof.head))
