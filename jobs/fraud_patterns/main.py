"""The job `fraud_patterns`: finds sequences of transactions that tell of fraud, in the decisions as they arrive."""

from __future__ import annotations

from collections.abc import Iterable

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
READ_BACK = ("terminal_uses", "customer_activity")
"""Topics that the job writes to have what is in them in one order, and reads itself."""
WRITTEN = ("alerts", *READ_BACK, "quarantine")
MESSAGES = {
    "told": "alert_messages",
    "kept": "terminal_messages",
    "done": "event_messages",
    "moved": "transfer_messages",
    "refused": "refused_events",
}
"""The stages of what is written."""
_PLACE = """decisions_partition bigint metadata from 'partition' virtual,
    decisions_offset bigint metadata from 'offset' virtual"""


def configure(table_env: TableEnvironment, values: settings.FraudPatterns) -> None:
    """The job's settings; the rest comes from the cluster's config.yaml."""
    streaming_job.configure(table_env, NAME, values.parallelism, values.checkpoint_seconds)
    config = table_env.get_config()
    config.set("state.backend.type", values.state_backend)
    config.set("table.exec.state.ttl", _FORGOTTEN)
    config.set("execution.buffer-timeout.interval", f"{values.buffer_timeout_ms} ms")


def create_tables(table_env: TableEnvironment, kafka: settings.Kafka) -> None:
    """The tables `decisions`, `customer_events`, those that the job writes itself and reads back, and `outputs`."""
    topics = kafka.topics
    sources = {
        "decisions": (topics.decisions, f"{flink_ddl.columns(reader.load('decisions').fields)},\n    {_PLACE}"),
        **{name: (getattr(topics, name), flink_ddl.columns(reader.load(name).fields)) for name in READ_BACK},
    }
    for table, (topic, columns) in sources.items():
        table_env.execute_sql(flink_ddl.json_topic(table, columns, topic, kafka.bootstrap, NAME))
    events = flink_ddl.raw_topics("customer_events", (topics.customer_events,), kafka.bootstrap, NAME)
    table_env.execute_sql(events)
    written = [getattr(topics, name) for name in WRITTEN]
    table_env.execute_sql(flink_ddl.outputs(written, kafka.bootstrap))


def find(table_env: StreamTableEnvironment, values: settings.Settings) -> StatementSet:
    """From the tables `decisions` and `customer_events` to the table `outputs`, of which READ_BACK come back as tables.

    Each stage keeps its state, whatever becomes of the others.
    """
    kernel_functions.create(table_env)
    job = values.fraud_patterns
    batching = python_steps.Batching(job.batch_rows, job.batch_ms)
    matched = _told(reader.pattern_alert_transaction())
    used = _told(reader.load("terminal_uses").fields)
    table_env.execute_sql(flink_ddl.fill(SQL / "known.sql"))
    table_env.execute_sql(flink_ddl.fill(SQL / "first_decisions.sql", matched=matched, used=used))
    stages.add(table_env, {"decided": "first_decisions"}, "decided")
    table_env.execute_sql(flink_ddl.fill(SQL / "uses.sql"))
    table_env.execute_sql(flink_ddl.fill(SQL / "terminal_uses_once.sql", matched=matched))
    stages.add(table_env, {"used": "terminal_uses_once"}, "used")
    event = _told(reader.pattern_alert_event())
    table_env.execute_sql(flink_ddl.fill(SQL / "customer_activity_once.sql", matched=matched, event=event))
    stages.add(table_env, {"acted": "customer_activity_once"}, "acted")
    patterns = patterns_file.load(job.patterns)
    for name, pattern in patterns.items():
        match(table_env, name, pattern)
    stages.add(table_env, {name: f"{name}_matches" for name in patterns}, "matches")
    arguments = {"folder": str(job.patterns.resolve())}
    step = python_steps.Step("alerted", f"{functions.__name__}:open_alerts", arguments)
    python_steps.add(table_env, "matches", step, "alerted", batching)
    _check_events(table_env, values, batching)
    return write(table_env, values.kafka.topics)


def _check_events(
    table_env: StreamTableEnvironment, values: settings.Settings, batching: python_steps.Batching
) -> None:
    """From the table `customer_events` to the view `events`; they have the bounds of transactions."""
    gate = values.fraud_detection.gate
    arguments = {
        "topic": values.kafka.topics.customer_events,
        "max_message_bytes": gate.max_message_bytes,
        "max_age_days": gate.max_age_days,
    }
    table_env.execute_sql(flink_ddl.fill(SQL / "events_arrived.sql"))
    step = python_steps.Step("events", f"{functions.__name__}:open_events", arguments)
    python_steps.add(table_env, "events_arrived", step, "events", batching)


def write(table_env: StreamTableEnvironment, topics: settings.Topics) -> StatementSet:
    """From the views `alerted`, `decided` and `events` to the table `outputs`."""
    names = {name: flink_ddl.literal(getattr(topics, name)) for name in WRITTEN}
    packed = kernel_functions.positions(functions.ALERTED) | kernel_functions.positions(functions.EVENTS)
    for view in MESSAGES.values():
        table_env.execute_sql(flink_ddl.fill(SQL / f"{view}.sql", **packed, **names))
    stages.add(table_env, MESSAGES, "messages")
    stages.name_sink(table_env, "outputs")
    statements = table_env.create_statement_set()
    statements.add_insert_sql(flink_ddl.fill(SQL / "write.sql"))
    return statements


def match(table_env: TableEnvironment, name: str, pattern: Pattern) -> None:
    """The view `<name>_matches`, from those of uses. Raises SluiceError where its SQL and its limits do not fit."""
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


def _told(fields: Iterable[reader.Field]) -> str:
    """The columns of these names as the arguments of json_object."""
    return ", ".join(f"key '{each.name}' value {_as_json(each)}" for each in fields)


def _as_json(field: reader.Field) -> str:
    name = flink_ddl.quoted(field.name)
    return f"date_format({name}, 'yyyy-MM-dd''T''HH:mm:ss.SSS''Z''')" if field.type == "timestamp" else name


def build(table_env: StreamTableEnvironment, values: settings.Settings) -> StatementSet:
    """The whole job, not yet started. Raises when a pattern's file is wrong."""
    configure(table_env, values.fraud_patterns)
    create_tables(table_env, values.kafka)
    return find(table_env, values)


if __name__ == "__main__":
    streaming_job.run(flink_jobs.named(NAME), build)
