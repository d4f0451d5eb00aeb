"""Whoever writes learns no more than who reads: what is hidden and what is missing answer alike, unchanged.

Every writing route of the table is asked over a guarded service, with ids of a circle's library in its
address and in what it sends, and with ids that nothing has. Whoever adds a route says here what to send.
"""

import hmac
import io
import json
import re
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import Integer, SmallInteger, text

from tests.flows.circles import MARK, fill
from tests.support import asgi, people
from tests.support.crawl import MOVING, World, world
from unioncat import telemetry
from unioncat.domain.consignment import Item, Kind, Stop
from unioncat.domain.lending import Facts, Side, Step, Wanted
from unioncat.domain.people import AT_LIBRARY, Right, Role, SignedIn
from unioncat.domain.review import Verdict
from unioncat.domain.upload import RunMode
from unioncat.flow import consign, entry, lend, review, terms
from unioncat.flow import people as inviting
from unioncat.flow.consign import Plan
from unioncat.flow.services import Services
from unioncat.lending.asking import Asking
from unioncat.store import lending_batches, libraries, uploads
from unioncat.store.codec import record_number
from unioncat.store.database import Connection, Database
from unioncat.store.tables import metadata
from unioncat_api.rights import OPEN, routes_of
from unioncat_api.session import CSRF_FIELD

NOW = datetime.now(UTC)
OWN = "pub-a"
LIBRARY, BESIDE = f"{MARK}-cand", f"{MARK}-beside"
FAR = 731_000_000
"""Numbers of what is made here begin so: they stand in no answer by chance."""
COUNTED = ("account", "account_link", "api_key", "decision", "lending_outbox", "lending_batch",
           "lending_closure", "lending_avoidance")  # fmt: skip
MISSING = {
    "library": f"{MARK}-canx",
    "beside": f"{MARK}-besidx",
    "union": "0" * 12,
    "other": "1" * 12,
    "ref": f"{MARK}-canx:{MARK}cand1",
    "ref2": f"{MARK}-canx:{MARK}cand2",
    "local": f"{MARK}canx1",
    "record": "831000000000000009",
    "person": "831000011",
    "invitation": "831000021",
    "key": "831000031",
    "decision": "831000041",
    "outgoing": "831000051",
    "batch": "831000061",
    "closure": "831000071",
    "avoidance": "831000081",
    "request": "00000000-0000-4000-8000-000000000001",
    "supply": "00000000-0000-4000-8000-000000000002",
    "upload": "00000000-0000-4000-8000-000000000003",
    "number": "YC-2026-831001",
    "consignment": "LC-2026-831001",
    "email": f"{MARK}x@example.vn",
}
Sent = Mapping[str, object]

