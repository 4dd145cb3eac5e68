"""What stands in a rules file: an append-only log of versions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from udfs.rule_language.expression import Expression, Limits, expression, literal

Outcome = Literal["approve", "review", "block"]
Severity = Literal["low", "medium", "high", "critical"]
SEVERITIES: tuple[Severity, ...] = ("low", "medium", "high", "critical")
OUTCOMES: tuple[Outcome, ...] = ("approve", "review", "block")

Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
Given = str | int | float | None
Example = Mapping[str, Given]
"""Name in the condition to its value: a number, with its unit where it has one, or a text; None is `missing`."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Examples(_Strict):
    fires: Annotated[tuple[Example, ...], Field(min_length=1)]
    spares: Annotated[tuple[Example, ...], Field(min_length=1)]


class Rule(_Strict):
    """`when` is the condition, which may use `limits` by name; `why` argues for them and says where they come from."""

    id: Name
    when: str
    limits: Mapping[Name, str | int | float] = {}
    outcome: Literal["review", "block"]
    severity: Severity
    text: str
    why: str
    examples: Examples

    def limit_values(self) -> Limits:
        return {name: literal(str(value)) for name, value in self.limits.items()}


class Escalation(_Strict):
    """What follows where all of these rules fire."""

    when_all: Annotated[tuple[str, ...], Field(min_length=2)]
    outcome: Literal["review", "block"]
    severity: Severity


class Version(_Strict):
    version: Annotated[int, Field(ge=1)]
    holds_from: AwareDatetime
    lists: Mapping[Name, Annotated[tuple[str, ...], Field(min_length=1)]] = {}
    rules: Annotated[tuple[Rule, ...], Field(min_length=1)]
    escalate: tuple[Escalation, ...] = ()

    def expression_of(self, rule: Rule) -> Expression:
        """Raises ExpressionError."""
        return expression(rule.when, rule.limit_values(), self.lists)
