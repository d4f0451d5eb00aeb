"""Many members at once by a spreadsheet, and the list of libraries to be won with its goals."""

from datetime import date
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from fastapi.responses import Response
from starlette.datastructures import UploadFile

from unioncat.domain.onboarding import ORDER, Stage
from unioncat.flow.lines import COLUMNS
from unioncat.store.errors import StoreError
from unioncat_api.deps import CatalogueDep, DirectoriesDep
from unioncat_api.directory import filed
from unioncat_api.pages import forms
from unioncat_api.pages.messages import Words
from unioncat_api.pages.render import page, tongue
from unioncat_api.pages.review import PRIVATE, see_other
from unioncat_api.pages.workbooks import XLSX, faults_workbook, template_workbook
from unioncat_api.problems import ProblemError
from unioncat_api.rights import MembersDep, MembersForm
from unioncat_api.session import PageDirectoryDep, Person

router = APIRouter(include_in_schema=False)
TRACKED = 25
"""Libraries on one page of the tracker: more would be an endless page on a telephone."""
PREVIEWED = 300
"""Lines of a sheet that a preview shows; the faulty ones come first."""


def download(data: bytes, name: str) -> Response:
    """Send a spreadsheet."""
    headers = {**PRIVATE, "Content-Disposition": f'attachment; filename="{name}"'}
    return Response(data, media_type=XLSX, headers=headers)


def of_field(words: Words, name: str) -> str:
    """Name a column."""
    return words.t(f"bulk.col_{name}")


def of_fault(words: Words, code: str) -> str:
    """Say what is wrong with a line."""
    return words.t(f"fault.{code}")


async def sent_file(request: Request) -> tuple[str, bytes]:
    """Give name and bytes of the file of a form; both empty where there is none."""
    given = (await request.form()).get("file")
    if not isinstance(given, UploadFile):
        return "", b""
    return (given.filename or "")[:200], await given.read()


def bulk_page(
    request: Request, person: Person, *, fault: str = "", status: int = 200, done: str | None = None
) -> Response:
    """Ask for a sheet of members."""
    return page(
        request,
        "bulk.html",
        status=status,
        headers=PRIVATE,
        person=person,
        fault=fault,
        columns=list(COLUMNS),
        done=done,
    )


@router.get("/federation/members")
async def bulk(request: Request, person: MembersDep) -> Response:
    """Ask for a sheet of members."""
    return bulk_page(request, person, done=request.query_params.get("done"))


@router.get("/federation/members/template.xlsx")
async def template(request: Request, person: MembersDep) -> Response:
    """Give an empty sheet with its headings."""
    words = tongue(request).words
    return download(template_workbook(lambda name: of_field(words, name)), "members.xlsx")


@router.post("/federation/members")
async def bring(request: Request, catalogue: CatalogueDep, person: MembersForm) -> Response:
    """Read a sheet and show what would be registered."""
    name, data = await sent_file(request)
    if not data:
        return bulk_page(request, person, fault=tongue(request).words.t("bulk.no_file"), status=422)
    try:
        checked = await catalogue.onboarding.preview(name, data, by=person.name)
    except StoreError as error:
        return bulk_page(request, person, fault=f"{error}. {error.remedy}", status=422)
    return see_other(f"/federation/members/{checked.number}")


@router.get("/federation/members/{number}")
async def sheet(
    request: Request, number: int, catalogue: CatalogueDep, person: MembersDep, names: PageDirectoryDep
) -> Response:
    """Show what a sheet would register, and what is wrong with its lines."""
    checked = await catalogue.onboarding.sheet(known(number))
    faulty = {line.number for line in checked.faulty}
    lines = [*checked.faulty, *(line for line in checked.lines if line.number not in faulty)]
    return page(
        request,
        "sheet.html",
        headers=PRIVATE,
        person=person,
        sheet=checked,
        lines=lines[:PREVIEWED],
        libraries={one.name_vi: one for one in checked.libraries},
        names=names,
        done=request.query_params.get("done"),
    )


def known(number: int) -> int:
    """Refuse a number that no sheet can have."""
    if not 0 < number < 2**31:
        raise ProblemError("not-found", "There is no such sheet.")
    return number


