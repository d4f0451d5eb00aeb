"""`python -m unioncat_api`: serves pages and JSON with uvicorn. The entry point: settings are read here."""

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import uvicorn

from unioncat.config import ConfigError, Settings
from unioncat.flow.people import first_link
from unioncat.flow.services import open_services
from unioncat.telemetry import configure, logger
from unioncat_api.app import create_app
from unioncat_api.catalogue import Catalogue
from unioncat_api.patience import IDLE_SECONDS, PatientProtocol
from unioncat_api.protocols.iso18626.sender import peered
from unioncat_api.rates import Rates, budgets

log = logger(__name__)
GRACE_SECONDS = 3
"""Time that open requests get when the service stops."""

MOST_CONNECTIONS = 1000
"""Connections at once; beyond them answers are 503, so that memory stays bounded."""


SERVED: dict[str, Any] = {
    "log_config": None,
    "access_log": False,
    "proxy_headers": False,
    "server_header": False,
    "http": PatientProtocol,
    "timeout_keep_alive": IDLE_SECONDS,
    "limit_concurrency": MOST_CONNECTIONS,
    "timeout_graceful_shutdown": GRACE_SECONDS,
}
"""How uvicorn serves, wherever that is."""


def greet(link: str) -> None:
    """Show the link for the first administrator to whoever sits at the terminal; a log never holds it."""
    if sys.stderr.isatty():
        print(
            f"\nThere is no administrator yet. Become it, once, within seven days:\n  {link}\n",
            file=sys.stderr,
        )
    else:
        log.warning("there is no administrator yet: `unioncat people first` gives a link to become it")


def main() -> int:
    """Serve until told to stop; 2 where a setting cannot be used."""
    if sys.argv[1:]:
        print(
            f"no such argument: {sys.argv[1]}\n  settings are variables: see docs/settings.md",
            file=sys.stderr,
        )
        return 2
    try:
        settings = Settings.load()
        url = settings.database_url
        if url is None:
            raise ConfigError(
                "no database is named",
                "set UNIONCAT_DATABASE_URL, or run `unioncat up`, which brings its own database",
            )
        token = settings.operator_token()
        configure(settings.log_level, settings.log_format)
    except ConfigError as error:
        print(f"{error}\n  {error.remedy}", file=sys.stderr)
        return 2
    database_url = url

    @asynccontextmanager
    async def opening() -> AsyncIterator[Catalogue]:
        async with open_services(settings, database_url, guarded=True) as services:
            if link := await first_link(services, settings.base_url):
                greet(link)
            yield Catalogue(services)

    app = create_app(
        opening,
        operator_token=token,
        base_url=settings.base_url,
        rates=Rates(budgets(settings.rate_limit)),
        file_bytes=(settings.upload_limit_mb + 1) * 1024 * 1024,
    )
    uvicorn.run(peered(app, settings.trusted_proxies), host=settings.host, port=settings.port, **SERVED)
    return 0


if __name__ == "__main__":
    sys.exit(main())
