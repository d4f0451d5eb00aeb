"""The interface is what api/openapi.json says; UNIONCAT_TEST_WRITE_GOLDEN=1 writes the file."""

import json
import os
from pathlib import Path

from starlette.testclient import TestClient

PRIVATE = tuple(
    f"/api/v1/{one}"
    for one in (
        "review/",
        "registrations",
        "onboarding",
        "federation",
        "uploads",
        "people",
        "keys",
        "requests",
        "lending",
    )
)
PARTS = ("/quality", "/credentials", "/uploads")
"""Addresses that only operators may read: by their beginning, by their end."""
GOLDEN = Path(__file__).parents[2] / "api" / "openapi.json"


def test_the_interface_is_the_one_that_was_reviewed(client: TestClient) -> None:
    tree = client.get("/api/v1/openapi.json").json()
    tree["info"]["version"] = "golden"
    if os.environ.get("UNIONCAT_TEST_WRITE_GOLDEN"):
        GOLDEN.write_text(
            json.dumps(tree, ensure_ascii=False, indent=1, sort_keys=True) + "\n", encoding="utf-8"
        )
    assert tree == json.loads(GOLDEN.read_text(encoding="utf-8"))


def test_every_address_is_described_with_problems_and_every_write_with_the_token(client: TestClient) -> None:
    tree = client.get("/api/v1/openapi.json").json()
    for path, methods in tree["paths"].items():
        for method, operation in methods.items():
            assert operation["summary"], path
            if path.startswith("/api/"):
                assert operation["responses"]["default"]["content"]["application/problem+json"], path
            private = method != "get" or path.startswith(PRIVATE) or path.endswith(PARTS)
            assert ("security" in operation) == private, path


def test_examples_are_valid(client: TestClient) -> None:
    from unioncat_api.schemas import library, record, review, search, source

    made = [record.RecordOut, record.SuccessorsOut, search.SearchOut, search.SuggestOut]
    made += [source.SourceOut, source.RunOut, source.StatusOut, library.LibraryOut]
    made += [review.DecisionOut]
    for model in made:
        (example,) = model.model_json_schema()["examples"]
        assert model.model_validate(example), model
