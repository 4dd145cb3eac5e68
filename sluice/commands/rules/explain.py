"""`sluice rules explain`: why each rule did or did not fire on a transaction."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any

import numpy as np
import orjson
import typer
from rich.console import Console
from rich.text import Text

from contracts import reader
from sluice import kafka, settings
from sluice.commands.options import SettingsFile
from sluice.errors import SluiceError
from sluice.readable import utc
from sluice.rules import read
from udfs.findings import Explainer, Facts
from udfs.rules.log import ActiveVersion, RuleLog

_ARRAYS = {each: "features" if each == "card" else f"{each}_features" for each in reader.ENTITIES}


class UnknownTransactionError(SluiceError):
    """No decision on the transaction is in the topic, or the rules that made it are not in the file."""


def _decisions(values: settings.Settings, transaction_id: str) -> list[dict[str, Any]]:
    """The decisions on the transaction, each once; ids are a customer's own, so there may be several."""
    bootstrap, topic = values.kafka.bootstrap, values.kafka.topics.decisions
    marks = f'"transaction_id":"{transaction_id}"'.encode()
    found = (orjson.loads(each.value) for each in kafka.read_all(bootstrap, topic) if marks in each.value)
    once = {each["decision_id"]: each for each in found if each["transaction_id"] == transaction_id}
    if not once:
        raise UnknownTransactionError(f"topic {topic} holds no decision on transaction {transaction_id!r}")
    return list(once.values())


def explained(decision: dict[str, Any], version: ActiveVersion) -> Iterator[tuple[str, bool, str]]:
    """Each rule with whether it fires, and its condition with the values it looks at."""
    features = {entity: np.array([decision[name]]) for entity, name in _ARRAYS.items() if decision.get(name)}
    facts = Facts([orjson.dumps(decision)], np.array([decision["amount_usd_minor"]]), features)
    explainer = Explainer()
    for active in version.rules:
        fires = bool(active.expression.condition.holds(facts)[0])
        yield active.rule.id, fires, explainer.annotated(active, facts, 0)


def explain(
    *,
    transaction_id: Annotated[str, typer.Argument(help="As `sluice card` and the decisions name it.")],
    settings_file: SettingsFile = None,
) -> None:
    """Tell why each rule did or did not fire on a transaction, with the values that it looked at."""
    values, console = settings.load(settings_file), Console()
    path, versions = read(None, settings_file)
    log = RuleLog(versions)
    with console.status("reading the decisions …"):
        decisions = _decisions(values, transaction_id)
    for decision in decisions:
        number, asked = decision["rules_version"], log.of_transaction_alone() if decision.get("degraded") else log
        by_number = {each.number: each for each in asked.versions}
        if number not in by_number:
            raise UnknownTransactionError(f"version {number}, which decided on {transaction_id!r}, is not in {path}")
        head = f"{utc(decision['event_time'])}  {decision['outcome']}  customer {decision['customer_id']}"
        console.print(Text(f"{head}  by version {number} of the rules", style="bold"), soft_wrap=True)
        for rule, fires, condition in explained(decision, by_number[number]):
            mark = Text("● ", style="red") if fires else Text("○ ", style="dim")
            console.print(mark + Text(f"{rule:<26} {condition}", style="default" if fires else "dim"), soft_wrap=True)
