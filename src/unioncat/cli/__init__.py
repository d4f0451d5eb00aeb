"""The command line: thin commands over the flow, for operators.

An error a person can mend is one line and a remedy, never a traceback; exit code 1, or 2 for wrong use.
"""

import os
import sys
from importlib import import_module

import typer

from unioncat.cli import naming
from unioncat.cli.output import complain

ALONE = dict.fromkeys(("up", "migrate", "api", "harvest"), "start") | {"work": "serve", "sample": "samples"}
"""Commands that a service runs at its start, and their modules: no other command is read for them."""


def asked_for(words: list[str]) -> typer.Typer:
    """Give the program that has the command asked for."""
    alone = ALONE.get(words[0]) if words else None
    if alone is None:
        whole: typer.Typer = import_module("unioncat.cli.whole").app
        return whole
    app = naming.program()
    import_module(f"unioncat.cli.{alone}").add(app)
    naming.name_all(app)
    return app


def main() -> None:
    """Run the command line."""
    try:
        asked_for(sys.argv[1:])()
    except KeyboardInterrupt:
        sys.exit(130)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except Exception as error:  # the last door: nothing may fall through it unexplained
        if os.environ.get("UNIONCAT_LOG_LEVEL") == "debug":
            raise
        complain(error)
        sys.exit(1)
