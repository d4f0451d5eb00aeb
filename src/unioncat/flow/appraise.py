"""What a probe brought, read as the service would read it: samples, findings, branches, suggestions.

Done by the worker: the web process never parses what strangers send.
"""

import asyncio
import base64
import binascii
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import msgspec

from unioncat.domain.errand import Errand, ErrandState
from unioncat.domain.registration import OPEN, Appraisal, Attempt, Sample
from unioncat.domain.source import Profile
from unioncat.domain.switches import Suggestion
from unioncat.flow.services import Services
from unioncat.normalise import normalise
from unioncat.normalise.quality import findings
from unioncat.store import registrations

SHOWN = 6
"""Sample records that are kept to be shown."""
MOST = 40
LONGEST = 500
_ANY_BRANCH = (("\x00", "\x00"),)
"""A branch map that knows nobody: then every value that should name a branch is kept as the place."""


async def appraise(services: Services, errand: Errand) -> None:
    """Write into the registration what its errand found; nothing where it has moved on."""
    if errand.state is not ErrandState.DONE or errand.result is None:
        return
    found = await asyncio.to_thread(read, errand.result, errand.subject)
    async with services.db.as_service() as conn:
        registration = await registrations.by_errand(conn, errand.id)
        if registration is not None and registration.state in OPEN:
            await registrations.update_one(conn, registration.id, appraisal=found)


def read(result: Mapping[str, Any], subject: Mapping[str, Any]) -> Appraisal:
    """Make an appraisal out of what the probe brought; without a format nobody answered."""
    tried = tuple(
        Attempt(_short(one["address"]), _short(one["error"]), _short(one["remedy"]))
        for one in result["tried"][:MOST]
    )
    saw = result.get("found")
    name = str(subject.get("profile_name") or "marc21")
    if saw is None:
        return Appraisal("", "", "", "", name, tried=tried)
    profile = msgspec.convert(subject.get("profile") or {}, Profile)
    samples = [_sample(one, profile) for one in result["samples"]]
    readable = [one for one in samples if one.bib is not None]
    quality = Counter(code for one in readable if one.bib for code in findings(one.bib, one.holdings))
    quality.update("unreadable" for one in samples if one.bib is None)
    places = Counter(
        (holding.location or "").partition(", ")[0] for one in readable for holding in one.holdings
    )
    places.pop("", None)
    return Appraisal(
        protocol=str(result["protocol"]),
        address=str(result["address"]),
        name=_short(saw["identity"]["name"]),
        format=str(saw["format"]),
        profile=name,
        formats=tuple(_short(one["name"]) for one in saw["offers"][:MOST]),
        sets=tuple((_short(spec), _short(label)) for spec, label in saw["sets"][:MOST]),
        size=saw["list_size"],
        seen=len(samples),
        readable=len(readable),
        shut_out=int(result["shut_out"]),
        deleted=int(result["deleted"]),
        quality=tuple(quality.most_common(MOST)),
        branches=tuple(places.most_common(MOST)),
        samples=tuple(_chosen(samples)),
        suggestions=tuple(msgspec.convert(one, Suggestion) for one in saw.get("suggestions", ())[:MOST]),
        advice=tuple(map(_short, saw["advice"][:MOST])),
        notes=tuple(map(_short, saw["notes"][:MOST])),
        tried=tried,
    )


def _sample(one: Mapping[str, str], profile: Profile) -> Sample:
    try:
        payload = base64.b64decode(one["payload"], validate=True)
    except (binascii.Error, ValueError):
        payload = b""
    outcome = normalise(payload, one["format"], replace(profile, branches=_ANY_BRANCH))
    problems = tuple(_short(problem.detail) for problem in outcome.problems[:5])
    return Sample(_short(one["local_id"]), outcome.bib, outcome.holdings[:20], problems)


def _chosen(samples: Sequence[Sample]) -> list[Sample]:
    """Choose samples from all over the page, one that could not be read among them."""
    good = [one for one in samples if one.bib is not None]
    bad = [one for one in samples if one.bib is None][:1]
    step = max(1, len(good) // SHOWN)
    return [*good[::step][: SHOWN - len(bad)], *bad]


def _short(text: object) -> str:
    return str(text)[:LONGEST]
