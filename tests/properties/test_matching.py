"""What always holds of judgements, clusters, ids and merged records, whatever the input."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from unioncat.domain.bib import Agent, BibRecord, Extent, Identifier, Imprint, Part, Series, Subject, Title
from unioncat.domain.match import Edge, Evidence, OldCluster, Verdict
from unioncat.domain.union import Member
from unioncat.matching import assign, block_keys, extract, judge, merge, partition, weigh
from unioncat.matching.rules import UNSURE_FROM

CALM = settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
"""A busy machine is no fault of the rules."""

WORDS = (
    "Toán",
    "toan",
    "cao",
    "cấp",
    "học",
    "Bà",
    "Ba",
    "T.1",
    "Tập 2",
    "An",
    "toàn",
    "war",
    "the",
    "C++",
    "2010",
)
NAMES = (
    "Nguyễn Du",
    "Nguyễn Dữ",
    "Du, Nguyễn",
    "Smith, J.",
    "John Smith",
    "Bộ Y tế",
    "Không rõ",
    "Tô Hoài; Nam Cao",
)

texts = st.one_of(st.lists(st.sampled_from(WORDS), max_size=6).map(" ".join), st.text(max_size=30))
maybe = st.none() | texts
bibs = st.builds(
    BibRecord,
    title=st.builds(
        Title,
        texts,
        maybe,
        st.lists(st.builds(Part, maybe, maybe), max_size=2).map(tuple),
    ),
    agents=st.lists(st.builds(Agent, st.sampled_from(NAMES) | texts, main=st.booleans()), max_size=3).map(
        tuple
    ),
    responsibility=maybe,
    edition=st.none() | st.sampled_from(("Tái bản lần thứ 3", "3rd ed.", "In lần 2", "rev. ed.")),
    imprints=st.lists(
        st.builds(
            Imprint,
            st.lists(st.sampled_from(("H.", "Hà Nội", "Huế")), max_size=2).map(tuple),
            st.lists(st.sampled_from(("NXB Trẻ", "Trẻ", "Giáo dục", "k.nxb.")) | texts, max_size=2).map(
                tuple
            ),
            st.none() | st.sampled_from(("2001", "c2000, 2001")),
        ),
        max_size=1,
    ).map(tuple),
    year=st.none() | st.integers(1998, 2002),
    extent=st.none()
    | st.builds(Extent, texts, st.none() | st.integers(1, 400), st.none() | st.integers(1, 3)),
    identifiers=st.lists(
        st.builds(
            Identifier,
            st.sampled_from(("isbn", "oclc", "issn", "lccn")),
            st.sampled_from(("1", "2", "3")),
            st.none() | st.sampled_from(("bộ", "ebook")),
            st.booleans(),
        ),
        max_size=2,
    ).map(tuple),
    series=st.lists(st.builds(Series, texts, maybe), max_size=2).map(tuple),
    subjects=st.lists(st.builds(Subject, texts), max_size=3).map(tuple),
    languages=st.sampled_from(((), ("vie",), ("eng",), ("vie", "eng"), ("und",))),
)

RECORDS = range(8)
pair_edges = st.builds(
    lambda pair, verdict, score, by_person: Edge(min(pair), max(pair), verdict, score, by_person),
    st.tuples(st.sampled_from(RECORDS), st.sampled_from(RECORDS)).filter(lambda pair: pair[0] != pair[1]),
    st.sampled_from(Verdict),
    st.sampled_from((40.0, 55.0, 60.0, 90.0)),
    st.sampled_from((False, False, False, True)),
)
edge_lists = st.lists(pair_edges, max_size=24)


def mirrored(evidence: tuple[Evidence, ...]) -> list[tuple[str, float, bool, str | None, str | None]]:
    return [(item.feature, item.points, item.veto, item.right, item.left) for item in evidence]


def plain(evidence: tuple[Evidence, ...]) -> list[tuple[str, float, bool, str | None, str | None]]:
    return [(item.feature, item.points, item.veto, item.left, item.right) for item in evidence]


@CALM
@given(bibs, bibs)
def test_judgements_are_symmetric(one: BibRecord, other: BibRecord) -> None:
    left, right = extract(one), extract(other)
    said, back = judge(left, right), judge(right, left)
    assert (said.verdict, said.score) == (back.verdict, back.score)
    assert plain(said.evidence) == mirrored(back.evidence)


@CALM
@given(bibs, bibs)
def test_the_short_way_and_the_long_way_agree(one: BibRecord, other: BibRecord) -> None:
    left, right = extract(one), extract(other)
    said, everything = judge(left, right), weigh(left, right)
    if any(item.veto for item in everything):
        assert said.verdict is Verdict.DIFFERENT
    elif sum(item.points for item in everything) < UNSURE_FROM:
        assert said.verdict is Verdict.DIFFERENT or said.evidence[-1].feature == "conflict"
    else:
        assert said.verdict is not Verdict.DIFFERENT


@CALM
@given(bibs)
def test_nothing_in_a_record_speaks_against_itself(bib: BibRecord) -> None:
    facts = extract(bib)
    assert extract(bib) == facts
    # that a title is short, or that nobody is named, is said of both
    assert not any(item.veto or "differ" in grade for item in weigh(facts, facts) for grade in item.grades)
    assert len(block_keys(facts)) <= 20


@CALM
@given(edge_lists, st.randoms())
def test_clusters_do_not_depend_on_order(edges: list[Edge], random) -> None:  # type: ignore[no-untyped-def]
    shuffled, members = list(edges), list(RECORDS)
    random.shuffle(shuffled)
    random.shuffle(members)
    assert partition(RECORDS, edges) == partition(members, shuffled)


@CALM
@given(edge_lists)
def test_no_cluster_holds_what_is_judged_different(edges: list[Edge]) -> None:
    parts = partition(RECORDS, edges)
    assert sorted(record for part in parts for record in part) == list(RECORDS)
    persons = {(edge.left, edge.right) for edge in edges if edge.by_person}
    by_person = [edge for edge in edges if edge.by_person]
    forced = partition(RECORDS, by_person)
    for edge in edges:
        if edge.verdict is not Verdict.DIFFERENT:
            continue
        together = any({edge.left, edge.right} <= part for part in parts)
        if edge.by_person:
            assert not together
        elif (edge.left, edge.right) not in persons:
            assert not together or any({edge.left, edge.right} <= part for part in forced)


@CALM
@given(edge_lists, st.lists(pair_edges, max_size=6))
def test_adding_and_deleting_a_record_changes_nothing(edges: list[Edge], others: list[Edge]) -> None:
    newcomer = 99
    joined = [Edge(edge.left, newcomer, edge.verdict, edge.score, edge.by_person) for edge in others]
    before = partition(RECORDS, edges)
    partition([*RECORDS, newcomer], edges + joined)
    assert partition(RECORDS, edges + joined) == before


@st.composite
def changes(draw: st.DrawFn) -> tuple[list[OldCluster], list[frozenset[int]]]:
    """Old clusters and new parts over partly the same records."""
    old: dict[int, set[int]] = {}
    new: dict[int, set[int]] = {}
    for record in range(draw(st.integers(1, 12))):
        before, after = draw(st.integers(-1, 4)), draw(st.integers(-1, 4))
        if before >= 0:
            old.setdefault(before, set()).add(record)
        if after >= 0:
            new.setdefault(after, set()).add(record)
    clusters = [
        OldCluster(100 + n, draw(st.integers(0, 3)), frozenset(members)) for n, members in old.items()
    ]
    return clusters, [frozenset(members) for members in new.values()]


@CALM
@given(changes())
def test_ids_are_never_lost_and_never_doubled(change: tuple[list[OldCluster], list[frozenset[int]]]) -> None:
    clusters, parts = change
    done = assign(clusters, parts)
    kept = [number for _, number in done.keeps]
    fates = kept + [number for number, _ in done.moved] + list(done.dissolved)
    assert sorted(fates) == sorted(cluster.id for cluster in clusters)
    indices = [index for index, _ in done.keeps]
    assert len(set(indices)) == len(indices)
    answer = {number: index for index, number in done.keeps} | dict(done.moved)
    beside = dict(done.split)
    for cluster in clusters:
        reached = {index for index, part in enumerate(parts) if part & cluster.members}
        named = ({answer[cluster.id]} if cluster.id in answer else set()) | set(beside.get(cluster.id, ()))
        assert named == reached


@CALM
@given(changes())
def test_the_oldest_survives_and_the_order_does_not_matter(
    change: tuple[list[OldCluster], list[frozenset[int]]],
) -> None:
    clusters, parts = change
    done = assign(clusters, parts)
    assert assign(clusters[::-1], parts) == done
    age = {cluster.id: (cluster.age, cluster.id) for cluster in clusters}
    survivor = dict(done.keeps)
    for number, index in done.moved:
        assert age[survivor[index]] < age[number]


members = st.lists(st.tuples(bibs, st.integers(0, 2)), min_size=1, max_size=4).map(
    lambda found: [
        Member(number, "s", "l", str(number), bib, rank=rank) for number, (bib, rank) in enumerate(found, 1)
    ]
)


@CALM
@given(members, st.randoms())
def test_union_records_do_not_depend_on_order(cluster: list[Member], random) -> None:  # type: ignore[no-untyped-def]
    shuffled = list(cluster)
    random.shuffle(shuffled)
    union = merge(cluster)
    assert merge(shuffled) == union
    assert {member.record_id for member in union.members} == {member.record_id for member in cluster}
    values = {
        (identifier.scheme, identifier.value) for member in cluster for identifier in member.bib.identifiers
    }
    assert {(identifier.scheme, identifier.value) for identifier in union.bib.identifiers} == values
