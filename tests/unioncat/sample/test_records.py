"""The records of the sample: how many, the same every time, readable, and true."""

import io
import subprocess
import sys
import time
import unicodedata
from collections import Counter, defaultdict
from datetime import UTC, datetime

import pymarc
import pytest
from lxml import etree

from unioncat.sample.editions import Kind
from unioncat.sample.evolve import ChangeKind, evolve, truth
from unioncat.sample.generate import BRIDGE, edition_of, editions, records
from unioncat.sample.members import MEMBERS
from unioncat.sample.works import ONE_PRINTING

MARC = "{http://www.loc.gov/MARC21/slim}"
DC = "{http://purl.org/dc/elements/1.1/}"
FORMAT = {member.code: member.format for member in MEMBERS}
LIVE = [record for record in records() if not record.deleted]


def values(record, tag, codes="a"):
    tree = etree.fromstring(record.payload)
    path = f"{MARC}datafield[@tag='{tag}']/{MARC}subfield"
    return [each.text for each in tree.iterfind(path) if each.get("code") in codes]


def test_counts():
    assert len(records()) > 2000
    assert len(MEMBERS) >= 10
    assert min(Counter(record.member for record in records()).values()) > 50
    assert 20 < sum(record.deleted for record in records()) < 100


def test_most_editions_are_held_by_several_libraries():
    holders = defaultdict(set)
    for record in LIVE:
        holders[record.edition_key].add(record.member)
    assert sum(len(each) > 1 for each in holders.values()) > 600


def test_generation_is_quick_and_the_same_in_another_process():
    program = (
        "import hashlib, time; begin = time.process_time()\n"
        "from unioncat.sample.generate import records\n"
        "made = [(r.local_id, r.payload, r.dublin_core, r.datestamp, r.sets) for r in records()]\n"
        "print(hashlib.sha256(repr(made).encode()).hexdigest(), time.process_time() - begin)"
    )
    runs = [
        subprocess.run(
            [sys.executable, "-c", program],
            capture_output=True,
            text=True,
            check=True,
            env={"PYTHONPATH": ":".join(sys.path), "PYTHONHASHSEED": seed},
        ).stdout.split()
        for seed in ("1", "2")
    ]
    assert runs[0][0] == runs[1][0]
    assert min(float(run[1]) for run in runs) < 1.5


def test_local_ids_do_not_repeat():
    assert len({(record.member, record.local_id) for record in records()}) == len(records())


def test_item_numbers_of_a_library_do_not_repeat():
    seen = Counter()
    for record in LIVE:
        if FORMAT[record.member] == "oai_dc":
            continue
        tag, codes = (
            ("952", "p")
            if b'tag="952"' in record.payload
            else ("852", "p" if record.member != "tvqg" else "j")
        )
        seen.update(
            (record.member, unicodedata.normalize("NFC", each)) for each in values(record, tag, codes)
        )
    numbers = {key: count for key, count in seen.items() if key[0] != "tvqg"}
    assert set(numbers.values()) == {1}


def test_datestamps_lie_between_the_load_and_the_members_last_day():
    latest = {member.code: member.latest for member in MEMBERS}
    for record in records():
        assert "2023-03-01T02:00:00Z" <= record.datestamp <= latest[record.member]
    assert max(record.datestamp for record in records() if record.member == "yenbai") < "2025-07-01"


def test_many_records_share_one_datestamp():
    """Key positions are only tested by a harvest when datestamps tie over more than a page."""
    ties = Counter((record.member, record.datestamp) for record in records())
    assert ties["tvqg", "2023-03-01T02:00:00Z"] > 200


@pytest.mark.parametrize("member", [code for code, own in FORMAT.items() if own != "oai_dc"])
def test_marc_payloads_are_read_by_pymarc(member):
    for record in (each for each in LIVE if each.member == member):
        (read,) = pymarc.parse_xml_to_array(io.BytesIO(record.payload))
        assert read.title
        assert len(str(read.leader)) == 24
        assert len(read["008"].data) == 40
        assert read["001"].data == record.local_id.rpartition(":")[2].lstrip("0")


@pytest.mark.parametrize("member", list(FORMAT))
def test_payloads_stand_alone_and_are_well_formed(member):
    for record in (each for each in LIVE if each.member == member):
        root = etree.fromstring(record.payload).tag
        assert root.endswith("}dc" if FORMAT[member] == "oai_dc" else "slim}record")
        tree = etree.fromstring(record.dublin_core)
        assert tree.findtext(f"{DC}title")
        assert {child.tag.partition("}")[0] + "}" for child in tree} == {DC}


