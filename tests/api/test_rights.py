"""Who may call what: every route states it, and each role is let in where the table lets it, nowhere else.

UNIONCAT_TEST_WRITE_GOLDEN=1 writes docs/rights.md, which is made of the code and reviewed in the diff.
"""

import hmac
import io
import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from tests.api import shelf
from tests.api.double import Double
from tests.api.people_double import PeopleDouble, somebody
from unioncat import telemetry
from unioncat.domain.audience import ANONYMOUS, Viewer
from unioncat.domain.people import AT_FEDERATION, AT_LIBRARY, MAY, SECOND_FACTOR, Right, Role
from unioncat_api.rights import OPEN, Asks, Door, Form, Key, asked_by, routes_of

PAGE = Path(__file__).parents[2] / "docs" / "rights.md"
HOLDERS = [(role, None) for role in AT_FEDERATION] + [(role, "tvqg") for role in AT_LIBRARY]


def stated(app: FastAPI) -> Iterator[tuple[str, str, Asks | None]]:
    """Every route: method, address, and what it asks."""
    for path, route in routes_of(app):
        asks = list(asked_by(route.dependant))
        assert len(asks) < 2, path
        for method in sorted(route.methods - {"HEAD"}):
            yield method, path, asks[0] if asks else None


def written(app: FastAPI) -> str:
    lines = [
        "# Who may do what",
        "",
        "Made from `domain/people.py` and the routes by a test (`UNIONCAT_TEST_WRITE_GOLDEN=1`).",
        "A role at a library holds there and at its branches; `judge` reaches wherever its holder may look.",
        "",
        f"| right | {' | '.join(Role)} |",
        f"|---|{'---|' * len(Role)}",
    ]
    lines += [
        f"| {right} | {' | '.join('yes' if right in MAY[role] else '' for role in Role)} |" for right in Right
    ]
    factor = ", ".join(sorted(SECOND_FACTOR))
    lines += [
        "",
        f"Count only after a second factor: {factor}.",
        "",
        "| address | right | at |",
        "|---|---|---|",
    ]
    for method, path, asks in sorted(stated(app), key=lambda one: (one[1], one[0])):
        right = "everybody" if asks is None else (asks.right or "whoever has signed in")
        lines.append(f"| {method} `{path}` | {right} | {asks.of if asks and asks.right else ''} |")
    return "\n".join(lines) + "\n"


def test_every_route_states_who_may_call_it(client: TestClient) -> None:
    app: FastAPI = client.app  # type: ignore[assignment]
    silent = {path for _, path, asks in stated(app) if asks is None}
    assert silent == OPEN
    for method, path, asks in stated(app):
        if asks is not None and path.startswith("/api/"):
            assert isinstance(asks, Key), path
        elif asks is not None and method != "GET":
            assert isinstance(asks, Form) or asks.right is None, f"{path}: a form without its token"
    text = written(app)
    if os.environ.get("UNIONCAT_TEST_WRITE_GOLDEN"):
        PAGE.write_text(text, encoding="utf-8")
    assert PAGE.read_text(encoding="utf-8") == text


def address(path: str, library: str) -> str:
    """Fill an address so that it is about a library."""
    source = next((code for code, owner in OWNED.items() if owner == library), "none")
    path = path.replace("{code}", library if path.startswith(("/libraries", "/api/v1/libraries")) else source)
    path = path.replace("{number}", "7").replace("{id}", "00000000-0000-0000-0000-000000000000")
    return re.sub(r"\{[^}]*\}", "isbn", path)


OWNED = {one.code: one.library for one in shelf.SOURCES}
OTHER = next(one for one in OWNED.values() if one != "tvqg")


@pytest.mark.parametrize(("role", "place"), HOLDERS)
def test_each_role_is_let_in_where_the_table_says_and_nowhere_else(
    client: TestClient, catalogue: Double, role: Role, place: str | None
) -> None:
    people = catalogue.people
    assert isinstance(people, PeopleDouble)
    key = people.key(role, place)
    people.sessions_known["here"] = somebody(role, place)
    client.cookies.set("session", "here")
    csrf = hmac.new(b"here", b"form", "sha256").hexdigest()
    # What the double cannot do crashes behind the door; told at length that takes longer than the test.
    telemetry.configure("error", "json", io.StringIO())
    for method, path, asks in stated(client.app):  # type: ignore[arg-type]
        if asks is None or asks.right is None:
            continue
        for library in ("tvqg", OTHER):
            at = library if asks.of in ("library", "source") else None
            allowed = people.keys_known[key].may(asks.right, at)
            if asks.of == "anywhere":
                allowed = people.keys_known[key].may_somewhere(asks.right)
            headers = {"Authorization": f"Bearer {key}"} if isinstance(asks, Key) else {}
            data = None
            if isinstance(asks, Form):
                assert client.request(method, address(path, library)).status_code in (401, 403), path
                data = {"token": csrf}
            answer = client.request(method, address(path, library), headers=headers, data=data)
            refused = answer.status_code in (401, 403)
            assert refused is not allowed, (method, path, library, answer.status_code)


