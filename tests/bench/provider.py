"""Serves a repository file by OAI-PMH on loopback: `python -m tests.bench.provider FILE PORT [PAGE]`."""

import sys
from pathlib import Path

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request

from unioncat_api.protocols.oaipmh.mapped import MappedRepository
from unioncat_api.protocols.oaipmh.provider import Provider
from unioncat_api.protocols.oaipmh.repository import MARCXML, Identity
from unioncat_api.protocols.oaipmh.routes import oai_routes


def serve(path: Path, port: int, page_size: int) -> None:
    """Serve until told to stop."""
    identity = Identity(
        name="Bench",
        base_url=f"http://127.0.0.1:{port}/oai",
        admin_emails=("bench@example.org",),
        earliest="2024-01-01T00:00:00Z",
    )
    repository = MappedRepository(path, identity, MARCXML)

    async def choose(_request: Request) -> MappedRepository:
        return repository

    provider = Provider(b"bench-bench-bench-bench", page_size=page_size)
    app = Starlette(routes=oai_routes(provider, choose))
    uvicorn.run(app, host="127.0.0.1", port=port, log_level="warning", access_log=False)


if __name__ == "__main__":
    serve(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]) if len(sys.argv) > 3 else 1000)
