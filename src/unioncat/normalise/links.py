"""Addresses fit to be shown as links.

Whatever is not http, https or ftp is refused: an address comes from outside and ends in a reader's browser.
"""

import re
from functools import lru_cache

_SCHEME = re.compile(r"(?:https?|ftp)://[^\s/]", re.IGNORECASE)
_UNSAFE = str.maketrans({" ": "%20", '"': "%22", "<": "%3C", ">": "%3E", "`": "%60", "\\": "%5C"})


@lru_cache(maxsize=1 << 12)
def address(written: str) -> str | None:
    """Return the address in a form safe for a link, or None where it is none."""
    text = written.strip()
    if _SCHEME.match(text):
        return text.translate(_UNSAFE)
    lower = text.lower()
    if lower.startswith("www.") and "." in text[4:]:
        return f"http://{text}".translate(_UNSAFE)
    if lower.startswith("doi:") and text[4:].strip().startswith("10."):
        return f"https://doi.org/{text[4:].strip()}".translate(_UNSAFE)
    if lower.startswith("hdl:"):
        return f"https://hdl.handle.net/{text[4:].strip()}".translate(_UNSAFE)
    return None
