"""The job `fraud_detection`: decides on each transaction as it arrives, and holds bad records back."""

from __future__ import annotations

from pyflink.table import StatementSet, TableEnvironment

from jobs.fraud_detection import functions
from sluice import flink_ddl, flink_jobs, kernel_functions, settings, streaming_job
from udfs import facts, rules, tokenisation
from udfs.decide import DECIDED

NAME = "fraud_detection"
SQL = settings.PROJECT_ROOT / "sql" / "flink" / NAME
OUTPUTS = ("records", "alerts", "refused")


def configure(table_env: TableEnvironment, values: settings.FraudDetection) -> None:
    """The job's settings; the rest comes from the cluster's config.yaml."""
    streaming_job.configure(table_env, NAME, values.parallelism, values.checkpoint_seconds)
    config = table_env.get_config()
    config.set("state.backend.type", values.state_backend)
    config.set("execution.buffer-timeout.interval", f"{values.buffer_timeout_ms} ms")
    config.set("python.fn-execution.bundle.time", str(values.bundle_ms))
    config.set("python.fn-execution.bundle.size", str(values.bundle_size))
    config.set("python.metric.enabled", "false")  # nothing is counted in Python, and asking costs at each bundle
    # A Python process for each step: two in one would wait for each other at its interpreter lock.
    config.set("python.fn-execution.memory.managed", "false")
    # One sink for all that is written would stand behind an exchange; one for each part stands right behind its step.
    config.set("table.optimizer.reuse-sink-enabled", "false")
    config.set("python.fn-execution.arrow.batch.size", str(values.arrow_batch_size))


def create_functions(table_env: TableEnvironment, values: settings.Settings) -> None:
    """Python decides what is stateless, the kernel keeps what is known of a card."""
    topics, job = values.kafka.topics, values.fraud_detection
    table_env.create_temporary_function("gate", functions.gate_function(topics.transactions, job.gate))
    table_env.create_temporary_function("decide", functions.decide_function(topics, job.rules))
    kernel_functions.create(table_env)


def create_tables(table_env: TableEnvironment, kafka: settings.Kafka, linger_ms: int) -> None:
    topics, bootstrap = kafka.topics, flink_ddl.literal(kafka.bootstrap)
    source = {"topic": flink_ddl.literal(topics.transactions), "group": flink_ddl.literal(NAME)}
    written = (topics.decisions, topics.duplicates, topics.quarantine, topics.alerts)
    sink = {"topics": flink_ddl.literal(";".join(written)), "linger_ms": str(linger_ms)}
    for name, values in (("source", source), ("sink", sink)):
        table_env.execute_sql(flink_ddl.fill(SQL / f"{name}.sql", bootstrap=bootstrap, **values))


def decide(table_env: TableEnvironment, topics: settings.Topics) -> StatementSet:
    """From the table `transactions` to the table `outputs`."""
    packed = {
        **kernel_functions.positions(facts.GATED),
        **kernel_functions.positions(DECIDED),
        **facts.numbers("customer_bucket", "card_bucket"),
    }
    for view in ("gated", "valid", "seen", "profiled", "decided"):
        table_env.execute_sql(flink_ddl.fill(SQL / f"{view}.sql", **packed))
    names = {name: flink_ddl.literal(getattr(topics, name)) for name in ("alerts", "quarantine")}
    statements = table_env.create_statement_set()
    for output in OUTPUTS:
        statements.add_insert_sql(flink_ddl.fill(SQL / f"write_{output}.sql", **packed, **names))
    return statements


def build(table_env: TableEnvironment, values: settings.Settings) -> StatementSet:
    """The whole job, not yet started. Raises when a file that the workers will read is missing or wrong."""
    prepare(values.fraud_detection)
    configure(table_env, values.fraud_detection)
    create_functions(table_env, values)
    create_tables(table_env, values.kafka, values.fraud_detection.linger_ms)
    return decide(table_env, values.kafka.topics)


def prepare(values: settings.FraudDetection) -> None:
    """Check what the workers will read, and make the key on first use; raises before anything is submitted."""
    tokenisation.create_key_file(values.gate.key_file)
    tokenisation.load_key(values.gate.key_file)
    rules.load(values.rules, functions.RULE_VALUES)


if __name__ == "__main__":
    streaming_job.run(flink_jobs.named(NAME), build)
