"""Which state a change of patterns touches: only that of the patterns which change."""

from __future__ import annotations

from pathlib import Path
from shutil import copytree

import pytest
from pyflink.table import StreamTableEnvironment

from jobs.fraud_patterns import main
from sluice.errors import SluiceError
from sluice.settings import FraudPatterns, Kafka, Settings
from sluice.upgrades import plan
from sluice.upgrades.operators import Planned
from tests.jobs.fraud_patterns.flink import environment
from tests.oracle.patterns import PATTERNS


def planned(values: FraudPatterns, of: StreamTableEnvironment | None = None) -> dict[str, Planned]:
    """The operators that Flink keeps something of, by id."""
    table_env = of or environment(values)
    main.create_tables(table_env, Kafka())
    found = plan.planned(table_env, main.find(table_env, Settings(fraud_patterns=values)))
    return {each.id: each for each in found if each.remembers}


def test_each_state_has_a_uid_that_says_whose_it_is() -> None:
    table_env = environment()
    uids = sorted(str(each.uid) for each in planned(FraudPatterns(), table_env).values())
    of_travel = ["impossible_travel_match", "impossible_travel_previous"]
    of_terminals = ["terminal_attack_match", "terminal_attack_previous", "used_known", "used_source"]
    of_customers = ["account_takeover_overaggregate", "acted_known", "acted_source", "events_source"]
    of_cards = ["card_testing_match", "cash_out_match", "decided_source", *of_travel, "known"]
    assert uids == sorted([*of_customers, *of_cards, *of_terminals])
    # Rows of it stand in the state of impossible_travel: with another column Flink would refuse that state.
    columns = ["card_token", "event_time", "amount_usd_minor", "country", "channel", "outcome", "terminal_id"]
    assert table_env.from_path("decided").get_schema().get_field_names() == [*columns, "matched", "used"]


@pytest.mark.parametrize("gone", sorted(PATTERNS))
def test_a_pattern_comes_and_goes_without_touching_the_others(gone: str, tmp_path: Path) -> None:
    folder = copytree(FraudPatterns().patterns, tmp_path / "patterns")
    (folder / f"{gone}.yaml").unlink()
    every, fewer = planned(FraudPatterns()), planned(FraudPatterns(patterns=folder))
    lost = {str(each.uid) for key, each in every.items() if key not in fewer}
    assert lost
    read_back = {"terminal_attack": "used_", "account_takeover": "acted_"}
    assert all(each.startswith((f"{gone}_", read_back.get(gone, f"{gone}_"))) for each in lost)
    assert not [each.uid for key, each in fewer.items() if key not in every]


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("smurfing", r"pattern smurfing has no .*smurfing\.sql: add what matches"),
        ("cash_out", "asks for the limit 'between'"),
    ],
)
def test_a_pattern_without_its_sql_or_a_limit_is_named(name: str, words: str, tmp_path: Path) -> None:
    folder = copytree(FraudPatterns().patterns, tmp_path / "patterns")
    text = (folder / "cash_out.yaml").read_text(encoding="utf-8")
    (folder / f"{name}.yaml").write_text(text.replace(", between: 30}", "}"), encoding="utf-8")
    with pytest.raises(SluiceError, match=words):
        planned(FraudPatterns(patterns=folder))
