"""Why each library stands where it stands in a request's list, and why others were left out, in words.

The words say what the list was made from, key by key: nothing is computed anew for a page.
"""

from dataclasses import dataclass

from unioncat.flow.locate import CHOSEN, Located
from unioncat.lending.rota import Dropped, Entry, decided_by
from unioncat_api.pages.messages import Words


@dataclass(frozen=True, slots=True)
class Place:
    """A library's place in a list: its keys in words by name, and what sets it before the next."""

    number: int
    library: str
    keys: tuple[tuple[str, str], ...]
    tried: bool
    decides: str | None


def places(located: Located, words: Words) -> list[Place]:
    """Put a list into words."""
    entries = located.rota.entries
    return [
        Place(
            number,
            one.library,
            keys_in_words(one, words),
            one.library in located.tried,
            None if located.by_hand or number == len(entries) else decided_by(one, entries[number]),
        )
        for number, one in enumerate(entries, 1)
    ]


def keys_in_words(one: Entry, words: Words) -> tuple[tuple[str, str], ...]:
    """Say what a place follows from: pairs of a key's name and its value in words."""
    t, keys = words.t, one.keys
    if keys == CHOSEN:
        return (("own", t("rota.chosen")),)
    said: list[tuple[str, str]] = []
    if keys.own == 0:
        said.append(("own", t("rota.own")))
    elif keys.last:
        said.append(("last", t("rota.last")))
    if keys.own:
        said.append(("group", t(f"rota.group_{keys.group}")))
    said.append(("availability", t(f"rota.availability_{keys.availability}")))
    said.append(("cost", t("rota.cost", n=keys.cost) if keys.cost else t("rota.free")))
    said.append(("distance", t(f"rota.distance_{keys.distance}")))
    load = t("rota.load", n=words.decimal(one.score))
    said.append(("load", f"{load}, {t('rota.nearly_full')}" if one.nearly_full else load))
    reply = one.reply_hours
    said.append(
        ("reply", t("rota.reply_unknown") if reply is None else t("rota.reply", n=words.decimal(reply)))
    )
    said.append(("copies", t("rota.copies", n=one.copies)))
    return tuple(said)


def reason_in_words(one: Dropped, words: Words) -> str:
    """Say why a library is not asked."""
    detail = one.detail.partition(":")
    key = f"rota_reason.{one.reason}"
    if one.detail.isdigit():
        key = f"{key}_cost" if one.reason == "no_agreement" else key
        return words.t(key, n=int(one.detail))
    if detail[2].isdigit():
        return words.t(f"{key}_{detail[0]}", n=int(detail[2]))
    return words.t(f"{key}_{one.detail}") if words.has(f"{key}_{one.detail}") else words.t(key)
