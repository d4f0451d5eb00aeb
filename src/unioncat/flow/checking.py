"""Lines of libraries checked against what is registered, and what they would become. No database."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from pydantic import ValidationError

from unioncat.domain.library import Level, Library, LibraryType, Province
from unioncat.domain.software import BY_CODE, AddressError, Candidate, Software, candidates
from unioncat.domain.source import Source
from unioncat.flow.approval import free_code
from unioncat.flow.lines import Fault, Line
from unioncat.flow.register import ContactIn, LibraryIn, ParentIn, SourceIn
from unioncat.text import key_exact, key_fold

TYPES = {
    "quoc gia": LibraryType.NATIONAL,
    "cong cong": LibraryType.PUBLIC,
    "chuyen nganh": LibraryType.SPECIAL,
    "luc luong vu trang": LibraryType.ARMED_FORCES,
    "cong an": LibraryType.ARMED_FORCES,
    "quan doi": LibraryType.ARMED_FORCES,
    "dai hoc": LibraryType.UNIVERSITY,
    "cao dang": LibraryType.SCHOOL,
    "truong hoc": LibraryType.SCHOOL,
    "pho thong": LibraryType.SCHOOL,
    "truong pho thong": LibraryType.SCHOOL,
    "cong dong": LibraryType.COMMUNITY,
    "tu nhan": LibraryType.COMMUNITY,
    "nuoc ngoai": LibraryType.FOREIGN,
} | {one.value.replace("_", " "): one for one in LibraryType}
LEVELS = {
    "trung uong": Level.CENTRAL,
    "tinh": Level.PROVINCE,
    "thanh pho": Level.PROVINCE,
    "huyen": Level.DISTRICT,
    "quan": Level.DISTRICT,
    "xa": Level.COMMUNE,
    "phuong": Level.COMMUNE,
    "don vi": Level.UNIT,
    "co so": Level.UNIT,
    "truong": Level.UNIT,
} | {one.value: one for one in Level}


@dataclass(frozen=True, slots=True)
class Checked:
    """A sheet and what registering it would make."""

    name: str
    headings: tuple[str, ...]
    """Headings that were not understood."""
    lines: tuple[Line, ...]
    libraries: tuple[LibraryIn, ...] = ()
    sources: tuple[SourceIn, ...] = ()
    branches: tuple[tuple[str, str, str], ...] = ()
    """(source, value, library) of branches in sources that are registered already."""
    number: int | None = None
    """Number under which the sheet is kept until somebody registers it."""
    applied: bool = False

    @property
    def faulty(self) -> tuple[Line, ...]:
        """The lines with something wrong."""
        return tuple(line for line in self.lines if line.faults)


@dataclass(frozen=True, slots=True)
class Known:
    """What is registered already."""

    libraries: Sequence[Library]
    sources: Sequence[Source]
    provinces: Sequence[Province]
    groups: frozenset[str]
    audiences: frozenset[str]


class Checker:
    """Goes through the lines of one sheet; `listed` are codes that a line may take over from the list."""

    def __init__(self, known: Known, lines: Sequence[Line], listed: frozenset[str] = frozenset()) -> None:
        self._known = known
        self._listed = listed
        self._taken = {one.code for one in known.libraries}
        self._names = {key_exact(one.name_vi): one.code for one in known.libraries}
        self._places = places(known.provinces)
        self._codes = self._give_codes(lines)
        self._often = Counter(self._codes.values())
        for line in lines:
            if line.number in self._codes:
                self._names.setdefault(key_exact(line.cells.get("name_vi", "")), self._codes[line.number])
        self._all = self._taken | set(self._codes.values())
        self._libraries: list[LibraryIn] = []
        self._sources: dict[str, SourceIn] = {}
        self._branches: list[tuple[str, str, str]] = []
        self._lines = lines

    def check(self, name: str, headings: tuple[str, ...]) -> Checked:
        """Check every line, superiors before their branches."""
        faults: dict[int, list[Fault]] = {line.number: self._line(line) for line in self._lines}
        for line in self._lines:
            if line.cells.get("branch") and not faults[line.number]:
                faults[line.number] += self._branch(line)
        return Checked(
            name,
            headings,
            tuple(replace(line, faults=tuple(faults[line.number])) for line in self._lines),
            tuple(self._libraries),
            tuple(self._sources.values()),
            tuple(self._branches),
        )

    def _give_codes(self, lines: Sequence[Line]) -> dict[int, str]:
        """Give each line its code: the one that it names, else one made of its name."""
        named = {line.number: line.cells["code"] for line in lines if line.cells.get("code")}
        taken = self._taken | set(named.values()) | {one.code for one in self._known.sources}
        codes = dict(named)
        for line in lines:
            if line.number not in codes and line.cells.get("name_vi"):
                codes[line.number] = free_code(line.cells["name_vi"], taken)
                taken.add(codes[line.number])
        return codes

    def _line(self, line: Line) -> list[Fault]:
        cells, faults = line.cells, list[Fault]()
        if not cells.get("name_vi"):
            return [Fault("name_vi", "name-missing")]
        code = self._codes[line.number]
        if code in self._taken and code not in self._listed:
            faults.append(Fault("code", "code-taken", code))
        if self._often[code] > 1:
            faults.append(Fault("code", "code-twice", code))
        kind = TYPES.get(key_fold(cells.get("type", "")).removeprefix("thu vien ").strip())
        if kind is None:
            faults.append(Fault("type", "type-unknown", cells.get("type", "")))
        level = (
            LEVELS.get(key_fold(cells.get("level", "")).removeprefix("cap ")) if "level" in cells else None
        )
        if "level" in cells and level is None:
            faults.append(Fault("level", "level-unknown", cells["level"]))
        province = self._places.get(place_key(cells["province"])) if "province" in cells else None
        if "province" in cells and province is None:
            faults.append(Fault("province", "province-unknown", cells["province"]))
        parent = self._parent(cells.get("parent", ""))
        if cells.get("parent") and (parent is None or parent == code):
            faults.append(Fault("parent", "parent-unknown", cells["parent"]))
        groups = [part.strip() for part in cells.get("group", "").split(",") if part.strip()]
        faults += [Fault("group", "group-unknown", one) for one in groups if one not in self._known.groups]
        audience = cells.get("audience") or "public"
        if audience not in self._known.audiences:
            faults.append(Fault("audience", "audience-unknown", audience))
        place = self._endpoint(cells, faults)
        if faults or kind is None:
            return faults
        try:
            self._libraries.append(
                LibraryIn(
                    code=code,
                    name_vi=cells["name_vi"],
                    name_en=cells.get("name_en") or cells["name_vi"],
                    type=kind,
                    level=level or Level.UNIT,
                    province=province,
                    parents=[ParentIn(code=parent)] if parent else [],
                    groups=groups,
                    contact=ContactIn(
                        **{name: cells.get(name) for name in ("email", "phone", "address", "website")}
                    ),
                    audience=audience,
                )
            )
            if place is not None:
                software, candidate = place
                self._sources[code] = SourceIn(
                    code=code,
                    library=code,
                    protocol=candidate.protocol,
                    address=candidate.address,
                    format="auto",
                    profile=software.profile,
                    audience=audience,
                )
        except ValidationError as error:
            wrong = str(error.errors()[0]["loc"][0]) if error.errors()[0]["loc"] else "code"
            malformed = "code-malformed" if wrong == "code" else "line-unsound"
            return [Fault(wrong, malformed, error.errors()[0]["msg"])]
        return []

    def _parent(self, text: str) -> str | None:
        if not text:
            return None
        return text if text in self._all else self._names.get(key_exact(text))

    def _endpoint(self, cells: dict[str, str], faults: list[Fault]) -> tuple[Software, Candidate] | None:
        named = software_of(cells.get("software", ""))
        if named is None:
            faults.append(Fault("software", "software-unknown", cells["software"]))
            return None
        if not cells.get("endpoint"):
            return None
        try:
            return named, candidates(named, cells["endpoint"])[0]
        except (AddressError, IndexError):
            faults.append(Fault("endpoint", "endpoint-malformed", cells["endpoint"]))
            return None

    def _branch(self, line: Line) -> list[Fault]:
        """Put a line into its superior's source: one of this sheet, or one that is registered."""
        parent, value = self._parent(line.cells.get("parent", "")), line.cells["branch"]
        code, option = self._codes[line.number], f"branch:{value}"
        mine = self._sources.get(parent or "")
        theirs = [one for one in self._known.sources if one.library == parent]
        if parent is None or (mine is None and len(theirs) != 1):
            return [Fault("branch", "branch-without-source", value)]
        if mine is not None:
            if option in mine.options:
                return [Fault("branch", "branch-taken", value)]
            self._sources[mine.code] = mine.model_copy(update={"options": mine.options | {option: code}})
            return []
        if option in dict(theirs[0].options) or (theirs[0].code, value) in {
            one[:2] for one in self._branches
        }:
            return [Fault("branch", "branch-taken", value)]
        self._branches.append((theirs[0].code, value, code))
        return []


def place_key(name: str) -> str:
    """Give the folded name of a province, without "province of" and "city of"."""
    folded = key_fold(name)
    for word in ("tinh ", "thanh pho ", "tp "):
        folded = folded.removeprefix(word)
    return folded


def places(provinces: Sequence[Province]) -> dict[str, str]:
    """Give the key of each province by its name or key: today's where a former one had the same name."""
    found: dict[str, str] = {}
    for one in sorted(provinces, key=lambda one: one.valid_to is None):
        found |= {
            place_key(one.name_vi): one.key,
            place_key(one.name_en): one.key,
            place_key(one.key): one.key,
        }
    return found


def software_of(text: str) -> Software | None:
    """Give the software of a name or code; the one for all others where nothing is said."""
    if not text.strip():
        return BY_CODE["other"]
    first = key_fold(text).partition(" ")[0]
    return next(
        (one for one in BY_CODE.values() if first in (one.code, *key_fold(one.name).split(" "))), None
    )
