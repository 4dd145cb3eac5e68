"""Evaluates a checked condition on a whole batch of transactions."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import reduce
from typing import Protocol

import numpy as np
import numpy.typing as npt

from udfs.rule_language.syntax import Binary, In, Name, Node, Number, Text, Unary
from udfs.rule_language.values import NEVER, Quantity, Value, Words, scaled

BoolArray = npt.NDArray[np.bool_]
Numbers = npt.NDArray[np.int64] | npt.NDArray[np.float64]
Rows = npt.NDArray[np.intp] | None
"""Positions in a batch; None stands for all."""


class Table(Protocol):
    """A batch, whose columns have the names of the contracts."""

    def __len__(self) -> int: ...

    def numbers(self, column: str) -> npt.NDArray[np.int64]:
        """Of all rows."""
        ...

    def texts(self, column: str, rows: Rows) -> Iterable[str | None]:
        """Of `rows` only, since texts have to be read from the transaction's JSON."""
        ...


_Condition = Callable[[Table, Rows], BoolArray]
_Amount = Callable[[Table, Rows], Numbers]
_Texts = Callable[[Table, Rows], Iterable[str | None]]

_COMPARE: dict[str, np.ufunc] = {
    "<": np.less,
    "<=": np.less_equal,
    ">": np.greater,
    ">=": np.greater_equal,
    "==": np.equal,
    "!=": np.not_equal,
}
_CALCULATE: dict[str, np.ufunc] = {"+": np.add, "-": np.subtract, "*": np.multiply, "/": np.divide}


class Condition:
    """`node` must have passed the check with the same values and lists."""

    def __init__(self, node: Node, values: Mapping[str, Value], lists: Mapping[str, Sequence[str]]) -> None:
        self._holds = _Compiler(values, lists).condition(node)
        self._divides = _divides(node)

    def holds(self, table: Table) -> BoolArray:
        """For each row of `table`, whether the condition holds."""
        if not self._divides:
            return self._holds(table, None)
        with np.errstate(divide="ignore", invalid="ignore"):  # of rows that a condition before the division leaves out
            return self._holds(table, None)


class _Compiler:
    def __init__(self, values: Mapping[str, Value], lists: Mapping[str, Sequence[str]]) -> None:
        self._values = values
        self._lists = {name: frozenset(items) for name, items in lists.items()}

    def condition(self, node: Node) -> _Condition:
        match node:
            case Unary(_, operand):
                inner = self.condition(operand)
                return lambda table, rows: ~inner(table, rows)
            case Binary("and" | "or" as joined):
                return self._joined(_operands(node, joined), joined)
            case In(operand, items):
                texts, among = self._texts(operand), self._items(items)
                return lambda table, rows: _flags(each in among for each in texts(table, rows))
            case Binary(operator, left, right) if self._is_text(left):
                return self._same_text(left, right, equal=operator == "==")
            case Binary(operator, left, right):
                compare, one, other = _COMPARE[operator], self._amount(left), self._amount(right)
                if _has_name(node):
                    return lambda table, rows: compare(one(table, rows), other(table, rows))
                return lambda table, rows: np.full(_size(table, rows), compare(one(table, rows), other(table, rows)))
        raise AssertionError(node)

    def _joined(self, operands: Sequence[Node], joined: str) -> _Condition:
        """Numbers first; texts are then asked of those rows only that the numbers leave open."""
        numeric = [self.condition(each) for each in operands if not self._reads_text(each)]
        textual = [self.condition(each) for each in operands if self._reads_text(each)]
        combine, is_or = (np.logical_or, True) if joined == "or" else (np.logical_and, False)

        def of_numbers(table: Table, rows: Rows) -> BoolArray:
            return reduce(combine, [each(table, rows) for each in numeric])

        def of_both(table: Table, rows: Rows) -> BoolArray:
            found = of_numbers(table, rows) if numeric else np.full(_size(table, rows), not is_or)
            for each in textual:
                still = np.flatnonzero(~found if is_or else found)
                if not len(still):
                    break
                found[still] = each(table, still if rows is None else rows[still])
            return found

        return of_both if textual else of_numbers

    def _amount(self, node: Node) -> _Amount:
        match node:
            case Number(value, unit):
                amount, _ = scaled(value, unit)
                constant = np.array(float(amount)) if amount % 1 else np.array(int(amount))
                return lambda _, __: constant
            case Name(name):
                return self._column(name)
            case Unary(_, operand):
                inner = self._amount(operand)
                return lambda table, rows: np.negative(inner(table, rows))
            case Binary(operator, left, right):
                calculate, one, other = _CALCULATE[operator], self._amount(left), self._amount(right)
                dtype = np.float64 if operator == "*" else None  # a product of whole numbers might be too large for one
                return lambda table, rows: calculate(one(table, rows), other(table, rows), dtype=dtype)
        raise AssertionError(node)

    def _column(self, name: str) -> _Amount:
        value = self._values[name]
        assert isinstance(value, Quantity)

        def column(table: Table, rows: Rows) -> Numbers:
            numbers = table.numbers(value.column)
            if rows is not None:
                numbers = numbers[rows]
            return numbers if value.absent is None else np.where(numbers == value.absent, NEVER, numbers)

        return column

    def _same_text(self, left: Node, right: Node, *, equal: bool) -> _Condition:
        one, other = self._texts(left), self._texts(right)
        return lambda table, rows: _flags(
            (first == second) is equal for first, second in zip(one(table, rows), other(table, rows), strict=True)
        )

    def _texts(self, node: Node) -> _Texts:
        if isinstance(node, Text):
            return lambda table, rows: [node.value] * _size(table, rows)
        assert isinstance(node, Name)
        column = self._values[node.name].column
        return lambda table, rows: table.texts(column, rows)

    def _items(self, items: tuple[Text, ...] | Name) -> frozenset[str | None]:
        if isinstance(items, Name):
            return frozenset(self._lists[items.name])
        return frozenset(each.value for each in items)

    def _is_text(self, node: Node) -> bool:
        return isinstance(node, Text) or (isinstance(node, Name) and isinstance(self._values[node.name], Words))

    def _reads_text(self, node: Node) -> bool:
        match node:
            case In():
                return True
            case Unary(_, operand):
                return self._reads_text(operand)
            case Binary(_, left, right):
                return self._reads_text(left) or self._reads_text(right)
        return self._is_text(node)


def _operands(node: Node, joined: str) -> list[Node]:
    if isinstance(node, Binary) and node.operator == joined:
        return [*_operands(node.left, joined), *_operands(node.right, joined)]
    return [node]


def _size(table: Table, rows: Rows) -> int:
    return len(table) if rows is None else len(rows)


def _divides(node: Node) -> bool:
    match node:
        case Binary(operator, left, right):
            return operator == "/" or _divides(left) or _divides(right)
        case Unary(_, operand):
            return _divides(operand)
    return False


def _has_name(node: Node) -> bool:
    match node:
        case Binary(_, left, right):
            return _has_name(left) or _has_name(right)
        case Unary(_, operand):
            return _has_name(operand)
    return isinstance(node, Name)


def _flags(found: Iterable[bool]) -> BoolArray:
    return np.fromiter(found, np.bool_)
