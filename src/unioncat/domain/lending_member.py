"""How a library takes part in lending: by which way it is reached, and what it asks of its own desk."""

from dataclasses import dataclass
from enum import StrEnum


class Way(StrEnum):
    """How a library is reached."""

    DESK = "desk"
    """Its staff use our pages. While nobody there has an account, it gets letters, if it has an address."""
    LETTER = "letter"
    """E-mails with one-time links; nobody needs an account."""
    ISO18626 = "iso18626"
    """Its own system, by messages: whoever has an agency among the partners of ISO 18626."""

    @property
    def ours(self) -> bool:
        """Whether its side of a request is kept here."""
        return self is not Way.ISO18626


@dataclass(frozen=True, slots=True)
class LendingMember:
    """A library's part in lending; one without a row has these defaults."""

    library: str
    way: Way = Way.DESK
    email: str = ""
    """Of its lending desk; none is the library's own."""
    two_approvals: bool = False
    """Whether two different people must approve what its readers ask for (libraries of the armed forces)."""
    answer_days: int = 3
    """Working days in which it means to answer."""
    keep_reader_days: int | None = None
    """Days after its end in which a request still names its reader; none is the federation's setting."""
    tells_reader: bool = False
    """Whether the supplier is told the reader's name, because it must know it."""


@dataclass(frozen=True, slots=True)
class Party:
    """One side of a supply: a member library, an agency outside, or both."""

    symbol: str
    """Kind and value of the agency's identifier, in lower case: `isil:vn-nlv`."""
    name: str
    way: Way
    library: str | None = None
    library_id: int | None = None
    email: str = ""
    partner: int | None = None
    """Number of the partner system, where there is one."""
    version: str = "2021-2"
    staffed: bool = True
    """Whether somebody who works at its desk has an account here."""

    @property
    def silent(self) -> bool:
        """Whether nobody there can answer: no system, no account, no address."""
        return self.way.ours and not self.staffed and not self.email
