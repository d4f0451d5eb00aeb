"""Commands about members: libraries, their sources, groups and audiences, and held runs."""

from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer
from pydantic import BaseModel, ValidationError

from unioncat.cli import session
from unioncat.cli.output import AsJson, Quiet, print_facts, print_json, print_table, say
from unioncat.cli.start import PASS_ON, become
from unioncat.config import ConfigError
from unioncat.domain.licence import Licence, LicenceCode
from unioncat.domain.source import Protocol
from unioncat.flow import audience as audiences
from unioncat.flow import purge as purging
from unioncat.flow import register, status
from unioncat.flow import work as workers
from unioncat.flow.bulk import province_key
from unioncat.flow.register import AudienceIn, GroupIn, LibraryIn, MembersFile, SourceIn
from unioncat.flow.services import Services
from unioncat.store.changes import AudienceChange

M = TypeVar("M", bound=BaseModel)
Code = Annotated[str, typer.Argument(help="Its code.")]
LICENCES = "Under which licence its records are given; `stated`: as the library says."

library = typer.Typer(help="Member libraries.", no_args_is_help=True)
source = typer.Typer(help="Endpoints of member libraries.", no_args_is_help=True)
group = typer.Typer(help="Groups of libraries.", no_args_is_help=True)
audience = typer.Typer(help="Circles that may see what the public may not.", no_args_is_help=True)
run = typer.Typer(help="Harvest runs.", no_args_is_help=True)


def add(app: typer.Typer) -> None:
    """Hang these commands into the program."""
    app.add_typer(library, name="library")
    app.add_typer(source, name="source")
    app.add_typer(group, name="group")
    app.add_typer(audience, name="audience")
    app.add_typer(run, name="run")
    app.command()(load)


def load(
    file: Annotated[Path, typer.Argument(help="A TOML file with libraries and sources.")],
    quiet: Quiet = False,
    as_json: AsJson = False,
) -> None:
    """Register everything in a file, all or nothing. Loading it again changes what differs."""
    loaded = session.run(lambda services: register.load_toml(services, file))
    if as_json:
        print_json(loaded)
    elif not quiet:
        say(f"registered: {loaded.libraries} libraries, {loaded.sources} sources")


@library.command("add")
def add_library(
    code: Code,
    name_vi: Annotated[str, typer.Option(help="Name in Vietnamese.")],
    kind: Annotated[str, typer.Option("--type", help="national, public, special, university, school…")],
    name_en: Annotated[
        str | None, typer.Option(help="Name in English; without it, the Vietnamese one stands for it.")
    ] = None,
    level: Annotated[str, typer.Option(help="central, province, district, commune or unit.")] = "unit",
    province: Annotated[
        str | None, typer.Option(help="Its province by name, with or without tones, or by key.")
    ] = None,
    groups: Annotated[list[str] | None, typer.Option("--group", help="Code of a group; repeatable.")] = None,
    circle: Annotated[str, typer.Option("--audience", help="Who may know of it.")] = "public",
) -> None:
    """Add a library, or put its facts right."""
    if province is not None:
        named = province
        province = session.run(lambda services: province_key(services, named))
    wanted = checked(
        LibraryIn,
        code=code,
        name_vi=name_vi,
        name_en=name_en or name_vi,
        type=kind,
        level=level,
        province=province,
        groups=groups or [],
        audience=circle,
    )
    saved = session.run(lambda services: register.register_library(services, wanted))
    say(f"registered: {saved.code} ({saved.name_vi})")


@library.command("list")
def list_libraries(
    ended: Annotated[bool, typer.Option("--ended", help="Those that were closed or merged too.")] = False,
    as_json: AsJson = False,
) -> None:
    """List the libraries."""

    async def task(services: Services) -> list[Any]:
        viewer = await session.operator(services)
        return await register.list_libraries(services, viewer, include_ended=ended)

    found = session.run(task)
    if as_json:
        print_json(found)
        return
    print_table(
        ("code", "name", "type", "level", "province"),
        ((one.code, one.name_vi, one.type, one.level, one.province) for one in found),
        empty="no libraries yet; add one with `unioncat library add` or `unioncat load FILE.toml`",
    )


