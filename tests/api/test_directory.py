"""Names are in the order in which Vietnamese readers look for them, not in that of their bytes."""

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from starlette.testclient import TestClient

from tests.api import shelf
from tests.api.conftest import application
from tests.api.double import Double
from unioncat.domain.audience import ANONYMOUS
from unioncat.domain.library import Library, Province
from unioncat_api.directory import Directories
from unioncat_api.pages.join import places

NAMES = ("An Giang", "Cần Thơ", "Đà Nẵng", "Đắk Lắk", "Hà Nội", "Hải Phòng")


class Disordered(Double):
    """Places and libraries in the order of their codes, which is none for readers."""

    async def provinces(self) -> Sequence[Province]:
        return [Province(f"{place:02}", f"{place:02}", one, one) for place, one in enumerate(reversed(NAMES))]

    async def libraries(self, *_: Any, **__: Any) -> Sequence[Library]:
        one = shelf.LIBRARIES[0]
        return [
            replace(one, code=f"x{place}", name_vi=f"Thư viện {name}")
            for place, name in enumerate(reversed(NAMES))
        ]


async def test_libraries_and_provinces_are_in_the_order_of_their_names() -> None:
    names = await Directories(Disordered()).of(ANONYMOUS)
    assert tuple(one.name_vi for one in names.provinces.values()) == NAMES
    assert tuple(one.name_vi for one in places(names).values()) == NAMES
    assert tuple(one.name_vi for one in names.members()) == tuple(f"Thư viện {one}" for one in NAMES)


def test_the_page_of_members_keeps_the_order() -> None:
    with TestClient(application(Disordered())) as client:
        found = re.findall(r"Thư viện ([^<]+)</a>", client.get("/libraries").text)
    assert tuple(dict.fromkeys(one.strip() for one in found if one.strip() in NAMES)) == NAMES


async def test_who_works_at_a_library_knows_it_whatever_circle_it_was_put_into() -> None:
    kept = Directories(Double())
    names = await kept.of(ANONYMOUS)
    assert names.library("kin") is None
    own = await kept.with_own(names, frozenset({"kin"}))
    assert [one.code for one in own.members() if one.code == "kin"] == ["kin"]
    assert (await kept.of(ANONYMOUS)).library("kin") is None, "nobody else learns of it"
    assert await kept.with_own(names, frozenset()) is names
