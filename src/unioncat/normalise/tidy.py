"""Take off what cataloguing rules put around a value: ISBD marks, brackets, fillers for "not known".

Only marks at the ends go. The words of the source stay as they are.
"""

from functools import lru_cache

from unioncat.text import key_fold

_ISBD = " /:;=,"
_ABBREVIATION_WORDS = (
    "al bd bros co corp dept dr ed eds esq etc fr gs inc jr ltd mr mrs ms no nos nxb pp prof pt sr st tp "
    "tr ts univ vol vols"
)
_ABBREVIATIONS = frozenset(_ABBREVIATION_WORDS.split())
# Folded, so that "k.đ." is "k d" and "Chưa xác định" is "chua xac dinh".
_UNKNOWN = frozenset(
    {
        "",
        "s l",
        "s n",
        "s a",
        "n p",
        "n d",
        "k d",
        "k n",
        "k nxb",
        "knxb",
        "k co",
        "khong co",
        "khong ro",
        "khong xac dinh",
        "khong co ten nha xuat ban",
        "khong co nha xuat ban",
        "khong noi xuat ban",
        "khong nha xuat ban",
        "chua xac dinh",
        "chua ro",
        "chua biet",
        "dang cap nhat",
        "unknown",
        "not identified",
        "place of publication not identified",
        "publisher not identified",
        "date of publication not identified",
        "place not identified",
        "lieu de publication non identifie",
        "editeur non identifie",
        "null",
        "none",
        "n a",
        "na",
    }
)


def trim(text: str) -> str:
    """Take ISBD marks off the end."""
    return text.rstrip(_ISBD)


def trim_stop(text: str) -> str:
    """Take ISBD marks and the full stop off the end, unless the stop belongs to an abbreviation or dots."""
    text = text.rstrip(_ISBD)
    if text[-1:] == "." and text[-2:] != "..":
        last = text[:-1].rpartition(" ")[2]
        initial = len(last) == 1 and last.isalpha()
        if last[-1:] == ")" or not (initial or "." in last or last.casefold().strip("([") in _ABBREVIATIONS):
            return text[:-1].rstrip(_ISBD)
    return text


def unbracket(text: str) -> str:
    """Take off square brackets around the whole, and one that has lost its partner."""
    if "[" in text or "]" in text:
        if text[:1] == "[" and text[-1:] == "]" and text.count("[") == 1:
            return text[1:-1].strip()
        if text[:1] == "[" and "]" not in text:
            return text[1:].strip()
        if text[-1:] == "]" and "[" not in text:
            return text[:-1].strip()
    return text


@lru_cache(maxsize=1 << 14)
def is_unknown(text: str) -> bool:
    """Tell whether a value only says that nothing is known ("[S.l.]", "k.đ.", "Chưa xác định")."""
    return key_fold(text) in _UNKNOWN
