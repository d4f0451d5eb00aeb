"""Commands about joining: how good it is on labelled pairs, and learning its weights from them.

They need no running service and touch no catalogue.
"""

import datetime
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from unioncat.cli.output import print_facts, print_table, say
from unioncat.flow import evaluate as flow
from unioncat.flow.evaluate import Fault, Report
from unioncat.flow.pairs import Named
from unioncat.matching import INSTALLED, Scale, WeightsError, read_weights

match = typer.Typer(help="How records are joined, and how well.", no_args_is_help=True)

WEIGHTS = "A file that `unioncat match train` wrote; the program's own weights if not given."


def weights_of(path: Path | None) -> Scale:
    """Read a file of weights. Raises `WeightsError`."""
    if path is None:
        return INSTALLED
    try:
        return read_weights(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise WeightsError(f"{path} cannot be read: {error}", "Give a file of weights.") from None


PAIRS = "PATH of a .jsonl file of pairs or of the Goldfinch folder; with :tune or :kept one part of it."


def add(app: typer.Typer) -> None:
    """Hang these commands into the program."""
    app.add_typer(match, name="match")


@match.command("evaluate")
def evaluate(
    pairs: Annotated[str, typer.Argument(help=PAIRS)],
    as_json: Annotated[Path | None, typer.Option("--json", help="Write everything here as JSON too.")] = None,
    log: Annotated[
        Path | None, typer.Option("--record", help="Append the figures to this file of JSON lines.")
    ] = None,
    date: Annotated[str | None, typer.Option(help="Date of the record; today if not given.")] = None,
    weights: Annotated[Path | None, typer.Option("--weights", help=WEIGHTS)] = None,
    errors: Annotated[int, typer.Option(min=0, help="How many errors to show.")] = 10,
    seed: Annotated[int, typer.Option(help="Seed of the intervals.")] = 1,
) -> None:
    """Judge labelled pairs and tell how good the judgements are, the worst errors first."""
    day = _day(date)
    report = flow.evaluate(Named.of(pairs), weights_of(weights), seed=seed)
    _figures(report)
    if report.kinds:
        _kinds(report)
    _worth(report)
    for fault in report.faults[:errors]:
        _fault(fault)
    if len(report.faults) > errors:
        say(f"{len(report.faults) - errors} more errors; --errors shows more, --json holds all")
    if as_json is not None:
        as_json.write_bytes(msgspec.json.format(msgspec.json.encode(report), indent=2) + b"\n")
    if log is not None:
        flow.record(report, log, day)


def _day(text: str | None) -> str:
    """Read a date as it is recorded; today if none is given."""
    if text is None:
        return datetime.date.today().isoformat()  # noqa: DTZ011 - a person's day
    try:
        return datetime.date.fromisoformat(text).isoformat()
    except ValueError:
        raise typer.BadParameter("write a date as 2026-11-22", param_hint="--date") from None


@match.command("train")
def train(
    pairs: Annotated[list[str], typer.Argument(help=f"{PAIRS} @0.1 behind it makes it count a tenth.")],
    write: Annotated[Path, typer.Option(help="The file to write.")],
) -> None:
    """Learn weights from labelled pairs: a version to compare with today's, and to apply."""
    write.write_text(flow.train([Named.of(text) for text in pairs]), encoding="utf-8")
    version = weights_of(write).version
    say(f"written: {write}, version {version}; `unioncat match compare {write}` shows what it would change")


def _figures(report: Report) -> None:
    figures = report.figures
    precision, recall, f1 = report.b_cubed
    print_facts(
        (
            ("pairs", f"{report.pairs}: {report.positives} of one edition, {report.negatives} of two"),
            ("rules", report.rules),
            ("precision", figures.precision),
            ("recall", figures.recall),
            ("F1", figures.f1),
            ("best F1", figures.best_f1),
            *((f"recall at {target}", share) for target, share in figures.recall_at.items()),
            ("recall of keys", f"{report.key_recall} with {report.keys_of_record} keys to a record"),
            ("B-cubed", f"precision {precision:.4f}, recall {recall:.4f}, F1 {f1:.4f}"),
            ("verdicts", ", ".join(f"{name} {count}" for name, count in report.verdicts.items())),
        )
    )


def _kinds(report: Report) -> None:
    verdicts = ("same", "unsure", "different")
    say("")
    print_table(
        ("kind", *verdicts),
        ((kind, *(count.get(verdict, 0) for verdict in verdicts)) for kind, count in report.kinds.items()),
        empty="",
    )


def _worth(report: Report) -> None:
    say("\nwithout a feature, best F1 and recall at precision 0.997 fall by")
    print_table(
        ("feature", "F1", "recall"),
        ((one.feature, f"{one.f1:+.4f}", f"{one.recall:+.4f}") for one in report.worth),
        empty="no feature was asked",
    )


def _fault(fault: Fault) -> None:
    what = "missed" if fault.same else "joined wrongly"
    kind = f", {fault.kind}" if fault.kind else ""
    say(f"\n{what}: {fault.id}{kind}: {fault.verdict} with {fault.score:g} points" + _unmet(fault))
    for side in (fault.left, fault.right):
        say(f"  {side.title} / {side.responsibility}")
        say(f"    {side.imprint} · {side.extent} · {side.more}")
    for one in fault.evidence:
        if one.grades or one.veto or one.feature in ("doubt", "conflict"):
            weight = "forbids" if one.veto else f"{one.points:+g}"
            say(f"  {weight:>8} {one.feature} {' '.join(one.grades)}: {one.left or ''} | {one.right or ''}")


def _unmet(fault: Fault) -> str:
    return "" if fault.met else "; they share no key and would not be compared"
