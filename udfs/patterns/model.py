"""What stands in a pattern's file beside its SQL."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Any, Literal, NamedTuple

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from udfs.rule_language.expression import literal
from udfs.rule_language.syntax import Number
from udfs.rule_language.values import MS, USD, scaled
from udfs.rules.model import Name, Outcome, Severity


class Limit(NamedTuple):
    """A whole number of `unit`: US cents, milliseconds or, without one, just a number."""

    number: int
    unit: str


def limit(given: Any) -> Limit:
    """From `3`, `2.00 USD` or `10 min`. Raises ValueError for anything else."""
    found = literal(str(given))
    number, unit = scaled(found.value, found.unit) if isinstance(found, Number) else (Decimal("0.5"), "")
    if number % 1:
        raise ValueError("write a whole number with its unit, such as 3, 2.00 USD or 10 min")
    return Limit(int(number), unit)


def _in(unit: str) -> BeforeValidator:
    def number(given: Any) -> int:
        found = limit(given)
        if found.unit != unit:
            raise ValueError(f"write it in {unit}")
        return found.number

    return BeforeValidator(number)


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Use(_Strict):
    """One transaction of an example, `after` milliseconds behind the one before it, of so many US cents.

    Those of one `card` are of one owner; all are at one terminal. With `event` it is no transaction, but such an event
    of the customer.
    """

    after: Annotated[int, _in(MS)] = 0
    card: int = 0
    amount_usd: Annotated[int, _in(USD)] = 2_000
    country: str = "US"
    channel: Literal["pos", "online", "atm", "transfer"] = "pos"
    outcome: Outcome = "approve"
    event: Literal["device_added", "device_removed", "profile_changed", "password_reset"] | None = None


Example = Annotated[tuple[Use, ...], Field(min_length=1)]


class Examples(_Strict):
    """What happens: `matches` end with the one transaction that raises an alert, `spares` raise none."""

    matches: Annotated[tuple[Example, ...], Field(min_length=1)]
    spares: Annotated[tuple[Example, ...], Field(min_length=1)]


class Pattern(_Strict):
    """`limits` fill the placeholders of the SQL; `check` names one of `udfs.patterns.checks`; `why` argues for both."""

    outcome: Literal["review", "block"]
    severity: Severity
    limits: Mapping[Name, Annotated[Limit, BeforeValidator(limit)]]
    check: str | None = None
    text: str
    why: str
    examples: Examples
