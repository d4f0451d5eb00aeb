"""Remains in single records: told where nearly certain, and never in good text of any language."""

import pytest

from tests.bench.batches import sound
from tests.support.data import needs_data
from unioncat.text.encodings import legible, residue

CERTAIN = [
    ("tcvn3", ["§o¹n tuyÖt", "NhÊt Linh", "NXB V¨n häc"]),
    ("tcvn3", ["TruyÖn KiÒu", "NguyÔn Du", "Gi¸o dôc"]),
    ("vni", ["Löông Duyeân Bình; Dö Trí Coâng; Nguyeãn Höõu Hoà", "Vật lý đại cương"]),
    ("vni", ["Microwave Solid State Circuit Design (Phaàn 3: töø chöông 1 3 - heát)"]),
    ("vni", ["Exercices et Probleømes Corrigeùs de Chimie"]),
    ("utf-8-twice", ["HoÃ\xa0ng tá»\xad bÃ©", "Antoine de Saint-ExupÃ©ry", "NXB VÄƒn há»\x8dc"]),
]
GOOD = [
    ["Dế Mèn phiêu lưu ký", "Tô Hoài"],
    ["Toán", "Bình", "Hoàng", "là", "có"],
    ["Les misérables", "édition intégrale, préfacée", "élève à l'école où naît Noël, maïs, Israël"],
    ["Über größere Brücken", "Köln, München, Düsseldorf"],
    ["Færøerne før og nå", "bøker på norsk, blåbær, rødgrød, kødøl"],
    ["Gabriel García Márquez: obras completas, años, niño"],
    ["São Paulo: educação, não, coração, avó, avô"],
    ["50 °C ± 2 µm, § 5, ® ™ ©, 3 × 4, «à», ½ ¹ ² ³"],
    ["Mały książę", "Dvořák", "Çağdaş Türkçe"],
    ["TruyÖn"],
    ["Võ Thò Sáu"],
]


@pytest.mark.parametrize(("encoding", "texts"), CERTAIN)
def test_nearly_certain(encoding: str, texts: list[str]) -> None:
    assert residue(texts) == encoding


@pytest.mark.parametrize("texts", GOOD)
def test_no_doubt_about_good_text(texts: list[str]) -> None:
    assert residue(texts) is None


def test_only_what_gains_is_read_otherwise() -> None:
    assert legible("Löông Duyeân Bình", "vni") == "Lương Duyên Bình"
    assert legible("Hoàng", "vni") == "Hoàng"
    assert legible("Vật lý đại cương", "vni") == "Vật lý đại cương"
    assert legible("NhÊt Linh", "tcvn3") == "Nhất Linh"
    assert legible("Saint-Exupéry", "tcvn3") == "Saint-Exupéry"


@needs_data
def test_good_catalogues_hold_none_but_the_known_remains() -> None:
    found: dict[str, int] = {}
    looked = 0
    for name, right, samples in sound(large=False):
        if not right.startswith("utf-8 "):
            continue
        for sample in samples:
            text = sample.decode("utf-8", "replace") if isinstance(sample, bytes) else sample
            looked += 1
            if residue(text.split("\n")) is not None:
                found[name] = found.get(name, 0) + 1
    assert looked > 180_000
    assert found == {
        "marc/vn-bachkhoa-koha-2018.mrc.gz": 37,
        "marc/vn-bachkhoa-koha-2018-24field-part5.mrc.gz": 3,
        "vie/bachkhoa-hcmut-books-2018.csv.gz": 37,
    }
