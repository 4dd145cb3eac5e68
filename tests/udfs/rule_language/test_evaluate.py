"""Conditions on batches, against the same conditions worked out row by row with fractions."""

from __future__ import annotations

import operator
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from udfs.rule_language.check import check
from udfs.rule_language.evaluate import Condition, Rows
from udfs.rule_language.syntax import Binary, In, Name, Node, Number, Text, Unary, parse
from udfs.rule_language.tokens import ExpressionError
from udfs.rule_language.values import catalogue, scaled

LISTS = {"near": ("DE", "FR")}
Row = Mapping[str, Any]


class Batch:
    """Rows by the names that rules use."""

    def __init__(self, rows: Sequence[Row]) -> None:
        self._rows = rows
        self.asked: list[tuple[str, int]] = []
        self._named = {each.column: name for name, each in catalogue().items()}

    def __len__(self) -> int:
        return len(self._rows)

    def numbers(self, column: str) -> Any:
        return np.array([each[self._named[column]] for each in self._rows], np.int64)

    def texts(self, column: str, rows: Rows) -> list[str | None]:
        asked = range(len(self)) if rows is None else rows.tolist()
        self.asked.append((column, len(asked)))
        return [self._rows[row][self._named[column]] for row in asked]


def holds(expression: str, rows: Sequence[Row]) -> list[bool]:
    return [bool(each) for each in Condition(parse(expression), catalogue(), LISTS).holds(Batch(rows))]


_OPERATORS = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "==": operator.eq,
    "!=": operator.ne,
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
}


def worked_out(node: Node, row: Row) -> Any:  # noqa: PLR0911 - one for each kind of node
    match node:
        case Number(value, unit):
            return Fraction(scaled(value, unit)[0])
        case Text(value):
            return value
        case Name(name):
            return Fraction(row[name]) if isinstance(row[name], int) else row[name]
        case Unary("not", operand):
            return not worked_out(operand, row)
        case Unary(_, operand):
            return -worked_out(operand, row)
        case In(operand, items):
            among = LISTS[items.name] if isinstance(items, Name) else [each.value for each in items]
            return worked_out(operand, row) in among
        case Binary("and", left, right):
            return worked_out(left, row) and worked_out(right, row)
        case Binary("or", left, right):
            return worked_out(left, row) or worked_out(right, row)
        case Binary(sign, left, right):
            return _OPERATORS[sign](worked_out(left, row), worked_out(right, row))


rows = st.lists(
    st.fixed_dictionaries(
        {
            "amount_usd": st.integers(0, 500),
            "card.count_1h": st.integers(1, 6),
            "card.count_7d": st.sampled_from([1, 2, 4]),
            "card.sum_7d": st.integers(0, 500),
            "country": st.sampled_from(["DE", "FR", "US"]),
            "device_id": st.sampled_from([None, "a", "b"]),
        }
    ),
    min_size=1,
    max_size=12,
)
money = st.recursive(
    st.sampled_from(["amount_usd", "card.sum_7d", "0.00 USD", "1.20 USD", "3 USD"]),
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from(["+", "-"]), inner).map(" ".join).map("({})".format),
        inner.map("-{}".format),
        inner.map("{} * 2".format).map("({})".format),
        inner.map("{} / card.count_7d".format).map("({})".format),
    ),
    max_leaves=4,
)
counts = st.sampled_from(
    ["card.count_1h", "card.count_7d", "2", "3.5", "(card.count_1h - card.count_7d)", "(amount_usd / card.sum_7d)"]
)
compare = st.sampled_from(["<", "<=", ">", ">=", "==", "!="])
conditions = st.recursive(
    st.one_of(
        st.tuples(money, compare, money).map(" ".join),
        st.tuples(counts, compare, counts).map(" ".join),
        st.sampled_from(
            ["country == 'DE'", "country in near", "device_id == missing", "device_id != 'a'", "device_id in ['a']"]
        ),
    ),
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from(["and", "or"]), inner).map(" ".join).map("({})".format),
        inner.map("not ({})".format),
    ),
    max_leaves=6,
)


def refusal(node: Node) -> str | None:
    try:
        check(node, catalogue(), LISTS)
    except ExpressionError as error:
        return str(error)
    return None


@given(conditions, rows)
def test_a_batch_is_answered_as_row_by_row(expression: str, drawn: list[Row]) -> None:
    """What the check lets through never divides by zero, and what it calls constant is."""
    node = parse(expression)
    refused = refusal(node)
    if refused is None:
        assert holds(expression, drawn) == [worked_out(node, row) for row in drawn]
    elif "always holds" in refused:
        assert all(worked_out(node, row) for row in drawn)
    elif "never holds" in refused:
        assert not any(worked_out(node, row) for row in drawn)
    else:
        assert "divide by zero" in refused


def test_texts_are_read_for_the_rows_that_numbers_leave_open() -> None:
    drawn = [{"amount_usd": amount, "country": "DE"} for amount in range(100)]
    batch = Batch(drawn)
    condition = Condition(parse("country == 'DE' and amount_usd > 0.94 USD"), catalogue(), LISTS)
    assert condition.holds(batch).sum() == 5
    assert batch.asked == [("country", 5)]


@pytest.mark.parametrize("expression", ["3 > 2 or amount_usd > 1 USD", "not 2 > 3"])
def test_constants_count_for_every_row(expression: str) -> None:
    assert holds(expression, [{"amount_usd": 0}, {"amount_usd": 500}]) == [True, True]
