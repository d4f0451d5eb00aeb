"""Sentences of errors, remedies and advice on Vietnamese pages: every one that people meet is in the book."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from unioncat_api.pages.messages import EN, VI
from unioncat_api.pages.phrases import book, told, vietnamese

ROOT = Path(__file__).parents[2]
SAID_BY = frozenset(
    {"SourceError", "NotUnderstood", "Conflict", "Unknown", "TooMany", "TooLarge", "StoreError", "Unreadable"}
    | {"_error", "Suggestion"}
)
"""What errors, refusals and suggestions are made with."""
PLACES = (
    "harvester/unioncat_harvester/readers/files",
    "harvester/unioncat_harvester/readers/oaipmh/suggest.py",
    "harvester/unioncat_harvester/readers/oaipmh/survey.py",
    "harvester/unioncat_harvester/errands.py",
    "harvester/unioncat_harvester/uploading.py",
    "harvester/unioncat_harvester/run.py",
    "harvester/unioncat_harvester/transport.py",
    "src/unioncat/normalise",
    *(
        f"src/unioncat/{one}.py"
        for one in (
            *("flow/admission", "flow/approval", "flow/bulk", "flow/entry", "flow/explain", "flow/grid"),
            *("flow/lines", "flow/onboarding", "flow/people", "flow/preview", "flow/quality"),
            *(
                "flow/registration",
                "flow/review",
                "flow/uploads",
                "flow/vetting",
                "flow/watching",
                "flow/work",
            ),
            *("store/decisions", "store/distrust", "store/errands", "store/libraries", "store/onboarding"),
            *("store/people", "store/promises", "store/registrations", "store/runs", "store/sheets"),
            "store/uploads",
        )
    ),
)
"""Modules whose words reach the pages on which libraries join, bring files and look after their records."""
NOT_FOR_PAGES = frozenset(
    {
        "See `unioncat people list`.",
        "source {}: {}",
        "there is no profile {} of the federation's own",
        "Shipped profiles cannot be removed.",
        "Source {}: there is no profile {}. Choose one of: {}.",
    }
)


def template(node: ast.expr) -> str | None:
    """Give a literal text, with {} for each value in it."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(part.value if isinstance(part, ast.Constant) else "{}" for part in node.values)
    return None


def sentences(path: Path) -> Iterator[str]:
    tree = ast.parse(path.read_text("utf-8"))
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        name = getattr(node.func, "id", getattr(node.func, "attr", ""))
        if name in SAID_BY:
            for argument in (*node.args, *(one.value for one in node.keywords if one.arg != "source")):
                text = template(argument)
                if text and " " in text and text.strip("{}: ") and text not in NOT_FOR_PAGES:
                    yield text


def modules() -> Iterator[Path]:
    for place in PLACES:
        path = ROOT / place
        yield from [path] if path.is_file() else sorted(path.rglob("*.py"))


def test_every_sentence_that_people_meet_is_in_the_book() -> None:
    missing = {
        f"{path.name}: {text}"
        for path in modules()
        for text in sentences(path)
        if vietnamese(text.replace("{}", "7")) is None
    }
    assert sorted(missing) == []


def test_the_book_says_what_it_takes() -> None:
    for english, said in book().items():
        values = [f"<{n}>" for n in range(english.count("{}"))]
        text = said.format(*values)
        assert all(value in text for value in values) or len(values) > text.count("<"), english


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("the file is a PDF document", "Tệp này là văn bản PDF."),
        (
            "source th-hoa-sen: the file is empty",
            "Tệp rỗng.",
        ),
        (
            "the file 'a.xlsx' of source 'b' waits to be accepted or rejected. Decide on it first.",
            "Tệp “a.xlsx” của nguồn “b” đang chờ được chấp nhận hoặc từ chối."
            " Hãy quyết định về tệp ấy trước.",
        ),
        (
            "source 'b' is paused. Resume the source first.",
            "Nguồn “b” đang tạm dừng. Hãy cho nguồn chạy lại trước.",
        ),
        (
            "run 4 of source b waits for a person: 400 of 500 records would go; at most 50 may in one run",
            "Đợt 4 của nguồn b chờ người duyệt: 400 trong 500 biểu ghi sẽ bị xóa;"
            " mỗi đợt chỉ được xóa nhiều nhất 50.",
        ),
    ],
)
def test_a_sentence_is_said_in_vietnamese(text: str, said: str) -> None:
    assert vietnamese(text) == said
    assert told(text, VI) == said


def test_what_is_not_in_the_book_is_told_to_be_technical() -> None:
    shown = told("the frob <b>broke</b>", VI)
    assert "Chi tiết kỹ thuật" in shown
    assert '<bdi lang="en">the frob &lt;b&gt;broke&lt;/b&gt;</bdi>' in shown
    assert told("the frob broke", EN) == "<bdi>The frob broke</bdi>"
    assert told(None, VI) == ""


def test_hostile_texts_are_quick() -> None:
    assert vietnamese("source a: " * 4000) is None
    assert vietnamese(". ".join(["A b"] * 300)) is None
    assert vietnamese("the file " * 400) is None
