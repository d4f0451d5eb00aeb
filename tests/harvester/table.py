"""Every behaviour of OAI-PMH servers that the rig can show, what comes of it, and the test that holds it.

`python -m tests.harvester.table` prints the table of docs/oai-pmh.md.
"""

from dataclasses import dataclass
from pathlib import Path

PAGE = Path(__file__).parents[2] / "docs" / "oai-pmh.md"
BEGIN, END = "<!-- behaviours -->\n", "<!-- /behaviours -->\n"
LISTS = "harvester/test_misbehaviour.py"
WHOLE, BROKEN = f"{LISTS}::test_list_comes_whole", f"{LISTS}::test_list_stops_with_a_clear_error"
RUN, SWEEP, WINDOWS = "flows/test_harvest_run.py::", "flows/test_sweep.py::", "harvester/test_windows.py::"
LOOK, HTTP = "harvester/test_probe.py::", "harvester/test_transport.py::"


@dataclass(frozen=True)
class Row:
    """One behaviour: what the server does, what comes of it, and where that is tried."""

    does: str
    outcome: str
    proof: str


ALL = "all records"
MENDED = "all records; mended, counted and told"
RETRY = "all records, after another try"


def whole(does: str, outcome: str = ALL) -> Row:
    return Row(does, outcome, WHOLE)


def broken(does: str, outcome: str) -> Row:
    return Row(does, outcome, BROKEN)


def row(does: str, outcome: str, proof: str) -> Row:
    return Row(does, outcome, proof)


STOPS = "stops with an error after all tries; the pages before it are saved and the next run goes on there"