@router.get("/federation/members/{number}/faults.xlsx")
async def faults(request: Request, number: int, catalogue: CatalogueDep, person: MembersDep) -> Response:
    """Give the sheet with what is wrong beside each line, to correct and bring again."""
    words = tongue(request).words
    checked = await catalogue.onboarding.sheet(known(number))
    book = faults_workbook(checked, lambda name: of_field(words, name), lambda code: of_fault(words, code))
    return download(book, f"members-{number}.xlsx")


@router.post("/federation/members/{number}")
async def register(
    request: Request,
    number: int,
    catalogue: CatalogueDep,
    person: MembersForm,
    directories: DirectoriesDep,
) -> Response:
    """Register everything in a sheet, or nothing."""
    await catalogue.onboarding.apply_sheet(known(number))
    directories.forget()
    return see_other(f"/federation/members/{number}", done="registered")


@router.get("/federation/onboarding")
async def tracker(
    request: Request, catalogue: CatalogueDep, person: MembersDep, names: PageDirectoryDep
) -> Response:
    """Show how far everybody has come."""
    return await tracker_page(request, catalogue, person, names, done=request.query_params.get("done"))


async def tracker_page(
    request: Request,
    catalogue: CatalogueDep,
    person: Person,
    names: PageDirectoryDep,
    *,
    fault: str = "",
    link: str = "",
    linked: str = "",
    done: str | None = None,
    status: int = 200,
) -> Response:
    """Show the groups, their goals, and each library's stage."""
    found = await catalogue.onboarding.tracker()
    group, stage = request.query_params.get("group"), request.query_params.get("stage")
    lines = [
        one
        for one in found.lines
        if (not group or one.group == group) and (stage not in set(Stage) or one.stage == stage)
    ]
    if not group:
        lines = list({one.code: one for one in lines}.values())
    lines.sort(key=lambda one: filed(one.name_vi))
    asked = request.query_params.get("page", "1")
    number = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 5 else 1
    number = max(1, min(number, -(-len(lines) // TRACKED)))
    kept = {name: value for name, value in (("group", group), ("stage", stage)) if value}
    return page(
        request,
        "tracker.html",
        status=status,
        headers=PRIVATE,
        person=person,
        standings=found.standings,
        lines=lines[(number - 1) * TRACKED : number * TRACKED],
        total=len(lines),
        first=(number - 1) * TRACKED + 1,
        pages={
            name: f"/federation/onboarding?{urlencode({**kept, 'page': other})}"
            for name, other in (("back", number - 1), ("on", number + 1))
            if 0 < other <= -(-len(lines) // TRACKED)
        },
        group=group,
        stage=stage,
        stages=ORDER,
        Stage=Stage,
        names=names,
        fault=fault,
        link=link,
        linked=linked,
        done=done,
    )


@router.post("/federation/onboarding")
async def change_list(
    request: Request, catalogue: CatalogueDep, person: MembersForm, names: PageDirectoryDep
) -> Response:
    """Bring a list, invite, take off the list, or set a goal."""
    form = await request.form()
    word, code = forms.text_of(form, "word", 20), forms.text_of(form, "code", 64)
    group = forms.text_of(form, "group", 64) or None
    joining = catalogue.onboarding
    try:
        if word == "list":
            _, data = await sent_file(request)
            if not data:
                slip = tongue(request).words.t("bulk.no_file")
                return await tracker_page(request, catalogue, person, names, fault=slip, status=422)
            await joining.expect(data, group)
        elif word == "invite":
            link = f"{request.app.state.base_url}/join?invite={await joining.invite(code)}"
            return await tracker_page(request, catalogue, person, names, link=link, linked=code)
        elif word == "strike":
            await joining.strike(code)
        elif word == "goal":
            due, count = forms.text_of(form, "due", 10), forms.text_of(form, "count", 7)
            await joining.set_goal(group, date.fromisoformat(due), int(count))
        else:
            raise ProblemError("bad-request", "The form says not what to do.")
    except StoreError as error:
        slip = f"{error}. {error.remedy}"
        return await tracker_page(request, catalogue, person, names, fault=slip, status=422)
    except ValueError:
        slip = tongue(request).words.t("tracker.bad_goal")
        return await tracker_page(request, catalogue, person, names, fault=slip, status=422)
    return see_other("/federation/onboarding", done=word)
