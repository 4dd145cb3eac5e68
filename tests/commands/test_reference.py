"""Files of references, and what is wrong with them by line."""

from __future__ import annotations

from pathlib import Path

import pytest

from sluice import references
from sluice.references import VersionError, named, read_file
from udfs.references import Version
from udfs.times import parse_ms

RISKS = named("merchant_risks")
HEADER = "merchant_id,valid_from,merchant_risk\n"
WANTED = [
    Version("m-1", parse_ms("2026-01-01T00:00:00Z") or 0, "low"),
    Version("m-1", parse_ms("2026-03-01T12:30:00.500Z") or 0, "high"),
]


def written(folder: Path, text: str, name: str = "risks.csv") -> Path:
    file = folder / name
    file.write_text(text, encoding="utf-8")
    return file


def test_csv_and_yaml_say_the_same(tmp_path: Path) -> None:
    csv = written(tmp_path, HEADER + "m-1,2026-01-01,low\nm-1,2026-03-01T12:30:00.500Z,high\n")
    yaml = written(
        tmp_path,
        "- {merchant_id: m-1, valid_from: 2026-01-01, merchant_risk: low}\n"
        "- merchant_id: m-1\n  valid_from: 2026-03-01T12:30:00.500Z\n  merchant_risk: high\n",
        "risks.yaml",
    )
    assert read_file(csv, RISKS) == read_file(yaml, RISKS) == WANTED


def test_a_rate_keeps_its_decimals(tmp_path: Path) -> None:
    file = written(tmp_path, "- {currency: EUR, valid_from: 2026-01-01, usd_rate: 1.10}\n", "rates.yml")
    (version,) = read_file(file, named("exchange_rates"))
    assert version.value == "1.10"


@pytest.mark.parametrize(
    ("text", "name", "message"),
    [
        (
            HEADER + "m-1,2026-01-01,low\nm-1,2026-02-30,low\n",
            "a.csv",
            r"a\.csv:3: valid_from '2026-02-30' must be a day",
        ),
        (HEADER + "m-1,2026-01-01,awful\n", "a.csv", r"a\.csv:2: merchant_risk .* must be one of low, medium"),
        (HEADER + ",2026-01-01,low\n", "a.csv", r"a\.csv:2: merchant_id is missing"),
        (HEADER + "m-1,2026-01-01\n", "a.csv", r"a\.csv:2: has not as many values as the header has names"),
        (HEADER + "m-1,2026-01-01,low,high\n", "a.csv", r"a\.csv:2: has not as many values"),
        (HEADER + "m-1,2026-01-01,low\nm-1,2026-01-01,high\n", "a.csv", r"a\.csv:3: line 2 says something else"),
        (
            "merchant,valid_from\n",
            "a.csv",
            r"a\.csv:1: must have the fields merchant_id, valid_from, merchant_risk, has",
        ),
        ("", "a.csv", r"a\.csv:1: must have the fields .*, has none"),
        ("merchant_id: m-1\n", "a.yaml", r"a\.yaml:1: must be a list of versions"),
        ("- {merchant_id: m-1}\n", "a.yaml", r"a\.yaml:1: must have the fields"),
        (
            "- {merchant_id: m-1, valid_from: [1], merchant_risk: low}\n",
            "a.yaml",
            r"a\.yaml:1: a version has plain values",
        ),
        ("- a\n- [\n", "a.yaml", r"a\.yaml:\d: this is not valid YAML"),
        ("x", "a.txt", r"a\.txt must be a \.csv or \.yaml file"),
        (HEADER + "m-1,2026-01-01,awful\n" * 8, "a.csv", "nothing was sent:(.|\n)* and 3 lines more"),
    ],
)
def test_what_is_wrong_is_named_by_line(text: str, name: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(VersionError, match=message):
        read_file(written(tmp_path, text, name), RISKS)


def test_an_absent_file_and_an_unknown_reference_are_named(tmp_path: Path) -> None:
    with pytest.raises(VersionError, match=r"gone\.csv can't be read"):
        read_file(tmp_path / "gone.csv", RISKS)
    with pytest.raises(VersionError, match="there is no reference 'risks'; there are: customer_segments"):
        references.named("risks")
