"""Commands of people at work on the joining: explain a pair, decide, exchange decisions, try and apply rules.

What is decided here is stored under a person's name; the clusters follow in the next processing.
"""

import getpass
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from unioncat.cli import session
from unioncat.cli.match import WEIGHTS, match, weights_of
from unioncat.cli.output import AsJson, Quiet, print_facts, print_json, print_table, say, stage_bars
from unioncat.domain.match import Evidence, Verdict
from unioncat.domain.review import Decision
from unioncat.domain.union import Member
from unioncat.flow import exchange, rules, trial, work
from unioncat.flow import explain as explaining
from unioncat.flow import review as flow
from unioncat.flow.explain import Explanation, Outcome
from unioncat.flow.services import Services
from unioncat.flow.trial import Shown

review = typer.Typer(help="People's decisions on joining.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(help="A record: its number, or SOURCE:LOCAL-ID.")]
Reason = Annotated[str, typer.Option(help="Why; others will read it.")]
By = Annotated[str | None, typer.Option(help="Who decides; your name on this machine if not given.")]
File = Annotated[Path, typer.Argument(help="A file of JSON lines; - for standard input or output.")]

OUTCOMES = {
    Outcome.PERSON_JOINED: "in one union record: a person joined them",
    Outcome.JOINED: "in one union record: judged the same edition",
    Outcome.THROUGH: "in one union record through other records",
    Outcome.PERSON_APART: "apart: a person keeps them apart",
    Outcome.OTHER_AUDIENCE: "apart: they are kept for different audiences",
    Outcome.DIVIDED: "apart: said to be the same, but joining them would join two that are different",
    Outcome.UNSURE: "apart until a person decides: the evidence is not enough",
    Outcome.STOPPED: "apart: one fact forbids joining them",
    Outcome.APART: "apart: the evidence speaks against it",
    Outcome.NEVER_MET: "apart: they share no key, so that nobody compared them",
}


def add(app: typer.Typer) -> None:
    """Hang these commands into the program."""
    app.add_typer(review, name="review")


def _name(by: str | None) -> str:
    return by or getpass.getuser()


def _ref(member: Member) -> str:
    return f"{member.source}:{member.local_id}"


def _line(member: Member) -> str:
    bib = member.bib
    title = bib.title
    named = [", ".join(filter(None, (part.number, part.name))) for part in title.parts]
    parts = (
        ". ".join(filter(None, (title.main, *named))),
        bib.agents[0].name if bib.agents else bib.responsibility,
        bib.edition,
        bib.year,
    )
    return f"{_ref(member)}  " + " / ".join(str(part) for part in parts if part)


def _evidence(evidence: tuple[Evidence, ...]) -> None:
    print_table(
        ("feature", "points", "left", "right"),
        (
            (one.feature, "forbids" if one.veto else f"{one.points:+g}", one.left, one.right)
            for one in evidence
        ),
        empty="no feature says anything",
    )


@review.command("explain")
def explain(left: Name, right: Name, as_json: AsJson = False) -> None:
    """Say why two records are joined, or why not: evidence, rules, people, and the way between them."""

    async def task(services: Services) -> Explanation:
        viewer = await session.operator(services)
        numbers = (explaining.read_name(left), explaining.read_name(right))
        return await explaining.explain(services, viewer, *numbers)

    found = session.run(task)
    if as_json:
        print_json(found)
        return
    stored = found.stored
    print_facts(
        (
            ("left", _line(found.left)),
            ("right", _line(found.right)),
            ("union records", f"{found.left_cluster} {found.right_cluster}"),
            ("outcome", OUTCOMES[found.outcome]),
            (
                "judged now",
                f"{found.judgement.verdict} {found.judgement.score:g} by rules {found.judgement.rules}",
            ),
            (
                "stored",
                f"{stored.verdict} {stored.score:g} by rules {stored.rules} at {stored.at:%Y-%m-%d %H:%M} UTC"
                if stored
                else "no judgement: they never met, or are different",
            ),
            ("keys in common", f"{found.shared_keys}, of which {found.usable_keys} are asked"),
            ("waiting", "a change of one of them has yet to be brought in" if found.waiting else None),
        )
    )
    _evidence(found.evidence)
    for step in found.path if len(found.path) > 1 else ():
        say(f"tie: {step.left} - {step.right} " + (f"by {step.by}" if step.by else f"score {step.score:g}"))
    for against in found.against:
        by = f"by {against.by}" if against.by else "by the rules"
        say(f"differ {by}: {_ref(against.left)} - {_ref(against.right)}")
    for one in found.decisions:
        undone = f", undone by {one.undone_by}" if one.undone_at else ""
        say(
            f"decision {one.id}: {one.verdict} by {one.by} at {one.at:%Y-%m-%d %H:%M} UTC{undone}."
            f" {one.reason}"
        )


@review.command("list")
def list_decisions(
    limit: Annotated[int, typer.Option(min=1, max=1000, help="How many, newest first.")] = 50,
    as_json: AsJson = False,
) -> None:
    """List people's decisions, newest first, undone ones included."""

    async def task(services: Services) -> list[Decision]:
        return await flow.decisions(services, await session.operator(services), limit=limit)

    found = session.run(task)
    if as_json:
        print_json(found)
        return
    print_table(
        ("number", "decided", "by", "verdict", "left", "right", "state", "reason"),
        (
            (
                one.id,
                f"{one.at:%Y-%m-%d %H:%M}",
                one.by,
                one.verdict,
                one.left_ref,
                one.right_ref,
                "undone" if one.undone_at else "contested" if one.contested else "",
                one.reason,
            )
            for one in found
        ),
        empty="no decisions yet; the page /review asks for some",
    )


@review.command("decide")
def decide(
    left: Name,
    right: Name,
    verdict: Annotated[Verdict, typer.Argument(help="same joins, different keeps apart, unsure skips.")],
    reason: Reason = "",
    by: By = None,
) -> None:
    """Join two records or keep them apart, whatever the rules say."""

    async def task(services: Services) -> list[Decision]:
        pair = (explaining.read_name(left), explaining.read_name(right))
        viewer = await session.operator(services)
        return await flow.decide(services, viewer, [pair], verdict, reason=reason, by=_name(by))

    for one in session.run(task):
        say(f"decision {one.id} is stored; the catalogue shows it after the next processing")


@review.command("undo")
def undo(
    number: Annotated[int, typer.Argument(help="Number of a decision.")],
    by: By = None,
) -> None:
    """Take a decision back, with all that was decided in the same act."""

    async def task(services: Services) -> list[Decision]:
        return await flow.undo(services, await session.operator(services), number, by=_name(by))

    say(f"{len(session.run(task))} decisions undone; the catalogue shows it after the next processing")


@review.command("export")
def export(file: File) -> None:
    """Write all decisions, and the identifiers not to be believed, as JSON lines."""
    lines = list(session.run(exchange.export))
    if str(file) == "-":
        sys.stdout.write(b"".join(lines).decode())
        return
    file.write_bytes(b"".join(lines))
    say(f"{len(lines)} lines written: {file}")


@review.command("import")
def bring_in(file: File) -> None:
    """Read decisions from JSON lines, all or nothing; what is there already is passed over."""
    content = sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()
    found = session.run(lambda services: exchange.bring_in(services, content.splitlines()))
    say(
        f"{found.decisions} decisions came in, {found.known} were there already;"
        f" {found.without_record} wait for their records; {found.identifiers} identifiers are not believed"
    )


@review.command("distrust")
def distrust(
    scheme: Annotated[str, typer.Argument(help="isbn, issn, lccn, oclc, doi, nbn …")],
    value: Annotated[str, typer.Argument(help="The number.")],
    reason: Reason = "",
    by: By = None,
) -> None:
    """Believe an identifier no more: its records are joined without it."""
    session.run(lambda services: flow.distrust(services, scheme, value, reason=reason, by=_name(by)))
    say("it is on the list; the catalogue shows it after the next processing")


@review.command("trust")
def trust(
    scheme: Annotated[str, typer.Argument(help="isbn, issn, lccn, oclc, doi, nbn …")],
    value: Annotated[str, typer.Argument(help="The number.")],
) -> None:
    """Believe an identifier again."""
    session.run(lambda services: flow.trust(services, scheme, value))
    say("it is off the list; the catalogue shows it after the next processing")


@review.command("distrusted")
def distrusted(as_json: AsJson = False) -> None:
    """List the identifiers that are not believed."""
    found = session.run(flow.distrusted)
    if as_json:
        print_json(found)
        return
    print_table(
        ("scheme", "value", "by", "since", "reason"),
        ((one.scheme, one.value, one.by, f"{one.at:%Y-%m-%d}", one.reason) for one in found),
        empty="every identifier is believed",
    )


Weights = Annotated[Path | None, typer.Argument(metavar="[RULES]", help=WEIGHTS)]


@match.command("compare")
def compare(
    weights: Weights = None,
    examples: Annotated[int, typer.Option(min=0, max=1000, help="How many merges and splits to show.")] = 10,
    quiet: Quiet = False,
    as_json: AsJson = False,
) -> None:
    """Show what these rules would change in the clusters; nothing is changed."""
    scale = weights_of(weights)

    async def task(services: Services, report: Callable[[str, int, int], None]) -> trial.Comparison:
        viewer = await session.operator(services)
        return await trial.compare(services, viewer, scale, examples=examples, report=report)

    with stage_bars(quiet or as_json) as report:
        found = session.run(lambda services: task(services, report))
    if as_json:
        print_json(found)
        return
    counts = found.counts
    print_facts(
        (
            ("rules", found.rules),
            ("records", f"{found.records:,}, of which {found.stale:,} were read by other rules"),
            ("union records", f"{counts.clusters_before:,} today, {counts.clusters_after:,} then"),
            ("merged", f"{counts.merged:,} union records out of several ({counts.pairs_joined:,} pairs)"),
            ("split", f"{counts.split:,} union records into several ({counts.pairs_parted:,} pairs)"),
            ("ids", f"{counts.ids_ended:,} public ids would lead elsewhere"),
            (
                "waiting",
                f"{found.waiting:,} records: run `unioncat process` first" if found.waiting else None,
            ),
        )
    )
    _examples("would be merged", found.merges)
    _examples("would be split", found.splits)


def _examples(what: str, shown: tuple[Shown, ...]) -> None:
    for one in shown:
        say("")
        say(f"{what}: now {one.judgement.verdict} {one.judgement.score:g}, joined by {one.score:g}")
        say(f"  {_line(one.left)}")
        say(f"  {_line(one.right)}")
        reasons = (f"{e.feature} {'forbids' if e.veto else f'{e.points:+g}'}" for e in one.judgement.evidence)
        say("  " + ", ".join(reasons))


@match.command("apply")
def apply(
    weights: Weights = None,
    background: Annotated[
        bool, typer.Option("--background", help="Leave it to the running service and return at once.")
    ] = False,
    quiet: Quiet = False,
) -> None:
    """Read and join all records by these rules; may be cut off and run again. Public ids stay."""
    scale = weights_of(weights)
    session.run(lambda services: rules.want(services, scale))
    if background:
        asked = session.run(work.ask_apply)
        say("the service will do it" if asked else "it waits or runs already")
        return
    with stage_bars(quiet) as report:
        done = session.run(lambda services: rules.apply(services, report))
    if not quiet:
        say(f"rules {done.rules}: {done.records:,} records read again, {done.documents:,} documents written")
