"""The words of the pages: complete in both languages, in one style of tone marks, and all of them used."""

import ast
import re
import string
import unicodedata
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from pathlib import Path

import pytest

from unioncat.domain import bib, column, library, licence, quality, search, source, upload
from unioncat.domain.audit import CUT, Entry, Summary
from unioncat.domain.match import Doubt, Verdict
from unioncat.domain.onboarding import Stage
from unioncat.domain.registration import RegistrationState, Wish
from unioncat.domain.software import BY_CODE
from unioncat.flow.explain import CAPPING, Outcome
from unioncat.flow.letters import wording
from unioncat.flow.lines import COLUMNS, FAULTS
from unioncat.lending.iso18626.codes import OPEN, Book
from unioncat.matching import Features, weigh
from unioncat.matching.merge import REASONS
from unioncat.normalise import PROFILES
from unioncat.text import sort_key
from unioncat.text.encodings import ENCODINGS
from unioncat_api.pages.logged import VALUES, choices, details, in_words, who
from unioncat_api.pages.messages import EN, LANGUAGES, VI, flat, load, short_code, words
from unioncat_api.pages.phrases import book
from unioncat_api.pages.search import FORM_FIELDS, SHOWN_FACETS

ROOT = Path(__file__).parents[2]
NEW_STYLE = re.compile(r"(?<![qQ])(o[àáảãạ]|o[èéẻẽẹ]|u[ỳýỷỹỵ])(?![a-zà-ỹ])", re.IGNORECASE)
"""Tone marks on the second vowel of open syllables: hoà, thuý. Ours stand on the first: hòa, thúy."""


def forms(message: str | dict[str, str]) -> list[str]:
    return [message] if isinstance(message, str) else list(message.values())


def holes(message: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(message) if name}


def test_both_languages_have_the_same_keys() -> None:
    assert load("vi").keys() == load("en").keys()


@pytest.mark.parametrize("key", sorted(load("vi")))
def test_a_message_is_filled_in_alike(key: str) -> None:
    vi, en = load("vi")[key], load("en")[key]
    assert isinstance(vi, str) == isinstance(en, str)
    assert {hole for one in forms(vi) for hole in holes(one)} == {
        hole for one in forms(en) for hole in holes(one)
    } | ({"n"} if any("{n}" in one for one in forms(vi)) else set())
    for one in (*forms(vi), *forms(en)):
        assert one.strip() == one
        assert one
        assert unicodedata.is_normalized("NFC", one)


def test_tone_marks_are_in_one_style() -> None:
    assert NEW_STYLE.search("hoà")
    assert NEW_STYLE.search("thuý")
    assert not NEW_STYLE.search("hòa thúy quý Thủy khoảng toàn hoặc quỹ tuyển")
    wrong = {key: one for key, m in load("vi").items() for one in forms(m) if NEW_STYLE.search(one)}
    assert wrong == {}


def test_words_to_avoid() -> None:
    said = [one for m in load("vi").values() for one in forms(m)]
    text = " ".join([*said, *book().values()]).lower()
    assert "độc giả" not in text
    assert "mục lục liên hiệp" not in text
    assert "tiêu đề" not in text
    assert re.findall(r"(?<!mục lục )liên hợp", text) == [], "the catalogue is liên hợp, its body liên hiệp"


def test_every_value_of_a_closed_list_has_a_name() -> None:
    named = {
        "material": bib.Material,
        "carrier": bib.Carrier,
        "title": bib.TitleKind,
        "note": bib.NoteKind,
        "type": library.LibraryType,
        "level": library.Level,
        "mode": library.GroupMode,
        "source_state": source.SourceState,
        "run_state": source.RunState,
        "run_mode": source.RunMode,
        "facet": search.FACETS,
        "why": REASONS,
        "field": bib.BibRecord.__dataclass_fields__,
        "outcome": Outcome,
        "verdict": Verdict,
        "doubt": Doubt,
        "upload_state": upload.UploadState,
        "upload_mode": ("full", "incremental"),
        "column": set(column.Column) - {"ignore"},
        "encoding": (*ENCODINGS, "unknown"),
        "protocol": source.Protocol,
        "licence": licence.LicenceCode,
        "profile": PROFILES,
        "registration_state": RegistrationState,
        "wish": Wish,
        "stage": Stage,
        "software_help": BY_CODE,
        "fault": FAULTS,
        "finding": (*quality.MISSING, *quality.NUMBERS, quality.DUPLICATE, quality.UNREADABLE),
        "feature": [one.feature for one in weigh(Features(), Features())] + sorted(CAPPING),
    }
    for group, values in named.items():
        for value in values:
            assert VI.has(f"{group}.{value}"), f"{group}.{value}"
    for name in (*search.FIELDS, *FORM_FIELDS):
        assert VI.has(f"search.field_{name}")
    for name in COLUMNS:
        assert VI.has(f"bulk.col_{name}")
        assert VI.has(f"bulk.about_{name}")
    for group in quality.GROUPS:
        assert VI.has(f"quality.group_{group}")
        assert VI.has(f"quality.how_{group}")
    for order in search.Sort:
        assert VI.has(f"search.sort_{order}")
    assert set(SHOWN_FACETS) == set(search.FACETS)


