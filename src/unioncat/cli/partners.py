"""Commands about partner systems (ISO 18626) and the messages exchanged with them.

What opens a door is asked for or shown once, never an argument.
"""

from dataclasses import asdict, replace
from datetime import UTC, datetime
from typing import Annotated, Any

import typer

from unioncat.cli import naming, session
from unioncat.cli.credentials import ask_secret
from unioncat.cli.output import AsJson, print_facts, print_json, print_table, say
from unioncat.cli.terms import lending
from unioncat.config import ConfigError
from unioncat.domain.credentials import Credentials
from unioncat.domain.partner import AgencyOf, Partner
from unioncat.flow import correspondence
from unioncat.flow import partners as flow
from unioncat.flow.services import Services
from unioncat.lending.iso18626.shown import source
from unioncat.store.errors import Unknown

group = typer.Typer(help="Systems of other libraries that speak ISO 18626.", no_args_is_help=True)
Code = Annotated[str, typer.Argument(help="The partner's code.")]


def add(app: typer.Typer) -> None:
    """Hang these commands into the program."""
    app.add_typer(group, name="partner")


@group.command("add")
def add_partner(
    code: Code,
    name: Annotated[str | None, typer.Option(help="Its name.")] = None,
    address: Annotated[str | None, typer.Option(help="Where its messages go: https://…")] = None,
    agency: Annotated[
        list[str] | None,
        typer.Option(help="An agency it speaks for: ISIL:VN-NLV, or ISIL:VN-NLV=CODE for a member library."),
    ] = None,
    version: Annotated[str | None, typer.Option(help="1.2 or 2021-2.")] = None,
    mode: Annotated[
        str | None, typer.Option(help="transparent, or opaque for a broker that uses one agency for all.")
    ] = None,
    quirk: Annotated[list[str] | None, typer.Option(help="A habit; see docs/iso18626.md.")] = None,
    certificate: Annotated[
        str | None, typer.Option(help="SHA-256 of its client certificate, verified by a proxy.")
    ] = None,
    active: Annotated[bool | None, typer.Option("--active/--inactive", help="Whether it takes part.")] = None,
) -> None:
    """Enter a partner, or change what is named of one that is there."""
    agencies = tuple(_agency(one) for one in agency) if agency else None
    given: dict[str, Any] = {
        "name": name,
        "address": address,
        "agencies": agencies,
        "version": version,
        "mode": mode,
        "quirks": tuple(quirk) if quirk else None,
        "certificate": certificate,
        "active": active,
    }
    known = {field: value for field, value in given.items() if value is not None}

    async def change(services: Services) -> Partner:
        try:
            before = await flow.read(services, code)
        except Unknown:
            before = Partner(code, name or code)
        return await flow.save(services, naming.actor(), replace(before, **known))

    saved = session.run(change)
    say(f"{saved.code} is kept; `unioncat partner token {saved.code}` gives it what it sends in with")


def _agency(text: str) -> AgencyOf:
    symbol, _, library = text.partition("=")
    try:
        return AgencyOf.of(symbol, library or None)
    except ValueError as error:
        raise ConfigError(f"--agency: {error}", "write ISIL:VN-NLV, or ISIL:VN-NLV=CODE") from None


@group.command("list")
def list_partners(as_json: AsJson = False) -> None:
    """List partners."""
    found = session.run(flow.listed)
    if as_json:
        print_json([asdict(one) for one in found])
        return
    rows = [
        (one.code, one.name, one.version, " ".join(sorted(one.symbols)), one.address or "", one.active)
        for one in found
    ]
    print_table(
        ("code", "name", "version", "agencies", "address", "active"),
        rows,
        empty="there is none yet: `unioncat partner add`",
    )


@group.command("show")
def show(code: Code) -> None:
    """Show one partner."""
    one = session.run(lambda services: flow.read(services, code))
    print_facts([(name, value) for name, value in asdict(one).items() if name not in ("agencies", "id")])
    print_facts(
        [("agency", f"{a.type}:{a.value}" + (f" = {a.library}" if a.library else "")) for a in one.agencies]
    )


@group.command("token")
def token(code: Code) -> None:
    """Give a partner a new token, shown this once; an earlier one no longer opens."""
    say(session.run(lambda services: flow.new_token(services, naming.actor(), code)))


@group.command("credentials")
def credentials(
    code: Code,
    user: Annotated[str | None, typer.Option(help="User's name; its password is asked for.")] = None,
    header: Annotated[
        str | None, typer.Option(help="Name of a header, such as Authorization; its value is asked for.")
    ] = None,
    remove: Annotated[bool, typer.Option("--remove", help="Forget those it has.")] = False,
) -> None:
    """Keep what the partner wants to see of us; the secret is asked for, or read from standard input."""
    if remove:
        session.run(lambda services: flow.give_credentials(services, naming.actor(), code, None))
        say(f"{code} is written to without credentials")
        return
    if user is None and header is None:
        raise ConfigError("whose secret is it?", "name --user or --header")
    secret = ask_secret("Password" if header is None else header)
    given = Credentials(user, secret) if header is None else Credentials(headers=((header, secret),))
    session.run(lambda services: flow.give_credentials(services, naming.actor(), code, given))
    say(f"the credentials for {code} are kept, encrypted; they go to its own server only")


@group.command("test")
def test(code: Code) -> None:
    """Ask the partner after a request that does not exist: any confirmation shows that the way is open."""
    found = session.run(lambda services: flow.test(services, code, datetime.now(UTC)))
    if found.confirmation is None:
        say(f"{code} did not confirm: {found.error}")
        raise typer.Exit(1)
    say(f"{code} answers: {found.confirmation.status}" + (f" ({found.error})" if found.error else ""))


@lending.command("messages")
def messages(
    request: Annotated[str, typer.Option(help="Id of a request, as messages name it.")] = "",
    partner: Annotated[str, typer.Option(help="Code of a partner.")] = "",
    show: Annotated[int | None, typer.Option(help="Number of one message, to see it whole.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=200)] = 50,
) -> None:
    """List messages with partners, the newest first, or show one."""
    if show is not None:
        one = session.run(lambda services: correspondence.message(services, show, None, naming.actor()))
        say(source(one.body) if one.body else "its content was removed after the time for which it is kept")
        if one.answer:
            say(source(one.answer))
        return
    found = session.run(
        lambda services: correspondence.said(services, None, request=request, partner=partner, limit=limit)
    )
    rows = [
        (
            *(one.id, f"{one.at:%Y-%m-%d %H:%M:%S}", one.way, one.partner_code or "", one.kind or ""),
            *(one.word or "", one.request or "", one.outcome, one.error_value or ""),
        )
        for one in found
    ]
    names = ("number", "at", "way", "partner", "kind", "word", "request", "outcome", "error")
    print_table(names, rows, empty="there are no messages")


@lending.command("undelivered")
def undelivered() -> None:
    """List messages that are late, were refused, or were given up."""
    found = session.run(lambda services: correspondence.undelivered(services, None))
    rows = [
        (one.id, one.to, one.kind, one.request or "", one.state, one.tries, one.error or "") for one in found
    ]
    names = ("number", "to", "what", "request", "state", "tries", "error")
    print_table(names, rows, empty="every message has arrived")


@lending.command("resend")
def resend(number: Annotated[int, typer.Argument(help="Number in `unioncat lending undelivered`.")]) -> None:
    """Send a message once more that could not be delivered."""
    now = datetime.now(UTC)
    session.run(lambda services: correspondence.resend(services, number, None, naming.actor(), now))
    say(f"message {number} will be sent again at once")