DAYS = {"start": "2030-01-01", "end": "2030-01-02", "why": "x"}
AVOID = {"other": "{library}", "side": "ask", "reason": "x"}
ITEMS = {"title": "x", "items": [{"title": "x"}], "stops": [{"library": "{library}"}]}
INVITED = {"email": "moi@example.vn", "role": "reader", "library": "{library}"}
PAIR = {"left": "{ref}", "right": "{ref2}"}
BODIES: Mapping[str, Sequence[Sent]] = {
    "/api/v1/review/decisions": [
        {**PAIR, "verdict": "same", "by": "x"},
        {"left": "pub-a:t1", "right": "{ref}", "verdict": "different", "by": "x"},
    ],
    "/api/v1/review/decisions/{number}/undo": [{"by": "x"}],
    "/api/v1/sources/{code}/credentials": [{"username": "x", "password": "y"}],
    "/api/v1/sources/{code}/schedule": [{"every_minutes": 60}],
    "/api/v1/lending/libraries/{code}/policy": [{"loan_days": 3}],
    "/api/v1/lending/libraries/{code}/reach": [{"way": "letter", "email": "x@example.vn"}],
    "/api/v1/lending/libraries/{code}/closures": [DAYS],
    "/api/v1/lending/libraries/{code}/avoidances": [AVOID],
    "/api/v1/lending/libraries/{code}/consignments": [ITEMS],
    "/api/v1/lending/libraries/{code}/consignments/{number}/steps": [{"step": "send"}],
    "/api/v1/requests": [
        {"home": "{library}", "title": "x"},
        {"home": OWN, "title": "x", "union_id": "{union}"},
        {"home": OWN, "title": "x", "pick_up": "{library}"},
    ],
    "/api/v1/requests/{id}/steps": [
        {"step": one} for one in ("approve", "cancel", "undo", "close", "loaned")
    ],
    "/api/v1/people/invitations": [INVITED],
    "/api/v1/people/{number}/roles": [{"role": "reader", "library": one} for one in (OWN, "{library}")],
    "/api/v1/people/{number}/roles/take": [{"role": "library-admin", "library": "{library}"}],
    "/api/v1/keys": [{"name": "x", "scopes": ["people"]}],
    "/api/v1/uploads/{id}/correction": [{"columns": {"x": "title"}}],
    "/review/decide": [
        {"word": "join", **PAIR, "back": "/review"},
        {"word": "apart", "left": "pub-a:t1", "right": "{ref}", "back": "/review"},
    ],
    "/review/undo": [{"decision": "{decision}", "back": "/review"}],
    "/review/records/{id}": [{"record": "{record}", "reason": "x"}, {"other": "{other}", "reason": "x"}],
    "/libraries/{code}/sharing": [
        {"word": "audience", "audience": "public"},
        {"word": "audience", "source": "{library}", "audience": "public"},
        {"word": "audience", "audience": "cand"},
        {"word": "withdraw", "source": "{library}", "record": "{local}"},
        {"word": "give-back", "source": "{library}", "record": "{local}"},
        {"word": "leave", "sure": "{library}"},
    ],
    "/sources/{code}": [{"word": one} for one in ("harvest", "pause", "resume", "accept", "reject")]
    + [{"word": "licence", "licence": "cc0"}],
    "/sources/{code}/upload": [{"mode": "full"}],
    "/sources/{code}/uploads/{number}": [{"word": one} for one in ("accept", "reject", "undo", "again")],
    "/account": [{"word": "remove-key", "number": "{key}"}],
    "/people": [
        *(
            {"word": one, "library": "{library}", "email": "moi@example.vn", "role": "reader"}
            for one in ("invite", "hand-over")
        ),
        {"word": "end", "library": OWN, "number": "{invitation}"},
        *(
            {"word": one, "library": OWN, "number": "{person}", "role": "library-admin", "of": "{library}"}
            for one in ("take", "let-go", "bring-back", "factor")
        ),
    ],
    "/requests/new": [
        {"home": "{library}", "title": "x"},
        {"home": OWN, "title": "x", "union_id": "{union}"},
        {"home": OWN, "title": "x", "pick_up": "{library}"},
    ],
    "/lending/new": [
        {"library": "{library}", "title": "x", "reader_name": "y"},
        {"library": OWN, "title": "x", "union_id": "{union}", "reader_name": "y", "reader_card": "1"},
    ],
    "/requests/{number}": [{"word": "cancel"}, {"word": "renew"}],
    "/lending/list/{name}": [
        {"library": one, "chosen": "{request}:1", "step": "approve"} for one in ("{library}", OWN)
    ]
    + [{"library": OWN, "chosen": "{supply}:1", "print": "slips"}],
    "/lending/scan": [
        {"library": one, "number": "{number}", "id": "{request}", "version": "1", "step": "approve"}
        for one in ("{library}", OWN)
    ],
    "/lending/r/{number}": [
        {"word": one, "note": "x", "version": "1"} for one in ("reader", "note", "again", "undo")
    ]
    + [{"step": one} for one in ("approve", "loaned")],
    "/lending/r/{number}/rota": [
        {"library": "{library}", "place-{library}": "1", "add": "{beside}", "why": "x"}
    ],
    "/lending/batch": [{"library": "{library}"}],
    "/lending/libraries/{code}/terms": [
        {"word": "policy", "loan_days": "3"},
        {"word": "reach", "way": "letter"},
        {"word": "close", **DAYS},
        {"word": "reopen", "number": "{closure}"},
        {"word": "avoid", **AVOID},
        {"word": "meet", "number": "{avoidance}"},
    ],
    "/lending/libraries/{code}/consignments": [
        {"kind": "rotation", "title": "x", "items": "x", "stops": "{library}"}
    ],
    "/lending/libraries/{code}/consignments/{number}": [{"word": "send"}],
    "/sign-in": [{"email": "{email}", "password": "wrong"}],
    "/forgotten": [{"email": "{email}"}],
}
"""What is sent to an address; to others nothing is sent."""
OPENS_NOTHING = frozenset({"/sign-out", "/sign-in/code", "/sign-in/sample", "/link/{token}", "/l/{token}",
                           "/iso18626", "/join/new"})  # fmt: skip
