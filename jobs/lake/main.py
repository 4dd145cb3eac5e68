"""The job `lake`: decisions, quarantine and duplicates from Kafka to files on S3, each row exactly once."""

from __future__ import annotations

from pyflink.table import StatementSet, TableEnvironment

from sluice import flink_ddl, flink_jobs, settings, streaming_job
from sluice.lake_layout import AVRO, KINDS, Kind

NAME = "lake"
SQL = settings.PROJECT_ROOT / "sql" / "flink" / NAME
BLOCK_MIB = 32
"""What a file holds in memory before it is written, at most."""


def configure(table_env: TableEnvironment, values: settings.Lake) -> None:
    """The job's settings; the rest comes from the cluster's config.yaml."""
    streaming_job.configure(table_env, NAME, 1, values.checkpoint_seconds)
    config = table_env.get_config()
    config.set("table.exec.state.ttl", f"{values.remember_ids_hours} h")


def create_sources(table_env: TableEnvironment, kafka: settings.Kafka) -> None:
    """A table for each topic, under the kind's name."""
    for kind in KINDS:
        columns = f"{flink_ddl.columns(kind.contract.fields)},\n    arrived_at as proctime()"
        topic = getattr(kafka.topics, kind.name)
        table_env.execute_sql(flink_ddl.json_topic(kind.name, columns, topic, kafka.bootstrap, NAME))


def _carry(table_env: TableEnvironment, kind: Kind, root: str, roll_mib: int) -> str:
    """Create the sink of `kind` below `root`; returns the INSERT that fills it."""
    sink = f"lake_{kind.name}"
    fields = kind.contract.fields
    wall_time = kind.format == AVRO
    table_env.execute_sql(
        flink_ddl.fill(
            SQL / f"sink_{kind.format}.sql",
            table=sink,
            columns=flink_ddl.columns(fields, not_null=True, wall_time=wall_time),
            day=flink_ddl.quoted(kind.day),
            path=flink_ddl.literal(f"{root}/{kind.folder(kind.format)}"),
            block=flink_ddl.literal(str(min(BLOCK_MIB, roll_mib) << 20)),
            roll=flink_ddl.literal(f"{roll_mib} mb"),
        )
    )
    return flink_ddl.fill(
        SQL / "carry.sql",
        sink=sink,
        source=kind.name,
        names=flink_ddl.names(fields, wall_time=wall_time),
        time=flink_ddl.quoted(kind.time),
        key=flink_ddl.quoted(kind.key),
    )


def carry(table_env: TableEnvironment, root: str, roll_mib: int) -> StatementSet:
    """From the source tables to folders below `root`, a URI of any file system that Flink knows."""
    statements = table_env.create_statement_set()
    for kind in KINDS:
        statements.add_insert_sql(_carry(table_env, kind, root, roll_mib))
    return statements


def build(table_env: TableEnvironment, values: settings.Settings) -> StatementSet:
    """The whole job, not yet started."""
    configure(table_env, values.lake)
    create_sources(table_env, values.kafka)
    return carry(table_env, f"s3://{values.lake.bucket}/{values.lake.prefix}", values.lake.roll_mib)


if __name__ == "__main__":
    streaming_job.run(flink_jobs.named(NAME), build)
