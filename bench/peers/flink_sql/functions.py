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
from udfs.rules import Int64Array
from udfs.tokenisation import Tokeniser, load_key

RESULT_TYPE = "ROW<card_bucket INT, facts BYTES, names STRING>"
BUCKETS = 1_024
"""Cards share so few states that the cache holds the way to them, and enough to spread evenly over slots."""


class Transaction(msgspec.Struct, gc=False):
    """The fields that the job looks at; the decoder skips the others."""

    transaction_id: str
    event_time: str
    card_number: str
    amount_minor: int


_decode = msgspec.json.Decoder(Transaction).decode


def _epoch_ms(times: Sequence[str]) -> Int64Array:
    found: Int64Array = column(times, pa.string()).cast(pa.timestamp("ms", "UTC")).cast(pa.int64()).to_numpy()
    return found


def prepare(messages: Sequence[bytes], token: Tokeniser) -> ArrowRows:
    """The columns of RESULT_TYPE for valid messages, whose event times also serve the kernel as the log's clock.

    `names` are token and transaction id with a space between, one column because each costs at each step.
    """
    read = [_decode(each) for each in messages]
    tokens, digests = token.all([each.card_number for each in read])
    of_card = np.frombuffer(digests, "<u8").reshape(len(read), -1)
    facts = np.zeros(len(read), FACTS)
    facts["entity"] = of_card[:, 0]
    facts["event_ms"] = facts["ingested_ms"] = _epoch_ms([each.event_time for each in read])
    facts["amount_usd_minor"] = [each.amount_minor for each in read]
    return ArrowRows(
        [
            pa.array((of_card[:, 1] % BUCKETS).astype(np.int32)),
            packed(facts),
            column([f"{of} {each.transaction_id}" for of, each in zip(tokens, read, strict=True)], pa.string()),
        ]
    )


class TokeniseFunction(ScalarFunction):
    """(value BYTES) to RESULT_TYPE."""

    def __init__(self, key_file: Path) -> None:
        self._key_file = key_file

    def open(self, _: FunctionContext) -> None:
        self._token = Tokeniser(*load_key(self._key_file))
        gc.freeze()

    def eval(self, value: pd.Series) -> ArrowRows:
        return prepare(value.tolist(), self._token)


def tokenise_function(key_file: Path) -> UserDefinedScalarFunctionWrapper:
    return udf(TokeniseFunction(key_file.resolve()), result_type=RESULT_TYPE, func_type="pandas", name="tokenise")
