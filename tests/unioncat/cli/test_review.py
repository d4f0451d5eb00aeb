"""Commands of people at work on the joining, on a real database."""

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.flows.conftest import add_source
from tests.flows.test_join import book, put
from tests.unioncat.cli.test_cli import Said, cli, home
from unioncat.engine.postgres import EmbeddedPostgres
from unioncat.matching import RULES, read_weights
from unioncat.matching.learn import table
from unioncat.matching.weights import POINTS
from unioncat.store.database import Database
from unioncat.store.migrate import upgrade

__all__ = ["cli", "home"]


@pytest.fixture(scope="module")
def filled(home: Path) -> Iterator[Path]:
    """The home of a service with two books in doubt and two alike."""
    url = EmbeddedPostgres(home, memory_mb=32).start()

    async def fill() -> None:
        await upgrade(url)
        db = await Database.connect(url, pool_size=1)
        source = await add_source(db, "lib-a")
        await put(
            db, source, {"a": book("Truyện cô Ba"), "b": book("Truyện cô Bà"), "x": book(), "y": book()}
        )
        await db.close()

    asyncio.run(fill())
    return home


def test_a_pair_from_doubt_to_decision_and_back(cli: Said, filled: Path, tmp_path: Path) -> None:
    assert cli("process", "--quiet")[0] == 0
    code, out, err = cli("review", "explain", "lib-a:a", "lib-a:b")
    assert (code, err) == (0, "")
    assert "apart until a person decides" in out
    assert "doubt" in out
    code, out, _ = cli("review", "decide", "lib-a:a", "lib-a:b", "same", "--reason", "đã xem", "--by", "Lan")
    assert (code, "after the next processing" in out) == (0, True)
    cli("process", "--quiet")
    assert "a person joined them" in cli("review", "explain", "lib-a:a", "lib-a:b")[1]
    explained = json.loads(cli("review", "explain", "lib-a:a", "lib-a:b", "--json")[1])
    assert explained["outcome"] == "person-joined"
    file = tmp_path / "decisions.jsonl"
    assert cli("review", "export", str(file))[1].startswith("1 lines written")
    assert "0 decisions came in, 1 were there already" in cli("review", "import", str(file))[1]
    (listed,) = json.loads(cli("review", "list", "--json")[1])
    assert cli("review", "undo", str(listed["id"]), "--by", "Minh")[1].startswith("1 decisions undone")
    assert "undone" in cli("review", "list")[1]
    cli("process", "--quiet")
    assert "apart until a person decides" in cli("review", "explain", "lib-a:a", "lib-a:b")[1]


def test_slips_are_told_with_a_remedy(cli: Said, filled: Path, tmp_path: Path) -> None:
    code, _, err = cli("review", "explain", "x", "lib-a:a")
    assert (code, "names no record" in err, "SOURCE:LOCAL-ID" in err) == (1, True, True)
    bad = tmp_path / "bad.jsonl"
    bad.write_text("{}\n")
    code, _, err = cli("review", "import", str(bad))
    assert (code, "line 1" in err, "nothing was imported" in err) == (1, True, True)
    assert cli("review", "undo", "999")[0] == 1


def test_the_list_of_identifiers(cli: Said, filled: Path) -> None:
    assert cli("review", "distrust", "isbn", "978-604-1-15791-0", "--reason", "in nhầm")[0] == 0
    assert "9786041157910" in cli("review", "distrusted")[1]
    assert json.loads(cli("review", "distrusted", "--json")[1])[0]["reason"] == "in nhầm"
    assert cli("review", "trust", "isbn", "9786041157910")[0] == 0
    assert "every identifier is believed" in cli("review", "distrusted")[1]


def test_rules_are_compared_and_applied(cli: Said, filled: Path) -> None:
    cli("process", "--quiet")
    code, out, _ = cli("match", "compare", "--quiet")
    assert code == 0
    assert "0 union records out of several" in out
    found = json.loads(cli("match", "compare", "--json")[1])
    assert (found["records"], found["counts"]["split"], found["waiting"]) == (4, 0, 0)
    assert "0 records read again" in cli("match", "apply")[1]
    assert "the service will do it" in cli("match", "apply", "--background")[1]
    assert "waits or runs already" in cli("match", "apply", "--background")[1]


def test_weights_from_a_file_are_compared_and_applied(cli: Said, filled: Path, tmp_path: Path) -> None:
    cli("process", "--quiet")
    file = tmp_path / "ours.py"
    file.write_text(table(dict(POINTS) | {"year.supposed": -4.0}), encoding="utf-8")
    version = read_weights(file.read_text(encoding="utf-8")).version
    found = json.loads(cli("match", "compare", str(file), "--json")[1])
    assert (found["rules"], found["stale"], found["counts"]["split"]) == (version, 4, 0)
    assert f"rules {version}: 4 records read again" in cli("match", "apply", str(file))[1]
    assert "0 records read again" in cli("match", "apply", str(file))[1]
    assert f"rules {RULES}: 4 records read again" in cli("match", "apply")[1], "and back to the program's own"
    file.write_text("POINTS = {'title.equal': 29.0}", encoding="utf-8")
    for command in ("compare", "apply"):
        code, _, error = cli("match", command, str(file))
        assert code == 1
        assert "is missing" in error
        assert "unioncat match train" in error
    assert cli("match", "compare", str(tmp_path / "none.py"))[0] == 1
