"""The job `alert_episodes`: alerts of one card and cause within a window become one episode."""

from __future__ import annotations

from pyflink.table import StatementSet, StreamTableEnvironment

from jobs.alert_episodes.functions import OUTPUT, EpisodesFunction, card_and_cause
from sluice import flink_ddl, flink_jobs, settings, stages, streaming_job

NAME = "alert_episodes"
SQL = settings.PROJECT_ROOT / "sql" / "flink" / NAME


def configure(table_env: StreamTableEnvironment, values: settings.AlertEpisodes) -> None:
    """The job's settings; the rest comes from the cluster's config.yaml."""
    streaming_job.configure(table_env, NAME, 1, values.checkpoint_seconds)
    config = table_env.get_config()
    config.set("execution.buffer-timeout.interval", f"{values.bundle_ms} ms")
    config.set("python.fn-execution.bundle.time", str(values.bundle_ms))
    config.set("python.fn-execution.bundle.size", str(values.bundle_size))


def create_ends(table_env: StreamTableEnvironment, kafka: settings.Kafka) -> None:
    """The tables `messages` and `outputs` on Kafka."""
    table_env.execute_sql(flink_ddl.raw_topics("messages", [kafka.topics.alerts], kafka.bootstrap, NAME))
    written = (kafka.topics.episodes, kafka.topics.quarantine)
    table_env.execute_sql(flink_ddl.outputs(written, kafka.bootstrap))


def gather(table_env: StreamTableEnvironment, values: settings.Settings) -> StatementSet:
    """From the table `messages` to the table `outputs`."""
    stages.name_sink(table_env, "alerts")
    messages = table_env.to_data_stream(table_env.sql_query(flink_ddl.fill(SQL / "read.sql")))
    episodes = (
        messages.key_by(card_and_cause).process(EpisodesFunction(values), OUTPUT).uid("episodes").name("episodes")
    )
    table_env.create_temporary_view("changes", table_env.from_data_stream(episodes))
    stages.name_sink(table_env, "outputs")
    statements = table_env.create_statement_set()
    statements.add_insert_sql(flink_ddl.fill(SQL / "write.sql"))
    return statements


def build(table_env: StreamTableEnvironment, values: settings.Settings) -> StatementSet:
    """The whole job, not yet started."""
    configure(table_env, values.alert_episodes)
    create_ends(table_env, values.kafka)
    return gather(table_env, values)


if __name__ == "__main__":
    streaming_job.run(flink_jobs.named(NAME), build)
