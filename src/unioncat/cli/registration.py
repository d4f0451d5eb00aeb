"""Commands about libraries that ask to join."""

from typing import Annotated, Any

import msgspec
import typer

from unioncat.cli import session
from unioncat.cli.output import AsJson, print_facts, print_json, print_table, say
from unioncat.config import ConfigError
from unioncat.domain.registration import OPEN, RegistrationState
from unioncat.flow import approval, registration
from unioncat.flow.approval import Proposal
from unioncat.flow.register import ParentIn
from unioncat.flow.services import Services

registrations = typer.Typer(help="Libraries that ask to join.", no_args_is_help=True)
Number = Annotated[int, typer.Argument(help="Its number.")]
By = Annotated[str, typer.Option("--by", help="Who decides; the applicant sees it.")]


def add(app: typer.Typer) -> None:
    """Hang these commands into the program."""
    app.add_typer(registrations, name="registration")


@registrations.command("list")
def list_registrations(
    state: Annotated[
        str, typer.Option(help="draft, waiting, returned, approved, refused or withdrawn.")
    ] = "waiting",
    as_json: AsJson = False,
) -> None:
    """List registrations."""
    if state not in list(RegistrationState):
        raise ConfigError(f"there is no state {state!r}", f"use one of {', '.join(RegistrationState)}")
    found = session.run(lambda services: registration.listed(services, [RegistrationState(state)]))
    if as_json:
        print_json([_plain(one) for one in found])
        return
    print_table(
        ("number", "name", "software", "address", "sent"),
        (
            (
                one.id,
                one.facts.name_vi if one.facts else "",
                one.software,
                one.address,
                f"{one.submitted:%Y-%m-%d %H:%M}" if one.submitted else "",
            )
            for one in found
        ),
        empty=f"no registration is {state}",
    )


@registrations.command("show")
def show_registration(number: Number, as_json: AsJson = False) -> None:
    """Show a registration and what approval would make of it."""

    async def task(services: Services) -> tuple[Any, Any]:
        found = (await registration.read(services, number)).registration
        asked = found.facts is not None and found.state in OPEN
        wanted = await approval.propose(services, number) if asked else None
        return found, wanted

    found, wanted = session.run(task)
    if as_json:
        print_json({"registration": _plain(found), "proposal": _proposal(wanted) if wanted else None})
        return
    facts, seen = found.facts, found.appraisal
    print_facts(
        (
            ("number", found.id),
            ("state", found.state),
            ("name", facts.name_vi if facts else None),
            ("type", facts.type if facts else None),
            ("province", facts.province if facts else None),
            ("e-mail", facts.contact.email if facts else None),
            ("telephone", facts.contact.phone if facts else None),
            ("wish", facts.wish if facts else None),
            ("note", facts.note if facts else None),
            ("software", found.software),
            ("address", found.address),
            ("found", f"{seen.name} at {seen.address}, {seen.format}" if seen and seen.format else None),
            ("records", seen.size if seen else None),
            ("library", found.library),
            ("source", found.source),
            ("would be", wanted.library.code if wanted else None),
        )
    )
    for letter in found.letters:
        say(f"{letter.at:%Y-%m-%d %H:%M} {letter.by or 'the library'}: {letter.text}")


@registrations.command("approve")
def approve(
    number: Number,
    by: By,
    audience: Annotated[str, typer.Option(help="Who may see library and records.")],
    code: Annotated[
        str | None, typer.Option(help="Code of the library, where the proposed one is not right.")
    ] = None,
) -> None:
    """Make a member of an applicant, as proposed, and ask for the first harvest."""

    async def task(services: Services) -> Any:
        wanted = await approval.propose(services, number)
        chosen = {"audience": audience} | ({"code": code} if code else {})
        library = wanted.library.model_copy(update=chosen)
        source = wanted.source
        if source is not None:
            source = source.model_copy(update={"audience": audience, "library": library.code} | chosen)
        branches = tuple(
            (
                value,
                one.model_copy(update={"audience": audience, "parents": [ParentIn(code=library.code)]}),
            )
            for value, one in wanted.branches
        )
        made = Proposal(library, source, branches, wanted.suggestions)
        return await approval.approve(services, number, made, by=by)

    done = session.run(task)
    say(f"{done.library} is a member" + (f"; its source is {done.source}" if done.source else ""))


@registrations.command("ask")
def ask(number: Number, text: Annotated[str, typer.Argument(help="The question.")], by: By) -> None:
    """Ask an applicant something."""
    session.run(lambda services: approval.ask_back(services, number, text, by=by))
    say(f"registration {number} is the library's again")


@registrations.command("refuse")
def refuse(number: Number, reason: Annotated[str, typer.Argument(help="Why.")], by: By) -> None:
    """Refuse an applicant, with a reason."""
    session.run(lambda services: approval.refuse(services, number, reason, by=by))
    say(f"registration {number} is refused")


def _plain(one: Any) -> Any:
    return msgspec.to_builtins(one)


def _proposal(wanted: Proposal) -> Any:
    return {
        "library": wanted.library.model_dump(mode="json"),
        "source": wanted.source.model_dump(mode="json") if wanted.source else None,
        "branches": {value: one.code for value, one in wanted.branches},
    }
