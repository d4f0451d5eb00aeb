"""Operators' pages: every source with how it stands, harvest runs as they go, and problems in records."""

from datetime import UTC, datetime

from fastapi import APIRouter, Request
from fastapi.responses import Response
from markupsafe import escape

from unioncat.domain import options
from unioncat.domain.audience import Viewer
from unioncat.domain.hours import Hours
from unioncat.domain.licence import LONGEST_WORDS, LicenceCode
from unioncat.domain.schedule import next_at
from unioncat.domain.source import Protocol, Source
from unioncat.store.errors import StoreError
from unioncat_api.deps import CatalogueDep, DirectoriesDep
from unioncat_api.pages import forms
from unioncat_api.pages.messages import Words
from unioncat_api.pages.render import page, tongue
from unioncat_api.pages.review import PRIVATE, see_other
from unioncat_api.pages.uploads import say
from unioncat_api.problems import ProblemError
from unioncat_api.rights import HarvestForm, Right, allows
from unioncat_api.routes.sources import ISSUES_OF_SOURCE, RUNS_OF_SOURCE, standing
from unioncat_api.schemas.source import RunOut, SourceOut
from unioncat_api.session import PageViewerDep, Person, PersonDep

router = APIRouter(include_in_schema=False)
RUNS_SHOWN = 20
UNITS = ("minutes", "hours", "days")
"""Units in which a page asks how often a source is harvested."""


def every(words: Words, minutes: int) -> str:
    """Say how often a source is harvested, in the largest unit that is whole."""
    if minutes == 0:
        return words.t("sources.by_hand")
    for unit, length in (("days", 1440), ("hours", 60)):
        if minutes % length == 0:
            return words.t(f"sources.every_{unit}", n=minutes // length)
    return words.t("sources.every_minutes", n=minutes)


@router.get("/sources")
async def sources(
    request: Request,
    catalogue: CatalogueDep,
    person: PersonDep,
    viewer: PageViewerDep,
    directories: DirectoriesDep,
) -> Response:
    """Show all sources and the latest runs."""
    counts = await directories.counts(viewer)
    found = [SourceOut.standing(status) for status in await catalogue.sources(viewer)]
    runs = [RunOut.of(run) for run in await catalogue.runs(viewer, None, RUNS_SHOWN)]
    return page(
        request,
        "sources.html",
        headers=PRIVATE if person else None,
        sources=found,
        runs=runs,
        counts=counts.overview,
        refresh=10,
    )


def switches(words: Words, source: Source) -> list[tuple[str, str, str]]:
    """Say the options of a source in words, as far as there are any; credentials are none of them."""
    known = options.known(source.protocol)
    found = []
    for name, value in source.options:
        group, _, rest = name.partition(":")
        if name not in known and f"{group}:…" not in known:
            continue
        keys = (f"switch.{name}_{value}", f"switch.{name}", f"switch.{group}" if rest else "")
        key = next((key for key in keys if key and words.has(key)), None)
        found.append((name, value, words.t(key, name=rest or name, value=value) if key else ""))
    return found


@router.get("/sources/{code}")
async def source(
    request: Request, code: str, catalogue: CatalogueDep, person: PersonDep, viewer: PageViewerDep
) -> Response:
    """Show one source; who may steer it finds the controls here."""
    return await source_page(request, code, catalogue, person, viewer)


async def source_page(
    request: Request,
    code: str,
    catalogue: CatalogueDep,
    person: Person | None,
    viewer: Viewer,
    *,
    fault: str = "",
    code_of_answer: int = 200,
) -> Response:
    """Show one source."""
    status = await standing(catalogue, viewer, code)
    runs = [RunOut.of(run) for run in await catalogue.runs(viewer, code, RUNS_OF_SOURCE)]
    return page(
        request,
        "source.html",
        status=code_of_answer,
        headers=PRIVATE if person else None,
        person=person if allows(person, Right.HARVESTS, status.library.code) else None,
        fault=fault,
        done=request.query_params.get("done"),
        one=status.source,
        next=next_at(status.source, status.last, datetime.now(UTC)),
        options=switches(tongue(request).words, status.source)
        if allows(person, Right.HARVESTS, status.library.code)
        else (),
        source=SourceOut.standing(status),
        library=status.library,
        runs=runs,
        say=say(tongue(request).words),
        brings=status.source.protocol is Protocol.FILES and allows(person, Right.FILES, status.library.code),
        issues=await catalogue.problems(viewer, code, ISSUES_OF_SOURCE),
        units=UNITS,
        licences=tuple(LicenceCode),
        longest_words=LONGEST_WORDS,
        every=largest(status.source.every_minutes),
        schedule=every(tongue(request).words, status.source.every_minutes),
        refresh=10,
    )


@router.post("/sources/{code}")
async def steer(
    request: Request, code: str, catalogue: CatalogueDep, person: HarvestForm, viewer: PageViewerDep
) -> Response:
    """Harvest now, pause, resume, set the hours or the licence, or decide on a held run."""
    await standing(catalogue, viewer, code)
    form = await request.form()
    word = forms.text_of(form, "word", 20)
    try:
        match word:
            case "harvest":
                await catalogue.harvest(code)
            case "pause":
                await catalogue.pause(code)
            case "resume":
                await catalogue.resume(code)
            case "accept" | "reject":
                await catalogue.decide(viewer, code, accept=word == "accept")
            case "schedule":
                hours = forms.text_of(form, "hours", 20)
                every = minutes(forms.text_of(form, "every", 6), forms.text_of(form, "unit", 10))
                await catalogue.set_schedule(code, every, Hours.of(hours) if hours else None)
            case "licence":
                by = person.at_work.account.email
                await catalogue.set_licence(code, forms.licence_of(form), by=by)
            case _:
                raise ProblemError("bad-request", "The form says not what to do.")
    except StoreError as error:
        slip = f"{error}. {error.remedy}"
        return await source_page(request, code, catalogue, person, viewer, fault=slip, code_of_answer=409)
    except ValueError:
        wrong = "sources.bad_licence" if word == "licence" else "sources.bad_schedule"
        slip = escape(tongue(request).words.t(wrong))
        return await source_page(request, code, catalogue, person, viewer, fault=slip, code_of_answer=422)
    return see_other(f"/sources/{code}", done=word)


def minutes(number: str, unit: str) -> int:
    """Read a length of time in minutes. Raises ValueError."""
    if not (number.isascii() and number.isdigit()):
        raise ValueError(number)
    return int(number) * {"minutes": 1, "hours": 60, "days": 1440}[unit if unit in UNITS else "minutes"]


def largest(every_minutes: int) -> tuple[int, str]:
    """Give a length of time in the largest unit that is whole."""
    for unit, length in (("days", 1440), ("hours", 60)):
        if every_minutes and every_minutes % length == 0:
            return every_minutes // length, unit
    return every_minutes, "minutes"
