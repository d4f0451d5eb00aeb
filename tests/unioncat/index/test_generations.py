"""Folders, pointer and locks of an index."""

from pathlib import Path

import pytest

from unioncat.index.generations import Generations, IndexBusy


def test_the_pointer_names_a_generation(tmp_path: Path) -> None:
    generations = Generations(tmp_path / "v1")
    assert generations.current() is None
    assert generations.stamp() == 0
    first, hold = generations.create()
    assert generations.current() is None
    generations.point(first)
    assert generations.current() == first
    stamp = generations.stamp()
    second, other = generations.create()
    assert second.name > first.name
    generations.point(second)
    assert generations.stamp() != stamp
    hold.release()
    other.release()


def test_what_is_in_use_is_not_removed(tmp_path: Path) -> None:
    generations = Generations(tmp_path / "v1")
    first, building = generations.create()
    generations.point(first)
    building.release()
    reading = generations.hold(first)
    second, hold = generations.create()
    assert generations.sweep() == 1  # the second, still being built
    generations.point(second)
    hold.release()
    assert generations.sweep() == 1
    assert first.exists()
    reading.release()
    assert generations.sweep() == 0
    assert not first.exists()
    assert second.exists()
    with pytest.raises(FileNotFoundError):
        generations.hold(first)


def test_older_schemas_are_swept_once_the_new_one_has_an_index(tmp_path: Path) -> None:
    old, new = Generations(tmp_path / "v1"), Generations(tmp_path / "v2")
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "kept.txt").write_text("not ours")
    path, hold = old.create()
    old.point(path)
    hold.release()
    new.folder.mkdir()
    assert new.sweep() == 0
    assert path.exists()
    fresh, hold = new.create()
    new.point(fresh)
    hold.release()
    assert new.sweep() == 0
    assert not path.exists()
    assert (tmp_path / "notes" / "kept.txt").exists()


def test_one_writer(tmp_path: Path) -> None:
    generations = Generations(tmp_path / "v1")
    lock = generations.lock_writer()
    with pytest.raises(IndexBusy, match="stop it first"):
        generations.lock_writer()
    lock.release()
    lock.release()
    generations.lock_writer().release()
