"""The job `fraud_patterns`: finds sequences of transactions that tell of fraud, in the decisions as they arrive."""

from __future__ import annotations

from pyflink.table import StatementSet, StreamTableEnvironment, TableEnvironment

from contracts import reader
from jobs.fraud_patterns import functions
from sluice import flink_ddl, flink_jobs, kernel_functions, python_steps, settings, stages, streaming_job
from sluice.errors import SluiceError
from udfs.patterns import file as patterns_file
from udfs.patterns.model import Limit, Pattern
from udfs.rule_language.values import MS

NAME = "fraud_patterns"
SQL = settings.PROJECT_ROOT / "sql" / "flink" / NAME
_FORGOTTEN = "2 d"
"""So long after a card was used, what a pattern keeps of it beside open attempts; none looks back further."""


def configure(table_env: TableEnvironment, values: settings.FraudPatterns) -> None:
    """The job's settings; the rest comes from the cluster's config.yaml."""
    streaming_job.configure(table_env, NAME, values.parallelism, values.checkpoint_seconds)
    config = table_env.get_config()
    config.set("state.backend.type", values.state_backend)
    config.set("table.exec.state.ttl", _FORGOTTEN)
    config.set("execution.buffer-timeout.interval", f"{values.buffer_timeout_ms} ms")


def create_tables(table_env: TableEnvironment, kafka: settings.Kafka) -> None:
    """The tables `decisions` and `alerts` on Kafka."""
    columns = flink_ddl.columns(reader.load("decisions").fields)
    table_env.execute_sql(flink_ddl.json_topic("decisions", columns, kafka.topics.decisions, kafka.bootstrap, NAME))
    ends = {"bootstrap": flink_ddl.literal(kafka.bootstrap), "topic": flink_ddl.literal(kafka.topics.alerts)}
    table_env.execute_sql(flink_ddl.fill(SQL / "sink.sql", **ends))


def find(table_env: StreamTableEnvironment, values: settings.FraudPatterns) -> StatementSet:
    """From the table `decisions` to the table `alerts`. Each stage keeps its state, whatever becomes of the others."""
    kernel_functions.create(table_env)
    table_env.execute_sql(flink_ddl.fill(SQL / "known.sql"))
    table_env.execute_sql(flink_ddl.fill(SQL / "first_decisions.sql", matched=_told()))
    stages.add(table_env, {"decided": "first_decisions"}, "decided")
    table_env.execute_sql(flink_ddl.fill(SQL / "uses.sql"))
    patterns = patterns_file.load(values.patterns)
    for name, pattern in patterns.items():
        match(table_env, name, pattern)
    stages.add(table_env, {name: f"{name}_matches" for name in patterns}, "matches")
    arguments = {"folder": str(values.patterns.resolve())}
    step = python_steps.Step("alerted", f"{functions.__name__}:open_alerts", arguments)
    python_steps.add(table_env, "matches", step, "alerted", python_steps.Batching(values.batch_rows, values.batch_ms))
    stages.name_sink(table_env, "alerts")
    statements = table_env.create_statement_set()
    packed = kernel_functions.positions(functions.ALERTED)
    statements.add_insert_sql(flink_ddl.fill(SQL / "write.sql", **packed))
    return statements


def match(table_env: TableEnvironment, name: str, pattern: Pattern) -> None:
    """The view `<name>_matches`, from the view `uses`. Raises SluiceError where its SQL and its limits do not fit."""
    file = SQL / "patterns" / f"{name}.sql"
    if not file.exists():
        raise SluiceError(f"pattern {name} has no {file}: add what matches, or take its YAML away")
    limits = {limit: _literal(value) for limit, value in pattern.limits.items()}
    try:
        table_env.execute_sql(flink_ddl.fill(file, **limits))
    except KeyError as missing:
        raise SluiceError(
            f"pattern {name}: {file} asks for the limit {missing}, which its YAML does not give"
        ) from None
    table_env.execute_sql(flink_ddl.fill(SQL / "matches.sql", pattern=name))


def _literal(limit: Limit) -> str:
    return flink_ddl.interval(limit.number) if limit.unit == MS else str(limit.number)


def _told() -> str:
    """Of each transaction that matches, what the contract says, as the arguments of json_object."""
    fields = reader.pattern_alert_transaction()
    return ", ".join(f"key '{each.name}' value {_as_json(each)}" for each in fields)


def _as_json(field: reader.Field) -> str:
    name = flink_ddl.quoted(field.name)
    return f"date_format({name}, 'yyyy-MM-dd''T''HH:mm:ss.SSS''Z''')" if field.type == "timestamp" else name


def build(table_env: StreamTableEnvironment, values: settings.Settings) -> StatementSet:
    """The whole job, not yet started. Raises when a pattern's file is wrong."""
    configure(table_env, values.fraud_patterns)
    create_tables(table_env, values.kafka)
    return find(table_env, values.fraud_patterns)


if __name__ == "__main__":
    streaming_job.run(flink_jobs.named(NAME), build)
