"""The list of cases is sound: names differ, and each control still finds what it takes away."""

from __future__ import annotations

import inspect
import runpy
from importlib import import_module
from pathlib import Path

import pytest

from bench.faults import altered
from bench.faults.case import Case
from bench.faults.cases import CASES
from bench.faults.run import Result
from bench.faults.soak import laps
from bench.proof.checks import Check
from sluice import flink_ddl, streaming_job
from sluice.errors import SluiceError
from sluice.flink_jobs import named


def _case(**changes: object) -> Case:
    return Case("name", "title", lambda _: dict, **changes)  # type: ignore[arg-type]


def test_names_differ() -> None:
    names = [each.name for each in CASES]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("case", [each for each in CASES if each.alter], ids=lambda each: each.name)
def test_a_control_changes_a_copy_of_the_sql(case: Case, tmp_path: Path) -> None:
    for job, program in altered.programs(case.alter, tmp_path).items():
        assert str(tmp_path) in program.read_text()
        texts = "".join(file.read_text() for file in (tmp_path / job / "sql").rglob("*.sql"))
        assert all(new in texts and old not in texts for old, new in case.alter[job])


@pytest.mark.parametrize("case", [each for each in CASES if each.alter], ids=lambda each: each.name)
def test_a_control_starts_the_job_as_the_suite_does(
    case: Case, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[inspect.BoundArguments] = []
    signature = inspect.signature(streaming_job.run)
    monkeypatch.setattr(streaming_job, "run", lambda *given: calls.append(signature.bind(*given)))
    for job, program in altered.programs(case.alter, tmp_path).items():
        main = import_module(f"jobs.{job}.main")
        monkeypatch.setattr(main, "SQL", main.SQL)  # the program puts its own there
        monkeypatch.setattr(flink_ddl, "SHARED", flink_ddl.SHARED)
        runpy.run_path(str(program))
        assert calls.pop().arguments == {"job": named(job), "build": main.build}
        assert (tmp_path / job / "sql", tmp_path / job / "sql" / job) == (flink_ddl.SHARED, main.SQL)


def test_a_control_of_nothing_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(SluiceError, match="has to follow what it changes"):
        altered.programs({"lake": (("no such text", ""),)}, tmp_path)


GOOD, BAD = Check("D1", passed=True, words=""), Check("D2", passed=False, words="")


@pytest.mark.parametrize(
    ("must_fail", "proof", "checks", "trouble", "passed"),
    [
        ((), {"kills": 1}, [GOOD], None, True),
        ((), {"kills": 1}, [GOOD, BAD], None, False),
        ((), {"kills": 0}, [GOOD], None, False),
        ((), {}, [GOOD], None, False),
        ((), {"kills": 1}, [GOOD], "it broke", False),
        (("D2",), {"kills": 1}, [GOOD, BAD], None, True),
        (("D1",), {"kills": 1}, [GOOD, BAD], None, False),
        (("D2",), {"kills": 0}, [GOOD, BAD], None, False),
    ],
)
def test_what_passes(
    must_fail: tuple[str, ...], proof: dict[str, int], checks: list[Check], trouble: str | None, *, passed: bool
) -> None:
    case = _case(must_fail=frozenset(must_fail))
    assert Result(case, proof=proof, checks=checks, trouble=trouble).passed is passed


def test_laps_of_a_soak_fill_its_minutes() -> None:
    assert len(list(laps(30))) == 10
    assert [each.title.split()[0] for each in laps(1)] == ["60"]
