"""The job `enrichment`: each decision with what was known of its customer, merchant and currency at its event time."""

from __future__ import annotations

from typing import Any

from pyflink.table import StatementSet, StreamTableEnvironment, TableEnvironment

from jobs.enrichment import functions
from sluice import flink_ddl, flink_jobs, kernel_functions, python_steps, settings, stages, streaming_job
from udfs import references

NAME = "enrichment"
SQL = settings.PROJECT_ROOT / "sql" / "flink" / NAME
_NUMBER_BYTES = 8


def configure(table_env: TableEnvironment, values: settings.Enrichment) -> None:
    """The job's settings; the rest comes from the cluster's config.yaml."""
    streaming_job.configure(table_env, NAME, values.parallelism, values.checkpoint_seconds)
    config = table_env.get_config()
    config.set("state.backend.type", values.state_backend)
    config.set("execution.buffer-timeout.interval", f"{values.buffer_timeout_ms} ms")


def create_tables(table_env: TableEnvironment, kafka: settings.Kafka) -> None:
    """The tables `decisions`, `references` and `outputs` on Kafka."""
    bootstrap, topics = flink_ddl.literal(kafka.bootstrap), kafka.topics
    read = {"decisions": topics.decisions, "`references`": ";".join(topics.references)}
    for table, names in read.items():
        ends = {"topics": flink_ddl.literal(names), "group": flink_ddl.literal(NAME)}
        table_env.execute_sql(flink_ddl.fill(SQL / "messages.sql", table=table, bootstrap=bootstrap, **ends))
    table_env.execute_sql(flink_ddl.outputs((topics.enriched_decisions, topics.quarantine), kafka.bootstrap))


def enrich(table_env: StreamTableEnvironment, values: settings.Settings) -> StatementSet:
    """From the tables `decisions` and `references` to the table `outputs`."""
    kernel_functions.create(table_env)
    topics = values.kafka.topics
    read(table_env, values)
    for view in ("placed", "known", "first_decisions"):
        _create(table_env, view)
    decisions = "first_decisions"
    answers: tuple[str, ...] = ()
    for number, name in enumerate(references.NAMES):
        join(table_env, number, decisions, answers, values.enrichment.most_versions)
        decisions, answers = f"{name}_answered", (*answers, name)
    _create(table_env, "gathered", decisions=decisions, found=", ".join(answers))
    step = python_steps.Step("enriched", f"{functions.__name__}:open_enrichment", {})
    python_steps.add(table_env, "gathered", step, "enriched", batching(values.enrichment))
    _create(table_env, "written", enriched_decisions=flink_ddl.literal(topics.enriched_decisions))
    _create(table_env, "refused", quarantine=flink_ddl.literal(topics.quarantine))
    stages.add(table_env, {"written": "written", "refused": "refused"}, "outgoing")
    stages.name_sink(table_env, "outputs")
    statements = table_env.create_statement_set()
    statements.add_insert_sql(flink_ddl.fill(SQL / "write.sql"))
    return statements


def read(table_env: StreamTableEnvironment, values: settings.Settings) -> None:
    """From the tables `decisions` and `references` to the views `opened` and `referenced`."""
    job = values.enrichment
    steps: dict[str, tuple[str, str, dict[str, Any]]] = {
        "opened": ("arrived", "open_decisions", {"after_seconds": job.references_first_seconds}),
        "referenced": ("told", "open_references", {"topics": list(values.kafka.topics.references)}),
    }
    for name, (source, function, arguments) in steps.items():
        _create(table_env, source)
        step = python_steps.Step(name, f"{functions.__name__}:{function}", arguments)
        python_steps.add(table_env, source, step, name, batching(job))


def join(table_env: TableEnvironment, number: int, decisions: str, answers: tuple[str, ...], most: int) -> None:
    """From the view `decisions`, with the columns `answers` of the references before, to `<reference>_answered`."""
    name = references.NAMES[number]
    carried = "".join(f"{each}, " for each in answers)
    nothing = "cast(null as bytes), " * len(answers)
    entity = str(functions.OPENED.index(references.table(name).entity.name))
    asked = {"decisions": decisions, "nothing": nothing, "entity_of_decision": entity, "number": str(number)}
    _create(table_env, "asked", reference=name, carried=carried, **asked)
    _create(table_env, "answered", reference=name, carried=carried, most_versions=str(most))


def _create(table_env: TableEnvironment, view: str, **values: str) -> None:
    table_env.execute_sql(flink_ddl.fill(SQL / f"{view}.sql", **_positions(), **values))


def _positions() -> dict[str, str]:
    """Where SQL finds the parts of records, and the numbers in their first part."""
    facts, version = functions.FACTS, functions.VERSION
    numbers = {
        name: str(layout.fields[name][1] // _NUMBER_BYTES)  # type: ignore[index]
        for layout in (facts, version)
        for name in layout.names or ()
    }
    numbers["reference_at"] = numbers.pop("reference")
    packed = (functions.OPENED, functions.REFERENCED, functions.ENRICHED)
    return numbers | {name: at for each in packed for name, at in kernel_functions.positions(each).items()}


def batching(values: settings.Enrichment) -> python_steps.Batching:
    return python_steps.Batching(values.batch_rows, values.batch_ms)


def build(table_env: StreamTableEnvironment, values: settings.Settings) -> StatementSet:
    """The whole job, not yet started."""
    configure(table_env, values.enrichment)
    create_tables(table_env, values.kafka)
    return enrich(table_env, values)


if __name__ == "__main__":
    streaming_job.run(flink_jobs.named(NAME), build)
