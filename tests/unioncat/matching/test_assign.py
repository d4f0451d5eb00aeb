"""Public ids after a change: kept, moved, split, dissolved."""

from unioncat.domain.match import OldCluster
from unioncat.matching import Assignment, assign


def old(number: int, age: int, *members: int) -> OldCluster:
    return OldCluster(number, age, frozenset(members))


def part(*members: int) -> frozenset[int]:
    return frozenset(members)


def test_nothing_changes_when_nothing_changed() -> None:
    assert assign([old(7, 1, 1, 2)], [part(1, 2)]) == Assignment(keeps=((0, 7),))


def test_a_new_part_has_no_old_id() -> None:
    assert assign([], [part(1), part(2)]) == Assignment()


def test_the_oldest_id_survives_a_merger() -> None:
    merged = assign([old(7, 5, 1, 2, 3), old(8, 2, 4)], [part(1, 2, 3, 4)])
    assert merged == Assignment(keeps=((0, 8),), moved=((7, 0),))


def test_equal_age_goes_by_id() -> None:
    assert assign([old(9, 1, 1), old(8, 1, 2)], [part(1, 2)]).keeps == ((0, 8),)


def test_the_largest_part_keeps_the_id_and_names_the_others() -> None:
    divided = assign([old(7, 1, 1, 2, 3)], [part(1), part(2, 3, 9)])
    assert divided == Assignment(keeps=((1, 7),), split=((7, (0,)),))


def test_equal_parts_go_by_the_smallest_record() -> None:
    assert assign([old(7, 1, 1, 2, 3, 4)], [part(2, 3), part(1, 4)]).keeps == ((1, 7),)


def test_a_cluster_without_members_is_dissolved() -> None:
    assert assign([old(7, 1, 1), old(8, 2, 2)], [part(2)]) == Assignment(keeps=((0, 8),), dissolved=(7,))


def test_a_cluster_that_merges_and_splits_at_once_redirects_and_names_the_rest() -> None:
    mixed = assign([old(7, 1, 1, 2), old(8, 2, 3, 4, 5)], [part(1, 2, 3, 4), part(5)])
    assert mixed == Assignment(keeps=((0, 7),), moved=((8, 0),), split=((8, (1,)),))


def test_the_order_of_clusters_does_not_matter() -> None:
    clusters = [old(7, 1, 1, 2), old(8, 2, 3, 4, 5), old(9, 3, 6)]
    new = [part(1, 3), part(2, 4, 5), part(6)]
    assert assign(clusters, new) == assign(clusters[::-1], new)
