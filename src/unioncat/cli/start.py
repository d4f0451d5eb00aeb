"""Commands that start the service or become another of its programs.

A service starts several processes by these, one after the other: what they import is read each time, so that
they import little, and none of the other commands.
"""

import asyncio
import os
import sys
from typing import Annotated, NoReturn

import typer

from unioncat import telemetry
from unioncat.cli.output import Quiet, say
from unioncat.config import Settings
from unioncat.engine import service
from unioncat.engine.postgres import serving

PASS_ON = {"allow_extra_args": True, "ignore_unknown_options": True}
"""Context of commands that hand all words on to another of the programs."""


def add(app: typer.Typer) -> None:
    """Hang these commands into the program."""
    app.command()(up)
    app.command()(migrate)
    app.command(context_settings=PASS_ON, add_help_option=False)(api)
    app.command(context_settings=PASS_ON, add_help_option=False)(harvest)


def load(**overrides: object) -> Settings:
    """Read the settings and set up the logs."""
    settings = Settings.load(**overrides)
    telemetry.configure(settings.log_level, settings.log_format)
    return settings


def become(module: str, *arguments: str) -> NoReturn:
    """Turn this process into another of the programs, so that signals reach it alone."""
    os.execv(sys.executable, [sys.executable, "-m", module, *arguments])  # noqa: S606


def up(
    sample: Annotated[bool, typer.Option("--sample", help="With sample libraries, to try it.")] = False,
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on.")] = None,
    sample_port: Annotated[int | None, typer.Option(help="Port of the sample libraries.")] = None,
) -> None:
    """Run the whole service: database, web pages and API, harvests. Ctrl-C stops it."""
    settings = load(host=host, port=port, sample_port=sample_port, demo=sample or None)
    whole = service.Service(settings, service.parts(settings, sample=sample))
    whole.look_first()
    settings.operator_token()
    token = settings.home / "secrets" / "operator_token"
    ready = f"unioncat is ready: {settings.base_url} (operator token: {token}; Ctrl-C stops)"
    whole.run(ready=ready)


def migrate(quiet: Quiet = False) -> None:
    """Bring the database to the schema of this version."""
    settings = load()
    from unioncat.flow.upgrade import upgrade

    with serving(settings) as url:
        changed = asyncio.run(upgrade(settings, url))
        if changed:
            _note(settings, url)
    if not quiet:
        say("the database has been brought to this version" if changed else "the database is of this version")


def _note(settings: Settings, url: str) -> None:
    from unioncat.cli import session  # only where the schema has changed

    asyncio.run(session.note_alone(settings, url))


def api(context: typer.Context) -> None:
    """Run the web service alone (`python -m unioncat_api`); further words are passed on."""
    become("unioncat_api", *context.args)


def harvest(context: typer.Context) -> None:
    """Harvest sources now (`python -m unioncat_harvester run`); further words are passed on."""
    become("unioncat_harvester", "run", *context.args)
