"""Messages by chance, and the official schemas as oracles where they are at hand."""

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any
from unicodedata import normalize

import pytest
from hypothesis import strategies as st
from lxml import etree

from tests.support.data import DATA
from unioncat.lending.iso18626 import codes
from unioncat.lending.iso18626 import model as m
from unioncat.lending.iso18626.codes import Version

SCHEMAS = DATA.parent / "reference" / "iso18626"
"""The official schemas; never part of the project."""
NOW = datetime(2026, 3, 2, 8, 35, tzinfo=UTC)

needs_schemas = pytest.mark.skipif(not SCHEMAS.is_dir(), reason="the official schemas are not present")
_FILES = {Version.V1_2: "ISO-18626-v1_2.xsd", Version.V2021: "ISO-18626-2021-2.xsd"}


@cache
def schema(version: Version) -> etree.XMLSchema:
    """Load the schema of a version."""
    return etree.XMLSchema(etree.parse(str(Path(SCHEMAS) / _FILES[version])))


def complaints(body: bytes, version: Version) -> list[str]:
    """Say what the schema of a version finds wrong."""
    judge = schema(version)
    return [] if judge.validate(etree.fromstring(body)) else str(judge.error_log).splitlines()


TEXTS = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cs", "Cc", "Cn"), exclude_characters="\ufeff"),
    min_size=1,
    max_size=30,
).map(str.strip)
WORDS = TEXTS.filter(lambda text: bool(text) and text == normalize("NFC", text))


