"""The cause of a failure is found in what Java and Python print."""

from __future__ import annotations

from localstack.java_traces import innermost_cause

JAVA = """org.apache.flink.client.program.ProgramInvocationException: The main method caused an error
\tat org.apache.flink.client.cli.CliFrontend.run(CliFrontend.java:1)
Caused by: org.apache.flink.table.api.ValidationException: SQL validation failed.
\tat org.apache.flink.table.Planner.parse(Planner.java:2)
Caused by: org.apache.calcite.sql.validate.SqlValidatorException: Object 'nowhere' not found
\t... 5 more
"""
PYTHON = """2026-01-05T08:00:00.000Z WARN  o.a.f.Something - noise
Traceback (most recent call last):
  File "/app/jobs/lake/main.py", line 3, in <module>
    main()
  File "/app/jobs/lake/main.py", line 2, in main
    settings = load(path)
sluice.settings.SettingsError: settings file x.yaml does not exist
org.apache.flink.client.program.ProgramAbortException: java.lang.RuntimeException: Python process exits with code: 1
\tat org.apache.flink.client.python.PythonDriver.main(PythonDriver.java:1)
Caused by: java.lang.RuntimeException: Python process exits with code: 1
"""
BRIDGED = """Traceback (most recent call last):
  File "/app/main.py", line 7, in <module>
    table_env.execute_sql(statement)
py4j.protocol.Py4JJavaError: An error occurred while calling o8.executeSql.
: org.apache.flink.table.api.ValidationException: SQL validation failed.
Caused by: org.apache.calcite.sql.validate.SqlValidatorException: Object 'elsewhere' not found
org.apache.flink.client.program.ProgramAbortException: java.lang.RuntimeException: Python process exits with code: 1
Caused by: java.lang.RuntimeException: Python process exits with code: 1
"""
TRANSLATED = """Traceback (most recent call last):
  File "/app/main.py", line 7, in <module>
    statements.execute()
pyflink.util.exceptions.TableException: org.apache.flink.table.api.TableException: Failed to execute sql
\tat org.apache.flink.table.api.internal.TableEnvironmentImpl.executeInternal(TableEnvironmentImpl.java:1)
Caused by: java.lang.IllegalStateException: Cannot map savepoint state
Caused by: java.lang.RuntimeException: Python process exits with code: 1
"""
WORKER = """org.apache.flink.runtime.JobException: Recovery is suppressed
Caused by: java.lang.RuntimeException: Error received from instruction 2: Traceback (most recent call last):
  File "/app/udfs/gate.py", line 9, in gate
    raise KeyError(name)
KeyError: 'amount'
"""


def test_java_names_the_last_cause() -> None:
    expected = "org.apache.calcite.sql.validate.SqlValidatorException: Object 'nowhere' not found"
    assert innermost_cause(JAVA) == expected


def test_an_error_in_python_is_the_cause_of_those_around_it() -> None:
    assert innermost_cause(PYTHON) == "sluice.settings.SettingsError: settings file x.yaml does not exist"


def test_a_failure_in_the_jvm_is_the_cause_of_pythons() -> None:
    expected = "org.apache.calcite.sql.validate.SqlValidatorException: Object 'elsewhere' not found"
    assert innermost_cause(BRIDGED) == expected


def test_nor_does_it_help_that_python_gives_the_failure_another_name() -> None:
    assert innermost_cause(TRANSLATED) == "java.lang.IllegalStateException: Cannot map savepoint state"


def test_an_error_in_a_python_worker_is_the_cause_of_javas() -> None:
    assert innermost_cause(WORKER) == "KeyError: 'amount'"


def test_a_trace_without_causes_gives_its_first_line() -> None:
    assert (
        innermost_cause("java.lang.OutOfMemoryError: Metaspace\n\tat somewhere")
        == "java.lang.OutOfMemoryError: Metaspace"
    )


def test_silence_is_said_to_be_silence() -> None:
    assert innermost_cause("") == "no reason was given"
