"""No page crashes for anybody: each role asks a guarded service, with pairs in doubt, for every page.

A flow that reads what is the service's own as a viewer fails here, and in no test over open services.
"""

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

from tests.flows.circles import fill
from tests.support import people
from tests.support.crawl import asked, world
from unioncat.domain.onboarding import Expected
from unioncat.domain.people import AT_FEDERATION, AT_LIBRARY, Right, Role
from unioncat.flow import entry
from unioncat.flow.services import Services
from unioncat.store import onboarding
from unioncat_api.rights import routes_of

PUBLIC = "pub-a"
HOLDERS = [*((role, None) for role in AT_FEDERATION), *((role, PUBLIC) for role in AT_LIBRARY)]
TO_BE_WON = 54
"""Libraries on the list: more than two pages of it."""


async def test_no_page_crashes_for_any_role(server: str, template: str, tmp_path: Path) -> None:
    sessions: dict[str, tuple[str, str]] = {}

    async def filled(services: Services, present: Sequence[str]) -> None:
        await fill(services, present)
        async with services.db.as_service() as conn:
            listed = [Expected(f"x{number}", f"Thư viện {number}") for number in range(TO_BE_WON)]
            await onboarding.save_expected(conn, listed)
        for role, place in HOLDERS:
            sessions[f"{role} {place}"] = await _person(services, role, place)

    async with world(server, template, tmp_path, ("cand",), filled) as one:
        one.sessions = sessions
        crashed, judged = [], 0
        for who in ("public", *sessions):
            one.look_as(who)
            for path, route in routes_of(one.app):
                if path == "/metrics" or "GET" not in route.methods:
                    continue
                for method, address in asked(path, route, one.ids[:2], one.records[:2], ()):
                    if method == "GET":
                        status, _, body = await one.ask(method, address)
                        judged += path == "/review" and 'name="word"' in body
                        if status >= 500 and status != 503:
                            crashed.append(f"{who}: {address}: {status} {body[:200]}")
        assert crashed == []
        assert judged > 2, "pairs in doubt were shown"


async def _person(services: Services, role: Role, place: str | None) -> tuple[str, str]:
    email = f"{role}.{place}@example.vn"
    await people.add(services, email, role, place, second=True)
    session = await people.session(services, email)
    person = await entry.whose(services, session)
    assert person is not None
    rights = [one for one in Right if person.may_somewhere(one)]
    return session, await entry.make_key(services, person, "a program", rights, timedelta(days=1))
