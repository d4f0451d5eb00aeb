"""Logs: readable, whole, and without a secret in any corner."""

import io
import json
import logging

import pytest

from unioncat import telemetry


def logged(form: str, level: str = "info") -> tuple[io.StringIO, telemetry.FilteringBoundLogger]:
    stream = io.StringIO()
    telemetry.configure(level, form, stream)
    return stream, telemetry.logger("test")


@pytest.fixture(autouse=True)
def quiet_again() -> object:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)


def test_json_is_one_object_a_line_in_plain_letters() -> None:
    stream, log = logged("json")
    log.info("page received", source="tvqg", title="Truyện Kiều")
    (line,) = stream.getvalue().splitlines()
    entry = json.loads(line)
    assert entry["event"] == "page received"
    assert entry["level"] == "info"
    assert entry["timestamp"].endswith("Z")
    assert "Truyện Kiều" in line


@pytest.mark.parametrize("form", ["json", "console"])
def test_no_secret_reaches_a_log(form: str) -> None:
    stream, log = logged(form)
    log.info(
        "asking",
        token="hush-1",
        operator_token="hush-2",
        headers={"Authorization": "hush-3"},
        url="postgresql://user:hush-4@host/db",
        addresses=["https://host/oai?verb=x&api_key=hush-5"],
    )
    log.info("sent Authorization: Bearer hush-6-hush-6")
    logging.getLogger("other").warning("connecting to %s", "http://u:hush-7@host/")
    try:
        raise ValueError("cannot reach postgresql://user:hush-8@host/db")
    except ValueError:
        log.exception("failed")
    assert "hush" not in stream.getvalue()
    assert "user:***@host" in stream.getvalue()


def test_resumption_tokens_stay_readable() -> None:
    stream, log = logged("json")
    log.info("page", resumption_token="abc", tokens=3)
    entry = json.loads(stream.getvalue())
    assert entry["resumption_token"] == "abc"
    assert entry["tokens"] == 3


def test_levels_hold() -> None:
    stream, log = logged("json", "warning")
    log.info("quiet")
    log.warning("loud")
    assert [json.loads(line)["event"] for line in stream.getvalue().splitlines()] == ["loud"]


def test_a_failing_block_is_timed_too() -> None:
    histogram = telemetry.JOB_SECONDS
    before = histogram.labels("test")._sum.get()
    with pytest.raises(ZeroDivisionError), telemetry.timed(histogram, "test"):
        raise ZeroDivisionError
    assert histogram.labels("test")._sum.get() > before
