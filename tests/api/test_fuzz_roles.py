"""The whole interface as each role, over a real database: no answer is a crash, none is undocumented.

UNIONCAT_TEST_FUZZ=N asks N times as much as usual.
"""

import os
from collections.abc import Iterator
from datetime import timedelta

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import content_type_conformance, status_code_conformance

from tests.api.conftest import application
from tests.api.double import Double
from tests.pages.living import Living, living
from tests.support.database import execute
from tests.support.people import add, signed_in
from unioncat.domain.library import Library, LibraryType
from unioncat.domain.people import AT_FEDERATION, AT_LIBRARY, Right, Role
from unioncat.domain.source import Protocol, Source
from unioncat.flow import entry
from unioncat.flow.services import Services
from unioncat.store import libraries, sources

schema = schemathesis.openapi.from_asgi("/api/v1/openapi.json", application(Double()))
CHECKS = (not_a_server_error, status_code_conformance, content_type_conformance)
HOLDERS = [
    *((role, None) for role in AT_FEDERATION),
    *((role, "truong") for role in AT_LIBRARY),
]
EXAMPLES = int(os.environ.get("UNIONCAT_TEST_FUZZ", "1"))


@pytest.fixture(scope="module")
def service(server: str, template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Living]:
    with living(server, template, tmp_path_factory.mktemp("fuzz")) as running:
        yield running


@pytest.fixture(scope="module")
def heads(service: Living) -> dict[str, dict[str, str]]:
    """The head of a request of each role; nobody's has none."""

    async def make(services: Services) -> dict[str, dict[str, str]]:
        # Guessed numbers of people must not be theirs, or they would let each other go.
        await execute(service.url, "ALTER TABLE account ALTER COLUMN id RESTART WITH 1500000")
        async with services.db.begin() as conn:
            for code in ("truong", "khac"):
                await libraries.save_library(conn, Library(code, code, code, LibraryType.SCHOOL))
                source = Source(code, code, Protocol.FILES, "files:", every_minutes=0)
                await sources.save_source(conn, source)
        made: dict[str, dict[str, str]] = {"nobody": {}}
        for role, place in HOLDERS:
            email = f"{role}.{place}@example.vn"
            await add(services, email, role, place, second=True)
            person = await signed_in(services, email)
            may = [one for one in Right if person.may_somewhere(one)]
            key = await entry.make_key(services, person, "x", may, timedelta(days=1))
            made[f"{role}@{place}"] = {"Authorization": f"Bearer {key}"}
        return made

    return service.ask(make)


@schema.parametrize()
@settings(
    max_examples=EXAMPLES,
    deadline=None,
    database=None,
    derandomize=True,
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=list(HealthCheck),
)
def test_no_role_can_make_it_crash(
    case: schemathesis.Case, service: Living, heads: dict[str, dict[str, str]]
) -> None:
    for head in heads.values():
        response = case.call(base_url=service.address, headers=head)
        case.validate_response(response, checks=list(CHECKS))


def test_every_role_is_asked(heads: dict[str, dict[str, str]]) -> None:
    assert {one.partition("@")[0] for one in heads} == {"nobody", *Role}
