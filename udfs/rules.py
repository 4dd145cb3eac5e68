"""Rules as data: an append-only log of versions, each holding from an event time on, evaluated on whole batches."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np
import numpy.typing as npt
import yaml
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

Outcome = Literal["approve", "review", "block"]
Severity = Literal["low", "medium", "high", "critical"]
SEVERITIES: tuple[Severity, ...] = ("low", "medium", "high", "critical")
OUTCOMES: tuple[Outcome, ...] = ("approve", "review", "block")

Int64Array = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]


class RulesError(ValueError):
    """The rules file is wrong; the message names the file, the place and what to do."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Condition(_Strict):
    value: str
    above: int


class Rule(_Strict):
    id: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
    when: Condition
    outcome: Literal["review", "block"]
    severity: Severity
    text: str


class Escalation(_Strict):
    when_all: Annotated[tuple[str, ...], Field(min_length=2)]
    outcome: Literal["review", "block"]
    severity: Severity


class Version(_Strict):
    version: Annotated[int, Field(ge=1)]
    holds_from: AwareDatetime
    rules: Annotated[tuple[Rule, ...], Field(min_length=1)]
    escalate: tuple[Escalation, ...] = ()


@dataclass(frozen=True)
class Verdict:
    """What the rules say of one transaction; `fired` in the order of the rules file."""

    outcome: Outcome
    severity: Severity
    fired: tuple[Rule, ...]


def load(path: Path, values: Sequence[str]) -> tuple[Version, ...]:
    """The versions in `path`, oldest first, checked against the names of the `values` a rule may look at.

    Raises RulesError.
    """
    try:
        raw = yaml.safe_load(path.read_text(encoding="utf-8"))
        versions = TypeAdapter(tuple[Version, ...]).validate_python(raw)
    except FileNotFoundError:
        raise RulesError(f"rules file {path} does not exist; set fraud_detection.rules") from None
    except yaml.YAMLError as error:
        raise RulesError(f"{path} is not valid YAML: {error}") from error
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise RulesError(f"{path}, {place}: {first['msg']} (got {first['input']!r})") from error
    if not versions:
        raise RulesError(f"{path} holds no version; add one with holds_from and rules")
    for before, after in pairwise(versions):
        if after.version <= before.version or after.holds_from <= before.holds_from:
            place = f"{path}, version {after.version}"
            raise RulesError(f"{place}: version and holds_from must grow from entry to entry; append, never edit")
    for version in versions:
        _check_names(path, version, values)
    return versions


def _check_names(path: Path, version: Version, values: Sequence[str]) -> None:
    place = f"{path}, version {version.version}"
    ids = [rule.id for rule in version.rules]
    for rule in version.rules:
        if ids.count(rule.id) > 1:
            raise RulesError(f"{place}: rule {rule.id} stands twice; give each its own id")
        if rule.when.value not in values:
            raise RulesError(
                f"{place}, rule {rule.id}: unknown value {rule.when.value!r}; use one of {', '.join(values)}"
            )
        try:
            rule.text.format(value="", limit="", amount="")
        except (KeyError, IndexError, ValueError):
            raise RulesError(
                f"{place}, rule {rule.id}: text may hold {{value}}, {{limit}} and {{amount}} only"
            ) from None
    for escalation in version.escalate:
        unknown = [name for name in escalation.when_all if name not in ids]
        if unknown:
            raise RulesError(f"{place}: escalate names the unknown rule {unknown[0]!r}; use one of {', '.join(ids)}")


class RuleLog:
    """All versions, ready to be asked which one holds at an event time."""

    def __init__(self, versions: Sequence[Version]) -> None:
        self.versions = tuple(versions)
        epoch = datetime(1970, 1, 1, tzinfo=UTC)
        from_ms = [int((each.holds_from - epoch).total_seconds() * 1000) for each in versions]
        self._from_ms = np.array(from_ms, dtype=np.int64)

    def holding(self, event_ms: Int64Array) -> npt.NDArray[np.intp]:
        """For each event time (ms since 1970) the index of its version; before the first, the first."""
        return np.maximum(np.searchsorted(self._from_ms, event_ms, side="right") - 1, 0)


def fired(version: Version, values: Mapping[str, Int64Array]) -> list[BoolArray]:
    """For each rule of `version`, the transactions of a batch for which it fires."""
    return [values[rule.when.value] > rule.when.above for rule in version.rules]


def verdict(version: Version, hits: Sequence[bool]) -> Verdict:
    """The outcome of one transaction: the gravest of the rules that fired and of the escalations they meet."""
    rules = tuple(rule for rule, hit in zip(version.rules, hits, strict=True) if hit)
    names = {rule.id for rule in rules}
    met = [each for each in version.escalate if names.issuperset(each.when_all)]
    grave: list[Any] = [*rules, *met]
    if not grave:
        return Verdict("approve", "low", ())
    outcome = max((each.outcome for each in grave), key=OUTCOMES.index)
    severity = max((each.severity for each in grave), key=SEVERITIES.index)
    return Verdict(outcome, severity, rules)
