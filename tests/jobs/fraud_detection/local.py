"""The deciding job on a local Flink, from a file to a list."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import orjson
from pyflink.table import StreamTableEnvironment

from jobs.fraud_detection import main
from sluice import streaming_job
from sluice.settings import PROJECT_ROOT, Settings, Vault
from tests.udfs.kernel_jar import JAR
from tests.udfs.split import split
from tests.udfs.transactions import NOW_MS
from udfs.decide import DECIDED
from udfs.times import iso_ms

ENTITIES = PROJECT_ROOT / "jobs" / "fraud_detection" / "rules" / "entities.yaml"
"""Rules that look at the histories of all there are."""
PARTITION = 2
_COLUMNS = "`value` bytes, source_partition int, source_offset bigint, ingested_at timestamp_ltz(3)"


def environment(
    folder: Path, rules: Path | None = None, parallelism: int = 1, flink: Mapping[str, str] = MappingProxyType({})
) -> tuple[StreamTableEnvironment, Settings]:
    """An environment with the deciding job's settings, and its key below `folder`."""
    values = Settings()
    keys = values.fraud_detection.gate.keys.model_copy(update={"file": folder / "token.key"})
    gate = values.fraud_detection.gate.model_copy(update={"keys": keys})
    changes = {"gate": gate, "parallelism": parallelism, "rules": rules or values.fraud_detection.rules}
    job = values.fraud_detection.model_copy(update=changes)
    created = streaming_job.environment()
    main.configure(created, job)
    for name, value in {"pipeline.jars": JAR.as_uri(), **flink}.items():
        created.get_config().set(name, value)
    vault = Vault(public_key=folder / "vault.public", private_key=folder / "vault.key")
    values = values.model_copy(update={"fraud_detection": job, "vault": vault})
    main.prepare(values)
    return created, values


def source(
    table_env: StreamTableEnvironment, folder: Path, values: list[bytes], first: int, *, ends: bool = True
) -> None:
    """The table `transactions` out of a file, where JSON spells bytes in base64; offsets begin with `first`."""
    folder.mkdir()
    rows = [
        {
            "value": b64encode(value).decode(),
            "source_partition": PARTITION,
            "source_offset": offset,
            "ingested_at": iso_ms(NOW_MS),
        }
        for offset, value in enumerate(values, first)
    ]
    (folder / "rows.json").write_bytes(b"\n".join(map(orjson.dumps, rows)))
    more = "" if ends else ", 'source.monitor-interval' = '1 s'"
    table_env.execute_sql(
        f"create temporary table transactions ({_COLUMNS}) with ('connector' = 'filesystem', 'path' = "
        f"'{folder.as_uri()}', 'format' = 'json', 'json.timestamp-format.standard' = 'ISO-8601'{more})"
    )


def decided(table_env: StreamTableEnvironment, settings: Settings) -> list[tuple[str, dict[str, Any]]]:
    """Topic and record of each message, without clocks."""
    table_env.execute_sql(
        "create temporary table outputs (topic string, `key` bytes, `value` bytes) with ('connector' = 'blackhole')"
    )
    main.decide(table_env, settings)
    with table_env.execute_sql("select decided from decided").collect() as rows:
        found = [split(bytes(record), DECIDED) for (record,) in rows]
    records = [((each["topic"] or b"").decode(), orjson.loads(each["record"] or b"")) for each in found]
    for _, record in records:
        record.pop("latency_ms", None)
    return records
