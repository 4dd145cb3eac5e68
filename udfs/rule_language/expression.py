"""A rule's condition from text: parsed, with its limits filled in, checked, ready for whole batches."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from udfs.rule_language.check import check
from udfs.rule_language.evaluate import Condition
from udfs.rule_language.syntax import Binary, In, Name, Node, Number, Text, Unary, parse
from udfs.rule_language.tokens import ExpressionError
from udfs.rule_language.values import catalogue

Lists = Mapping[str, Sequence[str]]
Limits = Mapping[str, Number | Text]


@dataclass(frozen=True)
class Expression:
    """`names` are the values that it looks at, in the order in which they stand."""

    node: Node
    lists: Lists

    @cached_property
    def names(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(_names(self.node)))

    @cached_property
    def condition(self) -> Condition:
        return Condition(self.node, catalogue(), self.lists)


def expression(text: str, limits: Limits, lists: Lists) -> Expression:
    """Raises ExpressionError where `text` is no condition that can be meant, or leaves one of `limits` out."""
    node = parse(text)
    used = set(_names(node))
    for name in limits:
        if name in catalogue():
            raise ExpressionError(f"the limit {name} has the name of a value", 0, "call it otherwise")
        if name not in used:
            raise ExpressionError(f"the limit {name} is not used", 0, "leave it out, or compare with it")
    filled = _filled(node, limits)
    check(filled, catalogue(), lists)
    return Expression(filled, lists)


def literal(text: str) -> Number | Text:
    """A value as a condition has it: `800.00 USD`, `3`, `-1`, `'DE'`. Raises ExpressionError for anything else."""
    node = parse(text)
    if isinstance(node, Unary) and node.operator == "-" and isinstance(node.operand, Number):
        return replace(node.operand, value=-node.operand.value)
    if isinstance(node, Number | Text):
        return node
    raise ExpressionError(f"{text!r} is not a value", 0, "write a number with its unit, or a text in quotes")


def _names(node: Node) -> Iterator[str]:
    match node:
        case Name(name):
            yield name
        case Unary(_, operand) | In(operand):
            yield from _names(operand)
        case Binary(_, left, right):
            yield from _names(left)
            yield from _names(right)


def _filled(node: Node, limits: Limits) -> Node:
    """`node` with each limit in the place of its name, so that a message still points to where the name stands."""
    match node:
        case Name(name, at) if name in limits:
            return replace(limits[name], at=at)
        case Unary(_, operand) | In(operand):
            return replace(node, operand=_filled(operand, limits))
        case Binary(_, left, right):
            return replace(node, left=_filled(left, limits), right=_filled(right, limits))
    return node
