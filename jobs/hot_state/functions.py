"""The bundle writer as a vectorised Flink function with a side effect."""

from __future__ import annotations

import numpy as np
import pandas as pd
from pyflink.table import DataTypes, FunctionContext, ScalarFunction
from pyflink.table.udf import UserDefinedScalarFunctionWrapper, udf

from sluice import aws
from sluice.settings import Settings
from udfs.dynamodb_writer import DynamoWriter
from udfs.hot_bundle import HotBundle
from udfs.hot_items import Tables
from udfs.quarantine import Source


class WriteFunction(ScalarFunction):
    """(topic STRING, partition INT, offset BIGINT, appended TIMESTAMP_LTZ(3), value BYTES) to a quarantine record.

    The record is null once the message's items have been written, which is before this returns, so before the
    checkpoint that covers the message.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def open(self, function_context: FunctionContext) -> None:  # noqa: ARG002 - as Flink calls it
        hot, topics = self._settings.hot_state, self._settings.kafka.topics
        tables = Tables(
            cards=hot.cards_table,
            transactions=hot.transactions_table,
            alerts=hot.alerts_table,
            transaction_days=hot.transaction_ttl_days,
            alert_days=hot.alert_ttl_days,
        )
        self._writer = DynamoWriter(aws.dynamodb(self._settings.aws, hot.writers), hot.writers)
        self._bundle = HotBundle(topics.decisions, topics.alerts, tables, self._writer)

    def close(self) -> None:
        self._writer.close()

    def is_deterministic(self) -> bool:
        """A side effect must not be merged, moved or repeated by the planner."""
        return False

    def eval(
        self, topic: pd.Series, partition: pd.Series, offset: pd.Series, appended: pd.Series, value: pd.Series
    ) -> pd.Series:
        appended_ms = appended.dt.tz_localize(None).to_numpy("datetime64[ms]").astype(np.int64).tolist()
        sources = map(Source, topic.tolist(), partition.tolist(), offset.tolist(), appended_ms)
        return pd.Series(self._bundle.write(list(zip(value.tolist(), sources, strict=True))), dtype=object)


def write_items(settings: Settings) -> UserDefinedScalarFunctionWrapper:
    wrapper: UserDefinedScalarFunctionWrapper = udf(
        WriteFunction(settings), result_type=DataTypes.BYTES(), func_type="pandas"
    )
    return wrapper
