"""Which library has which edition: the chance that it does, out of what it collects."""

from collections.abc import Callable

from unioncat.sample.editions import Edition, Kind
from unioncat.sample.written import NORTH

Stock = Callable[[Edition], float]
"""Gives the chance, from 0 to 1, that a library holds an edition."""

_SCIENCE = ("00", "5", "62", "63", "65")


def national(edition: Edition) -> float:
    """Legal deposit: most of what publishers bring out, and nothing that nobody published."""
    if edition.publisher is None:
        return 0.9 if edition.kind is Kind.SERIAL else 0.0
    return 0.25 if edition.kind is Kind.SECURITY else 0.6


def northern(region: str) -> Stock:
    """A provincial library of the northern mountains: its own region, some of its neighbours', fiction."""

    def stock(edition: Edition) -> float:
        if edition.region == region:
            return 0.0 if edition.kind is Kind.THESIS else 0.95
        if edition.kind is Kind.LOCAL:
            return 0.12 if edition.region in NORTH else 0.05
        return {Kind.BOOK: 0.16, Kind.LAW: 0.4, Kind.SERIAL: 0.4, Kind.MILITARY: 0.05}.get(edition.kind, 0.0)

    return stock


def nghe_an(edition: Edition) -> float:
    """Give the stock of a province and its districts: local studies, fiction, law."""
    if edition.region == "Nghệ An":
        return 0.0 if edition.kind is Kind.THESIS else 1.0
    return {Kind.BOOK: 0.24, Kind.LAW: 0.5, Kind.TEXTBOOK: 0.05, Kind.SERIAL: 0.6}.get(edition.kind, 0.0)


def technical(edition: Edition) -> float:
    """Give the stock of a technical university."""
    if edition.ddc.startswith(_SCIENCE):
        return 0.55
    return {Kind.TEXTBOOK: 0.4, Kind.BOOK: 0.07, Kind.LAW: 0.2, Kind.PROCEEDINGS: 0.3}.get(edition.kind, 0.0)


def general(region: str) -> Stock:
    """A university of all subjects with an eye on its region."""

    def stock(edition: Edition) -> float:
        if edition.region == region and edition.kind is not Kind.THESIS:
            return 0.6
        shares = {Kind.TEXTBOOK: 0.42, Kind.BOOK: 0.13, Kind.LAW: 0.5, Kind.PROCEEDINGS: 0.3}
        return shares.get(edition.kind, 0.0)

    return stock


def repository(edition: Edition) -> float:
    """Give what a university's digital repository has: all its theses, textbooks, proceedings."""
    return {Kind.THESIS: 1.0, Kind.TEXTBOOK: 0.3, Kind.PROCEEDINGS: 0.6}.get(edition.kind, 0.0)


def academy(name: str) -> Stock:
    """An academy of the People's Public Security: its own works, its sisters', law."""

    def stock(edition: Edition) -> float:
        if edition.kind is Kind.SECURITY:
            return 1.0 if edition.body == name else 0.6
        politics = edition.kind is Kind.TEXTBOOK and edition.ddc.startswith(("32", "33"))
        return 0.9 if politics or edition.kind is Kind.LAW else 0.05 if edition.kind is Kind.BOOK else 0.0

    return stock


def army(edition: Edition) -> float:
    """Give the stock of the army's library: military works, history, politics, some fiction."""
    if edition.kind is Kind.MILITARY:
        return 1.0
    if edition.ddc.startswith(("959", "335", "324")):
        return 0.5
    return 0.1 if edition.kind is Kind.BOOK else 0.0


def small(edition: Edition) -> float:
    """Give the stock of small libraries: stories, a little law."""
    if edition.publisher in ("Kim Đồng", "Trẻ"):
        return 0.3
    return {Kind.BOOK: 0.09, Kind.LAW: 0.4}.get(edition.kind, 0.0)


def southern(edition: Edition) -> float:
    """Give the stock of a large public library in the south."""
    if edition.region == "Hồ Chí Minh":
        return 1.0
    return {Kind.BOOK: 0.34, Kind.LAW: 0.5, Kind.TEXTBOOK: 0.15, Kind.SERIAL: 0.9}.get(edition.kind, 0.0)