IDS = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9:/_-]{0,30}", fullmatch=True)
MOMENTS = st.datetimes(
    datetime(1990, 1, 1),  # noqa: DTZ001 - the zone is drawn beside
    datetime(2100, 1, 1),  # noqa: DTZ001
    timezones=st.sampled_from([UTC, timezone(timedelta(hours=7))]),
).map(lambda one: one.replace(microsecond=one.microsecond // 1000 * 1000))
AMOUNTS = st.decimals(Decimal(0), Decimal(10**9), places=2)


def _open(book: codes.Book) -> st.SearchStrategy[m.Code]:
    own = st.builds(m.Code, IDS, st.just("https://example.vn/codes"))
    listed = codes.OPEN.get(book)
    return own if listed is None else own | st.builds(m.Code, st.sampled_from(sorted(listed.values())))


def _maybe(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.none() | strategy


def _some(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.lists(strategy, max_size=3).map(tuple)


AGENCIES = st.builds(m.Agency, IDS, _open(codes.Book.AGENCY_TYPE))
COSTS = st.builds(m.Costs, AMOUNTS, st.just(m.Code("VND")))
PHYSICAL = st.builds(
    m.PhysicalAddress,
    *[_maybe(WORDS)] * 3,
    IDS,
    _maybe(st.builds(m.Code, WORDS)),
    _maybe(st.just(m.Code("VN"))),
)
ADDRESSES = st.builds(
    m.Address, st.builds(m.ElectronicAddress, WORDS, _open(codes.Book.ADDRESS))
) | st.builds(m.Address, st.none(), PHYSICAL)
HEADERS = st.builds(
    m.Header,
    AGENCIES,
    MOMENTS,
    IDS,
    AGENCIES,
    _maybe(IDS),
    _maybe(AGENCIES),
    _maybe(IDS),
    _maybe(IDS),
    _maybe(IDS),
)


def _identifiers(book: codes.Book) -> st.SearchStrategy[m.Identifier]:
    return st.builds(m.Identifier, IDS, _open(book))


ITEMS = st.builds(
    m.BibliographicInfo,
    *[_maybe(WORDS)] * 9,
    _some(WORDS),
    *[_maybe(WORDS)] * 3,
    _some(_identifiers(codes.Book.ITEM_ID)),
    *[_maybe(WORDS)] * 2,
    _some(_identifiers(codes.Book.RECORD_ID)),
)
PUBLICATIONS = st.builds(
    m.PublicationInfo, WORDS, _maybe(IDS), _maybe(_open(codes.Book.PUBLICATION)), *[_maybe(WORDS)] * 2
)
SERVICES = st.builds(
    m.ServiceInfo,
    st.sampled_from(codes.ServiceType),
    _maybe(st.sampled_from(codes.RequestType)),
    _some(st.sampled_from(codes.RequestSubType)),
    _maybe(IDS),
    _maybe(_open(codes.Book.LEVEL)),
    _maybe(_open(codes.Book.FORMAT)),
    _maybe(MOMENTS),
    _maybe(_open(codes.Book.COPYRIGHT)),
    _maybe(st.booleans()),
    _maybe(st.sampled_from(codes.PreferredEdition)),
    _some(_open(codes.Book.CONDITION)),
    _maybe(MOMENTS),
    _maybe(MOMENTS),
    _maybe(WORDS),
)
REQUESTS = st.builds(
    m.RequestMessage,
    HEADERS,
    ITEMS,
    _maybe(PUBLICATIONS),
    SERVICES,
    _some(
        st.builds(
            m.SupplierInfo,
            st.integers(0, 99),
            _maybe(AGENCIES),
            _maybe(WORDS),
            _maybe(_identifiers(codes.Book.RECORD_ID)),
            *[_maybe(WORDS)] * 3,
        )
    ),
    _some(
        st.builds(
            m.RequestedDelivery,
            st.integers(0, 99),
            _maybe(ADDRESSES),
            _maybe(_open(codes.Book.DELIVERY)),
            _maybe(_open(codes.Book.COURIER)),
        )
    ),
    _maybe(st.builds(m.RequestingAgencyInfo, WORDS, _maybe(WORDS), _some(ADDRESSES))),
    _maybe(
        st.builds(
            m.PatronInfo,
            IDS,
            _maybe(WORDS),
            _maybe(WORDS),
            _maybe(_open(codes.Book.PATRON)),
            _maybe(st.booleans()),
            _some(ADDRESSES),
        )
    ),
    _maybe(
        st.builds(
            m.BillingInfo,
            _maybe(_open(codes.Book.PAYMENT)),
            COSTS,
            _maybe(_open(codes.Book.BILLING)),
            _maybe(WORDS),
            _maybe(ADDRESSES),
        )
    ),
)
RETRIES = st.builds(
    m.RetryInfo,
    _some(_open(codes.Book.CONDITION)),
    _some(WORDS),
    _some(_open(codes.Book.FORMAT)),
    _some(WORDS),
    _maybe(st.sampled_from(codes.ServiceType)),
    _some(_open(codes.Book.LEVEL)),
    _some(_open(codes.Book.DELIVERY)),
    _some(_open(codes.Book.COURIER)),
    _some(COSTS),
    _some(_open(codes.Book.PAYMENT)),
    _maybe(MOMENTS),
    MOMENTS,
)
DELIVERIES = st.builds(
    m.DeliveryInfo,
    MOMENTS,
    _some(IDS),
    _maybe(WORDS),
    _maybe(_open(codes.Book.DELIVERY)),
    _maybe(ADDRESSES),
    _maybe(st.booleans()),
    _some(_open(codes.Book.CONDITION)),
    _maybe(_open(codes.Book.FORMAT)),
    _maybe(st.sampled_from(codes.ServiceType)),
    _some(COSTS),
    _maybe(_open(codes.Book.PAYMENT)),
)
SHIPPINGS = st.builds(
    m.ShippingInfo,
    _maybe(_open(codes.Book.COURIER)),
    _some(IDS),
    st.booleans(),
    _maybe(st.booleans()),
    _maybe(WORDS),
    _some(COSTS),
)
SUPPLYING = st.builds(
    m.SupplyingMessage,
    HEADERS,
    st.sampled_from(codes.Reason),
    st.sampled_from(codes.Status),
    MOMENTS,
    _maybe(st.booleans()),
    _maybe(WORDS),
    _maybe(_open(codes.Book.UNFILLED)),
    _maybe(_open(codes.Book.RETRY)),
    _maybe(MOMENTS),
    _maybe(MOMENTS),
    _maybe(RETRIES),
    _maybe(DELIVERIES),
    _maybe(SHIPPINGS),
    _maybe(st.builds(m.ReturnInfo, _maybe(AGENCIES), WORDS, _maybe(PHYSICAL))),
)
REQUESTING = st.builds(m.RequestingMessage, HEADERS, st.sampled_from(codes.Action), _maybe(WORDS))
MESSAGES = REQUESTS | SUPPLYING | REQUESTING
CONFIRMATIONS = st.builds(
    m.Confirmation,
    st.sampled_from(codes.Kind),
    MOMENTS,
    MOMENTS,
    st.sampled_from(codes.MessageStatus),
    _maybe(AGENCIES),
    _maybe(AGENCIES),
    _maybe(IDS),
    st.none(),
    st.none(),
    st.none(),
    st.lists(st.builds(m.Fault, st.sampled_from(codes.ErrorType), _maybe(WORDS)), max_size=1).map(tuple),
)
