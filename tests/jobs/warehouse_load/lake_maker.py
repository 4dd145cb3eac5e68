"""Makes lake files as the lake job writes them: below `kind/day=…` Parquet, whose UTC timestamps have no zone mark, and
below `kind.avro/day=…` Avro."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import fastavro
import orjson
import pyarrow as pa
import pyarrow.parquet as pq

from contracts import reader
from contracts.reader import Field
from jobs.partner_files import books, entries
from jobs.partner_files.sftp import Offer
from jobs.warehouse_load import labels as label_load
from jobs.warehouse_load.lake_files import LakeFile
from jobs.warehouse_load.load import load
from sluice import warehouse
from sluice.feed.generate import Label
from sluice.lake_layout import AVRO, KINDS, PARQUET
from tests.jobs.nightly_reporting.books import published

Row = dict[str, Any]
KIND = {kind.name: kind for kind in KINDS}
NOON = datetime(2026, 11, 3, 12, tzinfo=UTC)
EXAMPLES: dict[str, Any] = {
    "string": "x",
    "integer": 7,
    "timestamp": NOON,
    "map": [("amount_usd_minor", 80_001)],
}


def _arrow(field: Field) -> Any:
    if field.type == "array" and field.items:
        return pa.list_(_arrow(field.items))
    if field.type == "object":
        return pa.struct([(each.name, _arrow(each)) for each in field.properties])
    simple = {"string": pa.string(), "integer": pa.int64(), "timestamp": pa.timestamp("ms")}
    return simple[field.type] if field.type in simple else pa.map_(pa.string(), pa.int64())


def _example(field: Field) -> Any:
    if field.type == "array" and field.items:
        return [_example(field.items)]
    if field.type == "object":
        return {each.name: _example(each) for each in field.properties}
    return EXAMPLES[field.type]


def row(kind: str, **values: Any) -> Row:
    """A row of `kind` with every field of its contract, `values` in place of the examples."""
    return {each.name: _example(each) for each in KIND[kind].contract.fields} | values


def decision(number: int, **values: Any) -> Row:
    """A decision on transaction `number`, approved unless `values` say otherwise."""
    common = {"decision_id": f"d{number}", "transaction_id": f"t{number}", "currency": "USD", "outcome": "approve"}
    return row("decisions", **(common | values))


def write(
    root: Path, kind: str, rows: list[Row], name: str = "part-1", without: str = "", written: str = PARQUET
) -> list[LakeFile]:
    """`rows` as one file for each day; `without` leaves a column out, as an older contract would."""
    fields = [each for each in KIND[kind].contract.fields if each.name != without]
    schema = pa.schema([(each.name, _arrow(each)) for each in fields])
    files = []
    for day in sorted({each[KIND[kind].time].date() for each in rows}):
        path = root / KIND[kind].folder(written) / f"{KIND[kind].day}={day}" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        chosen = [each for each in rows if each[KIND[kind].time].date() == day]
        if written == AVRO:
            _write_avro(path, fields, chosen)
        else:
            table = pa.Table.from_pylist([_naive(each) for each in chosen], schema=schema)
            pq.write_table(table, path, compression="zstd")
        files.append(LakeFile(kind, str(path), f"etag-of-{name}"))
    return files


def _avro(field: Field, path: str) -> Any:
    """The Avro type, null where Flink has it so: everywhere but in required columns of a row."""
    name = f"{path}_{field.name}"
    if field.type == "array" and field.items:
        return {"type": "array", "items": ["null", _avro(field.items, name)]}
    if field.type == "object":
        inner = [{"name": each.name, "type": ["null", _avro(each, name)]} for each in field.properties]
        return {"type": "record", "name": name, "fields": inner}
    simple = {"string": "string", "integer": "long", "timestamp": {"type": "long", "logicalType": "timestamp-millis"}}
    return simple.get(field.type, {"type": "map", "values": ["null", "long"]})


def _write_avro(path: Path, fields: list[Field], rows: list[Row]) -> None:
    columns = [
        {"name": each.name, "type": _avro(each, "record") if each.required else ["null", _avro(each, "record")]}
        for each in fields
    ]
    schema = ["null", {"type": "record", "name": "record", "fields": columns}]
    names = {each.name for each in fields}
    records = [{name: _mapped(value) for name, value in each.items() if name in names} for each in rows]
    with path.open("wb") as out:
        fastavro.writer(out, schema, records, codec="deflate")


def _mapped(value: Any) -> Any:
    """Maps as Avro takes them: Arrow's are lists of pairs."""
    if isinstance(value, list) and value and all(isinstance(each, tuple) for each in value):
        return dict(value)
    if isinstance(value, dict):
        return {name: _mapped(each) for name, each in value.items()}
    return [_mapped(each) for each in value] if isinstance(value, list) else value


def _naive(values: Row) -> Row:
    return {name: each.replace(tzinfo=None) if isinstance(each, datetime) else each for name, each in values.items()}


def write_labels(file: Path, **frauds: bool) -> Path:
    """Labels by transaction."""
    labels = (
        Label(transaction, is_fraud, "stolen" if is_fraud else "legitimate", 1 if is_fraud else None)
        for transaction, is_fraud in frauds.items()
    )
    file.write_bytes(b"\n".join(orjson.dumps(each._asdict()) for each in labels))
    return file


def load_chargebacks(connection: duckdb.DuckDBPyConnection, file_id: str, *stages: str) -> None:
    """A partner's file with a chargeback in each of `stages`."""
    contract = reader.load("chargebacks")
    rows = [
        {each.name: _example(each) for each in contract.fields}
        | {"chargeback_id": f"cb{number}", "stage": stage, "category": "fraud"}
        for number, stage in enumerate(stages)
    ]
    columns = {name: [each[name] for each in rows] for name in contract.names()}
    offer = Offer(b"chargebacks.csv.age", 9, 0, is_file=True)
    entry = entries.offered(file_id, "acquirer", offer, "loaded")
    content = entries.Content([entries.arrow(columns, contract)], (), file_id, len(rows))
    books.load(connection, entry, content, contract)


HIGH_VALUE = {"rule": "high_value", "version": 1, "severity": "high", "text": "x", "values": []}


def load_all_sorts(connection: duckdb.DuckDBPyConnection, root: Path) -> None:
    """Loads with a row of every sort: repeats, late ones, decisions taken anew, what was held back, labels, books."""
    first = [decision(1, reasons=[]), decision(2, outcome="block", reasons=[HIGH_VALUE]), decision(1, reasons=[])]
    held = [row("quarantine", step="gate", source_offset=90)]
    repeats = [row("duplicates", source_offset=91)]
    load(connection, [*write(root, "decisions", first), *write(root, "quarantine", held)])
    again = decision(1, decision_id="d1-again", outcome="review", reasons=[])
    late = decision(3, reasons=[], event_time=NOON - timedelta(days=5), currency="EUR")
    more = [
        *write(root, "decisions", [again, late, decision(2)], name="part-2"),
        *write(root, "duplicates", repeats),
    ]
    load(connection, more)
    label_load.load(connection, write_labels(root / "labels.jsonl", t1=False, t2=True))
    load_chargebacks(connection, "first", "chargeback", "chargeback")
    load_chargebacks(connection, "second", "chargeback", "reversed")
    published(connection, root, late["event_time"].date(), warehouse.now)
