"""What comes of each misbehaviour. `BEHAVIOURS` is the table of docs/z3950.md: a test holds them equal."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from tests.harvester.z3950 import misbehaving as m
from tests.harvester.z3950.rig import COUNT, Target


@dataclass(frozen=True)
class Behaviour:
    """What a target does, what comes of it, and how a test sees that."""

    target: Callable[[], Target]
    does: str
    outcome: str
    records: int = COUNT
    aside: str | None = None
    """Code of the one piece that is put aside."""
    error: str | None = None
    """Part of the error's message."""
    format: str = "iso2709"
    options: Mapping[str, str] = field(default_factory=dict)
    timeout: float = 3.0


ALL = "all records"
BEHAVIOURS = (
    Behaviour(Target, "nothing wrong", ALL),
    Behaviour(m.Indefinite, "writes every element with indefinite length", ALL),
    Behaviour(m.LongLengths, "writes lengths with needless zeros", ALL),
    Behaviour(m.Dribbles, "sends its answers in small pieces", ALL),
    Behaviour(m.Fewer, "gives fewer records than asked for", ALL),
    Behaviour(m.Segments, "divides an answer into segments", ALL),
    Behaviour(m.Drops, "drops the connection in the middle of the list", f"{ALL}, over new sessions"),
    Behaviour(m.ClosesMidway, "closes the session in the middle of the list", f"{ALL}, over new sessions"),
    Behaviour(
        m.NoNegotiation, "hangs up when UTF-8 is proposed", f"{ALL}; the second session proposes nothing"
    ),
    Behaviour(
        m.Shrinks,
        "loses ten records while it is read",
        "the records that are left; the place is stepped back",
    ),
    Behaviour(m.XmlForMarc, "sends XML when asked for MARC", f"{ALL}, kept as XML", format="marcxml"),
    Behaviour(m.MarcInText, "sends MARC inside a text (SUTRS)", f"{ALL}, kept as MARC"),
    Behaviour(
        m.OneRefused,
        "sends a diagnostic in the place of a record",
        "that record is put aside",
        COUNT - 1,
        "record-refused",
    ),
    Behaviour(
        m.Poison,
        "refuses every request that touches one record",
        "that record is put aside; found by halving",
        COUNT - 1,
        "record-refused",
    ),
    Behaviour(
        m.SilentPoison,
        "answers nothing to every request that touches one record",
        "that record is put aside; found by halving",
        COUNT - 1,
        "record-refused",
    ),
    Behaviour(
        m.NoNumber,
        "sends a record without a number",
        "that record is put aside",
        COUNT - 1,
        "identifier-missing",
    ),
    Behaviour(
        m.StrangeSyntax, "sends a record as GRS-1", "that record is put aside", COUNT - 1, "syntax-unknown"
    ),
    Behaviour(
        m.Capped,
        "shows 50 records of a search (diagnostic 13)",
        f"{ALL}, in slices by an index that is found out",
    ),
    Behaviour(
        m.SilentlyCapped,
        "shows 50 records of a search and says nothing",
        f"{ALL}, in slices by an index that is found out",
    ),
    Behaviour(
        m.CountsCapped,
        "shows and counts 50 records of a search, and the options say so",
        f"{ALL}, in slices",
        options={"cap": "50", "counts": "capped", "slices": "numbers 12"},
    ),
    Behaviour(
        m.CappedWithoutIndex,
        "shows 50 records and has no index to cut by",
        "error: set the option slices",
        50,
        error="shows only 50 of 120",
    ),
    Behaviour(
        m.HitsTooHigh, "counts more records than it has", "error", COUNT, error="but its parts have 120"
    ),
    Behaviour(
        m.GivesNothing,
        "counts records but gives none",
        "error with its diagnostic",
        0,
        error="diagnostic 238",
    ),
    Behaviour(
        m.Repeats, "gives the first records again and again", "error", 20, error="same 20 records again"
    ),
    Behaviour(m.NegativeHits, "counts less than nothing", "error", 0, error="a result of -121 records"),
    Behaviour(m.AbsurdHits, "counts 2⁶⁰ records", "error", 0, error="a result of 1152921504606846976"),
    Behaviour(
        m.MoreThanAsked,
        "sends more records than asked for",
        "error",
        0,
        error="120 records where 20 were asked",
    ),
    Behaviour(
        m.NoDatabase,
        "does not know the database (diagnostic 235)",
        "error: correct the address",
        0,
        error="none of the usual queries",
    ),
    Behaviour(
        m.RefusesInit, "does not let us in", "error: ask for credentials", 0, error="does not let us in"
    ),
    Behaviour(
        m.ClosesAtOnce, "closes the session at once", "error with its reason", 0, error="unknown network"
    ),
    Behaviour(m.WebServer, "is a web server", "error: ask for the right port", 0, error="no Z39.50 target"),
    Behaviour(
        m.SaysNothing,
        "takes the connection and says nothing",
        "error after the time-out",
        0,
        error="no answer within",
        timeout=0.25,
    ),
    Behaviour(
        m.HangsAfterInit,
        "hangs after Init",
        "error after the time-out",
        0,
        error="no answer within",
        timeout=0.25,
    ),
    Behaviour(
        m.Trickles,
        "sends a byte at a time",
        "error after ten time-outs",
        0,
        error="answer within",
        timeout=0.15,
    ),
    Behaviour(
        m.HalfAnAnswer,
        "breaks off in the middle of an answer",
        "error",
        0,
        error="in the middle of an answer",
    ),
    Behaviour(
        m.InnerLengthLies,
        "gives an element a length beyond its surroundings",
        "error",
        0,
        error="no proper Z39.50 message",
    ),
    Behaviour(
        m.OuterLengthLies,
        "announces more than it sends",
        "error after the time-out",
        0,
        error="no answer within",
        timeout=0.25,
    ),
    Behaviour(
        m.AbsurdSize,
        "announces 3 GB",
        "error at once; nothing is kept for it",
        0,
        error="announces a message of 3,221,225,4",
    ),
    Behaviour(
        m.NeverEnds,
        "never ends an element of indefinite length",
        "error at the limit of a message",
        0,
        error="announces a message of more than",
    ),
    Behaviour(m.EndlessSegments, "sends segments without end", "error", 0, error="segment after segment"),
    Behaviour(m.TooDeep, "nests elements a thousand deep", "error", 0, error="proper Z39.50 message"),
    Behaviour(
        m.TooManyElements,
        "sends a quarter of a million elements in one record",
        "error",
        0,
        error="elements in one message",
    ),
    Behaviour(
        m.Fragments,
        "splits records into fragments without being asked",
        "error",
        0,
        error="a fragment of a record",
    ),
    Behaviour(
        m.AnswersAnother, "answers something else than was asked", "error", 0, error="answered Scan to Search"
    ),
    Behaviour(m.AsksForControl, "demands access control in the middle", "error", 0, error="access control"),
    Behaviour(m.Garbage, "sends garbage", "error", 0, error="proper Z39.50 message"),
)


def table() -> list[str]:
    """The rows of the table in the docs."""
    return [f"| {one.does} | {one.outcome} |" for one in BEHAVIOURS]