@pytest.mark.parametrize("role", sorted(SECOND_FACTOR))
def test_a_role_that_needs_a_second_factor_leads_to_it(
    client: TestClient, catalogue: Double, role: Role
) -> None:
    people = catalogue.people
    assert isinstance(people, PeopleDouble)
    people.sessions_known["half"] = somebody(
        role, "tvqg" if role is Role.LIBRARY_ADMIN else None, second=False
    )
    client.cookies.set("session", "half")
    answer = client.get("/audit" if role is Role.AUDITOR else "/people")
    assert (answer.status_code, answer.headers["location"]) == (303, "/account/second-factor?why=needed")


def test_a_session_that_waits_for_its_code_is_none(client: TestClient, catalogue: Double) -> None:
    people = catalogue.people
    assert isinstance(people, PeopleDouble)
    people.sessions_known["waits"] = somebody(Role.FEDERATION_ADMIN, waiting=True)
    client.cookies.set("session", "waits")
    for method, path, asks in stated(client.app):  # type: ignore[arg-type]
        if isinstance(asks, Door) and method == "GET":
            assert client.get(address(path, "tvqg")).status_code == 403, path


def test_a_key_signs_with_its_persons_name_and_what_it_asks_is_logged(
    client: TestClient, catalogue: Double
) -> None:
    people = catalogue.people
    assert isinstance(people, PeopleDouble)
    key = people.key(Role.LIBRARY_ADMIN, "tvqg")
    headers = {"Authorization": f"Bearer {key}"}
    assert client.post("/api/v1/sources/tvqg/harvest", headers=headers).status_code == 202
    assert people.notes == [("lan@example.vn", "asked.harvest_source", "/api/v1/sources/tvqg/harvest")]
    pair = catalogue.review.pair  # type: ignore[attr-defined]
    body = {
        "left": str(pair[0]),
        "right": str(pair[1]),
        "verdict": "same",
        "by": "Somebody else",
        "reason": "",
    }
    made = client.post("/api/v1/review/decisions", json=body, headers=headers)
    assert made.status_code == 201, made.text
    assert catalogue.review.written[-1].by == "Lan"  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("headers", "refused"),
    [
        ({}, False),
        ({"Sec-Fetch-Site": "same-origin"}, False),
        ({"Sec-Fetch-Site": "none"}, False),
        ({"Sec-Fetch-Site": "cross-site"}, True),
        ({"Sec-Fetch-Site": "same-site"}, True),
        ({"Origin": "http://testserver"}, False),
        ({"Origin": "null"}, False),
        ({"Origin": "https://evil.example"}, True),
        ({"Origin": "null", "Sec-Fetch-Site": "cross-site"}, True),
    ],
)
def test_forms_of_other_sites_are_refused(client: TestClient, headers: dict[str, str], refused: bool) -> None:
    answer = client.post("/sign-in/code", data={"code": "1"}, headers=headers)
    assert (answer.status_code == 403) is refused


def test_who_takes_a_file_away_or_looks_at_what_is_restricted_is_logged(
    client: TestClient, catalogue: Double, monkeypatch: pytest.MonkeyPatch
) -> None:
    people = catalogue.people
    assert isinstance(people, PeopleDouble)
    group = Viewer(frozenset({0, 7}))
    people.sessions_known["here"] = somebody(Role.FEDERATION_ADMIN, viewer=group)
    key = people.key(Role.FEDERATION_ADMIN, None)
    people.keys_known[key] = somebody(Role.FEDERATION_ADMIN, viewer=group)
    client.cookies.set("session", "here")
    assert client.get("/federation/members/template.xlsx").status_code == 200
    assert people.notes == [("lan@example.vn", "exported", "/federation/members/template.xlsx")]
    people.notes.clear()
    plain = catalogue.record

    async def record(viewer: Viewer, public_id: str) -> object:
        return await plain(viewer, public_id) if viewer != ANONYMOUS or public_id != "demen" else None

    monkeypatch.setattr(catalogue, "record", record)
    for path in ("/records/demen", "/records/kieu"):
        assert client.get(path).status_code == 200
        assert client.get(f"/api/v1{path}", headers={"Authorization": f"Bearer {key}"}).status_code == 200
    assert people.notes == [("lan@example.vn", "record.viewed", "demen")] * 2
    client.cookies.clear()
    assert client.get("/records/kieu").status_code == 200
    assert len(people.notes) == 2
