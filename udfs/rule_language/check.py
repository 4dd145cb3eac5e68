"""Refuses an expression that can't be meant: unknown names, units that don't fit, what always or never holds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from udfs.rule_language import ranges
from udfs.rule_language.ranges import EVERYTHING, Range
from udfs.rule_language.syntax import COMPARISONS, Binary, In, Name, Node, Number, Text, Unary
from udfs.rule_language.tokens import ExpressionError
from udfs.rule_language.values import OWN, PLAIN, Quantity, UnitError, Value, Words, scaled

_OPPOSITE = {"<": ">=", "<=": ">", ">": "<=", ">=": "<", "==": "!=", "!=": "=="}
_MIRRORED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "==": "==", "!=": "!="}
Ranges = Mapping[str, Range]


@dataclass(frozen=True)
class _Amount:
    unit: str
    range: Range


@dataclass(frozen=True)
class _Wording:
    """A text: a field, or a literal."""

    field: Words | None
    literal: str | None = None


@dataclass(frozen=True)
class _Condition:
    """`truth` where it is known before any transaction is seen."""

    truth: bool | None = None


_Type = _Amount | _Wording | _Condition


def check(node: Node, values: Mapping[str, Value], lists: Mapping[str, Sequence[str]]) -> None:
    """Raises ExpressionError unless `node` is a condition that holds for some transactions and not for others."""
    found = _Checker(values, lists).type_of(node, {})
    if not isinstance(found, _Condition):
        raise ExpressionError("this is a value, not a condition", node.at, "compare it with something")
    if found.truth is not None:
        always = "always" if found.truth else "never"
        raise ExpressionError(f"this {always} holds", node.at, "the values it looks at can't be otherwise")


class _Checker:
    """`ranges` hold what the conditions around an expression say of the values in it."""

    def __init__(self, values: Mapping[str, Value], lists: Mapping[str, Sequence[str]]) -> None:
        self._values, self._lists = values, lists

    def type_of(self, node: Node, known: Ranges) -> _Type:  # noqa: PLR0911 - one for each kind of node
        match node:
            case Number():
                return self._number(node)
            case Text():
                return _Wording(None, node.value)
            case Name():
                return self._name(node, known)
            case Unary("-", operand, at):
                amount = self._amount(operand, known, at)
                return _Amount(amount.unit, Range(-amount.range.high, -amount.range.low))
            case Unary(_, operand, at):
                truth = self._truth(operand, known, at)
                return _Condition(None if truth is None else not truth)
            case In():
                return self._membership(node, known)
            case Binary("and" | "or"):
                return self._joined(node, known)
            case Binary(operator) if operator in COMPARISONS:
                return self._comparison(node, known)
            case Binary():
                return self._arithmetic(node, known)

    @staticmethod
    def _number(node: Number) -> _Amount:
        try:
            value, unit = scaled(node.value, node.unit)
        except UnitError as error:
            raise ExpressionError(str(error), node.at) from None
        return _Amount(unit, Range(float(value), float(value)))

    def _name(self, node: Name, known: Ranges) -> _Type:
        value = self._values.get(node.name)
        if value is None:
            close = get_close_matches(node.name, [*self._values, *self._lists], 1)
            hint = f"did you mean {close[0]}?" if close else "`sluice rules values` lists what there is"
            raise ExpressionError(f"unknown value {node.name!r}", node.at, hint)
        if isinstance(value, Words):
            return _Wording(value)
        if value.unit == OWN:
            raise ExpressionError(f"{node.name} is in the transaction's own currency", node.at, "use amount_usd")
        return _Amount(value.unit, Range(value.low, value.high).both(known.get(node.name, EVERYTHING)))

    def _amount(self, node: Node, known: Ranges, at: int) -> _Amount:
        found = self.type_of(node, known)
        if not isinstance(found, _Amount):
            raise ExpressionError("a number is needed here", getattr(node, "at", at))
        return found

    def _truth(self, node: Node, known: Ranges, at: int) -> bool | None:
        found = self.type_of(node, known)
        if not isinstance(found, _Condition):
            raise ExpressionError(
                "a condition is needed here", getattr(node, "at", at), "compare the value with something"
            )
        return found.truth

    def _arithmetic(self, node: Binary, known: Ranges) -> _Amount:
        left, right = (self._amount(each, known, node.at) for each in (node.left, node.right))
        unit = _unit(node, left.unit, right.unit)
        if node.operator == "/" and right.range.has_zero:
            hint = "put a condition before it that leaves zero out, such as `x > 0 and`"
            raise ExpressionError("this may divide by zero", node.at, hint)
        return _Amount(unit, ranges.combined(node.operator, left.range, right.range))

    def _comparison(self, node: Binary, known: Ranges) -> _Condition:
        left, right = self.type_of(node.left, known), self.type_of(node.right, known)
        if isinstance(left, _Amount) and isinstance(right, _Amount):
            _same_unit(node, left.unit, right.unit)
            return _Condition(ranges.truth(node.operator, left.range, right.range))
        if isinstance(left, _Wording) and isinstance(right, _Wording):
            return self._texts(node, left, right)
        raise ExpressionError(
            f"{node.operator} can't compare these", node.at, "compare numbers or texts with their like"
        )

    @staticmethod
    def _texts(node: Binary, left: _Wording, right: _Wording) -> _Condition:
        if node.operator not in {"==", "!="}:
            raise ExpressionError(f"texts have no order for {node.operator}", node.at, "use ==, != or in")
        if left.field is None and right.field is None:
            return _Condition((left.literal == right.literal) == (node.operator == "=="))
        for field, other in ((left.field, right), (right.field, left)):
            if field is not None and other.field is None:
                _check_literal(field, other.literal, node.at)
        return _Condition()

    def _membership(self, node: In, known: Ranges) -> _Condition:
        operand = self.type_of(node.operand, known)
        if not isinstance(operand, _Wording) or operand.field is None:
            raise ExpressionError("only a text field can be in a list", node.at)
        items = self._items(node.items)
        for text, at in items:
            _check_literal(operand.field, text, at)
        codes = set(operand.field.codes)
        covers = bool(codes) and not operand.field.optional and codes <= {text for text, _ in items}
        return _Condition(True if covers else None)

    def _items(self, items: tuple[Text, ...] | Name) -> list[tuple[str | None, int]]:
        if not isinstance(items, Name):
            return [(each.value, each.at) for each in items]
        if items.name not in self._lists:
            known = ", ".join(self._lists) or "none yet"
            raise ExpressionError(f"unknown list {items.name!r}", items.at, f"lists of this file: {known}")
        return [(each, items.at) for each in self._lists[items.name]]

    def _joined(self, node: Binary, known: Ranges) -> _Condition:
        """The right side is only asked where the left one leaves it open."""
        deciding = node.operator == "or"
        left = self._truth(node.left, known, node.at)
        right = self._truth(node.right, self._narrowed(node.left, not deciding, known), node.at)
        if deciding in {left, right}:
            return _Condition(deciding)
        return _Condition(None if None in {left, right} else not deciding)

    def _narrowed(self, node: Node, truth: bool, known: Ranges) -> Ranges:  # noqa: FBT001 - a truth value
        """What is known besides `known` where `node` is `truth`."""
        match node:
            case Unary("not", operand):
                return self._narrowed(operand, not truth, known)
            case Binary("and" | "or" as joined, left, right) if (joined == "and") == truth:
                return self._narrowed(right, truth, self._narrowed(left, truth, known))
            case Binary(operator, left, right) if operator in COMPARISONS:
                holds = operator if truth else _OPPOSITE[operator]
                return self._bounded(left, holds, right, self._bounded(right, _MIRRORED[holds], left, known))
        return known

    def _bounded(self, name: Node, operator: str, limit: Node, known: Ranges) -> Ranges:
        if not isinstance(name, Name) or not isinstance(self._values.get(name.name), Quantity):
            return known
        bound = self._amount(limit, known, name.at).range
        now = self._amount(name, known, name.at).range
        if operator == "!=" and bound.low == bound.high:
            inner = Range(now.low + (now.low == bound.low), now.high - (now.high == bound.high))
            return {**known, name.name: inner}
        return {**known, name.name: now.both(ranges.where(operator, bound))}


def _same_unit(node: Binary, left: str, right: str) -> None:
    if left == right:
        return
    names = " and ".join(sorted(each or "a number without a unit" for each in (left, right)))
    raise ExpressionError(
        f"{node.operator} between {names}", node.at, "write limits with their unit: 800.00 USD, 10 s, 3"
    )


def _unit(node: Binary, left: str, right: str) -> str:
    if node.operator in {"+", "-"}:
        _same_unit(node, left, right)
        return left
    if node.operator == "/" and left == right:
        return PLAIN
    if right == PLAIN:
        return left
    if node.operator == "*" and left == PLAIN:
        return right
    names = f"{left or 'a number'} {node.operator} {right or 'a number'}"
    raise ExpressionError(f"{names} is nothing that can be compared", node.at, "divide like by like")


def _check_literal(field: Words, text: str | None, at: int) -> None:
    if text is None:
        if not field.optional:
            raise ExpressionError(f"{field.column} is never missing", at)
        return
    complaint = field.complaint(text)
    if complaint:
        raise ExpressionError(f"{text!r} never occurs: {complaint}", at)
