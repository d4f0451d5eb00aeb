"""The guide's table of behaviours is the rig's own: every row has its test, every case its row."""

import ast
from pathlib import Path

import pytest

from tests.harvester.table import BEGIN, BROKEN, END, PAGE, TABLE, WHOLE, render
from tests.harvester.test_misbehaviour import BROKEN as BROKEN_CASES
from tests.harvester.test_misbehaviour import WHOLE as WHOLE_CASES

TESTS = Path(__file__).parents[1]


def test_every_case_of_the_rig_has_its_row() -> None:
    assert {name for name, row in TABLE.items() if row.proof == WHOLE} == set(WHOLE_CASES)
    assert {name for name, row in TABLE.items() if row.proof == BROKEN} == set(BROKEN_CASES)


@pytest.mark.parametrize("proof", sorted({row.proof for row in TABLE.values()}))
def test_every_row_names_a_test_that_there_is(proof: str) -> None:
    file, _, name = proof.partition("::")
    tree = ast.parse((TESTS / file).read_text("utf-8"))
    assert name in {
        node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }


def test_the_guide_holds_the_table() -> None:
    text = PAGE.read_text("utf-8")
    assert text.partition(BEGIN)[2].partition(END)[0] == render(), (
        "print the table with: python -m tests.harvester.table"
    )