def test_every_action_in_the_log_has_words() -> None:
    place = {"audit.write": 3, "audit.note": 2, "turn.done": 0}
    found: set[str] = set()
    for path in (*(ROOT / "src").rglob("*.py"), *(ROOT / "api").rglob("*.py")):
        for call in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not isinstance(call, ast.Call):
                continue
            name = ast.unparse(call.func)
            at = 1 if name.endswith("people.note") else place.get(name)
            if at is None or len(call.args) <= at:
                continue
            match call.args[at]:
                case ast.Constant(value=str(code)):
                    found.add(code)
                case ast.JoinedStr(values=[ast.Constant(value=str(head)), *_]):
                    found.add(head.partition(".")[0])
    assert len(found) > 40
    assert [code for code in sorted(found | {CUT}) if not VI.has(f"action.{code}")] == []
    assert in_words("asked.pause", VI) == VI.t("action.asked")


def test_what_an_entry_says_besides_has_words_too() -> None:
    now = datetime(2026, 3, 1, tzinfo=UTC)
    said = {"role": "reader", "library": "*", "scopes": "people lend", "by": "code", "from": "public"}
    entry = Entry(1, now, "x", "people.invited", detail=said)
    assert details(entry, VI) == [
        ("vai trò", "Bạn đọc"),
        ("thư viện", "toàn liên hiệp"),
        ("được phép", "Quản lý người dùng, Làm việc tại bàn mượn liên thư viện"),
        ("bằng", "mã xác thực"),
        ("từ", "mọi người"),
    ]
    cut = Entry(2, now, "unioncat", CUT, detail=Summary(9, b"x", now, now, {"sign-in": 3}).detail())
    assert ("Đăng nhập", "3") in details(cut, VI)
    assert ("từ lúc", "07:00, 01/03/2026") in details(cut, VI)
    command = Entry(3, now, "cli:root", "asked.library audience", detail={"by": "x", "state": "lent"})
    assert details(command, VI) == [("by", "x"), ("state", "lent")]
    assert who("person-" + "0" * 24, VI) == f"Người đã xóa tài khoản (person-{'0' * 24})"
    named = dict(choices(VI, "people"))
    assert (named["sign-in"], named["people"]) == ("Đăng nhập", "people")
    assert list(choices(VI, "")) == sorted(choices(VI, ""), key=lambda one: sort_key(one[1]))


def test_every_detail_in_the_log_has_a_name() -> None:
    """Names of details are written as literals beside what is logged."""
    found: set[str] = set()
    for path in (ROOT / "src/unioncat/flow").rglob("*.py"):
        for call in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(call, ast.Call) and ast.unparse(call.func) in ("audit.write", "audit.forget"):
                for part in [*call.args[3:], *(word.value for word in call.keywords)]:
                    for one in ast.walk(part):
                        if isinstance(one, ast.Dict):
                            keys = [key for key in one.keys if isinstance(key, ast.Constant)]
                            found |= {str(key.value) for key in keys}
            if isinstance(call, ast.Call) and ast.unparse(call.func).endswith("turn.done"):
                found |= {word.arg for word in call.keywords if word.arg}
    assert len(found) > 15
    assert [name for name in sorted(found) if not VI.has(f"logged.{name}")] == []


