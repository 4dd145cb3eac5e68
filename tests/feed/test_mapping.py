"""A wrong mapping is refused before anything is sent, with the field, the file and the remedy."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from contracts import reader
from sluice.feed.errors import FeedError
from sluice.feed.mapping import load

MAPPINGS = Path(reader.__file__).parent / "mappings"
HANDBOOK = yaml.safe_load((MAPPINGS / "handbook.yaml").read_text(encoding="utf-8"))
HANDBOOK_COLUMNS = ("transaction_id", "event_time", "customer_id", "terminal_id", "amount_cents", "is_fraud")


def changed(folder: Path, **fields: object) -> Path:
    """The handbook's mapping with `fields`; one that is None is left out."""
    path = folder / "mapping.yaml"
    kept = {name: value for name, value in {**HANDBOOK, **fields}.items() if value is not None}
    path.write_text(yaml.safe_dump(kept), encoding="utf-8")
    return path


def test_shipped_mappings_load_in_the_order_of_the_contract() -> None:
    fields = reader.load("transactions").fields
    required = {each.name for each in fields if each.required}
    for file in ("transactions.yaml", "handbook.yaml"):
        mapped = load(MAPPINGS / file).fields
        assert required <= set(mapped)
        assert list(mapped) == [each.name for each in fields if each.name in mapped]
    load(MAPPINGS / "handbook.yaml").check(Path("any"), HANDBOOK_COLUMNS)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"amount_minr": {"const": 1}}, r"no field 'amount_minr'; did you mean amount_minor\?"),
        ({"currency": None}, "the required field currency is missing"),
        ({"currency": "USD"}, "field currency needs exactly one of column, const, template"),
        ({"currency": {"const": "USD", "column": "c"}}, "field currency needs exactly one of"),
        ({"country": {"const": "US", "unit": "minor"}}, "field country has a wrong unit: Extra inputs"),
        ({"country": {"column": "country", "unit": "major"}}, "field country cannot have the unit major; .* none"),
        ({"amount_minor": {"column": "a", "unit": "cents"}}, "field amount_minor has a wrong unit"),
        ({"channel": {"pick": [], "by": "terminal_id"}}, "field channel has a wrong pick"),
        ({"channel": {"pick": ["pos"]}}, "field channel has a wrong by: Field required"),
        ({"customer_id": {"template": "c-{"}}, "field customer_id has a wrong template"),
        ({"customer_id": {"template": "c"}}, "template of the field customer_id must name columns"),
        ({"customer_id": {"template": "{a.b}"}}, "template of the field customer_id must name columns"),
        (
            {"currency": {"column": "c", "optional": True}},
            "requires the field currency, so its column can't be optional",
        ),
        ({"event_time": {"const": "2026-01-05T12:00:00Z"}}, "field event_time must come from a column"),
    ],
)
def test_wrong_field(tmp_path: Path, fields: dict[str, object], message: str) -> None:
    path = changed(tmp_path, **fields)
    with pytest.raises(FeedError, match=message) as refused:
        load(path)
    assert str(path) in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("text", "message"), [("- a", "must list fields"), ("a: [", "no valid YAML"), ("", "must list")]
)
def test_no_mapping_at_all(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "mapping.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(FeedError, match=message):
        load(path)
    with pytest.raises(FeedError, match=r"absent\.yaml cannot be read"):
        load(tmp_path / "absent.yaml")


def test_missing_column_names_field_file_and_columns(tmp_path: Path) -> None:
    mapping = load(changed(tmp_path, amount_minor={"column": "amount"}))
    with pytest.raises(FeedError, match=r"my\.csv has no column 'amount', .* field amount_minor; .*amount_cents"):
        mapping.check(Path("my.csv"), HANDBOOK_COLUMNS)
