"""How the words of an expression become a tree."""

from __future__ import annotations

from decimal import Decimal

import pytest

from udfs.rule_language.syntax import Binary, In, Name, Node, Number, Text, Unary, parse
from udfs.rule_language.tokens import ExpressionError


def shape(node: Node) -> object:
    """The tree without positions."""
    match node:
        case Number(value, unit):
            return (value, unit) if unit else value
        case Text(value):
            return f"'{value}'"
        case Name(name):
            return name
        case Unary(operator, operand):
            return (operator, shape(operand))
        case Binary(operator, left, right):
            return (operator, shape(left), shape(right))
        case In(operand, items):
            return ("in", shape(operand), shape(items) if isinstance(items, Name) else [each.value for each in items])


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("a > 3", (">", "a", Decimal(3))),
        ("a > 1_000.50 USD", (">", "a", (Decimal("1000.50"), "USD"))),
        ("a or b and not c", ("or", "a", ("and", "b", ("not", "c")))),
        ("not a == b and c", ("and", ("not", ("==", "a", "b")), "c")),
        ("a - b - c * -d < 0", ("<", ("-", ("-", "a", "b"), ("*", "c", ("-", "d"))), Decimal(0))),
        ("(a + b) / 2 >= card.max_1h", (">=", ("/", ("+", "a", "b"), Decimal(2)), "card.max_1h")),
        ("x in ['DE', \"FR\"]", ("in", "x", ["DE", "FR"])),
        ("x not in risky or y", ("or", ("not", ("in", "x", "risky")), "y")),
        ("x == missing", ("==", "x", "'None'")),
    ],
)
def test_precedence_and_literals(expression: str, expected: object) -> None:
    assert shape(parse(expression)) == expected


@pytest.mark.parametrize(
    ("expression", "at", "words"),
    [
        ("", 0, "a value is missing before the end"),
        ("a >", 3, "a value is missing before the end"),
        ("a = 3", 2, "'=' has no meaning here; write == to compare"),
        ("a < b < c", 6, "comparisons can't be chained; write a < b and b < c"),
        ("a b", 2, "'b' does not fit here; join conditions with and, or"),
        ("(a > 3", 6, "')' is missing to close the parenthesis"),
        ("x in 'DE'", 5, "'[' is missing after in"),
        ("x in [3]", 6, "a text in quotes is missing; write 'DE'"),
        ("x in ['a' 'b']", 10, "']' is missing after the last item"),
        ("and a", 0, "a value is missing before 'and'"),
        ("not " * 60 + "a", 200, "nested more than 50 deep"),
        ("a > 3 $", 6, "'$' has no meaning here"),
    ],
)
def test_what_does_not_fit_is_named_with_its_place(expression: str, at: int, words: str) -> None:
    with pytest.raises(ExpressionError) as refused:
        parse(expression)
    assert words in str(refused.value)
    assert refused.value.at == at
