"""Flink must evaluate the writing function once a row, below the filter that drops what was written."""

from __future__ import annotations

from pyflink.table import EnvironmentSettings, TableEnvironment

from jobs.hot_state import main
from sluice.settings import Settings

_MESSAGES = """
create temporary table messages (
    topic string not null, `partition` int not null, `offset` bigint not null,
    appended_at timestamp_ltz(3) not null, content bytes
) with ('connector' = 'datagen')
"""
_REFUSED = "create temporary table refused (record bytes) with ('connector' = 'blackhole')"


def test_the_writing_function_is_evaluated_once_and_before_the_filter() -> None:
    settings = Settings()
    table_env = TableEnvironment.create(EnvironmentSettings.in_streaming_mode())
    main.configure(table_env, settings.hot_state)
    table_env.execute_sql(_MESSAGES)
    table_env.execute_sql(_REFUSED)
    plan = main.write(table_env, settings).explain().split("== Optimized Execution Plan ==")[1]
    steps = [line.strip().lstrip("+- ").split("(")[0] for line in plan.strip().splitlines()]
    assert steps == ["Sink", "Calc", "PythonCalc", "TableSourceScan"]
    assert plan.count("write_items(") == 1