@library.command("show")
def show_library(code: Code, as_json: AsJson = False) -> None:
    """Show one library."""

    async def task(services: Services) -> Any:
        viewer = await session.operator(services)
        every = await register.list_libraries(services, viewer, include_ended=True)
        return next((one for one in every if one.code == code), None)

    found = session.run(task)
    if found is None:
        raise ConfigError(f"there is no library {code!r}", "`unioncat library list` shows their codes")
    if as_json:
        print_json(found)
        return
    print_facts(
        (
            ("code", found.code),
            ("name", found.name_vi),
            ("in English", found.name_en),
            ("type", found.type),
            ("level", found.level),
            ("province", found.province),
            ("groups", ", ".join(found.groups)),
            ("website", found.contact.website),
            ("e-mail", found.contact.email),
        )
    )


@source.command("add")
def add_source(
    code: Code,
    owner: Annotated[str, typer.Option("--library", help="Code of its library.")],
    address: Annotated[str | None, typer.Option(help="Address of the endpoint; files need none.")] = None,
    protocol: Annotated[str, typer.Option(help="oai-pmh, sru, z39.50 or files.")] = "oai-pmh",
    form: Annotated[str, typer.Option("--format", help="metadataPrefix, or auto.")] = "marc21",
    part: Annotated[str | None, typer.Option("--set", help="Only this set.")] = None,
    every: Annotated[int, typer.Option(help="Minutes between harvests; 0: by hand only.")] = 1440,
    profile: Annotated[str, typer.Option(help="How its records are read.")] = "marc21",
    option: Annotated[list[str] | None, typer.Option(help="name=value; may be repeated.")] = None,
    least: Annotated[int, typer.Option("--min-records", help="Fewer records hold a run.")] = 0,
    circle: Annotated[str, typer.Option("--audience", help="Who may see its records.")] = "public",
    licence: Annotated[LicenceCode, typer.Option(help=LICENCES)] = LicenceCode.UNKNOWN,
    words: Annotated[str, typer.Option("--licence-words", help="What the library says of them.")] = "",
) -> None:
    """Add a source, or change how it is read."""
    pairs = [one.partition("=") for one in option or []]
    for name, mark, _ in pairs:
        if not mark:
            raise typer.BadParameter(f"{name!r} is not of the form name=value")
    if address is None and protocol != Protocol.FILES:
        raise ConfigError("a source that is harvested has an address", "name it with --address")
    wanted = checked(
        SourceIn,
        code=code,
        library=owner,
        address=address or register.FILES_ADDRESS,
        protocol=protocol,
        format=form,
        set=part,
        every_minutes=every,
        profile=profile,
        options={name: value for name, _, value in pairs},
        assertions={"min_records": least},
        audience=circle,
        licence={"code": licence, "words": words},
    )
    saved = session.run(lambda services: register.register_source(services, wanted))
    if saved.protocol is Protocol.FILES:
        say(f"registered: {saved.code}; bring a file with `unioncat upload {saved.code} FILE`")
    else:
        say(f"registered: {saved.code}; harvest it now with `unioncat source harvest {saved.code}`")


@source.command("licence")
def source_licence(
    code: Code,
    licence: Annotated[LicenceCode, typer.Argument(help=LICENCES)],
    words: Annotated[str, typer.Option(help="What the library says of them; `stated` needs it.")] = "",
) -> None:
    """Say under which licence a source gives its records away."""
    form = checked(register.LicenceIn, code=licence, words=words)
    meant = Licence(form.code, form.words)
    session.run(lambda services: register.set_licence(services, code, meant, by="command line"))
    say(f"records of {code}: {licence}" + (f", {words}" if words else ""))


@source.command("list")
def list_sources(as_json: AsJson = False) -> None:
    """List the sources with how they stand."""

    async def task(services: Services) -> list[status.SourceStatus]:
        return await status.source_status(services, await session.operator(services))

    found = session.run(task)
    if as_json:
        print_json(found)
        return
    print_table(
        ("code", "library", "state", "records", "deleted", "problems", "last run"),
        (
            (
                one.source.code,
                one.library.code,
                one.source.state,
                one.live,
                one.deleted,
                one.problems,
                f"{one.last.state} {one.last.started:%Y-%m-%d %H:%M}" if one.last else "",
            )
            for one in found
        ),
        empty="no sources yet; add one with `unioncat source add` or `unioncat load FILE.toml`",
    )


