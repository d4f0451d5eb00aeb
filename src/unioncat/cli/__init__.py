"""The command line: thin commands over the flow, for operators.

An error a person can mend is one line and a remedy, never a traceback; exit code 1, or 2 for wrong use.
"""

import os
import sys

import typer

from unioncat.cli import (
    consignments,
    credentials,
    encoding,
    look,
    match,
    members,
    naming,
    onboarding,
    partners,
    people,
    profiles,
    registration,
    review,
    samples,
    serve,
    terms,
    upload,
)
from unioncat.cli.output import complain

app = typer.Typer(
    name="unioncat",
    help="Union catalogue for the libraries of Viet Nam.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
serve.add(app)
members.add(app)
upload.add(app)
registration.add(app)
onboarding.add(app, members.library, members.source)
profiles.add(app)
look.add(app)
match.add(app)
review.add(app)
samples.add(app)
credentials.add(app)
encoding.add(app)
people.add(app)
terms.add(app)
partners.add(app)
consignments.add()
naming.name_all(app)


def main() -> None:
    """Run the command line."""
    try:
        app()
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
