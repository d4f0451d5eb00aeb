"""Commands about what opens the endpoints of sources. A secret is asked for, never an argument, never shown.

An argument would stand in the shell's history and in every list of processes.
"""

import sys
from typing import Annotated

import typer

from unioncat.cli import session
from unioncat.cli.members import Code, source
from unioncat.cli.output import say
from unioncat.config import ConfigError
from unioncat.domain.credentials import Credentials
from unioncat.flow import credentials as flow

secrets = typer.Typer(help="The key by which secrets are encrypted.", no_args_is_help=True)


def add(app: typer.Typer) -> None:
    """Hang these commands into the program."""
    app.add_typer(secrets, name="secrets")


@source.command("credentials")
def set_credentials(
    code: Code,
    user: Annotated[str | None, typer.Option(help="User's name; its password is asked for.")] = None,
    header: Annotated[
        str | None, typer.Option(help="Name of a header, such as X-API-Key; its value is asked for.")
    ] = None,
    remove: Annotated[bool, typer.Option("--remove", help="Forget those it has.")] = False,
) -> None:
    """Give a source the credentials of its endpoint, or tell whether it has any.

    The secret is asked for without showing it, or read from standard input: one line.
    """
    if remove:
        gone = session.run(lambda services: flow.forget(services, code))
        say(f"{code} has no credentials any more" if gone else f"{code} had none")
        return
    if user is None and header is None:
        _tell(code)
        return
    secret = ask_secret("Password" if header is None else header)
    given = (
        Credentials(user, secret) if header is None else Credentials(user=user, headers=((header, secret),))
    )
    session.run(lambda services: flow.give(services, code, given))
    say(f"the credentials of {code} are kept, encrypted; they go to its own server only")


def _tell(code: str) -> None:
    kept = session.run(lambda services: flow.kept(services, code))
    if kept is None:
        say(f"{code} has no credentials; give them by --user or --header")
    else:
        fit = "" if kept.fitting else "; its address is another now: set them anew"
        say(f"{code} has credentials for {kept.place}, set {kept.set_at:%Y-%m-%d %H:%M}{fit}")


def ask_secret(name: str) -> str:
    """Ask for a secret on the terminal, else read one line of standard input."""
    if sys.stdin.isatty():
        return str(typer.prompt(name, hide_input=True, confirmation_prompt=True))
    line = sys.stdin.readline().rstrip("\r\n")
    if not line:
        raise ConfigError(
            "there is no secret on standard input", "type it at the prompt, or pipe one line in"
        )
    return line


@secrets.command("rotate")
def rotate() -> None:
    """Seal all credentials with a new key. A key from a variable is changed there first: 'NEW OLD'."""
    done = session.run(flow.rotate)
    say(
        f"{done.sealed} sources' credentials are sealed anew"
        + (" with a new key; the old one opens nothing any more" if done.made else "")
        + ("" if done.made else "; take the old key out of UNIONCAT_SECRET_KEY now")
    )
