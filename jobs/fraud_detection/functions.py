"""The pure logic of `udfs` as vectorised Flink functions."""

from __future__ import annotations

import gc
from pathlib import Path

import numpy as np
import pandas as pd
from pyflink.table import FunctionContext, ScalarFunction
from pyflink.table.udf import UserDefinedScalarFunctionWrapper, udf

from contracts import reader
from sluice.settings import Gate, Topics
from udfs import decide, gate, rules
from udfs.arrow_column import ArrowColumn
from udfs.rules import Int64Array
from udfs.times import clock_ms

RULE_VALUES = (*reader.card_feature_names(), "amount_usd_minor")


def _epoch_ms(moments: pd.Series) -> Int64Array:
    """Milliseconds since 1970 of a TIMESTAMP_LTZ column, which PyFlink hands over in the session's zone, UTC."""
    epoch: Int64Array = moments.dt.tz_localize(None).to_numpy("datetime64[ms]").astype(np.int64)
    return epoch


class _Clocked(ScalarFunction):
    """Reads the clock; so Flink calls it once for a record, and not again wherever its result is looked at."""

    def is_deterministic(self) -> bool:
        return False


class GateFunction(_Clocked):
    """(value BYTES, partition INT, offset BIGINT, ingested TIMESTAMP_LTZ(3)) to a packed record of facts.GATED."""

    def __init__(self, topic: str, key_file: Path, max_message_bytes: int, max_age_days: int | None) -> None:
        self._topic = topic
        self._open = (key_file, max_message_bytes, max_age_days)

    def open(self, _: FunctionContext) -> None:
        self._gate = gate.open_gate(*self._open)
        gc.freeze()  # what is loaded now stays: the collector need not look at it again and again

    def eval(self, value: pd.Series, partition: pd.Series, offset: pd.Series, ingested_at: pd.Series) -> ArrowColumn:
        records = gate.Records(
            self._topic, value.tolist(), partition.tolist(), offset.tolist(), _epoch_ms(ingested_at).tolist()
        )
        return ArrowColumn(self._gate.pass_through(records, clock_ms))


class DecideFunction(_Clocked):
    """The columns of decide.Batch to a packed record of decide.DECIDED."""

    def __init__(self, topics: decide.Topics, rules_file: Path) -> None:
        self._topics = topics
        self._rules_file = rules_file

    def open(self, _: FunctionContext) -> None:
        versions = rules.load(self._rules_file, RULE_VALUES)
        self._decider = decide.Decider(rules.RuleLog(versions), self._topics)
        gc.freeze()

    def eval(self, gated: pd.Series, earlier: pd.Series, profile: pd.Series) -> ArrowColumn:
        batch = decide.Batch(gated.tolist(), earlier.tolist(), profile.tolist())
        return ArrowColumn(self._decider.decide(batch, clock_ms()))


def gate_function(topic: str, values: Gate) -> UserDefinedScalarFunctionWrapper:
    function = GateFunction(topic, values.key_file.resolve(), values.max_message_bytes, values.max_age_days)
    return udf(function, result_type="BYTES", func_type="pandas", name="gate")


def decide_function(topics: Topics, rules_file: Path) -> UserDefinedScalarFunctionWrapper:
    of_records = decide.Topics(topics.transactions, topics.decisions, topics.duplicates, topics.quarantine)
    function = DecideFunction(of_records, rules_file.resolve())
    return udf(function, result_type="BYTES", func_type="pandas", name="decide")