@source.command("show")
def show_source(code: Code, as_json: AsJson = False) -> None:
    """Show one source, its latest runs and problems."""

    async def task(services: Services) -> tuple[Any, Any, Any]:
        viewer = await session.operator(services)
        return (
            await register.show_source(services, viewer, code),
            await status.visible_runs(services, viewer, code, limit=5),
            await status.problems(services, viewer, code, limit=10),
        )

    found, runs, problems = session.run(task)
    if as_json:
        print_json({"source": found, "runs": runs, "problems": problems})
        return
    print_facts(
        (
            ("code", found.code),
            ("library", found.library),
            ("state", found.state),
            ("address", found.address),
            ("protocol", found.protocol),
            ("format", found.format),
            ("set", found.set),
            ("profile", found.profile),
            ("licence", " ".join(filter(None, (found.licence.code, found.licence.words)))),
            ("every", f"{found.every_minutes} minutes" if found.every_minutes else "by hand"),
            ("options", ", ".join(f"{name}={value}" for name, value in found.options)),
        )
    )
    print_runs(runs)
    for problem in problems:
        say(f"problem {problem.get('code')}: {problem.get('detail')}")


@source.command("probe", context_settings=PASS_ON, add_help_option=False)
def probe(context: typer.Context) -> None:
    """Look at an endpoint before it is registered (`python -m unioncat_harvester probe`); saves nothing."""
    become("unioncat_harvester", "probe", *context.args)


@source.command("pause")
def pause(code: Code) -> None:
    """Let the schedule leave a source alone."""
    session.run(lambda services: register.pause(services, code))
    say(f"{code} is paused; go on with `unioncat source resume {code}`")


@source.command("resume")
def resume(code: Code) -> None:
    """Let the schedule take a paused source up again."""
    session.run(lambda services: register.resume(services, code))
    say(f"{code} goes on")


@source.command("harvest")
def ask_harvest(code: Code) -> None:
    """Ask the running service to harvest a source as soon as it can."""
    queued = session.run(lambda services: workers.ask_harvest(services, code))
    say(f"{code} will be harvested" if queued else f"a harvest of {code} waits or runs already")


def _change_audience(subject: str, code: str, circle: str, by: str) -> None:
    asked = session.run(lambda services: audiences.change_audience(services, subject, code, circle, by=by))
    if asked is None:
        say(f"{code} is kept for {circle} already")
        return
    say(f"{code} is kept for {circle} from now on; the worker brings index and union records after")
    say(f"before: {asked.before.records} records, {asked.before.union_records} union records")
    say("what remains: `unioncat audience changes`")


By = Annotated[str, typer.Option("--by", help="Who says so; it is kept with the change.")]


@library.command("audience")
def library_audience(
    code: Code, circle: Annotated[str, typer.Argument(help="Code of an audience, or `public`.")], by: By
) -> None:
    """Keep a library and its sources for an audience from now on."""
    _change_audience("library", code, circle, by)


@source.command("audience")
def source_audience(
    code: Code, circle: Annotated[str, typer.Argument(help="Code of an audience, or `public`.")], by: By
) -> None:
    """Keep what comes from a source for an audience from now on."""
    _change_audience("source", code, circle, by)


async def _changes(services: Services) -> tuple[list[AudienceChange], dict[int, str]]:
    return await audiences.latest(services), await audiences.named(services)


@audience.command("changes")
def list_changes(as_json: AsJson = False) -> None:
    """List changes of audience: what the viewers who lost it found before, and what they find now."""
    if as_json:
        print_json(session.run(audiences.in_codes))
        return
    found, called = session.run(_changes)
    print_table(
        ("asked", "what", "code", "from", "to", "by", "before", "now", "done"),
        (
            (
                one.asked,
                one.subject,
                one.code,
                called.get(one.old, str(one.old)),
                called.get(one.new, str(one.new)),
                one.by,
                one.before.records,
                one.after.records if one.after else None,
                one.done,
            )
            for one in found
        ),
        empty="no changes of audience",
    )


