"""From the words of an expression to a tree, by precedence: or, and, not, comparison, sum, product, sign."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from udfs.rule_language.tokens import KEYWORDS, ExpressionError, Kind, Token, tokens

COMPARISONS = frozenset({"<", "<=", ">", ">=", "==", "!="})
_MOST_NESTED = 50


@dataclass(frozen=True)
class Number:
    """A literal with its unit as written, such as `800.00 USD` or `10 s`; `unit` is empty for a plain number."""

    value: Decimal
    unit: str
    at: int


@dataclass(frozen=True)
class Text:
    """A literal; None is `missing`, the text of an optional field that was not sent."""

    value: str | None
    at: int


@dataclass(frozen=True)
class Name:
    name: str
    at: int


@dataclass(frozen=True)
class Unary:
    """`operator` is `-` or `not`."""

    operator: str
    operand: Node
    at: int


@dataclass(frozen=True)
class Binary:
    """`operator` is one of `+ - * /`, of COMPARISONS, or `and`, `or`; `at` is where it stands."""

    operator: str
    left: Node
    right: Node
    at: int


@dataclass(frozen=True)
class In:
    """`items` are texts, or the name of a list."""

    operand: Node
    items: tuple[Text, ...] | Name
    at: int


Node = Number | Text | Name | Unary | Binary | In


def parse(expression: str) -> Node:
    """The tree of `expression`. Raises ExpressionError with the position of the first word that doesn't fit."""
    return _Parser(expression).parse()


class _Parser:
    def __init__(self, expression: str) -> None:
        self._tokens = tokens(expression)
        self._next = next(self._tokens)
        self._nested = 0

    def parse(self) -> Node:
        node = self._either()
        if self._next.kind is not Kind.END:
            raise ExpressionError(
                f"{self._next.text!r} does not fit here", self._next.at, "join conditions with and, or"
            )
        return node

    def _take(self) -> Token:
        taken = self._next
        if taken.kind is not Kind.END:
            self._next = next(self._tokens)
        return taken

    def _is(self, *texts: str) -> bool:
        return self._next.kind in {Kind.SIGN, Kind.NAME} and self._next.text in texts

    def _expect(self, sign: str, after: str) -> None:
        if not self._is(sign):
            raise ExpressionError(f"{sign!r} is missing {after}", self._next.at)
        self._take()

    def _joined(self, below: Callable[[], Node], *operators: str) -> Node:
        node = below()
        while self._is(*operators):
            operator = self._take()
            node = Binary(operator.text, node, below(), operator.at)
        return node

    def _either(self) -> Node:
        return self._joined(self._both, "or")

    def _both(self) -> Node:
        return self._joined(self._negation, "and")

    def _negation(self) -> Node:
        if not self._is("not"):
            return self._comparison()
        operator = self._take()
        return Unary("not", self._deeper(self._negation, operator.at), operator.at)

    def _comparison(self) -> Node:
        node = self._sum()
        if self._is("in", "not"):
            return self._membership(node)
        if not self._is(*COMPARISONS):
            return node
        operator = self._take()
        node = Binary(operator.text, node, self._sum(), operator.at)
        if self._is(*COMPARISONS):
            hint = "write a < b and b < c"
            raise ExpressionError("comparisons can't be chained", self._next.at, hint)
        return node

    def _membership(self, operand: Node) -> Node:
        negated = self._is("not")
        first = self._take()
        if negated:
            self._expect("in", "after not")
        found = In(operand, self._items(), first.at)
        return Unary("not", found, first.at) if negated else found

    def _items(self) -> tuple[Text, ...] | Name:
        if self._next.kind is Kind.NAME and self._next.text not in KEYWORDS:
            name = self._take()
            return Name(name.text, name.at)
        self._expect("[", "after in: write in ['a', 'b'] or in name_of_a_list")
        items = [self._text()]
        while self._is(","):
            self._take()
            items.append(self._text())
        self._expect("]", "after the last item")
        return tuple(items)

    def _text(self) -> Text:
        token = self._take()
        if token.kind is not Kind.TEXT:
            raise ExpressionError("a text in quotes is missing", token.at, "write 'DE'")
        return Text(token.text[1:-1], token.at)

    def _sum(self) -> Node:
        return self._joined(self._product, "+", "-")

    def _product(self) -> Node:
        return self._joined(self._signed, "*", "/")

    def _signed(self) -> Node:
        if not self._is("-"):
            return self._operand()
        operator = self._take()
        return Unary("-", self._deeper(self._signed, operator.at), operator.at)

    def _operand(self) -> Node:
        token = self._next
        if self._is("("):
            self._take()
            node = self._deeper(self._either, token.at)
            self._expect(")", "to close the parenthesis")
            return node
        if token.kind is Kind.TEXT:
            return self._text()
        if token.kind is Kind.NUMBER:
            return self._number()
        if self._is("missing"):
            self._take()
            return Text(None, token.at)
        if token.kind is Kind.NAME and token.text not in KEYWORDS:
            self._take()
            return Name(token.text, token.at)
        what = "the end" if token.kind is Kind.END else repr(token.text)
        raise ExpressionError(f"a value is missing before {what}", token.at)

    def _number(self) -> Number:
        token = self._take()
        unit = self._take().text if self._next.kind is Kind.NAME and self._next.text not in KEYWORDS else ""
        return Number(Decimal(token.text.replace("_", "")), unit, token.at)

    def _deeper(self, below: Callable[[], Node], at: int) -> Node:
        self._nested += 1
        if self._nested > _MOST_NESTED:
            raise ExpressionError(f"nested more than {_MOST_NESTED} deep", at, "split it into several rules")
        node = below()
        self._nested -= 1
        return node
