"""A profile out of its TOML text, strictly: an unknown key, a wrong type or name is an error with its remedy.

What a profile says of the gate is only ever added to what its base says, never taken back.
"""

import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import fields, replace
from functools import lru_cache
from typing import Any, NoReturn

from unioncat.domain.column import Column
from unioncat.domain.source import Assertions, DropRule, HoldingMap, Profile
from unioncat.text.encodings import ENCODINGS

FORMATS = ("auto", "marc21", "unimarc", "local")
FORMS = ("marc", "elements", "table")
FIXES: Mapping[str, str] = {
    "shelf-mark-082": "the shelf mark of all copies stands in 082 $a $b",
    "shelf-mark-090": "the shelf mark of all copies stands in 090 $a $b",
    "shelf-mark-099": "the shelf mark of all copies stands in 099 $a",
    "subject-codes": "subjects of Dublin Core begin with a class number (QA75 Electronic computers)",
}
"""Names of fixes, and what each of them knows."""

KEYS = "name about base format encoding fixes unread strip holdings branches columns fields drop assertions"
"""Keys of a profile."""

_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")
_TAG = re.compile(r"[0-9A-Za-z]{3}")
_LOCAL = re.compile(r"([0-9A-Za-z]{1,3})(?:\^(\w))?")
_MARC = re.compile(r"([0-9]{3})(?:\$([0-9a-z]))?")


class ProfileError(ValueError):
    """A profile that cannot be used: what is wrong at which key, and what to do."""

    def __init__(self, name: str, message: str, remedy: str) -> None:
        super().__init__(f"profile {name}: {message}. {remedy}")
        self.message = f"profile {name}: {message}"
        self.remedy = remedy


@lru_cache(maxsize=256)
def read_profile(text: str, name: str, base_of: Callable[[str], Profile | None]) -> Profile:
    """Read a profile; `base_of` gives the profile that the key `base` names. Raises `ProfileError`."""
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as fault:
        raise ProfileError(name, f"this is not TOML: {fault}", "Correct the file at that place.") from None
    return _Reading(table, name).profile(base_of)


def profile_name(text: str) -> str:
    """Return the name that a text gives itself. Raises `ProfileError`."""
    try:
        name = tomllib.loads(text).get("name")
    except tomllib.TOMLDecodeError as fault:
        raise ProfileError("", f"this is not TOML: {fault}", "Correct the file at that place.") from None
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise ProfileError("", "name: is missing or no name", 'Begin the file with `name = "our-koha"`.')
    return name