@source.command("purge")
def purge_source(code: Code) -> None:
    """Ask the rules of a source's profile of all that is kept of it: what they shut out leaves."""
    done = session.run(lambda services: purging.purge(services, code, by="command line"))
    say(f"{code}: {done.seen} versions of records; {done.removed} left, {done.cut} lost fields")
    if done.unasked:
        say(
            f"of {done.unasked} the rules cannot be asked (they name sets, or another format):"
            " harvest the source in full and purge again, or choose another profile"
        )


@group.command("add")
def add_group(
    code: Code,
    name_vi: Annotated[str, typer.Option(help="Name in Vietnamese.")],
    name_en: Annotated[str, typer.Option(help="Name in English.")],
    mode: Annotated[str, typer.Option(help="area, function, field or across_types.")] = "function",
) -> None:
    """Add a group, or put its names right."""
    wanted = checked(GroupIn, code=code, name_vi=name_vi, name_en=name_en, mode=mode)
    session.run(lambda services: register.register_group(services, wanted))
    say(f"registered: {code}")


@group.command("list")
def list_groups(as_json: AsJson = False) -> None:
    """List the groups."""
    found = session.run(register.list_groups)
    if as_json:
        print_json(found)
        return
    print_table(
        ("code", "name", "mode"),
        ((one.code, one.name_vi, one.mode) for one in found),
        empty="no groups yet; add one with `unioncat group add`",
    )


@audience.command("add")
def add_audience(
    code: Code,
    name_vi: Annotated[str, typer.Option(help="Name in Vietnamese.")],
    name_en: Annotated[str, typer.Option(help="Name in English.")],
    circle: Annotated[str | None, typer.Option("--group", help="The libraries of this group.")] = None,
) -> None:
    """Add an audience, or put its names right."""
    wanted = checked(AudienceIn, code=code, name_vi=name_vi, name_en=name_en, group=circle)
    session.run(lambda services: register.load(services, MembersFile(audience=[wanted])))
    say(f"registered: {code}")


@audience.command("list")
def list_audiences(as_json: AsJson = False) -> None:
    """List the audiences."""
    found = session.run(register.list_audiences)
    if as_json:
        print_json(found)
        return
    print_table(
        ("number", "code", "name", "group"),
        ((one.id, one.code, one.name_vi, one.group) for one in found),
        empty="no audiences",
    )


@run.command("list")
def list_runs(
    of: Annotated[str | None, typer.Option("--source", help="Only of this source.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="How many.")] = 20,
    as_json: AsJson = False,
) -> None:
    """List the latest harvest runs."""

    async def task(services: Services) -> tuple[Any, ...]:
        return await status.visible_runs(services, await session.operator(services), of, limit=limit)

    found = session.run(task)
    if as_json:
        print_json(found)
        return
    print_runs(found)


@run.command("accept")
def accept(number: Annotated[int, typer.Argument(help="Number of a held run.")]) -> None:
    """Publish a held run after all."""
    decided = session.run(lambda services: register.decide(services, number, accept=True))
    say(f"run {decided.id} of {decided.source_code} is {decided.state}")


@run.command("reject")
def reject(number: Annotated[int, typer.Argument(help="Number of a held run.")]) -> None:
    """Throw a held run away; its source goes on."""
    decided = session.run(lambda services: register.decide(services, number, accept=False))
    say(f"run {decided.id} of {decided.source_code} is {decided.state}")


def print_runs(runs: tuple[Any, ...]) -> None:
    """Print harvest runs, with the error and remedy of those that have one."""
    print_table(
        ("run", "source", "mode", "state", "started", "received", "new", "changed", "deleted", "bad"),
        (
            (
                one.id,
                one.source_code,
                one.mode,
                one.state,
                f"{one.started:%Y-%m-%d %H:%M}",
                one.counters.received,
                one.counters.created,
                one.counters.changed,
                one.counters.deleted,
                one.counters.quarantined,
            )
            for one in runs
        ),
        empty="no harvest has run yet",
    )
    for one in runs:
        if one.error:
            say(f"run {one.id}: {one.error}" + (f" — {one.remedy}" if one.remedy else ""))


def checked(model: type[M], **values: Any) -> M:
    """Make the form of a registration out of options, or say which one is wrong."""
    try:
        return model(**values)
    except ValidationError as error:
        raise ConfigError(register.explain(error), "correct that option; nothing was saved") from None
