"""What a command is called and was given, known while it runs: the log of who did what names it.

A command that is not among those that only look is logged; whoever adds one need not think of it.
"""

import functools
import getpass
import os
from collections.abc import Callable, Iterator, Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

import typer

from unioncat.telemetry import redact

_LOOKING = """
version, settings, search, record, status, check, up, api, work, harvest
library list, library show, library quality, source list, source show, source probe, group list, audience list
run list, registration list, registration show, onboarding list, profile list, profile show, profile check
review explain, review list, review distrusted, match compare, match evaluate, match train
people list, audit verify, encoding check, token show
audience changes, agreement list, lending policy show, closure list
partner list, partner show, partner test, lending messages, lending undelivered
lending consignment list, lending consignment show
"""
LOOKING = frozenset(word.strip() for line in _LOOKING.strip().splitlines() for word in line.split(","))
"""Commands that change nothing, and those that run a part of the service."""
LONGEST = 200


@dataclass(frozen=True, slots=True)
class Command:
    """A command that runs."""

    name: str
    given: Mapping[str, str]

    @property
    def only_looks(self) -> bool:
        """Whether it changes nothing."""
        return self.name in LOOKING


_running: ContextVar[Command | None] = ContextVar("command", default=None)


def program() -> typer.Typer:
    """Give the program, as yet without commands."""
    app = typer.Typer(
        name="unioncat",
        help="Union catalogue for the libraries of Viet Nam.",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
    )
    app.callback()(_no_word)  # a program of one command is called by the command's name as well
    return app


def _no_word() -> None:
    pass


def running() -> Command | None:
    """Give the command that runs, if one does."""
    return _running.get()


def actor() -> str:
    """Name who runs the command: the user of the machine, behind `sudo` the one who asked."""
    asked = os.environ.get("SUDO_USER", "")
    try:
        user = getpass.getuser()
    except (KeyError, OSError):
        user = str(os.getuid())
    return f"cli:{asked} as {user}" if asked and asked != user else f"cli:{user}"


def commands(app: typer.Typer, before: str = "") -> Iterator[tuple[str, Any]]:
    """List all commands under an app with their names: `source add`."""
    for one in app.registered_commands:
        called = one.name or getattr(one.callback, "__name__", "?").replace("_", "-")
        yield f"{before}{called}", one
    for part in app.registered_groups:
        if part.typer_instance is not None:
            yield from commands(part.typer_instance, f"{before}{part.name} ")


def name_all(app: typer.Typer) -> None:
    """Let every command know its name while it runs."""
    for name, one in list(commands(app)):
        one.callback = _named(name, one.callback)


def _named(name: str, task: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(task)
    def run(*words: Any, **given: Any) -> Any:
        mark = _running.set(Command(name, _plain(given)))
        try:
            return task(*words, **given)
        finally:
            _running.reset(mark)

    return run


def _plain(given: Mapping[str, Any]) -> dict[str, str]:
    """Write what a command was given, without secrets."""
    shown: dict[str, Any] = {}
    for name, value in given.items():
        if value in (None, False, (), [], "") or isinstance(value, typer.Context):
            continue
        shown[name] = " ".join(map(str, value)) if isinstance(value, (list, tuple)) else str(value)
    return {name: str(value)[:LONGEST] for name, value in redact(None, "", shown).items()}
