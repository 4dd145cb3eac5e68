"""The job `fraud_detection_bootstrap`: what was decided into state for the deciding job; `sluice bootstrap` runs it."""

from __future__ import annotations

from pyflink.table import StatementSet, TableEnvironment

from jobs.fraud_detection import histories, main
from sluice import flink_ddl, kernel_functions, settings, streaming_job
from sluice.flink_jobs import FlinkJob
from udfs import facts
from udfs.rules import file as rules_file
from udfs.rules import log

JOB = FlinkJob(f"{main.NAME}_bootstrap", ("bootstrap",))
SQL = main.SQL / "bootstrap"
MOST_SECONDS = 5
"""From checkpoint to checkpoint; however large the state, it has as long for its work."""


def entities(values: settings.FraudDetection) -> tuple[str, ...]:
    """Those whose histories the deciding job keeps."""
    return log.entities(rules_file.load(values.rules))


def states(values: settings.FraudDetection) -> tuple[str, ...]:
    """The uids of the steps that keep state, here and in the deciding job, which has them from the same files."""
    return ("seen", *histories.uids(entities(values)))


def create_source(table_env: TableEnvironment, kafka: settings.Kafka) -> None:
    """The topic as the table `transactions`, where the deciding job has the raw one."""
    values = {"topic": kafka.topics.bootstrap, "group": JOB.name, "bootstrap": kafka.bootstrap}
    literals = {name: flink_ddl.literal(value) for name, value in values.items()}
    table_env.execute_sql(flink_ddl.fill(main.SQL / "source.sql", **literals))


def remember(table_env: TableEnvironment, values: settings.FraudDetection) -> StatementSet:
    """From the table `transactions` into the state of the same steps as in the deciding job."""
    packed = {**kernel_functions.positions(facts.GATED), **facts.numbers("customer_bucket", "card_bucket")}
    table_env.execute_sql(flink_ddl.fill(SQL / "gated.sql"))
    for view in ("valid", "seen"):
        table_env.execute_sql(flink_ddl.fill(main.SQL / f"{view}.sql", **packed))
    before = histories.build(histories.Views(table_env, main.SQL), entities(values), packed)
    table_env.execute_sql(flink_ddl.fill(SQL / "profiles.sql"))
    statements = table_env.create_statement_set()
    statements.add_insert_sql(flink_ddl.fill(SQL / "write.sql", before=before))
    return statements


def build(table_env: TableEnvironment, values: settings.Settings) -> StatementSet:
    """The whole job, not yet started. That it has read all is seen by its checkpoints, so they come often."""
    seconds = min(values.fraud_detection.checkpoint_seconds, MOST_SECONDS)
    main.configure(table_env, values.fraud_detection.model_copy(update={"checkpoint_seconds": seconds}))
    table_env.get_config().set("pipeline.name", JOB.name)
    table_env.get_config().set("execution.checkpointing.min-pause", f"{MOST_SECONDS} s")
    kernel_functions.create(table_env)
    create_source(table_env, values.kafka)
    return remember(table_env, values.fraud_detection)


if __name__ == "__main__":
    streaming_job.run(JOB, build)
