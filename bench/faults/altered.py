"""Jobs with a change in a copy of their SQL, for negative controls, upgrades and what would take long else.

The product itself has no switch for them.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path

from bench.faults.case import Changes
from sluice import flink_ddl
from sluice.errors import SluiceError

_PROGRAM = '''"""The job `{job}` with altered SQL, for a fault run."""

from pathlib import Path

from jobs.{job} import main
from sluice import flink_ddl, flink_jobs, streaming_job

flink_ddl.SHARED = Path({sql!r})
main.SQL = flink_ddl.SHARED / main.NAME
streaming_job.run(flink_jobs.named(main.NAME), main.build)
'''


def programs(changes: Mapping[str, Changes], folder: Path) -> dict[str, Path]:
    """For each job of `changes`, a program below `folder` that runs it with these changes.

    Raises SluiceError where the job's SQL does not hold a text to be changed: then the case would show nothing.
    """
    return {job: _program(job, each, folder / job) for job, each in changes.items()}


def _program(job: str, changes: Changes, folder: Path) -> Path:
    sql = folder / "sql"
    shutil.copytree(flink_ddl.SHARED / job, sql / job)
    for shared in flink_ddl.SHARED.glob("*.sql"):
        shutil.copy(shared, sql)
    files = {file: file.read_text(encoding="utf-8") for file in sql.rglob("*.sql")}
    for old, new in changes:
        if not any(old in text for text in files.values()):
            raise SluiceError(f"no SQL of {job} holds {old!r}; the case has to follow what it changes")
        files = {file: text.replace(old, new) for file, text in files.items()}
    for file, text in files.items():
        file.write_text(text, encoding="utf-8")
    program = folder / "main.py"
    program.write_text(_PROGRAM.format(job=job, sql=str(sql)), encoding="utf-8")
    return program
