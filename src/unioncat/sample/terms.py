"""On what terms the sample's libraries lend: agreements in the forms of the law, policies, one closed day.

Made up for the sample; a demonstration lends by them. Nothing here names a person.
"""

from datetime import date
from decimal import Decimal

from unioncat.domain.lending import Money, Service
from unioncat.domain.lending_policy import (
    Agreement,
    Avoidance,
    Avoids,
    Closure,
    OpenTo,
    Participant,
    Policy,
)
from unioncat.domain.library import GroupMode
from unioncat.sample.facts import ARMY, CAND

SINCE = date(2026, 1, 1)


def _dong(amount: int) -> Money:
    return Money(Decimal(amount))


AGREEMENTS = (
    Agreement(
        "mien-nui-phia-bac",
        "Liên thông thư viện các tỉnh miền núi phía Bắc",
        "Interlending of the northern mountain provinces",
        GroupMode.AREA,
        (Participant(group="northern-mountains"),),
        SINCE,
        cost=_dong(0),
        document="01/TT-LH",
    ),
    Agreement(
        "dai-hoc",
        "Liên thông thư viện đại học",
        "Interlending of universities",
        GroupMode.FUNCTION,
        tuple(Participant(library=code) for code in ("VN-BKHN", "VN-DHVINH", "VN-DHCT", "VN-DHQGHN")),
        SINCE,
        document="02/TT-ĐH",
    ),
    Agreement(
        "nghe-an",
        "Liên thông thư viện trên địa bàn tỉnh Nghệ An",
        "Interlending in Nghe An",
        GroupMode.AREA,
        (Participant(library="VN-NGHE-AN"), Participant(library="VN-DHVINH")),
        SINCE,
        services=frozenset({Service.LOAN, Service.COPY}),
    ),
    Agreement(
        "lien-loai",
        "Liên thông giữa thư viện công cộng và thư viện đại học",
        "Interlending across public and university libraries",
        GroupMode.ACROSS_TYPES,
        tuple(
            Participant(library=code)
            for code in ("VN-LAO-CAI", "VN-NGHE-AN", "VN-KHTH-HCM", "VN-BKHN", "VN-DHVINH", "VN-DHCT")
        ),
        SINCE,
        document="03/TT-LL",
    ),
    Agreement(
        "co-so",
        "Thư viện đại học giúp thư viện cơ sở và trường học",
        "University libraries for commune and school libraries",
        GroupMode.ACROSS_TYPES,
        tuple(Participant(library=code) for code in ("VN-BKHN", "VN-XA-KIM-LIEN", "VN-THPT-KIM-LIEN")),
        SINCE,
        cost=_dong(0),
        document="04/TT-CS",
    ),
    Agreement(
        "cand",
        "Liên thông thư viện Công an nhân dân",
        "Interlending of the People's Public Security",
        GroupMode.FUNCTION,
        (Participant(group="cand"),),
        SINCE,
        audience=CAND.id,
    ),
    Agreement(
        "quan-doi",
        "Liên thông thư viện Quân đội",
        "Interlending of the Army",
        GroupMode.FUNCTION,
        (Participant(group="army"),),
        SINCE,
        audience=ARMY.id,
    ),
)
POLICIES = (
    Policy("VN-TVQG", open_to=OpenTo.FEDERATION, loan_days=30, cost_loan=_dong(30_000), last_resort=1000),
    Policy("VN-KHTH-HCM", open_to=OpenTo.FEDERATION, cost_loan=_dong(20_000), last_resort=500),
    Policy("VN-NGHE-AN", loan_days=20, cost_loan=_dong(10_000), max_open_each=10),
    Policy("VN-LAO-CAI", loan_days=30, renewals=2),
    Policy("VN-BKHN", loan_days=14, cost_loan=_dong(15_000), cost_page=_dong(500), max_open_lent=40),
    Policy("VN-DHVINH", loan_days=14, mediated=False),
    Policy("VN-DHCT", loan_days=14, cost_loan=_dong(15_000)),
    Policy("VN-HVANND", restricted_to="cand"),
    Policy("VN-HVCSND", restricted_to="cand"),
    Policy("VN-TVQD", restricted_to="army"),
)
CLOSURES = (Closure(date(2026, 12, 28), date(2026, 12, 31), "VN-DHCT", "Kiểm kê cuối năm"),)
AVOIDANCES = (Avoidance("VN-BKHN", "VN-DHCT", Avoids.ASK, "Đường bưu điện quá lâu", SINCE),)