def test_deleted_records_are_empty():
    assert all(not record.payload and not record.dublin_core for record in records() if record.deleted)


def test_truth_names_every_live_record_once():
    assert truth() == {(record.member, record.local_id): record.edition_key for record in LIVE}
    assert {key.removesuffix(" online") for key in truth().values()} <= set(editions())


def test_records_carry_only_isbns_of_their_edition_but_one():
    wrong = []
    for record in LIVE:
        if FORMAT[record.member] == "oai_dc":
            continue
        known = set(edition_of(record).isbns)
        if {isbn.replace("-", "") for isbn in values(record, "020")} - known:
            wrong.append((record.member, record.edition_key))
    assert wrong == [BRIDGE[:2]]


def test_digital_copies_are_editions_of_their_own():
    online = {record.member for record in LIVE if record.edition_key.endswith(" online")}
    assert online == {"vnu"}
    assert all(b"/handle/" in record.payload for record in LIVE if record.member == "vnu")
    assert not any(b"/handle/" in record.payload for record in LIVE if record.member != "vnu")


def test_two_isbns_of_one_printing_are_one_edition():
    for second, first in ONE_PRINTING.items():
        assert second not in editions()
        assert len(editions()[first].isbns) == 2


def test_editions_that_must_stay_apart():
    kept = editions()
    same_title = [key for key, each in kept.items() if each.title == "Nhà giả kim"]
    assert {"A26", "A27", "A28"} <= set(same_title)
    assert kept["A22"].isbns == kept["A22.2026"].isbns
    assert kept["A124"].title == kept["A125"].title
    assert kept["A124"].parts
    assert not kept["A125"].parts


def test_no_edition_is_made_twice():
    facts = [
        (
            each.title,
            each.remainder,
            each.parts,
            each.people,
            each.body,
            each.publisher,
            each.year,
            each.isbns,
        )
        for each in editions().values()
        if not each.volumes
    ]
    assert len(set(facts)) == len(facts)


def test_further_printings_have_no_invented_isbn():
    listed = {isbn for key, each in editions().items() if key.startswith("A") for isbn in each.isbns}
    assert {isbn for each in editions().values() for isbn in each.isbns} == listed
    assert len(listed) == 127


def test_people_are_authors_of_listed_books_only():
    for key, each in editions().items():
        if not key.startswith(("A", "B")):
            assert each.people == ()
            assert each.body


def test_every_kind_of_publication_occurs():
    held = {edition_of(record).kind for record in LIVE}
    assert held == set(Kind)


def test_evolution_changes_four_records():
    moment = datetime(2026, 7, 1, 8, 0, tzinfo=UTC)
    changes = {change.kind: change.record for change in evolve(2, moment)}
    before = {(record.member, record.local_id): record for record in records()}
    assert set(changes) == set(ChangeKind)
    assert {record.datestamp for record in changes.values()} == {"2026-07-01T08:00:00Z"}
    fresh = changes[ChangeKind.ADDED]
    assert (fresh.member, fresh.local_id) not in before
    gone = changes[ChangeKind.DELETED]
    assert gone.deleted
    assert not before[gone.member, gone.local_id].deleted
    mended = changes[ChangeKind.CORRECTED]
    old = before[mended.member, mended.local_id]
    assert len(values(old, "020")) == 2
    assert values(mended, "020") == list(editions()["A27"].isbns)
    changed = changes[ChangeKind.CHANGED]
    old = before[changed.member, changed.local_id]
    assert len(values(changed, "852", "j")) == len(values(old, "852", "j")) + 1
    assert values(changed, "245") == values(old, "245")


def test_truth_follows_the_evolution():
    one, two = truth(1), truth(2)
    assert len(one.keys() - two.keys()) == 1
    assert len(two.keys() - one.keys()) == 1
    assert all(one[place] == two[place] for place in one.keys() & two.keys())


def test_there_is_no_third_state():
    with pytest.raises(ValueError, match="states 1 to 2"):
        evolve(3, datetime(2026, 7, 1, tzinfo=UTC))


def test_evolution_before_its_first_step_is_empty():
    assert evolve(1, datetime(2026, 7, 1, tzinfo=UTC)) == ()


def test_records_are_made_once():
    begin = time.perf_counter()
    assert records() is records()
    assert time.perf_counter() - begin < 0.1
