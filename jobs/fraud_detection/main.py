"""The job `fraud_detection`: decides on each transaction as it arrives, and holds bad records back."""

from __future__ import annotations

from typing import Any

from pyflink.table import StatementSet, StreamTableEnvironment, TableEnvironment

from jobs.fraud_detection import functions, histories
from sluice import flink_ddl, flink_jobs, kernel_functions, python_steps, settings, streaming_job
from sluice.keys import sources
from udfs import facts
from udfs.decide import DECIDED
from udfs.rules import file as rules_file
from udfs.rules import log

NAME = "fraud_detection"
SQL = settings.PROJECT_ROOT / "sql" / "flink" / NAME
OUTPUTS = ("records", "alerts", "refused", "asides", "aside_alerts")


def configure(table_env: TableEnvironment, values: settings.FraudDetection) -> None:
    """The job's settings; the rest comes from the cluster's config.yaml."""
    streaming_job.configure(table_env, NAME, values.parallelism, values.checkpoint_seconds)
    config = table_env.get_config()
    config.set("state.backend.type", values.state_backend)
    config.set("execution.buffer-timeout.interval", f"{values.buffer_timeout_ms} ms")
    # One sink for all that is written would stand behind an exchange; one for each part stands right behind its step.
    config.set("table.optimizer.reuse-sink-enabled", "false")


def create_tables(table_env: TableEnvironment, kafka: settings.Kafka, linger_ms: int) -> None:
    topics, bootstrap = kafka.topics, flink_ddl.literal(kafka.bootstrap)
    source = {"topic": flink_ddl.literal(topics.transactions), "group": flink_ddl.literal(NAME)}
    table_env.execute_sql(flink_ddl.fill(SQL / "source.sql", bootstrap=bootstrap, **source))
    written = (topics.decisions, topics.duplicates, topics.quarantine, topics.alerts, topics.token_vault)
    table_env.execute_sql(flink_ddl.outputs(written, kafka.bootstrap, linger_ms))


def decide(table_env: StreamTableEnvironment, values: settings.Settings) -> StatementSet:
    """From the table `transactions` to the table `outputs`.

    Python decides what is stateless, the kernel keeps what is known of a card, and of what else the rules look at.
    """
    kernel_functions.create(table_env)
    entities = log.entities(rules_file.load(values.fraud_detection.rules))
    topics = values.kafka.topics
    packed = {
        **kernel_functions.positions(facts.GATED),
        **kernel_functions.positions(DECIDED),
        **facts.numbers("customer_bucket", "card_bucket"),
    }
    gate(table_env, values)
    for view in ("valid", "seen"):
        table_env.execute_sql(flink_ddl.fill(SQL / f"{view}.sql", **packed))
    views = histories.Views(table_env, SQL)
    histories.decidable(views, entities, histories.build(views, entities, packed))
    judge(table_env, values)
    names = {name: flink_ddl.literal(getattr(topics, name)) for name in ("alerts", "quarantine")}
    statements = table_env.create_statement_set()
    for output in OUTPUTS:
        statements.add_insert_sql(flink_ddl.fill(SQL / f"write_{output}.sql", **packed, **names))
    return statements


def gate(table_env: StreamTableEnvironment, values: settings.Settings) -> None:
    """From the table `transactions` to the view `gated`: one call for parse, validation and token together."""
    job = values.fraud_detection
    step = python_steps.Step("gate", f"{functions.__name__}:open_gate", at_the_workers(values))
    python_steps.add(table_env, "transactions", step, "gated", batching(job))


def at_the_workers(values: settings.Settings) -> dict[str, Any]:
    """The settings as plain values, without what only the person who may open the vault has to know."""
    job, vault = values.fraud_detection, values.vault
    keys = job.gate.keys.model_copy(update={"file": job.gate.keys.file.resolve()})
    gate = job.gate.model_copy(update={"keys": keys})
    section = job.model_copy(update={"gate": gate, "rules": job.rules.resolve()})
    sealing = settings.Vault(public_key=vault.public_key.resolve(), kms_key_id=vault.kms_key_id)
    sent = {"topics": values.kafka.topics, "aws": values.aws, "job": section, "vault": sealing}
    return {name: each.model_dump(mode="json") for name, each in sent.items()}


def judge(table_env: StreamTableEnvironment, values: settings.Settings) -> None:
    """From the view `undecided` to the view `decided`."""
    topics, job = values.kafka.topics, values.fraud_detection
    arguments = {
        "topics": (topics.transactions, topics.decisions, topics.duplicates, topics.quarantine),
        "rules": str(job.rules.resolve()),
    }
    step = python_steps.Step("decide", f"{functions.__name__}:open_decider", arguments)
    python_steps.add(table_env, "undecided", step, "decided", batching(job))


def batching(values: settings.FraudDetection) -> python_steps.Batching:
    return python_steps.Batching(values.batch_rows, values.batch_ms)


def build(table_env: StreamTableEnvironment, values: settings.Settings) -> StatementSet:
    """The whole job, not yet started. Raises when a file that the workers will read is missing or wrong."""
    prepare(values)
    configure(table_env, values.fraud_detection)
    create_tables(table_env, values.kafka, values.fraud_detection.linger_ms)
    return decide(table_env, values)


def prepare(values: settings.Settings) -> None:
    """Check what the workers will read, and make the keys on first use; raises before anything is submitted."""
    sources.made(values)
    rules_file.load_proven(values.fraud_detection.rules)


if __name__ == "__main__":
    streaming_job.run(flink_jobs.named(NAME), build)