TABLE: dict[str, Row] = {
    # the connection
    "02-503-seconds": whole(
        "says 503 with Retry-After in seconds", "all records, after the wait it asks for"
    ),
    "03-503-date": whole("says 503 with Retry-After as a date", "all records, after the wait it asks for"),
    "03b-503-odd": whole("says 503 with a Retry-After of nonsense (words, a negative number, none)", RETRY),
    "04-429": whole("says 429", RETRY),
    "05-500": whole("says 500 once", RETRY),
    "06-reset": whole("resets the connection once", RETRY),
    "07-half-body": whole("sends half of the announced body once", RETRY),
    "17-empty": whole("sends an empty body with status 200 once", RETRY),
    "33-503-bare": whole("says 503 without Retry-After", RETRY),
    "34-429-wait": whole("says 429 with Retry-After", "all records, after the wait it asks for"),
    "48-stall": whole("falls silent in the middle of a body once", RETRY),
    "49-cut-once": whole("cuts the XML of a page off once", RETRY),
    "53-500-then-oai-error": whole("says 500 with an OAI error of its own making once", RETRY),
    "54-half-gzip": whole("cuts a compressed answer off once", RETRY),
    "56-502": whole("says 502 once (a proxy)", RETRY),
    "57-trickle": row(
        "sends a byte now and then, for ever",
        "stops with an error after ten time-outs a try",
        f"{HTTP}test_a_server_that_drips_is_given_up_at_the_deadline",
    ),
    "29-gzip": whole("sends gzip unasked"),
    "29b-gzip-promised-only": whole("says that it sends gzip, and does not"),
    "36-gzip-untold": whole("sends gzip without saying so"),
    "36b-zstd-untold": whole("sends zstd without saying so"),
    "68-gzip-cut": broken("cuts a compressed answer off always", STOPS),
    "30-redirect": whole("redirects for now (302)"),
    "51-moved": whole("has moved for good (301)", "all records; the new address is told"),
    "58-cookie": whole("lets nobody in without the cookie that it set"),
    "60-login": broken("wants a password (403)", "stops at once: ask for access or credentials"),
    "61-gone": broken("is no longer there (404)", "stops at once: ask for the right address"),
    "62-busy-always": broken("says 503 always", STOPS),
    "63-redirect-circle": broken("redirects in a circle", "stops at the sixth"),
    "64-redirect-to-file": broken("redirects to a file", "stops at once"),
    # the XML
    "08-cut-always": broken("cuts the XML of a page off always", STOPS),
    "08b-cut-at-record": broken("cuts a page off between two records, always", STOPS),
    "09-control-characters": whole("puts control characters into text", MENDED),
    "10-not-utf8": whole("sends bytes that are no UTF-8", MENDED),
    "11-bare-ampersand": whole("sends bare ampersands", MENDED),
    "12-entities": whole("uses entities of HTML and others that it does not declare", MENDED),
    "14-blank-lines": whole("sends blank lines before the XML declaration"),
    "15-php-after": whole("prints a warning after the XML", MENDED),
    "16-php-before": whole("prints a warning before the XML", MENDED),
    "16b-html-always": broken("sends an HTML page with status 200 always", STOPS),
    "18-html": whole("sends an HTML page with status 200 once", RETRY),
    "18b-plain-text": broken("sends plain text with status 200", STOPS),
    "18c-other-xml": broken("sends other XML (RSS)", STOPS),
    "18d-html-at-the-probe": row(
        "is a web page and no endpoint, when it is looked at first",
        "said at the first try, with the usual endpoints",
        f"{LOOK}test_a_web_page_is_named_at_the_first_try",
    ),
    "24-no-namespace": whole("sends no namespace"),
    "24b-wrong-namespace": whole("sends another namespace"),
    "25-prefixed": whole("uses a prefix for the namespace"),
    "26-latin1": whole("declares and sends ISO-8859-1"),
    "31-xxe": broken("carries an external entity", "refused, never resolved"),
    "31b-xxe-behind-junk": broken("carries an external entity behind a warning", "refused, never resolved"),
    "32-bomb": broken("carries an entity bomb", "refused, never unfolded"),
    "35-bom": whole("begins with a byte order mark"),
    "37-marc-without-namespace": whole("sends MARC records without their namespace"),
    "45-false-charset": whole("names a false charset in the HTTP header", "all records, characters right"),
    "46-utf16": whole("sends UTF-16", "all records, characters right"),
    "47-text-of-11-MB": whole("sends a text of 11 MB in one record"),
    "52-undeclared-prefix": whole("uses prefixes that nothing declares", MENDED),
    "55-utf8-but-says-utf16": whole("says UTF-16 and sends UTF-8", MENDED),
    "67-less-than-sign": broken("sends a bare less-than sign in text", STOPS),
    # the records
    "13-no-metadata": whole("sends live records without metadata", "all others; these are put aside by name"),
    "39-deleted-with-metadata": whole("marks records deleted and sends metadata too", "deleted"),
    "40-no-header": whole("leaves headers out", "all others; the pieces are put aside, and nothing is swept"),
    "70-poison": row(
        "breaks off at every list that holds a certain record",
        "all others; that one is found by halving dates, put aside by name, and its good version kept",
        f"{WINDOWS}test_a_poison_record_costs_itself_alone",
    ),
    "71-poison-list-only": row(
        "breaks off at a record in lists, but gives it alone",
        ALL,
        f"{WINDOWS}test_a_record_that_only_lists_cannot_give_comes_alone",
    ),
    "72-poison-no-dates": row(
        "breaks off at a record and understands no dates (`selective=no`)",
        "all others, one by one",
        f"{WINDOWS}test_a_server_without_dates_is_read_record_by_record",
    ),
    "73-poison-nothing-helps": row(
        "breaks off at a record, keeps to no dates and lists no identifiers",
        "stops with the first error",
        f"{WINDOWS}test_what_cannot_be_narrowed_down_stops_with_the_first_error",
    ),
    "74-empty-record": row(
        "sends an empty record in place of one that it cannot read (Koha)",
        "put aside by name; the good version here is kept",
        f"{SWEEP}test_an_empty_record_never_replaces_a_good_one",
    ),
    "75-deleted-undated": row(
        "sends deletions without dates",
        "deleted",
        f"{SWEEP}test_deletions_need_no_date",
    ),
    "76-out-of-order": row(
        "sends records in no order of dates",
        "all records; the next `from` is the server's time at the first answer",
        f"{RUN}test_records_out_of_order_do_not_move_the_next_from",
    ),
    "77-twice-in-a-list": row(
        "sends a record twice in one list, the second time changed",
        "it stands once, with its last content",
        f"{RUN}test_a_record_twice_in_a_list_stands_once",
    ),
    "78-shut-out": row(
        "sends a record that the source's rules keep out",
        "never written; an older version of it is deleted",
        "flows/test_gate_of_harvest.py::test_what_the_gate_refuses_is_never_written",
    ),
    # the list
    "19-token-loop": broken("hands out the same token for ever", "stops: its list has no end"),
    "19b-token-circle": broken("hands out tokens in a circle", "stops: its list has no end"),
    "19c-always-new-tokens": row(
        "hands out ever new tokens for ever the same records",
        "stops after 100 pages that bring nothing new",
        f"{SWEEP}test_pages_that_bring_nothing_new_for_ever_are_a_list_without_end",
    ),
    "19d-empty-pages": row(
        "sends empty pages with tokens between full ones",
        "all records; 100 such pages in a row stop it",
        f"{SWEEP}test_empty_pages_with_tokens_are_borne_for_a_while",
    ),
    "20-short-list": row(
        "ends with an empty page before the announced size",
        "held for a person: fewer distinct records than announced",
        f"{RUN}test_an_incomplete_list_is_held",
    ),
    "21-no-records-match-early": broken(
        "says noRecordsMatch before the announced size", "stops with an error"
    ),
    "22-bad-token": broken(
        "forgets its tokens in the middle of every list",
        "the list begins again once, then in smaller windows of dates; where these do not help, stops",
    ),
    "22b-tokens-die": row(
        "lets tokens die after some pages",
        "all records, in smaller windows of dates",
        f"{WINDOWS}test_tokens_that_die_begin_the_list_again_and_then_smaller_ones",
    ),
    "23-nothing-new": row(
        "says noRecordsMatch with HTTP status 200, 404, 422 or 500",
        "a good run without changes",
        f"{LISTS}::test_row_23_nothing_new_is_a_clean_end",
    ),
    "27-blank-around-token": whole("puts blanks and line breaks around tokens"),
    "28-blank-last-token": whole("sends a last token of blanks"),
    "38-error-without-code": broken("sends an error without code", STOPS),
    "38b-error-of-python": broken("sends an error with an unknown code", STOPS),
    "41-last-record-again": row(
        "sends the last record of a page again as the first of the next, and so loses one",
        "held for a person: fewer distinct records than announced",
        f"{RUN}test_an_incomplete_list_is_held",
    ),
    "42-size-too-small": whole("announces too small a size"),
    "43-size-too-big": row(
        "announces too large a size",
        "held for a person, who may set `trust_list_size` to false",
        f"{RUN}test_an_incomplete_list_is_held",
    ),
    "44-odd-tokens": whole("uses tokens full of special characters"),
    "50-error-beside-records": broken("puts an error beside good records", STOPS),
    "65-other-verb": broken("answers another verb", STOPS),
    "66-neither": broken("answers with neither a list nor an error", STOPS),
    "80-one-huge-page": row(
        "sends everything on one page beyond the limit of size",
        "all records, in smaller windows of dates",
        f"{WINDOWS}test_one_huge_page_is_halved",
    ),
    "80b-large-page": row(
        "sends everything on one page within the limit",
        "all records; memory stays flat",
        "harvester/test_pages.py::test_memory_stays_flat_over_a_page_of_60_megabytes",
    ),
    # dates
    "81-no-seconds": row(
        "says that it knows seconds, and refuses them",
        "all changes, asked by days; told",
        f"{WINDOWS}test_seconds_that_are_refused_become_days",
    ),
    "82-ignores-from": row(
        "ignores `from`",
        "all records again; told, with `selective=no` as the remedy",
        f"{WINDOWS}test_a_server_that_ignores_from_is_named",
    ),
    "83-local-time": row(
        "labels its local time Z",
        "all changes: the earlier of its two clocks counts; told",
        f"{WINDOWS}test_local_time_labelled_z_never_moves_from_forward",
    ),
    # deletions
    "90-vanished": row(
        "drops records without a deletion",
        "deleted by the next full harvest or comparison of identifiers",
        f"{SWEEP}test_what_vanished_is_deleted",
    ),
    "91-fall": row(
        "drops more than the source's limit",
        "held for a person",
        f"{SWEEP}test_more_than_the_limit_waits_for_a_person",
    ),
    "92-list-lost-some": row(
        "leaves records out of a list that it still has",
        "kept, as GetRecord tells; many are held for a person",
        f"{SWEEP}test_a_record_that_only_the_list_lost_is_kept",
    ),
    "93-empty-list": row(
        "sends an empty list of a source that had records",
        "held for a person, however few they were",
        f"{SWEEP}test_an_empty_list_deletes_nothing_even_where_the_limit_would_allow_it",
    ),
    "94-new-identifiers": row(
        "gives all records new identifiers",
        "held for a person, who is asked about it",
        f"{SWEEP}test_new_identifiers_for_old_records_are_seen",
    ),
    "95-old-date": row(
        "adds records under an old date, which no increment finds",
        "fetched by the next comparison of identifiers",
        f"{SWEEP}test_a_comparison_fetches_what_is_missing_here",
    ),
}


def render() -> str:
    """The table as it stands in the guide."""
    lines = ["| | the server … | what comes of it |", "|---|---|---|"]
    lines += [f"| {name.partition('-')[0]} | {one.does} | {one.outcome} |" for name, one in TABLE.items()]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    print(render(), end="")
