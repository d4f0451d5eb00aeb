"""What an entry of the log says, in the words of a page: actions, details and their values.

A code that has no words stands for itself, so that nothing that was logged is kept from an auditor.
"""

from collections.abc import Sequence
from datetime import datetime

from unioncat.domain.audit import PSEUDONYM, Entry
from unioncat.text import sort_key
from unioncat_api.pages.messages import Words, load

VALUES = {
    "role": ("role",),
    "verdict": ("logged_verdict",),
    "licence": ("licence",),
    "state": ("requester_state", "supplier_state"),
    "side": ("avoids",),
    "by": ("logged_by",),
    "audience": ("logged_circle",),
    "from": ("logged_circle",),
    "to": ("logged_circle",),
    "library": ("logged_place",),
    "given": ("logged_truth",),
    "active": ("logged_truth",),
    "open": ("logged_truth",),
}
"""Groups of messages in which the value of a detail is looked for."""
COUNT = "count "
MOMENTS = ("since", "until")


def in_words(action: str, words: Words) -> str:
    """Say an action in words: its own, else those of what it begins with (`asked`, `lending`)."""
    own = f"action.{action}"
    return words.t(own) if words.has(own) else words.value("action", action.partition(".")[0])


def details(one: Entry, words: Words) -> Sequence[tuple[str, str]]:
    """Give what else an entry says, name and value in words. Options of a command stay as they were typed."""
    if one.action.startswith("asked."):
        return list(one.detail.items())
    return [(_name(name, words), _value(name, value, words)) for name, value in one.detail.items()]


def _name(name: str, words: Words) -> str:
    if name.startswith(COUNT):
        return in_words(name.removeprefix(COUNT), words)
    return words.value("logged", name)


def _value(name: str, value: str, words: Words) -> str:
    if name == "scopes":
        return ", ".join(words.value("right", one) for one in value.split())
    if name in MOMENTS:
        try:
            return words.moment(datetime.fromisoformat(value))
        except ValueError:
            return value
    key = next((f"{group}.{value}" for group in VALUES.get(name, ()) if words.has(f"{group}.{value}")), None)
    return words.t(key) if key else value


def who(text: str, words: Words) -> str:
    """Name who did something, or to whom; somebody who was deleted is called so, with the pseudonym."""
    return PSEUDONYM.sub(lambda found: f"{words.t('audit.gone')} ({found[0]})", text)


def choices(words: Words, chosen: str) -> Sequence[tuple[str, str]]:
    """Give the actions that can be asked for, in the order of their words; `chosen` is among them."""
    codes = {key.removeprefix("action.") for key in load(words.language) if key.startswith("action.")}
    codes |= {chosen} if chosen else set()
    return sorted(((code, in_words(code, words)) for code in codes), key=lambda one: sort_key(one[1]))
