"""State built of decided transactions gives the decisions of the state that it stands for; on a local Flink."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pyflink.java_gateway import get_gateway
from pyflink.table import StreamTableEnvironment

from contracts import reader
from jobs.fraud_detection import bootstrap
from localstack.waiting import until
from sluice import kernel_functions
from sluice.bootstrap.savepoint import keep_only
from sluice.errors import SluiceError
from sluice.settings import Settings
from tests.jobs.fraud_detection.local import ENTITIES, decided, environment, source
from tests.udfs.test_gated_again import batch
from tests.udfs.transactions import NOW_MS, message
from udfs.gated_again import GatedAgain
from udfs.times import iso_ms

BEFORE = [
    message(transaction_id="a", amount_minor=500),
    message(transaction_id="b", amount_minor=70_000, currency="JPY", country="JP", merchant_id="m-2"),
    message(transaction_id="c", event_time=iso_ms(NOW_MS - 400), customer_id="c-2", card_number="4000000000000002"),
    message(transaction_id="d", event_time=iso_ms(NOW_MS - 100), entry_mode="chip", device_id="phone"),
]
AFTER = [
    message(transaction_id="a", amount_minor=500),
    message(transaction_id="a", amount_minor=501),
    message(transaction_id="e", terminal_id="t-2"),
    message(transaction_id="f", customer_id="c-2", card_number="4000000000000002", device_id="phone"),
]
PATIENCE_S = 60.0


def by_offset(table_env: StreamTableEnvironment, settings: Settings) -> dict[int, tuple[str, dict[str, Any]]]:
    """Topic and record of each message."""
    return {record["source_offset"]: (topic, record) for topic, record in decided(table_env, settings)}


def savepoint(table_env: StreamTableEnvironment, settings: Settings, rows: int, folder: Path) -> str:
    """Run the bootstrap until it has seen so many rows, and stop it."""
    statements = bootstrap.remember(table_env, settings.fraud_detection)
    seen = folder / "seen"
    table_env.execute_sql(
        "create temporary table seen_rows (gated bytes) with "
        f"('connector' = 'filesystem', 'path' = '{seen.as_uri()}', 'format' = 'csv')"
    )
    statements.add_insert_sql("insert into seen_rows select gated from profiled_device")
    client = statements.execute().get_job_client()._j_job_client

    def all_seen() -> bool:
        files = [file for file in seen.glob("part-*") if file.is_file()]
        return sum(len(file.read_bytes().splitlines()) for file in files) == rows

    try:
        assert until(all_seen, PATIENCE_S)
        canonical = get_gateway().jvm.org.apache.flink.core.execution.SavepointFormatType.CANONICAL
        drain = False
        path: str = client.stopWithSavepoint(drain, (folder / "savepoints").as_uri(), canonical).get()
    except BaseException:
        client.cancel().get()
        raise
    return path


@pytest.fixture(scope="module")
def uninterrupted(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[int, Any]]:
    """The folder with the key, and what becomes of all messages in one run."""
    folder = tmp_path_factory.mktemp("state")
    table_env, settings = environment(folder, ENTITIES)
    source(table_env, folder / "all", BEFORE + AFTER, 0)
    return folder, by_offset(table_env, settings)


def test_the_new_state_decides_as_the_old_one(uninterrupted: tuple[Path, dict[int, Any]]) -> None:
    folder, expected = uninterrupted
    assert [topic for _, (topic, _) in sorted(expected.items())] == [
        *["decisions"] * 4, "duplicates", "quarantine", "decisions", "decisions",
    ]  # fmt: skip
    again = GatedAgain(reader.load("transactions"), reader.currencies(), str, reader.ENTITIES)
    records = again.pack(batch([expected[offset][1] for offset in range(len(BEFORE))]))
    building, settings = environment(folder, ENTITIES, flink={"execution.checkpointing.interval": "500 ms"})
    kernel_functions.create(building)
    source(building, folder / "packed", records, 1_000, ends=False)
    path = savepoint(building, settings, len(records), folder)
    with pytest.raises(SluiceError, match="holds no state of other"):
        keep_only(path, ("seen", "other"))
    keep_only(path, bootstrap.states(settings.fraud_detection))

    restored, settings = environment(folder, ENTITIES, flink={"execution.state-recovery.path": path})
    source(restored, folder / "rest", AFTER, len(BEFORE))
    assert by_offset(restored, settings) == {
        offset: expected[offset] for offset in range(len(BEFORE), len(BEFORE + AFTER))
    }
