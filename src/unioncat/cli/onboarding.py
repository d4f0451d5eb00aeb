"""Commands about many members: sheets, the list of libraries to be won, reports, schedules."""

from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from unioncat.cli import session
from unioncat.cli.output import AsJson, print_json, print_table, say
from unioncat.cli.start import load
from unioncat.config import ConfigError
from unioncat.domain.hours import Hours
from unioncat.domain.onboarding import Stage
from unioncat.domain.quality import group_of
from unioncat.flow import bulk, onboarding, quality, register
from unioncat.flow.checking import Checked
from unioncat.flow.lines import read_lines
from unioncat.flow.services import Services

onboard = typer.Typer(help="Libraries to be won, and how far each has come.", no_args_is_help=True)
Sheet = Annotated[
    Path, typer.Argument(help="An Excel, OpenDocument or CSV file.", exists=True, dir_okay=False)
]


def add(app: typer.Typer, library: typer.Typer, source: typer.Typer) -> None:
    """Hang these commands into the program."""
    app.add_typer(onboard, name="onboarding")
    library.command("import")(import_libraries)
    library.command("quality")(library_quality)
    source.command("schedule")(schedule)


def import_libraries(
    file: Sheet,
    check: Annotated[bool, typer.Option("--check", help="Register nothing; only say what is wrong.")] = False,
    as_json: AsJson = False,
) -> None:
    """Register many libraries out of a spreadsheet, all or nothing; docs/joining.md names the columns."""
    lines, unknown = read_lines(file.read_bytes())

    async def task(services: Services) -> Checked:
        checked = await bulk.check(services, file.name, lines)
        return checked if check or checked.faulty else await bulk.apply(services, file.name, lines)

    checked = session.run(task)
    faults = [(line.number, str(one)) for line in checked.faulty for one in line.faults]
    if as_json:
        codes = [one.code for one in checked.libraries]
        print_json(
            {"libraries": codes, "sources": len(checked.sources), "faults": faults, "registered": not check}
        )
    for heading in unknown:
        say(f"column {heading!r} was not understood and left out")
    for number, fault in faults:
        say(f"line {number}, {fault}")
    if faults:
        raise ConfigError(f"{len(checked.faulty)} lines have faults; nothing was registered", "correct them")
    verb = "could be registered" if check else "registered"
    if not as_json:
        say(f"{verb}: {len(checked.libraries)} libraries, {len(checked.sources)} sources")


@onboard.command("list")
def list_onboarding(
    group: Annotated[str | None, typer.Option(help="Only this group.")] = None,
    stage: Annotated[
        str | None, typer.Option(help="expected, invited, registered, harvested or live.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Tell how far each library has come, and how the groups stand to their goals."""
    found = session.run(onboarding.tracker)
    lines = [
        one
        for one in found.lines
        if (group is None or one.group == group) and (stage is None or one.stage == stage)
    ]
    if as_json:
        print_json({"standings": found.standings, "lines": lines})
        return
    print_table(
        ("group", *Stage, "goal"),
        (
            (
                one.group or "everybody",
                *(one.count(step) for step in Stage),
                ", ".join(f"{goal.count} by {goal.due}" for goal in one.goals),
            )
            for one in found.standings
        ),
        empty="no library yet",
    )
    print_table(
        ("code", "name", "group", "stage", "records"),
        ((one.code, one.name_vi, one.group or "", one.stage, one.records) for one in lines),
        empty="no library at this stage",
    )


@onboard.command("expect")
def expect(
    file: Sheet, group: Annotated[str | None, typer.Option(help="Group of all of them.")] = None
) -> None:
    """Put the libraries of a spreadsheet on the list of those to be won, all or nothing."""
    data = file.read_bytes()
    count = session.run(lambda services: bulk.expect(services, data, group=group))
    say(f"on the list: {count} libraries")


@onboard.command("invite")
def invite(code: Annotated[str, typer.Argument(help="Code of a library of the list.")]) -> None:
    """Invite a library: print its link, which is shown this once."""
    secret = session.run(lambda services: onboarding.invite(services, code))
    say(f"{load().base_url}/join?invite={secret}")


@onboard.command("strike")
def strike(code: Annotated[str, typer.Argument(help="Code of a library of the list.")]) -> None:
    """Take a library off the list."""
    session.run(lambda services: onboarding.strike(services, code))
    say(f"{code} is off the list")


@onboard.command("goal")
def goal(
    count: Annotated[int, typer.Argument(min=0, help="Living members; 0 takes the goal away.")],
    due: Annotated[str, typer.Option("--by", help="Day, as 2026-12-31.")],
    group: Annotated[str | None, typer.Option(help="Group; without one the whole federation.")] = None,
) -> None:
    """Set a goal."""
    try:
        day = date.fromisoformat(due)
    except ValueError:
        raise ConfigError(f"{due!r} is no day", "write it as 2026-12-31") from None
    session.run(lambda services: onboarding.set_goal(services, group, day, count))
    say("the goal is saved")


def library_quality(code: Annotated[str, typer.Argument(help="Its code.")], as_json: AsJson = False) -> None:
    """Show the report on a library's records, as it was made after its latest harvest."""

    async def task(services: Services) -> quality.MemberReport:
        return await quality.member_report(services, await session.operator(services), code)

    found = session.run(task)
    if as_json:
        print_json(found)
        return
    for one in found.reports:
        say(f"{one.source}, {one.at:%Y-%m-%d %H:%M}: {one.records} records, {one.sound} with nothing to mend")
        print_table(
            ("finding", "group", "records", "share"),
            ((name, group_of(name), n, f"{one.share(name):.1%}") for name, n in one.counts),
            empty="nothing to mend",
        )
    for source in found.waiting:
        say(f"{source}: no report yet")


def schedule(
    code: Annotated[str, typer.Argument(help="Its code.")],
    every: Annotated[int, typer.Option(min=0, help="Minutes between harvests; 0: by hand only.")],
    hours: Annotated[str | None, typer.Option(help="Allowed hours in Viet Nam time, as 22:00-05:00.")] = None,
) -> None:
    """Say how often and in which hours a source is harvested."""
    try:
        allowed = Hours.of(hours) if hours else None
    except ValueError as error:
        raise ConfigError(str(error), "leave it out for the whole day") from None
    session.run(lambda services: register.set_schedule(services, code, every, allowed))
    say(f"{code}: every {every} minutes" + (f", {allowed}" if allowed else ""))
