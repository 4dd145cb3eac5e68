"""The one call into Python of Sluice's own job: JSON to token and facts, a whole Arrow batch at a time."""

from __future__ import annotations

import gc
from collections.abc import Sequence
from pathlib import Path

import msgspec
import numpy as np
import pandas as pd
import pyarrow as pa
from pyflink.table import FunctionContext, ScalarFunction
from pyflink.table.udf import UserDefinedScalarFunctionWrapper, udf

from udfs.arrow_column import ArrowRows, column
from udfs.facts import FACTS, packed
from udfs.gate import BUCKETS
from udfs.rules import Int64Array
from udfs.times import parse_all_ms
from udfs.tokenisation import Tokeniser, load_key

RESULT_TYPE = "ROW<card_bucket INT, facts BYTES, card_token STRING, transaction_id STRING>"


class Transaction(msgspec.Struct, gc=False):
    """The fields that the job looks at; the decoder skips the others."""

    transaction_id: str
    event_time: str
    card_number: str
    amount_minor: int


_decode = msgspec.json.Decoder(Transaction).decode


def prepare(messages: Sequence[bytes], ingested_ms: Int64Array, token: Tokeniser) -> ArrowRows:
    """The columns of RESULT_TYPE for valid messages; `ingested_ms` is Kafka's append time since 1970."""
    read = [_decode(each) for each in messages]
    tokens, digests = token.all([each.card_number for each in read])
    of_card = np.frombuffer(digests, "<u8").reshape(len(read), -1)
    facts = np.zeros(len(read), FACTS)
    facts["entity"] = of_card[:, 0]
    facts["event_ms"] = parse_all_ms([each.event_time for each in read])
    facts["amount_usd_minor"] = [each.amount_minor for each in read]
    facts["ingested_ms"] = ingested_ms
    return ArrowRows(
        [
            pa.array((of_card[:, 1] % BUCKETS).astype(np.int32)),
            packed(facts),
            column(tokens, pa.string()),
            column([each.transaction_id for each in read], pa.string()),
        ]
    )


class TokeniseFunction(ScalarFunction):
    """(value BYTES, ingested TIMESTAMP_LTZ(3)) to RESULT_TYPE."""

    def __init__(self, key_file: Path) -> None:
        self._key_file = key_file

    def open(self, _: FunctionContext) -> None:
        self._token = Tokeniser(*load_key(self._key_file))
        gc.freeze()

    def eval(self, value: pd.Series, ingested_at: pd.Series) -> ArrowRows:
        ingested_ms = ingested_at.dt.tz_localize(None).to_numpy("datetime64[ms]").astype(np.int64)
        return prepare(value.tolist(), ingested_ms, self._token)


def tokenise_function(key_file: Path) -> UserDefinedScalarFunctionWrapper:
    return udf(TokeniseFunction(key_file.resolve()), result_type=RESULT_TYPE, func_type="pandas", name="tokenise")
