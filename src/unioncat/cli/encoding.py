"""Commands about encodings: in which one a file is, and what it would look like when read so.

They need no running service and change nothing.
"""

from pathlib import Path
from typing import Annotated

import typer

from unioncat.cli.output import AsJson, print_facts, print_json, print_table, say
from unioncat.flow import encodings as flow
from unioncat.text.encodings import Decision

encoding = typer.Typer(help="Old encodings of Vietnamese text.", no_args_is_help=True)

LONGEST = 200
"""Characters of a text that are shown."""


def add(app: typer.Typer) -> None:
    """Hang these commands into the program."""
    app.add_typer(encoding, name="encoding")


@encoding.command("check")
def check(
    file: Annotated[
        Path, typer.Argument(help="ISO 2709, text, CSV or XML; may be packed by gzip.", dir_okay=False)
    ],
    strange: Annotated[int, typer.Option(min=0, help="How many texts that do not fit to show.")] = 20,
    as_json: AsJson = False,
) -> None:
    """Tell in which encoding a file is, how sure that is, and show its text before and after."""
    looked = flow.check(file)
    if as_json:
        print_json(looked)
        return
    decision = looked.decision
    print_facts(
        (
            ("file", looked.file),
            ("encoding", decision.encoding or "unknown"),
            ("confidence", f"{decision.confidence:.3f}"),
            (f"{looked.unit}s", f"{decision.texts}, {decision.telling} of them telling"),
            ("strange", len(decision.strange) or None),
            ("advice", _advice(decision, looked.unit)),
        )
    )
    if decision.evidence:
        say("\ndifferent words that become Vietnamese, that would be spoiled, that stay no words")
        rows = [(one.encoding, one.gained, one.lost, one.missed) for one in decision.evidence[:4]]
        print_table(("encoding", "gained", "lost", "missed"), rows, empty="")
    if decision.examples and decision.encoding != "nfd":  # which looks the same on a screen
        say("\nbefore and after")
        for before, after in decision.examples:
            say(f"  {_short(before)}\n  {_short(after)}\n")
    if decision.strange and strange:
        say(f"\n{looked.unit}s that do not fit, as they are and as they were meant")
        for one in decision.strange[:strange]:
            say(f"  {one.position + 1} ({one.encoding or 'unknown'}): {_short(one.before)}")
            if one.after != one.before:
                say(f"  {' ' * len(str(one.position + 1))} {_short(one.after)}")


def _short(text: str) -> str:
    return " ".join(text.split())[:LONGEST]


def _advice(decision: Decision, unit: str) -> str | None:
    if decision.encoding is None:
        return "the bytes fit no encoding known here; ask the library which program wrote the file"
    if decision.mixed:
        return f"several encodings stand side by side: nothing is changed as a whole; part the {unit}s below"
    if decision.strange and decision.encoding in ("utf-8", "nfd"):
        return f"the file is good; the {unit}s below are left over from an old encoding: tell the library"
    if decision.encoding in ("utf-8", "nfd", "marc-8"):
        return "nothing to do: this is read as it is"
    return f"register the source with the option encoding={decision.encoding}"
