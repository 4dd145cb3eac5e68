"""The page of a fault run."""

from __future__ import annotations

from bench.faults.case import Case
from bench.faults.page import as_json, markdown
from bench.faults.run import Result
from bench.proof.checks import Check


def result(name: str, **changes: object) -> Result:
    case = Case(name, f"What {name} does", lambda _: dict, ("fraud_detection",))
    made = Result(case, seconds=12.4, messages=1_000, proof={"processes killed": 2})
    made.checks = [Check("D1 one end each", passed=True, words="1,000 as expected")]
    for field, value in changes.items():
        setattr(made, field, value)
    return made


def test_a_row_a_case() -> None:
    lost = Check("D2 decisions", passed=False, words="3 missing, 0 too many, 0 differ")
    page = markdown(
        as_json(
            [result("kill"), result("lose", checks=[lost]), result("hang", trouble="no answer\nmore", checks=[])], 7
        )
    )
    assert "Seed 7." in page
    assert "**1 of 3 cases passed, with 2 checks of 3,000 records.**" in page
    assert "| `kill` | What kill does | processes killed 2 | 1,000 | 1 of 1 | 12 | passed |" in page
    assert (
        "| processes killed 2; D2 decisions: 3 missing, 0 too many, 0 differ | 1,000 | 0 of 1 | 12 | **FAILED** |"
        in page
    )
    assert "| processes killed 2; no answer | 1,000 | - | 12 | **FAILED** |" in page
    assert "in all laps" not in page


def test_a_soak_says_what_was_injected_in_all() -> None:
    page = markdown(as_json([result("soak_1"), result("soak_2")], 7, 30))
    assert page.startswith("# A soak of 30 minutes")
    assert "| processes killed | 4 |" in page
