"""Jobs with a change in a copy of their SQL, for negative controls: the product itself has no switch for them."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path

from sluice.errors import SluiceError
from sluice.settings import PROJECT_ROOT

_PROGRAM = '''"""The job `{job}` with altered SQL, for a negative control."""

from pathlib import Path

from jobs.{job} import main
from sluice import streaming_job

main.SQL = Path({sql!r})
streaming_job.run(main.NAME, main.build)
'''


def programs(changes: Mapping[str, tuple[str, str]], folder: Path) -> dict[str, Path]:
    """For each job of `changes`, a program below `folder` that runs it with the first text replaced by the second.

    Raises SluiceError where the job's SQL does not hold the first text: then the control would control nothing.
    """
    return {job: _program(job, old, new, folder / job) for job, (old, new) in changes.items()}


def _program(job: str, old: str, new: str, folder: Path) -> Path:
    sql = folder / "sql"
    shutil.copytree(PROJECT_ROOT / "sql" / "flink" / job, sql)
    hits = 0
    for file in sql.glob("*.sql"):
        text = file.read_text(encoding="utf-8")
        hits += text.count(old)
        file.write_text(text.replace(old, new), encoding="utf-8")
    if not hits:
        raise SluiceError(f"no SQL of {job} holds {old!r}; the control has to follow what it controls")
    program = folder / "main.py"
    program.write_text(_PROGRAM.format(job=job, sql=str(sql)), encoding="utf-8")
    return program