"""Open addresses that name nothing but a token: who has it may, and the tests of tokens ask without."""
PLACES: Mapping[str, str] = {
    "/api/v1/review/decisions/{number}/undo": "decision", "/api/v1/uploads/{id}": "upload",
    "/api/v1/lending/libraries/{code}/closures": "closure",
    "/api/v1/lending/libraries/{code}/avoidances": "avoidance", "/api/v1/requests/{id}": "request",
    "/api/v1/people/invitations": "invitation", "/api/v1/people/{number}": "person", "/api/v1/keys": "key",
    "/review/records/{id}": "union", "/sources/{code}/uploads/{number}": "upload",
    "/requests/{number}": "request", "/lending/batch/{number}": "batch",
    "/lending/undelivered/{number}": "outgoing", "/api/v1/registrations/{number}": "key",
    "/federation/": "key",
}  # fmt: skip
"""Of what kind the number or id in an address is, by how the address begins."""


COMPARED = ("content-type", "location", "cache-control", "vary", "www-authenticate", "allow")
MADE = re.compile(
    r"(?<=[/\"])(?:LC|YC)-\d{4}-00\d{4}|(?<=/)[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}(?=\?done)"
    r"|\d{4}-\d\d-\d\dT[\d:.]+Z|\"id\":\"[0-9a-f-]{36}\"|\"version\":\d+"
)
"""Names and moments of what was just made."""


@dataclass(frozen=True)
class Try:
    """Something sent to a route; words in braces stand for what is hidden, or for what is missing."""

    method: str
    address: str
    sent: Sent
    everybody: bool

    def filled(self, names: Mapping[str, str]) -> tuple[str, dict[str, object]]:
        """Give address and fields with the ids in place."""
        written = json.dumps([self.address, dict(self.sent)])
        for name, value in names.items():
            written = written.replace(f"{{{name}}}", value)
        address, sent = json.loads(written)
        return address, sent


def tries(one: World) -> Iterator[Try]:
    """Give all tries at every writing route."""
    for path, route in routes_of(one.app):
        if path in OPENS_NOTHING or path.startswith("/join/r/"):
            continue
        for method in sorted(route.methods - {"GET", "HEAD"}):
            names = set(re.findall(r"{(\w+)", path)) - {"code"}
            kinds = _kinds(path) if names else [""]
            places = [OWN, "{library}"] if "{code}" in path else [""]
            for place in places:
                for kind in kinds:
                    address = re.sub(r"{name}", "waiting", path.replace("{code}", place))
                    address = re.sub(r"{(?:id|number|scheme|value:path)}", f"{{{kind}}}", address)
                    for sent in BODIES.get(path, [{}]):
                        found = Try(method, address, sent, path in OPEN)
                        if re.search(r"{\w+}", found.address + json.dumps(dict(sent))):
                            yield found


def _kinds(path: str) -> list[str]:
    if path.startswith(("/lending/r/", "/api/v1/requests/{id}")):
        return ["request", "supply"]
    if "/consignments/{number}" in path:
        return ["consignment"]
    if "{name}" in path:
        return [""]
    if "/distrusted/" in path:
        return ["local"]
    found = [kind for begins, kind in PLACES.items() if path.startswith(begins)]
    assert found, f"{path}: say in tests/api/test_guarded_writes.py what its ids are"
    return found[:1]


async def ask(one: World, who: str, trial: Try, names: Mapping[str, str]) -> tuple[object, ...]:
    """Send it; give the answer with what was sent taken out of it."""
    one.who = who
    address, sent = trial.filled(names)
    headers = one.papers(address)
    if address.startswith("/api/"):
        headers["content-type"] = "application/json"
        body = json.dumps(sent).encode() if sent else b""
    else:
        word = (
            hmac.new(one.sessions[who][0].encode(), b"form", "sha256").hexdigest() if who != "public" else ""
        )
        more, body = asgi.form([(CSRF_FIELD, word), *((name, str(value)) for name, value in sent.items())])
        headers |= {**more, "origin": "http://web"}
    answer = await asgi.ask(one.app, trial.method, address, headers, body)
    said = [repr([one for one in answer.headers if one[0] in COMPARED]), MOVING.sub("", answer.text)]
    typed = {*names.values(), *(str(record_number(*names[ref].split(":"))) for ref in ("ref", "ref2"))}
    for value in sorted(typed, key=len, reverse=True):
        said = [one.replace(value, "<it>") for one in said]
    return answer.status_code, *(MADE.sub("", one) for one in said)


