"""Commands about the terms of lending: agreements, policies, closed days; many at once out of TOML files."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated

import typer
from pydantic import ValidationError

from unioncat.cli import naming, session
from unioncat.cli.output import AsJson, Quiet, print_facts, print_json, print_table, say
from unioncat.config import ConfigError
from unioncat.domain.lending_policy import Agreement
from unioncat.flow import reach, terms
from unioncat.flow.reach import Reach, ReachIn
from unioncat.flow.services import Services
from unioncat.flow.terms import ClosureIn, PolicyIn, TermsFile

agreement = typer.Typer(help="Agreements on lending between libraries and groups.", no_args_is_help=True)
lending = typer.Typer(help="Lending between libraries.", no_args_is_help=True)
policy = typer.Typer(help="What a library lends, to whom, on what terms.", no_args_is_help=True)
closure = typer.Typer(
    help="Days on which libraries are closed, or work although others do not.", no_args_is_help=True
)
File = Annotated[
    Path, typer.Argument(help="A TOML file with [[agreement]], [[policy]], [[closure]], [[avoid]].")
]
Code = Annotated[str, typer.Argument(help="Its code.")]


def add(app: typer.Typer) -> None:
    """Hang these commands into the program."""
    app.add_typer(agreement, name="agreement")
    lending.add_typer(policy, name="policy")
    app.add_typer(lending, name="lending")
    app.add_typer(closure, name="closure")


def day_of(text: str) -> date:
    """Read a day. Raises ConfigError."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ConfigError(f"{text!r} is no day", "write it as 2026-02-28") from None


def _load(file: Path) -> TermsFile:
    now, by = datetime.now(UTC), naming.actor()
    return session.run(lambda services: terms.load_file(services, file, by, now))


def _tell(saved: TermsFile, quiet: bool) -> None:
    if not quiet:
        say(
            f"saved: {len(saved.agreement)} agreements, {len(saved.policy)} policies,"
            f" {len(saved.closure)} closures, {len(saved.avoid)} lines of do-not-route lists"
        )


@agreement.command("add")
def add_agreements(file: File, quiet: Quiet = False) -> None:
    """Save the agreements (and other terms) of a file, all or nothing; what is there already is put right."""
    _tell(_load(file), quiet)


@agreement.command("list")
def list_agreements(as_json: AsJson = False) -> None:
    """List the agreements, those that have ended included."""

    async def task(services: Services) -> list[Agreement]:
        return list(await terms.agreements(services, await session.operator(services)))

    found = session.run(task)
    if as_json:
        print_json(found)
        return
    print_table(
        ("code", "name", "form", "parties", "from", "to"),
        (
            (
                one.code,
                one.name_vi,
                one.form,
                " ".join(part.library or f"[{part.group}]" for part in one.participants),
                one.valid_from,
                one.valid_to,
            )
            for one in found
        ),
        empty="no agreements yet; add some with `unioncat agreement add FILE.toml`",
    )


@agreement.command("end")
def end_agreement(
    code: Code, last: Annotated[str | None, typer.Option(help="Its last day (today).")] = None
) -> None:
    """Say on which day an agreement ends; what was asked under it goes on."""
    day = day_of(last) if last else terms.today(datetime.now(UTC))
    session.run(lambda services: terms.end_agreement(services, code, day, naming.actor()))
    say(f"ends: {code} with {day}")


@lending.command("reach")
def reach_library(
    library: Annotated[str, typer.Argument(help="Code of the library.")],
    by: Annotated[
        str | None, typer.Option(help="desk (its staff sign in here) or letter (e-mails with links).")
    ] = None,
    email: Annotated[
        str | None, typer.Option(help="Where letters go; '' for the library's contact address.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Show or set how a library is reached; a system of its own is entered by `unioncat partner add`."""

    async def task(services: Services) -> Reach:
        found = await reach.reach_of(services, library)
        if by is None and email is None:
            return found
        kept = {name: getattr(found.set, name) for name in ReachIn.model_fields}
        given = {"way": by, "email": email}
        kept |= {name: value for name, value in given.items() if value is not None}
        try:
            wanted = ReachIn.model_validate(kept)
        except ValidationError:
            raise ConfigError(
                "that is no way to reach a library", "--by desk or letter, --email a@b.vn"
            ) from None
        return await reach.set_reach(services, library, wanted, naming.actor())

    found = session.run(task)
    if as_json:
        print_json(found.party)
        return
    print_facts(
        [
            ("library", library),
            ("way", found.party.way),
            ("letters to", found.party.email),
            ("can answer", not found.party.silent),
        ]
    )


@policy.command("show")
def show_policy(
    library: Annotated[str, typer.Argument(help="Code of the library.")], as_json: AsJson = False
) -> None:
    """Show what a library lends, to whom, and what it asks of its own readers."""
    found = session.run(lambda services: terms.terms_of(services, library, datetime.now(UTC)))
    if as_json:
        print_json(found)
        return
    given = PolicyIn.of(found.policy).model_dump(mode="json")
    print_facts(
        [
            ("library", library),
            *(
                (name, ", ".join(value) if isinstance(value, list) else value)
                for name, value in given.items()
            ),
            ("agreements", ", ".join(one.code for one in found.agreements)),
        ]
    )


@policy.command("set")
def set_policies(file: File, quiet: Quiet = False) -> None:
    """Save the policies (and other terms) of a file, all or nothing."""
    _tell(_load(file), quiet)


@closure.command("add")
def add_closure(
    start: Annotated[str, typer.Argument(help="First day, as 2026-02-28.")],
    end: Annotated[str | None, typer.Argument(help="Last day (the first).")] = None,
    library: Annotated[str | None, typer.Option(help="Code of the library; none: all of them.")] = None,
    why: Annotated[str, typer.Option(help="What for.")] = "",
    works: Annotated[
        bool, typer.Option("--works", help="They work then, although it is a holiday or a weekend.")
    ] = False,
) -> None:
    """Close a library, or all; or (`--works`) open them on a day that the government has moved."""
    one = ClosureIn(start=day_of(start), end=day_of(end or start), library=library, why=why, open=works)
    wanted, by = TermsFile(closure=[one]), naming.actor()
    session.run(lambda services: terms.save(services, wanted, by, datetime.now(UTC)))
    say(f"saved: {one.start} to {one.end}, {library or 'all libraries'}, {'open' if works else 'closed'}")


@closure.command("list")
def list_closures(
    since: Annotated[str | None, typer.Option(help="Those that end on this day or later (today).")] = None,
    as_json: AsJson = False,
) -> None:
    """List closed days and days that are worked although others do not."""
    day = day_of(since) if since else terms.today(datetime.now(UTC))
    found = session.run(lambda services: terms.closures(services, day))
    if as_json:
        print_json(found)
        return
    print_table(
        ("number", "library", "from", "to", "", "why"),
        (
            (one.id, one.library or "*", one.start, one.end, "open" if one.open else "closed", one.why)
            for one in found
        ),
        empty="no closed days; public holidays are known without",
    )