def test_every_message_is_used_somewhere() -> None:
    folder = Path(str(files("unioncat_api.pages")))
    code = "\n".join(p.read_text("utf-8") for p in (*folder.glob("*.py"), *folder.glob("templates/*.html")))
    made = (
        "actor.",
        "terms.way_",
        "search.field_",
        "search.sort_",
        "error.t",
        "unit.",
        "facet.",
        "nav.",
        "sources.every_",
        "language.",
        "review.tab_",
        "review.state_",
        "review.done_",
        "review.decided_",
        "upload.n_",
        "upload.reject",
        "upload.again",
        "upload.delimiter_",
        "bulk.col_",
        "bulk.about_",
        "quality.head_",
        "quality.group_",
        "quality.how_",
        "federation.h_",
        "federation.tab_",
        "entry.wrong_",
        "entry.done_",
        "action.",
        "account.done_",
        "account.tab_",
        "role.",
        "right.",
        "federation.done_",
        "tracker.done_",
        "sources.unit_",
        "sources.done_",
        "join.step_",
        "join.way_",
        "join.after_",
        "join.address_",
        "join.done_",
        "paper.",
        "lend.f_",
        "lend.fault_",
        "lend.flag_",
        "lend.done_",
        "desk.tab_",
        "desk.print_",
        "step_field.",
        "way.",
        "answer.asks",
        "paper_list.",
        "terms.f_",
        "terms.h_",
        "terms.tab_",
        "rota.key_",
        "rota.group_",
        "rota.availability_",
        "rota.distance_",
        "figures.",
        "consignment.do_",
        "consignment.did_",
        "consignment.now_",
        "exchange.tab_",
        "exchange.way_",
        "exchange.outcome_",
        "exchange.state_",
        "exchange.letter_to_",
        "lend.by_",
    )
    values = {"material", "carrier", "title", "note", "type", "level", "mode", "source_state", "run_state"}
    values |= {"software_help", "wish", "registration_state", "finding", "stage", "fault"}
    values |= {"run_mode", "why", "field", "status", "scheme", "feature", "doubt", "outcome", "verdict"}
    values |= {"switch", "upload_state", "upload_mode", "upload_problem", "file_kind"}
    values |= {"protocol", "profile", "licence", "job", "job_state"}
    values |= {"encoding", "column"}
    values |= {"open_to", "avoids", "delivery", "rota_reason", "end_reason"}
    values |= {"consignment_kind", "consignment_state"}
    values |= {"lend_service", "lend_level", "edition_wish", "where_now", "what_next", "requester_state"}
    values |= {"supplier_state", "worklist", "step_requester", "step_supplier", "step_seen", "iso_status"}
    values |= {"unfilled_reason", "retry_reason", "loan_condition", "wait_reason"}
    values |= {"by_link_supplier", "by_link_requester", "exchange_kind", "iso_word"}
    values |= {"logged", *(group for groups in VALUES.values() for group in groups)}
    unused = [
        key
        for key in load("vi")
        if key not in code and not key.startswith(made) and key.split(".")[0] not in values
    ]
    assert unused == []


def test_numbers_and_dates_are_written_as_the_language_writes_them() -> None:
    assert VI.number(1234567) == "1.234.567"
    assert EN.number(1234567) == "1,234,567"
    assert VI.t("count.libraries", n=1) == "1 thư viện"
    assert EN.t("count.libraries", n=1) == "1 library"
    assert EN.t("count.libraries", n=2) == "2 libraries"
    late = datetime(2025, 12, 31, 18, 30, tzinfo=UTC)
    assert VI.date(late) == "01/01/2026"  # it is the next day in Viet Nam
    assert EN.moment(late) == "1 Jan 2026, 01:30"
    assert VI.ago(late - timedelta(minutes=5), late) == "5 phút trước"
    assert EN.ago(late + timedelta(seconds=30), late) == "1 second ago"  # clocks differ a little


def test_languages_of_records_have_names() -> None:
    assert [VI.spoken(code) for code in ("vie", "eng", "chi", "fre", "mul", "tyz")] == [
        "Tiếng Việt",
        "Tiếng Anh",
        "Tiếng Trung",
        "Tiếng Pháp",
        "Nhiều ngôn ngữ",
        "Tyz",
    ]
    assert EN.spoken("vie") == "Vietnamese"
    assert EN.spoken("<b>") == "<b>"
    assert short_code("vie") == "vi"
    assert short_code("") is None
    assert words("fr") is VI


def test_a_value_without_a_name_stands_for_itself() -> None:
    assert VI.value("status", "on-loan") == "Đang mượn"
    assert VI.value("status", "somewhere") == "somewhere"
    assert set(LANGUAGES) == {"vi", "en"}
    assert flat({"a": {"b": "c", "d": {"one": "x", "other": "y"}}}) == {
        "a.b": "c",
        "a.d": {"one": "x", "other": "y"},
    }


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_code_of_the_standard_that_desks_see_has_words(language: str) -> None:
    groups = {Book.UNFILLED: "unfilled_reason", Book.RETRY: "retry_reason", Book.CONDITION: "loan_condition"}
    for kind, group in groups.items():
        for code in OPEN[kind].values():
            if code == "LoanCondition":  # read as MustMeetLoanCondition
                continue
            assert f"{group}.{code}" in load(language), code
            assert wording.code(language, code) != code, "in letters too"