class _Reading:
    def __init__(self, table: dict[str, Any], name: str) -> None:
        self._table = table
        self._name = name

    def profile(self, base_of: Callable[[str], Profile | None]) -> Profile:
        self._known(self._table, KEYS, "")
        own = self._text(self._table, "name", "", self._name)
        if own != self._name or not _NAME.fullmatch(own):
            self._fail("name", f"is {own!r}", f"Write `name = {self._name!r}`, in small letters and hyphens.")
        base = Profile(name=self._name)
        if "base" in self._table:
            wanted = self._text(self._table, "base", "", "")
            found = base_of(wanted)
            if found is None:
                self._fail("base", f"there is no profile {wanted!r}", "Name a shipped profile.")
            base = replace(found, name=self._name, about="")
        drop = tuple([self._drop(rule, f"drop[{at}]") for at, rule in self._tables("drop")])
        holdings = tuple([self._holding(one, f"holdings[{at}]") for at, one in self._tables("holdings")])
        return replace(
            base,
            about=self._text(self._table, "about", "", base.about),
            format=self._one_of("format", FORMATS, base.format),
            encoding=self._one_of("encoding", ("auto", *ENCODINGS), base.encoding),
            fixes=_joined(base.fixes, self._fixes()),
            drop_tags=_joined(base.drop_tags, self._tags("unread", parts=False)),
            strip_tags=_joined(base.strip_tags, self._tags("strip", parts=True)),
            holdings=holdings or base.holdings,
            branches=_merged(base.branches, self._pairs("branches")),
            columns=_merged(base.columns, self._columns()),
            local_fields=_merged(base.local_fields, self._local_fields()),
            drop=_joined(base.drop, drop),
            assertions=self._assertions(base.assertions),
        )

    def _fail(self, key: str, wrong: str, remedy: str) -> NoReturn:
        raise ProfileError(self._name, f"{key}: {wrong}", remedy)

    def _known(self, table: dict[str, Any], keys: str, at: str) -> None:
        for key in table:
            if key not in keys.split():
                self._fail(at + key, "there is no such key", f"The keys here are: {', '.join(keys.split())}.")

    def _text(self, table: dict[str, Any], key: str, at: str, default: str) -> str:
        value = table.get(key, default)
        if not isinstance(value, str):
            self._fail(at + key, f"is {value!r}, no text", "Put it in quotation marks.")
        return str(value)

    def _texts(self, table: dict[str, Any], key: str, at: str) -> tuple[str, ...]:
        value = table.get(key, [])
        if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
            self._fail(at + key, f"is {value!r}, no list of texts", 'Write it as ["…", "…"].')
        return tuple(value)

    def _one_of(self, key: str, choice: tuple[str, ...], default: str) -> str:
        value = self._text(self._table, key, "", default)
        if value not in choice:
            self._fail(key, f"is {value!r}", f"Choose one of: {', '.join(choice)}.")
        return value

    def _tables(self, key: str) -> list[tuple[int, dict[str, Any]]]:
        value = self._table.get(key, [])
        if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
            self._fail(key, "is no list of tables", f"Begin each of them with [[{key}]].")
        return list(enumerate(value, 1))

    def _pairs(self, key: str) -> tuple[tuple[str, str], ...]:
        value = self._table.get(key, {})
        if not isinstance(value, dict) or not all(isinstance(one, str) for one in value.values()):
            self._fail(key, "is no table of texts", f'Write under [{key}] lines of the form "…" = "…".')
        return tuple(value.items())

    def _fixes(self) -> tuple[str, ...]:
        found = self._texts(self._table, "fixes", "")
        for name in found:
            if name not in FIXES:
                self._fail("fixes", f"there is no fix {name!r}", f"Choose from: {', '.join(FIXES)}.")
        return found

    def _tags(self, key: str, *, parts: bool) -> tuple[str, ...]:
        found = self._texts(self._table, key, "")
        for name in found:
            tag, mark, codes = name.partition("$")
            wrong = not name.strip() or (mark and not (_TAG.fullmatch(tag) and codes))
            if wrong or (not parts and not _TAG.fullmatch(name)):
                example = '"911" or "952$x"' if parts else '"911"'
                self._fail(key, f"{name!r} is no field", f"Write tags such as {example}.")
        return found

    def _holding(self, table: dict[str, Any], at: str) -> HoldingMap:
        names = [field.name for field in fields(HoldingMap)]
        self._known(table, " ".join(names), at + ".")
        values = {key: self._text(table, key, at + ".", "") for key in table}
        if not _TAG.fullmatch(values.get("tag", "")):
            self._fail(at + ".tag", "is missing or no MARC tag", 'Write a tag such as "852".')
        return HoldingMap(**values)

    def _columns(self) -> tuple[tuple[str, str], ...]:
        pairs = self._pairs("columns")
        for heading, name in pairs:
            if name not in tuple(Column):
                self._fail(
                    f"columns.{heading}", f"there is no field {name!r}", f"Choose from: {', '.join(Column)}."
                )
        return pairs

    def _local_fields(self) -> tuple[tuple[str, str], ...]:
        pairs = self._pairs("fields")
        for local, marc in pairs:
            if not _LOCAL.fullmatch(local):
                self._fail(f"fields.{local}", "is no local field", 'Write a tag, or tag and code: "24^a".')
            if not _MARC.fullmatch(marc):
                self._fail(f"fields.{local}", f"{marc!r} is no MARC 21 field", 'Write one such as "245$a".')
        return pairs

    def _drop(self, table: dict[str, Any], at: str) -> DropRule:
        at += "."
        self._known(table, "field code equals unless pattern sets types levels forms", at)
        rule = DropRule(
            field=self._text(table, "field", at, "") or None,
            code=self._text(table, "code", at, "") or None,
            equals=self._texts(table, "equals", at),
            unless=self._texts(table, "unless", at),
            pattern=self._text(table, "pattern", at, "") or None,
            sets=self._texts(table, "sets", at),
            types=self._text(table, "types", at, ""),
            levels=self._text(table, "levels", at, ""),
            forms=self._texts(table, "forms", at),
        )
        if rule == replace(DropRule(), forms=rule.forms):
            self._fail(
                at[:-1], "has no condition", "It would drop every record: name a field, set or pattern."
            )
        if rule.field is None and (rule.code or rule.equals or rule.unless):
            self._fail(at + "field", "is missing", "Say which field holds the values, or use pattern alone.")
        for form in rule.forms:
            if form not in FORMS:
                self._fail(at + "forms", f"there is no form {form!r}", f"Choose from: {', '.join(FORMS)}.")
        try:
            re.compile(rule.pattern or "")
        except re.error as fault:
            self._fail(at + "pattern", f"is no regular expression: {fault}", "Correct it at that place.")
        return rule

    def _assertions(self, base: Assertions) -> Assertions:
        table = self._table.get("assertions", {})
        if not isinstance(table, dict):
            self._fail("assertions", "is no table", "Write it under [assertions].")
        self._known(table, " ".join(field.name for field in fields(Assertions)), "assertions.")
        for key, value in table.items():
            wanted: tuple[type, ...] = {"max_fall": (int, float), "trust_list_size": (bool,)}.get(key, (int,))
            good = isinstance(value, wanted) and (bool in wanted or not isinstance(value, bool))
            if not good or value < 0 or (key == "max_fall" and value > 1):
                wish = "true or false" if bool in wanted else "a share" if float in wanted else "a number"
                self._fail(f"assertions.{key}", f"is {value!r}", f"Write {wish} of 0 or more.")
        return replace(base, **table)


def _joined(first: tuple[Any, ...], more: tuple[Any, ...]) -> tuple[Any, ...]:
    return tuple(dict.fromkeys((*first, *more)))


def _merged(
    first: tuple[tuple[str, str], ...], more: tuple[tuple[str, str], ...]
) -> tuple[tuple[str, str], ...]:
    return tuple({**dict(first), **dict(more)}.items())
