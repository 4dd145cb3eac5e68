"""The job `hot_state`: what was decided of each card, transaction and alert, from Kafka to DynamoDB."""

from __future__ import annotations

from pyflink.table import StatementSet, TableEnvironment

from jobs.hot_state.functions import write_items
from sluice import flink_ddl, flink_jobs, settings, streaming_job

NAME = "hot_state"
SQL = settings.PROJECT_ROOT / "sql" / "flink" / NAME


def configure(table_env: TableEnvironment, values: settings.HotState) -> None:
    """The job's settings; the rest comes from the cluster's config.yaml. One Arrow batch is one bundle."""
    streaming_job.configure(table_env, NAME, 1, values.checkpoint_seconds)
    config = table_env.get_config()
    config.set("python.fn-execution.bundle.time", str(values.bundle_ms))
    config.set("python.fn-execution.bundle.size", str(values.bundle_size))
    config.set("python.fn-execution.arrow.batch.size", str(values.bundle_size))


def create_ends(table_env: TableEnvironment, kafka: settings.Kafka) -> None:
    """The tables `messages` and `refused` on Kafka."""
    topics = kafka.topics
    both = [topics.decisions, topics.alerts]
    table_env.execute_sql(flink_ddl.raw_topics("messages", both, kafka.bootstrap, NAME))
    refused = {"topic": flink_ddl.literal(topics.quarantine), "bootstrap": flink_ddl.literal(kafka.bootstrap)}
    table_env.execute_sql(flink_ddl.fill(SQL / "refused.sql", **refused))


def write(table_env: TableEnvironment, values: settings.Settings) -> StatementSet:
    """From the table `messages` to DynamoDB, and what it refuses to the table `refused`."""
    table_env.create_temporary_function("write_items", write_items(values))
    statements = table_env.create_statement_set()
    statements.add_insert_sql(flink_ddl.fill(SQL / "write.sql"))
    return statements


def build(table_env: TableEnvironment, values: settings.Settings) -> StatementSet:
    """The whole job, not yet started."""
    configure(table_env, values.hot_state)
    create_ends(table_env, values.kafka)
    return write(table_env, values)


if __name__ == "__main__":
    streaming_job.run(flink_jobs.named(NAME), build)
