"""When two requests ask for the same thing: a key that is alike for both; pure."""

import hashlib

from unioncat.domain.lending import Service, Wanted
from unioncat.text.keys import key_exact


def same_key(wanted: Wanted, service: Service) -> str:
    """Give the key of what is wanted: the union record or a standard number, else title and author folded.

    A volume, an issue or an article is another thing than the whole, a copy another than a loan.
    """
    if wanted.union_id:
        thing = f"u:{wanted.union_id}"
    elif wanted.isbn or wanted.issn:
        thing = f"n:{_digits(wanted.isbn or wanted.issn or '')}"
    else:
        thing = f"t:{key_exact(wanted.title)}|{key_exact(wanted.author or '')}"
    part = (
        wanted.volume,
        wanted.issue,
        wanted.year if wanted.issue else "",
        wanted.component_title,
        wanted.pages,
    )
    whole = "|".join(
        [thing, *(key_exact(one or "") for one in part), "copy" if service is Service.COPY else "loan"]
    )
    return hashlib.blake2b(whole.encode(), digest_size=12).hexdigest()


def _digits(number: str) -> str:
    return "".join(sign for sign in number.upper() if sign.isdigit() or sign == "X")
