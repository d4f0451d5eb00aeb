"""What a comparison can find: every grade, where its weight starts from, and how far data may move it.

The starts are a librarian's scale; the limits keep what no labelled set shows: that title and year alone
never join, that nothing in common speaks against, that a hard difference is never made light of.
"""

from typing import Final, NamedTuple


class Grade(NamedTuple):
    """Start of a weight and its limits, in points (five to the natural unit of log-odds)."""

    start: float
    least: float
    most: float


def _ladder(*rungs: tuple[str, float, float, float]) -> tuple[tuple[str, Grade], ...]:
    return tuple((name, Grade(start, least, most)) for name, start, least, most in rungs)


LADDERS: Final = (
    # titles that agree, from the closest down
    _ladder(("title.equal", 29, 28.5, 29), ("title.near", 21, 5, 26), ("title.like", 10, 0, 15)),
    _ladder(("title.rest-one-side", 26, 10, 27)),
    _ladder(
        ("title.rest-near", 5, 2, 10), ("title.rest-differs", -4, -20, -1), ("title.rest-other", -15, -40, -8)
    ),
    _ladder(("title.part-of-set", 24, 15, 27)),
    _ladder(("title.part-alone", 15, 5, 20)),
    _ladder(("title.rest-alike", 26, 10, 27)),
    _ladder(("title.divided", 24, 10, 27)),
    _ladder(("title.begins", 20, 5, 21.5), ("title.goes-on", 5, 0, 10)),
    _ladder(("title.alternative", 15, 5, 20)),
    _ladder(("title.contained", 10, 0, 15)),
    _ladder(("title.word-missing", -10, -25, -5)),
    _ladder(("title.few-words-differ", -6, -15, -5.5)),
    # titles that do not
    _ladder(
        ("title.words-differ", -15, -40, -12), ("title.weak", -15, -50, -10), ("title.differs", -60, -80, -30)
    ),
    _ladder(("title.number-in-rest", -3, -15, 0), ("title.number-one-side", -10, -30, -8)),
    _ladder(("title.number-differs", -40, -60, -25)),
    _ladder(("title.brief", -4, -10, -3.5), ("title.short", -8, -14, -5), ("title.tiny", -14, -25, -12)),
    _ladder(("title.marks-differ", -3, -10, 0)),
    _ladder(("part.one-side", -24, -40, -20), ("part.differs", -40, -60, -25)),
    # who
    _ladder(
        ("name.equal", 15, 6, 15),
        ("name.statement", 10, 4, 15),
        ("name.shared", 7, 0, 12),
        ("name.others-differ", -6, -20, -3),
        ("name.differs", -22, -40, -20),
    ),
    _ladder(("name.initials", 13, 6, 15)),
    _ladder(("name.all-equal", 0, 0, 0)),
    _ladder(("name.tones-differ", -8, -30, -4)),
    _ladder(("body.equal", 5, 0, 8), ("body.shared", 3, 0, 8), ("body.differs", -10, -20, -8)),
    _ladder(("statement.equal", 3, 0, 3), ("statement.like", 1, 0, 2), ("statement.differs", -3, -10, 0)),
    # imprint
    _ladder(("year.equal", 16, 10, 17), ("year.other", 6, 0, 10)),
    _ladder(
        ("year.supposed", -5, -15, 0),
        ("year.supplied-near", -9, -20, -4),
        ("year.near", -15, -40, -10),
        ("year.differs", -30, -60, -20),
        ("year.deposit-differs", -35, -60, -25),
    ),
    _ladder(("year.supposed-far", -15, -30, -12)),
    _ladder(("year.printing", -15, -40, -10)),
    _ladder(("year.coded-equal", 8, 0, 12)),
    _ladder(
        ("publisher.equal", 6, 2, 7),
        ("publisher.like", 5, 0, 6),
        ("publisher.issuer", 0, -5, 3),
        ("publisher.differs", -8, -20, -7),
    ),
    _ladder(("place.equal", 3, 0, 4), ("place.differs", -6, -10, -1)),
    _ladder(("together.same-year-elsewhere", -28, -35, -27)),
    _ladder(("together.edition-elsewhere", -20, -35, -15)),
    _ladder(("together.other-people", -14, -25, -12)),
    _ladder(("together.title-and-imprint-alone", -15, -25, -13)),
    _ladder(("together.short-and-nobody", -5, -15, -3)),
    _ladder(("together.word-for-word", 3, 3, 4)),
    _ladder(
        ("edition.equal", 4, 0, 5), ("edition.one-side", -6, -10, -3), ("edition.kind-differs", -15, -40, -8)
    ),
    _ladder(
        ("edition.named-one-side", -4, -12, 0),
        ("edition.marks-differ", -6, -20, 0),
        ("edition.companion", -35, -50, -30),
    ),
    _ladder(("edition.printing-differs", -15, -40, -8)),
    _ladder(("edition.name-differs", -12, -30, -5)),
    # extent
    _ladder(
        ("pages.equal", 15, 8, 16),
        ("pages.next", 11, 2, 14),
        ("pages.near", 2, 0, 2),
        ("pages.close", 2, -5, 5),
        ("pages.differ", -15, -40, -10),
        ("pages.far", -24, -40, -18),
    ),
    _ladder(("roman.equal", 3, 0, 3), ("roman.one-side", -1, -4, 0), ("roman.differ", -4, -10, 0)),
    _ladder(
        ("size.equal", 1, 0, 2),
        ("size.near", 0, -4, 1),
        ("size.differs", -2, -6, 0),
        ("size.far", -6, -16, -2),
    ),
    _ladder(("volumes.equal", 11, 5, 14), ("volumes.count-differs", -25, -40, -12)),
    # numbers
    _ladder(("isbn.equal", 32, 20, 40), ("isbn.conflict", 0, 0, 0), ("isbn.differs", -20, -40, -10)),
    _ladder(("number.equal", 32, 20, 40), ("number.conflict", 0, 0, 0), ("number.differs", -8, -30, -4)),
    _ladder(("issn.equal", 25, 15, 35), ("issn.differs", -25, -40, -15)),
    # series, language, kind
    _ladder(
        ("series.number-equal", 4, 0, 6),
        ("series.equal", 3, 0, 5),
        ("series.like", 2, 0, 3),
        ("series.one-side", -2, -5, 0),
        ("series.differs", -3, -10, 0),
    ),
    _ladder(("language.one-more", -6, -15, -4), ("language.differs", -20, -40, -10)),
    _ladder(("carrier.microform", -15, -40, -10)),
    _ladder(("volume.one-side", -4, -15, -2)),
    _ladder(("material.differs", -30, -50, -20)),
)
"""Grades of one kind in falling order: a later one never weighs more than an earlier one."""

GRADES: Final[dict[str, Grade]] = {name: grade for ladder in LADDERS for name, grade in ladder}

EVEN: Final = 25.0
"""Points at which a pair of a labelled set, half of it true pairs, is as likely true as not: without evidence
a pair is far from being one edition."""

UNIT: Final = 5.0
"""Points to the natural unit of log-odds."""
