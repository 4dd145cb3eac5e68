from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts import reader
from udfs.partner_files.refusal import Difference, FileRefusedError, Finding
from udfs.partner_files.rows import Rows
from udfs.times import parse_ms

CONTRACT = reader.load("chargebacks")
FIELDS = list(CONTRACT.names())
UNAUTHORISED = list(CONTRACT.custom["unauthorisedFields"])
GOOD = {
    "chargeback_id": "CB1",
    "customer_id": "c1",
    "transaction_id": "t1",
    "filed_at": "2026-11-16T08:00:00Z",
    "stage": "chargeback",
    "category": "fraud",
    "reason_code": "10.4",
    "amount_minor": "12345",
    "currency": "USD",
    "note": "says, it was not her",
}


def written(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    text = io.StringIO()
    csv.writer(text).writerows([header, *rows])
    return text.getvalue()


def read(text: str) -> tuple[Rows, dict[str, list[Any]]]:
    rows = Rows(io.StringIO(text, newline=""), CONTRACT, reader.currencies())
    found: dict[str, list[Any]] = {name: [] for name in FIELDS}
    for batch in rows.batches():
        for name, values in batch.items():
            found[name] += values
    return rows, found


def refused(text: str) -> FileRefusedError:
    with pytest.raises(FileRefusedError) as caught:
        read(text)
    return caught.value


def with_value(**values: str) -> FileRefusedError:
    cells = GOOD | values
    return refused(written(FIELDS, [[cells[name] for name in FIELDS]]))


def test_a_good_row() -> None:
    rows, found = read(written(FIELDS, [[GOOD[name] for name in FIELDS]]))
    assert rows.count == 1
    assert rows.removed == ()
    typed = {"amount_minor": 12345, "filed_at": parse_ms(GOOD["filed_at"])}
    assert found == {name: [typed.get(name, GOOD[name])] for name in FIELDS}


rows_of_good = st.lists(
    st.fixed_dictionaries(
        {"amount_minor": st.integers(1, 10**9).map(str), "note": st.text("abc ,\"';é\n".replace("\n", ""), max_size=9)}
    ),
    max_size=5,
)


@given(
    rows_of_good, st.permutations([*FIELDS, "card_number", "PIN"]), st.sampled_from(["4111111111111111", "=1+1", ""])
)
def test_order_and_removed_columns_change_nothing(values: list[dict[str, str]], header: list[str], secret: str) -> None:
    cells = [GOOD | each | {"chargeback_id": f"CB{number}"} for number, each in enumerate(values)]
    plain, kept = read(written(FIELDS, [[each[name] for name in FIELDS] for each in cells]))
    mixed, found = read(written(header, [[each.get(name, secret) for name in header] for each in cells]))
    assert found == kept
    assert mixed.digest == plain.digest
    assert set(mixed.removed) == {"card_number", "pin"}
    assert plain.count == mixed.count == len(values)
    assert found["note"] == [each["note"] or None for each in cells]


@given(st.sampled_from("=+-@＝＋－＠"), st.text("abc(1)!|'", max_size=9))  # noqa: RUF001
def test_a_formula(first: str, rest: str) -> None:
    error = with_value(note=first + rest)
    assert error.reason == "bad_rows"
    assert error.findings == (Finding(2, "note", "begins like a formula, which a spreadsheet would run"),)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"amount_minor": "0"}, "must be a whole number, 1 to 99999999999"),
        ({"amount_minor": "1.5"}, "must be a whole number"),
        ({"amount_minor": "１２"}, "must be a whole number"),  # noqa: RUF001
        ({"amount_minor": "9" * 30}, "must be a whole number"),
        ({"currency": "XXX"}, "is no currency"),
        ({"stage": "won"}, "must be one of"),
        ({"filed_at": "16.11.2026"}, "must be UTC"),
        ({"chargeback_id": ""}, "is empty; the contract requires it"),
        ({"transaction_id": "a b"}, "must match"),
        ({"note": "x" * 501}, "must have 0 to 500 characters"),
        ({"note": "a\x1b[2Jb"}, "control character"),
        ({"note": "a\nb"}, "control character"),
        ({"note": "a\u202eb"}, "control character"),
        ({"note": "card 4111 1111 1111 1111"}, "digits like a card number"),
    ],
)
def test_a_bad_cell_holds_the_whole_file(values: dict[str, str], words: str) -> None:
    error = with_value(**values)
    assert error.reason == "bad_rows"
    (finding,) = error.findings
    assert words in finding.problem
    assert finding.column == next(iter(values))
    if value := next(iter(values.values())):
        assert value not in error.message or len(value) == 1
    assert "4111" not in error.message


def test_a_chargeback_that_stands_twice() -> None:
    cells = [GOOD[name] for name in FIELDS]
    error = refused(written(FIELDS, [cells, cells]))
    assert error.findings == (Finding(3, "chargeback_id", "stands in line 2 already"),)


def test_a_row_of_another_width() -> None:
    error = refused(written(FIELDS, [["a"], [GOOD[name] for name in FIELDS]]))
    assert error.findings == (Finding(2, "-", "has 1 cells, the header has 10"),)


def test_a_file_full_of_mistakes_is_not_told_in_full() -> None:
    error = refused(written(FIELDS, [["a"]] * 5_000))
    assert len(error.findings) == 20
    assert error.message.startswith("at least 1,000 cells")


def test_the_diff_of_the_columns() -> None:
    error = refused(written([*FIELDS[2:], "colour", "colour", "stage", "PAN"], []))
    assert error.reason == "columns_differ"
    assert error.diff == (
        Difference("chargeback_id", "missing"),
        Difference("customer_id", "missing"),
        Difference("colour", "unexpected"),
        Difference("stage", "repeated"),
    )
    for each in ("chargeback_id is missing", "colour is not in the contract", "stage stands more than once"):
        assert each in error.message


def test_one_that_may_be_missing_was_renamed() -> None:
    error = refused(written([*FIELDS[:-1], "remark"], []))
    assert error.diff == (Difference("note", "missing"), Difference("remark", "unexpected"))


def test_a_file_without_a_header_tells_no_value() -> None:
    error = refused(written(["Jane Doe", "4111111111111111"], []))
    assert error.reason == "columns_differ"
    assert {each.difference for each in error.diff} == {"missing"}
    assert "Jane" not in error.message


def test_what_may_be_missing() -> None:
    header = [name for name in FIELDS if name != "note"]
    _, found = read(written(header, [[GOOD[name] for name in header]]))
    assert found["note"] == [None]


def test_nothing_and_a_header_alone() -> None:
    assert refused("").reason == "empty"
    assert refused("\r\n").reason == "empty"
    rows, _ = read(written(FIELDS, []))
    assert rows.count == 0


def test_what_is_no_csv() -> None:
    error = refused(written(FIELDS, []) + '"CB1,never closed')
    assert error.reason == "malformed"
    assert refused(written(FIELDS, []) + "x" * 200_000).reason == "malformed"


@given(st.text(max_size=200))
def test_any_text_is_read_or_has_a_reason(text: str) -> None:
    header = ",".join(FIELDS) + "\n"
    for each in (text, header + text):
        try:
            read(each)
        except FileRefusedError as error:
            assert error.reason in {"empty", "malformed", "columns_differ", "bad_rows"}  # noqa: PT017
