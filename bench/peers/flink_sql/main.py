"""Sluice's own job for the comparison: one vectorised call into Python, the kernel, and the rule in SQL."""

from __future__ import annotations

from pathlib import Path

from pyflink.table import StatementSet, StreamTableEnvironment

from bench.peers.flink_sql import functions
from jobs.fraud_detection import main as fraud_detection
from sluice import flink_ddl, kernel_functions, python_steps, settings, streaming_job
from sluice.flink_jobs import FlinkJob
from udfs import facts

NAME = "velocity"
SQL = Path(functions.__file__).parent


def build(table_env: StreamTableEnvironment, values: settings.Settings) -> StatementSet:
    """From the topic of transactions to that of alerts, with the settings of the job `fraud_detection`."""
    fraud_detection.configure(table_env, values.fraud_detection)
    table_env.get_config().set("pipeline.name", NAME)
    kernel_functions.create(table_env)
    ends = {
        "group": flink_ddl.literal(NAME),
        "bootstrap": flink_ddl.literal(values.kafka.bootstrap),
        "input": flink_ddl.literal(values.kafka.topics.transactions),
        "output": flink_ddl.literal(values.kafka.topics.alerts),
        "linger_ms": str(values.fraud_detection.linger_ms),
    }
    packed = kernel_functions.positions(functions.PREPARED) | facts.numbers("card_bucket", "amount_usd_minor")
    for file in ("source", "sink"):
        table_env.execute_sql(flink_ddl.fill(SQL / f"{file}.sql", **ends))
    arguments = {"key_file": str(values.fraud_detection.gate.keys.file.resolve())}
    step = python_steps.Step("tokenise", f"{functions.__name__}:open_tokeniser", arguments)
    python_steps.add(table_env, "transactions", step, "tokenised", fraud_detection.batching(values.fraud_detection))
    for file in ("prepared", "profiled", "judged"):
        table_env.execute_sql(flink_ddl.fill(SQL / f"{file}.sql", **packed))
    statements = table_env.create_statement_set()
    statements.add_insert_sql(flink_ddl.fill(SQL / "write.sql"))
    return statements


if __name__ == "__main__":
    streaming_job.run(FlinkJob(NAME, ("transactions",)), build)
