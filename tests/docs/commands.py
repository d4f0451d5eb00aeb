"""Writes docs/commands.md out of the command line: `python -m tests.docs.commands > docs/commands.md`."""

import sys
from typing import Any

import typer

from unioncat.cli.whole import app

HEAD = """# Commands

Made by `python -m tests.docs.commands > docs/commands.md`; a test keeps it equal to the program.
Every command explains itself with `--help`. An error is one line and a remedy, exit code 1; wrong use is 2.
"""


def tree() -> dict[str, Any]:
    """Give every command by its full name, without groups."""
    found: dict[str, Any] = {}

    def walk(command: Any, name: str) -> None:
        if hasattr(command, "commands"):
            for word, below in command.commands.items():
                walk(below, f"{name} {word}")
        else:
            found[name] = command

    walk(typer.main.get_command(app), "unioncat")
    return found


def document() -> str:
    """Write the document."""
    lines = [HEAD, "| command | what it does |", "|---|---|"]
    for name, command in tree().items():
        words = [_word(parameter) for parameter in command.params if parameter.name != "help"]
        text = " ".join((command.help or "").split())
        lines.append(f"| `{' '.join([name, *words])}` | {text} |".replace("| | ", "| "))
    return "\n".join(lines) + "\n"


def _word(parameter: Any) -> str:
    if parameter.param_type_name == "argument":
        word = parameter.name.upper() + ("…" if parameter.nargs == -1 else "")
    else:
        word = parameter.opts[0] + ("" if parameter.is_flag else " …")
    return word if parameter.required else f"[{word}]"


if __name__ == "__main__":
    sys.stdout.write(document())