async def restricted(services: Services) -> dict[str, str]:
    """Let the circle's library have one of everything; give their ids."""
    db = services.db
    async with db.as_service() as conn:
        for first, table in zip(range(FAR, 2 * FAR, FAR // 10), COUNTED, strict=False):
            await conn.execute(text(f"ALTER TABLE {table} ALTER COLUMN id RESTART WITH {first}"))
        kin = next(one for one in await libraries.all_libraries(conn) if one.code == LIBRARY)
        await libraries.save_library(conn, replace(kin, code=BESIDE, name_vi=f"Thư viện {BESIDE}"))
    email = f"{MARK}nguoi@example.vn"
    number = await people.add(services, email, Role.LIBRARY_ADMIN, LIBRARY, second=True, name=f"{MARK}nguoi")
    who = await people.signed_in(services, email)
    await inviting.invite(services, who, f"{MARK}moi@example.vn", Role.READER, LIBRARY, "http://x")
    await entry.make_key(services, who, f"{MARK}khoa", [Right.PEOPLE], timedelta(days=1))
    refs = [f"{LIBRARY}:{MARK}cand{n}" for n in (1, 2)]
    pair = record_number(LIBRARY, f"{MARK}cand1"), record_number(LIBRARY, f"{MARK}cand2")
    await review.decide(services, who.viewer, [pair], Verdict.DIFFERENT, reason=f"{MARK}vi", by="x")
    request, supply = await lent(services, who)
    days = terms.TermsFile.model_validate(
        {
            "closure": [
                {"library": LIBRARY, "start": "2030-01-01", "end": "2030-01-02", "why": f"{MARK}nghi"}
            ],
            "avoid": [{"library": LIBRARY, "other": BESIDE, "side": "ask", "reason": f"{MARK}tranh"}],
        }
    )
    await terms.save(services, days, email, NOW)
    plan = Plan(Kind.ROTATION, f"{MARK}chuyen", [Item(f"{MARK}sach")], [Stop(f"{MARK}noi")])
    consignment = await consign.begin(services, LIBRARY, plan, email, NOW)
    async with db.as_service() as conn:

        async def of(query: str) -> str:
            return str(
                (await conn.execute(text(query), {"mark": f"{MARK}%", "code": LIBRARY})).scalars().first()
            )

        source = int(await of("SELECT id FROM source WHERE code = :code"))
        library = int(await of("SELECT id FROM library WHERE code = :code"))
        upload = await uploads.begin(conn, source, f"{MARK}.csv", RunMode.FULL, email)
        batch = await lending_batches.keep(conn, library, f"{MARK}.xlsx", [{"unknown": []}], email)
        member = (
            "FROM cluster c JOIN cluster_member m ON m.cluster_id = c.id"
            " JOIN bib_record b ON b.id = m.record_id WHERE b.local_id LIKE :mark ORDER BY b.local_id"
        )
        return {
            "library": LIBRARY, "beside": BESIDE, "ref": refs[0], "ref2": refs[1], "email": email,
            "local": f"{MARK}cand1", "person": str(number), "request": request, "supply": supply,
            "consignment": consignment, "upload": str(upload), "batch": str(batch),
            "number": await of("SELECT number FROM lending_request LIMIT 1"),
            "union": await of(f"SELECT c.public_id {member}"),
            "other": await of(f"SELECT c.public_id {member} DESC"),
            "record": await of(f"SELECT b.id {member}"),
            "invitation": await of("SELECT id FROM account_link WHERE email LIKE :mark"),
            "key": await of("SELECT id FROM api_key WHERE name LIKE :mark"),
            "decision": await of("SELECT id FROM decision WHERE reason LIKE :mark"),
            "outgoing": await of("SELECT id FROM lending_outbox ORDER BY id"),
            "closure": await of("SELECT id FROM lending_closure WHERE note LIKE :mark"),
            "avoidance": await of("SELECT id FROM lending_avoidance WHERE reason LIKE :mark"),
        }  # fmt: skip


async def lent(services: Services, who: SignedIn) -> tuple[str, str]:
    """Ask the other restricted library for something; give the ids of request and supply."""
    actor = lend.staff(who)
    made = await lend.ask(services, actor, LIBRARY, Asking(Wanted(f"{MARK}muon")), NOW)
    await lend.step(services, actor, Side.REQUESTER, made.id, Step.APPROVE, NOW)
    await lend.locate(services, made.id, NOW)
    await lend.step(services, actor, Side.REQUESTER, made.id, Step.SEND, NOW, Facts(supplier=BESIDE))
    async with services.db.as_service() as conn:
        supply = (await conn.execute(text("SELECT id FROM lending_supply"))).scalar_one()
    return str(made.id), str(supply)


PASSING = {"account_session": {"seen_at"}, "api_key": {"used_at"}, "account": {"signed_in_at"}}
"""Columns that change by asking alone."""
ASKING = {"audit_entry", "audit_name", "sign_in_failure"}
"""Tables in which it is written down that somebody asked."""


async def rows(conn: Connection) -> AsyncIterator[tuple[str, str]]:
    """Give every row of every table."""
    for table in metadata.sorted_tables:
        if table.name not in ASKING:
            less = "".join(f" - '{name}'" for name in PASSING.get(table.name, ()))
            for row in (
                await conn.execute(text(f"SELECT (to_jsonb(x){less})::text FROM {table.name} x"))
            ).scalars():
                yield table.name, row


async def kept(db: Database) -> set[tuple[str, str]]:
    async with db.as_service() as conn:
        return {one async for one in rows(conn)}


async def named_in(db: Database, added: set[tuple[str, str]], hidden: Mapping[str, str]) -> list[str]:
    """Find rows that name something hidden, by its id, by its code, by the number of its library."""
    async with db.as_service() as conn:
        found = await conn.execute(text("SELECT id FROM library WHERE code LIKE :mark"), {"mark": f"{MARK}%"})
        numbers = set(found.scalars())
    columns = {
        table.name: [
            column.name
            for column in table.columns
            if isinstance(column.type, (Integer, SmallInteger))
            and any(key.column.table.name == "library" for key in column.foreign_keys)
        ]
        for table in metadata.sorted_tables
    }
    told = []
    for table, row in added:
        values = json.loads(row)
        if table == "account_link" and values["kind"] == "reset":
            continue  # a new password is asked for, and answered by a letter to its owner alone
        typed = any(MISSING["library"] in other for where, other in added if where == table)
        if any(values[name] in numbers for name in columns[table]) or any(
            value in row for name, value in hidden.items() if not (typed and name == "library")
        ):
            told.append(f"{table}: {row}")
    return told


async def test_what_is_hidden_and_what_is_missing_answer_alike_to_whoever_writes(
    server: str, template: str, tmp_path: Path
) -> None:
    hidden: dict[str, str] = {}
    sessions: dict[str, tuple[str, str]] = {}

    async def filled(services: Services, present: tuple[str, ...]) -> None:
        await fill(services, present)
        hidden.update(await restricted(services))
        for role in AT_LIBRARY:
            email = f"{role}@example.vn"
            await people.add(services, email, role, OWN, second=True)
            session = await people.session(services, email)
            person = await entry.whose(services, session)
            assert person is not None
            rights = [one for one in Right if person.may_somewhere(one)]
            sessions[role] = session, await entry.make_key(services, person, "x", rights, timedelta(days=1))

    async with world(server, template, tmp_path, ("cand",), filled) as one:
        one.sessions = sessions
        assert set(hidden) == set(MISSING)
        assert "None" not in hidden.values(), hidden
        db = one.app.state.catalogue._services.db
        before = await kept(db)
        telemetry.configure(
            "error", "json", io.StringIO()
        )  # a crash told at length takes longer than the test
        told, count = [], 0
        for who in ("public", *sessions):
            for trial in tries(one):
                if who != "public" and trial.everybody:
                    continue
                count += 1
                answers = [await ask(one, who, trial, names) for names in (hidden, MISSING)]
                if answers[0] != answers[1] or int(str(answers[0][0])) >= 500:
                    told.append(
                        f"{who}: {trial.method} {trial.address} {dict(trial.sent)}:\n {parted(*answers)}"
                    )
        after = await kept(db)
        assert not told, f"{len(told)} of {count}:\n" + "\n".join(told)
        assert count > 400
        assert sorted(before - after) == [], "something that was there has changed"
        assert await named_in(db, after - before, hidden) == []


def parted(one: tuple[object, ...], other: tuple[object, ...]) -> str:
    """Show where two answers part."""
    left, right = repr(one), repr(other)
    place = next(
        (n for n, (a, b) in enumerate(zip(left, right, strict=False)) if a != b), min(len(left), len(right))
    )
    begin = max(0, place - 80)
    return f"{one[0]} {other[0]} …{left[begin : place + 120]}\n   … {right[begin : place + 120]}"
